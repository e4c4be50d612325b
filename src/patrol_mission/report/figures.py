"""The report's pictures, as inline SVG."""

from __future__ import annotations

import io
import math
import re

import matplotlib as mpl
import numpy as np
import numpy.typing as npt
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Polygon as PolygonPatch

from patrol_core.geometry import FloatArray
from patrol_core.site.model import Site, ZoneKind
from patrol_core.types.maps import FREE, OCCUPIED, OccupancyGrid
from patrol_core.types.perception import FindingKind
from patrol_mission.report.summary import PatrolSummary

INK, MUTED, TRACK, ROUTE = "#1d2733", "#8593a3", "#0b6bcb", "#b9c7d6"
FIND, OBSTRUCTION, GOOD = "#c8321f", "#b97700", "#2b8a5a"
SEEN_WITHIN_M = 8.0
MARGIN_M = 1.0
_ZONES = {
    ZoneKind.KEEP_OUT: "#c8321f",
    ZoneKind.KEEP_CLEAR: "#d35400",
    ZoneKind.SPEED: "#b97700",
    ZoneKind.PREFERRED: "#0b6bcb",
    ZoneKind.PRIVACY: "#6b4fa0",
    ZoneKind.PUBLIC: "#2b8a5a",
}


def map_figure(summary: PatrolSummary, site: Site, grid: OccupancyGrid) -> str:
    """Map, seen area, route, track, checkpoints and numbered incidents."""
    figure = Figure(figsize=(9.0, 9.0 * _aspect(site)))
    axes = figure.add_axes((0.0, 0.0, 1.0, 1.0))
    _draw_grid(axes, grid, summary.track)
    axes.add_patch(PolygonPatch(site.outline_m, fill=False, ec=MUTED, lw=1.0, ls=(0, (4, 3))))
    for zone in site.zones:
        color = _ZONES[zone.kind]
        axes.add_patch(PolygonPatch(zone.polygon_m, fc=color, ec=color, alpha=0.10, lw=0.8))
    axes.plot(summary.route[:, 0], summary.route[:, 1], color=ROUTE, lw=3.0, zorder=2)
    if len(summary.track):
        axes.plot(summary.track[:, 0], summary.track[:, 1], color=TRACK, lw=1.3, zorder=3)
    for index, checkpoint_id in enumerate(site.route(summary.route_id).checkpoint_ids):
        pose, visited = site.checkpoint(checkpoint_id).pose, summary.visits[index].stamps_s
        axes.plot(
            pose.x_m, pose.y_m, "o", ms=8, mec=GOOD, mfc=GOOD if visited else "white", zorder=4
        )
    for dock in site.docks:
        axes.add_patch(PolygonPatch(dock.outline_m, fc=INK, ec=INK, zorder=4))
    for incident in summary.incidents:
        if not math.isfinite(incident.x_m):
            continue
        color = FIND if incident.kind is FindingKind.OBJECT else OBSTRUCTION
        axes.plot(incident.x_m, incident.y_m, "D", ms=11, mfc=color, mec="white", zorder=5)
        axes.annotate(
            str(incident.incident_id), (incident.x_m, incident.y_m), color="white", fontsize=7,
            ha="center", va="center", weight="bold", zorder=6,
        )  # fmt: skip
    x, y = np.array(site.outline_m).T
    axes.set(
        xlim=(x.min() - MARGIN_M, x.max() + MARGIN_M),
        ylim=(y.min() - 2.0 * MARGIN_M, y.max() + MARGIN_M),
        aspect="equal",
    )
    axes.set_axis_off()
    _scale_bar(axes, float(x.min()), float(y.min()) - 1.5 * MARGIN_M, float(np.ptp(x)))
    return _svg(figure, "Map of the patrol")


def _aspect(site: Site) -> float:
    x, y = np.array(site.outline_m).T
    return float((np.ptp(y) + 3.0 * MARGIN_M) / (np.ptp(x) + 2.0 * MARGIN_M))


def _draw_grid(axes: Axes, grid: OccupancyGrid, track: FloatArray) -> None:
    rows, columns = grid.cells.shape
    extent = (
        grid.origin_x_m,
        grid.origin_x_m + columns * grid.resolution_m,
        grid.origin_y_m,
        grid.origin_y_m + rows * grid.resolution_m,
    )
    picture = np.full((rows, columns, 3), 236, dtype=np.uint8)
    picture[grid.cells == FREE] = (250, 250, 248)
    picture[seen_cells(grid, track)] = (224, 237, 250)
    picture[grid.cells == OCCUPIED] = (58, 70, 84)
    step = max(1, round(0.1 / grid.resolution_m))
    axes.imshow(_shrink(picture, step), extent=extent, origin="lower", interpolation="antialiased")


