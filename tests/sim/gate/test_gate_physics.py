"""The gate before the simulated robot: slip, noise and contacts are MuJoCo's, not the gate's."""

from __future__ import annotations

import math

import pytest
from tests.gate_world import ROBOT, make_site
from tests.simulated import TICK_S, box, make_simulator

from patrol_core.bus import Mailbox
from patrol_core.geometry import Pose2
from patrol_core.topics import (
    AMCL_POSE,
    CMD_VEL,
    CMD_VEL_NAV,
    GATE_STATUS,
    LOCALIZATION_STATUS,
)
from patrol_core.types.motion import PoseEstimate, VelocityCommand
from patrol_core.types.status import GateStatus, LocalizationLevel, LocalizationStatus
from patrol_gate.gate import Gate
from patrol_gate.latch import MemoryLatchStore
from patrol_gate.params import GateParams
from patrol_sim.params import SimParams
from patrol_sim.scenario import Pedestrian, PlacedObject, Scenario, Start
from patrol_sim.simulator import Simulator

START = (Start(Pose2(0.0, 0.0)),)


class Rig:
    """A simulator driven through a gate; the pose is the true one."""

    def __init__(self, simulator: Simulator) -> None:
        self.simulator = simulator
        self.robot = simulator.robot()
        self.gate = Gate(
            GateParams(warning_s=0.0), ROBOT, make_site(), MemoryLatchStore(), lambda _t: (0, 0)
        )
        self.mailbox = Mailbox(Gate.reads)
        self.status: GateStatus | None = None

    def drive(self, linear_mps: float, angular_radps: float, duration_s: float) -> None:
        for _ in range(round(duration_s / TICK_S)):
            self.simulator.step(TICK_S)
            now_s = self.simulator.now_s
            for topic, value in self.robot.outputs():
                if topic in Gate.reads:
                    self.mailbox.store(topic, value, now_s)
            self.mailbox.store(AMCL_POSE, PoseEstimate(now_s, self.robot.pose), now_s)
            level = LocalizationStatus(now_s, LocalizationLevel.GOOD, "", 0.05, 0.01, 0.9)
            self.mailbox.store(LOCALIZATION_STATUS, level, now_s)
            wish = VelocityCommand(now_s, linear_mps, angular_radps)
            self.mailbox.store(CMD_VEL_NAV, wish, now_s)
            outputs = self.gate.step(self.mailbox.snapshot(), now_s, now_s)
            for command in outputs.of(CMD_VEL):
                self.robot.apply(command, now_s)
            for status in outputs.of(GATE_STATUS):
                self.status = status

    def assert_stood_in_time(self) -> None:
        truth = self.simulator.truth()
        assert truth.contacts_by_robots() == ()
        assert self.robot.speed_mps < 0.02


@pytest.mark.parametrize(
    ("linear_mps", "wall_x_m", "ends_m"), [(1.5, 8.0, 7.55), (-0.5, -3.0, -2.75)]
)
def test_stops_short_of_a_wall(linear_mps: float, wall_x_m: float, ends_m: float) -> None:
    middle = wall_x_m + math.copysign(0.1, wall_x_m)
    wall = box("wall", "0.2 8 1", f"{middle} 0 0.5 0 0 0")
    rig = Rig(make_simulator(wall, params=SimParams()))
    rig.drive(linear_mps, 0.0, 9.0)
    rig.assert_stood_in_time()
    assert abs(rig.robot.pose.x_m) > abs(ends_m) - 0.35
    assert rig.status is not None
    assert "obstacle 0.1 m" in rig.status.reasons[0]


@pytest.mark.parametrize("yaw_radps", [0.8, -1.5])
def test_turning_beside_a_wall_does_not_scrape_it(yaw_radps: float) -> None:
    wall = box("wall", "8 0.2 1", "0 0.55 0.5 0 0 0")
    rig = Rig(make_simulator(wall, params=SimParams()))
    rig.drive(0.0, yaw_radps, 4.0)
    rig.assert_stood_in_time()
    assert abs(rig.robot.pose.yaw_rad) > 0.1


def test_a_box_that_is_suddenly_there_stops_it() -> None:
    thing = PlacedObject("box", "box", (0.5, 0.5, 0.6), Pose2(4.0, 0.1), 2.6, planted=False)
    rig = Rig(make_simulator(scenario=Scenario("t", START, (), (thing,)), params=SimParams()))
    rig.drive(1.5, 0.0, 6.0)
    rig.assert_stood_in_time()
    assert rig.robot.pose.x_m < 3.3


@pytest.mark.parametrize("seed", [1000, 1001, 1002])
@pytest.mark.parametrize(
    "way",
    [((12.0, 0.1), (-8.0, 0.1)), ((5.0, 6.0), (5.0, -6.0)), ((-6.0, -0.3), (12.0, 0.0))],
    ids=["oncoming", "crossing", "overtaking"],
)
def test_somebody_who_does_not_give_way_meets_a_robot_that_stands(
    way: tuple[tuple[float, float], tuple[float, float]], seed: int
) -> None:
    person = Pedestrian("p", way, 1.4, 0.0, 1.0, gives_way=False)
    scenario = Scenario("t", START, (person,))
    rig = Rig(make_simulator(scenario=scenario, params=SimParams(), seed=seed))
    rig.drive(0.8, 0.0, 9.0)
    assert rig.simulator.truth().contacts_by_robots() == ()
