"""The localiser in a world of segments with analytic ray casting."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from patrol_core import topics
from patrol_core.bus import Mailbox
from patrol_core.component import Inputs, Outputs
from patrol_core.geodesy import LocalFrame
from patrol_core.geometry import FloatArray, Pose2, wrap_angle
from patrol_core.robot import load_robot
from patrol_core.types.maps import FREE, OCCUPIED, OccupancyGrid
from patrol_core.types.motion import Odometry, PoseEstimate
from patrol_core.types.sensors import GnssFix, Imu, LaserScan
from patrol_core.types.status import LocalizationLevel, LocalizationStatus
from patrol_nav.localization.localizer import Localizer
from patrol_nav.localization.params import GnssParams, LocalizerParams, RecoveryParams
from patrol_nav.localization.satellites import Satellites

ROBOT = load_robot(Path(__file__).parents[3] / "urdf/config/rover.yaml")
FRAME = LocalFrame(0.9, 0.12)
REACH_M = 12.0
BEAMS = 180

Segments = FloatArray


def polygon(*corners: tuple[float, float]) -> Segments:
    ring = np.array(corners)
    return np.hstack((ring, np.roll(ring, -1, axis=0)))


ROOM = np.vstack(
    (
        polygon((0, 0), (12, 0), (12, 8), (7, 8), (7, 6), (5, 6), (5, 8), (0, 8)),
        polygon((3, 3), (4, 3), (4, 3.5), (3, 3.5)),
        polygon((9, 4.2), (9.6, 4.8), (9, 5.4)),
    )
)
HALL = polygon((0, 0), (12, 0), (12, 8), (0, 8))
CORRIDOR = np.array([[0.0, 0.0, 60.0, 0.0], [0.0, 3.0, 60.0, 3.0], [0.0, 0.0, 0.0, 3.0]])


def cast(segments: Segments, origin: Pose2, angles_rad: FloatArray) -> FloatArray:
    """Ranges of rays from `origin`, shape of the angles; inf beyond REACH_M."""
    headings = angles_rad + origin.yaw_rad
    dx, dy = np.cos(headings)[:, None], np.sin(headings)[:, None]
    ax, ay = segments[:, 0] - origin.x_m, segments[:, 1] - origin.y_m
    ex, ey = segments[:, 2] - segments[:, 0], segments[:, 3] - segments[:, 1]
    with np.errstate(divide="ignore", invalid="ignore"):
        cross = dx * ey - dy * ex
        along = (ax * ey - ay * ex) / cross
        share = (ax * dy - ay * dx) / cross
    hit = (along > 0.0) & (share >= 0.0) & (share <= 1.0)
    ranges = np.where(hit, along, np.inf).min(axis=1)
    return np.asarray(np.where(ranges <= REACH_M, ranges, np.inf))


def draw(segments: Segments) -> OccupancyGrid:
    """The map: surfaces run through the middle of their cells."""
    low = segments.reshape(-1, 2).min(axis=0) - 1.025
    high = segments.reshape(-1, 2).max(axis=0) + 1.0
    columns, rows = np.ceil((high - low) / 0.05).astype(int)
    cells = np.full((rows, columns), FREE, dtype=np.int8)
    grid = OccupancyGrid(0.0, 0.05, float(low[0]), float(low[1]), cells)
    share = np.linspace(0.0, 1.0, 4000)[:, None]
    for segment in segments:
        row, column = grid.cells_of(segment[:2] + share * (segment[2:] - segment[:2])).T
        cells[row, column] = OCCUPIED
    return grid


class World:
    """A robot that drives as told, its imperfect sensors, and a localiser that listens."""

    def __init__(self, segments: Segments, start: Pose2, seed: int = 0) -> None:
        self.segments = segments
        self.rng = np.random.default_rng(seed)
        self.truth = start
        self.odom = Pose2(0.0, 0.0)
        self.now_s = 0.0
        self.unexplained = 0.0
        self.gnss_std_m = 0.0
        self.gnss_off_m: FloatArray = np.zeros(2)
        self.errors: list[tuple[float, float]] = []
        self.statuses: list[LocalizationStatus] = []
        self.hashes: list[float] = []

    def connect(
        self, believed: Pose2, seed: int = 0, params: LocalizerParams | None = None
    ) -> None:
        grid = draw(self.segments)
        rng = np.random.default_rng(seed)
        self.localizer = Localizer(params or LocalizerParams(), ROBOT, grid, FRAME, believed, rng)
        self.mailbox = Mailbox(self.localizer.reads)

    def drive(self, speed_mps: float, rate_radps: float, seconds: float) -> None:
        for _ in range(round(seconds / 0.05)):
            self.now_s += 0.05
            self._move(speed_mps, rate_radps)
            self.sense(speed_mps, rate_radps)
            if round(self.now_s / 0.05) % 2 == 0:
                self.mailbox.store(topics.SCAN, self.scan(), self.now_s)
            if self.gnss_std_m > 0.0 and round(self.now_s / 0.05) % 20 == 0:
                self.mailbox.store(topics.FIX, self._fix(), self.now_s)
            self.tick()

    def coast(self, speed_mps: float) -> Outputs:
        """One tick straight on without a scan."""
        self.now_s += 0.05
        self._move(speed_mps, 0.0)
        self.sense(speed_mps, 0.0)
        return self.tick()

    def _move(self, speed_mps: float, rate_radps: float) -> None:
        way, turn = 0.05 * speed_mps, 0.05 * rate_radps
        self.truth = self.truth.compose(
            Pose2(way * math.cos(turn / 2), way * math.sin(turn / 2), turn)
        )
        slip = 1.0 + 0.01 + 0.03 * self.rng.standard_normal(2)
        self.odom = self.odom.compose(Pose2(way * slip[0], 0.0, turn * slip[1]))

    def sense(self, speed_mps: float, rate_radps: float) -> None:
        odometry = Odometry(self.now_s, self.odom, speed_mps, rate_radps)
        rate = rate_radps + 0.003 + 0.002 * self.rng.standard_normal()
        imu = Imu(self.now_s, (0.0, 0.0, rate), (0.0, 0.0, 9.81))
        self.mailbox.store(topics.ODOM, odometry, self.now_s)
        self.mailbox.store(topics.IMU, imu, self.now_s)

    def scan(self) -> LaserScan:
        increment = math.tau / BEAMS
        angles = np.asarray(-math.pi + increment * np.arange(BEAMS), dtype=np.float64)
        ranges = cast(self.segments, self.truth.compose(ROBOT.lidar.transform().pose2()), angles)
        ranges += 0.01 * self.rng.standard_normal(BEAMS)
        blocked = np.arange(BEAMS) % 20 < 20 * self.unexplained
        ranges[blocked] *= self.rng.uniform(0.3, 0.9, int(blocked.sum()))
        rounded = ranges.astype(np.float32)
        return LaserScan(self.now_s, "lidar_link", -math.pi, increment, 0.05, REACH_M, rounded)

    def _fix(self) -> GnssFix:
        """Of an antenna in the middle of the robot, `gnss_off_m` beside the truth."""
        x, y = np.array([self.truth.x_m, self.truth.y_m]) + self.gnss_off_m
        latitude, longitude = FRAME.to_geodetic(float(x), float(y))
        variance = self.gnss_std_m**2
        return GnssFix(self.now_s, latitude, longitude, 0.0, (variance,) * 3, True)

    def tick(self) -> Outputs:
        outputs = self.localizer.step(self.mailbox.snapshot(), self.now_s)
        transform = outputs.of(topics.TF)[0].transforms[0]
        pose = transform.transform.pose2().compose(self.odom)
        turned = abs(wrap_angle(pose.yaw_rad - self.truth.yaw_rad))
        self.errors.append((pose.distance_to(self.truth), turned))
        self.statuses += outputs.of(topics.LOCALIZATION_STATUS)
        self.hashes += [pose.x_m, pose.y_m, pose.yaw_rad]
        return outputs

    def rms(self, since: int = 0) -> tuple[float, float]:
        """Of position [m] and heading [rad], from tick `since` on."""
        meters, radians = np.sqrt(np.square(self.errors[since:]).mean(axis=0)).tolist()
        return meters, radians

    def levels(self) -> set[LocalizationLevel]:
        return {status.level for status in self.statuses}


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


def test_satellites_tell_apart_what_looks_alike_to_the_lidar() -> None:
    world = World(HALL, Pose2(2.0, 1.5))
    world.connect(Pose2(2.0, 1.5))
    world.gnss_std_m, world.gnss_off_m = 1.0, np.array([0.8, -0.7])
    world.drive(0.5, 0.0, 3.0)
    world.truth = Pose2(10.5, 6.5, 2.2)
    world.drive(0.0, 0.0, 6.0)
    assert LocalizationLevel.LOST in world.levels()
    assert world.errors[-1][0] < 0.05
    assert world.statuses[-1].level is LocalizationLevel.GOOD


@pytest.mark.parametrize("claimed_m", [0.3, 8.0])
def test_multipath_does_not_pull_the_pose_away(claimed_m: float) -> None:
    """Fixes 9 m off, whatever error they claim."""
    world = World(ROOM, Pose2(2.0, 1.5))
    world.gnss_std_m, world.gnss_off_m = claimed_m, np.array([6.0, -7.0])
    world.connect(Pose2(2.0, 1.5))
    world.drive(0.0, 0.0, 3.0)
    world.drive(0.8, 0.0, 8.0)
    world.drive(0.4, math.pi / 4, 2.0)
    assert world.rms(since=60)[0] < 0.04
    assert LocalizationLevel.LOST not in world.levels()
    assert world.statuses[-1].level is LocalizationLevel.GOOD


def test_along_a_bare_fence_satellites_hold_the_belief_together() -> None:
    spread = {}
    for std_m in (0.0, 1.0):
        world = World(CORRIDOR, Pose2(14.0, 1.5))
        world.connect(Pose2(14.0, 1.5))
        guess = PoseEstimate(
            0.0, Pose2(17.0, 1.5), (9.0, 0.0, 0.0, 0.0, 0.01, 0.0, 0.0, 0.0, 1e-4)
        )
        world.mailbox.store(topics.INITIALPOSE, guess, 0.0)
        world.gnss_std_m = std_m
        world.drive(0.5, 0.0, 14.0)
        spread[std_m] = world.statuses[-1].position_std_m
    assert spread[1.0] < 0.8 * spread[0.0]
    assert world.errors[-1][0] < 1.5


@pytest.mark.parametrize(
    "wrong",
    [
        {"valid": False},
        {"latitude_rad": math.nan},
        {"variances_m2": (math.inf, 1.0, 1.0)},
        {"variances_m2": (-1.0, 1.0, 1.0)},
    ],
)
def test_a_fix_that_is_none_counts_for_nothing(wrong: dict[str, object]) -> None:
    world = World(ROOM, Pose2(2.0, 1.5))
    world.gnss_std_m = 1.0
    satellites = Satellites(GnssParams(), FRAME, (0.0, 0.0))
    satellites.update(world._fix())
    assert satellites.newest is not None and satellites.newest.admits(world.truth)
    assert satellites.take() is not None and satellites.take() is None
    satellites.update(replace(world._fix(), **wrong))  # type: ignore[arg-type]
    assert satellites.newest is None and satellites.take() is None


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
