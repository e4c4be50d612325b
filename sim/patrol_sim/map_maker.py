"""The map of a world as a surveyor made it: a slice at lidar height, before people moved things.

A cell is occupied where a collision shape touches it. A share of the movable models is drawn
elsewhere than it stands today, or not at all. What the fence encloses is known, the rest unknown.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import shapely
from scipy import ndimage
from shapely.affinity import rotate, translate
from shapely.geometry import LineString, Point, Polygon
from shapely.geometry.base import BaseGeometry

from patrol_core.errors import ConfigError, Place
from patrol_core.site.model import PathRoute, Site
from patrol_core.types.maps import FREE, OCCUPIED, UNKNOWN, OccupancyGrid
from patrol_sim.sdf import World, cross_sections

_MOVABLE = (
    "barrier",
    "bench",
    "bin",
    "container",
    "crate",
    "pallet",
    "planter",
    "skip",
    "vehicle",
)
MOVABLE_PREFIXES = tuple(f"{kind}_" for kind in _MOVABLE)
LIDAR_HEIGHT_M = 0.2
RESOLUTION_M = 0.05
_BORDER_M = 1.0
_CORRIDOR_M = 2.4
_KEEP_AWAY_M = 1.5
_GAP_M = 0.3
_LEFT_OUT_SHARE = 0.25
_TRIES = 200
_TILE = 16
_STRIDE = 7


@dataclass(frozen=True, slots=True)
class Moved:
    """A model that stands at `after` today and stood at `before` when the map was made.

    Both are convex hulls in the map frame [m]; `before` is None where the model was not there yet.
    """

    model: str
    after: BaseGeometry
    before: BaseGeometry | None


def make_map(
    world: World, site: Site, moved_share: float, rng: np.random.Generator
) -> tuple[OccupancyGrid, tuple[Moved, ...]]:
    """The map of `world` for `site`, and what has moved since.

    Raises ConfigError if the fence has a gap: then nothing tells inside from outside.
    """
    sections: dict[str, list[BaseGeometry]] = {}
    for section in cross_sections(world, LIDAR_HEIGHT_M):
        sections.setdefault(section.model, []).append(section.polygon)
    shapes = {model: shapely.union_all(parts) for model, parts in sections.items()}
    moved, drawn = _displace(shapes, site, moved_share, rng)
    grid = _empty_grid(site)
    for shape in drawn.values():
        _draw(shape, grid)
    _forget_outside(grid, site, world.path)
    return grid, moved


def _displace(
    shapes: dict[str, BaseGeometry], site: Site, share: float, rng: np.random.Generator
) -> tuple[tuple[Moved, ...], dict[str, BaseGeometry]]:
    movable = sorted(name for name in shapes if name.startswith(MOVABLE_PREFIXES))
    chosen = rng.choice(movable, size=round(share * len(movable)), replace=False)
    allowed = _where_things_may_stand(site)
    drawn = dict(shapes)
    moved = []
    for name in sorted(map(str, chosen)):
        today = drawn.pop(name)
        before = None
        if rng.random() >= _LEFT_OUT_SHARE:
            others = shapely.union_all([*drawn.values(), today])
            before = _elsewhere(today, allowed, others, rng)
        if before is not None:
            drawn[name] = before
        hull = None if before is None else before.convex_hull
        moved.append(Moved(name, today.convex_hull, hull))
    return tuple(moved), drawn


def _where_things_may_stand(site: Site) -> BaseGeometry:
    """Inside the outline, off routes' corridors, docks' approaches and checkpoints."""
    allowed: BaseGeometry = Polygon(site.outline_m)
    for route in site.routes:
        if isinstance(route, PathRoute):
            way = LineString(site.path(route.path_id).points_m)
            allowed = allowed.difference(way.buffer(_CORRIDOR_M / 2.0))
            continue
        inner = Polygon(site.outline_m).buffer(-route.offset_m - _CORRIDOR_M / 2.0)
        allowed = allowed.intersection(inner)
    for dock in site.docks:
        back = (
            dock.pose.x_m - dock.approach_m * np.cos(dock.pose.yaw_rad),
            dock.pose.y_m - dock.approach_m * np.sin(dock.pose.yaw_rad),
        )
        lane = LineString([(dock.pose.x_m, dock.pose.y_m), back])
        allowed = allowed.difference(lane.buffer(_KEEP_AWAY_M))
    for checkpoint in site.checkpoints:
        place = Point(checkpoint.pose.x_m, checkpoint.pose.y_m)
        allowed = allowed.difference(place.buffer(_KEEP_AWAY_M))
    return allowed


def _elsewhere(
    today: BaseGeometry, allowed: BaseGeometry, others: BaseGeometry, rng: np.random.Generator
) -> BaseGeometry | None:
    """A place one to ten metres off that is free, or None."""
    for _ in range(_TRIES):
        distance, heading = rng.uniform(1.0, 10.0), rng.uniform(0.0, 2.0 * np.pi)
        turned = rotate(today, rng.uniform(-20.0, 20.0), origin="centroid")
        there = translate(turned, distance * np.cos(heading), distance * np.sin(heading))
        if allowed.contains(there) and others.distance(there) >= _GAP_M:
            return there
    return None


def _empty_grid(site: Site) -> OccupancyGrid:
    outline = np.asarray(site.outline_m)
    low = np.floor(outline.min(axis=0)) - _BORDER_M
    high = np.ceil(outline.max(axis=0)) + _BORDER_M
    columns, rows = np.round((high - low) / RESOLUTION_M).astype(int)
    cells = np.full((rows, columns), FREE, dtype=np.int8)
    return OccupancyGrid(0.0, RESOLUTION_M, float(low[0]), float(low[1]), cells)


def _draw(shape: BaseGeometry, grid: OccupancyGrid) -> None:
    """Mark every cell that the shape's inside touches: tile by tile, then cell by cell."""
    for part in shapely.get_parts(shape):
        inside = part.buffer(-1e-6)
        shapely.prepare(inside)
        west, south, east, north = inside.bounds
        (row, column), (last_row, last_column) = grid.cells_of([(west, south), (east, north)])
        rows, columns = (slice(row, last_row + 1, _TILE), slice(column, last_column + 1, _TILE))
        tiles = np.mgrid[rows, columns].reshape(2, -1)
        squares = _squares(grid, tiles, _TILE)
        whole = shapely.covers(inside, squares)
        partly = _cells_within(tiles[:, shapely.intersects(inside, squares) & ~whole])
        touched = partly[:, shapely.intersects(inside, _squares(grid, partly, 1))]
        cells = np.concatenate([_cells_within(tiles[:, whole]), touched], axis=1)
        on_grid = (cells >= 0).all(axis=0) & (np.array(grid.cells.shape) > cells.T).all(axis=1)
        grid.cells[tuple(cells[:, on_grid])] = OCCUPIED


