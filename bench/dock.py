"""Onto the dock from anywhere near it: does the robot get there, how well, in how many tries?

Closed loop with the camera on. In each run the dock stands a little off from where the site says
(4 cm and 2.5 degrees at most each way), the robot starts at a random place and heading up to 9 m
away, and is told its pose with an error. Lidar alone, without the marker, is measured beside it.
Seeds 0 and up; what was tuned was tuned on seeds from 1000. An interrupted run resumes.
"""

from __future__ import annotations

import math
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path

import matplotlib as mpl
import numpy as np
import shapely
from _bench import Bench, Kept, begin, options_parser

from patrol_core import actions, topics
from patrol_core.bus import Mailbox
from patrol_core.component import ProcessContext
from patrol_core.errors import RondaError
from patrol_core.geometry import Pose2, Transform3, wrap_angle
from patrol_core.site.model import Dock, ZoneKind
from patrol_core.types.mission import DockGoal, GoalResult
from patrol_core.types.motion import PoseEstimate
from patrol_sim.rng import stream
from patrol_sim.scenario import Scenario, Start
from patrol_sim.scenario_random import ground_of
from patrol_sim.sdf import World
from patrol_sim.simulator import Simulator
from ronda_cli.closed_loop import ClosedLoop
from ronda_cli.evaluation.statistics import Row
from ronda_cli.evaluation.trial import EPOCH_S
from ronda_cli.setting import Setting, load_setting

mpl.use("Agg")
from matplotlib import pyplot as plt
from matplotlib.patches import Circle

MODEL = "dock_station"
MOVED_M, MOVED_RAD = 0.04, math.radians(2.5)
TOLD_M, TOLD_RAD = 0.1, math.radians(2.0)
NEAR_M, FAR_M, ROOM_M = 1.5, 9.0, 0.9
START_S, SETTLE_S, GIVE_UP_S = 1.0, 1.0, 300.0
TRACK_S = 0.2
RIGHT_M, RIGHT_RAD = 0.02, math.radians(1.0)


@dataclass(frozen=True, slots=True)
class Docking:
    """One run. Errors and track are in the dock's own axes: ahead, left [m], heading [rad]."""

    seed: int
    docked: bool
    message: str
    tries: int
    seconds: float
    ahead_m: float
    left_m: float
    heading_rad: float
    contacts: int
    track: tuple[tuple[float, float], ...]

    @property
    def error_m(self) -> float:
        return math.hypot(self.ahead_m, self.left_m)


def moved(setting: Setting, dock: Dock, rng: np.random.Generator) -> tuple[World, Pose2]:
    """The world with its dock a little off, and the docked pose there."""
    off = rng.uniform(-1.0, 1.0, 3)
    shift = Pose2(MOVED_M * float(off[0]), MOVED_M * float(off[1]), MOVED_RAD * float(off[2]))
    true = dock.pose.compose(shift)
    change = Transform3.from_pose2(true.compose(dock.pose.inverse()))
    models = [
        replace(model, pose=change.compose(model.pose)) if model.name == MODEL else model
        for model in setting.world.models
    ]
    if models == list(setting.world.models):
        raise RondaError(f"the world has no model '{MODEL}'", place=None)
    return replace(setting.world, models=tuple(models)), true


class Starts:
    """Free ground near the dock, from which it can be reached."""

    def __init__(self, setting: Setting, dock: Dock) -> None:
        ground = ground_of(setting.world, setting.site)
        kept_out = [shapely.Polygon(z.polygon_m) for z in setting.site.zones_of(ZoneKind.KEEP_OUT)]
        taken = [ground.standing.buffer(ROOM_M), *(p.buffer(ROOM_M) for p in kept_out)]
        free = ground.inside.buffer(-ROOM_M).difference(shapely.union_all(taken))
        before = dock.pose.compose(Pose2(-dock.approach_m, 0.0))
        place = shapely.Point(before.x_m, before.y_m)
        parts = [part for part in shapely.get_parts(free) if part.contains(place)]
        near = shapely.Point(dock.pose.x_m, dock.pose.y_m)
        reach = near.buffer(FAR_M).difference(near.buffer(NEAR_M))
        self._free = shapely.union_all(parts).intersection(reach)

    def draw(self, rng: np.random.Generator) -> Pose2:
        west, south, east, north = self._free.bounds
        while True:
            x, y, yaw = rng.uniform((west, south, -math.pi), (east, north, math.pi)).tolist()
            if self._free.contains(shapely.Point(x, y)):
                return Pose2(x, y, yaw)


