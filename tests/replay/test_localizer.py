"""The localiser in rooms and corridors: exact, honest about what it does not know, found again."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
import pytest

from patrol_core import topics
from patrol_core.component import Inputs
from patrol_core.geometry import Pose2
from patrol_core.types.motion import PoseEstimate
from patrol_core.types.status import LocalizationLevel, LocalizationStatus
from patrol_nav.localization.params import LocalizerParams, RecoveryParams
from tests.localizer_world import CORRIDOR, HALL, ROOM, Segments, World, cast, polygon


def lap(world: World) -> None:
    world.drive(0.0, 0.0, 2.0)
    for _ in range(2):
        world.drive(0.8, 0.0, 8.0)
        world.drive(0.4, math.pi / 4, 2.0)
        world.drive(0.8, 0.0, 2.0)
        world.drive(0.4, math.pi / 4, 2.0)


@pytest.mark.parametrize("unexplained", [0.0, 0.35])
def test_a_lap_in_a_room_is_exact(unexplained: float) -> None:
    world = World(ROOM, Pose2(2.0, 1.5))
    world.unexplained = unexplained
    world.connect(Pose2(2.2, 1.4, 0.1))
    lap(world)
    meters, radians = world.rms(since=60)
    assert meters < 0.04
    assert math.degrees(radians) < 0.7
    assert world.statuses[-1].level is LocalizationLevel.GOOD
    assert LocalizationLevel.LOST not in world.levels()


@pytest.mark.parametrize("seed", range(3))
def test_a_rough_guess_by_a_person_is_enough(seed: int) -> None:
    """RViz gives 0.5 m and 15 degrees."""
    world = World(ROOM, Pose2(2.0, 1.5), seed)
    world.connect(Pose2(8.0, 2.0), seed)
    x, y, yaw = (np.random.default_rng(seed).standard_normal(3) * [0.5, 0.5, 0.26]).tolist()
    spread = (0.25, 0.0, 0.0, 0.0, 0.25, 0.0, 0.0, 0.0, 0.0685)
    guess = PoseEstimate(0.0, world.truth.compose(Pose2(x, y, yaw)), spread)
    world.mailbox.store(topics.INITIALPOSE, guess, 0.0)
    world.drive(0.0, 0.0, 2.0)
    meters, radians = world.errors[-1]
    assert meters < 0.03
    assert math.degrees(radians) < 1.0
    assert world.statuses[-1].level is LocalizationLevel.GOOD


def test_same_seed_same_poses() -> None:
    first, second, other = (World(ROOM, Pose2(2.0, 1.5)) for _ in range(3))
    for world, seed in ((first, 4), (second, 4), (other, 5)):
        world.connect(Pose2(2.1, 1.5), seed)
        world.drive(0.5, 0.2, 3.0)
    assert first.hashes == second.hashes
    assert first.hashes != other.hashes


def test_along_a_bare_fence_it_says_which_way_it_does_not_know() -> None:
    world = World(CORRIDOR, Pose2(14.0, 1.5))
    world.connect(Pose2(14.0, 1.5))
    world.drive(1.0, 0.0, 25.0)
    across = world.hashes[1::3]
    assert max(abs(y - 1.5) for y in across[100:]) < 0.06
    assert world.statuses[-1].level is LocalizationLevel.DEGRADED
    assert "east and west" in world.statuses[-1].reason
    assert LocalizationLevel.LOST not in world.levels()
    assert world.errors[-1][0] < 3.0 * world.statuses[-1].position_std_m


def carried_away(segments: Segments) -> World:
    """A robot that drove, was put down at the other end, and knows it by its scans alone."""
    world = World(segments, Pose2(2.0, 1.5))
    world.connect(Pose2(2.0, 1.5))
    world.drive(0.5, 0.0, 3.0)
    world.truth = Pose2(10.5, 6.5, 2.2)
    world.drive(0.0, 0.0, 6.0)
    return world


def test_a_kidnapped_robot_says_lost_and_finds_itself() -> None:
    world = carried_away(ROOM)
    assert LocalizationLevel.LOST in world.levels()
    assert world.errors[-1][0] < 0.05
    assert world.statuses[-1].level is LocalizationLevel.GOOD


def test_where_two_places_look_alike_it_stays_lost_until_a_person_helps() -> None:
    world = carried_away(HALL)
    assert world.statuses[-1].level is LocalizationLevel.LOST
    assert "look alike" in world.statuses[-1].reason
    world.mailbox.store(topics.INITIALPOSE, PoseEstimate(world.now_s, Pose2(10.3, 6.6, 2.2)), 0.0)
    world.drive(0.1, 0.0, 4.0)
    assert world.errors[-1][0] < 0.05
    assert world.statuses[-1].level is LocalizationLevel.GOOD


@pytest.mark.parametrize(("through", "is_lost"), [(RecoveryParams().through, False), (0.0, True)])
def test_a_thing_that_makes_a_room_look_like_another_only_hides_its_walls(
    through: float, is_lost: bool
) -> None:
    """As a van beside a fence; without the rule on walls that are looked through it is lost."""
    room = polygon((0, 0), (6, 0), (6, 8), (0, 8))
    box = polygon((1.0, 2.3), (5.0, 2.3), (5.0, 2.8), (1.0, 2.8))
    apart = np.tile((8.0, 0.0), 2)
    world = World(np.vstack((room, room + apart, box + apart)), Pose2(3.0, 1.2))
    params = LocalizerParams(recovery=RecoveryParams(through=through))
    world.connect(Pose2(3.0, 1.2), params=params)
    world.drive(0.0, 0.0, 2.0)
    world.segments = np.vstack((room, box))
    world.drive(0.0, 0.0, 1.5)
    assert (LocalizationLevel.LOST in world.levels()) is is_lost
    world.segments = room
    world.drive(0.0, 0.0, 6.0)
    assert world.statuses[-1].level is LocalizationLevel.GOOD
    assert world.errors[-1][0] < 0.05


def test_some_particles_are_shown_once_a_second() -> None:
    world = World(ROOM, Pose2(2.0, 1.5))
    world.connect(Pose2(2.0, 1.5))
    clouds = [cloud for _ in range(60) for cloud in world.coast(0.0).of(topics.PARTICLE_CLOUD)]
    assert len(clouds) == 3
    assert 100 <= len(clouds[0].poses) <= 500 and clouds[0].poses.shape[1] == 3
    assert np.abs(clouds[0].poses[:, :2].mean(axis=0) - (2.0, 1.5)).max() < 0.1


def test_the_pose_belongs_to_the_stamp_of_the_scan() -> None:
    world = World(ROOM, Pose2(2.0, 1.5))
    world.connect(Pose2(2.0, 1.5))
    world.drive(0.0, 0.0, 1.0)
    world.drive(0.8, 0.0, 2.0)
    world.coast(0.8)
    scan, there = world.scan(), world.truth
    world.coast(0.8)
    world.mailbox.store(topics.SCAN, scan, world.now_s)
    estimate = world.tick().of(topics.AMCL_POSE)[0]
    assert estimate.stamp_s == scan.stamp_s
    assert estimate.pose.distance_to(there) < 0.03
    assert len(estimate.covariance) == 9
    assert estimate.covariance[0] > 0.0


def test_without_odometry_there_is_no_pose() -> None:
    world = World(ROOM, Pose2(2.0, 1.5))
    world.connect(Pose2(2.0, 1.5))
    outputs = world.localizer.step(Inputs({}, {}), 1.0)
    assert outputs.of(topics.TF) == []
    status = outputs.of(topics.LOCALIZATION_STATUS)[0]
    assert status.level is not LocalizationLevel.GOOD
    assert "odometry" in status.reason


def test_without_scans_it_goes_on_by_dead_reckoning_and_says_so() -> None:
    world = World(ROOM, Pose2(2.0, 1.5))
    world.connect(Pose2(2.0, 1.5))
    world.drive(0.5, 0.0, 3.0)
    statuses: list[LocalizationStatus] = []
    for _ in range(20):
        statuses += world.coast(0.5).of(topics.LOCALIZATION_STATUS)
    assert world.errors[-1][0] < 0.06
    assert statuses[-1].level is LocalizationLevel.DEGRADED
    assert "dead reckoning" in statuses[-1].reason
    assert 5 <= len(statuses) <= 8


def test_scans_that_hit_nothing_leave_the_pose_to_odometry() -> None:
    world = World(ROOM, Pose2(2.0, 1.5))
    world.connect(Pose2(2.0, 1.5))
    world.drive(0.5, 0.0, 2.0)
    world.segments = np.array([[1e3, 1e3, 1e3, 1e3 + 1]])
    world.drive(0.5, 0.0, 3.0)
    assert world.errors[-1][0] < 0.1
    assert world.statuses[-1].level is LocalizationLevel.DEGRADED
    assert "returns" in world.statuses[-1].reason


def test_ray_casting_here_is_right() -> None:
    angles: Sequence[float] = (0.0, math.pi / 2, math.pi, -math.pi / 2)
    ranges = cast(ROOM, Pose2(6.0, 1.0), np.array(angles))
    np.testing.assert_allclose(ranges, [6.0, 5.0, 6.0, 1.0])
