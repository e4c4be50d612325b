"""Shortest ways over a ground that keep away from an object."""

from __future__ import annotations

import numpy as np
from scipy.sparse import csr_matrix
from scipy.sparse.csgraph import dijkstra

from patrol_core.geometry import FloatArray, Pose2
from patrol_core.grid_graph import NO_CELL, grid_graph
from patrol_mission.inspecting.ground import BoolArray, Ground
from patrol_mission.inspecting.subject import Subject

_SNAP_M = 0.6
_ESCAPE_M = 0.05
_WIDE_M, _TIGHT_COST, _INSIDE_COST = 0.9, 2.0, 20.0
SPACING_M = 0.2


class Ways:
    """All shortest ways from where the robot is, found once.

    They keep `keep_m` from the object's middle. A robot that stands nearer already is led away
    from it: never nearer than it stands.
    """

    def __init__(
        self, ground: Ground, robot: Pose2, subject: Subject, keep_m: float, room_m: float
    ) -> None:
        """`room_m`: what base_link keeps from what stands and from what is forbidden."""
        self.ground = ground
        self._robot = robot
        self._free = _free(ground, robot, subject, keep_m, room_m)
        self._columns = self._free.shape[1]
        self._start = self._snapped(robot)
        if self._start is None:
            self._costs_m = np.full(self._free.shape, np.inf)
            return
        graph = _graph(ground, self._free, subject, keep_m)
        costs, self._before = dijkstra(
            graph, directed=False, indices=self._start, return_predecessors=True
        )
        self._costs_m = costs.reshape(self._free.shape)

    @property
    def has_start(self) -> bool:
        """Whether the robot stands where any way begins."""
        return self._start is not None

    def costs_m(self, points_m: FloatArray) -> FloatArray:
        """Length of the ways to points (N, 2) [m], tight places counted more; inf: no way."""
        cells = self.ground.cells_of(points_m)
        inside = self.ground.inside(cells)
        costs = np.full(len(cells), np.inf)
        costs[inside] = self._costs_m[tuple(cells[inside].T)]
        return costs

    def way(self, goal: Pose2) -> FloatArray:
        """Poses (N, 3) from the robot to a goal that `costs_m` says can be reached."""
        row, column = self.ground.cells_of([(goal.x_m, goal.y_m)])[0]
        at, cells = int(row) * self._columns + int(column), []
        while at != NO_CELL:
            cells.append(at)
            at = int(self._before[at])
        rows, columns = np.divmod(np.array(cells[::-1]), self._columns)
        x, y = self.ground.centers_m()
        points = np.column_stack((x[columns], y[rows]))
        points[0] = self._robot.x_m, self._robot.y_m
        points[-1] = goal.x_m, goal.y_m
        if len(points) == 1:
            points = np.array([[self._robot.x_m, self._robot.y_m], [goal.x_m, goal.y_m]])
        return _poses(self._taut(points), goal.yaw_rad)

    def is_free(self, start_m: FloatArray, end_m: FloatArray) -> bool:
        """Whether the straight line between two points of the window may be driven."""
        length = float(np.linalg.norm(end_m - start_m))
        shares = np.linspace(0.0, 1.0, max(int(length / (0.4 * self.ground.cell_m)), 1) + 1)
        cells = self.ground.cells_of(start_m + shares[:, None] * (end_m - start_m))
        return bool(self.ground.inside(cells).all() and self._free[tuple(cells.T)].all())

    def _taut(self, points_m: FloatArray) -> FloatArray:
        """Without the points between which one may drive straight; looked for by halves."""
        kept = [0]
        while kept[-1] < len(points_m) - 1:
            ahead = len(points_m) - 1
            while ahead > kept[-1] + 1 and not self.is_free(points_m[kept[-1]], points_m[ahead]):
                ahead = kept[-1] + max((ahead - kept[-1]) // 2, 1)
            kept.append(ahead)
        return points_m[kept]

    def _snapped(self, robot: Pose2) -> int | None:
        """The free cell nearest to the robot; a robot may stand where none would be sent."""
        cells = np.argwhere(self._free)
        x, y = self.ground.centers_m()
        apart = np.hypot(x[cells[:, 1]] - robot.x_m, y[cells[:, 0]] - robot.y_m)
        if not len(apart) or apart.min() > _SNAP_M:
            return None
        row, column = cells[int(np.argmin(apart))]
        return int(row) * self._columns + int(column)


def _free(
    ground: Ground, robot: Pose2, subject: Subject, keep_m: float, room_m: float
) -> BoolArray:
    apart_m = _apart_m(ground, subject)
    here_m = subject.distance_m(robot)
    return (ground.room_m >= room_m) & (apart_m >= min(keep_m, here_m - _ESCAPE_M))


def _apart_m(ground: Ground, subject: Subject) -> FloatArray:
    x, y = ground.centers_m()
    return np.asarray(np.hypot(x[None, :] - subject.x_m, y[:, None] - subject.y_m))


def _graph(ground: Ground, free: BoolArray, subject: Subject, keep_m: float) -> csr_matrix:
    """Tight places count more, and so does what is nearer than `keep_m`."""
    factor = 1.0 + _TIGHT_COST * np.clip(_WIDE_M - ground.room_m, 0.0, None)
    factor[_apart_m(ground, subject) < keep_m] += _INSIDE_COST
    return grid_graph(free, ground.cell_m, factor)


def _poses(points_m: FloatArray, yaw_rad: float) -> FloatArray:
    """Poses (N, 3) no farther apart than `SPACING_M` along a line (M, 2), looking ahead; the last
    one looks where it shall."""
    steps_m = np.linalg.norm(np.diff(points_m, axis=0), axis=1)
    along = np.concatenate(([0.0], np.cumsum(steps_m)))
    at = np.union1d(np.linspace(0.0, along[-1], max(int(along[-1] / SPACING_M), 1) + 1), along)
    x, y = np.interp(at, along, points_m[:, 0]), np.interp(at, along, points_m[:, 1])
    headings = np.arctan2(np.diff(y), np.diff(x)) if len(at) > 1 else np.empty(0)
    if len(at) == 1:
        x, y = np.repeat(x, 2), np.repeat(y, 2)
        headings = np.array([yaw_rad])
    return np.column_stack((x, y, np.append(headings, yaw_rad)))
