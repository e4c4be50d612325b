"""Outline and zones of the site on the map's grid."""

from __future__ import annotations

from collections.abc import Iterable

import cv2
import numpy as np
import numpy.typing as npt

from patrol_core.geometry import Points
from patrol_core.site.model import Zone, ZoneKind
from patrol_core.types.maps import OCCUPIED, UNKNOWN, OccupancyGrid

_SHIFT_BITS = 8


def blocked_cells(
    grid: OccupancyGrid, outline_m: Points, zones: Iterable[Zone], margin_m: float
) -> npt.NDArray[np.uint8]:
    """1 where the map is occupied or unknown, or which a zone forbids; else 0."""
    blocked = forbidden_cells(grid, outline_m, zones, margin_m)
    blocked[(grid.cells >= OCCUPIED // 2) | (grid.cells == UNKNOWN)] = 1
    return blocked


def forbidden_cells(
    grid: OccupancyGrid, outline_m: Points, zones: Iterable[Zone], margin_m: float
) -> npt.NDArray[np.uint8]:
    """1 in keep-outs, outside of the outline, and nearer to either than `margin_m`; else 0."""
    inside: npt.NDArray[np.uint8] = np.zeros(grid.cells.shape, dtype=np.uint8)
    _fill(inside, grid, outline_m, 1)
    forbidden = 1 - inside
    for zone in zones:
        if zone.kind is ZoneKind.KEEP_OUT:
            _fill(forbidden, grid, zone.polygon_m, 1)
    return np.asarray(cv2.dilate(forbidden, _disc(grid, margin_m)), dtype=np.uint8)


def speed_limits(
    grid: OccupancyGrid, zones: Iterable[Zone], margin_m: float
) -> npt.NDArray[np.float32]:
    """Speed limit [m/s] of every cell; infinite where no speed zone is nearer than `margin_m`."""
    limits = np.full(grid.cells.shape, np.inf, dtype=np.float32)
    disc = _disc(grid, margin_m)
    for zone in zones:
        if zone.kind is ZoneKind.SPEED and zone.speed_limit_mps is not None:
            inside = np.zeros(grid.cells.shape, dtype=np.uint8)
            _fill(inside, grid, zone.polygon_m, 1)
            near = cv2.dilate(inside, disc) == 1
            limits[near] = np.minimum(limits[near], zone.speed_limit_mps)
    return limits


def keep_clear_cells(
    grid: OccupancyGrid, zones: Iterable[Zone], margin_m: float
) -> npt.NDArray[np.uint8]:
    """1 in keep-clear zones and nearer to one than `margin_m`; else 0."""
    inside = np.zeros(grid.cells.shape, dtype=np.uint8)
    for zone in zones:
        if zone.kind is ZoneKind.KEEP_CLEAR:
            _fill(inside, grid, zone.polygon_m, 1)
    return np.asarray(cv2.dilate(inside, _disc(grid, margin_m)), dtype=np.uint8)


def beside_preferred(grid: OccupancyGrid, zones: Iterable[Zone]) -> npt.NDArray[np.uint8]:
    """1 beside preferred zones, 0 in them; 0 everywhere where there are none."""
    preferred = [zone for zone in zones if zone.kind is ZoneKind.PREFERRED]
    beside = np.full(grid.cells.shape, 1 if preferred else 0, dtype=np.uint8)
    for zone in preferred:
        _fill(beside, grid, zone.polygon_m, 0)
    return beside


def _disc(grid: OccupancyGrid, radius_m: float) -> npt.NDArray[np.uint8]:
    size = 2 * round(radius_m / grid.resolution_m) + 1
    return np.asarray(cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (size, size)), dtype=np.uint8)


def _fill(
    cells: npt.NDArray[np.uint8], grid: OccupancyGrid, polygon_m: Points, value: int
) -> None:
    """Set the cells whose centres lie in a polygon, and those that its edge passes through."""
    corners = np.asarray(polygon_m) - np.array([grid.origin_x_m, grid.origin_y_m])
    pixels = (corners / grid.resolution_m - 0.5) * (1 << _SHIFT_BITS)
    ring = np.rint(pixels).astype(np.int32).reshape(-1, 1, 2)
    cv2.fillPoly(cells, [ring], (value,), shift=_SHIFT_BITS)
