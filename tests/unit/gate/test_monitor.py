"""What the gate makes of its inputs: which are usable, what holds, what latches, where it is."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from tests.gate_world import ROBOT, make_site

from patrol_core.bus import Mailbox
from patrol_core.geometry import Pose2
from patrol_core.site.model import Dock
from patrol_core.topics import (
    AMCL_POSE,
    BUMPER,
    DEPTH_OBSTACLES,
    DOCK_APPROACH,
    ESTOP,
    IMU,
    LOCALIZATION_STATUS,
    ODOM,
    SCAN,
    Topic,
)
from patrol_core.types.motion import Odometry, PoseEstimate
from patrol_core.types.perception import DepthObstacles
from patrol_core.types.sensors import BumperState, Imu, LaserScan
from patrol_core.types.status import (
    DockApproach,
    EstopState,
    LocalizationLevel,
    LocalizationStatus,
)
from patrol_gate.gate import Gate
from patrol_gate.manoeuvre import STILL, Phase, Ramps, Velocity, stopping_manoeuvre
from patrol_gate.monitor import Monitor, Observation
from patrol_gate.params import GateParams
from patrol_gate.reasons import Reason

START_S = 50.0
TICK_S = 0.02
RAMPS = Ramps(0.8, 1.2, 3.0, 2.4)
RANGES_M = np.full(720, 5.0, dtype=np.float32)
SCAN_NOW = LaserScan(START_S, "lidar_link", -math.pi, math.tau / 720, 0.05, 30.0, RANGES_M)
DOCK = Dock("home", Pose2(2.0, 0.0), ((2.47, -0.3), (2.8, -0.3), (2.8, 0.3), (2.47, 0.3)), 1.2)


class Desk:
    """A monitor that hears all its inputs at every tick; `pose` is in `map` and in `odom`."""

    def __init__(self, **params: Any) -> None:
        self.monitor = Monitor(GateParams(**params), ROBOT, make_site(docks=(DOCK,)))
        self.mailbox = Mailbox(Gate.reads)
        self.now_s = START_S
        self.pose = Pose2(0.0, 0.0)
        self.linear_mps = self.angular_radps = self.gyro_radps = 0.0
        self.level = LocalizationLevel.GOOD
        self.bumper: tuple[bool, str] = (False, "")
        self.told_to_stand = False
        self.instead: dict[Topic[Any], Callable[[float], Any] | None] = {}

    def say(self, topic: Topic[Any], value: Any) -> None:
        """`value`, or what is said instead; None: nothing."""
        if topic in self.instead:
            other = self.instead[topic]
            if other is None:
                return
            value = other(self.now_s)
        self.mailbox.store(topic, value, self.now_s)

    def tick(self, dt_s: float = TICK_S) -> Observation:
        self.now_s += dt_s
        now = self.now_s
        self.say(ODOM, Odometry(now, self.pose, self.linear_mps, self.angular_radps))
        self.say(IMU, Imu(now, (0.0, 0.0, self.gyro_radps), (0.0, 0.0, 9.81)))
        self.say(DEPTH_OBSTACLES, DepthObstacles(now, np.zeros((0, 2))))
        self.say(SCAN, replace(SCAN_NOW, stamp_s=now))
        self.say(BUMPER, BumperState(now, *self.bumper))
        self.say(ESTOP, EstopState(now, "robot", False))
        self.say(AMCL_POSE, PoseEstimate(now, self.pose))
        self.say(LOCALIZATION_STATUS, LocalizationStatus(now, self.level, "why", 0.0, 0.0, 1.0))
        return self.monitor.observe(self.mailbox.snapshot(), now, dt_s, self.told_to_stand)

    def ticks(self, count: int, dt_s: float = TICK_S) -> Observation:
        for _ in range(count):
            seen = self.tick(dt_s)
        return seen


def keys(reasons: tuple[Reason, ...]) -> list[str]:
    return [reason.key for reason in reasons]


def test_with_all_inputs_nothing_is_wrong() -> None:
    seen = Desk().ticks(3)
    assert (seen.holds, seen.mission_holds, seen.alarms) == ((), (), ())
    assert seen.pose == Pose2(0.0, 0.0)
    assert seen.surroundings is not None
    assert len(seen.surroundings.points_m) == 0


def test_the_gyro_says_how_it_turns_and_without_one_the_wheels() -> None:
    desk = Desk(required_inputs=())
    desk.linear_mps, desk.angular_radps, desk.gyro_radps = 0.4, 0.3, 0.5
    seen = desk.tick()
    assert (seen.velocity.linear_mps, seen.velocity.angular_radps) == (0.4, 0.5)
    desk.instead[IMU] = None
    seen = desk.ticks(15)
    assert (seen.velocity.linear_mps, seen.velocity.angular_radps) == (0.4, 0.3)
    assert seen.holds == ()
    assert seen.downhill_mps2 == 0.0


def imu(gyro: float = 0.0, force: tuple[float, float, float] = (0.0, 0.0, 9.81)) -> Any:
    return lambda now_s: Imu(now_s, (0.0, 0.0, gyro), force)


def odometry(x_m: float = 0.0, linear: float = 0.0, angular: float = 0.0) -> Any:
    return lambda now_s: Odometry(now_s, Pose2(x_m, 0.0), linear, angular)


def scan(**changes: Any) -> Any:
    return lambda now_s: replace(SCAN_NOW, stamp_s=now_s, **changes)


def depth(points_m: list[tuple[float, ...]]) -> Any:
    return lambda now_s: DepthObstacles(now_s, np.array(points_m))


def always(value: Any) -> Callable[[float], Any]:
    return lambda _now_s: value


MALFORMED = {
    "imu rate": (IMU, imu(math.nan)),
    "imu force": (IMU, imu(force=(math.inf, 0.0, 9.81))),
    "imu dead": (IMU, imu(force=(0.0, 0.0, 0.0))),
    "odom pose": (ODOM, odometry(x_m=math.nan)),
    "odom speed": (ODOM, odometry(linear=math.inf)),
    "odom turn": (ODOM, odometry(angular=-math.inf)),
    "scan of a table": (SCAN, scan(ranges_m=np.zeros((2, 360), dtype=np.float32))),
    "scan of seven beams": (
        SCAN, scan(ranges_m=RANGES_M[:7], angle_increment_rad=math.tau / 7)
    ),
    "scan without beams": (SCAN, scan(ranges_m=RANGES_M[:0])),
    "scan from nowhere": (SCAN, scan(angle_min_rad=math.nan)),
    "scan without steps": (SCAN, scan(angle_increment_rad=0.0)),
    "scan of steps that are no number": (SCAN, scan(angle_increment_rad=math.nan)),
    "scan of more than a turn": (SCAN, scan(angle_increment_rad=math.tau / 700)),
    "scan without a range": (SCAN, scan(range_min_m=0.0, range_max_m=0.0)),
    "scan of limits upside down": (SCAN, scan(range_min_m=30.0, range_max_m=0.05)),
    "scan of a negative range": (SCAN, scan(range_min_m=-0.1)),
    "scan of endless range": (SCAN, scan(range_max_m=math.inf)),
    "depth in part": (DEPTH_OBSTACLES, depth([(1.0, 0.0), (math.nan, 0.0)])),
    "depth in space": (DEPTH_OBSTACLES, depth([(1.0, 0.0, 0.0)])),
}  # fmt: skip


@pytest.mark.parametrize(("topic", "value"), list(MALFORMED.values()), ids=list(MALFORMED))
def test_what_is_malformed_holds(topic: Topic[Any], value: Any) -> None:
    desk = Desk(required_inputs=("imu/data", "bumper", "depth_obstacles"))
    assert desk.ticks(3).holds == ()
    desk.instead[topic] = value
    assert f"absurd:{topic.name}" in keys(desk.tick().holds)
    desk.instead.clear()
    assert keys(desk.ticks(2).holds) in ([], ["jump:odom"])


@pytest.mark.parametrize(
    "value",
    [
        scan(ranges_m=RANGES_M[:8], angle_increment_rad=math.tau / 8),
        scan(ranges_m=RANGES_M[:541], angle_increment_rad=-math.tau / 720),
        scan(ranges_m=RANGES_M, angle_increment_rad=math.tau / 719),
        scan(range_min_m=0.0),
    ],
)
def test_other_lidars_are_well_formed(value: Any) -> None:
    desk = Desk()
    desk.instead[SCAN] = value
    assert desk.ticks(2).holds == ()


@pytest.mark.parametrize("topic", [SCAN, ODOM, IMU, BUMPER, AMCL_POSE, LOCALIZATION_STATUS])
def test_the_same_stamp_again_is_as_good_as_silence(topic: Topic[Any]) -> None:
    """And so is a stamp in the future, and no stamp at all."""
    for wrong_s in (START_S, START_S + 10.0, math.nan):
        desk = Desk()
        desk.ticks(3)
        good: Any = desk.mailbox.snapshot().latest(topic)
        desk.instead[topic] = always(replace(good, stamp_s=wrong_s))
        seen = desk.ticks(math.ceil((topic.stale_s + 0.05) / TICK_S))
        wrong = keys((*seen.holds, *seen.mission_holds))
        assert f"stale:{topic.name}" in wrong or f"missing:{topic.name}" in wrong


@pytest.mark.parametrize("topic", [SCAN, ODOM, IMU, BUMPER, AMCL_POSE, LOCALIZATION_STATUS])
def test_what_was_never_heard_is_waited_for(topic: Topic[Any]) -> None:
    desk = Desk()
    desk.instead[topic] = None
    seen = desk.ticks(3)
    assert f"missing:{topic.name}" in keys((*seen.holds, *seen.mission_holds))
    assert (seen.pose is None) == (topic in (ODOM, AMCL_POSE, LOCALIZATION_STATUS))


def test_a_scan_from_before_the_odometry_cannot_be_placed() -> None:
    desk = Desk()
    desk.instead[SCAN] = lambda now_s: replace(SCAN_NOW, stamp_s=now_s - 0.3)
    seen = desk.tick()
    assert keys(seen.holds) == ["missing:scan"]
    assert seen.surroundings is None
    assert desk.ticks(20).holds == ()


def test_a_jump_of_the_odometry_holds_once_and_forgets_what_was_seen() -> None:
    desk = Desk()
    desk.instead[SCAN] = scan(ranges_m=np.full(720, 2.0, dtype=np.float32))
    seen = desk.ticks(30)
    assert seen.surroundings is not None
    assert len(seen.surroundings.points_m) > 100
    desk.instead[SCAN] = None
    desk.pose = Pose2(40.0, 0.0)
    seen = desk.tick()
    assert keys(seen.holds) == ["jump:odom", "missing:scan"]
    assert seen.surroundings is None
    del desk.instead[SCAN]
    assert desk.tick().holds == ()


@pytest.mark.parametrize("begin_anew", ["jump", "forget"])
def test_with_new_dead_reckoning_trail_and_earlier_scans_are_void(begin_anew: str) -> None:
    """Else what is seen now would have moved there, and a way never gone would be free."""
    desk = Desk(retrace_m=5.0)
    motion = stopping_manoeuvre(STILL, (Phase(Velocity(-0.3, 0.0), 0.3),), RAMPS)
    for _ in range(30):
        desk.pose = Pose2(desk.pose.x_m + 0.02, 0.0)
        seen = desk.tick()
    assert seen.trail.covers(motion, seen.odom)
    desk.instead[SCAN] = scan(ranges_m=np.full(720, 2.0, dtype=np.float32))
    if begin_anew == "jump":
        desk.pose = Pose2(40.0, 0.0)
    else:
        desk.monitor.forget()
    seen = desk.ticks(2)
    assert seen.surroundings is not None
    assert len(seen.surroundings.movers.points_m) == 0
    assert not seen.trail.covers(motion, seen.odom)


def test_what_depth_said_is_kept_for_the_next_scan_and_void_after_a_jump() -> None:
    desk = Desk()
    desk.instead[DEPTH_OBSTACLES] = depth([(1.0, 0.0)])
    seen = desk.ticks(2)
    assert seen.surroundings is not None
    assert seen.surroundings.points_m.tolist() == [[1.0, 0.0]]
    desk.instead[DEPTH_OBSTACLES] = None
    desk.pose = Pose2(40.0, 0.0)
    seen = desk.ticks(2)
    assert seen.surroundings is not None
    assert len(seen.surroundings.points_m) == 0


def test_the_pose_is_carried_on_by_the_odometry() -> None:
    desk = Desk()
    desk.tick()
    desk.instead[AMCL_POSE] = always(PoseEstimate(desk.now_s, Pose2(7.0, 1.0, math.pi / 2.0)))
    desk.pose = Pose2(0.05, 0.0)
    pose = desk.tick().pose
    assert pose is not None
    assert (pose.x_m, pose.y_m) == (pytest.approx(7.0), pytest.approx(1.05))


def test_lost_and_poses_that_cannot_be_carried_hold_the_mission_alone() -> None:
    desk = Desk()
    desk.level = LocalizationLevel.LOST
    seen = desk.ticks(2)
    assert seen.mission_holds == (Reason("lost", "localisation is lost: why"),)
    assert (seen.holds, seen.pose, seen.degraded) == ((), None, False)
    desk.level = LocalizationLevel.DEGRADED
    seen = desk.tick()
    assert (seen.mission_holds, seen.degraded) == ((), True)
    desk.level = LocalizationLevel.GOOD
    assert not desk.tick().degraded
    for bad in (
        lambda now_s: PoseEstimate(now_s, Pose2(math.nan, 0.0)),
        lambda now_s: PoseEstimate(now_s - 0.3, Pose2(0.0, 0.0)),
    ):
        desk.instead[AMCL_POSE] = bad
        seen = desk.tick()
        assert seen.mission_holds == (Reason("lost", "the pose cannot be carried forward"),)
        assert seen.pose is None


def test_rest_is_measured_and_ends_with_the_first_movement() -> None:
    desk = Desk()
    assert desk.ticks(10).rest_s == pytest.approx(0.2)
    desk.linear_mps, desk.gyro_radps = -0.019, 0.049
    assert desk.ticks(5).rest_s == pytest.approx(0.3)
    desk.linear_mps = -0.021
    assert desk.tick().rest_s == 0.0
    desk.linear_mps = 0.0
    assert desk.tick().rest_s == pytest.approx(0.02)
    desk.gyro_radps = -0.051
    assert desk.tick().rest_s == 0.0


def test_contact_latches_until_the_robot_has_stood_for_a_second() -> None:
    desk = Desk()
    desk.ticks(60)
    desk.bumper = (True, "left")
    assert desk.tick().alarms == (Reason("contact", "the robot touched something at the left"),)
    desk.told_to_stand = True
    assert keys(desk.ticks(49).alarms) == ["contact"]
    desk.bumper = (True, "")
    seen = desk.ticks(2)
    assert seen.alarms == ()
    assert seen.holds == (Reason("touched", "something touches the standing robot"),)
    desk.linear_mps = -0.29
    assert keys(desk.tick().holds) == ["touched"]
    desk.linear_mps = -0.31
    assert keys(desk.tick().alarms) == ["contact"]
    desk.bumper = (False, "left")
    seen = desk.tick()
    assert (seen.holds, seen.alarms) == ((), ())


def test_a_pressed_bumper_counts_even_when_it_is_silent_or_not_required() -> None:
    desk = Desk(required_inputs=())
    desk.bumper = (True, "front")
    desk.tick()
    desk.instead[BUMPER] = None
    seen = desk.ticks(60)
    assert keys(seen.alarms) == ["contact"]
    assert seen.holds == ()


@pytest.mark.parametrize(
    ("x_m", "linear", "side", "allowed"),
    [
        (1.51, 0.0, "front", True),
        (1.49, 0.0, "front", False),
        (2.0, 0.119, "front", True),
        (2.0, 0.121, "front", False),
        (2.0, -0.3, "front", True),
        (2.0, 0.0, "rear", False),
    ],
)
def test_contact_at_a_dock_is_allowed_slowly_and_ahead(
    x_m: float, linear: float, side: str, allowed: bool
) -> None:
    desk = Desk()
    desk.pose, desk.linear_mps, desk.bumper = Pose2(x_m, 0.0), linear, (True, side)
    assert (desk.tick().alarms == ()) is allowed
    desk.level = LocalizationLevel.LOST
    assert keys(desk.tick().alarms) == ["contact"]


@pytest.mark.parametrize(
    ("approach", "x_m", "docks"),
    [
        (lambda now_s: DockApproach(now_s, "home", True), 0.01, True),
        (lambda now_s: DockApproach(now_s, "home", True), -0.01, False),
        (lambda now_s: DockApproach(now_s, "home", False), 1.0, False),
        (lambda now_s: DockApproach(now_s, "other", True), 1.0, False),
        (lambda now_s: DockApproach(now_s - 0.6, "home", True), 1.0, False),
    ],
)
def test_a_dock_is_approached_when_that_is_said_now_and_near_it(
    approach: Any, x_m: float, docks: bool
) -> None:
    desk = Desk()
    desk.pose = Pose2(x_m, 0.0)
    desk.mailbox.store(DOCK_APPROACH, approach(START_S + TICK_S), START_S + TICK_S)
    assert desk.tick().dock is (DOCK if docks else None)
    desk.level = LocalizationLevel.LOST
    assert desk.tick().dock is None


def test_ages_are_those_of_the_samples() -> None:
    desk = Desk()
    desk.ticks(3)
    desk.instead[ODOM] = desk.instead[SCAN] = None
    seen = desk.ticks(5)
    assert (seen.age_s, seen.scan_age_s) == (pytest.approx(0.1), pytest.approx(0.1))
    desk.instead[ODOM] = lambda now_s: Odometry(now_s + 0.01, desk.pose, 0.0, 0.0)
    desk.instead[SCAN] = scan()
    seen = desk.tick()
    assert (seen.age_s, seen.scan_age_s) == (0.0, 0.0)


def test_after_the_clock_jumped_back_all_begins_anew() -> None:
    desk = Desk()
    desk.instead[SCAN] = scan(ranges_m=np.full(720, 2.0, dtype=np.float32))
    desk.ticks(30)
    desk.monitor.forget()
    desk.now_s -= 30.0
    seen = desk.tick()
    assert seen.holds == ()
    assert seen.odom == Pose2(0.0, 0.0)
    assert seen.surroundings is not None
