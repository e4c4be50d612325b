"""The global planner: a search on the inflated costmap, then straight lines and smoothing.

Over the site it searches the graph of blocks, within a corridor the cells themselves.

planner = GridPlanner(footprint, params)
plan = planner.plan(field, start, goal)      # Plan, or raises PlanningError with its code
"""

from __future__ import annotations

import itertools
import math
from dataclasses import dataclass
from typing import Protocol

import numpy as np
import numpy.typing as npt

from patrol_core.errors import RondaError
from patrol_core.geometry import FloatArray, Pose2
from patrol_core.result import ErrorCode
from patrol_nav.costmap.field import DistanceField
from patrol_nav.costmap.footprint import Footprint
from patrol_nav.params import PlannerParams
from patrol_nav.planning.block_graph import BlockGraph
from patrol_nav.planning.kernels import (
    TABLE_PER_M,
    astar,
    cost_table,
    nearest_free,
    smooth,
    walk_back,
)
from patrol_nav.planning.line_kernels import line_cost, pull, relax
from patrol_nav.planning.path import resampled, subdivided, with_headings

_ROUNDS = 2
_PIECE_CELLS = 6.0
_STEPS_CELLS = (4.0, 2.0, 1.0)
_NEAR_CELLS, _AROUND_CELLS = 120, 40
_TIGHT_FACTOR = 3.0
"""What is too near to an obstacle for a plan weighs so much more than what is just far enough."""


class PlanningError(RondaError):
    """There is no path; `code` says why."""

    def __init__(self, code: ErrorCode, problem: str) -> None:
        super().__init__(problem)
        self.code = code


@dataclass(frozen=True, slots=True)
class Corridor:
    """The box in `map` that a path may not leave [m]."""

    low_x_m: float
    low_y_m: float
    high_x_m: float
    high_y_m: float


@dataclass(frozen=True, slots=True, eq=False)
class Plan:
    """Poses (N, 3) in `map`; `expanded` nodes of the search: blocks, cells within a corridor."""

    poses: FloatArray
    expanded: int


class Planner(Protocol):
    """Finds a way between two poses."""

    def plan(
        self, field: DistanceField, start: Pose2, goal: Pose2, corridor: Corridor | None = None
    ) -> Plan:
        """Raises PlanningError: START_OCCUPIED, GOAL_OCCUPIED, GOAL_OUTSIDE or NO_PATH."""
        ...

    def effort_m(self, field: DistanceField, poses: FloatArray) -> float:
        """Length of a path (N, 3), metres near obstacles counted as plans count them."""
        ...


