"""What many verdicts say together: rows with confidence intervals and goals."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy import stats

from ronda_cli.evaluation.trial import Trial

CONFIDENCE = 0.95


@dataclass(frozen=True, slots=True)
class Row:
    """One figure; `low` and `high` bound it with 95 % confidence, NaN where that means nothing."""

    what: str
    value: float
    unit: str
    low: float = math.nan
    high: float = math.nan
    goal: float | None = None
    better: str = "higher"

    @property
    def holds(self) -> bool | None:
        """Whether the goal is met; None without a goal."""
        if self.goal is None:
            return None
        met = self.value >= self.goal if self.better == "higher" else self.value <= self.goal
        return bool(met)

    def to_json(self) -> dict[str, Any]:
        return {
            "what": self.what,
            "value": None if math.isnan(self.value) else self.value,
            "unit": self.unit,
            "goal": self.goal,
            "better": self.better,
            "holds": self.holds,
        }


def rows(trials: Sequence[Trial]) -> list[Row]:
    """The table of an evaluation."""
    verdicts = [trial.verdict for trial in trials]
    hours = sum(verdict.duration_s for verdict in verdicts) / 3600.0
    objects, found = sum(v.objects for v in verdicts), sum(v.found for v in verdicts)
    errors = np.array([e for v in verdicts for e in v.place_errors_m])
    ratios = np.array([v.lap_ratio for v in verdicts])
    people = np.array([v.clearance_person_m for v in verdicts])
    moving = np.array([v.clearance_moving_m for v in verdicts])
    things = np.array([v.clearance_thing_m for v in verdicts])
    rms = np.array([v.pose_error.position_rms_m for v in verdicts])
    alarms = sum(v.false_alarms for v in verdicts)
    return [
        _share("patrols completed", sum(v.completed for v in verdicts), len(verdicts), 1.0),
        _count("contacts caused", sum(v.contacts for v in verdicts), len(verdicts), 0.0),
        Row("contacts by others", sum(v.contacts_by_others for v in verdicts), ""),
        Row("smallest clearance to people", _least(people), "m"),
        Row("the same while the robot moved", _least(moving), "m"),
        Row("smallest clearance to things", _least(things), "m"),
        _share("objects found", found, objects, 0.97),
        Row("place error of objects, median", _median(errors), "m"),
        _count("false alarms", alarms, len(verdicts), len(verdicts) / 100.0),
        Row("false alarms an hour", alarms / hours if hours else math.nan, "1/h"),
        Row("obstructions reported", sum(v.obstructions for v in verdicts), ""),
        Row("map changes reported", sum(v.map_changes for v in verdicts), ""),
        _mean("localisation error, RMS", rms, "m"),
        Row("localisation error, worst", _most(verdicts), "m", better="lower"),
        _mean("lap time by ideal, mean", ratios, ""),
        Row("lap time by ideal, median", _median(ratios), "", goal=1.3, better="lower"),
        Row(
            "simulated by wall time",
            sum(t.simulated_s for t in trials) / sum(t.wall_s for t in trials),
            "x",
        ),
    ]


def _most(verdicts: Sequence[Any]) -> float:
    worst = [v.pose_error.position_max_m for v in verdicts]
    return float(np.nanmax(worst)) if worst else math.nan


def _least(values: np.ndarray[Any, Any]) -> float:
    return float(values.min()) if len(values) else math.nan


def _median(values: np.ndarray[Any, Any]) -> float:
    known = values[np.isfinite(values)]
    return float(np.median(known)) if len(known) else math.nan


def _share(what: str, count: int, total: int, goal: float) -> Row:
    """A proportion with its Wilson interval."""
    if total == 0:
        return Row(what, math.nan, "", goal=goal)
    interval = stats.binomtest(count, total).proportion_ci(CONFIDENCE, method="wilson")
    return Row(what, count / total, "", interval.low, interval.high, goal)


def _count(what: str, count: int, runs: int, goal: float) -> Row:
    """A Poisson count with its exact interval (Garwood 1936)."""
    tail = (1.0 - CONFIDENCE) / 2.0
    low = float(stats.chi2.ppf(tail, 2 * count) / 2.0) if count else 0.0
    high = float(stats.chi2.ppf(1.0 - tail, 2 * count + 2) / 2.0)
    return Row(what, count, f"in {runs} patrols", low, high, goal, "lower")


def _mean(what: str, values: np.ndarray[Any, Any], unit: str) -> Row:
    """A mean with Student's interval."""
    known = values[np.isfinite(values)]
    if len(known) < 2:
        return Row(what, float(known[0]) if len(known) else math.nan, unit, better="lower")
    mean = float(known.mean())
    half = float(stats.t.ppf(0.5 + CONFIDENCE / 2.0, len(known) - 1) * stats.sem(known))
    return Row(what, mean, unit, mean - half, mean + half, better="lower")
