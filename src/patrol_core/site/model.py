"""A site as data. Local metres, x east, y north, origin at the datum; angles in radians."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import Enum
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from patrol_core.geodesy import LocalFrame
from patrol_core.geometry import Points, Pose2
from patrol_core.site.checks import Check
from patrol_core.site.schedules import Blackout, Schedule

if TYPE_CHECKING:
    from patrol_core.site.visitors import Visitors

_T = TypeVar("_T")


class ZoneKind(Enum):
    """Never enter; pass, but do not wait there; drive no faster; go there rather than beside;
    record nothing; visitors may be here."""

    KEEP_OUT = "keep_out"
    KEEP_CLEAR = "keep_clear"
    SPEED = "speed"
    PREFERRED = "preferred"
    PRIVACY = "privacy"
    PUBLIC = "public"


@dataclass(frozen=True, slots=True)
class Hours:
    """Local hours on weekdays (0 Monday), in seconds after midnight; they may pass midnight."""

    weekdays: tuple[int, ...]
    start_s: int
    end_s: int

    def contain(self, weekday: int, second_of_day: int) -> bool:
        if self.start_s <= self.end_s:
            return weekday in self.weekdays and self.start_s <= second_of_day < self.end_s
        if second_of_day >= self.start_s:
            return weekday in self.weekdays
        return (weekday - 1) % 7 in self.weekdays and second_of_day < self.end_s


@dataclass(frozen=True, slots=True)
class Zone:
    """A polygon (open ring of corners) that means something; no hours: always valid."""

    zone_id: str
    kind: ZoneKind
    polygon_m: Points
    speed_limit_mps: float | None = None
    hours: tuple[Hours, ...] = ()

    def valid_at(self, weekday: int, second_of_day: int) -> bool:
        """Whether it counts at a local time."""
        return not self.hours or any(h.contain(weekday, second_of_day) for h in self.hours)


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """A place on a route to stop at for `dwell_s`, facing `pose.yaw_rad`."""

    checkpoint_id: str
    name: str
    pose: Pose2
    dwell_s: float


@dataclass(frozen=True, slots=True)
class DockMarker:
    """An ArUco marker (dictionary 4x4_50) that faces the docked robot.

    Its middle lies `ahead_m`, `left_m` and `height_m` from base_link when docked; `edge_m` is the
    length of the black square's edge.
    """

    marker_id: int
    edge_m: float
    ahead_m: float
    left_m: float
    height_m: float


@dataclass(frozen=True, slots=True)
class Dock:
    """`pose` is base_link's when docked; the robot drives on forwards from `approach_m` behind.

    `outline_m`: what a lidar sees of it, an open ring of corners in `map`.
    """

    dock_id: str
    pose: Pose2
    outline_m: Points
    approach_m: float
    marker: DockMarker | None = None


class Direction(Enum):
    CLOCKWISE = "clockwise"
    COUNTERCLOCKWISE = "counterclockwise"


@dataclass(frozen=True, slots=True)
class PerimeterRoute:
    """A lap along the outline, `offset_m` inside it, past the named checkpoints."""

    route_id: str
    offset_m: float
    corner_radius_m: float
    direction: Direction
    checkpoint_ids: tuple[str, ...]
    speed_mps: float


@dataclass(frozen=True, slots=True)
class Retention:
    """How long things are kept [days]; statements of visitors, where a site says nothing, 30."""

    incidents_days: int
    photos_days: int
    tracks_days: int
    statements_days: int = 30


@dataclass(frozen=True, slots=True)
class Site:
    """A site, checked. `outline_m` is the geofence: an open ring of corners, counter-clockwise.

    `lanes_file`: a graph of lanes (GeoJSON, as Nav2's route server reads it), where it has one.
    `visitors`: what may be told about it; None in a site that was not read from a folder.
    """

    name: str
    folder: Path
    latitude_rad: float
    longitude_rad: float
    timezone: str
    outline_m: Points
    zones: tuple[Zone, ...]
    checkpoints: tuple[Checkpoint, ...]
    docks: tuple[Dock, ...]
    routes: tuple[PerimeterRoute, ...]
    schedules: tuple[Schedule, ...]
    retention: Retention
    map_file: Path
    lanes_file: Path | None = None
    checks: tuple[Check, ...] = ()
    blackouts: tuple[Blackout, ...] = ()
    visitors: Visitors | None = None

    @property
    def frame(self) -> LocalFrame:
        """Where its metres lie on the ellipsoid."""
        return LocalFrame(self.latitude_rad, self.longitude_rad)

    def zones_of(self, kind: ZoneKind) -> tuple[Zone, ...]:
        return tuple(zone for zone in self.zones if zone.kind is kind)

    def checkpoint(self, checkpoint_id: str) -> Checkpoint:
        """Raises KeyError when there is none of that id."""
        return _by_id(((c.checkpoint_id, c) for c in self.checkpoints), checkpoint_id)

    def dock(self, dock_id: str) -> Dock:
        """Raises KeyError when there is none of that id."""
        return _by_id(((d.dock_id, d) for d in self.docks), dock_id)

    def route(self, route_id: str) -> PerimeterRoute:
        """Raises KeyError when there is none of that id."""
        return _by_id(((r.route_id, r) for r in self.routes), route_id)


def _by_id(pairs: Iterable[tuple[str, _T]], wanted: str) -> _T:
    return dict(pairs)[wanted]
