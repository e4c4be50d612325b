"""The plan of one patrol on a perimeter: what was drawn, from which policy, with which seed.

Whoever has a plan can say afterwards why the robot drove as it did. Until the patrol has ended it
is a secret: nothing of it goes to the visitors' side.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import takewhile

import numpy as np

from patrol_core.errors import RondaError
from patrol_core.site.model import Direction
from patrol_mission.unpredictable.params import PolicyParams
from patrol_mission.unpredictable.perimeter import Perimeter
from patrol_mission.unpredictable.policy import Policy
from patrol_mission.unpredictable.ring import BACK, ONWARDS
from patrol_mission.unpredictable.walk import Stop, first_sense, walk

END, TURN = "end of the patrol", "turn round: drawn"
CHECKPOINT, LAP = "checkpoint", "start of a lap"


@dataclass(frozen=True, slots=True)
class Visit:
    """Drive in `direction` to `along_m` on the lap, then stand for `dwell_s`.

    checkpoint_id: "" where nothing is but a turn or the end. Where the next visit's direction is
    another one, the robot turns round here.
    """

    checkpoint_id: str
    direction: Direction
    dwell_s: float
    reason: str
    along_m: float


@dataclass(frozen=True, slots=True)
class Plan:
    """Visits in driving order, from the start of the lap (0 m along).

    start_delay_s: to wait before driving off. lap_m, speed_mps, turn_s, direction: of the route;
    `Visit.along_m` counts in its direction. bound_s: no place is left alone for longer, as long
    as the robot drives as planned.
    """

    seed: int
    policy: Policy
    laps: int
    lap_m: float
    speed_mps: float
    turn_s: float
    direction: Direction
    start_delay_s: float
    bound_s: float
    visits: tuple[Visit, ...]


def draw_plan(
    perimeter: Perimeter, policy: Policy, params: PolicyParams, laps: int, seed: int
) -> Plan:
    """A patrol that takes about as long as `laps` laps without turning, and comes to every place.

    The same arguments give the same plan, bit for bit. Raises RondaError for fewer laps than 1.
    """
    if laps < 1:
        raise RondaError(f"a patrol of {laps} laps", expected="1 lap or more")
    ring = perimeter.ring
    rng = np.random.Generator(np.random.PCG64(seed))
    delay_s = float(rng.uniform(0.0, params.level * params.start_jitter_s))
    whole_s = max(laps * ring.lap_s, ring.longest_lap_s)
    bound_s = min(policy.bound_s, whole_s)
    sense = first_sense(policy.turning, rng)
    stops = walk(ring, policy.turning, bound_s, rng, 0, sense)
    visits = tuple(_visits(perimeter, takewhile(lambda s: s.arrive_s <= whole_s + 1e-6, stops)))
    return Plan(
        seed, policy, laps, perimeter.length_m, perimeter.speed_mps, ring.turn_s,
        perimeter.direction, delay_s, bound_s, visits,
    )  # fmt: skip


def _visits(perimeter: Perimeter, stops: Iterator[Stop]) -> Iterator[Visit]:
    """Those stops at which something happens, and the last one."""
    last: Stop | None = None
    for stop in stops:
        if last is not None and _happens(perimeter, last):
            yield _visit(perimeter, last, _reason(perimeter, last))
        last = stop
    assert last is not None, "a patrol lasts for a lap at least"
    yield _visit(perimeter, last, END)


def _happens(perimeter: Perimeter, stop: Stop) -> bool:
    """So that no visit is more than a lap away: the start of each lap, where nothing else is."""
    begins = stop.position == 0 and not any(perimeter.checkpoint_ids)
    turns = stop.leave != stop.sense
    return turns or begins or perimeter.checkpoint_ids[stop.position] != ""


def _visit(perimeter: Perimeter, stop: Stop, reason: str) -> Visit:
    direction = direction_of(perimeter.direction, stop.sense)
    return Visit(
        perimeter.checkpoint_ids[stop.position], direction, stop.dwell_s, reason,
        float(perimeter.along_m[stop.position]),
    )  # fmt: skip


def _reason(perimeter: Perimeter, stop: Stop) -> str:
    if stop.leave != stop.sense:
        return TURN
    what = CHECKPOINT if perimeter.checkpoint_ids[stop.position] else LAP
    if stop.overdue is None:
        return what
    due = perimeter.checkpoint_ids[stop.overdue]
    where = due or f"the fence at {perimeter.along_m[stop.overdue]:.0f} m"
    return f"{what}; no turn, though drawn: {where} would be left alone for too long"


def direction_of(forwards: Direction, sense: int) -> Direction:
    """The direction of a sense on a lap that goes `forwards`."""
    if sense == ONWARDS:
        return forwards
    return next(direction for direction in Direction if direction is not forwards)


def sense_of(forwards: Direction, direction: Direction) -> int:
    """The reverse of `direction_of`."""
    return ONWARDS if direction is forwards else BACK
