"""The ground around an object on one grid: what stands there, and where the robot may be."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.ndimage import distance_transform_edt
from shapely import contains_xy
from shapely.geometry import Polygon

from patrol_core.geometry import FloatArray, Points
from patrol_core.site.model import Zone, ZoneKind
from patrol_core.types.maps import OCCUPIED, UNKNOWN, OccupancyGrid

BoolArray = npt.NDArray[np.bool_]
CELL_M = 0.1
MOST_CELLS = 90_000
"""Larger windows get coarser cells."""
ZONE_EDGE_M = 0.3
"""What the navigator calls occupied so near to an outline or a keep-out may be the zone alone."""


@dataclass(frozen=True, slots=True, eq=False)
class Ground:
    """A window of the map. Grids are (rows, columns), row 0 southernmost.

    `room_m`: distance from each cell to the nearest that the robot must not touch, map, zones and
    what stands. `standing`: what hides things. `no_stop`: keep-clear and privacy zones.
    """

    cell_m: float
    west_m: float
    south_m: float
    room_m: FloatArray
    standing: BoolArray
    no_stop: BoolArray

    def cells_of(self, points_m: npt.ArrayLike) -> npt.NDArray[np.int64]:
        """Row and column of points (N, 2), shape (N, 2); may lie outside the window."""
        points = np.asarray(points_m, dtype=float).reshape(-1, 2)
        found = np.floor((points - (self.west_m, self.south_m)) / self.cell_m).astype(np.int64)
        return np.asarray(found[:, ::-1])

    def centers_m(self) -> tuple[FloatArray, FloatArray]:
        """x of the columns and y of the rows' middles [m]."""
        rows, columns = self.standing.shape
        x, y = (
            _middles(self.west_m, columns, self.cell_m),
            _middles(self.south_m, rows, self.cell_m),
        )
        return x, y

    def inside(self, cells: npt.NDArray[np.int64]) -> BoolArray:
        """Which cells (N, 2) lie in the window, shape (N,)."""
        return np.asarray(((cells >= 0) & (cells < self.standing.shape)).all(axis=1))

    def room_at(self, points_m: npt.ArrayLike) -> FloatArray:
        """Room at points (N, 2) [m], shape (N,); 0 outside the window."""
        cells = self.cells_of(points_m)
        inside = self.inside(cells)
        room = np.zeros(len(cells))
        room[inside] = self.room_m[tuple(cells[inside].T)]
        return room

    def may_stop(self, points_m: npt.ArrayLike) -> BoolArray:
        """Where it is not to be kept clear or private, of points (N, 2), shape (N,)."""
        cells = self.cells_of(points_m)
        inside = self.inside(cells)
        allowed = np.zeros(len(cells), bool)
        allowed[inside] = ~self.no_stop[tuple(cells[inside].T)]
        return allowed

    def sees(
        self, points_m: FloatArray, target_m: tuple[float, float], short_m: float
    ) -> BoolArray:
        """From which points (N, 2) nothing hides the target; what stands within `short_m` of it
        hides nothing, for it is the target itself. Shape (N,).
        """
        offsets = np.asarray(target_m) - points_m
        lengths = np.linalg.norm(offsets, axis=1)
        shares = np.linspace(0.0, 1.0, max(int(lengths.max(initial=0.0) / (0.5 * self.cell_m)), 2))
        line = points_m[:, None, :] + shares[None, :, None] * offsets[:, None, :]
        cells = self.cells_of(line.reshape(-1, 2))
        hidden = np.zeros(len(cells), bool)
        inside = self.inside(cells)
        hidden[inside] = self.standing[tuple(cells[inside].T)]
        before = (1.0 - shares)[None, :] * lengths[:, None] > short_m
        return np.asarray(~(hidden.reshape(before.shape) & before).any(axis=1))


