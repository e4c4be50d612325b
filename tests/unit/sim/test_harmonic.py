"""Gazebo Harmonic without Gazebo: scene, base, witness, and what goes over its transport."""

from __future__ import annotations

import json
import math
import sys
import xml.etree.ElementTree as ET
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests import fake_gz
from tests.fake_gz import Bus, Message

from patrol_core import topics
from patrol_core.geometry import Pose2, Transform3
from patrol_core.robot import load_robot
from patrol_core.types.motion import VelocityCommand
from patrol_core.types.sensors import BatteryState, DepthImage, GnssFix, LaserScan
from patrol_sim.errors import ScenarioError
from patrol_sim.harmonic.commander import Commander, Doer, orders
from patrol_sim.harmonic.gazebo_types import GazeboMissingError
from patrol_sim.harmonic.listener import Listener, Touch
from patrol_sim.harmonic.robot import GazeboBase
from patrol_sim.harmonic.scene import Owner, Scene, Spawn
from patrol_sim.harmonic.witness import Motors, Witness
from patrol_sim.params import BatteryParams, SimParams, ideal_params
from patrol_sim.people import SeenRobot
from patrol_sim.removal import Removal
from patrol_sim.scenario import Fault, FaultKind, Pedestrian, PlacedObject, Scenario, Start
from patrol_sim.sdf import load_world, parse_world

ROOT = Path(__file__).parents[3]
ROBOT = load_robot(ROOT / "urdf" / "config" / "rover.yaml")
WORLD = load_world(ROOT / "sim" / "worlds" / "yard.sdf")
TICK_S = 0.02
MOVING, STANDING = Motors(True, 1.0, math.inf), Motors(False, 1.0, 2.0)


def person(name: str = "anna", **more: Any) -> Pedestrian:
    return Pedestrian(name, ((0.0, 0.0), (4.0, 0.0)), 1.0, 0.0, 0.0, True, **more)


def scene(*people: Pedestrian, things: tuple[PlacedObject, ...] = ()) -> Scene:
    start = Start(Pose2(0.0, -2.0))
    return Scene(WORLD, Scenario("test", (start,), people, things), 1)


def test_people_come_as_three_solids_and_walk() -> None:
    made = scene(person())
    first = made.step(0.0, TICK_S, (), ())
    limbs = {"person_anna_torso", "person_anna_left_leg", "person_anna_right_leg"}
    assert {spawn.name for spawn in first.spawns} == limbs
    assert not first.moves
    moved = made.step(1.0, 1.0, (), ()).moves
    assert set(moved) == limbs
    assert moved["person_anna_torso"].translation_m[0] == pytest.approx(0.85, abs=0.01)
    assert made.owner("person_anna_torso") == Owner("anna", person=True)
    legs = [moved[f"person_anna_{side}_leg"].translation_m for side in ("left", "right")]
    assert legs[0][1] - legs[1][1] == pytest.approx(0.22)


def test_who_stands_is_not_moved_and_who_falls_lies() -> None:
    made = scene(person(falls_s=2.0))
    robot = SeenRobot(Pose2(1.0, 0.0))
    made.step(0.0, TICK_S, (robot,), ())
    assert not made.step(0.02, TICK_S, (robot,), ()).moves
    lying = made.step(2.0, TICK_S, (robot,), ()).moves["person_anna_torso"]
    up = lying.matrix()[:3, 2]
    assert up == pytest.approx([1.0, 0.0, 0.0], abs=1e-9)


def test_a_thing_appears_at_its_time_but_on_no_robot() -> None:
    bag = PlacedObject("bag", "bag", (0.5, 0.3, 0.4), Pose2(1.0, 1.0, 0.3), 5.0, planted=True)
    made = scene(things=(bag,))
    far, near = SeenRobot(Pose2(5.0, 5.0)), SeenRobot(Pose2(1.5, 1.0))
    assert not made.step(4.9, TICK_S, (far,), ()).spawns
    assert not made.step(5.0, TICK_S, (near,), ()).spawns
    assert made.cast.appeared == []
    (spawn,) = made.step(5.1, TICK_S, (far,), ()).spawns
    assert (spawn.name, spawn.pose.yaw_rad()) == ("object_bag", pytest.approx(0.3))
    assert made.cast.appeared == [bag]


