"""Where the points of the last scan are now, seen from the robot."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from patrol_core.geometry import FloatArray, Pose2, distance_to_polyline_m, points_in_polygon
from patrol_core.robot import Body
from patrol_core.site.model import Dock
from patrol_gate.collision import body_distances_m
from patrol_gate.monitor import Observation
from patrol_gate.movers import NOBODY, Movers
from patrol_gate.surroundings import NEAR_M


@dataclass(frozen=True, slots=True, eq=False)
class Nearby:
    """Points (N, 2) in base_link, their distances from the body, and what moves.

    Those of a dock that is being approached are left out.
    """

    points_m: FloatArray
    distances_m: FloatArray
    movers: Movers

    def clearance_m(self) -> float:
        """Distance to the nearest, `NEAR_M` at most."""
        return float(np.min(self.distances_m, initial=NEAR_M))


def nearby(seen: Observation, body: Body, dock_tolerance_m: float) -> Nearby:
    """The surroundings moved by the odometry since their scan."""
    if seen.surroundings is None:
        return Nearby(np.zeros((0, 2)), np.zeros(0), NOBODY)
    points = seen.odom.inverse().transform_points(seen.surroundings.points_m)
    movers = seen.surroundings.movers.seen_from(seen.odom)
    if seen.dock is not None and seen.pose is not None:
        points = points[~_on_dock(points, seen.pose, seen.dock, dock_tolerance_m)]
        dock = _on_dock(movers.points_m, seen.pose, seen.dock, dock_tolerance_m)
        movers = movers.chosen(~dock)
    return Nearby(points, body_distances_m(points, body), movers)


def _on_dock(
    points_m: FloatArray, pose: Pose2, dock: Dock, tolerance_m: float
) -> npt.NDArray[np.bool_]:
    places = pose.transform_points(points_m)
    outline = np.asarray([*dock.outline_m, dock.outline_m[0]])
    near = distance_to_polyline_m(places, outline) <= tolerance_m
    return np.asarray(near | points_in_polygon(places, outline[:-1]))
