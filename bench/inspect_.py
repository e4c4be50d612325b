"""Going round objects: three sides in pictures, and never nearer than the stand-off?

Closed loop, camera off. Each seed puts an object on the depot: on open ground, beside a fence or
wall, in a corner, near people who stand, near people who walk past. The robot starts 6 to 10 m off
and is told where the object is with an error of 0.1 m each way, and its size every other time. A
side counts when the robot stood there and faced the object in plain view from no more than 4.5 m,
20 degrees or more from the other sides; distances are those between the true outlines. Beside it,
every fourth time: straight to the nearest point at that distance, and a turn towards the object.
Seeds 0 and up; what was tuned was tuned on seeds from 1000. An interrupted run resumes.
"""

from __future__ import annotations

import math
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import matplotlib as mpl
import numpy as np
from _bench import Bench, begin, options_parser
from _inspect_picture import draw
from _inspect_placements import KINDS, Draws
from _placements import outline_of
from _site_laps import all_of, placer_of, setting_of
from shapely.geometry import LineString, Polygon
from shapely.geometry.base import BaseGeometry

from patrol_core import actions, topics
from patrol_core.bus import Mailbox
from patrol_core.component import ProcessContext
from patrol_core.errors import RondaError
from patrol_core.geometry import Pose2, wrap_angle
from patrol_core.processes import MISSION, NAV, PERCEPTION, RECORDS
from patrol_core.result import Result
from patrol_core.types.mission import GoalResult, InspectGoal, NavigateGoal
from patrol_core.types.motion import PoseEstimate
from patrol_core.types.perception import FindingKind
from patrol_mission.inspecting.params import InspectParams
from patrol_mission.inspecting.viewpoints import reach_m
from patrol_sim.rng import stream
from patrol_sim.scenario import PlacedObject, Scenario, Start
from patrol_sim.simulator import Simulator
from ronda_cli.closed_loop import ClosedLoop
from ronda_cli.evaluation.statistics import Row
from ronda_cli.evaluation.trial import EPOCH_S

mpl.use("Agg")

PARAMS = InspectParams()
TOLD_M, START_S, GIVE_UP_S, TRACK_S, SAMPLE_S = 0.1, 1.0, 500.0, 0.4, 0.1
FAR_M, APART_RAD, FACING_RAD = 4.5, math.radians(20.0), 0.3
GOAL_ID = f"{1:032x}"
Task = tuple[str, int, bool]


@dataclass(slots=True)
class Seen:
    """What the scorer sees of one run: the truth, and what was told."""

    standing: BaseGeometry
    thing: PlacedObject
    footprint_m: Sequence[tuple[float, float]]
    nearest_m: float = math.inf
    sides: list[tuple[float, float, float]] = field(default_factory=list)
    track: list[tuple[float, float]] = field(default_factory=list)

    def look(self, pose: Pose2) -> None:
        body = Polygon(pose.transform_points(self.footprint_m))
        self.nearest_m = min(self.nearest_m, body.distance(outline_of(self.thing)))

    def side(self, pose: Pose2) -> None:
        """A view was told of: it counts if it is one."""
        thing, outline = self.thing.pose, outline_of(self.thing)
        towards = math.atan2(thing.y_m - pose.y_m, thing.x_m - pose.x_m)
        ray = LineString([(pose.x_m, pose.y_m), (thing.x_m, thing.y_m)]).difference(outline)
        body = Polygon(pose.transform_points(self.footprint_m))
        new = all(
            abs(wrap_angle(towards - math.atan2(thing.y_m - y, thing.x_m - x))) >= APART_RAD
            for x, y, _ in self.sides
        )
        if (
            new and abs(wrap_angle(towards - pose.yaw_rad)) <= FACING_RAD
            and not ray.intersects(self.standing) and body.distance(outline) <= FAR_M
        ):  # fmt: skip
            self.sides.append((pose.x_m, pose.y_m, pose.yaw_rad))

    def spread_rad(self) -> float:
        """Of the two nearest sides."""
        at = [math.atan2(y - self.thing.pose.y_m, x - self.thing.pose.x_m)
              for x, y, _ in self.sides]  # fmt: skip
        pairs = [abs(wrap_angle(a - b)) for i, a in enumerate(at) for b in at[:i]]
        return min(pairs, default=0.0)


