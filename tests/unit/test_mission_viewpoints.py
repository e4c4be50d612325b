"""Views of an object on random ground: never too near, in plain view, on ground that is free."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely.geometry import LineString, Point, Polygon, box
from tests.nav_world import rover

from patrol_core.geometry import FloatArray, Pose2, wrap_angle
from patrol_core.robot import RobotModel
from patrol_core.site.model import Zone, ZoneKind
from patrol_core.types.maps import FREE, OCCUPIED, OccupancyGrid
from patrol_mission.inspecting.ground import Ground, ground_of
from patrol_mission.inspecting.params import InspectParams
from patrol_mission.inspecting.subject import Subject
from patrol_mission.inspecting.viewpoints import Choice, View, choose, nearest_rad, reach_m
from patrol_mission.inspecting.ways import Ways

SIZE_M, CELL_M = 20.0, 0.1
OUTLINE = ((0.5, 0.5), (19.5, 0.5), (19.5, 19.5), (0.5, 19.5))
WINDOW = (0.0, 0.0, SIZE_M, SIZE_M)
ROBOT: RobotModel = rover()
REACH_M = reach_m(ROBOT.body)
PARAMS = InspectParams()
NOBODY = np.empty((0, 4))
START = Pose2(10.0, 2.0, 0.0)
MIDDLE = Subject("crate", 10.0, 10.0, 0.4)

Boxes = list[tuple[float, float, float, float]]


def site_map(boxes: Boxes) -> OccupancyGrid:
    count = round(SIZE_M / CELL_M)
    cells = np.full((count, count), FREE, np.int8)
    for west, south, east, north in boxes:
        rows = slice(int(south / CELL_M), math.ceil(north / CELL_M))
        cells[rows, int(west / CELL_M) : math.ceil(east / CELL_M)] = OCCUPIED
    return OccupancyGrid(0.0, CELL_M, 0.0, 0.0, cells)


def ground(boxes: Boxes, zones: tuple[Zone, ...] = ()) -> Ground:
    return ground_of(site_map(boxes), (), zones, OUTLINE, WINDOW, REACH_M)


def ways_on(ground_: Ground, subject: Subject, start: Pose2 = START) -> Ways:
    keep_m = REACH_M + subject.radius_m + PARAMS.standoff_m + PARAMS.margin_m
    room_m = ROBOT.body.width_m / 2.0 + PARAMS.way_room_m
    return Ways(ground_, start, subject, keep_m, room_m)


def chosen(
    boxes: Boxes, zones: tuple[Zone, ...] = (), subject: Subject = MIDDLE,
    people: FloatArray = NOBODY, done: tuple[View, ...] = (), shunned: tuple[View, ...] = (),
) -> tuple[Choice, Ways]:  # fmt: skip
    ways = ways_on(ground(boxes, zones), subject)
    return choose(subject, ways, ROBOT.body, people, PARAMS, done, shunned), ways


def body_at(pose: Pose2) -> Polygon:
    return Polygon(pose.transform_points(ROBOT.footprint_m()))


def test_on_open_ground_three_views_lie_a_third_of_a_turn_apart() -> None:
    choice, ways = chosen([])
    assert len(choice.views) == 3 and choice.reason == "" and not choice.for_people
    assert nearest_rad(choice.views) > math.radians(95.0)
    for view in choice.views:
        gap_m = MIDDLE.apart_m(view.pose, ROBOT.footprint_m())
        assert gap_m == pytest.approx(PARAMS.preferred_m, abs=0.3)
        facing = math.atan2(MIDDLE.y_m - view.pose.y_m, MIDDLE.x_m - view.pose.x_m)
        assert abs(wrap_angle(facing - view.pose.yaw_rad)) < 1e-9
        assert np.isfinite(ways.costs_m(np.array([[view.pose.x_m, view.pose.y_m]]))).all()


def test_in_a_corner_all_views_come_from_the_open_side() -> None:
    walls = [(3.0, 10.5, 19.0, 11.0), (10.5, 3.0, 11.0, 11.0)]
    choice, _ = chosen(walls)
    assert len(choice.views) == 3
    for view in choice.views:
        assert view.pose.x_m < 10.5 and view.pose.y_m < 10.5
    assert "without free ground" in choice.reason or "hidden" in choice.reason


def test_what_is_behind_a_wall_is_not_looked_at_through_it() -> None:
    choice, _ = chosen([(4.0, 7.5, 16.0, 7.8)])
    assert choice.views and all(view.pose.y_m > 7.8 for view in choice.views)


def test_who_is_walled_in_cannot_be_looked_at_and_that_is_said() -> None:
    ring = [(6.0, 6.0, 14.0, 6.3), (6.0, 13.7, 14.0, 14.0), (6.0, 6.0, 6.3, 14.0),
            (13.7, 6.0, 14.0, 14.0)]  # fmt: skip
    choice, _ = chosen(ring)
    assert choice.views == () and not choice.for_people
    assert "out of reach" in choice.reason


@pytest.mark.parametrize("kind", [ZoneKind.KEEP_OUT, ZoneKind.KEEP_CLEAR, ZoneKind.PRIVACY])
def test_no_view_stands_in_a_zone(kind: ZoneKind) -> None:
    corners = ((10.0, 0.5), (19.5, 0.5), (19.5, 19.5), (10.0, 19.5))
    choice, _ = chosen([], (Zone("east", kind, corners),))
    assert len(choice.views) == 3
    reach = REACH_M if kind is ZoneKind.KEEP_CLEAR else 0.0
    assert all(view.pose.x_m <= 10.0 - reach + CELL_M for view in choice.views)
    assert "zones" in choice.reason or "without free ground" in choice.reason


def test_a_zone_of_another_kind_keeps_nobody_away() -> None:
    corners = ((0.5, 0.5), (19.5, 0.5), (19.5, 19.5), (0.5, 19.5))
    choice, _ = chosen([], (Zone("slow", ZoneKind.SPEED, corners, 0.4),))
    assert len(choice.views) == 3 and choice.reason == ""


def test_people_and_where_they_walk_are_left_alone() -> None:
    walker = np.array([[4.0, 13.0, 1.2, 0.0], [14.0, 9.0, 0.0, 0.0]])
    choice, _ = chosen([], people=walker)
    assert len(choice.views) == 3
    for view in choice.views:
        at = Point(view.pose.x_m, view.pose.y_m)
        assert at.distance(LineString([(4.0, 13.0), (8.8, 13.0)])) >= PARAMS.people_room_m - 1e-6
        assert at.distance(Point(14.0, 9.0)) >= PARAMS.people_room_m - 1e-6


def test_a_crowd_all_round_is_worth_waiting_for() -> None:
    crowd = [
        (10.0 + away * math.cos(angle), 10.0 + away * math.sin(angle), 0.0, 0.0)
        for away in (2.8, 4.4)
        for angle in np.linspace(0.0, math.tau, 24, endpoint=False).tolist()
    ]
    choice, _ = chosen([], people=np.array(crowd))
    assert choice.views == () and choice.for_people


def test_views_that_are_done_count_and_shunned_sides_are_left_out() -> None:
    first, _ = chosen([])
    done, shunned = first.views[:1], first.views[1:2]
    rest, _ = chosen([], done=done, shunned=shunned)
    assert len(rest.views) == 2
    for view in rest.views:
        assert abs(wrap_angle(view.bearing_rad - shunned[0].bearing_rad)) >= PARAMS.least_apart_rad
    assert nearest_rad((*done, *rest.views)) > math.radians(80.0)


def test_who_stands_too_near_is_led_away_never_nearer() -> None:
    start = Pose2(10.0, 8.7, math.pi / 2)
    ways = ways_on(ground([]), MIDDLE, start)
    choice = choose(MIDDLE, ways, ROBOT.body, NOBODY, PARAMS)
    way = ways.way(choice.views[0].pose)
    apart = np.hypot(way[:, 0] - MIDDLE.x_m, way[:, 1] - MIDDLE.y_m)
    assert apart.min() >= MIDDLE.distance_m(start) - 0.15


wall = st.tuples(
    st.floats(1.0, 16.0), st.floats(3.5, 16.0), st.floats(0.3, 4.0), st.floats(0.3, 4.0)
).map(lambda w: (w[0], w[1], w[0] + w[2], w[1] + w[3]))
zone = st.tuples(
    st.sampled_from([ZoneKind.KEEP_OUT, ZoneKind.KEEP_CLEAR, ZoneKind.PRIVACY]),
    st.floats(1.0, 16.0), st.floats(4.0, 16.0), st.floats(0.5, 5.0), st.integers(3, 7),
).map(
    lambda z: Zone("z", z[0], tuple(
        (z[1] + z[3] * math.cos(a), z[2] + z[3] * math.sin(a))
        for a in np.linspace(0.0, math.tau, z[4], endpoint=False).tolist()
    ))
)  # fmt: skip


@settings(max_examples=25, deadline=None)
@given(
    st.lists(wall, max_size=5), st.lists(zone, max_size=2), st.floats(5.0, 15.0),
    st.floats(6.0, 15.0), st.floats(0.1, 1.0),
)  # fmt: skip
def test_on_any_ground_every_view_and_every_way_keeps_the_rules(
    walls: Boxes, zones: list[Zone], x: float, y: float, radius: float
) -> None:
    subject = Subject("thing", x, y, radius)
    choice, ways = chosen(walls, tuple(zones), subject)
    solid = [box(*w) for w in walls]
    for view in choice.views:
        body, at = body_at(view.pose), Point(view.pose.x_m, view.pose.y_m)
        assert subject.apart_m(view.pose, ROBOT.footprint_m()) >= PARAMS.standoff_m
        assert all(body.distance(b) > 0.0 for b in solid)
        assert Polygon(OUTLINE).contains(body)
        for one in zones:
            area = Polygon(one.polygon_m)
            near = at if one.kind is ZoneKind.PRIVACY else body
            assert area.buffer(-2.0 * CELL_M).disjoint(near), one.kind
        ray = LineString([(at.x, at.y), (x, y)]).difference(Point(x, y).buffer(radius + 0.3))
        assert all(ray.disjoint(b.buffer(-CELL_M)) for b in solid)
        way = ways.way(view.pose)
        assert way[-1].tolist() == [view.pose.x_m, view.pose.y_m, view.pose.yaw_rad]
        line = LineString(way[:, :2])
        keep_m = REACH_M + radius + PARAMS.standoff_m
        apart = np.hypot(way[:, 0] - x, way[:, 1] - y)
        assert apart.min() >= min(keep_m, math.hypot(START.x_m - x, START.y_m - y)) - 0.2
        if Point(START.x_m, START.y_m).distance(Point(x, y)) > keep_m + PARAMS.margin_m:
            assert line.distance(Point(x, y)) >= keep_m
        half_m = ROBOT.body.width_m / 2.0
        away = [b.distance(line) for b in solid if b.distance(Point(10.0, 2.0)) > 0.8]
        assert all(gap >= half_m for gap in away)
    for one_, two in itertools.combinations(choice.views, 2):
        assert abs(wrap_angle(one_.bearing_rad - two.bearing_rad)) >= PARAMS.least_apart_rad
