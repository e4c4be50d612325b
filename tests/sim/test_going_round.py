"""A robot goes round an object on the depot, in closed loop, and the records hold its sides."""

from __future__ import annotations

import itertools
import math
from pathlib import Path

from shapely.geometry import Polygon

from patrol_core.actions import INSPECT
from patrol_core.bus import Mailbox
from patrol_core.component import ProcessContext
from patrol_core.geometry import Pose2, wrap_angle
from patrol_core.processes import MISSION, NAV, PERCEPTION, RECORDS
from patrol_core.result import Result
from patrol_core.topics import INITIALPOSE
from patrol_core.types.mission import GoalResult, InspectGoal
from patrol_core.types.motion import PoseEstimate
from patrol_core.types.perception import FindingKind
from patrol_mission.inspecting.params import InspectParams
from patrol_records.reader import RecordReader
from patrol_sim.scenario import PlacedObject, Scenario, Start
from patrol_sim.simulator import Simulator
from ronda_cli.closed_loop import ClosedLoop
from ronda_cli.setting import load_setting

START = Pose2(-26.0, -23.0, 0.0)
CRATE = PlacedObject("crate", "box", (0.5, 0.4, 0.6), Pose2(-20.0, -20.0, 0.5), 0.0, planted=True)


def test_three_sides_of_a_crate_from_outside_of_the_standoff(tmp_path: Path) -> None:
    setting = load_setting("depot")
    simulator = Simulator(
        setting.world, [setting.setup()], Scenario("crate", (Start(START),), (), (CRATE,)), 5,
        docks=tuple(dock.pose for dock in setting.site.docks), camera=False,
    )  # fmt: skip
    context = ProcessContext(setting.site, setting.robot, tmp_path, 5)
    loop = ClosedLoop(simulator, context, processes=(NAV, PERCEPTION, MISSION, RECORDS))
    x, y = CRATE.size_m[0] / 2.0, CRATE.size_m[1] / 2.0
    crate = Polygon(CRATE.pose.transform_points([(x, y), (-x, y), (-x, -y), (x, -y)]))
    heard, result, nearest_m = Mailbox((INSPECT.result,)), None, math.inf
    loop.attach(heard, "cli")
    loop.setup()
    try:
        loop.publish(INITIALPOSE, PoseEstimate(0.0, START, (0.01, 0, 0, 0, 0.01, 0, 0, 0, 0.01)))
        while loop.now_s < 120.0 and result is None:
            if math.isclose(loop.now_s, 1.0):
                loop.publish(INSPECT.goal, InspectGoal("a" * 32, "crate", -20.05, -19.9))
            loop.step()
            body = simulator.robot().pose.transform_points(setting.robot.footprint_m())
            nearest_m = min(nearest_m, Polygon(body).distance(crate))
            result = next(map(_result, heard.snapshot().events(INSPECT.result)), None)
        for _ in range(10):
            loop.step()
    finally:
        loop.close()
        simulator.close()
    assert result is not None and result.ok, result
    assert nearest_m >= InspectParams().standoff_m
    reader = RecordReader(tmp_path)
    sides = [i for i in reader.incidents() if i.kind is FindingKind.INSPECTION]
    events = [event for name in reader.patrol_ids() for event in reader.events(name)]
    reader.close()
    assert len(sides) == 1 and sides[0].reason.startswith("Inspection of crate: side 3 of 3")
    assert [event.kind for event in events] == [
        "inspection_started", *["inspection_view"] * 3, "inspection_ended"
    ]  # fmt: skip
    stood = [event.pose for event in events[1:4]]
    bearings = [math.atan2(p.y_m - CRATE.pose.y_m, p.x_m - CRATE.pose.x_m) for p in stood]
    for one, two in itertools.combinations(bearings, 2):
        assert abs(wrap_angle(one - two)) > math.radians(60.0)


def _result(outcome: GoalResult) -> Result:
    return outcome.result
