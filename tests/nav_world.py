"""A kinematic robot in a drawn world: just enough to drive the navigator without physics."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy import ndimage

from patrol_core import topics
from patrol_core.bus import Mailbox
from patrol_core.component import Component, Outputs
from patrol_core.geometry import FloatArray, Pose2
from patrol_core.robot import Body, RobotModel, load_robot
from patrol_core.site.model import Dock, Retention, Site, Zone
from patrol_core.types.maps import OccupancyGrid
from patrol_core.types.motion import Odometry, PoseEstimate, VelocityCommand
from patrol_core.types.perception import DetectedDock, Track, TrackKind, Tracks
from patrol_core.types.sensors import BatteryState, LaserScan
from patrol_nav.costmap.costmap import Costmap
from patrol_nav.costmap.footprint import footprint_of
from patrol_nav.navigator.navigator import ACTIONS as NAVIGATION
from patrol_nav.params import CostmapParams

Cells = npt.NDArray[np.int8]
RESOLUTION_M = 0.05
TICK_S = 0.05
ROBOT_FILE = Path(__file__).parents[1] / "urdf" / "config" / "rover.yaml"


def rover() -> RobotModel:
    return load_robot(ROBOT_FILE)


def empty_cells(width_m: float, height_m: float) -> Cells:
    """A walled room whose south-west corner is the origin."""
    cells = np.zeros((round(height_m / RESOLUTION_M), round(width_m / RESOLUTION_M)), np.int8)
    cells[[0, -1], :] = 100
    cells[:, [0, -1]] = 100
    return cells


def draw_box(cells: Cells, x0: float, y0: float, x1: float, y1: float) -> None:
    c = [round(v / RESOLUTION_M) for v in (x0, y0, x1, y1)]
    cells[c[1] : c[3], c[0] : c[2]] = 100


def toy_site(
    width_m: float, height_m: float, *, docks: tuple[Dock, ...] = (), zones: tuple[Zone, ...] = ()
) -> Site:
    outline = ((0.0, 0.0), (width_m, 0.0), (width_m, height_m), (0.0, height_m))
    return Site(
        "toy", Path(), 0.9, 0.1, "UTC", outline, zones, (), docks, (), (),
        Retention(1, 1, 1), Path("map.yaml"),
    )  # fmt: skip


def edge_of(body: Body) -> FloatArray:
    """Points about 0.1 m apart along the edge of the body's true rectangle, in base_link."""
    x = np.linspace(-body.length_m / 2, body.length_m / 2, 8) + body.center_x_m
    y = np.linspace(-body.width_m / 2, body.width_m / 2, 6)
    sides = [(a, s) for a in x for s in (y[0], y[-1])]
    return np.array(sides + [(e, b) for b in y for e in (x[0], x[-1])])


@dataclasses.dataclass
class Walker:
    """Somebody on a straight line, seen by lidar and tracked without error."""

    x_m: float
    y_m: float
    vx_mps: float
    vy_mps: float
    radius_m: float = 0.25

    def at(self, t_s: float) -> tuple[float, float]:
        return self.x_m + self.vx_mps * t_s, self.y_m + self.vy_mps * t_s


