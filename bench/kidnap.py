"""Carried away: how soon is the robot lost, how soon does it know where it is, and is it right?

Whole patrols in closed loop among people, on the shipped map, in which a part of what can be moved
has moved. Again and again the driving robot is carried 2 m or more to a place that a scan can tell
apart: without noise and people, no pose more than a metre or 15 degrees away explains nearly as
much of a scan there. There are no satellites. The robot has to say that it is lost, stand, find
itself, and go on. Then laps without it, in which it must never be lost. Seeds 0 and up; what was
tuned was tuned on seeds from 1000. An interrupted run resumes.
"""

from __future__ import annotations

import math
import sys
import tempfile
from collections import deque
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path

import matplotlib as mpl
import numpy as np
import shapely
from _bench import Bench, Kept, begin, options_parser

from patrol_core import topics
from patrol_core.bus import Mailbox
from patrol_core.component import ProcessContext
from patrol_core.errors import RondaError
from patrol_core.geometry import Pose2, wrap_angle
from patrol_core.site.map_file import load_map
from patrol_core.site.model import ZoneKind
from patrol_core.types.maps import OCCUPIED
from patrol_core.types.mission import PatrolState
from patrol_core.types.sensors import LaserScan
from patrol_core.types.status import LocalizationLevel
from patrol_nav.localization.global_search import GlobalSearch, SearchTables
from patrol_nav.localization.likelihood_field import MAX_DISTANCE_M
from patrol_nav.localization.params import SearchParams
from patrol_nav.maps.distance_field import distance_to_surface_m
from patrol_sim.params import ideal_params
from patrol_sim.rng import stream
from patrol_sim.scenario import Scenario, Start
from patrol_sim.scenario_random import ground_of
from patrol_sim.simulator import Simulator
from ronda_cli.closed_loop import STEP_S, ClosedLoop
from ronda_cli.evaluation.statistics import Row
from ronda_cli.evaluation.trial import EPOCH_S, START_S, TrialOptions, TrialRunner, true_pose_at

mpl.use("Agg")
from matplotlib import pyplot as plt

WATCH_S = 20.0
FIRST_POSE_S = 0.3
SETTLED_S = 5.0
PATIENCE_S = 150.0
RIGHT_M = 0.3
RIGHT_RAD = math.radians(10.0)
WRONG_M = 1.0
TOLD_APART_BY = 0.1
TRIES = 500
PER_PATROL = 10
NO_SATELLITES = {"nav": {"localizer.gnss.use": False}}


@dataclass(frozen=True, slots=True)
class Kidnapping:
    """One of them. Seconds count from the moment the robot was put down; nan: never.

    `found_after_s`: since then the pose was right until the end of the watch. `wrong_good_s`: the
    longest time that it was wrong by over a metre and said to be good. `went_on`: the patrol drove
    on by itself afterwards, with the right pose.
    """

    seed: int
    start: tuple[float, float, float]
    end: tuple[float, float, float]
    lost_after_s: float
    found_after_s: float
    wrong_good_s: float
    went_on: bool


