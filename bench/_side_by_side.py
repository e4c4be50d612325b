"""The same thing done in two simulators: scans at poses, stopping, a square."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from patrol_core.geometry import Pose2
from patrol_core.types.motion import VelocityCommand
from patrol_gazebo.simulator import GazeboSimulator
from patrol_sim.params import SimParams
from patrol_sim.robot import CONTROL_PERIOD_S
from patrol_sim.robot_setup import RobotSetup
from patrol_sim.scenario import Scenario
from patrol_sim.sdf import World, parse_world
from patrol_sim.simulator import Simulator
from patrol_sim.stage import Stage

FLOOR = (
    '<sdf version="1.7"><world name="floor"><physics name="default" type="ode">'
    "<max_step_size>0.002</max_step_size></physics>"
    '<model name="ground"><static>true</static>'
    '<link name="link"><collision name="plane"><geometry><plane><normal>0 0 1</normal>'
    "<size>50 50</size></plane></geometry></collision></link></model></world></sdf>"
)
SIDE_M, SQUARE_MPS, SQUARE_RADPS = 4.0, 0.8, 0.8
_REST_S, _UP_TO_SPEED_S, _TO_REST_S = 1.0, 4.0, 2.0


@dataclass(frozen=True, slots=True)
class Pair:
    """The embedded simulator and Gazebo, with the same in them."""

    embedded: Stage
    gazebo: Stage

    @property
    def both(self) -> tuple[Stage, Stage]:
        return self.embedded, self.gazebo

    def close(self) -> None:
        for stage in self.both:
            stage.close()


def pair(
    world: World, setup: RobotSetup, scenario: Scenario, folder: Path, params: SimParams
) -> Pair:
    """Both at their start, with seed 1. Raises RondaError where one does not start."""
    return Pair(
        Simulator(world, [setup], scenario, 1, params=params),
        GazeboSimulator(world, [setup], scenario, 1, folder=folder, params=params),
    )


def floor(folder: Path) -> World:
    """A plane and nothing else, as a file in `folder`: Gazebo reads files."""
    path = folder / "floor.sdf"
    path.write_text(FLOOR, encoding="utf-8")
    return parse_world(FLOOR, path)


def ranges_at(stage: Stage, pose: Pose2) -> NDArray[np.float64]:
    """True ranges (N,) [m] of a robot that has stood at a pose for a moment; inf: no return."""
    robot = stage.robot()
    robot.place(pose)
    stage.step(CONTROL_PERIOD_S)
    returns = robot.body.revolution()
    return np.where(returns.hit, returns.ranges_m, np.inf)


def range_differences(both: Pair, poses: Sequence[Pose2]) -> NDArray[np.float64]:
    """By how much ranges differ (P, N) [m]; inf where only one has a return, NaN where none."""
    rows = []
    for pose in poses:
        first, second = (ranges_at(stage, pose) for stage in both.both)
        with np.errstate(invalid="ignore"):
            rows.append(np.abs(first - second))
    return np.array(rows)


def stop_distance_m(stage: Stage, speed_mps: float) -> float:
    """How far the robot goes on from when it is told to stop."""
    robot = stage.robot()
    robot.place(Pose2(0.0, 0.0))
    tell(stage, 0.0, 0.0, _REST_S)
    tell(stage, speed_mps, 0.0, _UP_TO_SPEED_S)
    before = robot.pose
    tell(stage, 0.0, 0.0, _TO_REST_S)
    return before.distance_to(robot.pose)


def square_track(stage: Stage) -> NDArray[np.float64]:
    """The true way (T, 2) [m] of a square of commands: what the wheels make of them."""
    robot = stage.robot()
    robot.place(Pose2(0.0, 0.0))
    track: list[tuple[float, float]] = []
    tell(stage, 0.0, 0.0, _REST_S)
    for _ in range(4):
        tell(stage, SQUARE_MPS, 0.0, SIDE_M / SQUARE_MPS, track)
        tell(stage, 0.0, 0.0, _REST_S, track)
        tell(stage, 0.0, SQUARE_RADPS, math.pi / 2.0 / SQUARE_RADPS, track)
        tell(stage, 0.0, 0.0, _REST_S, track)
    return np.array(track)


def tell(
    stage: Stage,
    linear_mps: float,
    angular_radps: float,
    seconds: float,
    track: list[tuple[float, float]] | None = None,
) -> None:
    """Command the robot at every tick; where it really was goes to `track`."""
    robot = stage.robot()
    for _ in range(round(seconds / CONTROL_PERIOD_S)):
        command = VelocityCommand(stage.now_s, linear_mps, angular_radps)
        robot.apply(command, stage.now_s)
        stage.step(CONTROL_PERIOD_S)
        robot.outputs()
        if track is not None:
            track.append((robot.pose.x_m, robot.pose.y_m))
