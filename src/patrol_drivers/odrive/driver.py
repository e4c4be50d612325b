"""Owns the port to one ODrive, and the order in which things are said on it.

A cycle asks first and commands then. A motion is only ever sent when both axes said, in the same
cycle, that they are under closed-loop control, into which the driver brings them after it set and
read back their watchdogs. A watchdog that expires, an error and a reset all end that state, and
none of them comes back to it by itself: everything begins anew (`axis.cpp`, `main.cpp`). So it
does after a pause longer than the watchdog, in which a controller could have been reset and have
brought itself to that state (`config.startup_closed_loop_control`).

Of the commands that are used `v` and `u` feed a watchdog, and reading or writing a property does
not (`ascii_protocol.cpp`). A motor whose watchdog expired is without power: the wheel rolls.

A cycle is two exchanges and the command: 15 ms at 115200 baud. The lines of a ramp that changed
take 9 ms more, so the next cycle does without the question whose turn it is, but for MOST_SKIPPED
in a row only: a ramp that changes in three cycles running or more does not hold 20 ms.
"""

from __future__ import annotations

import math

from patrol_drivers.admission import admitted, stop
from patrol_drivers.counter import CounterPair
from patrol_drivers.errors import WatchdogError
from patrol_drivers.link import Link
from patrol_drivers.motors import (
    Capabilities,
    Clock,
    EventKind,
    MotorEvent,
    MotorReadings,
    Sides,
    Watchdog,
    WheelSpeeds,
)
from patrol_drivers.odrive import sequence
from patrol_drivers.odrive.command import drive, request, set_ramp
from patrol_drivers.odrive.exchange import Exchange
from patrol_drivers.odrive.params import ODriveParams
from patrol_drivers.odrive.protocol import feedback
from patrol_drivers.odrive.slow import SlowReadings
from patrol_drivers.odrive.state import MICRO, feedback_turns, wheels_from_motors
from patrol_drivers.odrive.values import AxisState, ErrorBit
from patrol_drivers.session import Session
from patrol_drivers.standstill import STANDS, Standstill

CAPABILITIES = Capabilities(
    position=True,
    velocity=True,
    current=True,
    battery=True,
    logic_supply=False,
    temperature=True,
    estop_input=False,
    acknowledgement=False,
    watchdog_setting=True,
    watchdog_read_back=True,
    watchdog_trip=True,
    own_reset=False,
)
"""A stop requested over CAN is an error, not an input. A reset is concluded by the driver."""

UNVERIFIED = MotorEvent(
    EventKind.WATCHDOG_UNVERIFIED,
    "the controller does not confirm its watchdogs: nothing but stops is sent",
)

NOT_REACHED = ErrorBit(0, "closed-loop control was not reached, and no error is told", passes=True)

POSITION_BITS = 64
"""Positions do not wrap; this many bits hold any that is accepted."""

BITS_PER_BYTE = 10

MOST_SKIPPED = 5
"""Cycles in a row that may do without the question whose turn it is."""


