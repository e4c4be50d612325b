"""What of a message may be kept, where a site has privacy zones.

In one, the robot keeps nothing that tells of places. Outside, what lies in one is taken out of
scans, costmaps and low things; pictures have it black and tracks have it not, as perception gives
them. What would have to be placed to be judged is not kept while the robot does not know where it
is.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

from patrol_core.geometry import Pose2, points_in_polygon
from patrol_core.robot import RobotModel
from patrol_core.site.model import Site, ZoneKind
from patrol_core.site.private_places import PrivatePlaces
from patrol_core.topics import (
    AMCL_POSE,
    DEPTH_OBSTACLES,
    GLOBAL_COSTMAP,
    LOCAL_COSTMAP,
    MAP,
    PATROL_EVENTS,
    SCAN,
    SITE_MARKERS,
    TF_STATIC,
    Topic,
)
from patrol_core.types.maps import UNKNOWN, OccupancyGrid
from patrol_core.types.motion import PoseEstimate
from patrol_core.types.perception import DepthObstacles
from patrol_core.types.sensors import LaserScan
from patrol_core.wire import Wire
from patrol_records.flight.rows import KEPT, VIEWED, Tells

_TELLS = {row.topic.name: row.tells for row in (*KEPT, *VIEWED)}
_ALWAYS = frozenset({TF_STATIC.name, MAP.name, SITE_MARKERS.name})
"""The site's own files say as much."""
_MASKED = frozenset(topic.name for topic in (SCAN, LOCAL_COSTMAP, DEPTH_OBSTACLES))


class Veil:
    """Decides over messages, given where the robot is."""

    def __init__(self, site: Site, robot: RobotModel, epoch_s: float) -> None:
        self._places = PrivatePlaces(site, epoch_s)
        # Until the hour is known all of them are in force.
        zones = (zone for zone in site.zones if zone.kind is ZoneKind.PRIVACY)
        self._places.polygons_m = tuple(zone.polygon_m for zone in zones)
        mount = robot.lidar
        self._lidar = Pose2(mount.xyz_m[0], mount.xyz_m[1], mount.rpy_rad[2])
        self._estimate: PoseEstimate | None = None

    def refresh(self, estimate: PoseEstimate | None, now_s: float) -> None:
        """Zones as they are in force now, and where the robot is; None: it does not know."""
        self._places.refresh(now_s)
        self._estimate = estimate

    def passes(self, topic: Topic[Any], message: bytes, wire: Wire) -> bytes | None:
        """The message as it may be kept; None: not at all. Raises ValueError for no message."""
        tells = _TELLS[topic.name]
        if not self._places.polygons_m or tells is Tells.NOTHING or topic.name in _ALWAYS:
            return message
        if topic is AMCL_POSE:  # where it says that the robot is counts, and not an older word
            pose = wire.decode(AMCL_POSE, message).pose
            return None if self._places.hold(pose.x_m, pose.y_m) else message
        if topic is PATROL_EVENTS:  # it may be an old one, told to who listens late
            pose = wire.decode(PATROL_EVENTS, message).pose
            if self._places.hold(pose.x_m, pose.y_m):
                return None
        if topic is GLOBAL_COSTMAP:  # tells nothing of where the robot is
            masked = self._grid(wire.decode(GLOBAL_COSTMAP, message))
            return message if masked is None else wire.encode(topic, masked)
        if self._estimate is None:
            return None
        pose = self._estimate.pose
        if self._places.hold(pose.x_m, pose.y_m):
            return None
        if topic.name not in _MASKED:
            return message
        masked = self._masked(wire.decode(topic, message), pose)
        return message if masked is None else wire.encode(topic, masked)

    def _masked(self, value: Any, pose: Pose2) -> Any | None:
        """Without what lies in a privacy zone; None: nothing does."""
        if isinstance(value, LaserScan):
            return self._scan(value, pose)
        if isinstance(value, OccupancyGrid):
            return self._grid(value)
        assert isinstance(value, DepthObstacles)
        private = self._places.contain(pose.transform_points(value.points_m))
        return replace(value, points_m=value.points_m[~private]) if private.any() else None

    def _scan(self, scan: LaserScan, pose: Pose2) -> LaserScan | None:
        hits = np.flatnonzero(scan.hits())
        points = pose.transform_points(self._lidar.transform_points(scan.points_m()))
        private = self._places.contain(points)
        if not private.any():
            return None
        ranges = scan.ranges_m.copy()
        ranges[hits[private]] = np.nan
        return replace(scan, ranges_m=ranges)

    def _grid(self, grid: OccupancyGrid) -> OccupancyGrid | None:
        cells = None
        for polygon_m in self._places.polygons_m:
            corners = grid.cells_of(polygon_m)
            low = np.maximum(corners.min(axis=0), 0)
            high = np.minimum(corners.max(axis=0) + 1, grid.cells.shape)
            if (low >= high).any():
                continue
            around = np.argwhere(np.ones(high - low, bool)) + low
            private = around[points_in_polygon(grid.centers_of(around), polygon_m)]
            cells = grid.cells.copy() if cells is None else cells
            cells[private[:, 0], private[:, 1]] = UNKNOWN
        return None if cells is None else replace(grid, cells=cells)
