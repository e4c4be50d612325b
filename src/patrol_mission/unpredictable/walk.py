"""A walk on a ring, drawn from a policy: turns as they fall, no place left alone too long.

**The bound.** A place is left alone from when the robot leaves it until it comes there again. The
walk turns round at a position only if, going on in the new sense without turning again, with the
longest stops, it would come to every place before that place has been left alone for `bound_s`.
So at every departure this holds for the sense in which the robot leaves: at the start because a
lap with the longest stops takes no longer than `bound_s`; after a turn because it was looked at;
after going on because the time driven and stood is no more than what was counted for it before,
and the place just left is a lap away. Hence no place is ever left alone for longer than `bound_s`.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np

from patrol_core.errors import RondaError
from patrol_mission.unpredictable.ring import BACK, ONWARDS, STEP, Ring, Turning

TIE_S = 1e-6


class Stop(NamedTuple):
    """The robot comes to a position in a sense, stands, and leaves in `leave` sense.

    arrive_s, leave_s: from the start of the walk; a turn is part of the time between them.
    overdue: the place for whose sake it did not turn although the draw said so, else None.
    """

    position: int
    sense: int
    arrive_s: float
    dwell_s: float
    leave_s: float
    leave: int
    overdue: int | None


def walk(
    ring: Ring,
    turning: Turning,
    bound_s: float,
    rng: np.random.Generator,
    start: int,
    sense: int,
) -> Iterator[Stop]:
    """Endless: from position `start`, left at 0 s in `sense`. Stops are drawn evenly so that their
    mean is the ring's `dwell_s` and the longest `dwell_max_s`.

    Raises RondaError where a lap takes longer than `bound_s`.
    """
    if bound_s < ring.longest_lap_s:
        raise RondaError(
            f"no walk keeps a bound of {bound_s:.0f} s on idleness",
            expected=f"{ring.longest_lap_s:.0f} s or more: a lap with its longest stops",
        )
    reach = ring.reach_s()
    places, count = ring.places.tolist(), ring.size
    gaps = (ring.gaps_s.tolist(), np.roll(ring.gaps_s, 1).tolist())
    longest, spread = ring.dwell_max_s.tolist(), (2.0 * (ring.dwell_max_s - ring.dwell_s)).tolist()
    chances = ring.turn_chances(turning).tolist()
    oldest = len(chances) - 1
    left_s = np.zeros(ring.place_count)
    at, now_s, age = start, 0.0, oldest
    while True:
        now_s += gaps[sense][at]
        at = (at + STEP[sense]) % count
        arrive_s, came, overdue = now_s, sense, None
        dwell_s = longest[at] - spread[at] * rng.random() if spread[at] else longest[at]
        now_s += dwell_s
        left_s[places[at]] = now_s
        turns = chances[age][at]
        age = min(age + 1, oldest)
        if turns and rng.random() < turns:
            alone_s = now_s + ring.turn_s + reach[1 - sense, at] - left_s
            alone_s[places[at]] = 0.0
            latest = int(np.argmax(alone_s))
            if alone_s[latest] <= bound_s - TIE_S:
                sense, age = 1 - sense, 0
                now_s += ring.turn_s
                left_s[places[at]] = now_s
            else:
                overdue = latest
        yield Stop(at, came, arrive_s, dwell_s, now_s, sense, overdue)


def first_sense(turning: Turning, rng: np.random.Generator) -> int:
    """In which sense a walk begins: onwards where it never turns, else either."""
    return ONWARDS if turning.never else (ONWARDS, BACK)[int(rng.integers(2))]
