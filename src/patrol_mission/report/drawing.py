"""Rasters as pictures that a page holds in itself, and where things lie on its map."""

from __future__ import annotations

import base64
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
import numpy.typing as npt

from patrol_core.types.maps import FREE, OCCUPIED, OccupancyGrid
from patrol_mission.report.coverage import coarse

_MARGIN_M = 1.0
_WALL, _UNKNOWN = (84, 70, 58, 255), (160, 150, 140, 46)
"""BGRA. Walls are told by the page to turn light where it is dark."""


@dataclass(frozen=True, slots=True)
class Raster:
    """A picture that lies on the map: a data link, and its west, north, width and height [m]."""

    link: str
    x_m: float
    top_m: float
    width_m: float
    height_m: float


@dataclass(frozen=True, slots=True)
class Frame:
    """The part of the map that is shown. Drawings count y downwards: they take `-y`."""

    x_m: float
    y_m: float
    width_m: float
    height_m: float

    @classmethod
    def around(cls, outline: Iterable[Sequence[float]]) -> Frame:
        """A site's outline with a margin."""
        points = np.array([list(p) for p in outline], dtype=np.float64)
        low, high = points.min(axis=0) - _MARGIN_M, points.max(axis=0) + _MARGIN_M
        return cls(float(low[0]), float(low[1]), *(float(v) for v in high - low))

    def left(self, x_m: float) -> float:
        """Percent from the left."""
        return 100.0 * (x_m - self.x_m) / self.width_m

    def top(self, y_m: float) -> float:
        """Percent from the top."""
        return 100.0 * (self.y_m + self.height_m - y_m) / self.height_m

    def holds(self, x_m: float, y_m: float) -> bool:
        return 0.0 <= self.left(x_m) <= 100.0 and 0.0 <= self.top(y_m) <= 100.0


def map_raster(grid: OccupancyGrid) -> Raster:
    """Walls and unknown ground in cells of a decimetre; free ground is transparent."""
    shown = coarse(grid, 0.1)
    picture = np.zeros((*shown.cells.shape, 4), dtype=np.uint8)
    picture[shown.cells != FREE] = _UNKNOWN
    picture[shown.cells == OCCUPIED] = _WALL
    return raster(shown, picture)


def mask_raster(
    grid: OccupancyGrid, weight: npt.NDArray[np.float64], color: tuple[int, int, int]
) -> Raster:
    """Weights from 0 (transparent) to 1 over the grid's cells, in one colour (RGB)."""
    picture = np.zeros((*grid.cells.shape, 4), dtype=np.uint8)
    picture[..., :3] = color[::-1]
    picture[..., 3] = np.round(255.0 * np.clip(weight, 0.0, 1.0)).astype(np.uint8)
    return raster(grid, picture)


def raster(grid: OccupancyGrid, picture: npt.NDArray[np.uint8]) -> Raster:
    """A picture (rows, columns, BGRA) over the grid's cells, row 0 the southernmost."""
    done, data = cv2.imencode(".png", picture[::-1], [cv2.IMWRITE_PNG_COMPRESSION, 9])
    assert done
    rows, columns = grid.cells.shape
    height_m = rows * grid.resolution_m
    return Raster(
        data_link("png", data.tobytes()),
        grid.origin_x_m,
        grid.origin_y_m + height_m,
        columns * grid.resolution_m,
        height_m,
    )


def data_link(kind: str, data: bytes) -> str:
    """An image as a link that holds it."""
    return f"data:image/{kind};base64,{base64.b64encode(data).decode('ascii')}"


def photo_link(photos: Path, name: str | None, width_px: int = 0) -> str | None:
    """A stored picture as a link, no wider than asked; None where there is none any more."""
    if name is None or not (photos / name).is_file():
        return None
    data = (photos / name).read_bytes()
    picture = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_COLOR) if width_px else None
    if picture is not None and picture.shape[1] > width_px:
        height = round(picture.shape[0] * width_px / picture.shape[1])
        small = cv2.resize(picture, (width_px, height), interpolation=cv2.INTER_AREA)
        data = cv2.imencode(".jpg", small, [cv2.IMWRITE_JPEG_QUALITY, 75])[1].tobytes()
    return data_link("jpeg", data)
