"""How long the local controllers take a tick, on the depot's real costmap, on one core.

MPPI with all critics, 2000 rollouts of 56 steps, at places along the perimeter route with nobody
and with five people around; regulated pure pursuit at the same places; and NumPy that only drives
as many rollouts and looks up the room. The cost of MPPI grows with rollouts times steps, and with
the people who are near.
"""

from __future__ import annotations

import dataclasses
import math
import sys
import time
from collections.abc import Sequence
from pathlib import Path

import matplotlib as mpl
import numpy as np
from _bench import begin, options_parser

from patrol_core.geometry import FloatArray, Pose2
from patrol_core.site.map_file import load_map
from patrol_mission.route import lap_poses
from patrol_nav.control.controller import Body, Controller, ControlRequest, body_of
from patrol_nav.control.mppi import MppiController
from patrol_nav.control.pure_pursuit import PurePursuitController
from patrol_nav.costmap.costmap import Costmap
from patrol_nav.navigator.reference import Reference
from patrol_nav.params import CostmapParams, MotionParams, MppiParams, PursuitParams
from patrol_sim.rng import stream
from ronda_cli.evaluation.statistics import Row
from ronda_cli.setting import Setting, load_setting

mpl.use("Agg")
from matplotlib import pyplot as plt

ROLLOUTS, STEPS = 2000, 56
STEP_S, TICK_S = 0.05, 0.05
SPEED_MPS = 1.2
SERIES = (125, 250, 500, 1000, 2000, 4000)
NAV2 = (("2000 x 56", 1000.0 / 30.0), ("1000 x 56", 1000.0 / 50.0))
"""Nav2's documentation: a period [ms] at which so many rollouts are held, on another machine."""


class Places:
    """Requests along the perimeter route of a site: the robot a little beside it, under way."""

    def __init__(self, setting: Setting, count: int, rng: np.random.Generator) -> None:
        site = setting.site
        self._body = body_of(setting.robot, MotionParams())
        costmap = Costmap(
            load_map(site.map_file), site.outline_m, self._body.footprint, CostmapParams()
        )
        route = lap_poses(site, site.routes[0])
        self.requests: dict[int, list[ControlRequest]] = {0: [], 5: []}
        for index in np.linspace(0, len(route) - 60, count).astype(int).tolist():
            pose = Pose2(*route[index].tolist()).compose(
                Pose2(0.0, float(rng.normal(0.0, 0.2)), float(rng.normal(0.0, 0.15)))
            )
            reference = Reference(route[index:])
            reference.update(pose)
            path = reference.window(SPEED_MPS, math.inf, costmap, self._body.motion)
            field = costmap.local_field(pose)
            for people, requests in self.requests.items():
                crowd = _crowd(pose, people, rng)
                request = ControlRequest(TICK_S, pose, 0.8, 0.0, path, field, crowd)
                requests.append(request)

    @property
    def body(self) -> Body:
        return self._body


def _crowd(pose: Pose2, count: int, rng: np.random.Generator) -> FloatArray:
    """People (M, 5) within 4 m, who walk."""
    angle, speed = rng.uniform(-math.pi, math.pi, (2, count)), rng.uniform(0.0, 1.5, count)
    reach = rng.uniform(1.2, 4.0, count)
    places = pose.transform_points(
        np.column_stack((reach * np.cos(angle[0]), reach * np.sin(angle[0])))
    )
    return np.column_stack(
        (places, speed * np.cos(angle[1]), speed * np.sin(angle[1]), np.full(count, 0.3))
    )


def ticks_ms(controller: Controller, requests: Sequence[ControlRequest]) -> FloatArray:
    """CPU time of every tick."""
    controller.step(requests[0])
    times = []
    for request in requests:
        started = time.thread_time()
        controller.step(request)
        times.append(1e3 * (time.thread_time() - started))
    return np.array(times)


