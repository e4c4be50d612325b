"""Owns the port to two VESCs, and the order in which things are said on it.

A cycle asks both how they are, and commands both then. So a motion is only ever sent when both
said, in the same cycle, that they go on from where they were and that nothing holds their motors;
and when both timeouts were read since the line was last opened or a controller was last reset.

The timeout is part of the application configuration, of 250 to 480 bytes: up to 45 ms at 115200
baud, and time on the CAN bus. It is read when the driver starts, not in a cycle; nor is it set,
which would mean to write the whole of it. What another program changes meanwhile is not seen, nor
that the VESC itself lengthens its timeout while it measures a motor (conf_general.c).
When it strikes, both motors of a controller brake with timeout_brake_current, 0 A by default, in
which case they only coast (timeout.c).

A cycle is 2 exchanges and 2 commands of 110 bytes in all: 10 ms at 115200 baud.
"""

from __future__ import annotations

import dataclasses
import math
import struct

from patrol_drivers.admission import admitted, stop
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
from patrol_drivers.ramp import Ramp
from patrol_drivers.session import Session
from patrol_drivers.standstill import STANDS, Standstill
from patrol_drivers.vesc import state
from patrol_drivers.vesc.command import drive, halt, is_controlled
from patrol_drivers.vesc.exchange import Exchange
from patrol_drivers.vesc.guarding import read_watchdogs
from patrol_drivers.vesc.memory import Memory
from patrol_drivers.vesc.params import VescParams
from patrol_drivers.vesc.protocol import Request
from patrol_drivers.vesc.state import Values, wheels_from_motors
from patrol_drivers.vesc.trips import Trips
from patrol_drivers.vesc.values import VALUES_MASK, Command

CAPABILITIES = Capabilities(
    position=True,
    velocity=True,
    current=True,
    battery=True,
    logic_supply=False,
    temperature=True,
    estop_input=True,
    acknowledgement=False,
    watchdog_setting=False,
    watchdog_read_back=True,
    watchdog_trip=True,
    own_reset=False,
)
"""From firmware 5.03 on; before it, nobody tells a trip or the kill switch. A reset is concluded
from the tachometers."""

TOO_SLOW = MotorEvent(
    EventKind.COMMAND_LIMITED,
    "a wheel shall be slower than Minimum ERPM, which a VESC cannot: it is braked instead",
)

RESET_S = 0.08
"""A VESC that starts hears nothing for 0.1 s at least (main.c sleeps so long before it opens its
ports), less what the line delays. Whoever answered twice within this time was not reset between;
after a longer pause all begins anew."""

UNVERIFIED_RETRY_S = 2.0
"""A timeout that is wrong is looked at again this often: it holds up a cycle for 0.2 s."""


