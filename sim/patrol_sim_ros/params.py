"""Parameters of the simulators' node."""

from __future__ import annotations

from dataclasses import dataclass, field

from patrol_core.params import param
from patrol_sim.params import SimParams


@dataclass(frozen=True, slots=True)
class SimNodeParams:
    """What is simulated, how fast, and how well the robot measures."""

    world: str = param("", "The world's SDF file")
    urdf: str = param("", "The robot's xacro file")
    scenario: str = param("", "Scenario file; empty: a random one from the seed")
    robots: str = param("", "Namespaces of the robots, separated by commas; empty: one robot")
    cmd_vel_type: str = param(
        "TwistStamped", "Type of the commands taken", choices=("TwistStamped", "Twist")
    )
    engine: str = param(
        "embedded", "Which simulator moves the world", choices=("embedded", "gazebo_classic")
    )
    gazebo_folder: str = param("", "The folder in which Gazebo Classic is set up")
    speed: float = param(1.0, "Times real time; 0: as fast as commands keep up", 0.0, 1000.0)
    camera: bool = param(True, "Take pictures (needs EGL)")
    sim: SimParams = field(default_factory=SimParams)
