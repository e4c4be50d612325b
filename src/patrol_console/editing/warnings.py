"""What a change of the site would do that somebody might not mean. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from shapely import unary_union
from shapely.geometry import Polygon
from shapely.geometry.base import BaseGeometry

from patrol_core.geometry import Pose2
from patrol_core.robot import RobotModel
from patrol_core.site.model import Site, Zone, ZoneKind

_SLIVER_M2 = 0.01


def warnings_of(before: Site, after: Site, robot: RobotModel, pose: Pose2 | None) -> list[str]:
    """In sentences. `pose`: where the robot is in `map`, if that is known."""
    return [*_closed_in(before, after, robot, pose), *_unveiled(before, after)]


def _closed_in(before: Site, after: Site, robot: RobotModel, pose: Pose2 | None) -> list[str]:
    """Keep-outs onto the robot, or onto where it charges."""
    old = _union(before.zones_of(ZoneKind.KEEP_OUT))
    places = [(f"dock '{dock.dock_id}'", dock.pose) for dock in after.docks]
    if pose is not None:
        places.append(("the robot", pose))
    said = []
    for name, place in places:
        body = Polygon([(x, y) for x, y in place.transform_points(robot.footprint_m())])
        for zone in after.zones_of(ZoneKind.KEEP_OUT):
            touched = Polygon(zone.polygon_m).intersection(body)
            if touched.difference(old).area > 0.0:
                does = "it will hold" if name == "the robot" else "the robot will not get there"
                said.append(f"{name} is in the keep-out zone '{zone.zone_id}': {does}")
    return said


def _unveiled(before: Site, after: Site) -> list[str]:
    """Ground that was private and is so no more, or at fewer hours."""
    private = after.zones_of(ZoneKind.PRIVACY)
    said = []
    for zone in before.zones_of(ZoneKind.PRIVACY):
        hidden = _union([one for one in private if not one.hours or one.hours == zone.hours])
        open_m2 = Polygon(zone.polygon_m).difference(hidden).area
        if open_m2 > _SLIVER_M2:
            said.append(
                f"{open_m2:.1f} m2 of the privacy zone '{zone.zone_id}' are hidden no more, or at "
                "other hours"
            )
    return said


def _union(zones: Sequence[Zone]) -> BaseGeometry:
    return unary_union([Polygon(zone.polygon_m) for zone in zones])