def measure(task: Task) -> dict[str, Any]:
    """One object, ours or (`is_baseline`) straight to the nearest point."""
    site, seed, is_baseline = task
    setting, placer = setting_of(site), placer_of(site)
    placement = Draws(site, placer).placement(seed)
    start, thing, rng = placement.start, placement.thing, stream(seed, "bench", "inspect", "told")
    off = rng.normal(0.0, TOLD_M, 2).tolist()
    told = Pose2(thing.pose.x_m + off[0], thing.pose.y_m + off[1])
    scenario = Scenario("inspect", (Start(start),), placement.people, (thing,))
    simulator = Simulator(
        setting.world, [setting.setup()], scenario, seed,
        docks=tuple(dock.pose for dock in setting.site.docks), camera=False,
    )  # fmt: skip
    radius_m = 0.5 * math.hypot(*thing.size_m[:2]) if seed % 2 else 0.0
    goal = InspectGoal(GOAL_ID, "object", told.x_m, told.y_m, radius_m)
    seen = Seen(placer.ground.standing, thing, setting.robot.footprint_m())
    with tempfile.TemporaryDirectory(prefix="ronda-inspect-") as folder:
        context = ProcessContext(setting.site, setting.robot, Path(folder), seed, EPOCH_S)
        loop = ClosedLoop(simulator, context, processes=(NAV, PERCEPTION, MISSION, RECORDS))
        loop.setup()
        try:
            result = _run(loop, start, goal, seen, is_baseline)
            contacts = len(simulator.truth().contacts_by_robots())
            seconds = loop.now_s - START_S
        finally:
            loop.close()
            simulator.close()
    return {
        "seed": seed, "kind": placement.kind, "x_m": thing.pose.x_m, "y_m": thing.pose.y_m,
        "outline": [*outline_of(thing).exterior.coords], "people": [
            [*person.waypoints_m] for person in placement.people],
        "ok": result is not None and result.ok,
        "code": "NO_RESULT" if result is None else result.code.name,
        "message": "" if result is None else result.message, "sides": seen.sides,
        "spread_deg": math.degrees(seen.spread_rad()), "nearest_m": seen.nearest_m,
        "contacts": contacts, "seconds": seconds, "track": seen.track,
    }  # fmt: skip


def _run(
    loop: ClosedLoop, start: Pose2, goal: InspectGoal, seen: Seen, is_baseline: bool
) -> Result | None:
    action = actions.NAVIGATE_TO_POSE if is_baseline else actions.INSPECT
    heard = Mailbox((action.result, topics.FINDINGS))
    loop.attach(heard, "cli")
    robot = loop.simulator.robot()
    loop.publish(
        topics.INITIALPOSE, PoseEstimate(0.0, start, (0.01, 0, 0, 0, 0.01, 0, 0, 0, 0.01))
    )
    told = 0
    while loop.now_s < GIVE_UP_S:
        if abs(loop.now_s - START_S) < 1e-6:
            loop.publish(action.goal, _straight(goal, start) if is_baseline else goal)
        loop.step()
        if loop.due(SAMPLE_S):
            seen.look(robot.pose)
        if loop.due(TRACK_S):
            seen.track.append((round(robot.pose.x_m, 2), round(robot.pose.y_m, 2)))
        news = heard.snapshot()
        for finding in news.events(topics.FINDINGS):
            if finding.kind is FindingKind.INSPECTION and finding.revision > told:
                told = finding.revision
                seen.side(robot.pose)
        for outcome in news.events(action.result):
            assert isinstance(outcome, GoalResult)
            if outcome.goal_id == GOAL_ID:
                if is_baseline and outcome.result.ok:
                    seen.side(robot.pose)
                return outcome.result
    return None


def _straight(goal: InspectGoal, start: Pose2) -> NavigateGoal:
    """To the point at the preferred distance that is nearest to the start."""
    towards = math.atan2(goal.y_m - start.y_m, goal.x_m - start.x_m)
    radius_m = goal.radius_m or PARAMS.unknown_radius_m
    away_m = reach_m(setting_of("depot").robot.body) + radius_m + PARAMS.preferred_m
    x_m, y_m = goal.x_m - away_m * math.cos(towards), goal.y_m - away_m * math.sin(towards)
    return NavigateGoal(GOAL_ID, Pose2(x_m, y_m, towards))


