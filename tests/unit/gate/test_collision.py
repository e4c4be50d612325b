"""The swept body against shapely."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely import affinity
from shapely.geometry import LineString, Point, Polygon
from tests.gate_world import ROBOT

from patrol_gate.collision import (
    COARSE_POSES,
    Approach,
    Margins,
    body_distances_m,
    direction_words,
    first_moving_conflict,
    first_still_conflict,
    near_path,
    touches,
)
from patrol_gate.manoeuvre import Phase, Ramps, Velocity, stopping_manoeuvre
from patrol_gate.movers import Movers

BODY = ROBOT.body
SHAPE = Polygon(ROBOT.footprint_m())
MARGINS = Margins(0.06, 0.1)
RAMPS = Ramps(0.8, 1.2, 3.0, 2.4)
POINT = st.tuples(st.floats(-2.0, 2.5), st.floats(-2.0, 2.0))


@settings(max_examples=50, deadline=None)
@given(POINT)
def test_distance_from_the_body_is_shapelys(point: tuple[float, float]) -> None:
    distance = float(body_distances_m(np.array([point]), BODY)[0])
    if SHAPE.contains(Point(point)):
        assert distance == pytest.approx(-SHAPE.exterior.distance(Point(point)), abs=1e-9)
    else:
        assert distance == pytest.approx(SHAPE.distance(Point(point)), abs=1e-9)


def check_swept(linear: float, angular: float, cloud: list[tuple[float, float]]) -> None:
    """Conflicts of a motion are those of the body swept along it, by shapely."""
    velocity = Velocity(linear, angular)
    motion = stopping_manoeuvre(velocity, (Phase(velocity, 0.3),), RAMPS)
    points = np.array(cloud)
    now = body_distances_m(points, BODY)
    found = first_still_conflict(motion, points, now, BODY, MARGINS)
    nearest = math.inf
    for x, y, yaw, speed in zip(
        motion.x_m, motion.y_m, motion.yaw_rad, motion.speed_mps, strict=True
    ):
        body = affinity.translate(
            affinity.rotate(SHAPE, yaw, origin=(0, 0), use_radians=True), x, y
        )
        for point, now_m in zip(cloud, now, strict=True):
            margin = min(MARGINS.still_m + MARGINS.growth_s * speed, now_m - 0.001)
            inside = body.contains(Point(point))
            edge = body.exterior.distance(Point(point))
            nearest = min(nearest, (-edge if inside else edge) - margin)
    if abs(nearest) > 1e-6:
        assert (found is not None) == (nearest < 0.0)


@settings(max_examples=25, deadline=None)
@given(st.floats(-0.5, 1.5), st.floats(-1.5, 1.5), st.lists(POINT, min_size=1, max_size=12))
def test_conflicts_are_those_of_the_swept_polygon(
    linear: float, angular: float, cloud: list[tuple[float, float]]
) -> None:
    check_swept(linear, angular, cloud)


@pytest.mark.parametrize(("linear", "angular"), [(1.0, 1.5), (1.0, -1.5), (-0.5, 0.8)])
def test_conflicts_of_curves_are_those_of_the_swept_polygon(linear: float, angular: float) -> None:
    for x in np.arange(-1.0, 1.6, 0.1):
        for y in (-0.6, -0.45, -0.35, 0.35, 0.45, 0.6):
            check_swept(linear, angular, [(float(x), y)])


@settings(max_examples=25, deadline=None)
@given(st.floats(-0.5, 1.5), st.floats(-1.5, 1.5), st.lists(POINT, min_size=1, max_size=30))
def test_the_rough_filter_loses_no_conflict(
    linear: float, angular: float, cloud: list[tuple[float, float]]
) -> None:
    velocity = Velocity(linear, angular)
    motion = stopping_manoeuvre(velocity, (Phase(velocity, 0.3),), RAMPS)
    points = np.array(cloud)
    now = body_distances_m(points, BODY)
    radius = max(math.hypot(x, y) for x, y in ROBOT.footprint_m())
    near = near_path(motion, points, radius + 0.06 + 0.15)
    every = first_still_conflict(motion, points, now, BODY, MARGINS)
    some = first_still_conflict(motion, points[near], now[near], BODY, MARGINS)
    assert (every is None) == (some is None)


@pytest.mark.parametrize(("linear", "angular"), [(1.5, 0.0), (1.0, 1.5), (-0.5, -0.8), (0.0, 1.5)])
@pytest.mark.parametrize("within_m", [0.1, 0.6])
def test_the_rough_filter_keeps_what_lies_near_the_path_and_little_more(
    linear: float, angular: float, within_m: float
) -> None:
    velocity = Velocity(linear, angular)
    motion = stopping_manoeuvre(velocity, (Phase(velocity, 0.3),), RAMPS)
    path = np.column_stack((motion.x_m, motion.y_m))
    coarse = path[list(COARSE_POSES)]
    half_hop_m = 0.5 * float(np.hypot(*np.diff(coarse, axis=0).T).max())
    cloud = np.random.default_rng(3).uniform(-2.5, 2.5, (1000, 2))
    for point, near in zip(cloud, near_path(motion, cloud, within_m), strict=True):
        away_m = LineString(path).distance(Point(point))
        assert near or away_m > within_m - 1e-9
        assert not near or away_m <= within_m + half_hop_m + 1e-9
        to_pose_m = float(np.hypot(*(coarse - point).T).min())
        assert (
            near == (to_pose_m <= within_m + half_hop_m)
            or abs(to_pose_m - within_m - half_hop_m) < 1e-9
        )


@pytest.mark.parametrize(
    ("speed_mps", "beside_m", "conflict"),
    [(1.5, 0.2, True), (1.5, 0.22, False), (0.5, 0.1, True), (0.5, 0.12, False)],
)
def test_the_faster_the_more_room_it_keeps(
    speed_mps: float, beside_m: float, conflict: bool
) -> None:
    velocity = Velocity(speed_mps, 0.0)
    motion = stopping_manoeuvre(velocity, (Phase(velocity, 2.0),), RAMPS)
    points = np.array([[1.2, 0.25 + beside_m]])
    now = body_distances_m(points, BODY)
    found = first_still_conflict(motion, points, now, BODY, MARGINS)
    assert (found is not None) is conflict


def test_leaving_an_obstacle_is_no_conflict_and_nearing_it_is() -> None:
    points = np.array([[0.47, 0.1]])
    now = body_distances_m(points, BODY)
    back = stopping_manoeuvre(Velocity(0.0, 0.0), (Phase(Velocity(-0.2, 0.0), 0.3),), RAMPS)
    ahead = stopping_manoeuvre(Velocity(0.0, 0.0), (Phase(Velocity(0.2, 0.0), 0.3),), RAMPS)
    assert first_still_conflict(back, points, now, BODY, MARGINS) is None
    assert first_still_conflict(ahead, points, now, BODY, MARGINS) == 0


def somebody(x_m: float, y_m: float, velocity: tuple[float, float] | None = None) -> Movers:
    known = np.array([velocity is not None])
    return Movers(np.array([[x_m, y_m]]), np.array([velocity or (0.0, 0.0)]), known)


APPROACH = Approach(1.6, 0.3, 0.1, 1.0)


def test_whose_way_is_unknown_may_come_at_walking_pace_until_after_the_stop() -> None:
    motion = stopping_manoeuvre(Velocity(0.5, 0.0), (), RAMPS)
    front = 0.45 + float(motion.x_m[-1]) + 1.6 * (motion.duration_s + 0.1 + 1.0) + 0.06
    near, far = somebody(front - 0.02, 0.0), somebody(front + 0.02, 0.0)
    assert first_moving_conflict(motion, far, BODY, MARGINS, APPROACH) is None
    assert first_moving_conflict(motion, near, BODY, MARGINS, APPROACH) == 0


def test_whose_way_is_known_walks_on() -> None:
    motion = stopping_manoeuvre(Velocity(0.5, 0.0), (), RAMPS)
    time_s = motion.duration_s + 0.1 + 1.0
    front = 0.45 + float(motion.x_m[-1]) + (1.2 + 0.3) * time_s + 0.06
    for x, way, conflict in (
        (front - 0.02, (-1.2, 0.0), 0),
        (front + 0.02, (-1.2, 0.0), None),
        (1.5, (1.2, 0.0), None),
        (1.5, (0.0, 1.2), None),
        (1.0, (0.0, 0.0), 0),
    ):
        movers = somebody(x, 0.0, way)
        assert first_moving_conflict(motion, movers, BODY, MARGINS, APPROACH) == conflict


def test_who_crosses_is_met_beside_and_who_goes_aside_is_not() -> None:
    motion = stopping_manoeuvre(Velocity(0.5, 0.0), (), RAMPS)
    for side, way_mps, conflict in ((1.6, -1.2, 0), (1.6, 1.2, None), (-1.6, 1.2, 0)):
        movers = somebody(0.4, side, (0.0, way_mps))
        assert first_moving_conflict(motion, movers, BODY, MARGINS, APPROACH) == conflict
    aside = somebody(0.4, 1.6, (0.0, 0.0))
    assert first_moving_conflict(motion, aside, BODY, MARGINS, APPROACH) is None


@pytest.mark.parametrize(("speed_mps", "conflict"), [(1.5, 0), (0.1, None)])
def test_the_faster_the_more_room_it_keeps_from_who_stands(
    speed_mps: float, conflict: int | None
) -> None:
    motion = stopping_manoeuvre(Velocity(speed_mps, 0.0), (), RAMPS)
    beside, at_once = somebody(-0.2, 0.25 + 0.2, (0.0, 0.0)), Approach(1.6, 0.05, 0.1, 0.0)
    assert first_moving_conflict(motion, beside, BODY, MARGINS, at_once) == conflict


@pytest.mark.parametrize(
    ("degrees", "words"),
    [
        (0, "ahead"), (44, "ahead"), (-44, "ahead"), (46, "to the left"), (134, "to the left"),
        (-46, "to the right"), (-134, "to the right"), (136, "behind"), (-136, "behind"),
        (180, "behind"),
    ],
)  # fmt: skip
def test_where_things_are_in_words(degrees: float, words: str) -> None:
    at = math.radians(degrees)
    assert direction_words(math.cos(at), math.sin(at)) == words


def test_touching_needs_a_point_on_the_way() -> None:
    motion = stopping_manoeuvre(Velocity(1.0, 0.0), (), RAMPS)
    reach = 0.45 + float(motion.x_m[-1])
    assert touches(motion, np.array([[reach - 0.02, 0.0]]), BODY)
    assert not touches(motion, np.array([[reach + 0.02, 0.0]]), BODY)
    assert not touches(motion, np.array([[0.0, 0.26]]), BODY)
    assert not touches(motion, np.zeros((0, 2)), BODY)


def test_what_reaches_into_the_body_touches_it_only_when_it_goes_deeper() -> None:
    inside = np.array([[0.44, 0.0]])
    stands = stopping_manoeuvre(Velocity(0.0, 0.0), (), RAMPS)
    assert not touches(stands, inside, BODY)
    assert not touches(stopping_manoeuvre(Velocity(-0.3, 0.0), (), RAMPS), inside, BODY)
    assert touches(stopping_manoeuvre(Velocity(0.3, 0.0), (), RAMPS), inside, BODY)
