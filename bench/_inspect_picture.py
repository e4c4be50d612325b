"""The picture of `bench inspect`: where the objects were, and one of each kind seen close."""

from __future__ import annotations

import math
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import matplotlib as mpl
import numpy as np
import shapely
from _inspect_placements import KINDS
from _site_laps import draw_site, placer_of
from shapely.geometry import Polygon
from shapely.geometry.base import BaseGeometry

mpl.use("Agg")
from matplotlib import pyplot as plt
from matplotlib.axes import Axes

OURS, ROUND, BAD, THING, PERSON = "#0b6bcb", "#d9a441", "#c8321f", "#22313f", "#8e2fb5"


def draw(runs: Sequence[dict[str, Any]], site: str, standoff_m: float, path: Path) -> None:
    """Where the objects were, and one of each kind seen close."""
    figure = plt.figure(figsize=(15, 10), layout="constrained")
    whole, close = figure.subfigures(2, 1, height_ratios=(1.45, 1.0))
    axes = whole.subplots()
    draw_site(axes, site)
    for good, colour, words in ((True, OURS, "three sides"), (False, BAD, "fewer, reason said")):
        mine = [run for run in runs if (len(run["sides"]) >= 3) is good]
        axes.scatter([r["x_m"] for r in mine], [r["y_m"] for r in mine], s=42, c=colour,
                     ec="white", lw=0.7, zorder=3, label=f"{len(mine)} {words}")  # fmt: skip
    axes.legend(loc="upper right")
    axes.set_title(f"{len(runs)} objects to be looked at", loc="left")
    standing = placer_of(site).ground.standing
    for panel, kind in zip(close.subplots(1, len(KINDS)), KINDS, strict=True):
        mine = [run for run in runs if run["kind"] == kind]
        panel.set_title(kind, fontsize=11)
        panel.set_axis_off()
        if mine:
            _draw_close(panel, max(mine, key=lambda run: len(run["sides"])), standing, standoff_m)
    figure.savefig(path, dpi=110)
    plt.close(figure)


def _draw_close(
    axes: Axes, run: dict[str, Any], standing: BaseGeometry, standoff_m: float
) -> None:
    x, y = run["x_m"], run["y_m"]
    outline = Polygon(run["outline"])
    window = shapely.box(x - 6.5, y - 6.5, x + 6.5, y + 6.5)
    for part in shapely.get_parts(standing.intersection(window)):
        if isinstance(part, Polygon):
            axes.fill(*part.exterior.xy, color="#9aa3ad", lw=0)
    axes.fill(*outline.buffer(standoff_m).exterior.xy, color=ROUND, alpha=0.3, lw=0)
    axes.fill(*outline.exterior.xy, color=THING, lw=0)
    for line in run["people"]:
        axes.plot(*np.array(line).T, color=PERSON, lw=1.5, ls=":")
        axes.plot(*line[0], "o", color=PERSON, ms=6)
    axes.plot(*np.array(run["track"]).T, color=OURS, lw=1.3)
    for at_x, at_y, yaw in run["sides"]:
        axes.plot(at_x, at_y, "o", color=OURS, ms=7)
        axes.plot([at_x, at_x + 0.9 * math.cos(yaw)], [at_y, at_y + 0.9 * math.sin(yaw)],
                  color=OURS, lw=2.5)  # fmt: skip
    axes.set(xlim=(x - 6.5, x + 6.5), ylim=(y - 6.5, y + 6.5), aspect="equal")
    words = f"{len(run['sides'])} sides, nearest {run['nearest_m']:.2f} m, {run['seconds']:.0f} s"
    axes.text(x, y - 7.3, words, ha="center", va="top", fontsize=9)
