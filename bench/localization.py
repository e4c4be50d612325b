"""How well the localiser knows where the robot is: laps with noise, slip, people and moved things.

An ideal driver, who knows the truth, follows the perimeter route in the embedded simulator; the
localiser hears the sensors alone, as in the nav process. The site's map is the one shipped: a part
of what can be moved has moved since it was made. Figures are taken on seeds 0 and up; what was
tuned was tuned on seeds from 1000. An interrupted run resumes.
"""

from __future__ import annotations

import math
import sys
import time
from dataclasses import dataclass
from pathlib import Path

import matplotlib as mpl
import numpy as np
import shapely
from _bench import FOLDER, begin, options_parser
from shapely.geometry.base import BaseGeometry

from patrol_core import topics
from patrol_core.bus import Mailbox
from patrol_core.geometry import FloatArray, Pose2, wrap_angle
from patrol_core.site.map_file import load_map
from patrol_core.types.maps import OCCUPIED, OccupancyGrid
from patrol_core.types.motion import VelocityCommand
from patrol_core.types.status import LocalizationLevel
from patrol_mission.route import lap_poses
from patrol_nav.localization.likelihood_field import LikelihoodField
from patrol_nav.localization.localizer import Localizer
from patrol_nav.localization.params import BeamParams, LocalizerParams
from patrol_sim.rng import stream
from patrol_sim.scenario import Pedestrian, PlacedObject, Scenario, Start
from patrol_sim.simulator import Simulator
from ronda_cli.evaluation.campaign import state_digest
from ronda_cli.evaluation.statistics import Row
from ronda_cli.setting import Setting, load_setting

mpl.use("Agg")
from matplotlib import pyplot as plt

STEP_S = 0.02
REST_S = 3.0
LOOK_AHEAD_M = 1.0
TRIES = 1000


@dataclass(frozen=True, slots=True)
class Lap:
    """One run. `samples` (N, 7) at 20 Hz: time, true x, y, yaw, errors in x, y and yaw. SI."""

    seed: int
    samples: FloatArray
    agreement: FloatArray
    levels: tuple[LocalizationLevel, ...]
    tick_ms: FloatArray

    def position_errors_m(self) -> FloatArray:
        return np.hypot(self.samples[:, 4], self.samples[:, 5])

    def yaw_errors_deg(self) -> FloatArray:
        return np.asarray(np.degrees(np.abs(self.samples[:, 6])))


class IdealDriver:
    """Follows poses (N, 3) by their true places."""

    def __init__(self, poses: FloatArray, speed_mps: float) -> None:
        self._poses = poses
        self._speed_mps = speed_mps
        self._next = 0

    def command(self, pose: Pose2) -> tuple[float, float] | None:
        """Speed and turn rate, or None at the end."""
        while self._next < len(self._poses):
            x, y, _ = self._poses[self._next].tolist()
            ahead = Pose2(x, y).relative_to(pose)
            if math.hypot(ahead.x_m, ahead.y_m) >= LOOK_AHEAD_M:
                bearing = math.atan2(ahead.y_m, ahead.x_m)
                speed = self._speed_mps * max(0.2, 1.0 - abs(bearing))
                return speed, max(-1.2, min(1.2, 2.0 * speed * math.sin(bearing) / LOOK_AHEAD_M))
            self._next += 1
        return None


def surroundings(setting: Setting, route: FloatArray, seed: int, people: int) -> Scenario:
    """People who walk near the route, and a parked van that is not on the map, as room allows."""
    rng = stream(seed, "bench", "localization")
    solid = load_map(setting.site.map_file)
    lane = shapely.LineString(route[:, :2]).buffer(1.1)
    inside = shapely.Polygon(setting.site.outline_m).buffer(-0.6)
    walkers: list[Pedestrian] = []
    for _ in range(TRIES):
        points = route[rng.integers(len(route)), :2] + rng.uniform(-7.0, 7.0, (2, 2))
        path = shapely.LineString(points)
        free = inside.contains(path) and not path.intersects(lane)
        if len(walkers) < people and free and path.length > 3.0:
            if _meets(solid, path.buffer(0.4)):
                continue
            (ax, ay), (bx, by) = points.tolist()
            speed, pause = float(rng.uniform(0.6, 1.5)), float(rng.uniform(0.0, 5.0))
            name = f"person_{len(walkers)}"
            walkers.append(
                Pedestrian(name, ((ax, ay), (bx, by)), speed, pause, 0.0, gives_way=True)
            )
    vans: list[PlacedObject] = []
    for _ in range(TRIES):
        beside = Pose2(*route[rng.integers(len(route))].tolist()).compose(Pose2(0.0, 2.6))
        heart = shapely.Point(beside.x_m, beside.y_m)
        ground = heart.buffer(2.5)
        free = inside.contains(ground) and not heart.buffer(1.4).intersects(lane)
        if not vans and free and not _meets(solid, ground):
            size = (4.6, 1.9, 1.9)
            vans.append(PlacedObject("van", "vehicle", size, beside, 0.0, planted=False))
    start = Start(Pose2(*route[0].tolist()))
    return Scenario("laps", (start,), tuple(walkers), tuple(vans))