def run(setting: Setting, starts: Starts, seed: int, camera: bool) -> Docking:
    """One docking from a random start."""
    dock = setting.site.docks[0]
    rng = stream(seed, "bench", "dock")
    world, true = moved(setting, dock, rng)
    start = starts.draw(rng)
    x, y, turn = (rng.standard_normal(3) * (TOLD_M, TOLD_M, TOLD_RAD)).tolist()
    told = PoseEstimate(0.0, Pose2(start.x_m + x, start.y_m + y, start.yaw_rad + turn))
    scenario = Scenario("dock", (Start(start),), (), ())
    simulator = Simulator(world, [setting.setup()], scenario, seed, docks=(true,), camera=camera)
    with tempfile.TemporaryDirectory(prefix="ronda-dock-") as folder:
        context = ProcessContext(setting.site, setting.robot, Path(folder), seed, EPOCH_S)
        loop = ClosedLoop(simulator, context)
        loop.setup()
        try:
            return _drive(loop, dock, true, told, seed)
        finally:
            loop.close()
            simulator.close()


def _drive(loop: ClosedLoop, dock: Dock, true: Pose2, told: PoseEstimate, seed: int) -> Docking:
    heard = Mailbox((actions.DOCK.result, actions.DOCK.feedback))
    loop.attach(heard, "bench")
    robot, result, end_s, tries = loop.simulator.robot(), None, math.inf, 1
    track: list[tuple[float, float]] = []
    loop.publish(topics.INITIALPOSE, told)
    while loop.now_s < min(end_s + SETTLE_S, GIVE_UP_S):
        if abs(loop.now_s - START_S) < 1e-6:
            loop.publish(actions.DOCK.goal, DockGoal(f"{seed:032x}", dock.dock_id))
        loop.step()
        news = heard.snapshot()
        for feedback in news.events(actions.DOCK.feedback):
            _, found, number = feedback.message.partition(", try ")
            tries = max(tries, int(number)) if found else tries
        for answer in news.events(actions.DOCK.result):
            result, end_s = answer, loop.now_s
        if loop.due(TRACK_S):
            at = robot.pose.relative_to(true)
            track.append((round(at.x_m, 4), round(at.y_m, 4)))
    at = robot.pose.relative_to(true)
    contacts = sum(not c.allowed for c in loop.simulator.truth().contacts)
    return Docking(
        seed, _is_docked(result, loop), "no result" if result is None else result.result.message,
        tries, min(end_s, loop.now_s) - START_S, at.x_m, at.y_m, wrap_angle(at.yaw_rad), contacts,
        tuple(track),
    )  # fmt: skip


def _is_docked(result: GoalResult | None, loop: ClosedLoop) -> bool:
    return result is not None and result.result.ok and loop.simulator.robot().docked


def rows(done: Sequence[Docking], alone: Sequence[Docking]) -> list[Row]:
    """The figures; those of lidar alone last."""
    count = len(done)
    well = [d for d in done if d.docked]
    exact = sum(d.error_m <= RIGHT_M and abs(d.heading_rad) <= RIGHT_RAD for d in well)
    errors = [d.error_m * 100.0 for d in well] or [math.nan]
    turns = [math.degrees(abs(d.heading_rad)) for d in well] or [math.nan]
    lidar = [d for d in alone if d.docked]
    lidar_exact = sum(d.error_m <= RIGHT_M and abs(d.heading_rad) <= RIGHT_RAD for d in lidar)
    lidar_cm = [d.error_m * 100.0 for d in lidar] or [math.nan]
    return [
        Row("docked and charging", len(well), f"of {count}", goal=count),
        Row("within 2 cm and 1 degree", exact, f"of {count}", goal=count),
        Row("distance from the docked pose, median", float(np.median(errors)), "cm"),
        Row("distance from the docked pose, largest", max(errors), "cm", goal=2.0, better="lower"),
        Row("heading error, median", float(np.median(turns)), "degrees"),
        Row("heading error, largest", max(turns), "degrees", goal=1.0, better="lower"),
        Row("docked in the first try", sum(d.tries == 1 for d in well), f"of {count}"),
        Row("time from the goal to charging, median",
            float(np.median([d.seconds for d in done])), "s"),
        Row("contacts other than with the dock", sum(d.contacts for d in done), "",
            goal=0.0, better="lower"),
        Row("lidar alone: docked and charging", len(lidar), f"of {len(alone)}"),
        Row("lidar alone: within 2 cm and 1 degree", lidar_exact, f"of {len(alone)}"),
        Row("lidar alone: distance, largest", max(lidar_cm), "cm"),
    ]  # fmt: skip


