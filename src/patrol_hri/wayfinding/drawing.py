"""A calm map of a way: the site, its buildings, the way, where it begins and ends."""

from __future__ import annotations

import io
from collections.abc import Mapping

import numpy as np
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.colors import to_rgba
from matplotlib.figure import Figure
from matplotlib.patches import Polygon
from matplotlib.patheffects import withStroke

from patrol_core.geometry import FloatArray
from patrol_core.site.model import Site
from patrol_core.site.visitors import VisitorPlace
from patrol_core.types.maps import OCCUPIED, OccupancyGrid
from patrol_hri.turn import Way

PAPER, GROUND, BUILDING, INK, WAY = "#eceae4", "#ffffff", "#aab1ba", "#22313f", "#0b6bcb"
_WIDTH_IN, _DPI = 9.0, 120
_BORDER = 0.05
_HALO = [withStroke(linewidth=3.5, foreground="#ffffff")]
_SCALES_M = (1, 2, 5, 10, 20, 50, 100, 200, 500)


def draw_way(
    site: Site,
    site_map: OccupancyGrid,
    way: Way,
    places: Mapping[str, VisitorPlace],
    names: Mapping[str, str],
) -> bytes:
    """A PNG, 1080 pixels wide, north up. `names`: what is written at the places."""
    outline = np.asarray(site.outline_m)
    low, high = outline.min(axis=0), outline.max(axis=0)
    border = _BORDER * float((high - low).max())
    width, height = high - low + 2.0 * border
    figure = Figure(figsize=(_WIDTH_IN, _WIDTH_IN * height / width), facecolor=PAPER)
    FigureCanvasAgg(figure)
    axes = figure.add_axes((0.0, 0.0, 1.0, 1.0))
    axes.axis("off")
    axes.set_xlim(low[0] - border, high[0] + border)
    axes.set_ylim(low[1] - border, high[1] + border)
    axes.add_patch(Polygon(outline, facecolor=GROUND, edgecolor=INK, linewidth=1.2, zorder=0))
    _draw_buildings(site_map, float(width), axes)
    _draw_way(way.points_m, axes)
    for place_id, place in places.items():
        _draw_place(place, names[place_id], place_id == way.place_id, axes)
    _draw_north_and_scale(low, high, border, axes)
    with io.BytesIO() as file:
        figure.savefig(file, dpi=_DPI, format="png", facecolor=PAPER)
        return file.getvalue()


def _draw_buildings(site_map: OccupancyGrid, width_m: float, axes: Axes) -> None:
    """What the map calls occupied, in cells of about a pixel."""
    pixels = _WIDTH_IN * _DPI
    factor = max(int(width_m / pixels / site_map.resolution_m), 1)
    rows, columns = (length // factor for length in site_map.cells.shape)
    cells = site_map.cells[: rows * factor, : columns * factor]
    solid = (cells == OCCUPIED).reshape(rows, factor, columns, factor).any(axis=(1, 3))
    picture = np.zeros((rows, columns, 4))
    picture[solid] = to_rgba(BUILDING)
    west, south, cell_m = site_map.origin_x_m, site_map.origin_y_m, factor * site_map.resolution_m
    axes.imshow(
        picture, origin="lower", interpolation="nearest", zorder=1,
        extent=(west, west + columns * cell_m, south, south + rows * cell_m),
    )  # fmt: skip


def _draw_way(points_m: FloatArray, axes: Axes) -> None:
    x_m, y_m = points_m.T
    axes.plot(
        x_m, y_m, color=WAY, linewidth=4.0, solid_capstyle="round", solid_joinstyle="round",
        path_effects=[withStroke(linewidth=7.0, foreground="#ffffff")], zorder=3,
    )  # fmt: skip
    axes.plot(*points_m[0], "o", color="#ffffff", mec=WAY, mew=3.5, ms=12, zorder=4)


def _draw_place(place: VisitorPlace, name: str, is_goal: bool, axes: Axes) -> None:
    x_m, y_m = place.at_m
    marker, size, weight = ("*", 22, "bold") if is_goal else ("o", 7, "normal")
    axes.plot(
        x_m, y_m, marker, color=WAY if is_goal else INK, mec="#ffffff", ms=size, mew=1.5, zorder=5
    )
    axes.annotate(
        name, (x_m, y_m), (0, 13 if is_goal else 8), textcoords="offset points", ha="center",
        va="bottom", fontsize=14 if is_goal else 11, fontweight=weight, color=INK,
        path_effects=_HALO, zorder=6,
    )  # fmt: skip


def _draw_north_and_scale(low: FloatArray, high: FloatArray, border: float, axes: Axes) -> None:
    """A bar and an arrow in the lower left corner."""
    length_m = max(s for s in _SCALES_M if s <= 0.2 * (high[0] - low[0]))
    west, south = low + (0.6 * border, 0.6 * border)
    axes.plot([west, west + length_m], [south, south], color=INK, linewidth=3.0, zorder=6)
    axes.annotate(
        f"{length_m} m", (west + 0.5 * length_m, south), (0, 5), textcoords="offset points",
        ha="center", va="bottom", fontsize=11, color=INK, path_effects=_HALO, zorder=6,
    )  # fmt: skip
    east = west + length_m + 0.6 * border
    axes.annotate(
        "N", (east, south + 1.3 * border), (east, south + 0.1 * border), ha="center", va="center",
        fontsize=13, fontweight="bold", color=INK, zorder=6, path_effects=_HALO,
        arrowprops={"arrowstyle": "-|>", "color": INK, "linewidth": 1.8},
    )  # fmt: skip