class ODriveDriver(Session):
    """A motors.MotorDriver."""

    def __init__(self, params: ODriveParams, link: Link, clock: Clock) -> None:
        params.check()
        super().__init__(link, clock, params.retry_s)
        self._params = params
        byte_s = BITS_PER_BYTE / params.baud
        self._line = Exchange(link, clock, params.reply_timeout_s, byte_s, self._notes)
        self._armed = False
        self._faults: tuple[ErrorBit, ...] = ()
        self._ramp: float | None = None
        self._skipped = 0
        self._asked_s = -math.inf
        self._slow = SlowReadings(params)
        fastest = params.jump_factor * params.max_speed_radps * params.turns_per_rad * MICRO
        self._counters = CounterPair(POSITION_BITS, fastest)
        self._standstill = Standstill()

    @property
    def capabilities(self) -> Capabilities:
        return CAPABILITIES

    def _unguarded(self) -> WatchdogError:
        return WatchdogError(
            f"{self._name} does not confirm its watchdogs",
            expected=f"{self._params.watchdog_s} s at both axes, read back",
            remedy="end other programs that use the controller, and power-cycle it",
        )

    def _is_ready(self) -> bool:
        return self._up and (self._armed or self._standstill.holds)

    def _look_back(self) -> None:
        if self._armed and self._clock() - self._asked_s > self._params.watchdog_s:
            self._armed = False
            self._retry_at_s = -math.inf

    def _say_goodbye(self) -> None:
        """Also leaves the watchdogs to expire, which takes the motors out of power."""
        self._sent = None
        self._send(None)
        self._line.tell(sequence.STOP)  # once more: one may get lost
        self._line.ask(sequence.STATES[0])  # its answer says that the stops are through

    def _call_stop(self) -> None:
        self._halt()

    # The start sequence

    def _open(self) -> None:
        sequence.disarm(self._line, quietly=self._lost)
        self._is_another(sequence.identify(self._line, quietly=self._lost))
        self._guard()
        self._arm()
        self._asked_s = self._clock()

    def _guard(self) -> None:
        if self._was_set and not sequence.is_guarded(self._line, self._params):
            self._tell_reset("its watchdogs are no longer what was set")
        if sequence.guard(self._line, self._params):
            self._watchdog = Watchdog.VERIFIED

    def _arm(self) -> None:
        """Motors under power, when the watchdogs are verified and nothing is wrong that a person
        should see to."""
        if self._watchdog is not Watchdog.VERIFIED or self._standstill.holds:
            return
        self._tell_faults(sequence.read_faults(self._line))
        if not all(fault.passes for fault in self._faults):
            return
        if self._faults:
            self._tell_faults(sequence.clear(self._line))
            if self._faults:
                return
        self._armed = sequence.arm(self._line)
        if not self._armed:
            self._tell_faults(sequence.read_faults(self._line) or (NOT_REACHED,))

    # One cycle

    def _one_cycle(self, command: WheelSpeeds | None) -> MotorReadings:
        self._asked_s = self._clock()
        slow = () if self._skipped else (self._slow.next_question(),)
        first, first_state, *told = self._line.ask(feedback(0), sequence.STATES[0], *slow)
        second_state, second = self._line.ask(sequence.STATES[1], feedback(1))
        for answer in told:
            self._slow.take(answer)
        stamp_s = self._clock()
        self._check(int(first_state), int(second_state))
        positions_rad, velocities_radps = self._measured(first, second, stamp_s)
        if self._standstill.see(positions_rad, command, stamp_s):
            self._let_go()
        self._send(command)
        self._standstill.wants(self._sent)
        return MotorReadings(
            stamp_s,
            positions_rad,
            velocities_radps,
            self._slow.currents_a(),
            self._slow.battery_v(),
            None,
            self._slow.temperatures_c(),
            None,
            tuple(fault.words for fault in self._faults),
            self._watchdog,
        )

    def _measured(self, first: str, second: str, now_s: float) -> tuple[Sides, Sides]:
        """Wheel angles since the first reading, and speeds; a jump of a position means a reset."""
        (place_0, speed_0), (place_1, speed_1) = feedback_turns(first), feedback_turns(second)
        if not self._counters.update(place_0, place_1, now_s):
            self._tell_reset("a position jumped farther than the wheel can turn")
        scale = self._params.turns_per_rad
        places = wheels_from_motors(*self._counters.totals, self._params)
        speeds = wheels_from_motors(speed_0, speed_1, self._params)
        return (
            Sides(places.left / scale / MICRO, places.right / scale / MICRO),
            Sides(speeds.left / scale, speeds.right / scale),
        )

    def _check(self, *states: int) -> None:
        """Nothing moves unless both axes are as the driver brought them."""
        if self._armed and self._slow.watchdog_changed():
            self._tell_reset("its watchdogs are no longer what was set")
        if self._armed and any(state != AxisState.CLOSED_LOOP_CONTROL for state in states):
            self._lapse()
        self._tell_faults(self._faults)
        if self._watchdog is Watchdog.UNVERIFIED:
            self._notes.lasts(UNVERIFIED)

    def _lapse(self) -> None:
        """An axis left closed-loop control: stop the other one, then see why. The next attempt
        has to wait, as the same may happen again."""
        self._halt()
        self._armed = False
        self._retry_at_s = self._clock() + self._params.retry_s
        self._faults = sequence.read_faults(self._line)
        if not sequence.is_guarded(self._line, self._params):
            self._tell_reset("its watchdogs are no longer what was set")
        elif not self._faults:
            words = "an axis left closed-loop control, and the controller tells no error"
            self._notes.happened(EventKind.FAULT, words)

    def _let_go(self) -> None:
        """Take both motors out of power: the control of the speed would keep what it wound up."""
        self._notes.lasts(STANDS)
        if self._armed:
            self._halt(request(AxisState.IDLE))
            self._armed = False

    def _halt(self, then: bytes = b"") -> None:
        """Both speeds zero before anything else; `_send` does not say it again in this cycle."""
        self._line.tell(sequence.STOP + then)
        self._sent = stop(self._clock(), self._params.limits)

    def _send(self, command: WheelSpeeds | None) -> None:
        """Send what is left of a command, and the ramp behind it, as a stop must not wait. The
        ramp is sent when it changed or was not taken."""
        now_s = self._clock()
        speeds, event = admitted(command, now_s, self._params.limits)
        if event is not None:
            self._notes.lasts(event)
        if self._sent is not None:
            return
        if not self._armed:
            speeds = stop(now_s, self._params.limits)
        lines, ramp, sent = drive(speeds, self._params)
        changed = self._ramp is None or self._slow.ramp_changed(self._ramp) or ramp != self._ramp
        if changed:
            lines += set_ramp(ramp)
        self._skipped = self._skipped + 1 if changed and self._skipped < MOST_SKIPPED else 0
        self._line.tell(lines)
        self._ramp = ramp
        self._sent = sent

    # What is told

    def _forget(self) -> None:
        super()._forget()
        self._armed = False
        self._faults = ()
        self._ramp = None
        self._slow = SlowReadings(self._params)

    def _tell_faults(self, faults: tuple[ErrorBit, ...]) -> None:
        self._faults = faults
        for fault in faults:
            self._notes.lasts(MotorEvent(fault.kind, fault.words))

    def _tell_reset(self, why: str) -> None:
        super()._tell_reset(why)
        self._counters.forget()
        self._armed = False