@pytest.mark.parametrize("kind", ["box", "cylinder", "ball", "bag", "vehicle"])
def test_a_model_is_the_solid_that_the_embedded_simulator_has(kind: str) -> None:
    thing = PlacedObject("it", kind, (1.0, 0.6, 0.5), Pose2(0.0, 0.0), 0.0, planted=False)
    (spawn,) = scene(things=(thing,)).step(0.0, TICK_S, (), ()).spawns
    text = spawn.sdf.replace('<sdf version="1.7">', '<sdf version="1.7"><world name="w">')
    (model,) = parse_world(text.replace("</sdf>", "</world></sdf>"), Path("spawned.sdf")).models
    assert model.static and model.name == "object_it"
    assert len(model.links[0].collisions) == len(model.links[0].visuals) > 0
    names = [
        e.get("name") for e in ET.fromstring(spawn.sdf).iter() if e.tag in ("collision", "visual")
    ]
    assert len(names) == len(set(names))


@pytest.mark.parametrize(
    ("removal", "says"),
    [
        (Removal("nothing_such"), "no model 'nothing_such'"),
        (Removal("shed", 0.0, 1.0), "a stretch of 'shed'"),
    ],
)
def test_what_gazebo_cannot_take_away_is_refused(removal: Removal, says: str) -> None:
    with pytest.raises(ScenarioError, match=says):
        Scene(WORLD, Scenario("test", (), removed=(removal,)), 0)
    whole = Scene(WORLD, Scenario("test", (), removed=(Removal("shed"),)), 0)
    assert whole.removed == ("shed",)


class Wheels:
    """A base whose wheels turn as they are told, at once."""

    def __init__(self, params: SimParams | None = None) -> None:
        self.base = GazeboBase("robot", ROBOT, params or ideal_params(), 0)
        self.angles = [0.0, 0.0]
        self.now_s = 0.0
        self.said: dict[str, list[Any]] = {}
        self.base.turned(0.0, 0.0, 0.0)

    def run(self, duration_s: float, linear: float, angular: float = 0.0) -> None:
        for _ in range(round(duration_s / TICK_S)):
            self.base.apply(VelocityCommand(self.now_s, linear, angular), self.now_s)
            rates = self.base.step(self.now_s, TICK_S)
            self.now_s += TICK_S
            self.angles = [a + rate * TICK_S for a, rate in zip(self.angles, rates, strict=True)]
            self.base.turned(self.now_s, *self.angles)
            for row, value in self.base.outputs():
                self.said.setdefault(row.name, []).append(value)

    def last(self, row: topics.Topic[Any]) -> Any:
        return self.said[row.name][-1]


def test_odometry_follows_the_wheels_and_rows_have_their_rates() -> None:
    robot = Wheels()
    robot.run(4.0, 0.5)
    ramp_s = 0.5 / ROBOT.drive.max_acceleration_mps2
    odometry = robot.last(topics.ODOM)
    assert odometry.pose.x_m == pytest.approx(0.5 * (4.0 - ramp_s / 2.0), abs=0.02)
    assert odometry.linear_mps == pytest.approx(0.5, abs=0.02)
    for row in (topics.ODOM, topics.TF, topics.JOINT_STATES, topics.BUMPER, topics.ESTOP):
        assert len(robot.said[row.name]) == pytest.approx(4.0 * row.rate_hz, abs=1), row.name
    assert len(robot.said[topics.TF_STATIC.name]) == len(robot.said[topics.CAMERA_INFO.name]) == 1


def test_silence_stops_it_and_so_does_a_second_speaker() -> None:
    robot = Wheels()
    robot.run(2.0, 0.5)
    for _ in range(60):
        robot.now_s += TICK_S
        rates = robot.base.step(robot.now_s, TICK_S)
    assert rates == (0.0, 0.0)
    robot.base.controller.command.publishers = 2
    robot.run(0.2, 0.5)
    assert robot.last(topics.ODOM).linear_mps == 0.0


def test_faults_are_those_of_the_embedded_simulator() -> None:
    robot = Wheels()
    robot.run(2.0, 0.5)
    true_m = robot.angles[0] * ROBOT.wheels.radius_m
    robot.base.set_faults((Fault(FaultKind.SLIP, 0.0, 99.0, amount=0.5),))
    robot.run(2.0, 0.5)
    rolled_m = robot.angles[0] * ROBOT.wheels.radius_m - true_m
    assert rolled_m == pytest.approx(0.5, abs=0.03)
    frozen = Fault(FaultKind.FREEZE, 0.0, 99.0, topics.ODOM.name)
    robot.base.set_faults((frozen, Fault(FaultKind.DROP, 0.0, 99.0, topics.TF.name)))
    before, count = robot.last(topics.ODOM), len(robot.said[topics.TF.name])
    robot.run(0.5, 0.5)
    assert robot.last(topics.ODOM) is before
    assert len(robot.said[topics.TF.name]) == count
    robot.base.set_faults((Fault(FaultKind.PRESS, 0.0, 99.0), Fault(FaultKind.CUT, 0.0, 99.0)))
    robot.run(1.0, 0.5)
    assert robot.last(topics.ESTOP).pressed
    assert robot.base.step(robot.now_s, TICK_S) == (0.0, 0.0)