class ToyWorld:
    """Steps one component (the navigator) against a unicycle with the rover's limits.

    `mapped` is what the robot is told, `real` what is there.
    """

    def __init__(
        self,
        component: Component,
        mapped: Cells,
        start: Pose2,
        *,
        real: Cells | None = None,
        walkers: tuple[Walker, ...] = (),
        charging_at: Pose2 | None = None,
    ) -> None:
        self.component = component
        self.mailbox = Mailbox(component.reads)
        self.grid = OccupancyGrid(0.0, RESOLUTION_M, 0.0, 0.0, mapped)
        self.real = mapped.copy() if real is None else real
        self.pose, self.v, self.w = start, 0.0, 0.0
        self.walkers = walkers
        self.charging_at = charging_at
        self.marker_at: Pose2 | None = None
        self.now_s = 0.0
        self.drive = rover().drive
        self.edge = edge_of(rover().body)
        self.trace: list[tuple[float, float, float, float, float]] = []
        self.least_room_m = math.inf
        self.least_gap_m = math.inf
        self.outputs: list[Outputs] = []
        self.silent: set[str] = set()
        self.redraw()
        self.mailbox.store(topics.MAP, self.grid, 0.0)

    def redraw(self) -> None:
        """After `real` was changed."""
        self.distances = ndimage.distance_transform_edt(self.real < 50) * RESOLUTION_M

    def run(self, duration_s: float, until: Callable[[Outputs], bool] | None = None) -> bool:
        for _ in range(round(duration_s / TICK_S)):
            outputs = self.tick()
            if until is not None and until(outputs):
                return True
        return False

    def tick(self) -> Outputs:
        self._sense()
        outputs = self.component.step(self.mailbox.snapshot(), self.now_s)
        self.outputs.append(outputs)
        commands = outputs.of(topics.CMD_VEL_NAV)
        self._move(commands[-1] if commands else VelocityCommand(self.now_s, 0.0, 0.0))
        self.now_s = round(self.now_s + TICK_S, 6)
        return outputs

    def results(self) -> list[tuple[str, object]]:
        return [
            (action.name, result)
            for outputs in self.outputs
            for action in NAVIGATION
            for result in outputs.of(action.result)
        ]

    def _store(self, topic: topics.Topic[Any], value: object) -> None:
        if topic.name not in self.silent:
            self.mailbox.store(topic, value, self.now_s)

    def _sense(self) -> None:
        now = self.now_s
        self._store(topics.ODOM, Odometry(now, self.pose, self.v, self.w))
        if round(now / TICK_S) % 2 == 0:
            self._store(topics.SCAN, self._scan())
            self._store(topics.AMCL_POSE, PoseEstimate(now, self.pose))
            self._store(topics.TRACKS, self._tracks())
        if self.marker_at is not None and round(now / TICK_S) % 4 == 0:
            seen = self.marker_at.relative_to(self.pose)
            if abs(math.atan2(seen.y_m, seen.x_m)) < 0.7:
                self._store(topics.DETECTED_DOCK_POSE, DetectedDock(now, seen))
        charging = (
            self.charging_at is not None
            and self.pose.relative_to(self.charging_at).x_m > 0.015
            and self.pose.distance_to(self.charging_at) < 0.08
        )
        self._store(topics.BATTERY_STATE, BatteryState(now, 25.0, 0.0, 0.8, charging))

    def _tracks(self) -> Tracks:
        now = self.now_s
        return Tracks(
            now,
            tuple(
                Track(
                    str(i), TrackKind.PERSON, *w.at(now), w.vx_mps, w.vy_mps,
                    2 * w.radius_m, 2 * w.radius_m, 1.0, 0.0, now,
                )
                for i, w in enumerate(self.walkers)
            ),
        )  # fmt: skip

    def _scan(self) -> LaserScan:
        """Sphere tracing in the distance field; walkers as discs."""
        sensor = self.pose.compose(Pose2(0.1, 0.0))
        beams = 180
        bearings = np.arange(beams) * (math.tau / beams) + sensor.yaw_rad
        cos, sin = np.cos(bearings), np.sin(bearings)
        ranges: FloatArray = np.zeros(beams)
        per_m = 1.0 / RESOLUTION_M
        for _ in range(18):
            c = ((sensor.x_m + ranges * cos) * per_m).astype(np.int32)
            r = ((sensor.y_m + ranges * sin) * per_m).astype(np.int32)
            ranges += np.maximum(self.distances[r, c] - 0.5 * RESOLUTION_M, 0.0)
        for walker in self.walkers:
            x, y = walker.at(self.now_s)
            along = (x - sensor.x_m) * cos + (y - sensor.y_m) * sin
            off2 = (x - sensor.x_m) ** 2 + (y - sensor.y_m) ** 2 - along**2
            hit = (off2 < walker.radius_m**2) & (along > 0.0)
            near = along - np.sqrt(np.maximum(walker.radius_m**2 - off2, 0.0))
            ranges = np.where(hit, np.minimum(ranges, near), ranges)
        return LaserScan(
            self.now_s, "lidar_link", 0.0, math.tau / beams, 0.05, 30.0,
            ranges.astype(np.float32),
        )  # fmt: skip

    def _move(self, command: VelocityCommand) -> None:
        drive = self.drive
        braking = abs(command.linear_mps) < abs(self.v)
        a = drive.max_deceleration_mps2 if braking else drive.max_acceleration_mps2
        self.v += min(max(command.linear_mps - self.v, -a * TICK_S), a * TICK_S)
        turn = drive.max_yaw_acceleration_radps2 * TICK_S
        self.w += min(max(command.angular_radps - self.w, -turn), turn)
        half = 0.5 * self.w * TICK_S
        step = self.v * TICK_S
        self.pose = self.pose.compose(
            Pose2(step * math.cos(half), step * math.sin(half), 2.0 * half)
        )
        self.trace.append((self.now_s, self.pose.x_m, self.pose.y_m, self.v, self.w))
        self._measure()

    def _measure(self) -> None:
        """Room between the true rectangle and what is real."""
        points = self.pose.transform_points(self.edge)
        cells = (points / RESOLUTION_M).astype(int)
        self.least_room_m = min(self.least_room_m, self.distances[cells[:, 1], cells[:, 0]].min())
        for walker in self.walkers:
            near = np.linalg.norm(points - np.array(walker.at(self.now_s)), axis=1).min()
            self.least_gap_m = min(self.least_gap_m, float(near) - walker.radius_m)

    def array(self) -> FloatArray:
        return np.array(self.trace)


def empty_costmap() -> Costmap:
    """20 x 10 m with nothing on it."""
    grid = OccupancyGrid(0.0, 0.05, 0.0, 0.0, empty_cells(20.0, 10.0))
    outline = ((0.0, 0.0), (20.0, 0.0), (20.0, 10.0), (0.0, 10.0))
    return Costmap(grid, outline, footprint_of(rover().body), CostmapParams())