def rows(ours: Sequence[dict[str, Any]], straight: Sequence[dict[str, Any]]) -> list[Row]:
    """The figures; those of the baseline last."""
    count = len(ours)
    three = [run for run in ours if len(run["sides"]) >= 3]
    told = [run for run in ours if run["ok"] or run["message"]]
    every = [
        Row("objects", count, ""),
        Row("three sides or more", len(three) / count, "share", goal=0.95),
        Row("three sides, or the reason said", sum(
            len(run["sides"]) >= 3 or (not run["ok"] and bool(run["message"])) for run in ours
        ) / count, "share", goal=1.0),
        Row("ended with a result and a sentence", len(told), f"of {count}", goal=count),
        Row("nearer than the stand-off", sum(
            run["nearest_m"] < PARAMS.standoff_m for run in ours), "", goal=0.0, better="lower"),
        Row("nearest of all", min(run["nearest_m"] for run in ours), "m", goal=PARAMS.standoff_m),
        Row("contacts by the robot", sum(run["contacts"] for run in ours), "", goal=0.0,
            better="lower"),
        Row("three sides, 60 degrees apart or more", sum(
            run["spread_deg"] >= 60.0 for run in three) / count, "share"),
        Row("time, median", float(np.median([run["seconds"] for run in ours])), "s",
            better="lower"),
        Row("time, longest", max(run["seconds"] for run in ours), "s", better="lower"),
    ]  # fmt: skip
    for kind in KINDS:
        mine = [run for run in ours if run["kind"] == kind]
        if mine:
            share = sum(len(run["sides"]) >= 3 for run in mine) / len(mine)
            every.append(Row(f"three sides: {kind}", share, f"share of {len(mine)}"))
    if straight:
        every += [
            Row("straight to the nearest point: three sides", sum(
                len(run["sides"]) >= 3 for run in straight), f"of {len(straight)}"),
            Row("straight to the nearest point: one side", sum(
                len(run["sides"]) >= 1 for run in straight), f"of {len(straight)}"),
            Row("straight to the nearest point: nearer than the stand-off", sum(
                run["nearest_m"] < PARAMS.standoff_m for run in straight),
                f"of {len(straight)}", better="lower"),
            Row("straight to the nearest point: time, median",
                float(np.median([run["seconds"] for run in straight])), "s"),
        ]  # fmt: skip
    return every


def measure_all(bench: Bench, tasks: Sequence[Task], jobs: int) -> list[dict[str, Any]]:
    """Every run, told as it comes."""
    kept = bench.kept(PARAMS)
    runs = {task: kept.get(task) for task in tasks}
    for task, run in all_of(measure, [task for task in tasks if runs[task] is None], jobs):
        runs[task] = run
        kept.keep(task, run)
        bench.console.print(
            f"seed {run['seed']}{' straight' if task[2] else ''}, {run['kind']}: "
            f"{len(run['sides'])} sides, nearest {run['nearest_m']:.2f} m, "
            f"{run['seconds']:.0f} s, {run['code']}: {run['message']}"
        )
    return [run for run in runs.values() if run is not None]


def main() -> int:
    """See the module."""
    parser = options_parser()
    parser.add_argument("--runs", type=int, default=200, help="objects")
    parser.add_argument("--seed", type=int, default=0, help="first seed")
    parser.add_argument("--jobs", type=int, default=1, help="runs at a time")
    bench = begin("inspect", __doc__, parser, "one object of each kind")
    options = bench.options
    count = len(KINDS) if options.quick else options.runs
    seeds = range(options.seed, options.seed + max(count, 1))
    try:
        ours = measure_all(bench, [("depot", s, False) for s in seeds], options.jobs)
        straight = measure_all(bench, [("depot", s, True) for s in seeds[::4]], options.jobs)
    except RondaError as error:
        return bench.fail(error)
    draw(ours, "depot", PARAMS.standoff_m, bench.picture)
    return bench.answer(rows(ours, straight))


if __name__ == "__main__":
    sys.exit(main())
