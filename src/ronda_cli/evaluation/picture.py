"""All tracks of an evaluation on the map."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from matplotlib.figure import Figure

from patrol_core.site import Site, load_map
from patrol_core.types.maps import OCCUPIED
from ronda_cli.evaluation.trial import Trial


def draw_tracks(trials: Sequence[Trial], site: Site, target: Path) -> None:
    """Write a PNG: the map, every true track, those of patrols that went wrong in red on top."""
    grid = load_map(site.map_file)
    rows, columns = grid.cells.shape
    extent = (
        grid.origin_x_m,
        grid.origin_x_m + columns * grid.resolution_m,
        grid.origin_y_m,
        grid.origin_y_m + rows * grid.resolution_m,
    )
    figure = Figure(figsize=(10, 10 * rows / columns + 0.4), layout="constrained")
    axes = figure.subplots()
    walls = np.where(grid.cells == OCCUPIED, 0.25, 1.0)
    axes.imshow(walls, extent=extent, origin="lower", cmap="gray", vmin=0.0, vmax=1.0)
    for trial in sorted(trials, key=lambda t: not t.verdict.clean, reverse=False):
        track = np.array(trial.track).reshape(-1, 2)
        good = trial.verdict.completed and trial.verdict.contacts == 0
        axes.plot(
            track[:, 0], track[:, 1], lw=0.7 if good else 1.4, alpha=0.4 if good else 1.0,
            color="#0b6bcb" if good else "#c8321f",
        )  # fmt: skip
    axes.set(
        aspect="equal",
        title=f"{len(trials)} patrols of {site.name}: true tracks; red: what went wrong",
    )
    axes.set_axis_off()
    target.parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(target, dpi=150)
