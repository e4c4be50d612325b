"""A closed way past places, on which a robot goes on or turns round: a perimeter or a tour."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from patrol_core.errors import RondaError
from patrol_core.geometry import FloatArray

IntArray = npt.NDArray[np.int64]
ONWARDS, BACK = 0, 1
"""The two senses: in the order of the positions, and against it."""
STEP = (1, -1)
"""What each adds to a position."""


UNIT_LAPS = 1.0 / 40.0
EARLY_LAPS = 0.35
"""Found by search on an even ring: with other shares the best chance is lower, with more of them
hardly higher."""


@dataclass(frozen=True, slots=True)
class Turning:
    """The chance of turning round within each UNIT_LAPS driven: while the last turn is no farther
    back than EARLY_LAPS, and later. Both the same: first order, the robot remembers nothing."""

    early: float
    late: float

    @property
    def even(self) -> bool:
        return self.early == self.late

    @property
    def never(self) -> bool:
        return self.early == self.late == 0.0

    def scaled(self, factor: float) -> Turning:
        """The same with both chances times a factor."""
        return Turning(factor * self.early, factor * self.late)


NEVER = Turning(0.0, 0.0)


@dataclass(frozen=True, slots=True, eq=False)
class Ring:
    """Positions in driving order. A tour of a graph may come to a place more than once.

    places: (N,) which place each position is, 0 to V - 1, each of them somewhere.
    gaps_s: (N,) time to drive from each position to the next one, above 0.
    dwell_s, dwell_max_s: (N,) mean and longest stop at each position.
    may_turn: (N,) whether the robot may turn round there. turn_s: what that takes.
    """

    places: IntArray
    gaps_s: FloatArray
    dwell_s: FloatArray
    dwell_max_s: FloatArray
    may_turn: npt.NDArray[np.bool_]
    turn_s: float

    def __post_init__(self) -> None:
        count = len(self.places)
        times = (self.gaps_s, self.dwell_s, self.dwell_max_s)
        sound = (
            count >= 2
            and all(len(values) == count and np.isfinite(values).all() for values in times)
            and np.array_equal(np.unique(self.places), np.arange(self.places.max() + 1))
            and self.gaps_s.min() > 0.0
            and self.dwell_s.min() >= 0.0
            and (self.dwell_max_s >= self.dwell_s).all()
            and len(self.may_turn) == count
            and self.turn_s >= 0.0
        )
        if not sound:
            raise RondaError(
                "no ring can be made of these positions",
                expected="two or more, gaps above 0 s, stops of 0 s or more, none missing",
            )

    @property
    def size(self) -> int:
        """Positions on one lap."""
        return len(self.places)

    @property
    def place_count(self) -> int:
        return int(self.places.max()) + 1

    @property
    def lap_s(self) -> float:
        """One lap in one sense, with mean stops."""
        return float(self.gaps_s.sum() + self.dwell_s.sum())

    @property
    def longest_lap_s(self) -> float:
        """One lap in one sense, with the longest stops: no bound on idleness can be lower."""
        return float(self.gaps_s.sum() + self.dwell_max_s.sum())

    def gap_s(self, position: int, sense: int) -> float:
        """Time from a position to its neighbour in a sense."""
        return float(self.gaps_s[position if sense == ONWARDS else position - 1])

    def turn_chances(self, turning: Turning) -> FloatArray:
        """(K, N) the chance of turning round at each position. Row k: come there with k positions
        since the last turn behind it; the last row holds for all more than that."""
        unit_s = self.gaps_s.sum() * UNIT_LAPS
        beside = 0.5 * (self.gaps_s + np.roll(self.gaps_s, 1)) / unit_s
        rows = 1 if turning.even else round(EARLY_LAPS * self.size) + 1
        chances = np.full((rows, 1), turning.early)
        chances[-1] = turning.late
        return np.where(self.may_turn, 1.0 - (1.0 - chances) ** beside, 0.0)

    def reach_s(self) -> FloatArray:
        """(2, N, V): longest time from leaving a position in a sense until it first arrives at a
        place, if it never turns; for the position's own place, until it comes back."""
        out = np.empty((2, self.size, self.place_count))
        for sense in (ONWARDS, BACK):
            for start in range(self.size):
                out[sense, start] = self._reach_from(start, sense)
        return out

    def _reach_from(self, start: int, sense: int) -> FloatArray:
        first = np.full(self.place_count, np.inf)
        at, time_s = start, 0.0
        for _ in range(self.size):
            time_s += self.gap_s(at, sense)
            at = (at + STEP[sense]) % self.size
            first[self.places[at]] = min(first[self.places[at]], time_s)
            time_s += float(self.dwell_max_s[at])
        return first


def even_ring(count: int, gap_s: float = 1.0, turn_s: float = 1.0) -> Ring:
    """The perimeter of Agmon, Kraus and Kaminka (2008): equal segments, no stops."""
    none = np.zeros(count)
    turns = np.ones(count, bool)
    return Ring(np.arange(count), np.full(count, gap_s), none, none, turns, turn_s)
