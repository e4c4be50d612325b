"""A robot on patrol guides a visitor, in closed loop, and goes on patrolling."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime, timezone
from pathlib import Path

from patrol_core.actions import GUIDE_VISITOR
from patrol_core.bus import Mailbox
from patrol_core.component import ProcessContext
from patrol_core.geometry import Pose2
from patrol_core.result import ErrorCode, Result
from patrol_core.site.model import Site, Zone, ZoneKind
from patrol_core.topics import DIALOGUE, INITIALPOSE, PATROL_EVENTS
from patrol_core.types.dialogue import GuideGoal
from patrol_core.types.mission import PatrolState
from patrol_core.types.motion import PoseEstimate
from patrol_sim.scenario import Pedestrian, Scenario, Start
from patrol_sim.simulator import Simulator
from ronda_cli.closed_loop import STEP_S, ClosedLoop
from ronda_cli.setting import Setting, load_setting

MORNING_S = datetime(2026, 6, 2, 8, 0, tzinfo=timezone.utc).timestamp()
"""A Tuesday, ten o'clock on the sites' clocks."""
WALK = Zone(
    "visitors_walk", ZoneKind.PUBLIC, ((-46, -39.7), (-12.9, -39.7), (-12.9, 13), (-46, 13))
)


@dataclass(slots=True)
class Tour:
    """What was seen and said of a guided walk; `track_m` of the robot, (x, y, visitor's x, y)."""

    said: list[str] = field(default_factory=list)
    events: list[str] = field(default_factory=list)
    track_m: list[tuple[float, float, float, float]] = field(default_factory=list)
    result: Result | None = None


def loop_of(
    setting: Setting, site: Site, start: Pose2, visitor: Pedestrian, folder: Path
) -> ClosedLoop:
    simulator = Simulator(
        setting.world, [setting.setup()], Scenario("guided", (Start(start),), (visitor,)), 7,
        docks=tuple(dock.pose for dock in site.docks), camera=False,
    )  # fmt: skip
    context = ProcessContext(site, setting.robot, folder, 7, MORNING_S)
    return ClosedLoop(simulator, context)


def steps(loop: ClosedLoop, tour: Tour, place_id: str, limit_s: float) -> Iterator[None]:
    """A patrol on which a visitor at the gate asks for a place."""
    ear = Mailbox((DIALOGUE, GUIDE_VISITOR.result, PATROL_EVENTS))
    loop.attach(ear, "cli")
    asked = False
    for _ in range(round(limit_s / STEP_S)):
        if math.isclose(loop.now_s, 1.0):
            loop.start_patrol("perimeter", 1)
        status = loop.status
        at_gate = status is not None and status.next_checkpoint == "gate"
        if not asked and at_gate and status and status.state is PatrolState.DWELLING:
            asked = True
            loop.publish(GUIDE_VISITOR.goal, GuideGoal("a" * 32, place_id, "s1"))
        loop.step()
        heard = ear.snapshot()
        tour.said += [event.text for event in heard.events(DIALOGUE)]
        tour.events += [event.kind for event in heard.events(PATROL_EVENTS)]
        for outcome in heard.events(GUIDE_VISITOR.result):
            tour.result = outcome.result
        if loop.due(0.5):
            truth = loop.simulator.truth()
            robot, person = loop.simulator.robot().pose, truth.people[0].pose
            tour.track_m.append((robot.x_m, robot.y_m, person.x_m, person.y_m))
        yield


def test_from_the_gate_to_the_office_with_a_visitor_who_once_lags(tmp_path: Path) -> None:
    """A lap begins beside the dock, which stands near the gate here."""
    setting = load_setting("depot")
    dock = replace(setting.site.docks[0], pose=Pose2(-40.0, -37.0, math.pi))
    site = replace(setting.site, zones=(*setting.site.zones, WALK), docks=(dock,))
    start = Pose2(-38.0, -38.2, 0.0)
    visitor = Pedestrian(
        "visitor", ((-15.0, -36.0), (-30.0, 2.0)), 1.0, 0.0, 0.0, True, None,
        ((25.0, 60.0), (90.0, 400.0)),
    )  # fmt: skip
    loop, tour = loop_of(setting, site, start, visitor, tmp_path), Tour()
    loop.setup()
    try:
        loop.publish(INITIALPOSE, PoseEstimate(0.0, start, (0.01, 0, 0, 0, 0.01, 0, 0, 0, 0.01)))
        for _ in steps(loop, tour, "office", 300.0):
            if tour.result is not None and loop.simulator.robot().pose.x_m > -14.0:
                break
    finally:
        loop.close()
        loop.simulator.close()
    assert tour.result is not None and tour.result.ok, (tour.result, tour.said)
    assert tour.said[0].startswith("Please follow me")
    assert "I am waiting for you. Please come closer when you are ready." in tour.said
    assert tour.said[-1].startswith("Here we are: Office.")
    robot_to_office = min(math.hypot(x + 34.5, y - 9.0) for x, y, *_ in tour.track_m)
    visitor_to_office = min(math.hypot(x + 34.5, y - 9.0) for *_, x, y in tour.track_m)
    assert robot_to_office < 1.5 and visitor_to_office < 6.0
    assert tour.track_m[-1][1] < -36.0, "back on the route, past the gate"


def test_who_walks_away_is_left_alone_and_the_patrol_is_completed(tmp_path: Path) -> None:
    setting = load_setting("yard")
    visitor = Pedestrian(
        "visitor", ((0.5, -2.5), (6.6, -1.0)), 1.0, 0.0, 0.0, True, None, ((0.0, 26.0),)
    )
    start = setting.site.docks[0].pose
    loop, tour = loop_of(setting, setting.site, start, visitor, tmp_path), Tour()
    loop.setup()
    try:
        for _ in steps(loop, tour, "shed", 300.0):
            if loop.finished():
                break
    finally:
        loop.close()
        loop.simulator.close()
    assert tour.result is not None and tour.result.code is ErrorCode.VISITOR_GONE, tour.result
    assert tour.said[-1].startswith("It seems that you are not coming along")
    assert loop.result is not None and loop.result.result.ok
    assert "checkpoint_skipped" not in tour.events
