"""Commands to the RoboClaw: SI units to requests, limited to what fits the packet."""

from __future__ import annotations

import struct

from patrol_drivers.motors import WheelSpeeds
from patrol_drivers.roboclaw.params import RoboClawParams
from patrol_drivers.roboclaw.protocol import Request, writing
from patrol_drivers.roboclaw.state import wheels_from_motors
from patrol_drivers.roboclaw.values import (
    MAX_ACCELERATION_QPPS2,
    MAX_SPEED_QPPS,
    Command,
)


def drive(speeds: WheelSpeeds, params: RoboClawParams) -> tuple[Request, WheelSpeeds]:
    """The request for two wheel speeds, and the speeds that it really asks for.

    Command 40 is used: one packet for both motors, which keeps them in step while they speed up.
    (38 and 39 would let one wheel move before the other; 50 has two accelerations, and the
    interface one.) `speeds` must be finite; the acceleration is 1 count/s2 at least.
    """
    scale = params.counts_per_rad
    left = _limited(speeds.left_radps * scale)
    right = _limited(speeds.right_radps * scale)
    acceleration = min(max(round(speeds.acceleration_radps2 * scale), 1), MAX_ACCELERATION_QPPS2)
    first, second = _motors_from_wheels(left, right, params)
    data = struct.pack(">Iii", acceleration, first, second)
    back = wheels_from_motors(first, second, params)
    sent = WheelSpeeds(speeds.stamp_s, back.left / scale, back.right / scale, acceleration / scale)
    return writing(params.address, Command.DRIVE_BOTH_WITH_ACCELERATION, data), sent


def cut_power(params: RoboClawParams) -> Request:
    """The request for duty 0 on both motors, which ends the control of their speed."""
    return writing(params.address, Command.DRIVE_BOTH_WITH_DUTY, bytes(4))


def set_watchdog(params: RoboClawParams) -> Request:
    """The request that sets the serial timeout."""
    data = struct.pack(">B", params.watchdog_steps)
    return writing(params.address, Command.SET_SERIAL_TIMEOUT, data)


def _limited(qpps: float) -> int:
    return min(max(round(qpps), -MAX_SPEED_QPPS), MAX_SPEED_QPPS)


def _motors_from_wheels(left: int, right: int, params: RoboClawParams) -> tuple[int, int]:
    left = -left if params.left_reversed else left
    right = -right if params.right_reversed else right
    return (right, left) if params.motors_swapped else (left, right)
