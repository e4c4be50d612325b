"""A plan in time: when the robot is where, if it drives as planned."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from patrol_core.geometry import FloatArray
from patrol_mission.plan import Plan, sense_of
from patrol_mission.unpredictable.ring import STEP

HERE_M = 1e-6


@dataclass(frozen=True, slots=True, eq=False)
class Timeline:
    """One entry a visit, (K,). Times from the first move.

    from_m, to_m: where its drive begins and ends, counted on over laps (against the route:
    downwards). depart_s, arrive_s: when; leave_s: when it leaves again, having turned if it does.
    """

    from_m: FloatArray
    to_m: FloatArray
    depart_s: FloatArray
    arrive_s: FloatArray
    leave_s: FloatArray

    @property
    def duration_s(self) -> float:
        return float(self.leave_s[-1])


def timeline(plan: Plan) -> Timeline:
    """Drives at the route's speed, stops and turns as planned."""
    steps = [STEP[sense_of(plan.direction, visit.direction)] for visit in plan.visits]
    along = [0.0, *(visit.along_m for visit in plan.visits)]
    drives = [
        step * ((step * (end - begin) - HERE_M) % plan.lap_m + HERE_M)
        for step, begin, end in zip(steps, along[:-1], along[1:], strict=True)
    ]
    turns = plan.turn_s * (np.diff([*steps, steps[-1]]) != 0)
    stands = np.array([visit.dwell_s for visit in plan.visits]) + turns
    ways = np.array(drives)
    leave = np.cumsum(np.abs(ways) / plan.speed_mps + stands)
    arrive = leave - stands
    ends = np.cumsum(ways)
    return Timeline(ends - ways, ends, arrive - np.abs(ways) / plan.speed_mps, arrive, leave)


def stays_at(plan: Plan, times: Timeline, along_m: float) -> FloatArray:
    """(M, 2) when the robot comes to a place on the lap and when it leaves it again, in order."""
    low = np.minimum(times.from_m, times.to_m)
    high = np.maximum(times.from_m, times.to_m)
    first = np.ceil((low - along_m - HERE_M) / plan.lap_m)
    count = np.floor((high - along_m + HERE_M) / plan.lap_m) - first + 1.0
    drive = np.repeat(np.arange(len(low)), np.maximum(count, 0.0).astype(int))
    nth = np.arange(len(drive)) - np.searchsorted(drive, drive)
    at_m = along_m + (first[drive] + nth) * plan.lap_m
    come = times.depart_s[drive] + np.abs(at_m - times.from_m[drive]) / plan.speed_mps
    leave = np.where(np.abs(at_m - times.to_m[drive]) < 2.0 * HERE_M, times.leave_s[drive], come)
    begins_there = np.abs(at_m - times.from_m[drive]) < 2.0 * HERE_M
    found = np.column_stack((come, leave))[~begins_there]
    return np.asarray(found[np.argsort(found[:, 0], kind="stable")])


def longest_alone_s(plan: Plan, times: Timeline, along_m: float) -> float:
    """The longest time for which a place is left alone, from the first move to the end."""
    stays = stays_at(plan, times, along_m)
    left = np.concatenate(([0.0], stays[:, 1]))
    come = np.concatenate((stays[:, 0], [times.duration_s]))
    return float(max(0.0, (come - left).max()))
