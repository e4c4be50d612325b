"""Scheduled against done: every run that a schedule asked for has one line."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from patrol_mission.report.summary import PatrolSummary

EARLY_S, LATE_S = 300.0, 2.0 * 3600.0
"""A patrol of the same route that began so much before or after was the one that was planned."""
_TOLD = ("missed", "blackout", "replaced", "ended_early", "done")


@dataclass(frozen=True, slots=True)
class PlannedRun:
    """A run that a schedule asks for; `patrol_id`: the one that it would have; `rests`: why it
    rests on its date, if it does."""

    patrol_id: str
    schedule_id: str
    route_id: str
    planned_s: float
    rests: str = ""


@dataclass(frozen=True, slots=True)
class Told:
    """What the mission said became of a scheduled run."""

    patrol_id: str
    word: str
    why: str


def account(
    planned: Sequence[PlannedRun],
    patrols: Sequence[PatrolSummary],
    told: Sequence[Told],
    now_s: float,
) -> list[dict[str, Any]]:
    """For each planned run its state, why, and the patrol that it was, in order of time.

    States: done, ended early, running or cut off, missed, blackout, replaced, to come. A patrol
    answers for one run only: by its id, else by route and time, the nearest first.
    """
    said = {one.patrol_id: one for one in told if one.word in _TOLD}
    matches = _matches(planned, patrols)
    rows = []
    for index, run in enumerate(planned):
        patrol, word = matches.get(index), said.get(run.patrol_id)
        if patrol is not None:
            state, why = _of_patrol(patrol)
        elif word is not None:
            state, why = word.word.replace("_", " "), word.why
        elif run.rests:
            state, why = "blackout", run.rests
        elif run.planned_s > now_s:
            state, why = "to come", ""
        else:
            state, why = "missed", "nothing of it is recorded"
        rows.append(
            {
                "schedule_id": run.schedule_id,
                "route_id": run.route_id,
                "planned_s": run.planned_s,
                "state": state,
                "why": why,
                "patrol_id": patrol.patrol_id if patrol else None,
            }
        )
    return sorted(rows, key=lambda row: float(row["planned_s"]))


def _of_patrol(patrol: PatrolSummary) -> tuple[str, str]:
    if not patrol.ended:
        return "running or cut off", patrol.message
    if patrol.outcome == "succeeded":
        return "done", patrol.message
    return "ended early", patrol.message


def _matches(
    planned: Sequence[PlannedRun], patrols: Sequence[PatrolSummary]
) -> dict[int, PatrolSummary]:
    """Patrols by the index of the run that they were."""
    by_id = {patrol.patrol_id: patrol for patrol in patrols}
    found = {i: by_id.pop(r.patrol_id) for i, r in enumerate(planned) if r.patrol_id in by_id}
    pairs = sorted(
        (abs(patrol.start_s - run.planned_s), index, patrol.patrol_id)
        for index, run in enumerate(planned)
        for patrol in by_id.values()
        if index not in found
        and patrol.route_id == run.route_id
        and -EARLY_S <= patrol.start_s - run.planned_s <= LATE_S
    )
    for _, index, patrol_id in pairs:
        if index not in found and patrol_id in by_id:
            found[index] = by_id.pop(patrol_id)
    return found
