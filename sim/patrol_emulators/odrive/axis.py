"""One axis: states, arming, the watchdog and what disarms the motor (axis.cpp, motor.cpp).

A disarmed motor is free to roll: the firmware lets all phases float. Nothing brakes it.
"""

from __future__ import annotations

import math

from patrol_emulators.motor import Motor
from patrol_emulators.odrive.encoder import Encoder
from patrol_emulators.odrive.flags import AxisError, AxisState, MotorError
from patrol_emulators.odrive.loop import FIRMWARE_RATE_HZ, Loop
from patrol_emulators.odrive.numbers import clamp
from patrol_emulators.odrive.settings import AxisSettings
from patrol_emulators.plant import COAST, Drive

RATE_HZ = 1000
"""Control steps a second here; the firmware makes 8000."""
TEMP_LIMIT_LOWER_C = 100.0
TEMP_LIMIT_UPPER_C = 120.0
_TRIP_ABOVE_UPPER_C = 5.0
_MAX_DUTY = 0.8
"""The firmware keeps to 80 % of the modulation that is possible (foc.cpp)."""
_MAX_WATCHDOG_S = 0xFFFFFFFF // (FIRMWARE_RATE_HZ + 1)
_CHECKS_A_STEP = FIRMWARE_RATE_HZ // RATE_HZ


class Axis:
    """Motor, encoder and controller of one axis, from the moment the power comes on.

    The watchdog counts down in every state. It starts at `watchdog_timeout` when it is fed: by
    v, p, q, c, t, u and esl, and by entering closed loop control; not by setting the timeout, by
    enabling it, by f, r or w. When it is enabled and at 0 the axis has the error
    WATCHDOG_TIMER_EXPIRED and is disarmed; the error stays until it is cleared, and comes back at
    once when nothing fed the watchdog before.
    """

    def __init__(self, settings: AxisSettings, motor: Motor) -> None:
        self.settings = settings
        self.loop = Loop(settings, 1.0 / RATE_HZ)
        self.encoder = Encoder(settings.cpr, motor.ticks, 1.0 / RATE_HZ)
        self.error = 0
        self.motor_error = 0
        self.state: int = AxisState.UNDEFINED
        self.requested_state: int = AxisState.STARTUP_SEQUENCE
        self.is_armed = False
        self.effective_current_lim = settings.current_lim
        self.iq_setpoint = 0.0
        self.iq_measured = 0.0
        """Keeps its last value when the motor is disarmed."""
        self.bus_a = 0.0
        self.temperature_c = 0.0
        self._motor = motor
        self._is_wired = False
        self._watchdog = 0
        self.feed_watchdog()

    def feed_watchdog(self) -> None:
        timeout_s = clamp(self.settings.watchdog_timeout, 0.0, float(_MAX_WATCHDOG_S))
        self._watchdog = 0 if math.isnan(timeout_s) else int(timeout_s * FIRMWARE_RATE_HZ)

    def disarm(self) -> None:
        self.is_armed = False
        self.iq_setpoint = self.bus_a = 0.0

    def fail(self, error: MotorError) -> None:
        self.motor_error |= error
        self.error |= AxisError.MOTOR_FAILED
        self.disarm()

    def clear_errors(self) -> None:
        self.error = self.motor_error = self.loop.error = self.encoder.error = 0

    def check(self, temperature_c: float) -> None:
        """Disarm for heat, for any error of the axis and for a watchdog that is not fed."""
        self.temperature_c = temperature_c
        share = (TEMP_LIMIT_UPPER_C - temperature_c) / (TEMP_LIMIT_UPPER_C - TEMP_LIMIT_LOWER_C)
        self.effective_current_lim = self.settings.current_lim * clamp(share, 0.0, 1.0)
        if temperature_c >= TEMP_LIMIT_UPPER_C + _TRIP_ABOVE_UPPER_C:
            self.fail(MotorError.FET_THERMISTOR_OVER_TEMP)
        if self.settings.enable_watchdog:
            if self._watchdog > 0:
                self._watchdog = max(self._watchdog - _CHECKS_A_STEP, 0)
            else:
                self.error |= AxisError.WATCHDOG_TIMER_EXPIRED
        if self.error:
            self.disarm()

    def control(self) -> None:
        """One control step, from the encoder to the current that is wanted."""
        self.encoder.update(self._motor.ticks)
        position, speed = 0.0, 0.0
        if self._is_wired:
            position, speed = self.encoder.pos_estimate, self.encoder.vel_estimate
        constant = self.settings.torque_constant
        limit = clamp(self.effective_current_lim * constant, 0.0, self.settings.torque_lim)
        torque = self.loop.update(position, speed, limit)
        if torque is None:
            self.error |= AxisError.CONTROLLER_FAILED
            if self._is_wired:
                self.motor_error |= MotorError.UNKNOWN_TORQUE
            if self.is_armed:
                self.fail(MotorError.UNKNOWN_VOLTAGE_COMMAND)
        elif self.is_armed:
            self._want(torque / constant if constant else math.nan)

    def _want(self, current_a: float) -> None:
        if math.isnan(current_a):
            self.fail(MotorError.MODULATION_IS_NAN)
            return
        most = self.effective_current_lim
        self.iq_setpoint = clamp(current_a, -most, most)

    def measure(self, current_a: float, supply_v: float) -> None:
        """Take the motor's current, and what that is on the side of the supply."""
        if self.is_armed:
            self.iq_measured = current_a
            self.bus_a = current_a * self._motor.voltage_for(current_a) / supply_v

    def run_states(self) -> None:
        """What the axis' own thread does every millisecond."""
        if self.requested_state == AxisState.UNDEFINED:
            if self.state == AxisState.CLOSED_LOOP_CONTROL and not self.is_armed:
                self.state = AxisState.IDLE
            return
        wanted, self.requested_state = self.requested_state, AxisState.UNDEFINED
        self.disarm()
        self.error &= ~AxisError.INVALID_STATE
        self.state = AxisState.IDLE
        if wanted == AxisState.STARTUP_SEQUENCE:
            starts = self.settings.startup_closed_loop_control
            wanted = AxisState.CLOSED_LOOP_CONTROL if starts else AxisState.IDLE
        if wanted == AxisState.CLOSED_LOOP_CONTROL and self.settings.is_calibrated:
            self._enter_closed_loop()
        elif wanted != AxisState.IDLE:
            self.error |= AxisError.INVALID_STATE

    def _enter_closed_loop(self) -> None:
        """Arm the motor; one that has an error is disarmed again at the next step."""
        self.feed_watchdog()
        self.state = AxisState.CLOSED_LOOP_CONTROL
        self._is_wired = self.is_armed = True
        self.loop.start(self.encoder.pos_estimate)

    @property
    def drive(self) -> Drive:
        """What the bridge does: a source of the current that is wanted, while armed."""
        if not self.is_armed or self.iq_setpoint == 0.0:
            return COAST
        duty = math.copysign(_MAX_DUTY, self.iq_setpoint)
        return Drive(duty, limit_a=abs(self.iq_setpoint))
