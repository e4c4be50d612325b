"""What is measured: asked for, checked against what a wheel can do, and put into SI units."""

from __future__ import annotations

from patrol_drivers.counter import CounterPair
from patrol_drivers.motors import Clock, EventKind, Sides
from patrol_drivers.notes import Notes
from patrol_drivers.roboteq import state
from patrol_drivers.roboteq.exchange import Exchange
from patrol_drivers.roboteq.params import RoboteqParams
from patrol_drivers.roboteq.protocol import asking
from patrol_drivers.roboteq.slow import SlowReadings
from patrol_drivers.roboteq.values import (
    COUNTER_BITS,
    CURRENTS,
    ENCODERS,
    SPEEDS,
    TEMPERATURES,
    VOLTS,
    Query,
)

TURN: tuple[Query | None, ...] = (CURRENTS, VOLTS, TEMPERATURES, None)
"""What is asked last, one a cycle; None: nothing, to leave time for something else."""


class Measure:
    """Asks on `line`, and remembers what has to be remembered from cycle to cycle."""

    def __init__(self, params: RoboteqParams, line: Exchange, clock: Clock, notes: Notes) -> None:
        self._params = params
        self._line = line
        self._clock = clock
        self._notes = notes
        self._turn = 0
        self.slow = SlowReadings(params)
        fastest = params.jump_factor * params.max_speed_radps * params.counts_per_rad
        self._counters = CounterPair(COUNTER_BITS, fastest)

    def forget(self) -> None:
        """The counters were reset; the positions go on from where they are."""
        self._counters.forget()

    def positions_rad(self) -> tuple[Sides, bool]:
        """Wheel angles since the first reading. True: a counter jumped, which was told twice.

        Raises ReplyError or LinkError.
        """
        first, second = self._line.numbers(ENCODERS)
        if not self._counters.follows(first, second, self._clock()):
            first, second = self._line.numbers(ENCODERS)
        went_on = self._counters.update(first, second, self._clock())
        return state.positions(self._counters.totals, self._params), not went_on

    def velocities_radps(self) -> Sides | None:
        """None: not told, or not possible, which is told as noise. Raises LinkError."""
        reply = self._line.maybe(asking(SPEEDS), quietly=False)
        if reply is None:
            return None
        velocities_radps = state.velocities(reply.numbers, self._params)
        if velocities_radps is None:
            words = "a speed was told that the wheel cannot have: not taken"
            self._notes.happened(EventKind.NOISE, words)
        return velocities_radps

    def ask_in_turn(self) -> bool:
        """Ask for what changes slowly. False: it was nobody's turn. Raises LinkError."""
        query = TURN[self._turn]
        self._turn = (self._turn + 1) % len(TURN)
        if query is None:
            return False
        reply = self._line.maybe(asking(query), quietly=False)
        self.slow.take(query, None if reply is None else reply.numbers)
        return True
