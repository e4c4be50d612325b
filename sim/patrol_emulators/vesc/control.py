"""One motor's control: what each command makes of it, once a millisecond (motor/mcpwm_foc.c).

The speed loop is foc_run_pid_control_speed in motor/foc_math.c. The current follows at once, so
that its controller, 10 000 or more times a second in the firmware, is the plant's limit here.
"""

from __future__ import annotations

import math
from enum import Enum, auto

from patrol_emulators.plant import COAST, Drive
from patrol_emulators.vesc.limits import MIN_CURRENT_A, Limits
from patrol_emulators.vesc.params import SpeedParams

MAX_DUTY = 0.95
"""MCCONF_L_MAX_DUTY."""
TICK_S = 0.001
_SCALE = 1.0 / 20.0


class Mode(Enum):
    """What the last command was about."""

    NONE = auto()
    DUTY = auto()
    SPEED = auto()
    CURRENT = auto()
    BRAKE = auto()


class Control:
    """`is_running`: the bridge switches; else the motor is open, and turns freely.

    A speed below `min_erpm` is a brake (duty 0) while running, and starts nothing. A current
    below `MIN_CURRENT_A` stops, by letting go. Both are the firmware's.
    """

    def __init__(self, params: SpeedParams) -> None:
        self._params = params
        self._mode = Mode.NONE
        self.is_running = False
        self._duty = 0.0
        self._current_a = 0.0
        self._wanted_erpm = 0.0
        self._ramped_erpm = 0.0
        self._integral = 0.0
        self._last_error = 0.0
        self._change = 0.0

    def drive_duty(self, duty: float) -> None:
        """-1 to 1; 0 brakes by a short."""
        self._mode, self._duty, self.is_running = Mode.DUTY, duty, True

    def drive_current(self, current_a: float) -> None:
        self._set_current(Mode.CURRENT, current_a)

    def brake(self, current_a: float) -> None:
        """Against the motion, whichever it is; at rest by a short."""
        self._set_current(Mode.BRAKE, current_a)

    def drive_speed(self, erpm: float, measured_erpm: float) -> None:
        """By a ramp from the speed now."""
        if self._mode is not Mode.SPEED or not self.is_running:
            self._ramped_erpm = measured_erpm
        self._mode, self._wanted_erpm = Mode.SPEED, erpm
        self.is_running = self.is_running or abs(erpm) >= self._params.min_erpm

    @property
    def is_commanded(self) -> bool:
        """Whether it is told to turn; a brake, or a speed that is none but a brake, is not."""
        if not self.is_running:
            return False
        return (
            (self._mode is Mode.SPEED and abs(self._wanted_erpm) >= self._params.min_erpm)
            or (self._mode is Mode.DUTY and self._duty != 0.0)
            or (self._mode is Mode.CURRENT and abs(self._current_a) >= MIN_CURRENT_A)
        )

    def release(self) -> None:
        """Let go with the next tick."""
        self._mode, self._current_a = Mode.CURRENT, 0.0

    def stop(self) -> None:
        """Power off at once (mcpwm_foc_stop_pwm)."""
        self._mode, self.is_running = Mode.NONE, False

    def tick(self, erpm: float, duty: float, emf_duty: float, limits: Limits) -> Drive:
        """What the bridge does until the next tick.

        `erpm` is measured; `duty` is what the terminals have now, `emf_duty` what the turning
        motor alone would make of them, both as a share of the supply's voltage.
        """
        self._run_speed_loop(erpm, limits)
        by_current = self._mode in {Mode.CURRENT, Mode.BRAKE}
        if by_current and abs(self._current_a) < MIN_CURRENT_A:
            self.stop()
        if not self.is_running:
            return COAST
        if self._mode is Mode.BRAKE:
            return Drive(0.0, limit_a=min(abs(self._current_a), limits.brake_a))
        if self._mode is Mode.DUTY:
            return _at_duty(self._duty, emf_duty, limits)
        if self._mode is Mode.SPEED and abs(self._ramped_erpm) < self._params.min_erpm:
            return _at_duty(0.0, emf_duty, limits)
        current_a = limits.clamp(self._current_a, duty)
        return Drive(math.copysign(MAX_DUTY, current_a), limit_a=abs(current_a))

    def _set_current(self, mode: Mode, current_a: float) -> None:
        self._mode, self._current_a = mode, current_a
        self.is_running = self.is_running or abs(current_a) >= MIN_CURRENT_A

    def _run_speed_loop(self, erpm: float, limits: Limits) -> None:
        params = self._params
        if self._mode is not Mode.SPEED:
            self._integral = self._last_error = self._change = 0.0
            return
        ramp = params.ramp_erpm_s * TICK_S or math.inf
        step = min(max(self._wanted_erpm - self._ramped_erpm, -ramp), ramp)
        target = min(max(self._ramped_erpm + step, -params.max_erpm), params.max_erpm)
        self._ramped_erpm, error = target, target - erpm
        if abs(target) < params.min_erpm:
            self._integral, self._last_error, self._current_a = 0.0, error, 0.0
            return
        change = (error - self._last_error) * params.kd / TICK_S * _SCALE
        self._change += params.kd_filter * (change - self._change)
        self._last_error = error
        output = error * params.kp * _SCALE + self._integral + self._change
        self._integral = _unit(self._integral + error * params.ki * TICK_S * _SCALE)
        self._current_a = _unit(output) * limits.drive_a


def _at_duty(duty: float, emf_duty: float, limits: Limits) -> Drive:
    """PWM with `duty`, and within the limit for driving or that for braking."""
    duty = min(max(duty, -MAX_DUTY), MAX_DUTY)
    wanted_a = math.copysign(math.inf, duty - emf_duty)
    return Drive(duty, limit_a=abs(limits.clamp(wanted_a, duty or emf_duty)))


def _unit(value: float) -> float:
    return min(max(value, -1.0), 1.0)
