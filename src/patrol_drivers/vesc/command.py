"""Commands to two VESCs: SI units to bytes, for both in one go.

COMM_SET_RPM sets a speed in electrical turns a minute. Below Minimum ERPM (s_pid_min_erpm) the
VESC does not control the speed: it shorts the phases of a running motor, which brakes it as hard
as the current limit allows, and leaves a motor off that is off (foc_run_pid_control_speed,
motor/foc_math.c; mcpwm_foc_set_pid_speed and the control loop, motor/mcpwm_foc.c). So speed 0 at
full speed stops hard, or along the VESC's own ramp if one is set (s_pid_ramp_erpms_s; 25000 ERPM/s
by default in 7.01). COMM_SET_CURRENT_BRAKE brakes with a current, and shorts the phases when the
wheel is at rest. Both feed the timeout of the VESC that takes them, and of no other
(timeout_reset, comm/commands.c): each VESC has to be spoken to in each cycle.
"""

from __future__ import annotations

import struct

from patrol_drivers.motors import Sides
from patrol_drivers.vesc.params import VescParams
from patrol_drivers.vesc.protocol import Request
from patrol_drivers.vesc.state import wheels_from_motors
from patrol_drivers.vesc.values import AMPERE, Command


def drive(wheels_radps: Sides, params: VescParams) -> tuple[bytes, Sides]:
    """The bytes for two wheel speeds within the limits, and the speeds that they really ask for.

    What a VESC does not control is a halt, and is given back as 0.
    """
    left = _controlled(-wheels_radps.left if params.left_reversed else wheels_radps.left, params)
    right = _controlled(
        -wheels_radps.right if params.right_reversed else wheels_radps.right, params
    )
    motors = (right, left) if params.first_is_right else (left, right)
    frames = b"".join(_set(erpm, params, behind) for behind, erpm in enumerate(motors))
    back = wheels_from_motors(*motors, params)
    scale = params.erpm_per_radps
    return frames, Sides(back.left / scale, back.right / scale)


def halt(params: VescParams) -> bytes:
    """The bytes that stop both: a brake current, or speed 0, as the parameters say."""
    return _set(0, params, 0) + _set(0, params, 1)


def is_controlled(wheel_radps: float, params: VescParams) -> bool:
    """Whether the VESC holds a wheel speed; below Minimum ERPM it does not."""
    return _controlled(wheel_radps, params) != 0


def _controlled(wheel_radps: float, params: VescParams) -> int:
    erpm = round(wheel_radps * params.erpm_per_radps)
    return erpm if abs(erpm) >= params.min_erpm else 0


def _set(erpm: int, params: VescParams, behind_can: int) -> bytes:
    command, number = Command.SET_RPM, erpm
    if erpm == 0 and params.stop_brake_a > 0.0:
        command, number = Command.SET_CURRENT_BRAKE, round(params.stop_brake_a * AMPERE)
    data = struct.pack(">i", number)
    return Request(command, data, params.can_id, bool(behind_can)).frame
