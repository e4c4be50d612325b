"""A flat world of boxes and cylinders, seen by an analytic lidar, beside a map of some of it."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import cv2
import numpy as np
import shapely
from shapely.affinity import rotate

from patrol_core.geometry import FloatArray, Pose2
from patrol_core.types.maps import FREE, OCCUPIED, OccupancyGrid
from patrol_core.types.perception import Finding, Tracks
from patrol_core.types.sensors import LaserScan
from patrol_perception.findings import FindingBook
from patrol_perception.params import PerceptionParams
from patrol_perception.scene import Scene

SIZE_M = 24.0
RESOLUTION_M = 0.05
BEAMS = 720
REACH_M = 30.0
OUTLINE_M = ((0.3, 0.3), (SIZE_M - 0.3, 0.3), (SIZE_M - 0.3, SIZE_M - 0.3), (0.3, SIZE_M - 0.3))
LEG_RADIUS_M, LEG_SPACING_M = 0.07, 0.22


def box(x_m: float, y_m: float, length_m: float, width_m: float, yaw: float = 0.0) -> FloatArray:
    """The walls of a box as segments (4, 4): x1, y1, x2, y2."""
    half_l, half_w = length_m / 2.0, width_m / 2.0
    shape = rotate(
        shapely.box(x_m - half_l, y_m - half_w, x_m + half_l, y_m + half_w), yaw, use_radians=True
    )
    corners = np.asarray(shape.exterior.coords)
    return np.hstack((corners[:-1], corners[1:]))


def fence() -> FloatArray:
    """Four panels, 4 cm thick, round the whole world."""
    middle, side = SIZE_M / 2.0, SIZE_M - 0.1
    return np.concatenate(
        [
            box(middle, 0.05, side, 0.04),
            box(middle, SIZE_M - 0.05, side, 0.04),
            box(0.05, middle, 0.04, side),
            box(SIZE_M - 0.05, middle, 0.04, side),
        ]
    )


@dataclass
class Person:
    """Walks through `stops` (time, x, y), standing where two stops share a place."""

    stops: Sequence[tuple[float, float, float]]

    def legs(self, now_s: float) -> list[tuple[float, float, float]]:
        times = [stop[0] for stop in self.stops]
        x = float(np.interp(now_s, times, [stop[1] for stop in self.stops]))
        y = float(np.interp(now_s, times, [stop[2] for stop in self.stops]))
        ahead = [s for s in self.stops if s[0] > now_s] or [self.stops[-1]]
        behind = [s for s in self.stops if s[0] <= now_s] or [self.stops[0]]
        dx, dy = ahead[0][1] - behind[-1][1], ahead[0][2] - behind[-1][2]
        walking = math.hypot(dx, dy) > 0.01
        heading = math.atan2(dy, dx) if walking else 0.0
        swing = 0.2 * math.sin(now_s * 5.4) if walking else 0.0
        hips = Pose2(x, y, heading)
        half = LEG_SPACING_M / 2.0
        feet = hips.transform_points([(swing, half), (-swing, -half)])
        return [(float(fx), float(fy), LEG_RADIUS_M) for fx, fy in feet]


def cast(
    sensor: Pose2, walls: FloatArray, discs: Sequence[tuple[float, float, float]]
) -> FloatArray:
    """True ranges of `BEAMS` beams from -pi, shape (N,); inf where nothing is hit."""
    angles = -math.pi + np.arange(BEAMS) * math.tau / BEAMS + sensor.yaw_rad
    direction = np.stack((np.cos(angles), np.sin(angles)), axis=1)
    start = walls[:, :2] - (sensor.x_m, sensor.y_m)
    edge = walls[:, 2:] - walls[:, :2]
    across = direction[:, None, 0] * edge[:, 1] - direction[:, None, 1] * edge[:, 0]
    with np.errstate(divide="ignore", invalid="ignore"):
        reach = (start[:, 0] * edge[:, 1] - start[:, 1] * edge[:, 0]) / across
        along = (
            start[:, 0] * direction[:, None, 1] - start[:, 1] * direction[:, None, 0]
        ) / across
    reach = np.where((reach > 0.0) & (along >= 0.0) & (along <= 1.0), reach, np.inf)
    ranges = reach.min(axis=1)
    for x, y, radius in discs:
        to = np.array([x - sensor.x_m, y - sensor.y_m])
        middle = direction @ to
        inside = middle**2 - to @ to + radius**2
        near = middle - np.sqrt(np.maximum(inside, 0.0))
        ranges = np.where((inside > 0.0) & (near > 0.0), np.minimum(ranges, near), ranges)
    return np.asarray(np.where(ranges <= REACH_M, ranges, np.inf))


def map_of(walls: FloatArray) -> OccupancyGrid:
    """The map on which exactly these walls are drawn."""
    count = round(SIZE_M / RESOLUTION_M)
    grid = OccupancyGrid(0.0, RESOLUTION_M, 0.0, 0.0, np.full((count, count), FREE, np.int8))
    for x1, y1, x2, y2 in walls:
        steps = max(2, math.ceil(math.hypot(x2 - x1, y2 - y1) / 0.02))
        line = np.column_stack((np.linspace(x1, x2, steps), np.linspace(y1, y2, steps)))
        cells = np.clip(grid.cells_of(line), 0, count - 1)
        grid.cells[cells[:, 0], cells[:, 1]] = OCCUPIED
    return grid


def draw_solid(grid: OccupancyGrid, walls: FloatArray) -> None:
    """Fill the polygon of these walls on the map."""
    corners = grid.cells_of(walls[:, :2])[:, ::-1].astype(np.int32)
    image = np.zeros(grid.cells.shape, np.uint8)
    cv2.fillPoly(image, [corners], 1)
    grid.cells[image > 0] = OCCUPIED


class Watch:
    """A robot that drives through a ray world with perception on board."""

    def __init__(
        self,
        extra: Iterable[FloatArray] = (),
        people: Sequence[Person] = (),
        *,
        mapped: Iterable[FloatArray] = (),
        solid: Iterable[FloatArray] = (),
        gone: Iterable[FloatArray] = (),
        seed: int = 1000,
        position_std_m: float = 0.03,
        yaw_std_rad: float = 0.005,
    ) -> None:
        """`extra` stands there unknown to the map, `mapped` is on the map and stands there.

        `solid` is the same with its inside drawn too; `gone` is that on the map alone.
        """
        solid = list(solid)
        known = np.concatenate([fence(), *mapped, *solid])
        self.walls = np.concatenate([known, *extra])
        self.people = people
        self.now_s = 0.0
        params = PerceptionParams()
        self.book = FindingBook(params.evidence, np.random.default_rng(seed))
        grid = map_of(known)
        for walls in (*solid, *gone):
            draw_solid(grid, walls)
        self.scene = Scene(grid, OUTLINE_M, (), params, self.book, np.random.default_rng(seed + 1))
        self._rng = np.random.default_rng(seed + 2)
        self._stds = np.array([position_std_m, position_std_m, yaw_std_rad])
        self.tracks: list[Tracks] = []

    def scan(self, sensor: Pose2) -> LaserScan:
        """A noisy scan with lost beams."""
        legs = [leg for person in self.people for leg in person.legs(self.now_s)]
        ranges = cast(sensor, self.walls, legs) + self._rng.normal(0.0, 0.01, BEAMS)
        ranges[self._rng.random(BEAMS) < 0.005] = np.nan
        step = math.tau / BEAMS
        return LaserScan(
            self.now_s, "lidar_link", -math.pi, step, 0.05, REACH_M, ranges.astype(np.float32)
        )

    def drive(self, start: Pose2, speed_mps: float, seconds: float) -> list[Finding]:
        """Go straight ahead and look ten times a second; everything that was said to be found."""
        said = []
        for k in range(round(seconds * 10.0)):
            self.now_s = round(self.now_s + 0.1, 6)
            sensor = start.compose(Pose2(speed_mps * 0.1 * k, 0.0))
            x, y, yaw = (self._rng.normal(size=3) * self._stds).tolist()
            believed = Pose2(sensor.x_m + x, sensor.y_m + y, sensor.yaw_rad + yaw)
            tracks = self.scene.step(self.scan(sensor), believed, 0.05, self.now_s, judge=True)
            if tracks is not None:
                self.tracks.append(tracks)
            said.extend(self.book.due(self.now_s))
        return said

    def findings(self) -> list[Finding]:
        """What stands in the book now."""
        return [entry.finding for entry in self.book.entries]
