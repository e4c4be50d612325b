"""Owns the port to one Roboteq, and the order in which things are said on it.

A Roboteq keeps the speeds that it was told. When its watchdog has stopped the motors, the next
valid command lets them run at those speeds again, whatever it is and for whichever motor (RWD,
p. 286). Commands are what begins with `!`; queries and settings do not feed the watchdog. So:

- The first bytes after a silence of nearly the watchdog's length, a new connection or a failed
  start are both stops, in one write, each said twice, and before them the end of a line that may
  have been cut off. The second stop is heard 1 ms after the first; for that long the other motor
  may run up its ramp. More is possible only if the line breaks between the two (then until the
  watchdog), or if both copies of a stop are spoilt (then until it is confirmed, or the watchdog).
- Then the echo is turned on, and each stop is said until its echo and its `+` are there. Only then
  anything else is asked, and no other speed is sent before the watchdog was set and read back.
- `!EX` would stop both motors in one line, but it latches until `!MG`, and `!MG` releases a
  person's emergency stop as well, which looks the same (?FF). The driver says neither: an
  emergency stop is released by a person, at the controller.
- A wheel that is held, or whose encoder is dead, winds up the control of its speed, which no stop
  is said to undo: let go, the wheel would run. So the driver looks whether wheels turn that shall
  (standstill.py), sooner than the controller itself does (BLSTD, p. 317; CLERD, p. 318, which both
  act after 0.25 s at the soonest, and only while the command is not zero). It then resets the
  controller, which takes the power off and forgets all, and begins anew when it is back: the
  wheels roll freely meanwhile. It does so only where ?FF told of no emergency stop just before.
- A script in the controller can feed the watchdog (p. 286), so that it proves nothing: the driver
  then asks for watchdog_declared.

A cycle asks first (watchdog, encoders, both kinds of flags), commands then, and asks the rest. It
is 8 exchanges of about 120 characters in all: 11 ms at 115200 baud, and up to 18 ms when the ramp
changes (4 exchanges more), beside the time that the controller takes for its answers: with up to
1 ms for each, 20 ms hold a cycle whose ramp stays. At lower speeds they do not.
"""

from __future__ import annotations

import dataclasses

from patrol_drivers.admission import admitted, stop
from patrol_drivers.errors import WatchdogError
from patrol_drivers.link import Link
from patrol_drivers.motors import (
    Capabilities,
    Clock,
    EventKind,
    MotorEvent,
    MotorReadings,
    Watchdog,
    WheelSpeeds,
)
from patrol_drivers.roboteq import state
from patrol_drivers.roboteq.command import RESET, STOPS, Ramps, drive
from patrol_drivers.roboteq.exchange import Exchange
from patrol_drivers.roboteq.measure import Measure
from patrol_drivers.roboteq.opening import (
    UNHEARD_STOPS,
    check_settings,
    confirm_stops,
    guard,
    name_of,
    stop_both,
)
from patrol_drivers.roboteq.params import RoboteqParams
from patrol_drivers.roboteq.values import FAULTS, MOTOR_FLAGS, WATCHDOG, Flag
from patrol_drivers.session import Session
from patrol_drivers.standstill import STANDS, Standstill

CAPABILITIES = Capabilities(
    position=True,
    velocity=True,
    current=True,
    battery=True,
    logic_supply=True,
    temperature=True,
    estop_input=True,
    acknowledgement=True,
    watchdog_setting=True,
    watchdog_read_back=True,
    watchdog_trip=False,
    own_reset=False,
)
"""A watchdog that tripped and a reset are concluded by the driver: no flag tells them."""

UNVERIFIED = MotorEvent(
    EventKind.WATCHDOG_UNVERIFIED,
    "it is not certain that the controller's watchdog stops the motors: only stops are sent",
)
HELD = MotorEvent(
    EventKind.COMMAND_REFUSED,
    "the controller stopped a motor: both stand until the command is zero once",
)