def test_what_gazebo_measures_becomes_rows() -> None:
    robot = Wheels()
    robot.base.measured(topics.FIX, GnssFix(1.0, 0.9, 0.1, 30.0, (0.0, 0.0, 0.0), True))
    depth_m = np.array([[1.0, np.inf], [np.nan, 99.0]], dtype=np.float32)
    robot.base.measured(topics.CAMERA_DEPTH, DepthImage(1.0, "camera_link", depth_m))
    robot.base.charged(BatteryState(1.0, 25.6, -1.8, 0.0, False))
    robot.base.felt("front")
    robot.run(1.0, 0.5)
    assert robot.last(topics.FIX).variances_m2 == (0.0, 0.0, 0.0)
    image = robot.last(topics.CAMERA_DEPTH)
    assert image.frame_id == "camera_optical_frame"
    assert image.depth_m[0, 0] == 1.0 and np.isnan(image.depth_m[[0, 1, 1], [1, 0, 1]]).all()
    assert robot.last(topics.BUMPER).side == "front"
    assert robot.last(topics.BATTERY_STATE).charge_fraction == 0.0
    assert robot.angles == [0.0, 0.0], "the battery is empty"


def witness(*docks: Pose2) -> Witness:
    return Witness("robot", ROBOT, docks, BatteryParams())


def test_the_witness_measures_motion_and_nearness() -> None:
    seen = witness(Pose2(9.0, 9.0))
    for tick in range(51):
        pose = Pose2(0.5 * tick * TICK_S, 0.0)
        seen.see(Transform3.from_pose2(pose), tick * TICK_S)
        seen.step(tick * TICK_S, MOVING, [Pose2(3.0, 0.0)])
    truth = seen.truth(MOVING)
    assert truth.linear_mps == pytest.approx(0.5)
    assert truth.distance_m == pytest.approx(0.5)
    front_m = ROBOT.body.center_x_m + ROBOT.body.length_m / 2.0
    assert truth.clearance_person_m == pytest.approx(3.0 - 0.25 - 0.5 - front_m)
    assert truth.clearance_moving_m == truth.clearance_person_m
    ranges = np.full(8, np.inf, dtype=np.float32)
    ranges[[0, 4]] = 1.0, 2.0
    scan = LaserScan(1.0, "lidar_link", 0.0, math.pi / 4.0, 0.05, 30.0, ranges)
    ahead = Pose2(0.5 + ROBOT.lidar.xyz_m[0] + 1.0, 0.0)
    seen.scanned(scan, [ahead])
    back_m = ROBOT.body.length_m / 2.0 - ROBOT.body.center_x_m
    assert seen.truth(MOVING).clearance_thing_m == pytest.approx(2.0 - 0.1 - back_m)


def test_contacts_are_judged_as_in_the_embedded_simulator() -> None:
    seen = witness(Pose2(0.0, 0.0))
    seen.see(Transform3.from_pose2(Pose2(0.0, 0.0)), 0.0)
    assert seen.docked
    seen.step(10.0, MOVING, [])
    seen.touched(Owner("ground", ground=True), 10.0)
    seen.touched(Owner("dock_west"), 10.0)
    seen.touched(Owner("anna", person=True), 10.5)
    seen.touched(Owner("anna", person=True), 10.9)
    seen.step(20.0, STANDING, [])
    seen.touched(Owner("anna", person=True), 20.0)
    dock, first, second = seen.contacts
    assert dock.allowed and dock.by_robot and not dock.person
    assert (first.start_s, first.end_s, first.by_robot, first.person) == (10.5, 10.9, True, True)
    assert second.start_s == 20.0 and not second.by_robot


@pytest.fixture
def bus(monkeypatch: pytest.MonkeyPatch) -> Bus:
    return fake_gz.installed(monkeypatch)


def stamp(seconds: int) -> Message:
    return Message(stamp=Message(sec=seconds, nsec=500_000_000))


