"""Owns the port to one Sabertooth, to which it only ever talks.

The controller never answers (p. 15), so that the driver cannot tell:

    what happens                        what it sees    what becomes of the wheels
    ----------------------------------  --------------  -----------------------------------------
    a packet is damaged or lost         nothing         the next cycle sends all of it again
    the wire to S1 is cut, the address  nothing         the controller's timeout stops them
    or the baud rate is wrong
    the timeout stopped the motors      nothing         they rest until the next drive packet
    it is reset, or its supply sags     nothing         they rest until it hears again; then they
                                                        go at once where the ramp has got to
    it has no supply, or its emergency  nothing         they rest
    stop (S2) is pressed
    too much current, heat or voltage,  nothing         it slows or stops them by itself; only
    an empty battery                                    its lamp tells
    a wheel turns slower than it ought  nothing         encoders have to come from elsewhere
    the adapter's cable is pulled       link lost       the controller's timeout stops them

That a packet ends the rest after a timeout is from the data sheet of the 2x32 (p. 43); S2 and the
lamp are from the guide of the second 2x25, as others cite it.

The serial timeout cannot be read back and is gone after a reset. So nothing moves unless a person
declares that the timeout works (`watchdog_declared`), and every cycle sets it before it commands:
4 bytes of 12, which take 12.5 ms at 9600 baud and 1 ms at 115200. A controller that was reset is
unguarded only if just that packet is lost, and until the next cycle. The guide does not say what
repeating it does to a moving motor; that the setting is not stored (p. 19) speaks against harm.

Speeds change along a ramp, which the driver keeps. A stop is power 0 at once: how hard that brakes
is up to the controller's own ramp, which a person sets (command 16, p. 19; 1/4 s from full forward
to full reverse from the factory, which may let the wheels slip).

A model that finds its baud rate by itself loses that in a reset too, and takes the first byte
that it hears for the bauding character. One more byte, before all others of each cycle, lets it
hear again if it wakes up in the pause between two cycles; if not, it rests until it is switched
off and on and the driver is started anew. That the guides of these models name no serial timeout
is said by others and was not seen: declare it only after the trial.
"""

from __future__ import annotations

import contextlib
import dataclasses
import math
from collections.abc import Iterator

from patrol_drivers.admission import admitted, stop
from patrol_drivers.errors import LinkError, WatchdogError
from patrol_drivers.link import Link
from patrol_drivers.motors import (
    Capabilities,
    Clock,
    Cycle,
    EventKind,
    MotorEvent,
    MotorReadings,
    Watchdog,
    WheelSpeeds,
)
from patrol_drivers.notes import Notes
from patrol_drivers.ramp import Ramp
from patrol_drivers.sabertooth.command import burst
from patrol_drivers.sabertooth.params import SabertoothParams
from patrol_drivers.sabertooth.values import BAUDING, BAUDING_PAUSE_S, POWER_UP_S

CAPABILITIES = Capabilities(
    position=False,
    velocity=False,
    current=False,
    battery=False,
    logic_supply=False,
    temperature=False,
    estop_input=False,
    acknowledgement=False,
    watchdog_setting=True,
    watchdog_read_back=False,
    watchdog_trip=False,
    own_reset=False,
)

UNDECLARED = MotorEvent(
    EventKind.WATCHDOG_UNVERIFIED,
    "nobody declared that the controller's serial timeout works: nothing but stops is sent",
)

BITS_PER_BYTE = 10
"""8N1 (p. 15)."""

LAST_STOPS = 3
"""How often the stop at the end is sent: no cycle follows that would send it again."""

SOON_S = 1e-4
"""Not worth waiting for."""


