"""Map files in map_server's format: a YAML file beside an 8-bit PGM image.

Source: https://github.com/ros-navigation/navigation2/tree/main/nav2_map_server (trinary mode).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from patrol_core.site.yaml_tree import Problems, Value, read_yaml
from patrol_core.types.maps import FREE, OCCUPIED, UNKNOWN, OccupancyGrid

FREE_GREY, UNKNOWN_GREY, OCCUPIED_GREY = 254, 205, 0
_FREE_THRESHOLD, _OCCUPIED_THRESHOLD = 0.196, 0.65
_HEADER = re.compile(rb"P5(?:\s+#[^\n]*\n|\s)+(\d+)\s+(?:#[^\n]*\n\s*)*(\d+)\s+(\d+)\s")
_MAX_CELLS = 400_000_000


@dataclass(frozen=True, slots=True)
class _Sheet:
    image: Value
    resolution_m: float
    origin_m: tuple[float, float]
    free_threshold: float
    occupied_threshold: float
    negate: bool


def load_map(file: Path, stamp_s: float = 0.0) -> OccupancyGrid:
    """Read a map. Raises ConfigError with the first mistake."""
    problems = Problems()
    grid = read_map(file, problems, stamp_s)
    if grid is None or problems.found:
        raise problems.found[0]
    return grid


def read_map(file: Path, problems: Problems, stamp_s: float = 0.0) -> OccupancyGrid | None:
    """Read a map; None with recorded mistakes if it is wrong."""
    before = len(problems.found)
    root = read_yaml(file, "the map file", problems)
    sheet = None if root is None else _sheet(root)
    if sheet is None or len(problems.found) > before:
        return None
    grey = _read_pgm(sheet.image)
    if grey is None:
        return None
    occupancy = grey / 255.0 if sheet.negate else (255.0 - grey) / 255.0
    cells = np.full(grey.shape, UNKNOWN, dtype=np.int8)
    cells[occupancy > sheet.occupied_threshold] = OCCUPIED
    cells[occupancy < sheet.free_threshold] = FREE
    x_m, y_m = sheet.origin_m
    return OccupancyGrid(stamp_s, sheet.resolution_m, x_m, y_m, np.ascontiguousarray(cells[::-1]))


def write_map(grid: OccupancyGrid, file: Path) -> None:
    """Write `file` (YAML) and the image of the same stem beside it; same grid, same bytes."""
    image = file.with_suffix(".pgm")
    grey = np.full(grid.cells.shape, UNKNOWN_GREY, dtype=np.uint8)
    grey[grid.cells == FREE] = FREE_GREY
    grey[grid.cells == OCCUPIED] = OCCUPIED_GREY
    rows, columns = grey.shape
    image.write_bytes(b"P5\n%d %d\n255\n" % (columns, rows) + grey[::-1].tobytes())
    file.write_text(
        f"image: {image.name}\n"
        "mode: trinary\n"
        f"resolution: {grid.resolution_m:g}\n"
        f"origin: [{grid.origin_x_m:g}, {grid.origin_y_m:g}, 0.0]\n"
        "negate: 0\n"
        f"occupied_thresh: {_OCCUPIED_THRESHOLD}\n"
        f"free_thresh: {_FREE_THRESHOLD}\n",
        encoding="utf-8",
    )


def _sheet(root: Value) -> _Sheet | None:
    fields = root.fields(
        ("image", "resolution", "origin"), ("mode", "negate", "occupied_thresh", "free_thresh")
    )
    if "mode" in fields:
        fields["mode"].one_of(("trinary",))
    image = fields.get("image")
    resolution = (
        fields["resolution"].number(0.01, 1.0, "m a cell") if "resolution" in fields else 0
    )
    origin = _origin(fields["origin"]) if "origin" in fields else None
    free, occupied, negate = (
        fields[key].number(0.0, 1.0, "share") if key in fields else default
        for key, default in (
            ("free_thresh", _FREE_THRESHOLD),
            ("occupied_thresh", _OCCUPIED_THRESHOLD),
            ("negate", 0.0),
        )
    )
    if image is None or image.text() is None or not resolution or origin is None:
        return None
    if free is None or occupied is None or negate is None:
        return None
    return _Sheet(image, resolution, origin, free, occupied, bool(negate))


def _origin(value: Value) -> tuple[float, float] | None:
    items = value.items()
    if len(items) != 3:
        value.wrong("the origin has not three numbers", "[x, y, yaw]", "give x, y and 0.0")
        return None
    x, y = (item.number(-1e5, 1e5, "metres") for item in items[:2])
    items[2].number(0.0, 0.0, "rad; turned maps are not supported")
    return None if x is None or y is None else (x, y)


def _read_pgm(name: Value) -> npt.NDArray[np.uint8] | None:
    """The image, row 0 at the top; None with a recorded mistake."""
    path = name.file.parent / str(name.node.value)
    try:
        data = path.read_bytes()
    except OSError as error:
        reason = "is missing" if isinstance(error, FileNotFoundError) else f"{error.strerror}"
        name.wrong(
            f"the map image {path.name}: {reason}",
            "a PGM image beside this file",
            "run './ronda site map', or correct the name",
        )
        return None
    header = _HEADER.match(data)
    if header is None or int(header[3]) != 255:
        name.wrong(
            f"{path.name} is not an 8-bit binary PGM",
            "a file that starts with P5 and has 255 grey levels",
            "convert the image to PGM",
        )
        return None
    columns, rows = int(header[1]), int(header[2])
    body = len(data) - header.end()
    if not 0 < rows * columns <= _MAX_CELLS or body < rows * columns:
        name.wrong(
            f"{path.name} says {columns} x {rows} pixels and holds {body}",
            f"{rows * columns} bytes of pixels",
            "the image is cut off: copy it again",
        )
        return None
    pixels = np.frombuffer(data, dtype=np.uint8, count=rows * columns, offset=header.end())
    return pixels.reshape(rows, columns)
