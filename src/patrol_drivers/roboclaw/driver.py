"""Owns the port to one RoboClaw, and the order in which things are said on it.

A cycle asks first (watchdog, encoders, status), commands then, and asks the rest. So a motion is
only ever sent to a controller that said, in the same cycle, that its watchdog is set, that its
encoders go on from where they were, and that nothing holds the motors.

A cycle is 7 exchanges of 68 bytes in all: 6 ms at 115200 baud, 18 ms at 38400.
"""

from __future__ import annotations

import dataclasses

from patrol_drivers.admission import admitted, stop
from patrol_drivers.counter import CounterPair
from patrol_drivers.errors import ReplyError, WatchdogError
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
from patrol_drivers.roboclaw import state
from patrol_drivers.roboclaw.command import cut_power, drive, set_watchdog
from patrol_drivers.roboclaw.exchange import Exchange
from patrol_drivers.roboclaw.params import RoboClawParams
from patrol_drivers.roboclaw.protocol import Request, reading, reading_text
from patrol_drivers.roboclaw.slow import SlowReadings
from patrol_drivers.roboclaw.values import COUNTER_BITS, Command, StatusBit
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
"""A watchdog that tripped and a reset are concluded by the driver: no bit tells them."""

UNVERIFIED = MotorEvent(
    EventKind.WATCHDOG_UNVERIFIED,
    "the controller does not confirm its serial timeout: nothing but stops is sent",
)


