"""Verdicts and candidates as rows of the database."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import astuple
from typing import Any

from patrol_core.types.learning import Candidate, IncidentVerdict, SpotNumbers, VerdictKind


def verdict_row(verdict: IncidentVerdict) -> tuple[object, ...]:
    """In the order of the table's columns."""
    return (
        verdict.verdict_id, verdict.stamp_s, verdict.incident_id, verdict.verdict.value,
        verdict.who, verdict.why, verdict.x_m, verdict.y_m, verdict.hours,
    )  # fmt: skip


def verdict_of(row: Mapping[str, Any]) -> IncidentVerdict:
    """A row by column names."""
    return IncidentVerdict(**{**row, **place_of(row), "verdict": VerdictKind(row["verdict"])})


def place_of(row: Mapping[str, Any]) -> dict[str, float]:
    """The columns of a place; NaN, which SQLite keeps as NULL, where there is none."""
    return {name: math.nan if row[name] is None else row[name] for name in ("x_m", "y_m")}


def candidate_row(candidate: Candidate) -> tuple[object, ...]:
    """In the order of the table's columns; looks as lists, in the order of their fields."""
    return (
        candidate.candidate_id, candidate.stamp_s, candidate.finding_id, candidate.first_seen_s,
        candidate.x_m, candidate.y_m, int(candidate.moved),
        json.dumps([astuple(look) for look in candidate.looks]),
    )  # fmt: skip


def candidate_of(row: Mapping[str, Any]) -> Candidate:
    """A row by column names."""
    looks = tuple(SpotNumbers(*look) for look in json.loads(row["looks"]))
    return Candidate(**{**row, "moved": bool(row["moved"]), "looks": looks})
