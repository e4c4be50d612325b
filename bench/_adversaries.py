"""Who waits beside plans that were drawn: when does the robot come, and is he met?"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from patrol_core.geometry import FloatArray
from patrol_mission.plan import Plan, sense_of
from patrol_mission.unpredictable.perimeter import Perimeter
from patrol_mission.unpredictable.ring import STEP, IntArray
from patrol_mission.unpredictable.timeline import timeline

TIE_S = 1e-3
LEAST_SEEN = 1500


@dataclass(frozen=True, slots=True, eq=False)
class Passage:
    """A plan, position by position (M,): at which, when the robot comes and leaves, in which sense
    it comes and leaves, and how many positions back the last turn is when it leaves."""

    position: IntArray
    arrive_s: FloatArray
    leave_s: FloatArray
    sense: IntArray
    leave: IntArray
    age: IntArray


def passage(plan: Plan, perimeter: Perimeter) -> Passage:
    """Every position that the robot passes, as it drives the plan."""
    count, times = perimeter.ring.size, timeline(plan)
    at = np.searchsorted(perimeter.along_m, [v.along_m - 1e-9 for v in plan.visits])
    sense = np.array([sense_of(plan.direction, v.direction) for v in plan.visits])
    step = np.array(STEP)[sense]
    begin = np.concatenate(([0], at[:-1]))
    passed = (step * (at - begin) - 1) % count + 1
    drive = np.repeat(np.arange(len(at)), passed)
    nth = np.arange(len(drive)) - np.repeat(np.cumsum(passed) - passed, passed) + 1
    position = (begin[drive] + step[drive] * nth) % count
    way_m = step[drive] * (perimeter.along_m[position] - perimeter.along_m[begin[drive]])
    way_m = (way_m - 1e-9) % plan.lap_m + 1e-9
    arrive_s = times.depart_s[drive] + way_m / plan.speed_mps
    ends = nth == passed[drive]
    leave_s = np.where(ends, times.leave_s[drive], arrive_s)
    leave = np.where(ends, np.append(sense[1:], sense[-1])[drive], sense[drive])
    number = np.arange(len(drive))
    turned = np.maximum.accumulate(np.where(leave != sense[drive], number, -count))
    return Passage(position, arrive_s, leave_s, sense[drive], leave, number - turned)


@dataclass(frozen=True, slots=True, eq=False)
class Absences:
    """How long the robot stays away (M,), and the kind of each: what the watcher knows then."""

    kind: IntArray
    span_s: FloatArray


def absences(passages: Iterable[Passage], ages: int, *, even: bool) -> Absences:
    """Those that end within their plan. Kinds on an even ring: how far back the last turn is, up
    to `ages` - 1; on another one: place, sense, and whether it is as far back as that."""
    kinds, spans = [], []
    for p in passages:
        order = np.lexsort((p.arrive_s, p.position))
        same = p.position[order][1:] == p.position[order][:-1]
        one, other = order[:-1][same], order[1:][same]
        age = np.minimum(p.age[one], ages - 1)
        place = (p.position[one] * 2 + p.leave[one]) * 2 + (age == ages - 1)
        kinds.append(age if even else place)
        spans.append(p.arrive_s[other] - p.leave_s[one])
    return Absences(np.concatenate(kinds), np.concatenate(spans))


@dataclass(frozen=True, slots=True)
class Worst:
    """The kind of absence and how long it has lasted, where the chance is lowest."""

    kind: int
    wait_s: float


def worst_moment(seen: Absences, stay_s: float, waits_s: FloatArray) -> Worst:
    """From absences that are not those it is measured on."""
    lowest, found = 2.0, Worst(0, 0.0)
    for kind in np.unique(seen.kind).tolist():
        spans = np.sort(seen.span_s[seen.kind == kind])
        longer = len(spans) - np.searchsorted(spans, waits_s + TIE_S)
        stayed = len(spans) - np.searchsorted(spans, waits_s + stay_s + TIE_S)
        chances = np.where(longer >= LEAST_SEEN, 1.0 - stayed / np.maximum(longer, 1), 2.0)
        at = int(np.argmin(chances))
        if chances[at] < lowest:
            lowest, found = float(chances[at]), Worst(kind, float(waits_s[at]))
    return found


def met(seen: Absences, worst: Worst, stay_s: float) -> tuple[int, int]:
    """In how many absences of that kind and length so far he is met, and of how many."""
    spans = seen.span_s[(seen.kind == worst.kind) & (seen.span_s > worst.wait_s + TIE_S)]
    return int(np.count_nonzero(spans <= worst.wait_s + stay_s + TIE_S)), len(spans)


def seer_shares(
    passages: Sequence[Passage], count: int, stay_s: float
) -> tuple[npt.NDArray[np.int64], int]:
    """On an even ring: (count,) how often each position ahead was come to within a stay, counted
    from one whenever the robot comes to a position, in its sense (last: its own position), and how
    many times were looked at."""
    hits, looked = np.zeros(count, np.int64), 0
    for p in passages:
        early = p.arrive_s <= p.arrive_s[-1] - stay_s - TIE_S
        looked += int(np.count_nonzero(early))
        step = np.array(STEP)[p.sense[early]]
        for place in range(count):
            comes = p.arrive_s[p.position == place]
            nth = np.searchsorted(comes, p.arrive_s[early] + TIE_S)
            next_s = np.append(comes, np.inf)[nth]
            caught = next_s <= p.arrive_s[early] + stay_s + TIE_S
            ahead = (step * (place - p.position[early]) - 1) % count
            hits += np.bincount(ahead[caught], minlength=count)
    return hits, looked