class Places:
    """Where the robot can be put down so that a scan tells the place apart."""

    def __init__(self, runner: TrialRunner) -> None:
        setting = runner.setting
        grid = load_map(setting.site.map_file)
        self._tables = SearchTables(
            grid,
            distance_to_surface_m(grid, MAX_DISTANCE_M),
            replace(SearchParams(), margin=TOLD_APART_BY),
        )
        self._mount = setting.robot.lidar.transform().matrix()
        ground = ground_of(setting.world, setting.site)
        kept_out = [shapely.Polygon(z.polygon_m) for z in setting.site.zones_of(ZoneKind.KEEP_OUT)]
        self._free = ground.inside.buffer(-1.2).difference(
            shapely.union_all([ground.standing.buffer(1.0), *(p.buffer(1.0) for p in kept_out)])
        )
        empty = Scenario("empty", (Start(Pose2(0.0, 0.0)),), (), ())
        self._simulator = Simulator(
            setting.world, [setting.setup()], empty, 0, params=ideal_params()
        )
        self.refused = self.taken = 0

    def draw(self, simulator: Simulator, rng: np.random.Generator) -> Pose2:
        """A place 2 m or more away, on free ground, told apart by a scan."""
        truth = simulator.truth()
        here = truth.robots[0].pose
        taken = [
            *(shapely.Point(p.pose.x_m, p.pose.y_m).buffer(1.5) for p in truth.people),
            *(
                shapely.Point(o.pose.x_m, o.pose.y_m).buffer(math.hypot(*o.size_m[:2]) / 2 + 1.0)
                for o in truth.objects
            ),
            shapely.Point(here.x_m, here.y_m).buffer(2.0),
        ]
        free = self._free.difference(shapely.union_all(taken))
        west, south, east, north = free.bounds
        for _ in range(TRIES):
            x, y, yaw = rng.uniform((west, south, -math.pi), (east, north, math.pi)).tolist()
            if not free.contains(shapely.Point(x, y)):
                continue
            if self._told_apart(Pose2(x, y, yaw)):
                self.taken += 1
                return Pose2(x, y, yaw)
            self.refused += 1
        raise RondaError("no place on this site can be told apart by a scan")

    def _told_apart(self, pose: Pose2) -> bool:
        robot, scan = self._simulator.robot(), None
        robot.place(pose)
        while scan is None:
            self._simulator.step(STEP_S)
            for topic, value in robot.outputs():
                if topic is topics.SCAN:
                    scan = value
        assert isinstance(scan, LaserScan)
        points = scan.points_m() @ self._mount[:2, :2].T + self._mount[:2, 3]
        search = GlobalSearch(self._tables, np.ascontiguousarray(points))
        while (found := search.advance(1_000_000)) is None:
            pass
        return len(found) == 1 and found[0].pose.distance_to(robot.pose) < 0.5


class Patrol:
    """A patrol from the dock, watched from outside."""

    def __init__(self, runner: TrialRunner, seed: int, folder: Path, laps: int) -> None:
        setting = runner.setting
        self.simulator = Simulator(
            setting.world, [setting.setup()], runner.scenario(seed), seed,
            docks=tuple(dock.pose for dock in setting.site.docks),
        )  # fmt: skip
        context = ProcessContext(setting.site, setting.robot, folder, seed, EPOCH_S)
        self.loop = ClosedLoop(self.simulator, context, NO_SATELLITES)
        self.loop.setup()
        self._heard = Mailbox((topics.LOCALIZATION_STATUS,))
        self.loop.attach(self._heard, "bench")
        self._route, self._laps = setting.site.routes[0].route_id, laps
        self._true: deque[tuple[float, Pose2]] = deque(maxlen=50)
        self.level: LocalizationLevel | None = None
        self.error_m = self.error_rad = math.inf

    def step(self) -> None:
        """One step of everything; what the robot says of its pose is held against the truth."""
        loop = self.loop
        if abs(loop.now_s - START_S) < 1e-6:
            loop.start_patrol(self._route, self._laps)
        loop.step()
        self._true.append((loop.now_s, self.simulator.robot().pose))
        status = self._heard.snapshot().latest(topics.LOCALIZATION_STATUS)
        self.level = status.level if status else None
        if loop.pose is None:
            return
        true = true_pose_at(loop.pose.stamp_s, self._true)
        if true is not None:
            self.error_m = loop.pose.pose.distance_to(true)
            self.error_rad = abs(wrap_angle(loop.pose.pose.yaw_rad - true.yaw_rad))

    @property
    def right(self) -> bool:
        return self.error_m <= RIGHT_M and self.error_rad <= RIGHT_RAD

    def drives(self) -> bool:
        """Until the patrol has driven with a good pose for a while; False when it does not."""
        since_s = began_s = self.loop.now_s
        while not self.loop.finished() and self.loop.now_s < began_s + PATIENCE_S:
            self.step()
            status = self.loop.status
            patrols = status is not None and status.state is PatrolState.PATROLLING
            if not (patrols and self.right and self.level is LocalizationLevel.GOOD):
                since_s = self.loop.now_s
            moves = self.simulator.robot().speed_mps > 0.5
            if moves and self.loop.now_s >= since_s + SETTLED_S:
                return True
        return False

    def close(self) -> None:
        self.loop.close()
        self.simulator.close()