def _shrink(picture: npt.NDArray[np.uint8], step: int) -> npt.NDArray[np.uint8]:
    """Every block of step x step pixels as its darkest one, so that thin walls stay."""
    rows, columns = (size // step * step for size in picture.shape[:2])
    blocks = picture[:rows, :columns].reshape(rows // step, step, columns // step, step, 3)
    return np.asarray(blocks.min(axis=(1, 3)))


def seen_cells(
    grid: OccupancyGrid, track: FloatArray, reach_m: float = SEEN_WITHIN_M
) -> npt.NDArray[np.bool_]:
    """Free cells within reach and in sight of a place on the track, boolean (rows, columns)."""
    seen = np.zeros(grid.cells.shape, dtype=bool)
    if len(track) == 0:
        return seen
    bearings = np.linspace(0.0, 2.0 * np.pi, 360, endpoint=False)
    steps = np.arange(0.0, reach_m, grid.resolution_m)
    fan = np.stack((np.outer(np.cos(bearings), steps), np.outer(np.sin(bearings), steps)), axis=-1)
    moved = np.concatenate(([0.0], np.cumsum(np.linalg.norm(np.diff(track, axis=0), axis=1))))
    for place in track[
        np.unique(np.searchsorted(moved, np.arange(0.0, moved[-1] + 1.0, 1.0)))[:-1]
    ]:
        cells = grid.cells_of(place + fan)
        row = np.clip(cells[:, 0], 0, grid.cells.shape[0] - 1).reshape(len(bearings), -1)
        column = np.clip(cells[:, 1], 0, grid.cells.shape[1] - 1).reshape(len(bearings), -1)
        open_so_far = np.logical_and.accumulate(grid.cells[row, column] == FREE, axis=1)
        seen[row[open_so_far], column[open_so_far]] = True
    return seen


def _scale_bar(axes: Axes, x_m: float, y_m: float, width_m: float) -> None:
    length = 10.0 if width_m > 40.0 else 2.0
    axes.plot([x_m, x_m + length], [y_m, y_m], color=INK, lw=2.0, solid_capstyle="butt")
    axes.annotate(f"{length:g} m", (x_m + length, y_m), (5, -3), textcoords="offset points",
                  fontsize=8, color=INK)  # fmt: skip


def drive_figure(summary: PatrolSummary) -> str:
    """Speed, the gate's limit and its holds, and the battery, over the minutes of the patrol."""
    minutes = np.array([(s.stamp_s - summary.start_s) / 60.0 for s in summary.samples])
    figure = Figure(figsize=(9.0, 4.2), layout="constrained")
    speed, battery = figure.subplots(2, 1, sharex=True, height_ratios=(3, 1))
    limit = _series([s.gate_limit_mps for s in summary.samples])
    driven = _series([s.speed_mps for s in summary.samples])
    speed.plot(minutes, limit, color=MUTED, lw=1.0, label="gate's limit")
    speed.plot(minutes, driven, color=TRACK, lw=1.2, label="speed")
    held = np.array([s.gate_state in ("hold", "latched") for s in summary.samples], dtype=bool)
    speed.fill_between(
        minutes, 0.0, 1.0, where=held, transform=speed.get_xaxis_transform(), color=FIND,
        alpha=0.15, lw=0.0, label="held by the gate",
    )  # fmt: skip
    speed.set(ylabel="m/s", ylim=(min(-0.1, float(np.nanmin(driven, initial=0.0))), 1.6))
    speed.legend(loc="upper center", bbox_to_anchor=(0.5, 1.2), ncols=3, frameon=False)
    charge = _series([s.battery_fraction for s in summary.samples]) * 100.0
    battery.plot(minutes, charge, color=GOOD, lw=1.5)
    battery.set(ylabel="battery %", xlabel="minutes since the start", ylim=(0, 105))
    return _svg(figure, "Speed, gate and battery over time")


def _series(values: list[float | None]) -> FloatArray:
    return np.array([np.nan if value is None else value for value in values], dtype=np.float64)


def idleness_figure(summary: PatrolSummary) -> str:
    """The longest time that each checkpoint was without a visit."""
    figure = Figure(figsize=(9.0, 0.6 + 0.32 * len(summary.visits)), layout="constrained")
    axes = figure.subplots()
    names = [visit.name for visit in summary.visits]
    worst = [visit.worst_idleness_s / 60.0 for visit in summary.visits]
    colors = [TRACK if visit.stamps_s else FIND for visit in summary.visits]
    bars = axes.barh(names, worst, color=colors, height=0.6)
    labels = [
        f"{w:.1f} min" + ("" if v.stamps_s else ", not visited")
        for w, v in zip(worst, summary.visits, strict=True)
    ]
    axes.bar_label(bars, labels, padding=4, fontsize=8)
    axes.set(xlim=(0.0, 1.25 * max(worst, default=1.0)), xlabel="minutes")
    axes.invert_yaxis()
    return _svg(figure, "Idleness of each checkpoint")


_STYLE = {
    "font.family": "sans-serif", "font.size": 9, "axes.spines.top": False,
    "axes.spines.right": False, "axes.edgecolor": MUTED, "axes.labelcolor": INK,
    "xtick.color": INK, "ytick.color": INK, "svg.hashsalt": "ronda", "figure.facecolor": "none",
    "axes.facecolor": "none", "svg.fonttype": "none",
}  # fmt: skip


_NO_METADATA = dict.fromkeys(("Creator", "Date", "Format", "Type"))


def _svg(figure: Figure, title: str) -> str:
    buffer = io.StringIO()
    with mpl.rc_context(_STYLE):
        figure.savefig(buffer, format="svg", metadata=_NO_METADATA)
    drawing = buffer.getvalue()
    drawing = drawing[drawing.index("<svg") :]
    drawing = re.sub(r'(<svg[^>]*?) width="[^"]*"', r"\1", drawing, count=1)
    drawing = re.sub(r'(<svg[^>]*?) height="[^"]*"', r"\1", drawing, count=1)
    return drawing.replace("<svg", f'<svg role="img" aria-label="{title}"', 1)
