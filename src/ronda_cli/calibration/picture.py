"""The ends of squares, in the manner of UMBmark's figure: two clusters around the start."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from patrol_drivers.base.umbmark import Direction, SquareError, clusters_of, worst_error_m

_COLOURS = {Direction.CW: "#c8321f", Direction.CCW: "#0b6bcb"}


def draw_errors(title: str, errors: Sequence[SquareError], file: Path) -> None:
    """One PNG of the clusters."""
    draw_panels([(title, errors)], file)


def draw_panels(panels: Sequence[tuple[str, Sequence[SquareError]]], file: Path) -> None:
    """One PNG with clusters side by side, all to one scale."""
    figure = Figure(figsize=(6.5 * len(panels), 6.2), layout="constrained")
    FigureCanvasAgg(figure)
    far = max(max(abs(e.x_m), abs(e.y_m)) for _, errors in panels for e in errors)
    reach_m = 1.15 * max(far, 1e-3)
    for index, (title, errors) in enumerate(panels):
        axes = figure.add_subplot(1, len(panels), index + 1)
        _draw(title, errors, axes)
        axes.set(aspect="equal", xlim=(-reach_m, reach_m), ylim=(-reach_m, reach_m))
    figure.savefig(file, dpi=110, format="png")


def _draw(title: str, errors: Sequence[SquareError], axes: Axes) -> None:
    clusters = clusters_of(errors)
    axes.axhline(0.0, color="#999999", lw=0.8)
    axes.axvline(0.0, color="#999999", lw=0.8)
    for direction, cluster in clusters.items():
        ends = np.array([(e.x_m, e.y_m) for e in errors if e.direction is direction])
        colour = _COLOURS[direction]
        axes.plot(ends[:, 0], ends[:, 1], "o", color=colour, alpha=0.55, label=direction.value)
        axes.plot([0.0, cluster.x_m], [0.0, cluster.y_m], "-", color=colour, lw=1.2)
        axes.plot(cluster.x_m, cluster.y_m, "P", color=colour, mec="black", ms=10)
    axes.set(xlabel="error along the first leg [m]", ylabel="error to its left [m]")
    axes.set_title(f"{title}: E_max,syst {worst_error_m(clusters):.3f} m")
    axes.legend(title="+: centre of gravity", loc="best")
