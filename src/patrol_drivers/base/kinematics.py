"""Body velocities to wheel speeds, and what the wheels may do, from the robot's numbers."""

from __future__ import annotations

from patrol_core.robot import RobotModel
from patrol_core.types.motion import VelocityCommand
from patrol_drivers.motors import DriveLimits, Sides

HEADROOM = 1.2
"""The gate keeps to the drive's accelerations; the controller's ramp must not fall behind it."""


def wheel_speeds(command: VelocityCommand, robot: RobotModel) -> Sides:
    """Speeds [rad/s] of the wheels for a velocity of base_link."""
    wheels = robot.wheels
    turn_mps = command.angular_radps * wheels.separation_m / 2.0
    return Sides(
        (command.linear_mps - turn_mps) / wheels.left_radius_m,
        (command.linear_mps + turn_mps) / wheels.right_radius_m,
    )


def drive_limits(robot: RobotModel) -> DriveLimits:
    """What one wheel has to do at most when the body does all that the drive can."""
    drive, wheels = robot.drive, robot.wheels
    half_m = wheels.separation_m / 2.0
    smaller_m = min(wheels.left_radius_m, wheels.right_radius_m)
    return DriveLimits(
        (drive.max_speed_mps + drive.max_yaw_rate_radps * half_m) / smaller_m,
        HEADROOM
        * (drive.max_acceleration_mps2 + drive.max_yaw_acceleration_radps2 * half_m)
        / smaller_m,
        drive.max_deceleration_mps2 / smaller_m,
    )