class RoboClawDriver(Session):
    """A motors.MotorDriver."""

    def __init__(self, params: RoboClawParams, link: Link, clock: Clock) -> None:
        params.check()
        super().__init__(link, clock, params.retry_s)
        self._params = params
        self._line = Exchange(link, clock, params.reply_timeout_s, self._notes)
        self._silent_since_s: float | None = None
        self._status_size = 4
        self._slow = SlowReadings(params, has_second_sensor=False)
        fastest = params.jump_factor * params.max_speed_radps * params.counts_per_rad
        self._counters = CounterPair(COUNTER_BITS, fastest)
        self._standstill = Standstill()

    @property
    def capabilities(self) -> Capabilities:
        told = self._watchdog is not Watchdog.DECLARED
        return dataclasses.replace(CAPABILITIES, watchdog_setting=told, watchdog_read_back=told)

    def _unguarded(self) -> WatchdogError:
        return WatchdogError(
            f"{self._name or 'the controller'} does not confirm its serial timeout",
            expected=f"{self._params.watchdog_s} s, read back",
            remedy="update the firmware; or set the timeout in Motion Studio, try it by "
            "pulling the cable, and set watchdog_declared",
        )

    def _say_goodbye(self) -> None:
        request, _ = drive(stop(self._clock(), self._params.limits), self._params)
        self._line.ask(request, tries=3)

    def _call_stop(self) -> None:
        request, sent = drive(stop(self._clock(), self._params.limits), self._params)
        self._link.write(request.frame)
        self._sent = sent

    # The start sequence

    def _open(self) -> None:
        self._send(None, quietly=self._lost)
        request = reading_text(self._params.address, Command.READ_VERSION)
        self._is_another(state.version(self._line.ask(request, quietly=self._lost)))
        self._watchdog = self._set_watchdog()
        self._find_what_it_knows()

    def _set_watchdog(self) -> Watchdog:
        """Set and read back. Whether setting was acknowledged does not count: firmware 4.3.6 was
        seen to leave out the answer to commands of one byte (nasa-jpl/osr-rover-code, issue 211).
        """
        read = reading(self._params.address, Command.READ_SERIAL_TIMEOUT, 1)
        before = self._maybe(read)
        if self._was_set and before is not None and not self._is_set(before):
            self._tell_reset("its serial timeout is no longer what was set")
        self._maybe(set_watchdog(self._params))
        after = self._maybe(read)
        if after is None and before is None and self._params.watchdog_declared:
            return Watchdog.DECLARED
        confirmed = after is not None and self._is_set(after)
        return Watchdog.VERIFIED if confirmed else Watchdog.UNVERIFIED

    def _is_set(self, answer: bytes) -> bool:
        return state.watchdog_steps(answer) == self._params.watchdog_steps

    def _find_what_it_knows(self) -> None:
        """Two or four bytes of status, one or two sensors: asked, as no version tells it."""
        self._status_size = 4
        if self._maybe(self._status_request()) is None:
            self._status_size = 2
            self._line.ask(self._status_request())
        second = reading(self._params.address, Command.READ_TEMPERATURE_2, 2)
        self._slow = SlowReadings(self._params, self._maybe(second) is not None)

    # One cycle

    def _one_cycle(self, command: WheelSpeeds | None) -> MotorReadings:
        if self._watchdog is Watchdog.VERIFIED:
            read = reading(self._params.address, Command.READ_SERIAL_TIMEOUT, 1)
            if not self._is_set(self._line.ask(read)):
                self._tell_reset("its serial timeout is no longer what was set")
        positions_rad = self._read_positions()
        stamp_s = self._clock()
        status = self._line.ask(self._status_request())
        bits = state.status_bits(status)
        self._tell_status(bits)
        if self._standstill.see(positions_rad, command, stamp_s):
            self._notes.lasts(STANDS)
            self._cut_power()
        elif self._watchdog is Watchdog.UNVERIFIED:
            self._notes.lasts(UNVERIFIED)
            self._send(None)
        else:
            self._send(None if any(bit.stops for bit in bits) else command)
        velocities_radps = self._read_velocities()
        slow = self._slow.next_request()
        self._slow.take(slow, self._maybe(slow, quietly=False))
        return MotorReadings(
            stamp_s,
            positions_rad,
            velocities_radps,
            self._slow.currents_a(),
            self._slow.battery_v(),
            self._slow.logic_v(),
            self._slow.temperatures_c(),
            any(bit.kind is EventKind.ESTOP for bit in bits),
            state.faults(status),
            self._watchdog,
        )

    def _send(self, command: WheelSpeeds | None, quietly: bool = False) -> None:
        """Send what is left of a command. An answer that lacks is told, and no more: the next
        cycle commands anew, and without a next cycle the watchdog stops."""
        speeds, event = admitted(command, self._clock(), self._params.limits)
        if event is not None:
            self._notes.lasts(event)
        request, sent = drive(speeds, self._params)
        self._maybe(request, tries=1, quietly=quietly)
        self._sent = sent
        self._standstill.wants(sent)

    def _cut_power(self) -> None:
        """Stop without the control of the speed, which would keep what it has wound up."""
        self._maybe(cut_power(self._params), tries=1, quietly=False)
        self._sent = stop(self._clock(), self._params.limits)
        self._standstill.wants(self._sent)

    def _read_positions(self) -> Sides:
        """Wheel angles since the first reading; a jump of a counter means a reset."""
        data = self._line.ask(reading(self._params.address, Command.READ_ENCODERS, 8))
        if not self._counters.update(*state.pair_of_counts(data), self._clock()):
            self._tell_reset("an encoder jumped farther than the wheel can turn")
        first, second = self._counters.totals
        counts = state.wheels_from_motors(first, second, self._params)
        return self._in_radians(counts)

    def _read_velocities(self) -> Sides | None:
        speeds = []
        for command in (Command.READ_SPEED_M1, Command.READ_SPEED_M2):
            data = self._maybe(reading(self._params.address, command, 5), quietly=False)
            if data is None:
                return None
            speeds.append(state.speed_qpps(data))
        return self._in_radians(state.wheels_from_motors(speeds[0], speeds[1], self._params))

    def _in_radians(self, counts: Sides) -> Sides:
        scale = self._params.counts_per_rad
        return Sides(counts.left / scale, counts.right / scale)

    def _status_request(self) -> Request:
        return reading(self._params.address, Command.READ_STATUS, self._status_size)

    def _maybe(self, request: Request, tries: int = 2, quietly: bool = True) -> bytes | None:
        """The answer to a question without which a cycle can go on, or None."""
        try:
            return self._line.ask(request, tries, quietly)
        except ReplyError:
            return None

    # What is told

    def _tell_reset(self, why: str) -> None:
        super()._tell_reset(why)
        self._counters.forget()

    def _look_back(self) -> None:
        heard_s = self._line.heard_s
        limit_s = self._params.watchdog_s
        if not self._was_set or heard_s is None or heard_s == self._silent_since_s:
            return
        if self._clock() - heard_s > limit_s:
            self._silent_since_s = heard_s
            words = f"no exchange for more than {limit_s} s: the watchdog stopped the motors"
            self._notes.happened(EventKind.WATCHDOG_TRIPPED, words)

    def _tell_status(self, bits: tuple[StatusBit, ...]) -> None:
        for bit in bits:
            if bit.kind is not None:
                self._notes.lasts(MotorEvent(bit.kind, bit.words))
