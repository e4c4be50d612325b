"""A plan as a picture: where on the lap the robot is, and how long its checkpoints are alone."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from patrol_core.geometry import FloatArray
from patrol_mission.plan import TURN, Plan
from patrol_mission.unpredictable.timeline import Timeline, longest_alone_s, stays_at, timeline

BLUE, RED, GREY = "#0b6bcb", "#c8321f", "#8593a3"
STEP_M = 1.0


def draw_plan_picture(plan: Plan, file: Path) -> None:
    """Write a PNG of 1500 pixels' width."""
    times = timeline(plan)
    figure = Figure(figsize=(15.0, 6.5), layout="constrained")
    FigureCanvasAgg(figure)
    ways, alone = figure.subplots(1, 2, width_ratios=(4.0, 1.0), sharey=True)
    places = {visit.along_m: visit.checkpoint_id for visit in plan.visits if visit.checkpoint_id}
    _draw_ways(plan, times, places, ways)
    _draw_alone(plan, times, places, alone)
    policy = plan.policy
    kind = (
        "fixed lap"
        if policy.turning.never
        else f"level {policy.level:g}, against a {policy.against}"
    )
    figure.suptitle(f"Patrol of seed {plan.seed}: {kind}", x=0.01, ha="left", fontweight="bold")
    figure.legend(loc="outside upper right", ncols=3, frameon=False)
    figure.savefig(file, dpi=100, format="png")


def _draw_ways(plan: Plan, times: Timeline, places: dict[float, str], axes: Axes) -> None:
    minutes, along = _path(plan, times)
    axes.plot(minutes, along, color=BLUE, lw=1.8)
    stands = [v.dwell_s > 0.0 for v in plan.visits]
    turns = [v.reason == TURN for v in plan.visits]
    at = np.array([v.along_m for v in plan.visits])
    axes.plot(times.arrive_s[stands] / 60.0, at[stands], "o", color=BLUE, ms=4, label="stop")
    axes.plot(
        times.arrive_s[turns] / 60.0, at[turns], "D", color=RED, ms=5, label="turns round, drawn"
    )
    for along_m in places:
        axes.axhline(along_m, color=GREY, lw=0.6, zorder=0)
    axes.set_yticks(list(places), [name.replace("_", " ") for name in places.values()])
    axes.set(xlabel="time from the first move [min]", ylim=(0.0, plan.lap_m))
    axes.set_title(f"Where on the lap of {plan.lap_m:.0f} m ({plan.direction.value} is up)")
    axes.margins(x=0.01)


def _path(plan: Plan, times: Timeline) -> tuple[FloatArray, FloatArray]:
    """Minutes and places on the lap, with a gap where the lap begins anew."""
    seconds = np.ravel(np.column_stack((times.depart_s, times.arrive_s)))
    metres = np.ravel(np.column_stack((times.from_m, times.to_m)))
    way = np.concatenate(([0.0], np.cumsum(np.abs(np.diff(metres)) + 1e-9 * np.diff(seconds))))
    fine = np.union1d(np.arange(0.0, way[-1], STEP_M), way)
    along = np.interp(fine, way, metres) % plan.lap_m
    along[1:][np.abs(np.diff(along)) > 0.5 * plan.lap_m] = np.nan
    return np.interp(fine, way, seconds) / 60.0, along


def _draw_alone(plan: Plan, times: Timeline, places: dict[float, str], axes: Axes) -> None:
    for along_m in places:
        stays = stays_at(plan, times, along_m)
        spans = stays[1:, 0] - stays[:-1, 1]
        axes.plot(spans / 60.0, np.full(len(spans), along_m), "|", color=BLUE, ms=10)
        longest_s = longest_alone_s(plan, times, along_m)
        axes.plot(longest_s / 60.0, along_m, "o", color=BLUE, ms=5)
    axes.axvline(plan.bound_s / 60.0, color=RED, ls="--", label="bound")
    axes.set(xlabel="left alone for [min]", title="Dot: the longest", xlim=(0.0, None))
    axes.grid(alpha=0.3)
