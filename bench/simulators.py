"""The embedded simulator beside Gazebo Classic: scans, stopping, a square, patrols of the depot.

The same world, robot, people and things in both. Scans without noise at poses along the patrol's
route, on which the robot was put down in both; stopping from five speeds and a square of
commands on a flat floor; with `--laps N` as many patrols of one lap in the ROS graph in each, with
everything that runs in a real one but the camera. Seeds 0 and up; an interrupted run resumes.
"""

from __future__ import annotations

import tempfile
from dataclasses import asdict, dataclass
from pathlib import Path

import matplotlib as mpl
import numpy as np
from _bench import Bench, begin, options_parser
from _side_by_side import (
    SIDE_M,
    floor,
    pair,
    range_differences,
    square_track,
    stop_distance_m,
)
from numpy.typing import NDArray

from patrol_core.errors import RondaError
from patrol_core.geometry import Pose2
from patrol_core.robot_description import expand_xacro
from patrol_mission.route import lap_poses
from patrol_sim.params import ideal_params
from patrol_sim.robot_setup import RobotSetup
from patrol_sim.scenario import Scenario, Start, load_scenario
from ronda_cli.ending import end
from ronda_cli.environment.gazebo import set_up_gazebo
from ronda_cli.evaluation.campaign import verdict_from_json
from ronda_cli.evaluation.statistics import Row
from ronda_cli.gazebo import use_gazebo_classic
from ronda_cli.scorer import Verdict
from ronda_cli.session import StoppedError, claimed_domain
from ronda_cli.setting import URDF_FILE, Setting, load_setting
from ronda_cli.simulation import SimOptions, SimulatedPatrol, scenario_file

mpl.use("Agg")
from matplotlib import pyplot as plt
from matplotlib.axes import Axes

SPEEDS_MPS = (0.3, 0.6, 0.9, 1.2, 1.5)
POSES, QUICK_POSES = 100, 20
APPEARED_S = 61.0
"""By then everything of the depot's scenario is there."""
RANGE_GOAL_M, ALIKE_GOAL = 0.02, 0.05
ENGINES = ("embedded", "gazebo_classic")
COLOURS = {"embedded": "#0b6bcb", "gazebo_classic": "#c8321f"}


@dataclass(frozen=True, slots=True, eq=False)
class Measured:
    """What was measured without ROS: range differences (P, N) [m], stopping distances (2, V)
    [m], tracks of the square (2, T, 2) [m]; the embedded simulator first.
    """

    differences_m: NDArray[np.float64]
    stops_m: NDArray[np.float64]
    tracks_m: NDArray[np.float64]

    @property
    def stops_apart(self) -> float:
        """The worst difference of stopping distances, by the embedded one."""
        first, second = self.stops_m
        return float(np.max(np.abs(second - first) / first))

    @property
    def square_apart(self) -> float:
        """How far apart the two squares are at most, by the way driven."""
        first, second = self.tracks_m
        return float(np.max(np.hypot(*(second - first).T)) / (4.0 * SIDE_M))


def measure(bench: Bench, setting: Setting, folder: Path, count: int) -> Measured:
    """Scans in the site's world, the rest on a flat floor."""
    setup = RobotSetup("", setting.robot, expand_xacro(URDF_FILE), URDF_FILE)
    route = lap_poses(setting.site, setting.site.routes[0])
    rows = np.linspace(0, len(route) - 1, count).round().astype(int)
    poses = [Pose2(float(x), float(y), float(yaw)) for x, y, yaw in route[rows, :3]]
    scenario = load_scenario(scenario_file("", setting.site.folder.name) or Path())
    bench.console.print(f"{count} poses of {setting.site.name} in both")
    both = pair(setting.world, setup, scenario, folder, ideal_params())
    try:
        for stage in both.both:
            stage.step(APPEARED_S)
        differences = range_differences(both, poses)
    finally:
        both.close()
    bench.console.print("stopping, and a square, in both")
    with tempfile.TemporaryDirectory(prefix="ronda-simulators-") as name:
        start = Scenario("floor", (Start(Pose2(0.0, 0.0)),))
        both = pair(floor(Path(name)), setup, start, folder, ideal_params())
        try:
            stops = [[stop_distance_m(s, v) for v in SPEEDS_MPS] for s in both.both]
            tracks = [square_track(stage) for stage in both.both]
        finally:
            both.close()
    return Measured(differences, np.array(stops), np.array(tracks))


def patrol(bench: Bench, setting: Setting, laps: int) -> dict[str, list[Verdict]]:
    """One patrol of one lap a seed in each simulator, told as they come."""
    kept = bench.kept(setting.site.name)
    verdicts: dict[str, list[Verdict]] = {name: [] for name in ENGINES}
    for seed in range(laps):
        for engine in ENGINES:
            known = kept.get(f"{engine} {seed}")
            if known is None:
                verdict = _drive(setting, engine, seed)
                kept.keep(f"{engine} {seed}", asdict(verdict))
            else:
                verdict = verdict_from_json(known)
            verdicts[engine].append(verdict)
            notes = "; ".join(verdict.notes) or verdict.message
            bench.console.print(
                f"{engine}, seed {seed}: {'passed' if verdict.clean else 'FAILED'}, "
                f"{verdict.contacts} contacts, {verdict.found} of {verdict.objects} found, "
                f"lap {verdict.lap_time_s:.0f} s  {notes}"
            )
    return verdicts


