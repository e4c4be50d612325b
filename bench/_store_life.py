"""Years of a robot's records, made up batch by batch, each from a seed of its own."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from patrol_core.geometry import Pose2
from patrol_core.types.incidents import ActKind, IncidentAct
from patrol_core.types.mission import PatrolEvent
from patrol_core.types.perception import Finding, FindingKind, Measure
from patrol_sim.rng import stream

BATCH = 500
"""Rows written together: a tick of 0.1 s at 5000 a second."""
FINDINGS, ACTS = 15, 5
START_S, EVENT_S = 1.7e9, 10.0
"""Stamp of the first row, and time between two [s]: ten million rows are three years."""
SITE_M = (120.0, 80.0)
_KINDS = (
    FindingKind.OBJECT, FindingKind.OBJECT, FindingKind.OBJECT, FindingKind.CHANGE,
    FindingKind.MISSING, FindingKind.BEHAVIOUR, FindingKind.BLOCKED, FindingKind.CHECK,
)  # fmt: skip
_EVENTS = (
    ("checkpoint_reached", "as planned"), ("lap_started", "the next lap is due"),
    ("leg_failed", "blocked: somebody stands in the way"), ("goal_resent", "no answer in time"),
)  # fmt: skip
_EVIDENCE = (Measure("age", 4.0, 3.0, "s"), Measure("length", 0.4, 0.25, "m"))


@dataclass(frozen=True, slots=True)
class Batch:
    """What one commit holds: `BATCH` rows in all."""

    findings: tuple[Finding, ...]
    events: tuple[PatrolEvent, ...]
    acts: tuple[IncidentAct, ...]


def batch(seed: int, number: int, incidents: int) -> Batch:
    """The batch of that number, where so many incidents are known for acts to choose from."""
    rng = stream(seed, "bench", f"store-{number}")
    start_s = START_S + number * BATCH * EVENT_S
    events = BATCH - FINDINGS - ACTS
    kinds = rng.integers(0, len(_EVENTS), events)
    places = np.round(rng.uniform((0.0, 0.0), SITE_M, (events, 2)), 2)
    stamps = (start_s + EVENT_S * np.arange(events)).tolist()
    return Batch(
        tuple(_finding(rng, number, i, start_s) for i in range(FINDINGS)),
        tuple(
            PatrolEvent(
                stamp_s, f"{number // 2:032x}", _EVENTS[kind][0], f"checkpoint-{i % 40}",
                _EVENTS[kind][1], Pose2(x_m, y_m, 0.0), number * BATCH + i + 1,
            )
            for i, (stamp_s, kind, (x_m, y_m)) in enumerate(
                zip(stamps, kinds.tolist(), places.tolist(), strict=True)
            )
        ),
        tuple(_act(rng, number, i, start_s, incidents) for i in range(ACTS if incidents else 0)),
    )  # fmt: skip


def _finding(rng: np.random.Generator, number: int, index: int, start_s: float) -> Finding:
    """One in five is a revision of one of the batch before."""
    revised = number > 0 and index % 5 == 0
    origin = number - 1 if revised else number
    kind = _KINDS[(origin * FINDINGS + index + revised) % len(_KINDS)]
    x_m, y_m = rng.uniform((0.0, 0.0), SITE_M).tolist()
    stamp_s = start_s + EVENT_S * BATCH * index / FINDINGS
    return Finding(
        f"{origin:08d}-{index + revised}", 2 if revised else 1, stamp_s, kind, x_m, y_m, 0.4, 0.3,
        0.8, stamp_s - 4.0, "Something stands where the map is free, and did not 4 s before.",
        _EVIDENCE, config_hash="0123456789abcdef",
    )  # fmt: skip


def _act(
    rng: np.random.Generator, number: int, index: int, start_s: float, incidents: int
) -> IncidentAct:
    kinds = (ActKind.ACKNOWLEDGE, ActKind.RESOLVE, ActKind.RESOLVE, ActKind.SHELVE, ActKind.REOPEN)
    newest = max(1, incidents - 2000)
    return IncidentAct(
        start_s, f"{number:08d}-{index}", int(rng.integers(newest, incidents + 1)), kinds[index],
        "ann", "looked after", 3.0 * 86400.0 if index == 3 else 0.0,
    )  # fmt: skip