class VescDriver(Session):
    """A motors.MotorDriver."""

    def __init__(self, params: VescParams, link: Link, clock: Clock) -> None:
        params.check()
        super().__init__(link, clock, params.retry_s)
        self._params = params
        self._line = Exchange(
            link, clock, params.reply_timeout_s, params.config_timeout_s, self._notes
        )
        self._doubt = ""
        self._trips = Trips(self._notes)
        self._tells_status = False
        self._memory = Memory(params)
        self._answered_s: list[float] = []
        self._ramp = Ramp()
        self._standstill = Standstill()

    @property
    def capabilities(self) -> Capabilities:
        return dataclasses.replace(
            CAPABILITIES,
            estop_input=self._tells_status,
            watchdog_read_back=self._watchdog is not Watchdog.DECLARED,
            watchdog_trip=self._tells_status,
        )

    def _unguarded(self) -> WatchdogError:
        return WatchdogError(
            self._doubt,
            expected=f"a timeout of at most {self._params.watchdog_s} s, with a brake current "
            f"of {self._params.watchdog_brake_a} A at least",
            remedy="set Timeout and Timeout Brake Current of both in VESC Tool (App Settings, "
            "General); if the firmware is unknown, try them by pulling the cable with the "
            "wheels off the ground, and set watchdog_declared",
        )

    def _pause_s(self) -> float:
        wrong = self._up and self._watchdog is Watchdog.UNVERIFIED
        return UNVERIFIED_RETRY_S if wrong else super()._pause_s()

    def _say_goodbye(self) -> None:
        for _ in range(2):  # nobody answers, and one may get lost
            self._link.write(halt(self._params))

    def _call_stop(self) -> None:
        self._halt()

    def _look_back(self) -> None:
        heard_s, limit_s = self._line.heard_s, self._params.watchdog_s
        if self._was_set and heard_s is not None and self._clock() - heard_s > limit_s:
            self._trips.tell(f"no exchange for more than {limit_s} s: the timeouts struck")
        if self._up and self._clock() - min(self._answered_s) > RESET_S:
            self._up = False
            self._retry_at_s = -math.inf

    # The start sequence

    def _open(self) -> None:
        self._halt()
        self._identify()
        self._read_values(quietly=self._lost)
        self._watchdog, self._doubt = read_watchdogs(self._line, self._params, quietly=self._lost)
        self._trips.expect()
        self._answered_s = [self._clock()] * 2

    def _identify(self) -> None:
        """Only the first says what it is: its answer could be taken for that of the second."""
        request = self._request(Command.FW_VERSION)
        self._is_another(state.version(self._line.ask(request, quietly=self._lost)))

    # One cycle

    def _one_cycle(self, command: WheelSpeeds | None) -> MotorReadings:
        both = self._read_values()
        stamp_s = self._clock()
        first, second = (values.erpm / self._params.erpm_per_radps for values in both)
        velocities_radps = wheels_from_motors(first, second, self._params)
        self._trips.see(both)
        holding = state.holding(both)
        for event in holding:
            self._notes.lasts(event)
        if self._watchdog is Watchdog.UNVERIFIED:
            words = f"{self._doubt}: nothing but stops is sent"
            self._notes.lasts(MotorEvent(EventKind.WATCHDOG_UNVERIFIED, words))
            command = None
        positions_rad = self._memory.positions_rad()
        if self._standstill.see(positions_rad, command, stamp_s):
            self._notes.lasts(STANDS)
            command = None
        self._send(None if holding else command, velocities_radps)
        self._standstill.wants(self._sent)
        currents = [values.current_a for values in both]
        return MotorReadings(
            stamp_s,
            positions_rad,
            velocities_radps,
            Sides(*reversed(currents)) if self._params.first_is_right else Sides(*currents),
            min(values.battery_v for values in both),
            None,
            tuple(values.temperature_c for values in both),
            any(values.killed for values in both) if self._tells_status else None,
            tuple(event.sentence for event in holding if event.kind is not EventKind.ESTOP),
            self._watchdog,
        )

    def _read_values(self, quietly: bool = False) -> list[Values]:
        """How both are; a tachometer that jumps or starts again at 0 means a reset."""
        data = struct.pack(">I", VALUES_MASK)
        both = []
        before_s, self._answered_s = self._answered_s, []
        for behind_can in (False, True):
            request = self._request(Command.GET_VALUES_SELECTIVE, behind_can, data)
            both.append(state.values(self._line.ask(request, quietly=quietly)))
            self._answered_s.append(self._clock())
        if self._up and any(
            now_s - then_s > RESET_S
            for now_s, then_s in zip(self._answered_s, before_s, strict=True)
        ):
            self._doubt_all("a VESC was silent for as long as a reset takes")
        self._tells_status = all(values.timed_out is not None for values in both)
        why = self._memory.update(both, self._clock())
        if why:
            self._tell_reset(why)
        return both

    def _send(self, command: WheelSpeeds | None, rolling_radps: Sides) -> None:
        """Send what is left of a command: speeds along a ramp, a stop at once."""
        now_s = self._clock()
        speeds, event = admitted(command, now_s, self._params.limits)
        if event is not None:
            self._notes.lasts(event)
        if speeds.is_stop:
            self._halt()
            return
        wanted = (speeds.left_radps, speeds.right_radps)
        if any(speed != 0.0 and not is_controlled(speed, self._params) for speed in wanted):
            self._notes.lasts(TOO_SLOW)
        frames, sent = drive(self._ramp.step(speeds, now_s, rolling_radps), self._params)
        self._link.write(frames)
        self._sent = WheelSpeeds(speeds.stamp_s, *sent, speeds.acceleration_radps2)

    def _halt(self) -> None:
        now_s = self._clock()
        self._ramp.forget(now_s)
        self._link.write(halt(self._params))
        self._sent = stop(now_s, self._params.limits)

    def _request(self, command: Command, behind_can: bool = False, data: bytes = b"") -> Request:
        return Request(command, data, self._params.can_id, behind_can)

    # What is told

    def _tell_reset(self, why: str) -> None:
        super()._tell_reset(why)
        self._memory.forget()
        self._trips.expect()
        self._doubt_all("a controller was reset")

    def _doubt_all(self, why: str) -> None:
        """Nothing but stops until all is begun anew, in the next cycle."""
        self._ramp.forget(self._clock())
        self._doubt = why
        self._begin_soon()