class SabertoothDriver:
    """A motors.MotorDriver. `clock` is monotonic, and stamps commands and readings alike."""

    def __init__(self, params: SabertoothParams, link: Link, clock: Clock) -> None:
        params.check()
        self._params = params
        self._link = link
        self._clock = clock
        self._notes = Notes()
        self._ramp = Ramp()
        self._in_use = False
        self._up = False
        self._lost = False
        self._beginning: Iterator[float] | None = None
        self._go_on_at_s = -math.inf
        self._line_free_s = -math.inf
        self._commanded_s: float | None = None

    @property
    def capabilities(self) -> Capabilities:
        return CAPABILITIES

    def start(self) -> str:
        """As the protocol says, but with nobody to identify: whoever listens is taken for it."""
        try:
            for until_s in self._begin():
                self._wait(until_s)
        except LinkError:
            self._drop()
            raise
        if not self._params.watchdog_declared:
            raise WatchdogError(
                "the serial timeout was sent, but a Sabertooth cannot confirm it",
                expected="watchdog_declared",
                remedy="with the wheels off the ground set watchdog_declared, drive, and pull "
                f"the wire to S1; unless the wheels stop within {self._params.watchdog_s} s, "
                "take it back",
            )
        return f"Sabertooth at address {self._params.address} (never answers)"

    def cycle(self, command: WheelSpeeds | None) -> Cycle:
        sent: WheelSpeeds | None = None
        readings: MotorReadings | None = None
        self._tell_silence()
        try:
            if not self._up and self._clock() >= self._go_on_at_s:
                self._go_on()
            if self._up:
                sent = self._drive(command)
                readings = self._readings()
        except LinkError as error:
            self._lose(error)
        return Cycle(sent, readings, self._notes.take())

    def close(self) -> None:
        if not self._in_use:
            return
        with contextlib.suppress(LinkError):  # without a line, the timeout stops the motors
            self._link.open()
            for _ in range(LAST_STOPS):
                self._send(stop(self._clock(), self._params.limits))
                self._wait(self._line_free_s)  # closing may throw away what has not left yet
        self._link.close()
        self._in_use = False
        self._up = False
        self._beginning = None
        self._go_on_at_s = -math.inf
        self._commanded_s = None

    # The start sequence

    def _begin(self) -> Iterator[float]:
        """All that has to be before a motion. Yields until when to wait. Raises LinkError."""
        self._up = False
        self._in_use = True
        self._link.open()
        if self._params.autobaud:
            yield self._clock() + POWER_UP_S
            self._write(BAUDING)
            yield self._clock() + BAUDING_PAUSE_S
        self._ramp.forget(self._clock())
        self._send(stop(self._clock(), self._params.limits))
        self._up = True
        if self._lost:
            self._notes.happened(EventKind.LINK_BACK, "the port is open again")
        self._lost = False

    def _go_on(self) -> None:
        """One step of the start sequence, for which a cycle does not wait."""
        if self._beginning is None:
            self._beginning = self._begin()
        self._go_on_at_s = next(self._beginning, -math.inf)

    # One cycle

    def _drive(self, command: WheelSpeeds | None) -> WheelSpeeds:
        """Send what is left of a command, and say what that is. Raises LinkError."""
        self._wait(self._line_free_s)  # or a queue would grow, and stops would come late
        now_s = self._clock()
        speeds, event = admitted(command, now_s, self._params.limits)
        if event is not None:
            self._notes.lasts(event)
        if not self._params.watchdog_declared:
            self._notes.lasts(UNDECLARED)
            speeds = stop(now_s, self._params.limits)
        if speeds.is_stop:
            self._ramp.forget(now_s)
            return self._send(speeds)
        left, right = self._ramp.step(speeds, now_s)
        return self._send(dataclasses.replace(speeds, left_radps=left, right_radps=right))

    def _readings(self) -> MotorReadings:
        """Nothing but the time: that `faults` is empty does not say that there are none."""
        return MotorReadings(
            stamp_s=self._clock(),
            positions_rad=None,
            velocities_radps=None,
            currents_a=None,
            battery_v=None,
            logic_v=None,
            temperatures_c=(),
            estop=None,
            faults=(),
            watchdog=(
                Watchdog.DECLARED if self._params.watchdog_declared else Watchdog.UNVERIFIED
            ),
        )

    # The line

    def _send(self, speeds: WheelSpeeds) -> WheelSpeeds:
        data, sent = burst(speeds, self._params)
        self._write(data)
        self._commanded_s = self._clock()
        return sent

    def _write(self, data: bytes) -> None:
        self._link.write(data)
        self._line_free_s = self._clock() + len(data) * BITS_PER_BYTE / self._params.baud

    def _wait(self, until_s: float) -> None:
        """Let time pass; what comes in, noise or an echo, is thrown away. Raises LinkError."""
        while (left_s := until_s - self._clock()) > SOON_S:
            self._link.read(64, left_s)

    def _lose(self, error: LinkError) -> None:
        if not self._lost:
            self._notes.happened(EventKind.LINK_LOST, error.problem)
        self._drop()

    def _drop(self) -> None:
        """Without the line all begins anew, after a pause."""
        self._link.close()
        self._lost = True
        self._up = False
        self._beginning = None
        self._go_on_at_s = self._clock() + self._params.retry_s

    def _tell_silence(self) -> None:
        """After silence of its own the driver knows what the controller's timeout did."""
        limit_s = self._params.watchdog_s
        if self._commanded_s is None or self._clock() - self._commanded_s <= limit_s:
            return
        self._commanded_s = None
        self._ramp.forget(self._clock())
        if self._params.watchdog_declared:
            words = f"nothing was sent for more than {limit_s} s: the watchdog stopped the motors"
            self._notes.happened(EventKind.WATCHDOG_TRIPPED, words)