def carry(patrol: Patrol, end: Pose2) -> tuple[float, float, float]:
    """Put the robot down at `end` and watch: lost after, found after, longest wrongly good [s]."""
    patrol.simulator.robot().place(end)
    began_s = patrol.loop.now_s
    lost_s = found_s = math.nan
    wrong_s = longest_s = 0.0
    while patrol.loop.now_s < began_s + WATCH_S:
        patrol.step()
        passed_s = patrol.loop.now_s - began_s
        if patrol.level is LocalizationLevel.LOST and math.isnan(lost_s):
            lost_s = passed_s
        if patrol.right and patrol.level is not LocalizationLevel.LOST:
            found_s = passed_s if math.isnan(found_s) else found_s
        else:
            found_s = math.nan
        # The first pose from a scan at the new place takes a moment; until then it is wrong.
        error_m = patrol.error_m if passed_s > FIRST_POSE_S else math.inf
        wrong = patrol.level is LocalizationLevel.GOOD and error_m > WRONG_M
        wrong_s = wrong_s + STEP_S if wrong else 0.0
        longest_s = max(longest_s, wrong_s)
    return lost_s, found_s, longest_s


def kidnap(runner: TrialRunner, places: Places, seed: int) -> list[Kidnapping]:
    """Up to `PER_PATROL` kidnappings of one patrol."""
    done: list[Kidnapping] = []
    with tempfile.TemporaryDirectory(prefix="ronda-kidnap-") as folder:
        patrol = Patrol(runner, seed, Path(folder), laps=20)
        rng = stream(seed, "bench", "kidnap")
        drives = patrol.drives()
        while drives and len(done) < PER_PATROL:
            start, end = patrol.simulator.robot().pose, places.draw(patrol.simulator, rng)
            figures = carry(patrol, end)
            drives = patrol.drives()
            done.append(Kidnapping(seed, _triple(start), _triple(end), *figures, went_on=drives))
        patrol.close()
    return done


def lap_lost_s(runner: TrialRunner, seed: int) -> float:
    """Seconds lost in a patrol of one lap that nobody disturbs."""
    with tempfile.TemporaryDirectory(prefix="ronda-kidnap-") as folder:
        patrol, lost_s = Patrol(runner, seed, Path(folder), laps=1), 0.0
        while not patrol.loop.finished() and patrol.loop.now_s < 2400.0:
            patrol.step()
            lost_s += STEP_S if patrol.level is LocalizationLevel.LOST else 0.0
        patrol.close()
    return lost_s


def rows(done: Sequence[Kidnapping], laps: Sequence[float], told_apart: float) -> list[Row]:
    """The figures."""
    count = len(done)
    lost = [k.lost_after_s for k in done]
    found = [k.found_after_s for k in done]
    wrong = max((k.wrong_good_s for k in done), default=math.nan)
    of = f"of {count}"
    return [
        Row("lost said within 3 s", sum(s <= 3.0 for s in lost), of, goal=math.ceil(0.98 * count)),
        Row("right within 15 s, and to stay", sum(s <= 15.0 for s in found), of,
            goal=math.ceil(0.95 * count)),
        Row("longest wrongly 'good'", wrong, "s", goal=5.0, better="lower"),
        Row("patrol went on by itself", sum(k.went_on for k in done), of),
        Row("time to 'lost', median", float(np.nanmedian(lost)), "s"),
        Row("time to the right pose, median", float(np.nanmedian(found)), "s"),
        Row("share of drawn places that a scan tells apart", told_apart, ""),
        Row("undisturbed laps with a time lost", sum(s > 0.0 for s in laps), f"of {len(laps)}",
            goal=0.0, better="lower"),
    ]  # fmt: skip


