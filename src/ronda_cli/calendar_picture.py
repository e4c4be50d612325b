"""The calendar of patrols as a picture: a row a day, its hours from left to right."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.patches import Patch

from patrol_mission.schedule.calendar import Day, Entry

_INK, _MUTED, _GRID = "#1d2733", "#8593a3", "#dfe4ea"
_CONFLICT, _CLOCK = "#c8321f", "#b97700"
_COLOURS = ("#1f6fb2", "#2e8b57", "#7d5ba6", "#d08a1d", "#3a9ea5", "#a65b7d", "#6b7a2e")
_SHORTEST_H = 0.12
_LANE, _LOWER_LANE = (-0.36, 0.46), (0.16, 0.26)
"""Where a bar lies in its row and how high it is; below, what cannot have the robot."""


def draw_calendar(title: str, days: Sequence[Day], file: Path) -> None:
    """Write a PNG of 1800 pixels' width. A run past midnight goes on in the next row."""
    entries = [entry for day in days for entry in day.entries]
    names = list(dict.fromkeys(entry.schedule.schedule_id for entry in entries))
    colours = {name: _COLOURS[index % len(_COLOURS)] for index, name in enumerate(names)}
    figure = Figure(figsize=(12.0, 1.9 + 0.32 * len(days)), layout="constrained")
    FigureCanvasAgg(figure)
    axes = figure.add_subplot()
    _frame(axes, days)
    for row, day in enumerate(days):
        said = [day.clock_change] if day.clock_change else []
        said += dict.fromkeys(f"rests: {entry.rest}" for entry in day.entries if entry.rest)
        axes.text(
            24.15, row, "\n".join(said), va="center", fontsize=8,
            color=_CLOCK if day.clock_change else _MUTED, clip_on=False,
        )  # fmt: skip
        for entry in day.entries:
            _bar(axes, row, entry, colours[entry.schedule.schedule_id], len(days))
    axes.set_title(title, loc="left", fontsize=14, fontweight="bold", color=_INK)
    handles = [Patch(color=colour, label=name) for name, colour in colours.items()]
    if any(entry.rest for entry in entries):
        handles.append(Patch(facecolor="white", edgecolor=_MUTED, hatch="////", label="rests"))
    if any(entry.in_conflict for entry in entries):
        handles.append(Patch(facecolor="white", edgecolor=_CONFLICT, lw=1.8, label="in conflict"))
    if handles:
        figure.legend(
            handles=handles, loc="outside lower center", ncols=min(len(handles), 8), frameon=False
        )
    figure.savefig(file, dpi=150, format="png")


def _frame(axes: Axes, days: Sequence[Day]) -> None:
    axes.set_xlim(0.0, 24.0)
    axes.set_ylim(len(days) - 0.4, -0.6)
    axes.set_xticks(range(0, 25, 2), [f"{hour:02d}:00" for hour in range(0, 25, 2)])
    axes.set_yticks(range(len(days)), [f"{day.day:%a %d %b}" for day in days])
    axes.tick_params(length=0, colors=_INK, labelsize=9)
    axes.grid(axis="x", color=_GRID, linewidth=0.8)
    axes.set_axisbelow(True)
    for side in axes.spines.values():
        side.set_visible(False)
    for row, day in enumerate(days):
        if day.day.weekday() >= 5:
            axes.axhspan(row - 0.5, row + 0.5, color="#f4f6f8", zorder=0)
        if day.clock_change:
            axes.axhspan(row - 0.5, row + 0.5, color="#fbf3df", zorder=0)


def _bar(axes: Axes, row: int, entry: Entry, colour: str, rows: int) -> None:
    """The run, pale for as much later as it may start; lower and red-edged where in conflict."""
    start_h = entry.start.hour + entry.start.minute / 60.0
    length_h = max(entry.expected_s / 3600.0, _SHORTEST_H)
    end_h = start_h + entry.schedule.jitter_s / 3600.0 + length_h
    lane = _LOWER_LANE if entry.in_conflict else _LANE

    def span(until_h: float, **style: Any) -> None:
        """Past midnight it goes on in the next row."""
        from_h, left_h, at = start_h, until_h, row
        while from_h < left_h and at < rows:
            piece = [(from_h, min(left_h, 24.0) - from_h)]
            axes.broken_barh(piece, (at + lane[0], lane[1]), **style)
            from_h, left_h, at = 0.0, left_h - 24.0, at + 1

    if entry.rest:
        span(end_h, facecolor="white", edgecolor=_MUTED, hatch="////", linewidth=0.6)
        return
    span(end_h, color=colour, alpha=0.3, linewidth=0.0)
    span(start_h + length_h, color=colour, linewidth=0.0)
    if entry.in_conflict:
        span(end_h, facecolor="none", edgecolor=_CONFLICT, linewidth=1.5)
