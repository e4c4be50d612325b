"""Outline, keep-out and speed zones, alone and in the gate."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely import affinity
from shapely.geometry import Polygon
from tests.gate_world import ROBOT, World, make_site

from patrol_core.geometry import Points, Pose2
from patrol_core.site.model import Hours, Zone, ZoneKind
from patrol_gate.geofence import Geofence
from patrol_gate.manoeuvre import Manoeuvre, Phase, Ramps, Velocity, stopping_manoeuvre

OUTLINE: Points = ((-10.0, -6.0), (10.0, -6.0), (10.0, 6.0), (0.0, 6.0), (0.0, 3.0), (-10.0, 3.0))
POND = Zone("pond", ZoneKind.KEEP_OUT, ((4.0, -1.0), (6.0, -1.0), (6.0, 1.0), (4.0, 1.0)))
NIGHT = Zone(
    "lawn", ZoneKind.KEEP_OUT, ((-6.0, -1.0), (-4.0, -1.0), (-4.0, 1.0), (-6.0, 1.0)),
    hours=(Hours((0, 1, 2, 3, 4, 5, 6), 20 * 3600, 6 * 3600),),
)  # fmt: skip
SLOW = Zone("yard", ZoneKind.SPEED, ((2.0, -5.0), (9.0, -5.0), (9.0, -2.0), (2.0, -2.0)), 0.4)
SITE = make_site(OUTLINE, (POND, NIGHT, SLOW))
NOON = (0, 12 * 3600)
MARGIN_M = 0.1
RAMPS = Ramps(0.8, 1.2, 3.0, 2.4)


def fence(local: tuple[int, int] = NOON) -> Geofence:
    return Geofence(SITE, ROBOT, MARGIN_M, lambda _now: local)


def going(linear: float, angular: float) -> Manoeuvre:
    return stopping_manoeuvre(
        Velocity(linear, angular), (Phase(Velocity(linear, angular), 0.3),), RAMPS
    )


@settings(max_examples=40, deadline=None)
@given(
    st.floats(-9.0, 9.0), st.floats(-5.0, 5.0), st.floats(-math.pi, math.pi),
    st.floats(-0.5, 1.5), st.floats(-1.5, 1.5),
)  # fmt: skip
def test_a_stop_outside_the_bounds_is_a_conflict(
    x: float, y: float, yaw: float, linear: float, angular: float
) -> None:
    """Against shapely: the body where it comes to rest, from wherever it starts within."""
    here, motion = Pose2(x, y, yaw), going(linear, angular)
    bounds = fence().around(here, motion.reach_m(), 0.0)
    if bounds is not None and bounds.breached():
        return
    allowed = Polygon(OUTLINE).difference(Polygon(POND.polygon_m))
    end = here.compose(motion.pose(-1))
    body = affinity.translate(
        affinity.rotate(
            Polygon(ROBOT.footprint_m(0.0)), end.yaw_rad, origin=(0, 0), use_radians=True
        ),
        end.x_m,
        end.y_m,
    )
    if not allowed.covers(body):
        assert bounds is not None
        assert bounds.conflict(motion) is not None


def test_far_from_every_edge_nothing_is_looked_at() -> None:
    watch = fence()
    assert watch.around(Pose2(0.0, -3.0), 0.5, 0.0) is None
    assert watch.around(Pose2(0.1, -3.0), 0.5, 0.0) is None
    assert watch.around(Pose2(9.5, -3.0), 0.5, 0.0) is not None


@pytest.mark.parametrize(
    ("far", "near", "zone"),
    [
        (Pose2(-3.5, 0.0), Pose2(3.5, 0.0), "keep-out zone 'pond'"),
        (Pose2(5.0, 3.0), Pose2(5.0, -3.0), "speed zone 'yard'"),
        (Pose2(-3.0, -1.0), Pose2(3.5, 0.5), "keep-out zone 'pond'"),
        (Pose2(0.0, 2.0), Pose2(2.5, -1.5), "speed zone 'yard'"),
    ],
)
def test_what_was_far_away_is_looked_at_when_the_robot_has_come_near(
    far: Pose2, near: Pose2, zone: str
) -> None:
    watch = fence()
    before = watch.around(far, 0.5, 0.0)
    assert before is None or zone not in {ring.name for ring in before.rings}
    here = watch.around(near, 0.5, 0.0)
    assert here is not None and zone in {ring.name for ring in here.rings}


def test_zones_count_in_their_hours() -> None:
    motion = going(1.0, 0.0)
    inside = Pose2(-6.8, 0.0)
    by_day = fence(NOON).around(inside, motion.reach_m(), 0.0)
    assert by_day is None or by_day.conflict(motion) is None
    by_night = fence((2, 23 * 3600)).around(inside, motion.reach_m(), 0.0)
    assert by_night is not None
    assert by_night.conflict(motion) == "keep-out zone 'lawn'"


def test_a_thin_post_between_the_corners_is_seen() -> None:
    post = Zone("post", ZoneKind.KEEP_OUT, ((3.0, 0.0), (3.02, 0.0), (3.01, 0.02)))
    watch = Geofence(make_site(zones=(post,)), ROBOT, MARGIN_M, lambda _now: NOON)
    motion = going(1.0, 0.0)
    bounds = watch.around(Pose2(3.0 - float(motion.x_m[-1]), -0.1), motion.reach_m(), 0.0)
    assert bounds is not None
    assert bounds.conflict(motion) == "keep-out zone 'post'"


GROWN = ROBOT.footprint_m(MARGIN_M)
FRONT, REAR, SIDE = GROWN[0][0], GROWN[2][0], GROWN[1][1]
MIDDLE = (FRONT + REAR) / 2.0


def depth_in(*corners_m: tuple[float, float]) -> float:
    """How deep a robot is that stands on a zone with these corners in base_link."""
    here = Pose2(2.0, -1.0, 0.7)
    polygon = tuple((x, y) for x, y in here.transform_points(np.array(corners_m)).tolist())
    zone = Zone("spot", ZoneKind.KEEP_OUT, polygon)
    watch = Geofence(make_site(zones=(zone,)), ROBOT, MARGIN_M, lambda _now: NOON)
    bounds = watch.around(here, 0.5, 0.0)
    assert bounds is not None
    return bounds.depths_m.get("keep-out zone 'spot'", 0.0)


def oblong(left: float, low: float, right: float, high: float) -> list[tuple[float, float]]:
    return [(left, low), (right, low), (right, high), (left, high)]


@pytest.mark.parametrize(
    ("x", "y", "depth_m"),
    [
        (FRONT - 0.08, 0.0, 0.08),
        (REAR + 0.07, 0.05, 0.07),
        (MIDDLE, SIDE - 0.06, 0.06),
        (MIDDLE, 0.05 - SIDE, 0.05),
        (FRONT + 0.03, 0.0, 0.0),
        (REAR - 0.03, 0.0, 0.0),
        (MIDDLE, SIDE + 0.03, 0.0),
    ],
)
def test_a_small_zone_is_as_deep_as_it_lies_within_the_body(
    x: float, y: float, depth_m: float
) -> None:
    depth = depth_in(*oblong(x - 0.001, y - 0.001, x + 0.001, y + 0.001))
    assert depth == pytest.approx(depth_m, abs=0.0021)


def test_a_narrow_strip_across_the_body_is_seen() -> None:
    across, along = (MIDDLE - 0.02, -3.0, MIDDLE + 0.02, 3.0), (-3.0, -0.02, 3.0, 0.02)
    assert depth_in(*oblong(*across)) == pytest.approx(0.02)
    assert depth_in(*oblong(*along)) == pytest.approx(0.02)


def test_a_wedge_is_as_deep_as_its_tip() -> None:
    wedge = [(MIDDLE, 0.05), (MIDDLE + 0.3, 3.0), (MIDDLE + 0.2, 3.0)]
    assert depth_in(*wedge) == pytest.approx(SIDE - 0.05)


def test_its_radius_is_that_of_the_farthest_corner() -> None:
    assert fence().radius_m == pytest.approx(max(math.hypot(x, y) for x, y in GROWN))


def test_along_the_edge_of_what_it_should_not_be_in_nothing_leads_back() -> None:
    bounds = fence().around(Pose2(5.0, -0.9, 0.0), 1.0, 0.0)
    assert bounds is not None and bounds.breached()
    assert bounds.conflict(going(0.2, 0.0)) == "keep-out zone 'pond'"
    out = fence().around(Pose2(5.0, -0.9, math.pi / 2.0), 1.0, 0.0)
    assert out is not None and out.conflict(going(-0.3, 0.0)) is None


def test_outside_only_what_leads_back_is_free() -> None:
    bounds = fence().around(Pose2(9.7, 0.0, 0.0), 1.0, 0.0)
    assert bounds is not None
    assert bounds.breached()
    assert bounds.conflict(going(-0.2, 0.0)) is None
    assert bounds.conflict(going(0.2, 0.0)) == "the site's outline"


def test_a_robot_carried_far_outside_is_still_outside() -> None:
    bounds = fence().around(Pose2(60.0, 0.0), 0.5, 0.0)
    assert bounds is not None
    assert bounds.breached()


@pytest.mark.parametrize(("y", "limit"), [(-3.5, 0.4), (2.5, math.inf)])
def test_speed_zones_limit_inside_and_just_before(y: float, limit: float) -> None:
    motion = going(1.0, 0.0)
    bounds = fence().around(Pose2(1.6, y), motion.reach_m(), 0.0)
    assert (math.inf if bounds is None else bounds.speed_limit_mps(motion)[0]) == limit


def test_the_gate_stops_at_the_edge_of_the_pond() -> None:
    world = World(site=SITE, wish=lambda _t: (1.5, 0.0)).settle().run(5.0)
    assert world.speed_mps == 0.0
    assert 3.2 < world.pose.x_m < 4.0 - 0.45 - 0.05
    assert world.status.reasons[0].startswith("keep-out zone 'pond'")


def test_the_gate_slows_in_a_speed_zone() -> None:
    world = World(site=SITE, pose=Pose2(-1.0, -3.5), wish=lambda _t: (1.0, 0.0)).settle()
    world.run(5.0)
    assert world.pose.x_m > 2.0
    assert world.linear_mps == pytest.approx(0.4)


def test_the_gate_creeps_back_inside() -> None:
    world = World(site=SITE, pose=Pose2(9.8, 0.0, math.pi), wish=lambda _t: (1.0, 0.0)).settle()
    world.run(0.8)
    assert 0.0 < world.linear_mps <= 0.2 + 1e-9
    world.run(1.2)
    assert world.linear_mps > 0.5
