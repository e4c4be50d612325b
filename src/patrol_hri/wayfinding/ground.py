"""Where on a site people may walk: a grid from its map, outline, zones and docks."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.ndimage import distance_transform_edt, label
from shapely import contains_xy
from shapely.geometry import LineString, Point, Polygon
from shapely.geometry.base import BaseGeometry

from patrol_core.geometry import FloatArray, Pose2
from patrol_core.site.model import Dock, Site, Zone
from patrol_core.types.maps import FREE, OCCUPIED, OccupancyGrid
from patrol_hri.wayfinding.params import WayParams

BoolArray = npt.NDArray[np.bool_]
Cell = tuple[int, int]
SAMPLE_CELLS = 0.2
"""Lines are looked at in steps of so much of a cell."""


def is_clear(grid: OccupancyGrid, start_m: npt.ArrayLike, end_m: npt.ArrayLike) -> bool:
    """Whether all cells on the line between two points of the grid are free."""
    start, end = np.asarray(start_m, dtype=float), np.asarray(end_m, dtype=float)
    length = float(np.linalg.norm(end - start))
    count = max(int(np.ceil(length / (SAMPLE_CELLS * grid.resolution_m))), 1)
    shares = np.linspace(0.0, 1.0, count + 1)[:, None]
    rows, columns = grid.cells_of(start + shares * (end - start)).T
    return bool((grid.cells[rows, columns] == FREE).all())


@dataclass(frozen=True, slots=True, eq=False)
class Ground:
    """Cells on which people may walk: `grid.cells` is FREE there. `site_map`: the map itself.

    `parts` numbers what hangs together, from 1 (0: not walkable). `closed`: keep-out zones.
    """

    grid: OccupancyGrid
    site_map: OccupancyGrid
    parts: npt.NDArray[np.int32]
    closed: tuple[Polygon, ...]

    def step_on(self, point_m: tuple[float, float], snap_m: float) -> Cell | None:
        """The nearest walkable cell that one gets to straight over free ground.

        None where there is none within `snap_m`.
        """
        for cell in self._by_distance(point_m, self.parts > 0, snap_m):
            if is_clear(self.site_map, point_m, self.center(cell)):
                return cell
        return None

    def nearest(self, point_m: tuple[float, float], part: int, within_m: float) -> Cell | None:
        """The cell of a part that is nearest to a point; None farther off than `within_m`."""
        return next(iter(self._by_distance(point_m, self.parts == part, within_m)), None)

    def is_closed(self, point_m: tuple[float, float]) -> bool:
        """Whether a point lies in a keep-out zone in force."""
        return any(area.intersects(Point(point_m)) for area in self.closed)

    def center(self, cell: Cell) -> tuple[float, float]:
        """Middle of a cell [m]."""
        x_m, y_m = self.grid.centers_of([cell])[0]
        return float(x_m), float(y_m)

    def _by_distance(
        self, point_m: tuple[float, float], wanted: BoolArray, within_m: float
    ) -> list[Cell]:
        reach = math.ceil(within_m / self.grid.resolution_m) + 1
        row, column = (int(index) for index in self.grid.cells_of([point_m])[0])
        low = max(row - reach, 0), max(column - reach, 0)
        around = wanted[low[0] : max(row + reach, 0), low[1] : max(column + reach, 0)]
        cells = np.argwhere(around) + low
        apart_m = np.linalg.norm(self.grid.centers_of(cells) - np.asarray(point_m), axis=1)
        near = apart_m <= within_m
        order = np.argsort(apart_m[near], kind="stable")
        return [(int(row), int(column)) for row, column in cells[near][order]]


class GroundMaker:
    """Makes the ground of a site for the zones in force; what all have in common is kept.

    A cell is walkable when all of it keeps `clearance_m` from what is not free in the map, and no
    part of it lies outside the outline, in a keep-out zone or before a dock.
    """

    def __init__(self, site: Site, site_map: OccupancyGrid, params: WayParams) -> None:
        factor = _factor(site_map, params)
        room_m = distance_transform_edt(site_map.cells == FREE) * site_map.resolution_m
        self._map = site_map
        self._walkable = _block_minimum(room_m, factor) >= params.clearance_m
        self._grid = OccupancyGrid(
            site_map.stamp_s,
            factor * site_map.resolution_m,
            site_map.origin_x_m,
            site_map.origin_y_m,
            np.full(self._walkable.shape, OCCUPIED, np.int8),
        )
        self._corner_m = self._grid.resolution_m / np.sqrt(2.0)
        outline = Polygon(site.outline_m).buffer(-self._corner_m)
        self._walkable &= _inside(outline, self._grid)
        for dock in site.docks:
            self._walkable &= ~_inside(_before(dock).buffer(params.dock_room_m), self._grid)

    def ground(self, keep_outs: tuple[Zone, ...]) -> Ground:
        """The ground while these keep-out zones are in force."""
        walkable = self._walkable.copy()
        closed = tuple(Polygon(zone.polygon_m) for zone in keep_outs)
        for area in closed:
            walkable &= ~_inside(area.buffer(self._corner_m), self._grid)
        cells = np.where(walkable, FREE, OCCUPIED).astype(np.int8)
        grid = OccupancyGrid(
            self._grid.stamp_s,
            self._grid.resolution_m,
            self._grid.origin_x_m,
            self._grid.origin_y_m,
            cells,
        )
        return Ground(grid, self._map, np.asarray(label(walkable)[0], dtype=np.int32), closed)


def _factor(site_map: OccupancyGrid, params: WayParams) -> int:
    """Cells of the map along the edge of one of the ground: as few as come to `params.cells`."""
    wanted = math.ceil(math.sqrt(site_map.cells.size / params.cells))
    return max(min(wanted, round(params.coarsest_m / site_map.resolution_m)), 1)


def _block_minimum(values: FloatArray, factor: int) -> FloatArray:
    rows, columns = (length // factor for length in values.shape)
    blocks = values[: rows * factor, : columns * factor].reshape(rows, factor, columns, factor)
    return np.asarray(blocks.min(axis=(1, 3)))


def _inside(shape: BaseGeometry, grid: OccupancyGrid) -> BoolArray:
    """Which cells of a grid have their middle in a shape."""
    inside = np.zeros(grid.cells.shape, dtype=bool)
    if shape.is_empty:
        return inside
    west, south, east, north = shape.bounds
    low, high = grid.cells_of([(west, south), (east, north)])
    rows, columns = (
        np.arange(max(first, 0), min(last + 1, length))
        for first, last, length in zip(low, high, inside.shape, strict=True)
    )
    row, column = (index.ravel() for index in np.meshgrid(rows, columns, indexing="ij"))
    centers_m = grid.centers_of(np.column_stack((row, column)))
    inside[row, column] = contains_xy(shape, centers_m[:, 0], centers_m[:, 1])
    return inside


def _before(dock: Dock) -> LineString:
    """The strip that the robot drives to a dock on."""
    back = dock.pose.compose(Pose2(-dock.approach_m, 0.0, 0.0))
    return LineString([(back.x_m, back.y_m), (dock.pose.x_m, dock.pose.y_m)])
