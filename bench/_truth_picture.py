"""The page of plots of `./ronda bench truth`."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import matplotlib as mpl
import numpy as np
from _truth_trials import GRAVITY_MPS2, THINGS, Approach, Slope, Square
from numpy.typing import NDArray

from patrol_sim.model_builder import PHYSICS_STEP_S

mpl.use("Agg")
from matplotlib import pyplot as plt
from matplotlib.axes import Axes
from matplotlib.patches import Rectangle

BLUE, ORANGE, RED, GREY = "#0b6bcb", "#e0912f", "#c8321f", "#333333"


@dataclass(frozen=True, slots=True)
class Measured:
    """Everything that was measured.

    `exact`, `noisy` (N, 2): error and true range of beams [m]; `squares` by direction and kind;
    `stops`: speed, distance, truth; `climbs`: grade, speed up it, speed when told to stand.
    """

    exact: NDArray[np.float64]
    noisy: NDArray[np.float64]
    edges: int
    squares: dict[tuple[str, str], Square]
    stops: list[tuple[float, float, float]]
    slopes: list[Slope]
    climbs: list[tuple[float, float, float]]
    approaches: list[Approach]


def draw(m: Measured, path: Path) -> None:
    """Six plots on one page."""
    figure, axes = plt.subplots(2, 3, figsize=(16, 9), layout="constrained")
    for axis, plot in zip(
        axes.flat, (_lidar, _square, _stops, _rolling, _holding, _contacts), strict=True
    ):
        plot(m, axis)
    for axis in axes.flat[:5]:
        axis.grid(alpha=0.3)
    figure.savefig(path, dpi=90)
    plt.close(figure)


def _lidar(m: Measured, axis: Axes) -> None:
    axis.plot(m.noisy[:, 1], np.abs(m.noisy[:, 0]) * 1e3 + 1e-4, ".", ms=2, color=ORANGE,
              alpha=0.3, label="with the noise of patrols")  # fmt: skip
    axis.plot(m.exact[:, 1], np.abs(m.exact[:, 0]) * 1e3 + 1e-4, ".", ms=2, color=BLUE,
              label="without noise")  # fmt: skip
    axis.axhline(10.0, ls="--", color=RED, label="goal: 1 cm")
    axis.set(yscale="log", ylim=(1e-4, 300.0), xlabel="true range [m]", ylabel="error [mm]")
    axis.set_title(f"Lidar beside exact rays, {len(m.exact)} beams")
    axis.legend(loc="lower right", markerscale=5)


def _square(m: Measured, axis: Axes) -> None:
    for name, colour in (("slip", ORANGE), ("ideal", BLUE)):
        square = m.squares["ccw", name]
        true, told = np.array(square.true_m), np.array(square.told_m)
        label = "with slip" if name == "slip" else "without slip"
        axis.plot(true[:, 0], true[:, 1], color=colour, lw=4, alpha=0.35, label=f"{label}: true")
        axis.plot(told[:, 0], told[:, 1], "--", color=colour, lw=1.2, label="its odometry")
    axis.set(aspect="equal", xlabel="x [m]", ylabel="y [m]")
    worst = max(s.off for (_, kind), s in m.squares.items() if kind == "ideal")
    axis.set_title(f"A square of 16 m: odometry off by {worst * 100:.2f} % of the way")
    axis.legend(loc="center")


def _stops(m: Measured, axis: Axes) -> None:
    speeds, found, truth = (np.array(c) for c in zip(*m.stops, strict=True))
    axis.bar(speeds, (found / truth - 1.0) * 100.0, width=0.12, color=BLUE)
    for bound in (-2.0, 2.0):
        axis.axhline(bound, ls="--", color=RED, label="goal: 2 %" if bound > 0.0 else None)
    for speed, a, b in m.stops:
        axis.annotate(f"{a:.3f} m\n({b:.3f})", (speed, 0.1), ha="center", fontsize=8)
    axis.set(xlabel="speed [m/s]", ylabel="off by [%]", ylim=(-4.5, 3.0))
    axis.set_title("Stopping distance (in brackets: v²/2a + v · lag)")
    axis.legend(loc="lower right")


def _rolling(m: Measured, axis: Axes) -> None:
    for slope in m.slopes:
        times = (np.arange(len(slope.speed_mps)) + 1.0) * PHYSICS_STEP_S
        axis.plot(times, slope.speed_mps, color=BLUE, lw=3, alpha=0.5)
        axis.plot(times, slope.true_mps2 * times, "--", color=GREY, lw=1)
        axis.annotate(f"{np.tan(slope.angle_rad) * 100:.0f} %", (times[-1], slope.speed_mps[-1]))
    axis.set(xlabel="time [s]", ylabel="speed [m/s]", xlim=(0.0, 1.7))
    axis.set_title(f"Rolling down freely (dashed: {GRAVITY_MPS2:.2f} sin / (1 + 2J/mr²))")


def _holding(m: Measured, axis: Axes) -> None:
    grades = np.array([grade for grade, *_ in m.climbs]) * 100.0
    up = np.array([speed for _, speed, _ in m.climbs])
    stand = np.array([speed for *_, speed in m.climbs])
    axis.bar(grades - 0.6, up, width=1.0, color=BLUE, label="told to drive 0.5 m/s")
    axis.bar(grades + 0.6, stand, width=1.0, color=ORANGE, label="told to stand")
    for grade, a, b in zip(grades, up, stand, strict=True):
        axis.annotate(f"{a:.4f}", (grade - 0.6, a), ha="center", va="bottom", fontsize=9)
        axis.annotate(f"{b * 1e3:+.2f} mm/s", (grade + 0.6, 0.01), ha="center", fontsize=9)
    axis.set(xlabel="slope [%]", ylabel="speed up the slope [m/s]", ylim=(0.0, 0.62))
    axis.set_title("Driving and standing on a ramp")
    axis.legend(loc="upper center", ncols=2)


def _contacts(m: Measured, axis: Axes) -> None:
    kinds = list(THINGS)
    speeds = sorted({a.speed_mps for a in m.approaches})
    for row, kind in enumerate(kinds):
        for column, speed in enumerate(speeds):
            some = [a for a in m.approaches if a.kind == kind and a.speed_mps == speed]
            right = sum(a.told == a.touches for a in some)
            whole = right == len(some)
            style: dict[str, Any] = {"color": "#cfe5d4" if whole else "#f3c6bf", "ec": "white"}
            axis.add_patch(Rectangle((column, row), 1.0, 1.0, **style))
            axis.text(column + 0.5, row + 0.5, f"{right}/{len(some)}", ha="center", va="center")
    axis.set(xlim=(0, len(speeds)), ylim=(len(kinds), 0), xlabel="speed [m/s]")
    axis.set_xticks(np.arange(len(speeds)) + 0.5, [f"{v:g}" for v in speeds])
    axis.set_yticks(np.arange(len(kinds)) + 0.5, kinds)
    right = sum(a.told == a.touches for a in m.approaches)
    axis.set_title(f"Touches told and passes not: {right} of {len(m.approaches)}")
