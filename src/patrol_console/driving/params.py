"""Parameters of driving by hand; the gate limits a person as it limits the mission."""

from __future__ import annotations

from dataclasses import dataclass

from patrol_core.params import param


@dataclass(frozen=True, slots=True)
class DrivingParams:
    """A command's age runs from when the number that it carries was given out."""

    speed_mps: float = param(0.6, "Speed ahead and back at full deflection [m/s]", 0.05, 1.5)
    yaw_rate_radps: float = param(0.8, "Rate of a turn at full deflection [rad/s]", 0.05, 1.5)
    slowed_from_s: float = param(0.15, "An older command drives slower [s]", 0.05, 0.4)
    refused_from_s: float = param(0.4, "An older command is refused [s]", 0.1, 1.0)
    expires_s: float = param(0.15, "A command counts so long after it came [s]", 0.05, 0.2)
    override_s: float = param(
        60.0, "Creeping past the fence ends so long after it was asked for [s]", 5.0, 600.0
    )
    kept_s: float = param(
        30.0, "Who has lost the line keeps the standing robot so long [s]", 0.0, 600.0
    )
