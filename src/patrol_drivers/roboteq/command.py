"""Commands to a Roboteq: SI units to lines, limited to what the controller takes."""

from __future__ import annotations

from patrol_drivers.motors import WheelSpeeds
from patrol_drivers.roboteq.params import RoboteqParams
from patrol_drivers.roboteq.protocol import Request
from patrol_drivers.roboteq.state import wheels_from_motors
from patrol_drivers.roboteq.values import MAX_RAMP, MAX_SPEED_RPM

ECHO_ON = Request("^ECHOF 0")
"""1 would turn the echo off (V2.0 p. 270)."""

STOPS = (Request("!S 1 0"), Request("!S 2 0"))
"""Speed zero for both motors. There is no command that sets two speeds in one line."""

RESET = Request("%RESET 321654987")
"""As if switched off and on; with the key that the manual gives (V2.0 p. 262)."""

POWER_OFF = (Request("!G 1 0"), Request("!G 2 0"))
"""Power or torque zero, in operating modes in which !S does not move the motors."""

RAMP_UNIT = 10.0
"""!AC and !DC are in tenths of RPM a second (p. 219)."""


def set_watchdog(params: RoboteqParams) -> Request:
    """Sets RWD until the controller is reset; nothing is written to its flash memory."""
    return Request(f"^RWD {params.watchdog_ms}")


def drive(
    speeds: WheelSpeeds, params: RoboteqParams
) -> tuple[tuple[Request, Request], int, WheelSpeeds]:
    """The requests for two wheel speeds, their ramp, and what they really ask for.

    `speeds` must be finite; the ramp is one unit at least. The motors get their speeds one after
    the other, 1 ms apart at 115200 baud.
    """
    scale = params.rpm_per_radps
    left = _limited(speeds.left_radps * scale)
    right = _limited(speeds.right_radps * scale)
    ramp = round(min(max(speeds.acceleration_radps2 * scale * RAMP_UNIT, 1.0), MAX_RAMP))
    left_motor = -left if params.left_reversed else left
    right_motor = -right if params.right_reversed else right
    first, second = left_motor, right_motor
    if params.motors_swapped:
        first, second = right_motor, left_motor
    back = wheels_from_motors(first, second, params)
    sent = WheelSpeeds(
        speeds.stamp_s, back.left / scale, back.right / scale, ramp / (RAMP_UNIT * scale)
    )
    return (Request(f"!S 1 {first}"), Request(f"!S 2 {second}")), ramp, sent


def _limited(rpm: float) -> int:
    return round(min(max(rpm, -MAX_SPEED_RPM), MAX_SPEED_RPM))


class Ramps:
    """Acceleration and deceleration of both motors, as they were last acknowledged."""

    def __init__(self) -> None:
        self._known: dict[str, int] = {}

    def forget(self) -> None:
        """The controller was reset, or may have been."""
        self._known = {}

    def forget_one(self) -> None:
        """Have one of them said again, in turn: one that was spoilt does not last."""
        if self._known:
            del self._known[next(iter(self._known))]

    def due(self, ramp: int, *, stopping: bool) -> list[Request]:
        """What has to be said before speeds with this ramp. A stop needs no acceleration."""
        names = ("!DC 1", "!DC 2") if stopping else ("!AC 1", "!AC 2", "!DC 1", "!DC 2")
        return [Request(f"{name} {ramp}") for name in names if self._known.get(name) != ramp]

    def take(self, request: Request) -> None:
        """`request`, from `due`, was acknowledged."""
        name, _, ramp = request.text.rpartition(" ")
        self._known.pop(name, None)
        self._known[name] = int(ramp)
