"""The navigator's helpers: pose between samples, people, speeds along a path."""

from __future__ import annotations

import math

import numpy as np
import pytest
from tests.nav_world import empty_costmap, rover

from patrol_core.geometry import FloatArray, Pose2
from patrol_core.types.motion import Odometry, PoseEstimate
from patrol_core.types.perception import Track, TrackKind, Tracks
from patrol_nav.costmap.footprint import footprint_of
from patrol_nav.navigator.people import moving_masks, people_near
from patrol_nav.navigator.pose_tracker import PoseTracker
from patrol_nav.navigator.reference import Reference, speeds_by_room
from patrol_nav.params import MotionParams
from patrol_nav.planning.path import with_headings


def track(kind: TrackKind, x: float, vx: float, last_seen_s: float = 10.0) -> Track:
    return Track("t", kind, x, 0.0, vx, 0.0, 0.5, 0.4, 1.0, 0.0, last_seen_s)


def test_the_pose_is_carried_on_from_the_estimates_own_stamp() -> None:
    tracker, estimate = PoseTracker(), PoseEstimate(0.1, Pose2(5.0, 5.0, math.pi / 2))
    for tick in range(10):
        now = tick * 0.05
        tracker.update(Odometry(now, Pose2(now, 0.0), 1.0, 0.0), estimate)
    pose = tracker.pose_at(0.4)
    assert pose is not None
    assert (pose.x_m, pose.y_m) == pytest.approx((5.0, 5.3))
    ahead = tracker.pose_at(0.5)
    assert ahead is not None and ahead.y_m == pytest.approx(5.4)
    assert tracker.pose_at(5.0) is None


def test_no_pose_before_an_estimate_meets_odometry() -> None:
    tracker = PoseTracker()
    tracker.update(Odometry(10.0, Pose2(0.0, 0.0), 0.0, 0.0), PoseEstimate(2.0, Pose2(1.0, 1.0)))
    assert tracker.pose_at(10.0) is None


def test_people_are_those_who_walk_or_could() -> None:
    tracks = Tracks(
        10.0,
        (
            track(TrackKind.PERSON, 3.0, -1.0, 9.5),
            track(TrackKind.STANDING, 2.0, 0.0),
            track(TrackKind.UNKNOWN, 2.5, 0.1),
            track(TrackKind.UNKNOWN, 4.0, 0.5),
            track(TrackKind.PERSON, 30.0, 0.0),
            track(TrackKind.PERSON, 1.0, 0.0, 2.0),
        ),
    )
    people = people_near(tracks, Pose2(0.0, 0.0), 10.0)
    assert people[:, 0] == pytest.approx([2.5, 4.0])
    assert people[0, 2] == pytest.approx(-1.0)
    assert len(moving_masks(people)) == 2
    assert people_near(None, Pose2(0.0, 0.0), 10.0).shape == (0, 5)


def corner() -> FloatArray:
    east = np.column_stack((np.arange(2.0, 8.0, 0.1), np.full(60, 3.0)))
    north = np.column_stack((np.full(50, 8.0), np.arange(3.0, 8.0, 0.1)))
    return with_headings(np.vstack((east, north)), math.pi / 2)


def test_speed_falls_before_a_corner_and_to_a_creep_at_the_goal() -> None:
    reference, motion = Reference(corner()), MotionParams()
    reference.update(Pose2(4.0, 3.1))
    window = reference.window(1.2, math.inf, empty_costmap(), motion)
    assert window[0, :2] == pytest.approx((4.0, 3.0)) and window[0, 3] == 0.0
    assert window[0, 4] == pytest.approx(1.2)
    assert window[:, 4].min() < 0.5
    drop = np.diff(window[:, 4] ** 2) / np.maximum(2.0 * np.diff(window[:, 3]), 1e-9)
    assert drop.min() > -motion.deceleration_mps2
    for _ in range(20):
        reference.update(Pose2(8.0, min(7.9, reference.poses[reference.index, 1] + 1.0)))
    assert 0.05 < reference.window(1.2, math.inf, empty_costmap(), motion)[-1, 4] < 0.2


def test_speed_falls_to_nothing_before_a_stop() -> None:
    reference = Reference(corner())
    reference.update(Pose2(2.0, 3.0))
    window = reference.window(1.2, 3.0, empty_costmap(), MotionParams())
    assert (window[window[:, 3] >= 3.0, 4] == 0.0).all()
    assert window[0, 4] == pytest.approx(1.2)


def test_speed_falls_with_the_room_beside_the_path() -> None:
    field, footprint = empty_costmap().local_field(Pose2(3.0, 3.0)), footprint_of(rover().body)
    poses = np.array([[3.0, y, 0.0] for y in (3.0, 0.5, 0.3)])
    motion = MotionParams(room_s=0.2, tight_mps=0.3)
    speeds = np.asarray(speeds_by_room(poses, field, footprint, motion))
    assert speeds[0] > 3.0 and 0.3 < speeds[1] < 1.2 and speeds[2] == 0.3
    assert speeds_by_room(poses, field, footprint, MotionParams()) == math.inf
