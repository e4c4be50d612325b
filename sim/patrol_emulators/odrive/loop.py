"""Position, velocity and torque control of one axis ("Control"; controller.cpp)."""

from __future__ import annotations

import math

from patrol_emulators.odrive.flags import ControllerError, ControlMode, InputMode
from patrol_emulators.odrive.numbers import clamp
from patrol_emulators.odrive.settings import AxisSettings
from patrol_emulators.odrive.trajectory import Trajectory, plan

FIRMWARE_RATE_HZ = 8000
_INPUT_MODES = frozenset(int(mode) for mode in InputMode)
_WINDUP_DECAY = 0.99
"""What is left of the integrator a step of the firmware's when the torque is at its limit."""


class Loop:
    """What the firmware calls the controller. It runs in every state of its axis.

    Inputs stay in force until they are changed: an axis that enters closed loop control again
    turns at the last `input_vel`.
    """

    def __init__(self, settings: AxisSettings, period_s: float) -> None:
        self.settings = settings
        self.error = 0
        self.input_vel = 0.0
        self.input_torque = 0.0
        self.pos_setpoint = 0.0
        self.vel_setpoint = 0.0
        self.torque_setpoint = 0.0
        self.vel_integrator_torque = 0.0
        self._input_pos = 0.0
        self._input_pos_is_new = False
        self._position = 0.0
        self._trajectory: Trajectory | None = None
        self._trajectory_s = 0.0
        self._period_s = period_s
        self._decay = _WINDUP_DECAY ** (FIRMWARE_RATE_HZ * period_s)

    @property
    def input_pos(self) -> float:
        return self._input_pos

    @input_pos.setter
    def input_pos(self, value: float) -> None:
        self._input_pos, self._input_pos_is_new = value, True

    @property
    def control_mode(self) -> int:
        return self.settings.control_mode

    @control_mode.setter
    def control_mode(self, mode: int) -> None:
        """As `w` changes it: position control then holds where the axis is."""
        self.settings.control_mode = mode
        if mode >= ControlMode.POSITION_CONTROL:
            self.pos_setpoint = self._input_pos = self._position

    @property
    def trajectory_done(self) -> bool:
        return self._trajectory is None

    @property
    def is_commanded(self) -> bool:
        """Whether it would turn the motor, or hold it where it is (position control)."""
        mode = self.settings.control_mode
        if mode >= ControlMode.POSITION_CONTROL:
            return True
        if mode == ControlMode.VELOCITY_CONTROL and self.input_vel != 0.0:
            return True
        return self.input_torque != 0.0

    def start(self, position: float) -> None:
        """Enter closed loop control, holding where the axis is [turns]."""
        self._position = position
        self.control_mode = self.settings.control_mode
        self._input_pos_is_new = True
        self.vel_setpoint = self.torque_setpoint = self.vel_integrator_torque = 0.0

    def update(self, position: float, speed: float, torque_limit: float) -> float | None:
        """One step: the torque [N m] from position [turns] and speed [turn/s]; None: an error."""
        settings = self.settings
        self._position = position
        if not self._take_inputs():
            self.error |= ControllerError.INVALID_INPUT_MODE
            return None
        if settings.enable_vel_limit:
            self.vel_setpoint = self._limited(self.vel_setpoint)
        self.torque_setpoint = clamp(self.torque_setpoint, -torque_limit, torque_limit)
        wanted = self.vel_setpoint
        if settings.control_mode >= ControlMode.POSITION_CONTROL:
            wanted += settings.pos_gain * (self.pos_setpoint - position)
        if settings.enable_vel_limit:
            wanted = self._limited(wanted)
        fastest = settings.vel_limit_tolerance * settings.vel_limit
        if settings.enable_overspeed_error and abs(speed) > fastest:
            self.error |= ControllerError.OVERSPEED
            return None
        return self._torque(wanted - speed, speed, torque_limit)

    def _limited(self, speed: float) -> float:
        return clamp(speed, -self.settings.vel_limit, self.settings.vel_limit)

    def _take_inputs(self) -> bool:
        """Make setpoints of the inputs; False: that mode does not exist."""
        mode = self.settings.input_mode
        if mode == InputMode.PASSTHROUGH:
            self.pos_setpoint = self._input_pos
            self.vel_setpoint = self.input_vel
            self.torque_setpoint = self.input_torque
        elif mode == InputMode.VEL_RAMP:
            most = abs(self._period_s * self.settings.vel_ramp_rate)
            step = clamp(self.input_vel - self.vel_setpoint, -most, most)
            self.vel_setpoint += step
            self.torque_setpoint = step / self._period_s * self.settings.inertia
        elif mode == InputMode.TRAP_TRAJ:
            self._follow_trajectory()
        return mode in _INPUT_MODES

    def _follow_trajectory(self) -> None:
        if self._input_pos_is_new:
            self._input_pos_is_new = False
            self._trajectory = plan(self.pos_setpoint, self.vel_setpoint, self._input_pos)
            self._trajectory_s = 0.0
        if self._trajectory is None:
            return
        self.pos_setpoint, self.vel_setpoint = self._trajectory.at(self._trajectory_s)
        self.torque_setpoint = 0.0
        if self._trajectory_s > self._trajectory.duration_s:
            self.settings.control_mode = ControlMode.POSITION_CONTROL
            self._trajectory = None
        self._trajectory_s += self._period_s

    def _torque(self, behind: float, speed: float, limit: float) -> float:
        settings = self.settings
        torque = self.torque_setpoint
        holds_speed = settings.control_mode >= ControlMode.VELOCITY_CONTROL
        if holds_speed:
            torque += settings.vel_gain * behind + self.vel_integrator_torque
        else:
            most = (settings.vel_limit - speed) * settings.vel_gain
            least = (-settings.vel_limit - speed) * settings.vel_gain
            torque = clamp(torque, least, most)
        limited = clamp(torque, -limit, limit)
        if not holds_speed:
            self.vel_integrator_torque = 0.0
        elif limited != torque and not math.isnan(torque):
            self.vel_integrator_torque *= self._decay
        else:
            self.vel_integrator_torque += settings.vel_integrator_gain * self._period_s * behind
        most = settings.vel_integrator_limit
        self.vel_integrator_torque = clamp(self.vel_integrator_torque, -most, most)
        return limited
