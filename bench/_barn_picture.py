"""The picture of a BARN run: every world with the tracks through it, and times against lengths."""

from __future__ import annotations

import math
from collections.abc import Sequence
from pathlib import Path

import matplotlib as mpl
import numpy as np
from _barn_run import FULL_MPS, REACHED_M, Run
from _barn_worlds import GOAL, START, BarnWorld

mpl.use("Agg")
from matplotlib import pyplot as plt
from matplotlib.axes import Axes
from matplotlib.collections import EllipseCollection
from matplotlib.patches import Circle

GOOD, BAD, POST = "#0b6bcb", "#c8321f", "#3a3f44"
COLUMNS = 10
TICKS_S = (5, 10, 20, 50, 100)
MOST = 60
"""More worlds than these are not drawn one by one."""


def draw(worlds: Sequence[BarnWorld], runs: Sequence[Run], path: Path) -> None:
    """Worlds above, figures below."""
    shown = worlds[:MOST]
    across = min(COLUMNS, len(shown))
    down = math.ceil(len(shown) / across)
    figure = plt.figure(figsize=(16, 3.4 * down + 4.2), layout="constrained")
    above, below = figure.subfigures(2, 1, height_ratios=(3.4 * down, 4.2))
    panels = np.atleast_1d(above.subplots(down, across)).ravel()
    for panel, world in zip(panels, shown, strict=False):
        _draw_world(panel, world, [run for run in runs if run.world == world.name])
    for panel in panels[len(shown) :]:
        panel.axis("off")
    arrived = sum(run.success for run in runs)
    above.suptitle(
        f"BARN at 2 m/s without a map: {arrived} of {len(runs)} runs arrived, metric "
        f"{np.mean([run.metric for run in runs]):.3f} of 0.5 (red: contact or too late)"
    )
    times, metrics = below.subplots(1, 2)
    _draw_times(times, runs)
    _draw_metrics(metrics, worlds, runs)
    figure.savefig(path, dpi=90)
    plt.close(figure)


def _draw_world(panel: Axes, world: BarnWorld, runs: Sequence[Run]) -> None:
    size = np.full(len(world.posts_m), 2.0 * world.radius_m)
    panel.add_collection(
        EllipseCollection(
            size, size, np.zeros(len(size)), units="xy", offsets=world.posts_m,
            offset_transform=panel.transData, facecolors=POST,
        )
    )  # fmt: skip
    for run in sorted(runs, key=lambda run: run.success, reverse=True):
        track = np.array(run.track).reshape(-1, 2)
        colour = GOOD if run.success else BAD
        panel.plot(track[:, 0], track[:, 1], color=colour, lw=0.9, alpha=0.7)
        if not run.success:
            panel.plot(*track[-1], "x", color=BAD, ms=6, mew=1.6)
    panel.plot(START.x_m, START.y_m, "o", color="k", ms=3)
    panel.add_patch(Circle(GOAL, REACHED_M, fill=False, color="#2f8f3a", lw=1.0))
    panel.set(xlim=(-4.7, 0.2), ylim=(-0.2, 14.2), aspect="equal", xticks=[], yticks=[])
    metric = np.mean([run.metric for run in runs]) if runs else math.nan
    panel.set_title(f"{world.name}: {metric:.2f}", fontsize=8, pad=2)


def _draw_times(axes: Axes, runs: Sequence[Run]) -> None:
    for success, colour, label in ((True, GOOD, "arrived"), (False, BAD, "contact or too late")):
        some = [run for run in runs if run.success is success]
        axes.plot(
            [run.length_m for run in some], [run.time_s for run in some], "o", color=colour,
            ms=4, alpha=0.5, label=f"{label}: {len(some)}",
        )  # fmt: skip
    lengths = np.array([min(r.length_m for r in runs), max(r.length_m for r in runs)])
    for factor, style in ((1.0, ":"), (2.0, "--"), (8.0, "-.")):
        label = f"{factor:g} x optimal" + (", metric 0.5 up to here" if factor == 2.0 else "")
        axes.plot(lengths, factor * lengths / FULL_MPS, style, color="k", lw=1, label=label)
    axes.set(xlabel="length of the challenge's path [m]", ylabel="time taken [s]", yscale="log")
    axes.set_yticks(TICKS_S, [f"{tick_s}" for tick_s in TICKS_S])
    axes.minorticks_off()
    axes.set_ylim(4.0, 110.0)
    axes.legend(fontsize=8, loc="upper left", bbox_to_anchor=(1.0, 1.0))


def _draw_metrics(axes: Axes, worlds: Sequence[BarnWorld], runs: Sequence[Run]) -> None:
    """Metric of every world, the worst first; whiskers from its worst to its best run."""
    by_world = [[run.metric for run in runs if run.world == world.name] for world in worlds]
    kept = sorted((metrics for metrics in by_world if metrics), key=lambda m: float(np.mean(m)))
    for place, metrics in enumerate(kept):
        axes.plot([place, place], [min(metrics), max(metrics)], color=GOOD, lw=1, alpha=0.5)
        axes.plot(place, np.mean(metrics), "o", color=GOOD, ms=4)
    axes.axhline(0.40, color=BAD, ls="--", lw=1, label="goal for the mean")
    axes.set(xlabel="worlds, the hardest first", ylabel="metric", ylim=(-0.02, 0.53))
    axes.legend(fontsize=8)
