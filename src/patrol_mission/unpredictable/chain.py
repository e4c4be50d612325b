"""A robot on a ring as a semi-Markov chain: how soon does it come to a place?

At each position it draws whether to go on or to turn round. Where that chance is always the same
the chain is of first order, as in Agmon, Kraus and Kaminka, "Multi-robot perimeter patrol in
adversarial settings" (ICRA 2008); here it may also depend on how far back the last turn is, and
there are unequal lengths, stops, and a cost of turning.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from patrol_core.geometry import FloatArray
from patrol_mission.unpredictable.ring import ONWARDS, STEP, IntArray, Ring, Turning


@dataclass(frozen=True, slots=True, eq=False)
class Chain:
    """In each state the robot has just come to a place and has not drawn yet.

    places: (S,) of each state. The rest: (2, S) for going on and for turning round: the state it
    comes to next, the chance of that, the steps until then, and those of them after it has left.
    """

    places: IntArray
    target: IntArray
    chance: FloatArray
    steps: IntArray
    drive: IntArray


def ring_chain(ring: Ring, turning: Turning, steps_per_lap: int) -> Chain:
    """After a turn the robot goes on at least to the next position.

    States are (K, 2, N) in order: positions behind it since the last turn, sense in which it came,
    position. Times are rounded to whole steps so that the error of a lap is below one.
    """
    step_s = ring.lap_s / steps_per_lap
    gaps = _rounded(ring.gaps_s, step_s, least=1)
    dwell = _rounded(ring.dwell_s, step_s, least=0)
    turn = round(ring.turn_s / step_s)
    turns = ring.turn_chances(turning)
    number = np.arange(2 * turns.size).reshape(len(turns), 2, ring.size)
    after = np.minimum(np.arange(len(turns)) + 1, len(turns) - 1)
    target, drive = np.empty((2, *number.shape), int), np.empty((2, *number.shape), int)
    for sense in range(2):
        for turned, leave in enumerate((sense, 1 - sense)):
            to = (np.arange(ring.size) + STEP[leave]) % ring.size
            ages = np.zeros_like(after) if turned else after
            target[turned, :, sense] = number[ages[:, None], leave, to]
            drive[turned, :, sense] = gaps if leave == ONWARDS else np.roll(gaps, 1)
    chance = np.repeat(np.array((1.0 - turns, turns))[:, :, None], 2, axis=2)
    steps = drive + dwell + np.array([0, turn])[:, None, None, None]
    return Chain(
        np.tile(ring.places, 2 * len(turns)), target.reshape(2, -1), chance.reshape(2, -1),
        steps.reshape(2, -1), drive.reshape(2, -1),
    )  # fmt: skip


def _rounded(times_s: FloatArray, step_s: float, least: int) -> IntArray:
    ends = np.rint(np.concatenate(([0.0], np.cumsum(times_s))) / step_s).astype(np.int64)
    return np.asarray(np.maximum(np.diff(ends), least), np.int64)


def arrivals(chain: Chain, places: Sequence[int], horizon: int) -> FloatArray:
    """(horizon + 1, S, P): the chance that, from when it came to a state, the robot comes to each
    of P places within so many steps. Where it is already does not count as coming there."""
    here = chain.places[:, None] == np.asarray(places)
    before = int(chain.steps.max())
    within = np.zeros((horizon + 1, *here.shape))
    met = np.zeros((before + horizon + 1, *here.shape))
    for time in range(horizon + 1):
        for chance, steps, target in zip(chain.chance, chain.steps, chain.target, strict=True):
            within[time] += chance[:, None] * met[before + time - steps, target]
        met[before + time] = np.where(here, 1.0, within[time])
    return within


def away_curves(chain: Chain, within: FloatArray, which: int, place: int) -> FloatArray:
    """(horizon + 1, C): the chance that the robot is still away from a place so many steps after
    it left, from column `which` of `arrivals`. One curve for each state in which it may have left:
    nothing that anybody saw before says more."""
    leaving = (chain.places == place) & (chain.chance > 0.0)
    ways = np.unique(np.column_stack((chain.target[leaving], chain.drive[leaving])), axis=0)
    away = np.ones((len(within), len(ways)))
    for curve, (target, drive) in enumerate(ways.tolist()):
        back = chain.places[target] == place
        away[drive:, curve] = 0.0 if back else 1.0 - within[:-drive, target, which]
    return away
