"""A picture of a site: map, outline, zones, routes, checkpoints and docks."""

from __future__ import annotations

from itertools import cycle
from pathlib import Path

import numpy as np
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.colors import ListedColormap
from matplotlib.figure import Figure
from matplotlib.patches import Polygon as PolygonPatch

from patrol_core.site import PathRoute, Route, Site, Zone, ZoneKind, load_map
from patrol_mission.route import STEP_M, lap_poses

_COLOURS = {
    ZoneKind.KEEP_OUT: "#c0392b",
    ZoneKind.KEEP_CLEAR: "#d35400",
    ZoneKind.SPEED: "#e0a100",
    ZoneKind.PREFERRED: "#2471a3",
    ZoneKind.PRIVACY: "#7d5ba6",
    ZoneKind.PUBLIC: "#2e8b57",
}
_GREYS = ListedColormap(["#e3e1dc", "#ffffff", "#3b4250"])
_BLUE = "#1f6fb2"
_TAUGHT = ("#c2185b", "#00838f", "#6d4c41", "#5e35b1")
_ARROW_EVERY_M = 8.0


def draw_site(site: Site, file: Path) -> None:
    """Write a PNG of 2100 pixels' width."""
    outline = np.asarray(site.outline_m)
    low, high = outline.min(axis=0), outline.max(axis=0)
    border = 0.04 * (high - low).max()
    width, height = high - low + 2.0 * border
    figure = Figure(figsize=(14.0, 13.2 * height / width + 1.3), layout="constrained")
    FigureCanvasAgg(figure)
    axes = figure.add_subplot()
    _draw_map(site, axes)
    for zone in site.zones:
        _draw_zone(zone, axes)
    axes.add_patch(
        PolygonPatch(outline, fill=False, edgecolor=_BLUE, linestyle=":", label="outline")
    )
    taught = cycle(_TAUGHT)
    for route in site.routes:
        is_taught = isinstance(route, PathRoute)
        _draw_route(site, route, axes, next(taught) if is_taught else _BLUE)
    _draw_places(site, axes)
    axes.set_aspect("equal")
    axes.set_xlim(low[0] - border, high[0] + border)
    axes.set_ylim(low[1] - border, high[1] + border)
    axes.set_xlabel("east [m]")
    axes.set_ylabel("north [m]")
    axes.set_title(site.name, loc="left", fontsize=16, fontweight="bold")
    handles, labels = axes.get_legend_handles_labels()
    unique = dict(zip(labels, handles, strict=True))
    figure.legend(
        unique.values(), unique.keys(), loc="outside lower center", ncols=8, frameon=False
    )
    figure.savefig(file, dpi=150, format="png")


def _draw_map(site: Site, axes: Axes) -> None:
    grid = load_map(site.map_file)
    rows, columns = grid.cells.shape
    extent = (
        grid.origin_x_m,
        grid.origin_x_m + columns * grid.resolution_m,
        grid.origin_y_m,
        grid.origin_y_m + rows * grid.resolution_m,
    )
    shades = np.sign(grid.cells.astype(np.int16))
    axes.imshow(shades, cmap=_GREYS, vmin=-1, vmax=1, origin="lower", extent=extent)


def _draw_route(site: Site, route: Route, axes: Axes, colour: str) -> None:
    """The lap, with arrows that say which way it is driven."""
    poses = lap_poses(site, route)
    axes.plot(
        poses[:, 0], poses[:, 1], color=colour, linewidth=1.4, label=f"route {route.route_id}"
    )
    every = max(round(_ARROW_EVERY_M / STEP_M), 1)
    for x_m, y_m, yaw_rad in poses[every // 2 :: every]:
        ahead = (x_m + 0.01 * np.cos(yaw_rad), y_m + 0.01 * np.sin(yaw_rad))
        style = {"arrowstyle": "-|>", "color": colour, "mutation_scale": 14}
        axes.annotate("", ahead, (x_m, y_m), arrowprops=style)


def _draw_zone(zone: Zone, axes: Axes) -> None:
    colour = _COLOURS[zone.kind]
    label = zone.kind.value.replace("_", "-")
    axes.add_patch(
        PolygonPatch(zone.polygon_m, facecolor=colour, alpha=0.16, edgecolor=colour, label=label)
    )


def _draw_places(site: Site, axes: Axes) -> None:
    for checkpoint in site.checkpoints:
        pose = checkpoint.pose
        axes.plot(pose.x_m, pose.y_m, "o", color=_BLUE, markersize=7, label="checkpoint")
        axes.annotate(
            checkpoint.name,
            (pose.x_m, pose.y_m),
            xytext=(0, 9),
            textcoords="offset points",
            ha="center",
            fontsize=8,
            clip_on=True,
            bbox={"boxstyle": "round,pad=0.2", "facecolor": "white", "alpha": 0.8, "linewidth": 0},
        )
    for dock in site.docks:
        axes.plot(dock.pose.x_m, dock.pose.y_m, "s", color="#2e8b57", markersize=8, label="dock")
