"""The robot turns to what was found without a picture, and to what visitors report."""

from __future__ import annotations

import math
from dataclasses import replace

import pytest
from tests.mission_robot import Robot, make_site

from patrol_core.geometry import Pose2
from patrol_core.topics import (
    CAMERA_BLURRED,
    FINDINGS,
)
from patrol_core.types.mission import (
    NavigateGoal,
    PatrolState,
)
from patrol_core.types.perception import Finding, FindingKind
from patrol_core.types.sensors import CompressedImage
from patrol_mission.params import ExecutiveParams


def test_turns_to_a_finding_without_picture_until_there_is_one() -> None:
    robot = Robot(make_site(), ExecutiveParams(photo_patience_s=0.5))
    robot.ignore |= {"follow_route", "navigate_to_pose"}
    robot.start()
    robot._put(CAMERA_BLURRED, CompressedImage(0.0, "camera_optical_frame", "jpeg", b"x"))
    robot.tick(5)
    place = robot.pose.compose(Pose2(0.0, 3.0, 0.0))
    finding = Finding(
        "f1", 1, robot.now_s, FindingKind.OBJECT, place.x_m, place.y_m, 0.4, 0.4, 0.9,
        robot.now_s, "stands where the map is free", (),
    )  # fmt: skip
    robot._put(FINDINGS, replace(finding, x_m=place.x_m + 3.0))
    robot._put(FINDINGS, replace(finding, revision=2))
    robot.tick(10)
    assert robot.state is PatrolState.LOOKING
    goal = robot.goals[-1]
    assert isinstance(goal, NavigateGoal)
    assert goal.pose.yaw_rad == pytest.approx(robot.pose.yaw_rad + math.pi / 2.0, abs=0.02)
    photo = CompressedImage(0.0, "camera_optical_frame", "jpeg", b"x")
    robot._put(FINDINGS, replace(finding, revision=3, photo=photo))
    robot.ignore.clear()
    robot.tick(60)
    assert "picture_taken" in robot.kinds()
    assert robot.state is PatrolState.FINISHED


def test_a_look_at_a_finding_is_part_of_the_dwell_and_the_checkpoint_is_reached_once() -> None:
    robot = Robot(make_site(), ExecutiveParams(photo_patience_s=0.0, look_facing_s=1.0))
    robot._put(CAMERA_BLURRED, CompressedImage(0.0, "camera_optical_frame", "jpeg", b"x"))
    robot.start()
    while robot.state is not PatrolState.DWELLING:
        robot.tick(1)
    place = robot.pose.compose(Pose2(0.0, 3.0, 0.0))
    robot._put(FINDINGS, Finding(
        "f1", 1, robot.now_s, FindingKind.OBJECT, place.x_m, place.y_m, 0.4, 0.4, 0.9,
        robot.now_s, "stands where the map is free", (),
    ))  # fmt: skip
    robot.tick(6)
    assert robot.state is PatrolState.LOOKING
    robot.tick(200)
    assert "no_picture" in robot.kinds()
    assert robot.state is PatrolState.FINISHED
    assert robot.kinds().count("checkpoint_reached") == len(make_site().routes[0].checkpoint_ids)


def test_the_look_that_interrupts_a_way_to_the_route_keeps_its_goal() -> None:
    robot = Robot(make_site(), ExecutiveParams(photo_patience_s=0.5))
    robot.ignore |= {"follow_route", "navigate_to_pose"}
    robot.pose, robot.charging = Pose2(20.0, 15.0, 0.0), False
    robot.start()
    photo = CompressedImage(0.0, "camera_optical_frame", "jpeg", b"x")
    robot._put(CAMERA_BLURRED, photo)
    robot.tick(5)
    joins = robot.goals[-1]
    assert isinstance(joins, NavigateGoal)
    robot._put(FINDINGS, Finding(
        "f1", 1, robot.now_s, FindingKind.OBJECT, 20.0, 18.0, 0.4, 0.4, 0.9, robot.now_s,
        "stands where the map is free", (),
    ))  # fmt: skip
    robot.tick(10)
    assert robot.state is PatrolState.LOOKING
    assert robot.goals[-1] is not joins and robot.canceled == []
