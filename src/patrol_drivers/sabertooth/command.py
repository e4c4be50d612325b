"""Commands to the Sabertooth: SI units to bytes, limited to what fits a packet."""

from __future__ import annotations

from patrol_drivers.motors import WheelSpeeds
from patrol_drivers.sabertooth.params import SabertoothParams
from patrol_drivers.sabertooth.protocol import packet
from patrol_drivers.sabertooth.values import BAUDING, MAX_VALUE, Command


def burst(speeds: WheelSpeeds, params: SabertoothParams) -> tuple[bytes, WheelSpeeds]:
    """All bytes of one cycle, and the speeds that they really ask for; `speeds` must be finite.

    The serial timeout comes first, so that a controller that lost it has it again before it is
    told to move. A value is a share of the supply's voltage: the speeds are those of wheels
    without load. Within the controller's deadband (3 steps from the factory, says the library)
    they rest.
    """
    left = _steps(speeds.left_radps, params)
    right = _steps(speeds.right_radps, params)
    first, second = _motors_from_wheels(left, right, params)
    data = b"".join(
        (
            BAUDING if params.autobaud else b"",
            packet(params.address, Command.SET_SERIAL_TIMEOUT, params.watchdog_steps),
            _motor(first, Command.M1_FORWARD, Command.M1_BACKWARD, params),
            _motor(second, Command.M2_FORWARD, Command.M2_BACKWARD, params),
        )
    )
    scale = params.radps_per_step
    sent = WheelSpeeds(speeds.stamp_s, left * scale, right * scale, speeds.acceleration_radps2)
    return data, sent


def _steps(radps: float, params: SabertoothParams) -> int:
    return min(max(round(radps / params.radps_per_step), -MAX_VALUE), MAX_VALUE)


def _motors_from_wheels(left: int, right: int, params: SabertoothParams) -> tuple[int, int]:
    left = -left if params.left_reversed else left
    right = -right if params.right_reversed else right
    return (right, left) if params.motors_swapped else (left, right)


def _motor(steps: int, forward: Command, backward: Command, params: SabertoothParams) -> bytes:
    return packet(params.address, backward if steps < 0 else forward, abs(steps))
