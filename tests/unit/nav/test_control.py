"""Both controllers behind their Protocol, and the goal approach, in a kinematic toy."""

from __future__ import annotations

import math

import numpy as np
import pytest
from tests.nav_world import draw_box, empty_cells, rover

from patrol_core.geometry import FloatArray, Pose2, wrap_angle
from patrol_core.types.maps import OccupancyGrid
from patrol_nav.control.controller import Body, Controller, ControlRequest, body_of
from patrol_nav.control.goal_approach import GoalApproach, Phase
from patrol_nav.control.mppi import MppiController, _stopping
from patrol_nav.control.pure_pursuit import PurePursuitController
from patrol_nav.control.weighed_view import weighed_markers
from patrol_nav.costmap.costmap import Costmap
from patrol_nav.costmap.field import DistanceField
from patrol_nav.navigator.reference import Reference
from patrol_nav.params import CostmapParams, MotionParams, MppiParams, PursuitParams
from patrol_nav.planning.path import with_headings

BODY: Body = body_of(rover(), MotionParams())
NOBODY = np.empty((0, 5))
TICK_S = 0.05


def controller(name: str, seed: int = 0) -> Controller:
    if name == "pure_pursuit":
        return PurePursuitController(PursuitParams(), BODY)
    rng = np.random.default_rng(seed)
    return MppiController(MppiParams(rollouts=150), PursuitParams(), BODY, rng)


def costmap_of(*boxes: tuple[float, float, float, float]) -> Costmap:
    cells = empty_cells(20.0, 10.0)
    for box in boxes:
        draw_box(cells, *box)
    grid = OccupancyGrid(0.0, 0.05, 0.0, 0.0, cells)
    outline = ((0.0, 0.0), (20.0, 0.0), (20.0, 10.0), (0.0, 10.0))
    return Costmap(grid, outline, BODY.footprint, CostmapParams())


def line(x0: float, y0: float, x1: float, y1: float) -> FloatArray:
    count = int(math.hypot(x1 - x0, y1 - y0) / 0.1) + 2
    points = np.column_stack((np.linspace(x0, x1, count), np.linspace(y0, y1, count)))
    return with_headings(points, math.atan2(y1 - y0, x1 - x0))


def drive(
    subject: Controller,
    poses: FloatArray,
    start: Pose2,
    *,
    costmap: Costmap,
    duration_s: float,
    people: FloatArray = NOBODY,
    speed_mps: float = 1.0,
) -> FloatArray:
    """x, y, yaw, v, w at every tick (N, 5); people walk on."""
    reference, pose, v, w = Reference(poses), start, 0.0, 0.0
    trace = []
    for tick in range(round(duration_s / TICK_S)):
        reference.update(pose)
        path = reference.window(speed_mps, math.inf, costmap, BODY.motion)
        now = people.copy()
        now[:, :2] += people[:, 2:4] * tick * TICK_S
        field = costmap.local_field(pose)
        out = subject.step(ControlRequest(TICK_S, pose, v, w, path, field, now))
        v += float(np.clip(out.linear_mps - v, -1.5 * TICK_S, 0.8 * TICK_S))
        w += float(np.clip(out.angular_radps - w, -3.0 * TICK_S, 3.0 * TICK_S))
        half = 0.5 * w * TICK_S
        way = v * TICK_S
        pose = pose.compose(Pose2(way * math.cos(half), way * math.sin(half), 2.0 * half))
        trace.append((pose.x_m, pose.y_m, pose.yaw_rad, v, w))
    return np.array(trace)


@pytest.mark.parametrize("name", ["mppi", "pure_pursuit"])
def test_follows_a_line_fast_and_without_wobble(name: str) -> None:
    trace = drive(
        controller(name), line(2.0, 5.0, 18.0, 5.0), Pose2(2.0, 5.3, 0.2),
        costmap=costmap_of(), duration_s=9.0,
    )  # fmt: skip
    cruise = trace[80:]
    assert np.abs(cruise[:, 1] - 5.0).max() < 0.08
    assert np.abs(cruise[:, 4]).std() < 0.1
    assert cruise[:, 3].mean() > 0.95
    assert cruise[:, 3].max() < 1.001


