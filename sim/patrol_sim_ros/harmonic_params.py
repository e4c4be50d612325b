"""Parameters of the node that stands between Gazebo Harmonic and the robot."""

from __future__ import annotations

from dataclasses import dataclass, field

from patrol_core.params import param
from patrol_sim.params import SimParams


@dataclass(frozen=True, slots=True)
class HarmonicNodeParams:
    """What is in Gazebo's world, and how well the robot measures.

    Of `sim`, what Gazebo has itself (IMU, lidar) is not read here but from the robot's xacro.
    """

    world: str = param("", "The world's SDF file, the same that Gazebo has")
    urdf: str = param("", "The robot's xacro file")
    scenario: str = param("", "Scenario file; empty: a random one from the seed")
    robots: str = param("", "Namespaces of the robots, separated by commas; empty: one robot")
    cmd_vel_type: str = param(
        "TwistStamped", "Type of the commands taken", choices=("TwistStamped", "Twist")
    )
    camera: bool = param(True, "Take pictures")
    sim: SimParams = field(default_factory=SimParams)
