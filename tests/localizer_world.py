"""A localiser in a world of segments, with analytic ray casting."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np

from patrol_core import topics
from patrol_core.bus import Mailbox
from patrol_core.component import Outputs
from patrol_core.geodesy import LocalFrame
from patrol_core.geometry import FloatArray, Pose2, wrap_angle
from patrol_core.robot import load_robot
from patrol_core.types.maps import FREE, OCCUPIED, OccupancyGrid
from patrol_core.types.motion import Odometry
from patrol_core.types.sensors import GnssFix, Imu, LaserScan
from patrol_core.types.status import LocalizationLevel, LocalizationStatus
from patrol_nav.localization.localizer import Localizer
from patrol_nav.localization.params import LocalizerParams

ROBOT = load_robot(Path(__file__).parents[1] / "urdf/config/rover.yaml")
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
