"""A patrol that was drawn: driven leg by leg as planned, taken up again, and told afterwards."""

from __future__ import annotations

import itertools
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from tests.mission_robot import Robot, make_site
from typer.testing import CliRunner

from patrol_core.actions import PATROL
from patrol_core.site.elements import RouteCare
from patrol_core.site.model import Site
from patrol_core.topics import LOCALIZATION_STATUS, PATROL_COMMAND
from patrol_core.types.mission import (
    FollowRouteGoal,
    PatrolCommand,
    PatrolGoal,
    PatrolState,
    PatrolVerb,
)
from patrol_core.types.status import LocalizationLevel, LocalizationStatus
from patrol_mission.executive import PatrolExecutive
from patrol_mission.journal import Journal
from patrol_mission.outbox import EventOutbox
from patrol_mission.params import ExecutiveParams
from patrol_mission.planned import FOLDER, Planner, plan_legs
from patrol_mission.route import lap_poses
from patrol_mission.unpredictable.params import PolicyParams
from ronda_cli.commands.patrol import app


def site() -> Site:
    made = make_site()
    route = replace(made.routes[0], care=RouteCare(unpredictable=True))
    return replace(made, routes=(route,))


def planner(folder: Path, seed: int = 7) -> Planner:
    made = Planner(
        site(), PolicyParams(cells=12, start_jitter_s=0.0), folder, iter(range(seed, 99)).__next__
    )
    made.setup()
    return made


def test_legs_of_a_plan_join_on_the_lap_and_end_where_the_visits_are(tmp_path: Path) -> None:
    place = site()
    plan = planner(tmp_path).draw(place.routes[0], 3, "p1")
    legs = plan_legs(place, place.routes[0], plan)
    assert len(legs) == len(plan.visits) and {v.direction for v in plan.visits} != {plan.direction}
    lap = lap_poses(place, place.routes[0])[:, :2]
    for before, after in itertools.pairwise(legs):
        assert np.allclose(before.poses[-1, :2], after.poses[0, :2], atol=1e-6)
    for leg, visit in zip(legs, plan.visits, strict=True):
        assert max(np.hypot(*(lap - point).T).min() for point in leg.poses[:, :2]) < 0.13
        assert (leg.checkpoint.checkpoint_id if leg.checkpoint else "") == visit.checkpoint_id
        assert leg.checkpoint is None or leg.checkpoint.dwell_s == visit.dwell_s
    assert planner(tmp_path).recall("p1") == plan


def robot_with(folder: Path) -> Robot:
    place = site()
    robot = Robot(place)
    journal = Journal(folder / "mission.json", place, "run-1", 0.0)
    robot.executive = PatrolExecutive(
        place, ExecutiveParams(), "test", 0.0, journal, EventOutbox(folder / "events.jsonl"),
        planner(folder),
    )  # fmt: skip
    robot.executive.setup()
    robot.mailbox = type(robot.mailbox)(robot.executive.reads)
    return robot


def tick(robot: Robot, count: int) -> None:
    for _ in range(count):
        status = LocalizationStatus(robot.now_s, LocalizationLevel.GOOD, "", 0.02, 0.01, 0.9)
        robot._put(LOCALIZATION_STATUS, status)
        robot.tick()


def test_a_drawn_patrol_is_driven_as_planned_over_a_crash_and_told(tmp_path: Path) -> None:
    robot = robot_with(tmp_path)
    tick(robot, 1)
    robot._put(PATROL.goal, PatrolGoal("p1", "perimeter", 6))
    while robot.kinds().count("checkpoint_reached") < 3:
        tick(robot, 1)
    again = robot_with(tmp_path)
    again.now_s, again.pose, again.charging = robot.now_s, robot.pose, robot.charging
    tick(again, 130)
    if again.state is PatrolState.ASKING:
        again._put(PATROL_COMMAND, PatrolCommand(again.now_s, PatrolVerb.RESUME, "anna"))
    tick(again, 3000)
    plan = planner(tmp_path).recall("p1")
    goals = [*robot.goals, *again.goals]
    ends = [goal.poses[-1, :2] for goal in goals if isinstance(goal, FollowRouteGoal)]
    legs = plan_legs(site(), site().routes[0], plan)
    assert len(legs) <= len(ends) <= len(legs) + 1
    assert np.allclose(ends[-1], legs[-1].poses[-1, :2])
    told = {(e.number, e.kind) for e in (*robot.events, *again.events)}
    kinds = [kind for _, kind in sorted(told)]
    assert kinds.count("plan_drawn") == kinds.count("patrol_ended") == 1
    assert kinds.count("checkpoint_reached") == sum(v.checkpoint_id != "" for v in plan.visits)
    assert again.results[-1].result.ok and (tmp_path / FOLDER).stat().st_mode & 0o077 == 0
    (tmp_path / "records.db").touch()
    shown = CliRunner().invoke(app, ["explain", str(tmp_path)])
    assert shown.exit_code == 0 and str(plan.seed) in shown.output


def test_a_site_that_changed_has_no_legs_for_an_old_plan(tmp_path: Path) -> None:
    place = site()
    plan = planner(tmp_path).draw(place.routes[0], 2, "p1")
    route = replace(place.perimeter_route("perimeter"), offset_m=3.0)
    with pytest.raises(Exception, match="begin a new patrol"):
        plan_legs(place, route, plan)


def test_a_patrol_for_a_time_drives_whole_laps() -> None:
    robot = Robot(make_site())
    robot.tick()
    robot._put(PATROL.goal, PatrolGoal("p1", "perimeter", 0, 6.0))
    robot.tick(200)
    laps = robot.kinds().count("lap_completed")
    assert laps >= 2 and robot.kinds().count("lap_started") == laps
    assert robot.results[0].result.message == f"{laps} laps done, docked"
