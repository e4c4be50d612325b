"""What a physics engine tells of one robot: all that a simulated robot needs of it."""

from __future__ import annotations

from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from patrol_core.geometry import Pose2
from patrol_sim.lidar import Returns

SERVO_GAIN_NMS = 8.0
ROTOR_INERTIA_KGM2 = 0.04
MAX_WHEEL_TORQUE_NM = 12.0
"""Each wheel's motor: a velocity servo with limited torque, as a motor controller with current
limit is. The gain is stable under explicit integration with the geared rotor's inertia."""


class Body(Protocol):
    """A robot in an engine's world, as it is at the end of the newest step."""

    @property
    def pose(self) -> Pose2:
        """The true pose of base_link in the world."""
        ...

    @property
    def velocity(self) -> tuple[float, float]:
        """The true forward and yaw velocity of base_link."""
        ...

    @property
    def speed_mps(self) -> float:
        """The true speed over ground, in any direction."""
        ...

    @property
    def tilt_rad(self) -> float:
        """The angle between base_link's z axis and the vertical."""
        ...

    @property
    def wheel_angles_rad(self) -> tuple[float, float]:
        """How far the left and the right wheel have turned since the start."""
        ...

    @property
    def wheel_power_w(self) -> float:
        """Mechanical power that the motors give; braking gives nothing back."""
        ...

    def place(self, pose: Pose2) -> None:
        """Put the robot on the ground, at rest."""
        ...

    def drive(self, rates_radps: tuple[float, float]) -> None:
        """What the left and the right wheel's servo are told, until the next call."""
        ...

    def inertial(self, dt_s: float) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Rate (3,) [rad/s] and specific force (3,) [m/s2] at and in imu_link, the force from
        the change of velocity since the last call, `dt_s` ago."""
        ...

    def revolution(self) -> Returns:
        """What the lidar's rays meet."""
        ...

    def antenna_m(self) -> NDArray[np.float64]:
        """Where the GNSS antenna is in the world (3,)."""
        ...

    def hidden_sky(self) -> float:
        """The fraction of directions in which something stands before the antenna's sky."""
        ...

    def coarse_depth_m(self) -> NDArray[np.float32]:
        """Depth (H, W) [m] of the coarse camera; NaN: the robot itself, or out of reach."""
        ...