def draw(done: Sequence[Docking], alone: Sequence[Docking], path: Path) -> None:
    """The ways there, seen by the dock, and where they ended."""
    figure, (ways, ends) = plt.subplots(1, 2, figsize=(12, 6), layout="constrained")
    for d in done:
        track = np.array(d.track)
        ways.plot(
            -track[:, 1], track[:, 0], color="#0b6bcb" if d.docked else "#c8321f", alpha=0.35
        )
        ways.plot(-track[0, 1], track[0, 0], ".", color="#0b6bcb" if d.docked else "#c8321f")
    ways.plot([-0.35, 0.35], [0.63, 0.63], color="#333333", lw=4)
    ways.set(aspect="equal", xlabel="right of the dock's axis [m]", ylabel="towards the dock [m]")
    ways.set_title(f"{sum(d.docked for d in done)} of {len(done)} docked (bar: the dock)")
    for some, colour, name in (
        (alone, "#e0912f", "lidar alone"),
        (done, "#0b6bcb", "with marker"),
    ):
        at = np.array([(-d.left_m * 100.0, d.ahead_m * 100.0) for d in some if d.docked])
        if len(at):
            ends.plot(at[:, 0], at[:, 1], "o", color=colour, alpha=0.6, label=name)
    ends.add_patch(Circle((0.0, 0.0), RIGHT_M * 100.0, fill=False, ls="--", color="#c8321f"))
    ends.set(aspect="equal", xlim=(-4.0, 4.0), ylim=(-4.0, 4.0))
    ends.set(xlabel="right [cm]", ylabel="too far [cm]")
    ends.set_title("Where base_link came to stand (dashed: 2 cm)")
    ends.grid(alpha=0.3)
    ends.legend()
    figure.savefig(path, dpi=110)
    plt.close(figure)


def measure(
    bench: Bench, kept: Kept, setting: Setting, starts: Starts, count: int, camera: bool
) -> list[Docking]:
    """As many dockings as wanted, each kept."""
    done = []
    for seed in range(bench.options.seed, bench.options.seed + count):
        key = f"{seed} {'marker' if camera else 'lidar'}"
        known = kept.get(key)
        if known is None:
            known = asdict(run(setting, starts, seed, camera))
            kept.keep(key, known)
        track = tuple((x, y) for x, y in known["track"])
        docking = Docking(**(known | {"track": track}))
        done.append(docking)
        bench.console.print(
            f"seed {key}: {docking.message}, {docking.error_m * 100.0:.1f} cm, "
            f"{math.degrees(docking.heading_rad):+.2f} degrees, try {docking.tries}, "
            f"{docking.seconds:.0f} s"
        )
    return done


def main() -> int:
    parser = options_parser()
    parser.add_argument("--site", default="depot", help="name of a folder in sites/")
    parser.add_argument("--runs", type=int, default=100, help="dockings with the marker")
    parser.add_argument("--alone", type=int, default=25, help="dockings by lidar alone")
    parser.add_argument("--seed", type=int, default=0, help="first seed")
    bench = begin("dock", __doc__, parser, "eight dockings with the marker, four without")
    options = bench.options
    runs, alone = (8, 4) if options.quick else (options.runs, options.alone)
    try:
        setting = load_setting(options.site)
        starts = Starts(setting, setting.site.docks[0])
        kept = bench.kept(options.site)
        done = measure(bench, kept, setting, starts, runs, camera=True)
        by_lidar = measure(bench, kept, setting, starts, alone, camera=False)
    except RondaError as error:
        return bench.fail(error)
    draw(done, by_lidar, bench.picture)
    return bench.answer(rows(done, by_lidar))


if __name__ == "__main__":
    sys.exit(main())
