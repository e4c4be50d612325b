"""Which part of a command may reach the wheels: the same for every controller."""

from __future__ import annotations

import math

from patrol_drivers.motors import DriveLimits, EventKind, MotorEvent, WheelSpeeds

MAX_COMMAND_AGE_S = 0.15
"""DESIGN section 6: zero is commanded within 0.25 s of the last fresh command."""

FUTURE_TOLERANCE_S = 0.05
"""How far ahead of the driver's clock a stamp may be before it is no stamp of this clock."""


def stop(now_s: float, limits: DriveLimits) -> WheelSpeeds:
    """Both wheels at rest, as fast as the base may be slowed down."""
    return WheelSpeeds(now_s, 0.0, 0.0, limits.stop_deceleration_radps2)


def admitted(
    command: WheelSpeeds | None, now_s: float, limits: DriveLimits
) -> tuple[WheelSpeeds, MotorEvent | None]:
    """What to send for a command at `now_s`, and why it is not the command itself.

    Too fast a pair of wheels is scaled down together, so that the curve stays the same.
    """
    standing = stop(now_s, limits)
    if command is None:
        return standing, None
    numbers = (
        command.stamp_s,
        command.left_radps,
        command.right_radps,
        command.acceleration_radps2,
    )
    if not all(math.isfinite(number) for number in numbers):
        return standing, _refused("a command with a number that is not finite")
    if command.acceleration_radps2 <= 0.0:
        return standing, _refused("a command whose acceleration is not positive")
    age_s = now_s - command.stamp_s
    if age_s > MAX_COMMAND_AGE_S:
        words = f"the newest command is older than {MAX_COMMAND_AGE_S} s: stopped"
        return standing, MotorEvent(EventKind.COMMAND_STALE, words)
    if age_s < -FUTURE_TOLERANCE_S:
        return standing, _refused("a command whose stamp lies ahead of the clock")
    return _limited(command, limits)


def _limited(command: WheelSpeeds, limits: DriveLimits) -> tuple[WheelSpeeds, MotorEvent | None]:
    fastest = max(abs(command.left_radps), abs(command.right_radps))
    scale = min(1.0, limits.max_speed_radps / fastest) if fastest > 0.0 else 1.0
    acceleration = min(command.acceleration_radps2, limits.max_acceleration_radps2)
    if scale == 1.0 and acceleration == command.acceleration_radps2:
        return command, None
    limited = WheelSpeeds(
        command.stamp_s, command.left_radps * scale, command.right_radps * scale, acceleration
    )
    words = "the command is beyond the limits of the base and was lowered to them"
    return limited, MotorEvent(EventKind.COMMAND_LIMITED, words)


def _refused(what: str) -> MotorEvent:
    return MotorEvent(EventKind.COMMAND_REFUSED, f"{what} was refused: stopped")
