"""Low things that the lidar's plane passes over, as depth shows them: findings of their own.

Points a little above the estimated ground, where the map is free and nothing taller stands, are
gathered in cells of the map; ground seen in a cell takes away. Pictures from one place count once,
so that what is told was seen from several. What is seen nowhere near the ground does not stand
there: it is the seat of a bench whose legs are on the map. What the lidar sees as well is the same
finding.
"""

from __future__ import annotations

import math

import numpy as np

from patrol_core.geometry import FloatArray, Pose2
from patrol_core.robot import RobotModel
from patrol_core.types.maps import OccupancyGrid
from patrol_core.types.perception import FindingKind, Measure
from patrol_core.types.sensors import CameraInfo, DepthImage
from patrol_perception.background import Background
from patrol_perception.claims import Claim
from patrol_perception.evidence import Component, EvidenceGrid
from patrol_perception.ground import points_above_ground
from patrol_perception.look import Look, lie_behind
from patrol_perception.nearness import any_near
from patrol_perception.outline import Outline, outline_of
from patrol_perception.params import LowParams
from patrol_perception.view import camera_mount

_COLUMNS = 160
"""Of the picture, so many columns are looked at."""
_CELL_M = 0.15
_GROUND_M = 0.04
_BENEATH_M = 0.4
_WINDOW_M = 9.0
_SETTLED_S = 0.7
_GROWN_M = 0.12
_STRAY_SHARE = 1.0
"""By those of the thing itself: so many cells beside it may have been hit now and then."""


class _Thing:
    """A component of solid cells over time: when first seen, its outline, since when it is so."""

    def __init__(self, number: int, outline: Outline, stamp_s: float) -> None:
        self.number = number
        self.outline = self._settled = outline
        self.first_seen_s = self.settled_s = stamp_s
        self.views = 0.0
        self.top_m, self.bottom_m = 0.0, math.inf

    def shape(self, outline: Outline, stamp_s: float) -> None:
        self.outline = outline
        grown = abs(outline.length_m - self._settled.length_m)
        if grown + abs(outline.width_m - self._settled.width_m) > _GROWN_M:
            self._settled, self.settled_s = outline, stamp_s


class LowThings:
    """What stands low on one map."""

    def __init__(self, grid: OccupancyGrid, robot: RobotModel, params: LowParams) -> None:
        self._params = params
        self._mount = camera_mount(robot.camera)
        self._evidence = EvidenceGrid(grid, _CELL_M, params.views)
        self._top_m = np.zeros(self._evidence.count, np.float32)
        self._bottom_m = np.full(self._evidence.count, np.inf, np.float32)
        self._things: dict[int, _Thing] = {}
        self._next_number = 0
        self._viewed_from: Pose2 | None = None

    def step(
        self,
        depth: DepthImage,
        info: CameraInfo,
        base: Pose2,
        background: Background,
        people_m: FloatArray,
        look: Look,
    ) -> list[Claim]:
        """Take in a picture made at `base` (base_link in map); what is to be told.

        `people_m` (N, 2): where people may be, in map; what is near them is not judged, if the
        picture shows them, too: to the lidar a low thing looks like legs now and then. `look`: a
        scan of that time. What lies well behind that which it met is beneath it, as wheels are.
        """
        if not self._is_new_view(base):
            return []
        points, _ = points_above_ground(depth, info, self._mount, _COLUMNS)
        height = points[:, 2]
        away = np.hypot(points[:, 0], points[:, 1])
        near = away <= self._params.reach_m
        low_m = self._params.low_m + self._params.low_per_m * away
        places = base.transform_points(points[:, :2])
        ground = near & (np.abs(height) < _GROUND_M)
        low = near & (height >= low_m) & (height <= self._params.high_m)
        low[low] &= background.judged_distance_m(places[low]) > self._params.clear_m
        tall_m = places[height > self._params.high_m]
        low[low] &= ~any_near(places[low], tall_m, self._params.tall_near_m)
        low[low] &= ~lie_behind(look, places[low], _BENEATH_M)
        upright = any_near(people_m, tall_m, self._params.people_near_m)
        low[low] &= ~any_near(places[low], people_m[upright], self._params.people_near_m)
        self._note(places[ground], places[low], height[low])
        return self._claims(base, depth.stamp_s)

    def _is_new_view(self, base: Pose2) -> bool:
        """Whether the robot has moved on since the last picture that counted."""
        last = self._viewed_from
        if last is not None and last.distance_to(base) < self._params.view_apart_m:
            return False
        self._viewed_from = base
        return True

    def _note(self, ground_m: FloatArray, low_m: FloatArray, height_m: FloatArray) -> None:
        cells = self._evidence.cells_at(low_m)
        seen = self._evidence.cells_at(ground_m)
        self._evidence.wear(np.setdiff1d(seen, cells))
        if len(cells):
            self._evidence.add(low_m)
            np.maximum.at(self._top_m, cells, height_m.astype(np.float32))
            np.minimum.at(self._bottom_m, cells, height_m.astype(np.float32))

    def _claims(self, base: Pose2, stamp_s: float) -> list[Claim]:
        found = []
        taken: set[int] = set()
        touched_m = self._evidence.touched_m(base.x_m, base.y_m, _WINDOW_M)
        for component in self._evidence.components(base.x_m, base.y_m, _WINDOW_M):
            thing = self._thing_of(component, taken, stamp_s)
            taken.add(thing.number)
            self._evidence.own(component, thing.number)
            thing.shape(outline_of(component.points_m), stamp_s)
            thing.views = float(np.max(self._evidence.scores(component.cells)))
            thing.top_m = float(np.median(self._top_m[component.cells]))
            thing.bottom_m = float(np.min(self._bottom_m[component.cells]))
            beside = thing.outline.distances_m(touched_m) <= self._params.apart_m
            alone = np.count_nonzero(beside) <= (1.0 + _STRAY_SHARE) * len(component.cells)
            if alone and self._is_told(thing, stamp_s):
                found.append(self._claim(thing))
        return found

    def _thing_of(self, component: Component, taken: set[int], stamp_s: float) -> _Thing:
        owners, counts = np.unique(component.owners[component.owners >= 0], return_counts=True)
        for owner in owners[np.argsort(-counts, kind="stable")].tolist():
            if owner in self._things and owner not in taken:
                return self._things[owner]
        thing = _Thing(self._next_number, outline_of(component.points_m), stamp_s)
        self._things[thing.number] = thing
        self._next_number += 1
        return thing

    def _is_told(self, thing: _Thing, stamp_s: float) -> bool:
        params = self._params
        return (
            stamp_s - thing.settled_s >= _SETTLED_S
            and thing.bottom_m <= params.stands_m
            and params.min_extent_m <= thing.outline.length_m <= params.max_extent_m
        )

    def _claim(self, thing: _Thing) -> Claim:
        outline, params = thing.outline, self._params
        return Claim(
            FindingKind.OBJECT, outline,
            1.0 - math.exp(-thing.views / params.views), thing.first_seen_s,
            f"A low thing of about {outline.length_m:.1f} m x {max(outline.width_m, 0.1):.1f} m, "
            f"{thing.top_m:.2f} m high, stands where the map shows free ground, below the lidar's "
            f"plane; depth has shown it from {thing.views:.0f} places.",
            (
                Measure("places from which depth shows it", thing.views, params.views, "1"),
                Measure("height", thing.top_m, params.low_m, "m"),
                Measure("length", outline.length_m, params.max_extent_m, "m"),
            ),
            f"low {thing.number}",
        )  # fmt: skip
