"""Laps of the perimeter in closed loop with a scenario of their own, several at a time."""

from __future__ import annotations

import functools
import multiprocessing
import shutil
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from _placements import Placer
from matplotlib.axes import Axes

from patrol_core.component import ProcessContext
from patrol_core.params import ParamValue
from patrol_core.site import load_map
from patrol_core.types.maps import FREE, UNKNOWN
from patrol_core.types.mission import PatrolEvent
from patrol_records.entries import StoredIncident
from patrol_records.queries_patrols import patrol_starts
from patrol_records.reader import RecordReader
from patrol_sim.params import LidarParams, SimParams
from patrol_sim.scenario import Scenario
from patrol_sim.simulator import Simulator
from patrol_sim.truth import Truth
from ronda_cli.closed_loop import ClosedLoop
from ronda_cli.evaluation.trial import EPOCH_S, GIVE_UP_FACTOR, SETTLE_S, START_S, TRACK_PERIOD_S
from ronda_cli.launcher.bound_child import die_with_parent
from ronda_cli.scorer import PoseError, Scorer
from ronda_cli.setting import Setting, load_setting

RAIN = LidarParams(drops_fraction=0.005, rain_reach_m=60.0)
"""Of 720 beams three or four end at a drop, and of returns from 15 m one in five is lost."""
_PIXEL = 4
"""Cells a pixel of a drawn map."""
_NO_ERROR = PoseError(0.0, 0.0, 0.0)


@dataclass(frozen=True, slots=True)
class Lap:
    """A lap: what was stored, how it went, and the true track (stamp, x, y every half second)."""

    incidents: tuple[StoredIncident, ...]
    events: tuple[PatrolEvent, ...]
    truth: Truth
    track: tuple[tuple[float, float, float], ...]
    simulated_s: float


@functools.lru_cache
def setting_of(site: str) -> Setting:
    return load_setting(site)


@functools.lru_cache
def placer_of(site: str) -> Placer:
    return Placer(setting_of(site))


@functools.lru_cache
def scorer_of(site: str) -> Scorer:
    setting = setting_of(site)
    return Scorer(setting.site, setting.world, setting.world_file)


def drive(
    site: str,
    scenario: Scenario,
    seed: int,
    *,
    rain: bool = False,
    camera: bool = False,
    epoch_s: float = EPOCH_S,
    overrides: Mapping[str, Mapping[str, ParamValue]] | None = None,
    keep: Mapping[str, Path] | None = None,
) -> Lap:
    """One lap of the site's first route.

    `camera`: drawn, not cast by a few rays. `keep`: files of the run's folder that are wanted, and
    where they go.
    """
    setting = setting_of(site)
    simulator = Simulator(
        setting.world, [setting.setup()], scenario, seed,
        docks=tuple(dock.pose for dock in setting.site.docks),
        camera=camera, params=SimParams(lidar=RAIN if rain else LidarParams()),
    )  # fmt: skip
    with tempfile.TemporaryDirectory(prefix="ronda-lap-") as name:
        folder = Path(name)
        context = ProcessContext(setting.site, setting.robot, folder, seed, epoch_s)
        loop = ClosedLoop(simulator, context, overrides)
        loop.setup()
        try:
            track = _patrol(loop, scorer_of(site), setting.site.routes[0].route_id)
        finally:
            loop.close()
            simulator.close()
        reader = RecordReader(folder)
        lap = Lap(
            tuple(reader.incidents()), tuple(reader.events(patrol_starts(reader)[-1].patrol_id)),
            simulator.truth(), tuple(track), simulator.now_s,
        )  # fmt: skip
        reader.close()
        for file, target in (keep or {}).items():
            shutil.copyfile(folder / file, target)
    return lap


def _patrol(loop: ClosedLoop, scorer: Scorer, route_id: str) -> list[tuple[float, float, float]]:
    limit_s = GIVE_UP_FACTOR * scorer.ideal_lap_s(route_id) + 120.0
    robot, track = loop.simulator.robot(), []
    while loop.now_s < limit_s and not loop.finished():
        if abs(loop.now_s - START_S) < 1e-6:
            loop.start_patrol(route_id, 1)
        loop.step()
        if loop.due(TRACK_PERIOD_S):
            pose = robot.pose
            track.append((loop.now_s, round(pose.x_m, 3), round(pose.y_m, 3)))
    while loop.now_s < limit_s and not loop.due(SETTLE_S):
        loop.step()
    return track


def completed(site: str, lap: Lap) -> bool:
    """Whether the robot came home, past every checkpoint, without touching anything."""
    verdict = scorer_of(site).judge(lap.truth, lap.events, (), _NO_ERROR)
    return verdict.completed and verdict.contacts == 0


def all_of(
    work: Callable[[Any], Any], tasks: Sequence[Any], jobs: int
) -> Iterator[tuple[Any, Any]]:
    """Every task with what became of it, as they end; `jobs` at a time, each in its process."""
    if jobs <= 1 or len(tasks) <= 1:
        yield from ((task, work(task)) for task in tasks)
        return
    context = multiprocessing.get_context("spawn")
    with context.Pool(min(jobs, len(tasks)), die_with_parent) as pool:
        yield from pool.imap_unordered(functools.partial(_paired, work), tasks)


def _paired(work: Callable[[Any], Any], task: Any) -> tuple[Any, Any]:
    return task, work(task)


def draw_site(axes: Axes, site: str) -> None:
    """The map in grey and the route, for markers on top."""
    setting = setting_of(site)
    grid = load_map(setting.site.map_file)
    shade = np.where(grid.cells == FREE, 1.0, np.where(grid.cells == UNKNOWN, 0.93, 0.55))
    rows, columns = (count // _PIXEL * _PIXEL for count in shade.shape)
    # The darkest cell of each pixel, so that thin fences show.
    parts = shade[:rows, :columns].reshape(rows // _PIXEL, _PIXEL, columns // _PIXEL, _PIXEL)
    west, south = grid.origin_x_m, grid.origin_y_m
    extent = (west, west + columns * grid.resolution_m, south, south + rows * grid.resolution_m)
    axes.imshow(parts.min(axis=(1, 3)), cmap="gray", vmin=0, vmax=1, origin="lower", extent=extent)
    x, y = placer_of(site).ground.route.xy
    axes.plot(x, y, color="#9db4c8", lw=1.0, zorder=1)
    axes.set(xlabel="x [m]", ylabel="y [m]")