def _meets(grid: OccupancyGrid, shape: BaseGeometry) -> bool:
    west, south, east, north = shape.bounds
    low, high = grid.cells_of([(west, south), (east, north)])
    return bool((grid.cells[low[0] : high[0] + 1, low[1] : high[1] + 1] == OCCUPIED).any())


def resume_or_drive(setting: Setting, seed: int, people: int, laps: int, folder: Path) -> Lap:
    """The run as kept in `folder`, else a new one, kept there."""
    path = folder / f"seed_{seed}.npz"
    if path.is_file():
        with np.load(path) as kept:
            levels = tuple(map(LocalizationLevel, kept["levels"].tolist()))
            return Lap(seed, kept["samples"], kept["agreement"], levels, kept["tick_ms"])
    lap = drive(setting, seed, people, laps)
    folder.mkdir(parents=True, exist_ok=True)
    whole = path.with_suffix(".part.npz")
    np.savez_compressed(
        whole,
        samples=lap.samples,
        agreement=lap.agreement,
        levels=[level.value for level in lap.levels],
        tick_ms=lap.tick_ms,
    )
    whole.replace(path)
    return lap


def drive(setting: Setting, seed: int, people: int, laps: int) -> Lap:
    """One run from rest, `laps` times round."""
    site = setting.site
    route = lap_poses(site, site.routes[0])
    scenario = surroundings(setting, route, seed, people)
    docks = tuple(dock.pose for dock in site.docks)
    simulator = Simulator(setting.world, [setting.setup()], scenario, seed, docks=docks)
    robot = simulator.robot()
    grid = load_map(site.map_file)
    rng = stream(seed, "localizer")
    start = scenario.starts[0].pose
    localizer = Localizer(LocalizerParams(), setting.robot, grid, site.frame, start, rng)
    driver = IdealDriver(np.vstack([route] * laps), site.routes[0].speed_mps)
    mailbox = Mailbox(localizer.reads)
    samples, agreement, levels, ticks = [], [], [], []
    next_tick_s = 0.0
    while (command := driver.command(robot.pose)) is not None:
        if simulator.now_s < REST_S:
            command = (0.0, 0.0)
        robot.apply(VelocityCommand(simulator.now_s, *command), simulator.now_s)
        simulator.step(STEP_S)
        now_s = simulator.now_s
        for topic, value in robot.outputs():
            if topic in localizer.reads:
                mailbox.store(topic, value, now_s)
        if now_s < next_tick_s - 1e-9:
            continue
        next_tick_s += 1.0 / localizer.rate_hz
        inputs = mailbox.snapshot()
        begin = time.thread_time()
        outputs = localizer.step(inputs, now_s)
        if outputs.of(topics.AMCL_POSE):
            ticks.append((time.thread_time() - begin) * 1e3)
        for status in outputs.of(topics.LOCALIZATION_STATUS):
            agreement.append(status.scan_agreement)
            levels.append(status.level)
        odometry = inputs.latest(topics.ODOM)
        if odometry is None or now_s < REST_S:
            continue
        for message in outputs.of(topics.TF):
            pose = message.transforms[0].transform.pose2().compose(odometry.pose)
            true = robot.pose
            turned = wrap_angle(pose.yaw_rad - true.yaw_rad)
            errors = (pose.x_m - true.x_m, pose.y_m - true.y_m, turned)
            samples.append((now_s, true.x_m, true.y_m, true.yaw_rad, *errors))
    simulator.close()
    return Lap(seed, np.array(samples), np.array(agreement), tuple(levels), np.array(ticks))


def kernel_ms(grid: OccupancyGrid, particles: int = 2000, beams: int = 60) -> float:
    """Median time to weigh particles by beams on the site's map."""
    rng = np.random.default_rng(0)
    field = LikelihoodField(grid, BeamParams())
    poses = rng.normal(size=(particles, 3)) * [0.3, 0.3, 0.1]
    endpoints = rng.normal(size=(beams, 2)) * 10.0
    times = []
    for _ in range(200):
        begin = time.perf_counter()
        field.log_likelihoods(poses, endpoints)
        times.append(time.perf_counter() - begin)
    return float(np.median(times)) * 1e3


