"""The closest that a robot has come to people and to things, for the scorer."""

from __future__ import annotations

import math
from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

from patrol_core.geometry import Pose2
from patrol_core.robot import Body
from patrol_sim.contacts import BLAME_S
from patrol_sim.shapes import PERSON_RADIUS_M


class ClearanceMonitor:
    """Distances from the outline of a robot's body, the least of all times.

    `moving_m`: to people, while the robot moved or had moved within the last second. `thing_m`
    leaves out what it comes near to at a dock.
    """

    def __init__(self, body: Body) -> None:
        self._center_x_m = body.center_x_m
        self._half = (body.length_m / 2.0, body.width_m / 2.0)
        self.person_m = math.inf
        self.moving_m = math.inf
        self.thing_m = math.inf

    def see_people(self, robot: Pose2, stood_s: float, people: Iterable[Pose2]) -> None:
        """People, and for how long the robot has stood."""
        points_m = np.array([(person.x_m, person.y_m) for person in people]).reshape(-1, 2)
        gap_m = max(self._nearest_m(robot, points_m) - PERSON_RADIUS_M, 0.0)
        self.person_m = min(self.person_m, gap_m)
        if stood_s <= BLAME_S:
            self.moving_m = min(self.moving_m, gap_m)

    def see_points(self, robot: Pose2, points_m: NDArray[np.float64]) -> None:
        """Points (N, 2) in the world on the surface of things."""
        self.thing_m = min(self.thing_m, self._nearest_m(robot, points_m))

    def _nearest_m(self, robot: Pose2, points_m: NDArray[np.float64]) -> float:
        """Distance of the outline from the nearest of points (N, 2); infinite from none."""
        if not len(points_m):
            return math.inf
        local = robot.inverse().transform_points(points_m)
        local[:, 0] -= self._center_x_m
        beside = np.maximum(np.abs(local) - np.array(self._half), 0.0)
        return float(np.min(np.hypot(beside[:, 0], beside[:, 1])))
