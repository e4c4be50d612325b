"""The night as a picture: what was told when and where, and what grouping spared."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import matplotlib as mpl
import numpy as np
from _alerts_scene import HOURS, planted
from _site_laps import draw_site

mpl.use("Agg")
from matplotlib import pyplot as plt
from matplotlib.axes import Axes

LOOKS = {"high": ("#c8321f", "D"), "medium": ("#b97700", "o"), "low": ("#0b6bcb", "s")}
GROUPED, FINDINGS, REVISIONS, GOAL = "#1a7f37", "#8a5bb5", "#8593a3", "#c8321f"
_GOAL_AN_HOUR = 6.0

Hours = Sequence[dict[str, Any]]


def draw(hours: Hours, site: str, seed: int, path: Path) -> None:
    """Time runs along what was simulated, hour after hour."""
    figure = plt.figure(figsize=(13, 8), layout="constrained")
    axes = figure.subplot_mosaic(
        [["time", "time"], ["sum", "map"]], height_ratios=[1, 2.1], width_ratios=[1, 1.25]
    )
    _draw_time(axes["time"], hours)
    _draw_sum(axes["sum"], hours)
    _draw_map(axes["map"], hours, site, seed)
    figure.savefig(path, dpi=110)
    plt.close(figure)


def _minutes(hours: Hours) -> list[float]:
    """Where each hour begins on the axis, and where the last one ends."""
    return [0.0, *np.cumsum([hour["simulated_s"] / 60.0 for hour in hours]).tolist()]


def _at(hours: Hours, which: int, stamp_s: float) -> float:
    return _minutes(hours)[which] + (stamp_s - float(hours[which]["begins_s"])) / 60.0


def _axis(axes: Axes, hours: Hours) -> None:
    begins = _minutes(hours)
    axes.set_xticks(begins[:-1], [f"{HOURS[hour['hour']]:02d}:00" for hour in hours])
    axes.set_xlim(0.0, begins[-1])
    for which, hour in enumerate(hours):
        docked = begins[which] + hour["patrol_s"] / 60.0
        axes.axvspan(docked, begins[which + 1], color="#eef1f4", zorder=0)
        axes.axvline(begins[which], color="#c5ced8", lw=0.8, zorder=1)


def _draw_time(axes: Axes, hours: Hours) -> None:
    _axis(axes, hours)
    lanes = {name: row for row, name in enumerate((*reversed(LOOKS), "robot"))}
    for name, (colour, marker) in LOOKS.items():
        told = [
            (_at(hours, which, one["s"]), one["how"])
            for which, hour in enumerate(hours) for one in hour["told"] if one["severity"] == name
        ]  # fmt: skip
        for how, face, words in (
            ("new", colour, "new"), ("again", "white", "new again"), ("overdue", "none", "overdue")
        ):  # fmt: skip
            at = [x for x, kind in told if kind == how]
            axes.scatter(at, [lanes[name]] * len(at), s=130 if how == "overdue" else 45, fc=face,
                         ec=colour, marker=marker, zorder=3,
                         label=f"{name}, {words}: {len(at)}" if at else None)  # fmt: skip
    own = [_at(hours, which, one["s"]) for which, h in enumerate(hours) for one in h["troubles"]]
    axes.scatter(own, [lanes["robot"]] * len(own), s=45, color="#3a4653", marker="^", zorder=3,
                 label=f"the robot's own: {len(own)}" if own else None)  # fmt: skip
    axes.set_yticks(list(lanes.values()), list(lanes))
    axes.set_ylim(-0.6, len(lanes) - 0.4)
    minutes = sum(hour["simulated_s"] for hour in hours) / 60.0
    axes.set_title(
        f"What an operator is told in {minutes:.0f} simulated minutes, from each full hour on "
        "(grey: in the dock)", fontsize=11,
    )  # fmt: skip
    axes.legend(loc="upper right", fontsize=8, ncols=3, framealpha=0.95)


def _draw_sum(axes: Axes, hours: Hours) -> None:
    _axis(axes, hours)
    grouped = [_at(hours, which, one["s"]) for which, hour in enumerate(hours)
               for one in hour["told"] if one["how"] != "overdue"]  # fmt: skip
    heard = [(_at(hours, which, one[0]), one[1]) for which, hour in enumerate(hours)
             for one in hour["heard"]]  # fmt: skip
    first: dict[str, float] = {}
    for at, name in heard:
        first.setdefault(name, at)
    end = _minutes(hours)[-1]
    for times, colour, words in (
        ([at for at, _ in heard], REVISIONS, "each revision an alert"),
        (list(first.values()), FINDINGS, "each finding an alert"),
        (grouped, GROUPED, "one cause, one alert"),
    ):
        steps = [0.0, *sorted(times), end]
        counts = [*range(len(times) + 1), len(times)]
        axes.step(steps, counts, where="post", color=colour, lw=2.0,
                  label=f"{words}: {len(times)}")  # fmt: skip
    axes.plot([0.0, end], [0.0, _GOAL_AN_HOUR * len(hours)], color=GOAL, ls="--", lw=1.0,
              label="1 in 10 minutes of the night")  # fmt: skip
    axes.set(ylabel="alerts so far", ylim=(0.0, None))
    axes.legend(loc="upper left", fontsize=9)


def _draw_map(axes: Axes, hours: Hours, site: str, seed: int) -> None:
    draw_site(axes, site)
    for one in planted(site, seed):
        if one.begins <= hours[-1]["hour"]:
            middle = one.place.centroid
            axes.scatter([middle.x], [middle.y], s=170, fc="none", ec="#1a7f37", lw=1.5, zorder=2)
    axes.scatter([], [], s=170, fc="none", ec="#1a7f37", lw=1.5, label="planted")
    told = [one for hour in hours for one in hour["told"] if one["x"] is not None]
    for name, (colour, marker) in LOOKS.items():
        mine = [one for one in told if one["severity"] == name and one["how"] != "overdue"]
        x, y = [one["x"] for one in mine], [one["y"] for one in mine]
        axes.scatter(x, y, s=45, color=colour, marker=marker, alpha=0.85, ec="white", lw=0.6,
                     zorder=3, label=name)  # fmt: skip
    axes.legend(loc="center", bbox_to_anchor=(0.42, 0.32), fontsize=8, framealpha=0.95)
    axes.set_title("where", fontsize=11)