def test_the_listener_hears_clock_pose_contacts_and_battery(bus: Bus) -> None:
    listener = Listener("yard")
    listener.watch("rover_1", "rover_1")
    assert listener.now_s is None and listener.pose("rover_1") is None
    bus.heard["/world/yard/clock"](Message(sim=Message(sec=3, nsec=20_000_000)))
    assert listener.now_s == pytest.approx(3.02)
    poses = Message()
    at, turn = Message(x=1.0, y=2.0, z=0.1), Message(x=0.0, y=0.0, z=0.0, w=1.0)
    poses.pose.add(name="rover_1", header=stamp(4), position=at, orientation=turn)
    bus.heard["/rover_1/gazebo/pose"](poses)
    assert listener.pose("rover_1") == (4.5, Transform3((1.0, 2.0, 0.1)))
    touches = Message(header=stamp(5))
    ends = (
        "person_anna_torso::link::collision_0",
        "rover_1::front_bumper::front_bumper_collision",
    )
    touches.contact.add(collision1=Message(name=ends[0]), collision2=Message(name=ends[1]))
    bus.heard["/rover_1/gazebo/contacts/front"](touches)
    assert listener.touches("rover_1") == [Touch(5.5, "front", "person_anna_torso")]
    assert listener.touches("rover_1") == []
    battery = {"voltage": 25.0, "current": 2.0, "percentage": 81.0, "power_supply_status": 1}
    bus.heard["/model/rover_1/battery/pack/state"](Message(header=stamp(6), **battery))
    assert listener.battery("rover_1") == BatteryState(6.5, 25.0, -2.0, 0.81, True)


def test_charging_is_told_when_it_changes(bus: Bus) -> None:
    listener = Listener("yard")
    listener.watch("robot", "")
    for docked in (False, True, True, False):
        listener.charge("robot", docked)
    told = [topic.rpartition("/")[2] for topic, _ in bus.published]
    assert told == ["start", "stop"]


def test_orders_become_requests(bus: Bus) -> None:
    bus.answers = {f"/world/yard/{word}": True for word in ("create", "remove", "set_pose_vector")}
    doer = Doer("yard")
    doer.do({"spawn": "bag", "sdf": "<sdf/>", "at": [1.0, 2.0, 0.0, 0.0, 0.0, 0.6, 0.8]})
    doer.do({"remove": "shed"})
    doer.do({"move": {"a": [0.0, 1.0, 0.0, 0.0, 0.0, 0.0, 1.0]}})
    (create, made), (remove, gone), (move, moved) = bus.asked
    assert [create, remove, move] == list(bus.answers)
    assert (made.name, made.sdf, made.pose.position.y, made.pose.orientation.w) == (
        "bag", "<sdf/>", 2.0, 0.8,
    )  # fmt: skip
    assert (gone.name, gone.type) == ("shed", Message.MODEL)
    assert [(pose.name, pose.position.y) for pose in moved.pose] == [("a", 1.0)]
    bus.answers["/world/yard/create"] = False
    with pytest.raises(GazeboMissingError, match="refuses '/world/yard/create'"):
        doer.do({"spawn": "bag", "sdf": "<sdf/>", "at": [0.0] * 6 + [1.0]})
    del bus.answers["/world/yard/create"]
    with pytest.raises(GazeboMissingError, match="does not answer"):
        doer.do({"spawn": "bag", "sdf": "<sdf/>", "at": [0.0] * 6 + [1.0]})


def test_without_gazebo_it_is_said_what_to_install() -> None:
    with pytest.raises(GazeboMissingError, match="python3-gz-transport13"):
        Listener("yard")


ORDERS = st.lists(
    st.one_of(
        st.builds(lambda name: {"remove": name}, st.text("ab\n", max_size=3)),
        st.builds(
            lambda moves: {"move": moves},
            st.dictionaries(st.sampled_from("abc"), st.integers(0, 9), min_size=1),
        ),
    ),
    max_size=8,
)


@settings(max_examples=60, deadline=None)
@given(ORDERS, st.data())
def test_however_orders_are_cut_the_newest_pose_counts(given_orders: list[Any], data: Any) -> None:
    text = "".join(json.dumps(order) + "\n" for order in given_orders).encode()
    chunks = []
    while text:
        size = data.draw(st.integers(1, len(text)))
        chunks.append(text[:size])
        text = text[size:]
    chunks.append(b"")
    carried = list(orders(iter(chunks).__next__))

    def outcome(done: list[Any]) -> list[Any]:
        """What is removed, and where everything is at each removal and at the end."""
        places: dict[str, int] = {}
        history: list[Any] = []
        for order in done:
            places |= order.get("move", {})
            if "remove" in order:
                history.append((order["remove"], dict(places)))
        return [*history, places]

    assert outcome(carried) == outcome(given_orders)


def test_a_commander_that_ends_is_noticed() -> None:
    refuses = Commander("yard", (sys.executable, "-c", "import sys; input(); sys.exit(1)"))
    refuses.spawn(Spawn("bag", "<sdf/>", Transform3((0.0, 0.0, 0.0))))
    refuses._process.wait()
    with pytest.raises(GazeboMissingError, match="did not do what the scenario needs"):
        refuses.move({"bag": Transform3((0.0, 0.0, 0.0))})
    refuses.close()