class RoboteqDriver(Session):
    """A motors.MotorDriver."""

    def __init__(self, params: RoboteqParams, link: Link, clock: Clock) -> None:
        params.check()
        super().__init__(link, clock, params.retry_s)
        self._params = params
        self._line = Exchange(link, clock, params.reply_timeout_s, self._notes)
        self._held = False
        self._standstill = Standstill()
        self._is_unwound = False
        self._silent_since_s: float | None = None
        self._ramps = Ramps()
        self._measure = Measure(params, self._line, clock, self._notes)

    @property
    def capabilities(self) -> Capabilities:
        told = self._watchdog is not Watchdog.DECLARED
        return dataclasses.replace(CAPABILITIES, watchdog_setting=told, watchdog_read_back=told)

    def _unguarded(self) -> WatchdogError:
        return WatchdogError(
            f"{self._name} does not confirm its watchdog, or a script runs in it that may "
            f"feed the watchdog",
            expected=f"{self._params.watchdog_ms} ms, read back, and no script",
            remedy="end the script; or set RWD in Roborun+, try it by pulling the cable, and "
            "set watchdog_declared",
        )

    def _say_goodbye(self) -> None:
        stop_both(self._line, tries=3)

    def _call_stop(self) -> None:
        self._line.say(UNHEARD_STOPS)
        self._sent = stop(self._clock(), self._params.limits)

    # The start sequence

    def _open(self) -> None:
        stop_both(self._line, quietly=self._lost)
        name = name_of(self._line)
        check_settings(self._line, self._params)
        watchdog, differed = guard(self._line, self._params)
        confirm_stops(self._line)
        if not self._is_another(name) and self._was_set and differed:
            self._tell_reset("its watchdog is no longer what was set")
        self._watchdog = watchdog
        self._sent = stop(self._clock(), self._params.limits)
        self._ramps.forget()

    # One cycle

    def _one_cycle(self, command: WheelSpeeds | None) -> MotorReadings:
        if self._watchdog is Watchdog.VERIFIED:
            told_ms = self._line.steady(WATCHDOG)
            if told_ms != (self._params.watchdog_ms,):
                self._tell_reset("its watchdog is no longer what was set")
        positions_rad, jumped = self._measure.positions_rad()
        if jumped:
            self._tell_reset("an encoder jumped farther than the wheel can turn")
        stamp_s = self._clock()
        flags = self._read_flags(command)
        stands = self._standstill.see(positions_rad, command, stamp_s)
        self._is_unwound = self._is_unwound and stands
        if self._watchdog is Watchdog.UNVERIFIED:
            self._notes.lasts(UNVERIFIED)
            self._send(None)
        elif any(flag.stops for flag in flags):
            self._send(None)
        elif self._held:
            self._notes.lasts(HELD)
            self._send(None)
        elif stands:
            self._notes.lasts(STANDS)
            self._unwind()
        else:
            self._send(command)
        self._standstill.wants(self._sent)
        velocities_radps = self._measure.velocities_radps() if self._up else None
        if self._up and not self._measure.ask_in_turn():
            self._ramps.forget_one()
        slow = self._measure.slow
        return MotorReadings(
            stamp_s,
            positions_rad,
            velocities_radps,
            slow.currents_a(),
            slow.battery_v(),
            slow.logic_v(),
            slow.temperatures_c(),
            any(flag.kind is EventKind.ESTOP for flag in flags),
            tuple(flag.words for flag in flags),
            self._watchdog,
        )

    def _read_flags(self, command: WheelSpeeds | None) -> tuple[Flag, ...]:
        """What is wrong, told. A motor that the controller stopped by itself holds both, until a
        stop is commanded: that is when the controller lets it go again (FM, p. 254)."""
        if command is None or command.is_stop:
            self._held = False
        faults = state.fault_flags(self._line.steady(FAULTS)[0])
        runtime: list[Flag] = []
        for motor, value in enumerate(self._line.steady(MOTOR_FLAGS), 1):
            runtime += state.runtime_flags(motor, value)
        self._held = self._held or any(flag.stops for flag in runtime)
        for flag in (*faults, *runtime):
            self._notes.lasts(MotorEvent(flag.kind, flag.words))
        return (*faults, *runtime)

    def _unwind(self) -> None:
        """Stop, and undo what the control of the speed has wound up: by a reset, as soon as one
        was heard, and once."""
        self._send(None)
        if self._up and not self._is_unwound and self._line.is_heard(RESET):
            self._is_unwound = True
            self._tell_reset("by the driver, so that the control of the speeds begins at zero")
            self._up = False

    def _send(self, command: WheelSpeeds | None) -> None:
        """Send what is left of a command; each line is confirmed by its echo, or raises."""
        speeds, event = admitted(command, self._clock(), self._params.limits)
        if event is not None:
            self._notes.lasts(event)
        requests, ramp, sent = drive(speeds, self._params)
        ramps = self._ramps.due(ramp, stopping=requests == STOPS)
        for request in (*ramps, *requests):
            self._look_back()
            if not self._up:
                self._call_stop()
                return
            self._line.ask(request)
            if request in ramps:
                self._ramps.take(request)
        self._sent = sent

    # What is told

    def _tell_reset(self, why: str) -> None:
        super()._tell_reset(why)
        self._measure.forget()

    def _look_back(self) -> None:
        """After a silence of nearly the watchdog's length all begins anew, with stops."""
        fed_s = self._line.fed_s
        if not self._was_set or fed_s is None or fed_s == self._silent_since_s:
            return
        if self._clock() - fed_s > self._params.silent_after_s:
            self._silent_since_s = fed_s
            words = f"no command taken for long: the watchdog of {self._params.watchdog_s} s stops"
            self._notes.happened(EventKind.WATCHDOG_TRIPPED, f"{words} the motors")
            self._up = False
            self._begin_soon()