def rows(laps: list[Lap], weigh_ms: float) -> list[Row]:
    """The figures, in the form that every bench prints."""
    position = np.concatenate([lap.position_errors_m() for lap in laps])
    yaw = np.concatenate([lap.yaw_errors_deg() for lap in laps])
    levels = [level for lap in laps for level in lap.levels]
    ticks = np.concatenate([lap.tick_ms for lap in laps])
    good = levels.count(LocalizationLevel.GOOD) / len(levels)
    worst = max(_rms(lap.position_errors_m()) for lap in laps)
    lost = levels.count(LocalizationLevel.LOST)
    return [
        Row("position, RMS", _rms(position), "m", goal=0.05, better="lower"),
        Row("position, RMS of the worst lap", worst, "m", goal=0.05, better="lower"),
        Row("position, largest error", float(position.max()), "m", goal=0.3, better="lower"),
        Row("heading, RMS", _rms(yaw), "deg", goal=1.0, better="lower"),
        Row("heading, largest error", float(yaw.max()), "deg", goal=5.0, better="lower"),
        Row("share of time 'good'", good, "", goal=0.95),
        Row("times 'lost'", lost, "", goal=0.0, better="lower"),
        Row("2000 particles x 60 beams, median", weigh_ms, "ms", goal=2.0, better="lower"),
        Row("scan update, mean of CPU time", float(ticks.mean()), "ms", goal=3.0, better="lower"),
    ]


def _rms(values: FloatArray) -> float:
    return math.sqrt(float(np.square(values).mean()))


def draw(laps: list[Lap], grid: OccupancyGrid, path: Path) -> None:
    """Where the errors were, when, and how often."""
    figure = plt.figure(figsize=(11, 10.5), layout="constrained")
    where, when, how_often = figure.subplot_mosaic("AA;BC", height_ratios=(2.8, 1)).values()
    rows_, columns = grid.cells.shape
    extent = (
        grid.origin_x_m,
        grid.origin_x_m + columns * grid.resolution_m,
        grid.origin_y_m,
        grid.origin_y_m + rows_ * grid.resolution_m,
    )
    where.imshow(
        grid.cells == OCCUPIED, origin="lower", extent=extent, cmap="Greys", vmax=1.4,
        interpolation="antialiased",
    )  # fmt: skip
    every = np.vstack([lap.samples for lap in laps])
    errors_cm = 100.0 * np.concatenate([lap.position_errors_m() for lap in laps])
    order = np.argsort(errors_cm)
    dots = where.scatter(
        every[order, 1], every[order, 2], c=errors_cm[order], s=5, cmap="viridis", vmin=0.0,
        vmax=max(5.0, float(np.percentile(errors_cm, 99.5))),
    )  # fmt: skip
    figure.colorbar(dots, ax=where, label="position error [cm]", location="bottom", aspect=60)
    where.set(aspect="equal", xlabel="x [m]", ylabel="y [m]")
    where.set_title(f"Position error on {len(laps)} laps, RMS {_rms(errors_cm):.1f} cm")
    for lap in laps:
        when.plot(lap.samples[:, 0], 100.0 * lap.position_errors_m(), lw=0.6, alpha=0.7)
    when.axhline(5.0, color="tab:red", lw=1, ls="--", label="goal for the RMS")
    when.set(xlabel="time [s]", ylabel="position error [cm]", ylim=(0, None))
    when.legend(loc="upper right")
    agreement = np.concatenate([lap.agreement for lap in laps])
    how_often.hist(agreement, bins=np.linspace(0, 1, 51).tolist(), color="tab:blue")
    how_often.axvline(LocalizerParams().status.lost_agreement, color="tab:red", ls="--")
    how_often.set(xlabel="share of the scan that the map explains", yticks=[], xlim=(0, 1))
    how_often.set_title("scan agreement; red: lost", fontsize=10)
    figure.savefig(path, dpi=110)
    plt.close(figure)


def main() -> int:
    parser = options_parser()
    parser.add_argument("--site", default="depot", help="name of a folder in sites/")
    parser.add_argument("--runs", type=int, default=10, help="runs, one seed each")
    parser.add_argument("--seed", type=int, default=0, help="first seed")
    parser.add_argument("--laps", type=int, default=1, help="laps a run")
    parser.add_argument("--people", type=int, default=20, help="people near the route")
    bench = begin("localization", __doc__, parser, "two runs")
    options = bench.options
    setting = load_setting(options.site)
    grid = load_map(setting.site.map_file)
    state = state_digest(f"{Path(__file__).read_text()} {options.people} {options.laps}")
    kept = FOLDER / f"localization_{options.site}_{state}"
    laps = []
    for seed in range(options.seed, options.seed + (2 if options.quick else options.runs)):
        lap = resume_or_drive(setting, seed, options.people, options.laps, kept)
        laps.append(lap)
        bench.console.print(
            f"seed {seed}: {lap.samples[-1, 0]:.0f} s, RMS "
            f"{100.0 * _rms(lap.position_errors_m()):.1f} cm, {_rms(lap.yaw_errors_deg()):.2f} deg"
        )
    draw(laps, grid, bench.picture)
    return bench.answer(rows(laps, kernel_ms(grid)))


if __name__ == "__main__":
    sys.exit(main())
