"""How a ring is patrolled: with what chance the robot turns round, and what that is good for."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache, partial

import numpy as np
from scipy import optimize, special

from patrol_core.errors import RondaError
from patrol_mission.unpredictable.chain import ring_chain
from patrol_mission.unpredictable.intruder import seer, watcher
from patrol_mission.unpredictable.params import SEER, PolicyParams
from patrol_mission.unpredictable.ring import NEVER, Ring, Turning

STAYS = (0.1, 0.2, 0.3, 0.4, 0.5)
"""By the time of a lap: for which stays a policy is made, and says its chances."""
HORIZON_LAPS = 1.5
"""So long a watcher waits and stays at most. With turning up to the best, the worst moment comes
within about the first lap; later the chance hardly changes."""
STEPS = 160
"""Chances are computed with so many steps of time a lap or more, a multiple of the positions."""
TRIED_STEPS, TRIED_PLACES = 80, 8
"""While a policy is looked for: fewer of them, and for so many places."""
FIRST_GUESS = Turning(0.066, 0.133)
LEAST = 1e-6


@dataclass(frozen=True, slots=True)
class Policy:
    """Where it may, the robot turns round with the chances of `turning`, unless a place would then
    be left alone for longer than `bound_s`.

    level, against: what it was made for (`PolicyParams`). lap_s: a lap without turning, with mean
    stops. chances: for each of STAYS, the chance of meeting the watcher and the seer where and
    when it is lowest, without regard to the bound.
    """

    level: float
    against: str
    turning: Turning
    bound_s: float
    lap_s: float
    chances: tuple[tuple[float, float], ...]


def solve_policy(ring: Ring, params: PolicyParams) -> Policy:
    """The policy with `level` times the best lowest chance of meeting.

    The best one against a watcher: of two chances, the pair with the highest `Score.watcher`;
    against a seer: of those of first order, the one with the highest `Score.seer`. Raises
    RondaError where none meets that intruder, or where the bound on idleness is below what a lap
    with the longest stops takes.
    """
    bound_s = params.idleness_laps * ring.lap_s if params.level > 0.0 else ring.longest_lap_s
    if bound_s < ring.longest_lap_s:
        raise RondaError(
            f"idleness_laps is {params.idleness_laps:g}: {bound_s:.0f} s",
            expected=f"at least the {ring.longest_lap_s:.0f} s of a lap with its longest stops",
            remedy="raise idleness_laps or lower dwell_spread",
        )
    turning = _solve_turning(ring, params) if params.level > 0.0 else NEVER
    chances = chances_of(ring, turning)
    return Policy(params.level, params.against, turning, bound_s, ring.lap_s, chances)


def chances_of(ring: Ring, turning: Turning) -> tuple[tuple[float, float], ...]:
    """For each of STAYS the lowest chances of meeting the watcher and the seer."""
    per_lap = steps_per_lap(ring, STEPS)
    chain = ring_chain(ring, turning, per_lap)
    stays = [round(stay * per_lap) for stay in STAYS]
    places = range(ring.place_count)
    moments = watcher(chain, places, stays, math.ceil(HORIZON_LAPS * per_lap) + max(stays))
    seers = seer(chain, places, stays)
    return tuple((w.chance, s) for w, s in zip(moments, seers, strict=True))


def steps_per_lap(ring: Ring, least: int) -> int:
    """A multiple of the positions, `least` or more: on an even ring times are whole steps."""
    return ring.size * math.ceil(least / ring.size)


class Score:
    """What a turning on a ring is good for, at some of its places, in few steps of time."""

    def __init__(self, ring: Ring, steps: int = TRIED_STEPS, places: int = TRIED_PLACES) -> None:
        self._ring = ring
        self._per_lap = steps_per_lap(ring, steps)
        spread = np.linspace(0, ring.place_count - 1, min(places, ring.place_count))
        self._places = np.unique(spread.round().astype(int)).tolist()
        back_s = 2.0 * ring.gaps_s.max() + ring.dwell_s.max() + ring.turn_s
        back_s += 2.0 * ring.lap_s / self._per_lap
        self._stays = [round(s * self._per_lap) for s in STAYS if s * ring.lap_s > back_s]

    def watcher(self, turning: Turning) -> float:
        """The lowest ratio, over STAYS, of the chance of meeting the watcher to stay / lap, which
        no robot exceeds. Stays in which none could drive on, turn and come back are left out."""
        if not self._stays:
            return 0.0
        chain = ring_chain(self._ring, turning, self._per_lap)
        horizon = math.ceil(HORIZON_LAPS * self._per_lap) + max(self._stays)
        moments = watcher(chain, self._places, self._stays, horizon)
        return min(m.chance * self._per_lap / s for m, s in zip(moments, self._stays, strict=True))

    def seer(self, turning: Turning, stay_fraction: float) -> float:
        """The lowest chance of meeting the seer in a stay."""
        chain = ring_chain(self._ring, turning, self._per_lap)
        return seer(chain, self._places, [round(stay_fraction * self._per_lap)])[0]


def _solve_turning(ring: Ring, params: PolicyParams) -> Turning:
    score, stay = Score(ring), params.stay_fraction if params.against == SEER else STAYS[-1]
    best, value = _best_turning(ring, params.against, stay)
    if value < LEAST:
        raise RondaError(
            f"no policy meets a {params.against} who needs {stay:.0%} of a lap",
            expected="a lap that is long beside a turn; for a seer half a lap or more",
            remedy="raise stay_fraction, or set level: 0 on this route",
        )
    if params.level == 1.0:
        return best

    def missing(factor: float) -> float:
        turning = best.scaled(factor)
        of = score.seer(turning, stay) if params.against == SEER else score.watcher(turning)
        return of - params.level * value

    return best.scaled(float(optimize.brentq(missing, 0.0, 1.0, xtol=5e-3)))


@lru_cache(maxsize=8)
def _best_turning(ring: Ring, against: str, stay: float) -> tuple[Turning, float]:
    score = Score(ring)
    if against == SEER:
        return best_of_first_order(ring, partial(score.seer, stay_fraction=stay))
    return best_of_two(score.watcher)


def best_of_two(score: Callable[[Turning], float]) -> tuple[Turning, float]:
    """The turning with the highest score, and that score: Nelder and Mead's simplex from a good
    guess, as the score is a lower envelope of smooth functions."""
    start = special.logit([FIRST_GUESS.early, FIRST_GUESS.late])
    found = optimize.minimize(
        lambda x: -score(Turning(*special.expit(x).tolist())), start, method="Nelder-Mead",
        options={"initial_simplex": start + np.array([[0.0, 0.0], [0.4, 0.0], [0.0, 0.3]]),
                 "maxfev": 45, "xatol": 0.01, "fatol": 1e-4},
    )  # fmt: skip
    return Turning(*special.expit(found.x).tolist()), -float(found.fun)


def best_of_first_order(ring: Ring, score: Callable[[Turning], float]) -> tuple[Turning, float]:
    """The turning of first order with the highest score, and that score: a grid, then a bounded
    search between its best point's neighbours."""
    grid = np.geomspace(0.3 / ring.size, 0.8, 16)
    scores = [score(Turning(chance, chance)) for chance in grid.tolist()]
    best = int(np.argmax(scores))
    found = optimize.minimize_scalar(
        lambda chance: -score(Turning(chance, chance)), method="bounded",
        bounds=(grid[max(best - 1, 0)], grid[min(best + 1, len(grid) - 1)]),
        options={"xatol": 1e-4},
    )  # fmt: skip
    return Turning(float(found.x), float(found.x)), -float(found.fun)