@pytest.mark.parametrize("name", ["mppi", "pure_pursuit"])
def test_respects_the_limits_of_the_drive(name: str) -> None:
    trace = drive(
        controller(name), line(10.0, 5.0, 2.0, 5.0), Pose2(10.0, 5.0, 0.3),
        costmap=costmap_of(), duration_s=6.0, speed_mps=3.0,
    )  # fmt: skip
    assert np.abs(trace[:, 4]).max() <= BODY.motion.yaw_rate_radps + 1e-6
    assert trace[:, 3].min() >= -BODY.motion.reverse_mps - 1e-6
    assert np.diff(trace[:, 3]).max() <= 0.8 * TICK_S + 1e-9
    assert trace[-1, 0] < 9.0


def test_mppi_goes_round_what_stands_beside_its_path() -> None:
    costmap = costmap_of((9.5, 4.85, 10.5, 6.0))
    trace = drive(
        controller("mppi"), line(2.0, 4.7, 18.0, 4.7), Pose2(4.0, 4.7),
        costmap=costmap, duration_s=14.0,
    )  # fmt: skip
    field = costmap.planning_field
    assert field.clearances(BODY.footprint, trace[:, :3]).min() > -0.05
    assert trace[-1, 0] > 14.0


def test_pursuit_stops_before_what_stands_on_its_path() -> None:
    trace = drive(
        controller("pure_pursuit"), line(2.0, 5.0, 18.0, 5.0), Pose2(4.0, 5.0),
        costmap=costmap_of((9.5, 4.0, 10.5, 6.0)), duration_s=12.0,
    )  # fmt: skip
    assert abs(trace[-1, 3]) < 0.01
    assert 8.3 < trace[-1, 0] < 9.05


@pytest.mark.parametrize("name", ["mppi", "pure_pursuit"])
def test_keeps_away_from_somebody_who_crosses(name: str) -> None:
    people = np.array([[8.0, 1.5, 0.0, 1.0, 0.3]])
    trace = drive(
        controller(name), line(2.0, 5.0, 18.0, 5.0), Pose2(4.0, 5.0),
        costmap=costmap_of(), duration_s=11.0, people=people,
    )  # fmt: skip
    times = np.arange(1, len(trace) + 1) * TICK_S
    walker = people[0, :2] + times[:, None] * people[0, 2:4]
    center = trace[:, :2] + 0.1 * np.column_stack((np.cos(trace[:, 2]), np.sin(trace[:, 2])))
    gap = np.hypot(*(center - walker).T) - 0.3 - 0.43
    assert gap.min() > 0.2
    assert trace[-1, 0] > 10.0


def test_mppi_is_deterministic() -> None:
    traces = [
        drive(
            controller("mppi", seed=4), line(2.0, 5.0, 18.0, 5.0), Pose2(2.0, 4.5, 0.5),
            costmap=costmap_of((9.5, 5.0, 10.5, 6.0)), duration_s=2.0,
        )
        for _ in range(2)
    ]  # fmt: skip
    np.testing.assert_array_equal(traces[0], traces[1])


def approach(start: Pose2, goal: Pose2, field: DistanceField) -> tuple[Pose2, Phase, float]:
    subject, pose, v, w = GoalApproach(BODY), start, 0.0, 0.0
    for tick in range(round(20.0 / TICK_S)):
        out = subject.step(pose, goal, (v, w), 0.5, field, TICK_S)
        if subject.phase is Phase.REACHED and abs(v) < 0.01 and abs(w) < 0.01:
            return pose, subject.phase, tick * TICK_S
        v += float(np.clip(out.linear_mps - v, -1.5 * TICK_S, 0.8 * TICK_S))
        w += float(np.clip(out.angular_radps - w, -3.0 * TICK_S, 3.0 * TICK_S))
        half = 0.5 * w * TICK_S
        way = v * TICK_S
        pose = pose.compose(Pose2(way * math.cos(half), way * math.sin(half), 2.0 * half))
    return pose, subject.phase, 20.0


