"""One run through one BARN world: the robot knows its start, the goal 10 m ahead, and no map."""

from __future__ import annotations

import math
import tempfile
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from _barn_worlds import GOAL, START, BarnWorld, simulated

from patrol_core.actions import NAVIGATE_TO_POSE
from patrol_core.bus import Mailbox
from patrol_core.component import ProcessContext
from patrol_core.geometry import Pose2
from patrol_core.params import ParamValue, read_param_file
from patrol_core.processes import BASE, GATE, NAV
from patrol_core.robot import load_robot
from patrol_core.robot_description import expand_xacro
from patrol_core.site.model import Retention, Site
from patrol_core.topics import GATE_STATUS
from patrol_core.types.mission import NavigateGoal
from patrol_sim.robot_setup import RobotSetup
from patrol_sim.scenario import Scenario, Start
from patrol_sim.simulator import Simulator
from ronda_cli.closed_loop import ClosedLoop
from ronda_cli.setting import URDF_FILE

FOLDER = Path(__file__).parent / "barn"
FULL_MPS = 2.0
LIMIT_S = 100.0
REACHED_M = 1.0
START_S = 1.0
"""The robot stands so long before it is asked: the gyro's bias is learnt at rest."""
TRACK_PERIOD_S = 0.1
AHEAD = Pose2(math.dist((START.x_m, START.y_m), GOAL), 0.0)
"""The goal in `map`, in which the robot starts at the origin."""
OUTLINE_M = ((-6.0, -10.0), (16.0, -10.0), (16.0, 10.0), (-6.0, 10.0))
"""Ground that the robot may use, in `map`: far beyond the world's own walls."""


@dataclass(frozen=True, slots=True)
class Run:
    """What came of it. `track`: true x, y [m] in the challenge's frame, a tenth of a second each.

    `time_s` counts from the asking for the goal; `why`: how it ended.
    """

    world: str
    seed: int
    speed_mps: float
    length_m: float
    success: bool
    contact: bool
    time_s: float
    why: str
    track: tuple[tuple[float, float], ...]

    @property
    def metric(self) -> float:
        """BARN's: 0.5 for a robot that takes no more than twice the time of the way at 2 m/s."""
        optimal_s = self.length_m / FULL_MPS
        clipped_s = min(max(self.time_s, 2.0 * optimal_s), 8.0 * optimal_s)
        return optimal_s / clipped_s if self.success else 0.0

    def to_json(self) -> dict[str, Any]:
        return asdict(self)


def run_of(document: dict[str, Any]) -> Run:
    """The inverse of `Run.to_json`."""
    track = tuple((x, y) for x, y in document["track"])
    return Run(**{**document, "track": track})


def overrides(speed_mps: float) -> Mapping[str, Mapping[str, ParamValue]]:
    """The parameters of bench/barn. Raises ConfigError for a file that cannot be read."""
    nav, gate = (read_param_file(FOLDER / f"{name}.yaml") for name in (NAV.name, GATE.name))
    return {NAV.name: nav | {"navigator.speed_mps": speed_mps}, GATE.name: gate}


def drive(world: BarnWorld, seed: int, speed_mps: float) -> Run:
    """From the start to the goal, or to the first contact, or until time is up."""
    robot = load_robot(FOLDER / "robot.yaml")
    setup = RobotSetup("", robot, expand_xacro(URDF_FILE, FOLDER / "robot.yaml"), URDF_FILE)
    scenario = Scenario(f"barn {world.name}", (Start(START),))
    with tempfile.TemporaryDirectory(prefix="ronda-barn-") as folder:
        context = ProcessContext(_site(), robot, Path(folder), seed)
        simulator = Simulator(simulated(world), [setup], scenario, seed)
        loop = ClosedLoop(simulator, context, overrides(speed_mps), (BASE, GATE, NAV))
        loop.setup()
        try:
            return _judged(loop, world, seed, speed_mps)
        finally:
            loop.close()
            simulator.close()


def _judged(loop: ClosedLoop, world: BarnWorld, seed: int, speed_mps: float) -> Run:
    """Ask for the goal, watch what really happens; a goal that is given up is asked for again."""
    heard = Mailbox((NAVIGATE_TO_POSE.result, GATE_STATUS))
    loop.attach(heard, BASE.name)
    robot, asked, said, why = loop.simulator.robot(), 0, "", "time is up"
    track: list[tuple[float, float]] = []
    wants, contact, reached = True, False, False
    while loop.now_s < START_S + LIMIT_S - 1e-9 and not (contact or reached):
        if wants and loop.now_s >= START_S - 1e-9:
            asked, wants = asked + 1, False
            goal_id = f"{asked:032x}"
            loop.publish(NAVIGATE_TO_POSE.goal, NavigateGoal(goal_id, AHEAD))
        loop.step()
        pose = robot.pose
        contact = bool(robot.contacts.contacts)
        reached = math.dist((pose.x_m, pose.y_m), GOAL) <= REACHED_M and not contact
        inputs = heard.snapshot()
        for result in inputs.events(NAVIGATE_TO_POSE.result):
            wants, said = True, f": {result.result.message}"
        if loop.due(TRACK_PERIOD_S):
            track.append((round(pose.x_m, 3), round(pose.y_m, 3)))
    if contact:
        touch = robot.contacts.contacts[0]
        why = f"contact at {touch.speed_mps:.2f} m/s"
    elif reached:
        why = "reached"
    time_s = round(loop.now_s - START_S, 3)
    return Run(
        world.name, seed, speed_mps, world.length_m, reached, contact, time_s,
        why + ("" if reached else said), tuple(track),
    )  # fmt: skip


def _site() -> Site:
    """Open ground without a map, a dock or a route; only the outline counts."""
    return Site(
        "barn", FOLDER, 0.0, 0.0, "UTC", OUTLINE_M, (), (), (), (), (), Retention(1, 1, 1),
        FOLDER / "there-is-no-map.yaml",
    )  # fmt: skip
