"""A site's map in characters, with the robot and what it has found."""

from __future__ import annotations

import math
from collections.abc import Iterable

import numpy as np
from rich.text import Text

from patrol_core.geometry import Pose2
from patrol_core.site import Site, load_map
from patrol_core.types.maps import OCCUPIED
from patrol_core.types.perception import Incident

_CELL_ASPECT = 2.0
"""A character is about twice as high as wide."""
_ARROWS = "→↗↑↖←↙↓↘"


class MapSketch:
    """The map, `columns` characters wide or less, at most `rows` high; north is up."""

    def __init__(self, site: Site, columns: int = 60, rows: int = 20) -> None:
        outline = np.asarray(site.outline_m)
        self._low, high = outline.min(axis=0) - 1.0, outline.max(axis=0) + 1.0
        width_m, height_m = high - self._low
        self._column_m = max(width_m / columns, height_m / rows / _CELL_ASPECT)
        self._row_m = self._column_m * _CELL_ASPECT
        self._columns = math.ceil(width_m / self._column_m)
        self._rows = math.ceil(height_m / self._row_m)
        self._base = [[" "] * self._columns for _ in range(self._rows)]
        self._draw_map(site)
        for checkpoint in site.checkpoints:
            self._put(self._base, checkpoint.pose.x_m, checkpoint.pose.y_m, "o")
        for dock in site.docks:
            self._put(self._base, dock.pose.x_m, dock.pose.y_m, "D")

    def draw(
        self,
        pose: Pose2 | None,
        incidents: Iterable[Incident] = (),
        marks: Iterable[tuple[float, float, str]] = (),
    ) -> Text:
        """The map with marks (places and their characters), incidents (!) and the robot (an
        arrow)."""
        cells = [list(row) for row in self._base]
        for x_m, y_m, mark in marks:
            self._put(cells, x_m, y_m, mark)
        for incident in incidents:
            self._put(cells, incident.x_m, incident.y_m, "!")
        if pose is not None and pose.is_finite():
            octant = round(pose.yaw_rad / (math.pi / 4.0)) % 8
            self._put(cells, pose.x_m, pose.y_m, _ARROWS[octant])
        text = Text("\n".join("".join(row) for row in cells), no_wrap=True)
        text.highlight_regex(r"[→↗↑↖←↙↓↘]", "bold white on blue")
        text.highlight_regex(r"!", "bold white on red")
        text.highlight_regex(r"[oD]", "cyan")
        text.highlight_regex(r"·+", "green")
        text.highlight_regex(r"[1-9+]", "bold black on green")
        text.highlight_regex(r"#+", "red")
        text.highlight_regex(r"▒+", "bright_black")
        return text

    def _draw_map(self, site: Site) -> None:
        grid = load_map(site.map_file)
        for x_m, y_m in grid.centers_of(np.argwhere(grid.cells >= OCCUPIED)):
            self._put(self._base, float(x_m), float(y_m), "▒")

    def _put(self, cells: list[list[str]], x_m: float, y_m: float, mark: str) -> None:
        if not math.isfinite(x_m + y_m):
            return
        column = int((x_m - self._low[0]) / self._column_m)
        row = self._rows - 1 - int((y_m - self._low[1]) / self._row_m)
        if 0 <= row < self._rows and 0 <= column < self._columns:
            cells[row][column] = mark
