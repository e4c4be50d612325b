"""What stands beside Gazebo and what is in the embedded simulator say the same of the same drive.

The wheels and the true pose that Gazebo would tell are here those of the embedded simulator.
"""

from __future__ import annotations

from typing import Any

import pytest

from patrol_core import topics
from patrol_core.geometry import Pose2, Transform3
from patrol_core.robot import load_robot
from patrol_core.robot_description import expand_xacro
from patrol_core.types.motion import VelocityCommand
from patrol_sim.harmonic.robot import GazeboBase
from patrol_sim.harmonic.scene import Scene
from patrol_sim.harmonic.witness import Motors, Witness
from patrol_sim.params import SimParams
from patrol_sim.people import SeenRobot
from patrol_sim.robot import CONTROL_PERIOD_S
from patrol_sim.robot_setup import RobotSetup
from patrol_sim.scenario import load_scenario
from patrol_sim.sdf import load_world
from patrol_sim.simulator import Simulator
from ronda_cli.environment.paths import ROOT

SEED, SECONDS = 7, 16.0
COMMANDS = ((0.0, 0.0, 0.0), (1.0, -0.4, 0.0), (5.0, 0.2, 1.0), (9.0, 0.4, -0.3), (14.0, 0.0, 0.0))
"""From when on, forward speed and yaw rate: out of the dock, round, on, and stop."""


class Both:
    """One drive in the yard, told twice."""

    def __init__(self) -> None:
        urdf = ROOT / "urdf" / "urdf" / "rover.urdf.xacro"
        model = load_robot(ROOT / "urdf" / "config" / "rover.yaml")
        world = load_world(ROOT / "sim" / "worlds" / "yard.sdf")
        scenario = load_scenario(ROOT / "sim" / "scenarios" / "yard.yaml")
        dock = scenario.starts[0].pose
        setup = RobotSetup("", model, expand_xacro(urdf), urdf)
        self.simulator = Simulator(world, [setup], scenario, SEED, docks=(dock,))
        self.robot: Any = self.simulator.robot()
        self.base = GazeboBase("robot", model, SimParams(), SEED)
        self.scene = Scene(world, scenario, SEED)
        self.witness = Witness("robot", model, (dock,), SimParams().battery)
        self.said: dict[str, list[Any]] = {}
        self.own: dict[str, list[Any]] = {}
        self.rates: list[tuple[tuple[float, float], tuple[float, float]]] = []
        self._tell(0.0)

    def run(self) -> None:
        for tick in range(round(SECONDS / CONTROL_PERIOD_S)):
            now_s = tick * CONTROL_PERIOD_S
            _, linear, angular = [row for row in COMMANDS if row[0] <= now_s][-1]
            command = VelocityCommand(now_s, linear, angular)
            self.robot.apply(command, now_s)
            self.base.apply(command, now_s)
            stood_s = self.robot.stood_s
            self.simulator.step(CONTROL_PERIOD_S)
            self._keep(self.said, self.robot.outputs())
            self._tell(stood_s)

    def _tell(self, stood_s: float) -> None:
        """What Gazebo would tell at this moment."""
        now_s, robot = self.simulator.now_s, self.robot
        body: Any = robot.body
        self.base.turned(now_s, *body.wheel_angles_rad)
        told = self.base.step(now_s, CONTROL_PERIOD_S)
        self._keep(self.own, self.base.outputs())
        wanted = tuple(float(body._data.ctrl[servo]) for servo in body._servos)
        self.rates.append(((wanted[0], wanted[1]), told))
        x, y, z, w, i, j, k = body._data.qpos[body._qpos : body._qpos + 7].tolist()
        self.witness.see(Transform3((x, y, z), (i, j, k, w)), now_s)
        self.scene.step(now_s, CONTROL_PERIOD_S, [SeenRobot(robot.pose, stood_s)], ())
        people: list[Pose2] = [person.pose for person in self.scene.cast.people]
        self.witness.step(now_s, self.motors, people)

    @property
    def motors(self) -> Motors:
        firmware = self.base.controller
        return Motors(firmware.moving, firmware.motion_stamp_s, firmware.zero_since_s)

    @staticmethod
    def _keep(said: dict[str, list[Any]], outputs: Any) -> None:
        for row, value in outputs:
            said.setdefault(row.name, []).append(value)


@pytest.fixture(scope="module")
def both() -> Both:
    made = Both()
    made.run()
    return made


def test_wheels_are_told_the_same(both: Both) -> None:
    assert max(abs(told[0]) for _, told in both.rates) > 4.0
    for wanted, told in both.rates:
        assert told == pytest.approx(wanted, abs=1e-9)


def test_odometry_is_the_same(both: Both) -> None:
    theirs, ours = both.said[topics.ODOM.name], both.own[topics.ODOM.name]
    assert len(theirs) == len(ours)
    for one, other in zip(theirs, ours, strict=True):
        assert other.stamp_s == pytest.approx(one.stamp_s)
        assert other.pose.distance_to(one.pose) < 1e-9
        assert other.linear_mps == pytest.approx(one.linear_mps, abs=1e-6)
        assert other.covariance == pytest.approx(one.covariance)


@pytest.mark.parametrize(
    "row",
    [topics.JOINT_STATES, topics.BUMPER, topics.ESTOP, topics.TF_STATIC],
    ids=lambda r: r.name,
)
def test_other_rows_are_said_as_often(both: Both, row: topics.Topic[Any]) -> None:
    assert len(both.own[row.name]) == pytest.approx(len(both.said[row.name]), abs=1)


def test_people_are_in_the_same_places(both: Both) -> None:
    truth = both.simulator.truth()
    assert [person.name for person in truth.people] == [p.name for p in both.scene.cast.people]
    for one, other in zip(truth.people, both.scene.cast.people, strict=True):
        assert other.pose.distance_to(one.pose) < 1e-9
        assert other.speed_mps == one.speed_mps
    assert (
        [thing.name for thing in truth.objects]
        == [t.name for t in both.scene.cast.appeared]
        == ["box"]
    )


def test_the_truth_is_the_same(both: Both) -> None:
    (theirs,) = both.simulator.truth().robots
    ours = both.witness.truth(both.motors)
    assert ours.pose.distance_to(theirs.pose) < 1e-9
    assert ours.distance_m == pytest.approx(theirs.distance_m, rel=0.02)
    assert ours.clearance_person_m == pytest.approx(theirs.clearance_person_m, abs=1e-6)
    assert ours.clearance_moving_m == pytest.approx(theirs.clearance_moving_m, abs=1e-6)
    assert ours.motors.motion_stamp_s == theirs.motors.motion_stamp_s
    assert ours.motors.zero_since_s == pytest.approx(theirs.motors.zero_since_s)
    assert ours.motors.rest_since_s == pytest.approx(theirs.motors.rest_since_s, abs=0.1)
    assert (ours.docked, theirs.docked) == (False, False)
    assert ours.tilt_rad == pytest.approx(theirs.tilt_rad, abs=1e-6)