class GridPlanner:
    """Keeps the scratch of the search, so that the cost of a plan grows with the path."""

    def __init__(self, footprint: Footprint, params: PlannerParams) -> None:
        self._params = params
        self._footprint = footprint
        self._lethal_m = footprint.passing_m + params.margin_m
        self._table = cost_table(
            self._lethal_m, params.obstacle_weight, params.obstacle_decay_m, params.beside_lanes
        )
        self._graph = BlockGraph(self._lethal_m, self._table)
        self._cost_to = np.empty(0, dtype=np.float32)
        self._parent = np.empty(0, dtype=np.int32)
        self._visited = np.empty(0, dtype=np.int32)
        self._generation = 0

    def plan(
        self, field: DistanceField, start: Pose2, goal: Pose2, corridor: Corridor | None = None
    ) -> Plan:
        """See Planner.plan. The path starts at `start` and ends at `goal` exactly."""
        start_cell = self._free_cell(field, start, ErrorCode.START_OCCUPIED, "the robot")
        if self._cell(field, goal) < 0:
            raise PlanningError(ErrorCode.GOAL_OUTSIDE, f"{_place(goal)} lies outside of the map")
        if field.clearances(self._footprint, _as_array(goal))[0] < 0.0:
            raise PlanningError(
                ErrorCode.GOAL_OCCUPIED, f"an obstacle leaves no room to stand at {_place(goal)}"
            )
        goal_cell = self._free_cell(field, goal, ErrorCode.GOAL_OCCUPIED, "the goal")
        found, expanded = self._paths(field, start_cell, goal_cell, corridor)
        if not found:
            where = "" if corridor is None else " within the corridor"
            raise PlanningError(
                ErrorCode.NO_PATH, f"no way from {_place(start)} to {_place(goal)}{where}"
            )
        straight = [self._straightened(field, cells) for cells in found]
        best = min(straight, key=lambda points: self._cost(field, points))
        return Plan(self._finish(field, best, start, goal), expanded)

    def effort_m(self, field: DistanceField, poses: FloatArray) -> float:
        """See Planner.effort_m."""
        middles, steps = 0.5 * (poses[1:, :2] + poses[:-1, :2]), np.diff(poses[:, :2], axis=0)
        origin_m = np.array([field.origin_x_m, field.origin_y_m])
        cells = np.floor((middles - origin_m) / field.resolution_m).astype(np.int64)
        rows, columns = field.distances_m.shape
        c, r = np.clip(cells, 0, (columns - 1, rows - 1)).T
        distances = field.distances_m[r, c]
        index = (np.maximum(distances, self._lethal_m) * TABLE_PER_M).astype(np.int64)
        top = self._table.shape[1] - 1
        weights = self._table[field.ground[r, c], np.minimum(index, top)]
        weights = np.where(distances < self._lethal_m, _TIGHT_FACTOR * weights, weights)
        return float(np.hypot(steps[:, 0], steps[:, 1]) @ weights)

    def _paths(
        self, field: DistanceField, start: int, goal: int, corridor: Corridor | None
    ) -> tuple[list[npt.NDArray[np.int64]], int]:
        """Cells of one path or two, and what was expanded for them.

        Blocks are coarse: near by, a way over them can be a detour, and cells are searched too.
        """
        if corridor is not None:
            cells, expanded = self._search(field, start, goal, _bounds(field, corridor))
            return [cells] if len(cells) else [], expanded
        self._graph.update(field)
        cells, expanded = self._graph.search(start, goal)
        if not len(cells):
            return [], 0
        rows, columns = np.divmod((start, goal), field.distances_m.shape[1])
        if max(np.ptp(rows), np.ptp(columns)) > _NEAR_CELLS:
            return [cells], expanded
        low_r, high_r = max(int(rows.min()) - _AROUND_CELLS, 0), int(rows.max()) + _AROUND_CELLS
        low_c, high_c = max(int(columns.min()) - _AROUND_CELLS, 0), int(columns.max())
        high = np.minimum((high_r, high_c + _AROUND_CELLS), field.distances_m.shape)
        box = np.array([low_r, high[0], low_c, high[1]], np.int64)
        near, more = self._search(field, start, goal, box)
        return [cells, near] if len(near) else [cells], expanded + more

    def _cell(self, field: DistanceField, pose: Pose2) -> int:
        rows, columns = field.distances_m.shape
        column = math.floor((pose.x_m - field.origin_x_m) / field.resolution_m)
        row = math.floor((pose.y_m - field.origin_y_m) / field.resolution_m)
        inside = 0 <= row < rows and 0 <= column < columns
        return row * columns + column if inside else -1

    def _free_cell(self, field: DistanceField, pose: Pose2, code: ErrorCode, what: str) -> int:
        """The cell of a pose, or the nearest one with room to drive."""
        cell = self._cell(field, pose)
        reach = math.ceil(self._params.escape_m / field.resolution_m)
        if cell >= 0:
            cell = int(nearest_free(field.distances_m, cell, self._lethal_m, reach))
        if cell < 0:
            raise PlanningError(code, f"no room to drive near {what} at {_place(pose)}")
        return cell

    def _search(
        self, field: DistanceField, start: int, goal: int, bounds: npt.NDArray[np.int64]
    ) -> tuple[npt.NDArray[np.int64], int]:
        """Cells of the cheapest path within bounds, none where no way is; the cells expanded."""
        size = field.distances_m.size
        if len(self._visited) != size:
            self._cost_to = np.empty(size, dtype=np.float32)
            self._parent = np.empty(size, dtype=np.int32)
            self._visited = np.zeros(size, dtype=np.int32)
            self._generation = 0
        self._generation += 1
        expanded = int(
            astar(
                field.distances_m, field.ground, self._lethal_m, self._table, start, goal, bounds,
                self._cost_to, self._parent, self._visited, self._generation,
            )
        )  # fmt: skip
        if expanded < 0:
            return np.empty(0, np.int64), 0
        return walk_back(self._parent, goal), expanded

    def _straightened(self, field: DistanceField, cells: npt.NDArray[np.int64]) -> FloatArray:
        """Points (N, 2) in cells, joined by straight lines that cost no more than the cells."""
        columns = field.distances_m.shape[1]
        cost = (field.distances_m, field.ground, self._lethal_m, self._table)
        points: FloatArray = np.empty((len(cells), 2))
        points[:, 0], points[:, 1] = cells % columns + 0.5, cells // columns + 0.5
        points = pull(*cost, points)
        for _ in range(_ROUNDS):
            points = pull(*cost, subdivided(points, _PIECE_CELLS))
            for step in _STEPS_CELLS:
                relax(*cost, points, step)
        return points

    def _cost(self, field: DistanceField, points: FloatArray) -> float:
        cost = (field.distances_m, field.ground, self._lethal_m, self._table)
        return math.fsum(line_cost(*cost, *a, *b) for a, b in itertools.pairwise(points))

    def _finish(
        self, field: DistanceField, points: FloatArray, start: Pose2, goal: Pose2
    ) -> FloatArray:
        """Poses of points in cells, evenly spaced, corners smoothed, from start to goal."""
        p = self._params
        origin_m = np.array([field.origin_x_m, field.origin_y_m])
        points = origin_m + points * field.resolution_m
        first = points[:1] if field.at(start.x_m, start.y_m) < self._lethal_m else points[:0]
        last = points[-1:] if field.at(goal.x_m, goal.y_m) < self._lethal_m else points[:0]
        begin, end = [[start.x_m, start.y_m]], [[goal.x_m, goal.y_m]]
        points = np.concatenate((begin, first, points[1:-1], last, end))
        points = resampled(points, p.spacing_m)
        geometry = (field.distances_m, field.origin_x_m, field.origin_y_m, field.resolution_m)
        smooth(*geometry, self._lethal_m, points, p.smoothing_rounds)
        return with_headings(points, goal.yaw_rad)


def _bounds(field: DistanceField, corridor: Corridor) -> npt.NDArray[np.int64]:
    rows, columns = field.distances_m.shape
    low_c = int((corridor.low_x_m - field.origin_x_m) / field.resolution_m)
    high_c = int((corridor.high_x_m - field.origin_x_m) / field.resolution_m) + 1
    low_r = int((corridor.low_y_m - field.origin_y_m) / field.resolution_m)
    high_r = int((corridor.high_y_m - field.origin_y_m) / field.resolution_m) + 1
    clipped = (max(low_r, 0), min(high_r, rows), max(low_c, 0), min(high_c, columns))
    return np.array(clipped, dtype=np.int64)


def _as_array(pose: Pose2) -> FloatArray:
    return np.array([[pose.x_m, pose.y_m, pose.yaw_rad]])


def _place(pose: Pose2) -> str:
    return f"({pose.x_m:.1f}, {pose.y_m:.1f})"