def ground_of(
    site_map: OccupancyGrid,
    costmaps: Iterable[OccupancyGrid],
    zones: Iterable[Zone],
    outline_m: Points,
    window_m: tuple[float, float, float, float],
    reach_m: float,
) -> Ground:
    """The ground in a window (west, south, east, north).

    `costmaps`: what the navigator knows to stand, 100 where something does; of two that overlap
    the later counts. `zones`: those in force. `reach_m`: from base_link to the robot's farthest
    corner.
    """
    west, south, east, north = window_m
    area = max(east - west, CELL_M) * max(north - south, CELL_M)
    cell_m = max(CELL_M, math.sqrt(area / MOST_CELLS))
    shape = math.ceil((north - south) / cell_m), math.ceil((east - west) / cell_m)
    x, y = _middles(west, shape[1], cell_m), _middles(south, shape[0], cell_m)
    mapped, unknown = _of_map(site_map, x, y, cell_m)
    forbidden = ~_in_polygon(outline_m, x, y)
    no_stop = np.zeros(shape, bool)
    for zone in zones:
        if zone.kind is ZoneKind.KEEP_OUT:
            forbidden |= _in_polygon(zone.polygon_m, x, y)
        elif zone.kind is ZoneKind.KEEP_CLEAR:
            no_stop |= _in_polygon(zone.polygon_m, x, y, reach_m)
        elif zone.kind is ZoneKind.PRIVACY:
            no_stop |= _in_polygon(zone.polygon_m, x, y)
    seen = np.zeros(shape, bool)
    for costmap in costmaps:
        known, occupied = _sampled(costmap, x, y)
        seen[known] = occupied[known]
    room_m = np.asarray(distance_transform_edt(~(mapped | unknown | forbidden | seen))) * cell_m
    edge = distance_transform_edt(~forbidden) * cell_m <= ZONE_EDGE_M
    return Ground(cell_m, west, south, room_m, mapped | (seen & ~edge & ~unknown), no_stop)


def _middles(first_m: float, count: int, cell_m: float) -> FloatArray:
    return np.asarray(first_m + (np.arange(count) + 0.5) * cell_m, dtype=np.float64)


def _of_map(
    grid: OccupancyGrid, x: FloatArray, y: FloatArray, cell_m: float
) -> tuple[BoolArray, BoolArray]:
    """Where any of the map's cells in a cell is occupied, and unknown or off the map."""
    steps = max(math.ceil(cell_m / grid.resolution_m), 1)
    offsets = (np.arange(steps) + 0.5) / steps * cell_m - 0.5 * cell_m
    mapped = np.zeros((len(y), len(x)), bool)
    unknown = np.zeros_like(mapped)
    for dx in offsets:
        for dy in offsets:
            cells, inside = _take(grid, x + dx, y + dy, UNKNOWN)
            mapped |= inside & (cells >= OCCUPIED // 2)
            unknown |= cells == UNKNOWN
    return mapped, unknown


def _sampled(grid: OccupancyGrid, x: FloatArray, y: FloatArray) -> tuple[BoolArray, BoolArray]:
    cells, inside = _take(grid, x, y, 0)
    return inside, cells >= OCCUPIED


def _take(
    grid: OccupancyGrid, x: FloatArray, y: FloatArray, outside: int
) -> tuple[npt.NDArray[np.int8], BoolArray]:
    columns = np.floor((x - grid.origin_x_m) / grid.resolution_m).astype(np.int64)
    rows = np.floor((y - grid.origin_y_m) / grid.resolution_m).astype(np.int64)
    height, width = grid.cells.shape
    inside = np.outer((rows >= 0) & (rows < height), (columns >= 0) & (columns < width))
    taken = grid.cells[
        np.clip(rows, 0, height - 1)[:, None], np.clip(columns, 0, width - 1)[None, :]
    ]
    return np.where(inside, taken, np.int8(outside)), inside


def _in_polygon(
    polygon_m: Points, x: FloatArray, y: FloatArray, grown_m: float = 0.0
) -> BoolArray:
    shape = Polygon(polygon_m).buffer(grown_m) if grown_m else Polygon(polygon_m)
    columns, rows = np.meshgrid(x, y)
    return np.asarray(contains_xy(shape, columns, rows), dtype=bool)