def draw(runner: TrialRunner, done: Sequence[Kidnapping], path: Path) -> None:
    """From where to where, and how long each took."""
    grid = load_map(runner.setting.site.map_file)
    figure = plt.figure(figsize=(11, 9.5), layout="constrained")
    where, when = figure.subplot_mosaic("A;B", height_ratios=(2.6, 1)).values()
    rows_, columns = grid.cells.shape
    x, y, cell = grid.origin_x_m, grid.origin_y_m, grid.resolution_m
    extent = (x, x + columns * cell, y, y + rows_ * cell)
    where.imshow(
        grid.cells == OCCUPIED, origin="lower", extent=extent, cmap="Greys", vmax=1.6,
        interpolation="antialiased",
    )  # fmt: skip
    for k in done:
        good = k.found_after_s <= 15.0
        colour = "#0b6bcb" if good else "#c8321f"
        where.annotate(
            "", k.end[:2], k.start[:2],
            arrowprops={"arrowstyle": "-", "color": colour, "alpha": 0.2 if good else 0.8},
        )  # fmt: skip
        where.plot(*k.end[:2], "o", color=colour, ms=5)
    right = sum(k.found_after_s <= 15.0 for k in done)
    where.set(aspect="equal", xlabel="x [m]", ylabel="y [m]")
    where.set_title(f"Carried away {len(done)} times, found itself {right} times (dots: put down)")
    bins = np.linspace(0.0, WATCH_S, 81)
    when.hist([k.lost_after_s for k in done], bins=bins.tolist(), color="#e0912f", label="lost")
    when.hist(
        [k.found_after_s for k in done], bins=bins.tolist(), color="#0b6bcb", alpha=0.8,
        label="found",
    )  # fmt: skip
    when.set(xlabel="seconds after it was put down", ylabel="times", xlim=(0.0, WATCH_S))
    when.legend()
    figure.savefig(path, dpi=110)
    plt.close(figure)


def _triple(pose: Pose2) -> tuple[float, float, float]:
    return (pose.x_m, pose.y_m, pose.yaw_rad)


def _kept_or(kept: Kept, runner: TrialRunner, places: Places, seed: int) -> list[Kidnapping]:
    known = kept.get(f"kidnap {seed}")
    if known is None:
        refused, taken = places.refused, places.taken
        done = kidnap(runner, places, seed)
        known = {
            "done": [asdict(k) for k in done],
            "refused": places.refused - refused,
            "taken": places.taken - taken,
        }
        kept.keep(f"kidnap {seed}", known)
    else:
        places.refused += known["refused"]
        places.taken += known["taken"]
    return [Kidnapping(**k) for k in known["done"]]


def kidnappings(bench: Bench, runner: TrialRunner, kept: Kept, places: Places) -> list[Kidnapping]:
    """As many as wanted, patrol by patrol. Raises RondaError when patrols do not drive."""
    options = bench.options
    wanted = PER_PATROL if options.quick else options.runs
    done: list[Kidnapping] = []
    for seed in range(options.seed, options.seed + wanted):
        for k in _kept_or(kept, runner, places, seed):
            done.append(k)
            bench.console.print(
                f"seed {seed}: lost after {k.lost_after_s:.1f} s, right after "
                f"{k.found_after_s:.1f} s, wrongly good {k.wrong_good_s:.1f} s"
                f"{'' if k.went_on else ', did not go on'}"
            )
        if len(done) >= wanted:
            return done[:wanted]
    raise RondaError(f"only {len(done)} of {wanted} kidnappings: patrols do not drive")


def undisturbed(bench: Bench, runner: TrialRunner, kept: Kept) -> list[float]:
    """Seconds lost in each lap without kidnapping."""
    options, lost = bench.options, []
    for seed in range(options.seed, options.seed + (1 if options.quick else options.laps)):
        lost_s = kept.get(f"lap {seed}")
        if lost_s is None:
            lost_s = lap_lost_s(runner, seed)
            kept.keep(f"lap {seed}", lost_s)
        lost.append(lost_s)
        bench.console.print(f"lap {seed}: {lost_s:.1f} s lost")
    return lost


def main() -> int:
    parser = options_parser()
    parser.add_argument("--site", default="depot", help="name of a folder in sites/")
    parser.add_argument("--runs", type=int, default=100, help="kidnappings")
    parser.add_argument("--laps", type=int, default=20, help="undisturbed laps")
    parser.add_argument("--seed", type=int, default=0, help="first seed")
    bench = begin("kidnap", __doc__, parser, "ten kidnappings and one lap")
    try:
        runner = TrialRunner(TrialOptions(bench.options.site))
        kept, places = bench.kept(bench.options.site), Places(runner)
        done = kidnappings(bench, runner, kept, places)
        laps = undisturbed(bench, runner, kept)
    except RondaError as error:
        return bench.fail(error)
    draw(runner, done, bench.picture)
    told_apart = places.taken / max(places.taken + places.refused, 1)
    return bench.answer(rows(done, laps, told_apart))


if __name__ == "__main__":
    sys.exit(main())