@pytest.mark.parametrize("bearing_deg", range(0, 360, 45))
@pytest.mark.parametrize("distance_m", [0.05, 0.3, 0.49])
@pytest.mark.parametrize("turn_deg", [0, 120])
def test_goals_nearer_than_half_a_metre(
    bearing_deg: int, distance_m: float, turn_deg: int
) -> None:
    field = costmap_of().local_field(Pose2(10.0, 5.0))
    bearing = math.radians(bearing_deg)
    goal = Pose2(
        10.0 + distance_m * math.cos(bearing),
        5.0 + distance_m * math.sin(bearing),
        math.radians(turn_deg),
    )
    pose, phase, _ = approach(Pose2(10.0, 5.0, 0.0), goal, field)
    assert phase is Phase.REACHED
    assert pose.distance_to(goal) < 0.1
    assert abs(wrap_angle(pose.yaw_rad - goal.yaw_rad)) < math.radians(5.0)


def test_the_approach_stops_before_what_stands_at_the_goal() -> None:
    field = costmap_of((10.7, 4.0, 11.5, 6.0)).local_field(Pose2(10.0, 5.0))
    pose, phase, _ = approach(Pose2(9.6, 5.0, 0.0), Pose2(10.5, 5.0, 0.0), field)
    assert phase is Phase.DRIVING
    assert pose.x_m + 0.45 < 10.7


POST = (10.3, 5.35, 10.35, 5.4)
"""So near before the left front corner that a robot at (10, 5) cannot turn past it."""


def test_where_the_shorter_turn_is_barred_the_longer_one_is_taken() -> None:
    field = costmap_of(POST).local_field(Pose2(10.0, 5.0))
    goal = Pose2(10.0, 5.0, math.radians(100.0))
    pose, phase, seconds = approach(Pose2(10.0, 5.0, 0.0), goal, field)
    assert phase is Phase.REACHED and abs(wrap_angle(pose.yaw_rad - goal.yaw_rad)) < 0.09
    assert seconds > 3.0
    free = costmap_of().local_field(Pose2(10.0, 5.0))
    _, phase, seconds = approach(Pose2(10.0, 5.0, 0.0), goal, free)
    assert phase is Phase.REACHED and seconds < 3.0


def test_where_both_turns_are_barred_it_stands() -> None:
    other = (10.3, 4.6, 10.35, 4.65)
    field = costmap_of(POST, other).local_field(Pose2(10.0, 5.0))
    goal = Pose2(10.0, 5.0, math.radians(100.0))
    pose, phase, _ = approach(Pose2(10.0, 5.0, 0.0), goal, field)
    assert phase is Phase.TURNING and abs(pose.yaw_rad) < 0.5


def test_a_share_of_the_sampled_drives_stops_on_the_way() -> None:
    params = MppiParams(rollouts=100, stop_share=0.5)
    goes_on = _stopping(params)
    assert goes_on is not None and goes_on.shape == (params.steps, 100)
    stops = goes_on.min(axis=0) == 0.0
    assert stops.sum() == pytest.approx(50, abs=4)
    assert (np.diff(goes_on, axis=0) <= 0.0).all() and goes_on[0].all()
    assert len(set(goes_on.sum(axis=0)[stops])) > params.steps // 2
    assert _stopping(MppiParams()) is None


def test_the_drives_that_mppi_has_weighed_can_be_seen_best_first() -> None:
    subject = controller("mppi")
    assert len(subject.weighed(5).costs) == 0
    drive(
        subject, line(2.0, 5.0, 12.0, 5.0), Pose2(2.0, 5.0), costmap=costmap_of(), duration_s=1.0
    )
    seen = subject.weighed(9)
    assert seen.points_m.shape == (9, MppiParams().steps, 2)
    assert (np.diff(seen.costs) >= 0.0).all() and seen.costs[0] < seen.costs[-1]
    assert seen.points_m[0, -1, 0] > 3.0
    (lines,) = weighed_markers(seen, 1.0).markers
    assert len(lines.corners_m) == len(lines.colors_rgba) == 9 * 2 * (MppiParams().steps - 1)
    first = lines.corners_m[: 2 * (MppiParams().steps - 1), :2]
    np.testing.assert_allclose(first[1:-1:2], first[2::2])