def numpy_ms(body: Body, requests: Sequence[ControlRequest], rng: np.random.Generator) -> float:
    """A baseline: NumPy drives as many sequences and looks up the room at every step, no more."""
    wanted = rng.normal((0.8, 0.0), (0.25, 0.45), (STEPS, ROLLOUTS, 2))
    times = []
    for request in requests:
        started = time.thread_time()
        field, state = request.field, request.state()
        x, y, yaw = (np.full(ROLLOUTS, value) for value in state[:3])
        least = np.full(ROLLOUTS, np.inf)
        for step in wanted:
            yaw += step[:, 1] * STEP_S
            cos, sin = np.cos(yaw), np.sin(yaw)
            x += step[:, 0] * cos * STEP_S
            y += step[:, 0] * sin * STEP_S
            for ahead, left in body.footprint.offsets_m:
                column = (x + ahead * cos - left * sin - field.origin_x_m) / field.resolution_m
                row = (y + ahead * sin + left * cos - field.origin_y_m) / field.resolution_m
                rows, columns = field.distances_m.shape
                cells = np.clip(row, 0, rows - 1).astype(np.int64) * columns
                cells += np.clip(column, 0, columns - 1).astype(np.int64)
                np.minimum(least, field.distances_m.ravel()[cells], out=least)
        times.append(1e3 * (time.thread_time() - started))
    return float(np.median(times))


def mppi(body: Body, rollouts: int, seed: int) -> MppiController:
    """The shipped parameters with other rollouts and a horizon of 2.8 s."""
    params = dataclasses.replace(MppiParams(), rollouts=rollouts, steps=STEPS, step_s=STEP_S)
    return MppiController(params, PursuitParams(), body, stream(seed, "bench", "mppi"))


def draw(series: dict[int, list[float]], target: Path) -> None:
    """Time against rollouts."""
    figure, axes = plt.subplots(figsize=(6, 4), layout="constrained")
    for people, medians in series.items():
        label = f"{people} people" if people else "nobody"
        axes.plot(SERIES, medians, "o-", label=label)
    axes.axhline(1e3 * TICK_S, color="#c8321f", lw=0.8, ls="--", label="period at 20 Hz")
    axes.set(xlabel=f"rollouts of {STEPS} steps", ylabel="ms a tick, median", ylim=(0, None))
    axes.grid(alpha=0.3)
    axes.legend(frameon=False)
    figure.savefig(target, dpi=120)


def main() -> int:
    parser = options_parser()
    parser.add_argument("--site", default="depot", help="name of a folder in sites/")
    parser.add_argument("--places", type=int, default=300, help="places along the route")
    parser.add_argument("--seed", type=int, default=0)
    bench = begin("mppi", __doc__, parser, "60 places")
    options = bench.options
    count = 60 if options.quick else options.places
    places = Places(load_setting(options.site), count, stream(options.seed, "bench", "places"))
    rows: list[Row] = []
    for people, requests in places.requests.items():
        times = ticks_ms(mppi(places.body, ROLLOUTS, options.seed), requests)
        median, high = np.percentile(times, (50, 99)).tolist()
        what = f"MPPI {ROLLOUTS} x {STEPS}, {people} people"
        goals = (10.0, 20.0) if people else (None, None)
        rows.append(Row(f"{what}: median", median, "ms", goal=goals[0], better="lower"))
        rows.append(Row(f"{what}: 99th percentile", high, "ms", goal=goals[1], better="lower"))
    shipped = MppiController(
        MppiParams(), PursuitParams(), places.body, stream(options.seed, "bench", "shipped")
    )
    pursuit = PurePursuitController(PursuitParams(), places.body)
    for name, controller, goal in (("MPPI as shipped", shipped, None),
                                   ("pure pursuit", pursuit, 0.3)):  # fmt: skip
        median = float(np.median(ticks_ms(controller, places.requests[5])))
        rows.append(Row(f"{name}, 5 people: median", median, "ms", goal=goal, better="lower"))
    series = {
        people: [
            float(np.median(ticks_ms(mppi(places.body, n, options.seed), requests[: count // 3])))
            for n in SERIES
        ]
        for people, requests in places.requests.items()
    }
    draw(series, bench.picture)
    baseline = numpy_ms(
        places.body, places.requests[0][: count // 3], stream(options.seed, "bench", "numpy")
    )
    what = f"NumPy, {ROLLOUTS} x {STEPS}, motion and room alone: median"
    rows.append(Row(what, baseline, "ms", better="lower"))
    rows += [Row(f"Nav2's MPPI {what}, as documented", ms, "ms") for what, ms in NAV2]
    return bench.answer(rows)


if __name__ == "__main__":
    sys.exit(main())