def _drive(setting: Setting, engine: str, seed: int) -> Verdict:
    options = SimOptions(
        headless=True, speed=0.0, seed=seed, camera=False, sim=engine,
        scenario=scenario_file("", setting.site.folder.name),
    )  # fmt: skip
    with tempfile.TemporaryDirectory(prefix="ronda-simulators-") as name, claimed_domain():
        return SimulatedPatrol(setting, options, Path(name)).run()


def rows(measured: Measured, verdicts: dict[str, list[Verdict]]) -> list[Row]:
    """Everything beside its goal."""
    both_see = np.isfinite(measured.differences_m)
    seen = measured.differences_m[both_see]
    only_one = float(np.mean(np.isinf(measured.differences_m)))
    found = [
        Row("ranges at the same pose: median difference", float(np.median(seen)) * 100.0, "cm",
            goal=RANGE_GOAL_M * 100.0, better="lower"),
        Row("ranges: 99 % differ by no more than", float(np.percentile(seen, 99)) * 100.0, "cm",
            better="lower"),
        Row("beams that return in one alone", only_one * 100.0, "%", better="lower"),
        Row("stopping distance: worst difference", measured.stops_apart * 100.0, "%",
            goal=ALIKE_GOAL * 100.0, better="lower"),
        Row("square: farthest apart, by the way", measured.square_apart * 100.0, "%",
            goal=ALIKE_GOAL * 100.0, better="lower"),
    ]  # fmt: skip
    for engine, patrols in verdicts.items():
        if not patrols:
            continue
        count = len(patrols)
        laps = [verdict.lap_time_s for verdict in patrols]
        things = sum(verdict.objects for verdict in patrols)
        found += [
            Row(f"{engine}: laps completed without contact",
                sum(v.completed and v.contacts == 0 for v in patrols), f"of {count}", goal=count),
            Row(f"{engine}: planted things found", sum(v.found for v in patrols), f"of {things}",
                goal=things),
            Row(f"{engine}: false alarms", sum(v.false_alarms for v in patrols), "",
                better="lower"),
            Row(f"{engine}: lap time, median", float(np.nanmedian(laps)), "s", better="lower"),
        ]  # fmt: skip
    return found


def draw(measured: Measured, verdicts: dict[str, list[Verdict]], target: Path) -> None:
    """Differences of ranges, stopping, the square, and lap times."""
    figure, axes = plt.subplots(2, 2, figsize=(10, 8), layout="constrained")
    (ranges, stops), (square, laps) = axes
    _draw_ranges(ranges, measured.differences_m)
    for engine, distances in zip(ENGINES, measured.stops_m, strict=True):
        stops.plot(SPEEDS_MPS, distances, "o-", color=COLOURS[engine], label=engine, alpha=0.8)
    stops.set(xlabel="speed [m/s]", ylabel="stopping distance [m]", title="Told to stop")
    stops.legend(frameon=False)
    for engine, track in zip(ENGINES, measured.tracks_m, strict=True):
        square.plot(*track.T, color=COLOURS[engine], label=engine, alpha=0.8)
    square.set(aspect="equal", xlabel="x [m]", ylabel="y [m]", title="The same square of commands")
    square.legend(frameon=False)
    _draw_laps(laps, verdicts)
    figure.savefig(target, dpi=120)


def _draw_ranges(axes: Axes, differences_m: NDArray[np.float64]) -> None:
    seen = np.sort(np.maximum(differences_m[np.isfinite(differences_m)], 1e-6)) * 1000.0
    axes.plot(seen, np.linspace(0.0, 100.0, len(seen)), color="#14202b")
    axes.axvline(RANGE_GOAL_M * 1000.0, color="#8593a3", lw=0.8)
    axes.text(RANGE_GOAL_M * 1000.0, 2.0, " goal for the median", color="#5b6b7b", fontsize=8)
    axes.set(xscale="log", xlabel="difference [mm]", ylabel="beams with no more [%]")
    axes.set(title=f"Ranges at {len(differences_m)} poses of the depot")


def _draw_laps(axes: Axes, verdicts: dict[str, list[Verdict]]) -> None:
    axes.set(title="A lap with the full stack", xlabel="seed", ylabel="lap time [s]")
    for shift, (engine, patrols) in zip((-0.2, 0.2), verdicts.items(), strict=True):
        times = [verdict.lap_time_s for verdict in patrols]
        places = np.arange(len(times)) + shift
        axes.bar(places, np.nan_to_num(times), width=0.36, color=COLOURS[engine], label=engine)
        for place, verdict in zip(places, patrols, strict=True):
            mark = "" if verdict.clean else "failed"
            axes.text(place, 5.0, mark, rotation=90, color="white", ha="center", fontsize=8)
    if any(verdicts.values()):
        axes.set_xticks(range(len(verdicts[ENGINES[0]])))
        axes.legend(frameon=False, loc="lower right")
    else:
        axes.set_axis_off()
        axes.text(0.5, 0.5, "none driven: --laps 5", ha="center", transform=axes.transAxes)


def main() -> int:
    parser = options_parser()
    parser.add_argument("--laps", type=int, default=0, help="patrols of one lap in each simulator")
    parser.add_argument("--site", default="depot")
    bench = begin("simulators", __doc__, parser, "20 poses and no patrols")
    options = bench.options
    try:
        use_gazebo_classic()
        setting = load_setting(options.site)
        count = QUICK_POSES if options.quick else POSES
        measured = measure(bench, setting, set_up_gazebo(), count)
        verdicts = patrol(bench, setting, 0 if options.quick else options.laps)
    except (RondaError, StoppedError) as error:
        return bench.fail(error)
    draw(measured, verdicts, bench.picture)
    return bench.answer(rows(measured, verdicts))


if __name__ == "__main__":
    end(main())
