"""Who wants to get in: what he sees, and the chance of meeting him where and when it is worst.

All of them know the policy, none of them the draw. An intruder needs a *stay* at his place and is
met if the robot comes there meanwhile.

- The *watcher* sees the robot at his own place only. He may have watched for months, and knows
  all there is to know when it leaves: in which direction, and how far back its last turn is. He
  begins then, or waits for as long as he likes while it is away.
- The *seer* sees where the robot is and which way it faces, all the time (Agmon, Kraus and
  Kaminka, ICRA 2008: "full knowledge"). A place that the robot cannot reach within the stay is
  safe for him, whatever one robot does: on a ring, for stays below half a lap the chance is 0.

No policy of one robot meets the watcher everywhere with more than stay / lap: let `v` be the
chance at the worst moment. Then the chance that the robot is away for longer than k stays is at
most (1 - v)^k, so that it is away for stay / v on average at most. But a robot that needs a lap to
come to every place once is away from some place for a lap on average at least.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from patrol_core.geometry import FloatArray
from patrol_mission.unpredictable.chain import Chain, arrivals, away_curves

RARE = 1e-4
"""Absences that fewer robots show are left out: the bound on idleness ends them."""
AT_ONCE = 10
"""Places looked at together: memory against speed."""


@dataclass(frozen=True, slots=True)
class WorstMoment:
    """Where the chance is lowest: at `place`, `wait_steps` after the robot left."""

    chance: float
    place: int
    wait_steps: int


def watcher(
    chain: Chain, places: Sequence[int], stays: Sequence[int], horizon: int
) -> tuple[WorstMoment, ...]:
    """For each stay (steps) the lowest chance of meeting the watcher at one of the places, where
    he waits and stays for `horizon` steps at most."""
    found: dict[int, list[WorstMoment]] = {stay: [] for stay in stays}
    for begin in range(0, len(places), AT_ONCE):
        some = places[begin : begin + AT_ONCE]
        within = arrivals(chain, some, horizon)
        for which, place in enumerate(some):
            away = away_curves(chain, within, which, place)
            for stay in stays:
                found[stay].append(_worst(away, place, stay))
    return tuple(min(found[stay], key=lambda moment: moment.chance) for stay in stays)


def _worst(away: FloatArray, place: int, stay: int) -> WorstMoment:
    before, after = away[: len(away) - stay], away[stay:]
    chances = np.where(before > RARE, 1.0 - after / np.maximum(before, RARE), 1.0)
    wait = int(np.argmin(chances.min(axis=1)))
    return WorstMoment(float(chances[wait].min()), place, wait)


def seer(chain: Chain, places: Sequence[int], stays: Sequence[int]) -> tuple[float, ...]:
    """For each stay (steps) the lowest chance of meeting the seer at one of the places, over all
    states in which the robot comes somewhere and has not drawn yet."""
    lowest = np.full(len(stays), np.inf)
    for begin in range(0, len(places), AT_ONCE):
        within = arrivals(chain, places[begin : begin + AT_ONCE], max(stays))
        lowest = np.minimum(lowest, within[list(stays)].min(axis=(1, 2)))
    return tuple(lowest.tolist())


def agmon_chances(segments: int, turn_chance: float, turn_steps: int, stay: int) -> FloatArray:
    """(segments,) chance that a robot at segment 0 that faces upwards comes to each segment
    within `stay` steps (for segment 0: comes back), in the model of the paper exactly.

    In each step the robot goes on with chance 1 - turn_chance, or turns round on the spot, which
    takes `turn_steps` steps (1 or more), after which it draws again.
    """
    at = np.arange(segments)
    within = np.zeros((stay + 1, 2, segments, segments))
    for time in range(1, stay + 1):
        for sense, step in enumerate((1, -1)):
            to = (at + step) % segments
            onwards = within[time - 1, sense, to].copy()
            onwards[at, to] = 1.0
            within[time, sense] = (1.0 - turn_chance) * onwards
            if time >= turn_steps:
                within[time, sense] += turn_chance * within[time - turn_steps, 1 - sense]
    return np.asarray(within[stay, 0, 0])
