"""Small simulated worlds and a robot to drive in them, for tests."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import TypeVar

from patrol_core.geometry import Pose2
from patrol_core.robot import load_robot
from patrol_core.robot_description import expand_xacro
from patrol_core.topics import Topic
from patrol_core.types.motion import VelocityCommand
from patrol_sim.params import SimParams, ideal_params
from patrol_sim.robot_setup import RobotSetup
from patrol_sim.scenario import Scenario, Start
from patrol_sim.sdf import World, parse_world
from patrol_sim.simulator import Simulator

T = TypeVar("T")
ROOT = Path(__file__).parents[1]
TICK_S = 0.02
ORIGIN = Pose2(0.0, 0.0)

_GROUND = (
    '<model name="ground"><static>true</static><link name="link"><collision name="plane">'
    "<geometry><plane><normal>0 0 1</normal><size>50 50</size></plane></geometry>"
    '</collision><visual name="plane"><geometry><plane><normal>0 0 1</normal>'
    "<size>50 50</size></plane></geometry></visual></link></model>"
)


@lru_cache
def rover(namespace: str = "") -> RobotSetup:
    """The rover of the repository."""
    path = ROOT / "urdf" / "urdf" / "rover.urdf.xacro"
    model = load_robot(ROOT / "urdf" / "config" / "rover.yaml")
    return RobotSetup(namespace, model, expand_xacro(path), path)


def make_world(*models: str) -> World:
    """A world of a ground plane and the given models."""
    text = f'<sdf version="1.7"><world name="test">{_GROUND}{"".join(models)}</world></sdf>'
    return parse_world(text, Path("test.sdf"))


def static_model(name: str, geometry: str, pose: str) -> str:
    """A model of one solid."""
    return (
        f'<model name="{name}"><static>true</static><pose>{pose}</pose><link name="link">'
        f'<collision name="solid"><geometry>{geometry}</geometry></collision></link></model>'
    )


def box(name: str, size: str, pose: str) -> str:
    return static_model(name, f"<box><size>{size}</size></box>", pose)


def make_simulator(
    *models: str,
    start: Pose2 = ORIGIN,
    scenario: Scenario | None = None,
    params: SimParams | None = None,
    seed: int = 1,
    docks: tuple[Pose2, ...] = (),
) -> Simulator:
    """A simulator with one robot at `start`, without errors unless `params` says otherwise."""
    return Simulator(
        make_world(*models),
        [rover()],
        scenario or Scenario("test", (Start(start),)),
        seed,
        params=params or ideal_params(),
        docks=docks,
    )


def drive(simulator: Simulator, linear_mps: float, angular_radps: float, seconds: float) -> None:
    """Command the robot at every tick."""
    robot = simulator.robot()
    for _ in range(round(seconds / TICK_S)):
        now_s = simulator.now_s
        robot.apply(VelocityCommand(now_s, linear_mps, angular_radps), now_s)
        simulator.step(TICK_S)


def said(simulator: Simulator, row: Topic[T]) -> list[T]:
    """What the robot has said on one row since the last look at any."""
    return simulator.robot().outputs().of(row)
