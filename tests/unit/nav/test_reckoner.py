"""The pose without a map: wheels and gyro from the start on."""

from __future__ import annotations

import math
from pathlib import Path

import pytest

from patrol_core import topics
from patrol_core.bus import Mailbox
from patrol_core.component import Outputs, ProcessContext
from patrol_core.geometry import Pose2
from patrol_core.params import make_params
from patrol_core.robot import load_robot
from patrol_core.site.model import Retention, Site
from patrol_core.types.motion import Odometry, PoseEstimate
from patrol_core.types.sensors import Imu
from patrol_core.types.status import LocalizationLevel
from patrol_nav.assembly import build
from patrol_nav.localization.localizer import Localizer
from patrol_nav.localization.params import MotionParams
from patrol_nav.localization.reckoner import Reckoner
from patrol_nav.params import NavParams

ROBOT = load_robot(Path(__file__).parents[3] / "urdf/config/rover.yaml")
TICK_S = 0.05


class Drive:
    """Feeds a reckoner with wheels that go straight on and a gyro that may disagree."""

    def __init__(self, start: Pose2) -> None:
        self.reckoner = Reckoner(MotionParams(), ROBOT, start)
        self.mailbox = Mailbox(self.reckoner.reads)
        self.now_s = self.way_m = 0.0

    def tick(self, speed_mps: float, gyro_radps: float = 0.0) -> Outputs:
        self.now_s += TICK_S
        self.way_m += speed_mps * TICK_S
        wheels = Odometry(self.now_s, Pose2(self.way_m, 0.0), speed_mps, 0.0)
        self.mailbox.store(topics.ODOM, wheels, self.now_s)
        imu = Imu(self.now_s, (0.0, 0.0, gyro_radps), (0.0, 0.0, 9.81))
        self.mailbox.store(topics.IMU, imu, self.now_s)
        return self.reckoner.step(self.mailbox.snapshot(), self.now_s)


def pose_of(outputs: Outputs) -> Pose2:
    (estimate,) = outputs.of(topics.AMCL_POSE)
    return estimate.pose


def test_it_starts_where_it_is_told_and_counts_from_there() -> None:
    drive = Drive(Pose2(2.0, 1.0, math.pi / 2.0))
    first = pose_of(drive.tick(0.0))
    assert (first.x_m, first.y_m) == pytest.approx((2.0, 1.0))
    for _ in range(20):
        outputs = drive.tick(1.0)
    pose = pose_of(outputs)
    assert (pose.x_m, pose.y_m, pose.yaw_rad) == pytest.approx((2.0, 2.0, math.pi / 2.0))


def test_the_gyro_gives_the_turn() -> None:
    drive = Drive(Pose2(0.0, 0.0))
    for _ in range(20):
        outputs = drive.tick(1.0, 0.5)
    assert pose_of(outputs).yaw_rad == pytest.approx(0.5 * 19 * TICK_S, abs=0.02)
    (moved,) = outputs.of(topics.TF)[0].transforms
    assert (moved.parent, moved.child) == ("map", "odom")
    assert moved.transform.yaw_rad() == pytest.approx(pose_of(outputs).yaw_rad)


def test_a_person_can_say_where_it_is() -> None:
    drive = Drive(Pose2(0.0, 0.0))
    drive.tick(1.0)
    drive.mailbox.store(topics.INITIALPOSE, PoseEstimate(0.0, Pose2(5.0, 5.0)), drive.now_s)
    drive.tick(1.0)
    pose = pose_of(drive.tick(1.0))
    assert (pose.x_m, pose.y_m) == pytest.approx((5.0 + TICK_S, 5.0))


def test_it_says_that_the_pose_is_good_and_ever_less_certain() -> None:
    drive, said = Drive(Pose2(0.0, 0.0)), []
    for _ in range(40):
        said += drive.tick(1.0).of(topics.LOCALIZATION_STATUS)
    assert len(said) == 20
    assert all(status.level is LocalizationLevel.GOOD for status in said)
    assert 0.0 < said[5].position_std_m < said[-1].position_std_m < 0.5


def test_nothing_is_said_without_wheels_and_nothing_twice() -> None:
    reckoner = Reckoner(MotionParams(), ROBOT, Pose2(0.0, 0.0))
    assert not list(reckoner.step(Mailbox(reckoner.reads).snapshot(), 1.0))
    drive = Drive(Pose2(0.0, 0.0))
    drive.tick(1.0)
    assert not list(drive.reckoner.step(drive.mailbox.snapshot(), drive.now_s))


def test_without_a_map_the_nav_process_has_a_reckoner_and_needs_no_map_file() -> None:
    outline = ((0.0, 0.0), (4.0, 0.0), (4.0, 3.0), (0.0, 3.0))
    site = Site(
        "open", Path(), 0.0, 0.0, "UTC", outline, (), (), (), (), (), Retention(1, 1, 1),
        Path("missing.yaml"),
    )  # fmt: skip
    context = ProcessContext(site, ROBOT, Path())
    kinds = [type(part) for part in build(context, make_params(NavParams, {"use_map": False}))]
    assert Reckoner in kinds and Localizer not in kinds
