"""One motor channel: ramp, open loop or speed loop, detection of stalls and loop errors.

The ramp: p. 85 and 219, V2.0 p. 312. In open loop it is relative to the maximum RPM.

Stalls and loop errors: p. 317 and 318; p. 254 has them cleared when the command returns to 0.

The manual names the loop's gains, but not its law. Here the power is
P error + I integral of the error over seconds + D its derivative, with the error as a share of the
maximum RPM. That a speed beyond the maximum RPM counts as the maximum, and that "!S" does nothing
in open loop, is assumed as well: the manual speaks of neither. Nor does it say what becomes of the
integral: here only the power's limit, ICAP and what takes the power off hold or clear it, and a
command of 0 does not, which is the worse case for whoever holds a wheel and lets it go.
"""

from __future__ import annotations

from patrol_emulators.roboteq.config import Config
from patrol_emulators.roboteq.encoder import Counter

CLOSED_LOOP_SPEED = 1

STALL_LEVELS = {1: (0.250, 0.10), 2: (0.500, 0.25), 3: (1.000, 0.50)}
"""BLSTD: no count for so long [s] at more than this share of the power."""
ERROR_LEVELS = {1: (0.250, 0.100), 2: (0.500, 0.250), 3: (1.000, 0.500)}
"""CLERD: for so long [s] an error above this share of the maximum RPM."""


class Channel:
    """Turns commands into a duty, once a control tick."""

    def __init__(self, config: Config, index: int) -> None:
        self._config = config
        self._index = index
        self._setpoint_rpm = 0.0
        self._integral = 0.0
        self._last_error = 0.0
        self._still_s = 0.0
        self._wrong_s = 0.0
        self.command_rpm = 0.0
        """What was asked for last; it outlives the watchdog and an emergency stop."""
        self.acceleration = config.get("MAC", index)
        self.deceleration = config.get("MDEC", index)
        self.duty = 0.0
        """What is on the bridge, -1 to 1, before the current limit."""
        self.stalled = False
        self.loop_error = False

    def setting(self, name: str) -> int:
        return self._config.get(name, self._index)

    @property
    def is_closed_loop(self) -> bool:
        return self.setting("MMOD") == CLOSED_LOOP_SPEED

    @property
    def is_cut(self) -> bool:
        """Whether the power is cut until the command is 0."""
        return self.stalled or self.loop_error

    def go(self, thousandths: int) -> None:
        """ "!G": a share of the power, or of the maximum RPM."""
        self.command_rpm = thousandths / 1000.0 * self.setting("MXRPM")

    def run(self, rpm: int) -> None:
        """ "!S"."""
        if self.is_closed_loop:
            limit_rpm = float(self.setting("MXRPM"))
            self.command_rpm = min(max(float(rpm), -limit_rpm), limit_rpm)

    def rest(self) -> None:
        """Let go of the motor; the ramp begins at 0 afterwards."""
        self.duty = self._setpoint_rpm = self._integral = self._last_error = 0.0
        self._still_s = self._wrong_s = 0.0

    def tick(self, counter: Counter, goal_rpm: float, power: float, dt_s: float) -> None:
        """One control tick towards `goal_rpm`; `power` was on the motor in the last one."""
        self._setpoint_rpm = self._ramp(goal_rpm, dt_s)
        if not self.is_closed_loop:
            self.stalled = self.loop_error = False
            self.duty = min(max(self._setpoint_rpm / self.setting("MXRPM"), -1.0), 1.0)
            return
        measured_rpm = counter.speed_rpm(self.setting("EPPR"))
        error = (self._setpoint_rpm - measured_rpm) / self.setting("MXRPM")
        self._detect(error, power, counter.last_move, dt_s)
        if goal_rpm == 0.0:
            self.stalled = self.loop_error = False
        if self.is_cut:
            self.rest()
        else:
            self.duty = self._loop(error, dt_s)

    def _ramp(self, goal_rpm: float, dt_s: float) -> float:
        """Slow down by one rate, to 0 at the most, and speed up by the other."""
        now_rpm = self._setpoint_rpm
        if 0 in {self.acceleration, self.deceleration}:
            return goal_rpm
        if now_rpm * (goal_rpm - now_rpm) < 0.0:
            step_rpm = self.deceleration / 10.0 * dt_s
            goal_rpm = max(goal_rpm, 0.0) if now_rpm > 0.0 else min(goal_rpm, 0.0)
        else:
            step_rpm = self.acceleration / 10.0 * dt_s
        return min(max(goal_rpm, now_rpm - step_rpm), now_rpm + step_rpm)

    def _detect(self, error: float, power: float, moved: int, dt_s: float) -> None:
        stall_s, stall_power = STALL_LEVELS.get(self.setting("BLSTD"), (0.0, 0.0))
        wrong_s, wrong_error = ERROR_LEVELS.get(self.setting("CLERD"), (0.0, 0.0))
        is_still = stall_s > 0.0 and moved == 0 and abs(power) > stall_power
        is_wrong = wrong_s > 0.0 and abs(error) > wrong_error
        self._still_s = self._still_s + dt_s if is_still else 0.0
        self._wrong_s = self._wrong_s + dt_s if is_wrong else 0.0
        self.stalled |= is_still and self._still_s >= stall_s
        self.loop_error |= is_wrong and self._wrong_s >= wrong_s

    def _loop(self, error: float, dt_s: float) -> float:
        integral = self._integral + error * dt_s * self.setting("KI") / 10.0
        change = (error - self._last_error) / dt_s
        self._last_error = error
        power = error * self.setting("KP") / 10.0 + integral + change * self.setting("KD") / 10.0
        cap = self.setting("ICAP") / 100.0
        if abs(power) < 1.0:
            self._integral = min(max(integral, -cap), cap)
        return min(max(power, -1.0), 1.0)
