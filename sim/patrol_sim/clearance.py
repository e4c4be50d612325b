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
        cos, sin = math.cos(robot.yaw_rad), math.sin(robot.yaw_rad)
        for person in people:
            x_m, y_m = person.x_m - robot.x_m, person.y_m - robot.y_m
            ahead_m, left_m = cos * x_m + sin * y_m, cos * y_m - sin * x_m
            beside_x = max(abs(ahead_m - self._center_x_m) - self._half[0], 0.0)
            beside_y = max(abs(left_m) - self._half[1], 0.0)
            gap = max(math.hypot(beside_x, beside_y) - PERSON_RADIUS_M, 0.0)
            self.person_m = min(self.person_m, gap)
            if stood_s <= BLAME_S:
                self.moving_m = min(self.moving_m, gap)

    def see_points(self, robot: Pose2, points_m: NDArray[np.float64]) -> None:
        """Points (N, 2) in the world on the surface of things."""
        if len(points_m) == 0:
            return
        local = robot.inverse().transform_points(points_m)
        local[:, 0] -= self._center_x_m
        beside = np.maximum(np.abs(local) - np.array(self._half), 0.0)
        self.thing_m = min(self.thing_m, float(np.min(np.hypot(beside[:, 0], beside[:, 1]))))