def _squares(
    grid: OccupancyGrid, corners: npt.NDArray[np.int64], side: int
) -> npt.NDArray[np.object_]:
    """Squares of `side` cells whose lowest rows and columns are `corners` (2, N)."""
    x = grid.origin_x_m + corners[1] * grid.resolution_m
    y = grid.origin_y_m + corners[0] * grid.resolution_m
    length = side * grid.resolution_m
    return np.asarray(shapely.box(x, y, x + length, y + length))


def _cells_within(tiles: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
    """Rows and columns (2, N) of every cell of the tiles (2, M)."""
    steps = np.mgrid[0:_TILE, 0:_TILE].reshape(2, 1, -1)
    return np.asarray((tiles[:, :, None] + steps).reshape(2, -1))


def _forget_outside(grid: OccupancyGrid, site: Site, world: Path) -> None:
    """Free space that reaches the edge is outside; what stands only there is not seen either."""
    cells = grid.cells
    free, _ = ndimage.label(cells == FREE)
    edge = np.concatenate([free[0], free[-1], free[:, 0], free[:, -1]])
    outside: npt.NDArray[np.bool_] = np.isin(free, np.unique(edge[edge > 0]))
    rows_columns = np.argwhere(outside)[::_STRIDE]
    if shapely.contains_xy(Polygon(site.outline_m), grid.centers_of(rows_columns)).any():
        raise ConfigError(
            "the fence has a gap at lidar height",
            place=Place(world),
            expected="a closed fence round the outline",
            remedy="close the gap in the world",
        )
    cells[outside] = UNKNOWN
    things, _ = ndimage.label(cells == OCCUPIED, structure=np.ones((3, 3)))
    beside_free = np.unique(things[ndimage.binary_dilation(cells == FREE, np.ones((3, 3)))])
    cells[(cells == OCCUPIED) & ~np.isin(things, beside_free)] = UNKNOWN


def write_moved(moved: tuple[Moved, ...], file: Path) -> None:
    """Write what has moved as YAML, for the scorer alone; corners to the centimetre."""
    lines = [
        "# What stands elsewhere than on the map: corners [x, y] in metres, where it stands today",
        "# (after) and where the map shows it (before; empty: not at all). For the scorer alone.",
        "moved:" if moved else "moved: []",
    ]
    for thing in moved:
        lines.append(f"  - model: {thing.model}")
        lines.append(f"    after: {_corners(thing.after)}")
        lines.append(f"    before: {_corners(thing.before)}")
    file.write_text("\n".join(lines) + "\n", encoding="utf-8")


def _corners(hull: BaseGeometry | None) -> list[list[float]]:
    if hull is None:
        return []
    return [
        [round(float(x), 2), round(float(y), 2)] for x, y in shapely.get_coordinates(hull)[:-1]
    ]
