"""Commands to the ODrive: SI units to lines, limited to what a line takes."""

from __future__ import annotations

from patrol_drivers.motors import WheelSpeeds
from patrol_drivers.odrive.params import ODriveParams
from patrol_drivers.odrive.protocol import feed, velocity, write_number, write_whole
from patrol_drivers.odrive.state import wheels_from_motors
from patrol_drivers.odrive.values import AXES, DECIMALS, MAX_TURNS

SMALLEST = 10.0**-DECIMALS


def drive(speeds: WheelSpeeds, params: ODriveParams) -> tuple[bytes, float, WheelSpeeds]:
    """The lines for two wheel speeds, the ramp that goes with them [turns/s2], and the speeds that
    they really ask for.

    The controller has no line for both motors: they begin one line apart, 1.3 ms at 115200 baud.
    `speeds` must be finite; the acceleration is one unit of the last decimal at least.
    """
    scale = params.turns_per_rad
    left, right = (_rounded(speed * scale) for speed in (speeds.left_radps, speeds.right_radps))
    ramp = max(_rounded(speeds.acceleration_radps2 * scale), SMALLEST)
    first, second = _motors_from_wheels(left, right, params)
    back = wheels_from_motors(first, second, params)
    sent = WheelSpeeds(speeds.stamp_s, back.left / scale, back.right / scale, ramp / scale)
    return velocity(0, first) + velocity(1, second), ramp, sent


def set_ramp(ramp: float) -> bytes:
    """Lines that set how fast both speeds change [turns/s2] (`vel_ramp_rate`)."""
    return b"".join(
        write_number(f"axis{axis}.controller.config.vel_ramp_rate", ramp) for axis in AXES
    )


def set_watchdog(params: ODriveParams) -> bytes:
    """Lines that set the watchdogs of both axes, and feed them before they are switched on: one
    that was never fed expires at once (`Axis::watchdog_check`)."""
    return b"".join(
        write_number(f"axis{axis}.config.watchdog_timeout", params.watchdog_s)
        + feed(axis)
        + write_whole(f"axis{axis}.config.enable_watchdog", 1)
        for axis in AXES
    )


def request(state: int) -> bytes:
    """Lines that ask both axes for a state."""
    return b"".join(write_whole(f"axis{axis}.requested_state", state) for axis in AXES)


def set_input_mode(mode: int) -> bytes:
    """Lines that set how both axes take their commands."""
    return b"".join(write_whole(f"axis{axis}.controller.config.input_mode", mode) for axis in AXES)


def _rounded(turns: float) -> float:
    """To the decimals of a line; never a negative zero."""
    return round(min(max(turns, -MAX_TURNS), MAX_TURNS), DECIMALS) + 0.0


def _motors_from_wheels(left: float, right: float, params: ODriveParams) -> tuple[float, float]:
    left = -left if params.left_reversed else left
    right = -right if params.right_reversed else right
    first, second = (right, left) if params.motors_swapped else (left, right)
    return first + 0.0, second + 0.0
