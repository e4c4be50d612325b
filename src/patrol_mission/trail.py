"""The ground that the robot has driven over: how far it is back, and by which way."""

from __future__ import annotations

import math

import numpy as np
from scipy.sparse import csr_array
from scipy.sparse.csgraph import dijkstra

from patrol_core.geometry import FloatArray, Pose2

SPACING_M = 1.0
"""A place is new when it is so far from every known one."""
JOINED_M = 1.6
"""Places no farther apart are joined: between them the robot has driven, or may as well."""
FARTHEST_STEP_M = 3.0
"""Whoever is farther from the place before was not driving: carried, or taken for elsewhere."""


class Trail:
    """Places about a metre apart, joined where the robot went from one to the other.

    Memory grows with the ground that was driven over, not with the way; `way` costs a search
    over all of it (a millisecond at 2000 places).
    """

    def __init__(self) -> None:
        self._places: list[tuple[float, float]] = []
        self._cells: dict[tuple[int, int], list[int]] = {}
        self._joined: set[tuple[int, int]] = set()
        self._last: int | None = None

    def __len__(self) -> int:
        return len(self._places)

    def note(self, pose: Pose2) -> None:
        """The robot is here."""
        here, distance_m = self._nearest(pose.x_m, pose.y_m)
        if here is None or distance_m >= SPACING_M:
            here = self._add(pose.x_m, pose.y_m)
        last, self._last = self._last, here
        if last is not None and last != here and self._apart_m(last, here) <= FARTHEST_STEP_M:
            self._joined.add((min(last, here), max(last, here)))

    def forget_last(self) -> None:
        """What comes next does not follow on what came before."""
        self._last = None

    def way(self, start: Pose2, goal: Pose2) -> FloatArray | None:
        """The shortest way over driven ground: poses (N, 3) in `map`, from `start` to `goal`,
        looking along it. None where one of them is not on the trail, or nothing joins them.
        """
        first, first_m = self._nearest(start.x_m, start.y_m)
        last, last_m = self._nearest(goal.x_m, goal.y_m)
        if first is None or last is None or max(first_m, last_m) > FARTHEST_STEP_M:
            return None
        places = self._search(first, last)
        if places is None:
            return None
        points = _without_detour([self._places[place] for place in places], start, goal)
        return _along(points, goal.yaw_rad)

    def length_m(self, start: Pose2, goal: Pose2) -> float | None:
        """Of `way`."""
        way = self.way(start, goal)
        return None if way is None else float(np.hypot(*np.diff(way[:, :2], axis=0).T).sum())

    def _search(self, first: int, last: int) -> list[int] | None:
        if first == last:
            return [first]
        if not self._joined:
            return None
        pairs = np.array(sorted(self._joined))
        places = np.array(self._places)
        lengths = np.hypot(*(places[pairs[:, 0]] - places[pairs[:, 1]]).T)
        count = len(places)
        graph = csr_array((lengths, (pairs[:, 0], pairs[:, 1])), shape=(count, count))
        far, before = dijkstra(graph, directed=False, indices=last, return_predecessors=True)
        if not math.isfinite(far[first]):
            return None
        way = [first]
        while way[-1] != last:
            way.append(int(before[way[-1]]))
        return way

    def _add(self, x_m: float, y_m: float) -> int:
        new = len(self._places)
        for near in self._around(x_m, y_m):
            if math.dist(self._places[near], (x_m, y_m)) <= JOINED_M:
                self._joined.add((near, new))
        self._places.append((x_m, y_m))
        self._cells.setdefault(_cell(x_m, y_m), []).append(new)
        return new

    def _nearest(self, x_m: float, y_m: float) -> tuple[int | None, float]:
        near = [(math.dist(self._places[i], (x_m, y_m)), i) for i in self._around(x_m, y_m)]
        distance_m, place = min(near, default=(math.inf, None))
        return place, distance_m

    def _around(self, x_m: float, y_m: float) -> list[int]:
        column, row = _cell(x_m, y_m)
        return [
            place
            for i in (column - 1, column, column + 1)
            for j in (row - 1, row, row + 1)
            for place in self._cells.get((i, j), ())
        ]

    def _apart_m(self, one: int, other: int) -> float:
        return math.dist(self._places[one], self._places[other])


def _cell(x_m: float, y_m: float) -> tuple[int, int]:
    return math.floor(x_m / FARTHEST_STEP_M), math.floor(y_m / FARTHEST_STEP_M)


def _without_detour(places: list[tuple[float, float]], start: Pose2, goal: Pose2) -> FloatArray:
    """From start to goal by the places; not back to the first one, or on past the last one."""
    here, there = (start.x_m, start.y_m), (goal.x_m, goal.y_m)
    if len(places) > 1 and math.dist(here, places[1]) <= math.dist(*places[:2]):
        places = places[1:]
    if len(places) > 1 and math.dist(there, places[-2]) <= math.dist(*places[-2:]):
        places = places[:-1]
    points = np.array([here, *places, there])
    kept = np.ones(len(points), dtype=bool)
    kept[1:] = np.hypot(*np.diff(points, axis=0).T) > 1e-6
    return np.asarray(points[kept])


def _along(points: FloatArray, last_yaw_rad: float) -> FloatArray:
    """Poses (N, 3) at points (N, 2), each looking to the next one, the last as told."""
    step = np.diff(points, axis=0)
    yaw = np.append(np.arctan2(step[:, 1], step[:, 0]), last_yaw_rad)
    return np.column_stack((points, yaw))
