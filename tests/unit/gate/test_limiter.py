"""How much of a wanted velocity the limiter lets pass, tick by tick, without a gate around it."""

from __future__ import annotations

import math
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import pytest
from tests.gate_world import FRONT_M, ROBOT, make_site

from patrol_core.geometry import FloatArray, Pose2
from patrol_core.site.model import Dock
from patrol_gate.geofence import Geofence
from patrol_gate.limiter import Limited, Limiter
from patrol_gate.manoeuvre import STILL, Velocity
from patrol_gate.monitor import Observation
from patrol_gate.movers import NOBODY, Movers
from patrol_gate.params import GateParams
from patrol_gate.reasons import Reason
from patrol_gate.surroundings import NEAR_M, Surroundings
from patrol_gate.trail import Trail

LEFT_M = ROBOT.body.width_m / 2.0
HERE = Pose2(0.0, 0.0)
NOON = (0, 12 * 3600)
FAST, SLOW = Velocity(1.0, 0.0), Velocity(0.5, 0.0)
UNSEEN = Reason("unseen:ahead", "blind")


def wall(x_m: float) -> FloatArray:
    """Across the way, in base_link at the start."""
    return np.column_stack((np.full(21, x_m), np.linspace(-1.0, 1.0, 21)))


def around(points_m: FloatArray | None = None, movers: Movers = NOBODY) -> Surroundings:
    points = np.zeros((0, 2)) if points_m is None else points_m
    return Surroundings(0.0, points, movers, None, None, None)


NOTHING = around()


def seen(surroundings: Surroundings | None = NOTHING, **fields: Any) -> Observation:
    known: dict[str, Any] = {
        "velocity": STILL, "downhill_mps2": 0.0, "rest_s": 10.0, "odom": HERE, "age_s": 0.0,
        "scan_age_s": 0.0, "surroundings": surroundings, "pose": None, "degraded": False,
        "dock": None, "holds": (), "mission_holds": (), "alarms": (),
        "trail": Trail(ROBOT.body, 0.0),
    }  # fmt: skip
    return Observation(**(known | fields))


@dataclass
class Ticks:
    """A limiter, asked again and again."""

    params: GateParams = field(default_factory=GateParams)

    def __post_init__(self) -> None:
        margin_m = self.params.geofence_margin_m
        fence = Geofence(make_site(), ROBOT, margin_m, lambda _now: NOON)
        self.limiter = Limiter(self.params, ROBOT, fence)

    def limit(
        self,
        wanted: Velocity,
        at: Observation,
        now_s: float = 0.0,
        previous: Velocity = STILL,
        **flags: bool,
    ) -> Limited:
        return self.limiter.limit(wanted, previous, at, now_s, **flags)


@dataclass
class Found:
    """A way found clear at 0.5 m/s, and what is asked next, when the wall is 25 cm ahead."""

    ticks: Ticks = field(default_factory=Ticks)
    wish: Velocity = SLOW
    surroundings: Surroundings = field(default_factory=lambda: around(wall(2.5)))

    def __post_init__(self) -> None:
        far = seen(self.surroundings, velocity=self.wish)
        clear = self.ticks.limit(self.wish, far, 10.0)
        assert clear.velocity == self.wish
        assert clear.speed_limit_mps == ROBOT.drive.max_speed_mps
        self.nearer = replace(far, odom=Pose2(2.5 - FRONT_M - 0.25, 0.0))


def test_a_way_found_clear_is_not_tried_again_for_fifty_milliseconds() -> None:
    found = Found()
    again = found.ticks.limit(found.wish, found.nearer, 10.045)
    assert again.velocity == found.wish and again.speed_limit_mps == ROBOT.drive.max_speed_mps
    late = found.ticks.limit(found.wish, found.nearer, 10.055)
    assert abs(late.velocity.linear_mps) < 0.5 and late.reasons[0].key == "obstacle"
    assert late.speed_limit_mps == abs(late.velocity.linear_mps)


def test_another_wish_or_scan_or_an_override_is_tried_at_once() -> None:
    found = Found()
    assert found.ticks.limit(Velocity(0.6, 0.0), found.nearer, 10.02).reasons
    found = Found()
    other = replace(found.nearer, surroundings=around(wall(2.5)))
    assert found.ticks.limit(found.wish, other, 10.02).reasons
    found = Found()
    overridden = found.ticks.limit(found.wish, found.nearer, 10.02, override=True)
    assert overridden.velocity == Velocity(0.2, 0.0)
    assert [reason.key for reason in overridden.reasons] == ["override"]


def test_what_was_limited_is_tried_again_at_once() -> None:
    found = Found()
    assert found.ticks.limit(found.wish, found.nearer, 10.06).reasons
    away = replace(found.nearer, odom=HERE)
    assert found.ticks.limit(found.wish, away, 10.08).velocity == found.wish
    assert found.ticks.limit(Velocity(0.7, 0.0), found.nearer, 10.09).reasons
    assert found.ticks.limit(Velocity(0.7, 0.0), found.nearer, 10.1).reasons


def test_who_wants_to_stand_may_and_hears_how_near_things_are() -> None:
    ticks = Ticks()
    for wall_m in (2.0, 1.0):
        told = ticks.limit(STILL, seen(around(wall(wall_m))))
        assert told.velocity == STILL and told.reasons == ()
        assert told.clearance_m == pytest.approx(wall_m - FRONT_M)
        assert told.speed_limit_mps == ROBOT.drive.max_speed_mps
    assert ticks.limit(STILL, seen()).clearance_m == NEAR_M


def test_a_lidar_that_is_blind_behind_lets_nobody_back_up_and_says_so() -> None:
    blind = replace(NOTHING, unseen_behind=UNSEEN)
    backwards = Ticks().limit(Velocity(-0.3, 0.0), seen(blind))
    assert backwards.velocity == STILL and backwards.reasons == (UNSEEN,)
    assert backwards.speed_limit_mps == 0.0
    forwards = Ticks(GateParams(retrace_m=2.0)).limit(
        Velocity(0.3, 0.0), seen(replace(NOTHING, unseen_ahead=UNSEEN))
    )
    assert forwards.velocity == STILL and forwards.reasons == (UNSEEN,)
    turning = Ticks(GateParams(retrace_m=2.0)).limit(
        Velocity(0.0, 0.5), seen(replace(NOTHING, unseen_around=UNSEEN))
    )
    assert turning.velocity == STILL and turning.reasons == (UNSEEN,)
    off_trail = Ticks(GateParams(retrace_m=0.5)).limit(Velocity(-0.3, 0.0), seen(blind))
    assert off_trail.velocity == STILL
    assert off_trail.reasons == (Reason(UNSEEN.key, f"{UNSEEN.text}: standing"),)
    missing = Ticks(GateParams(retrace_m=2.0)).limit(Velocity(-0.3, 0.0), seen(None))
    assert missing.velocity == STILL and missing.reasons[0].key == "missing:scan"


def test_a_slope_that_takes_all_of_the_braking_holds_both_ways_alike() -> None:
    braking_mps2 = ROBOT.drive.max_deceleration_mps2 * GateParams().braking_fraction
    for wanted_mps in (0.3, -0.3):
        pull = math.copysign(braking_mps2 + 0.01, wanted_mps)
        steep = Ticks().limit(Velocity(wanted_mps, 0.0), seen(downhill_mps2=pull))
        assert steep.velocity == STILL and steep.reasons[0].key == "slope"
        assert steep.speed_limit_mps == 0.0
        upwards = Ticks().limit(Velocity(wanted_mps, 0.0), seen(downhill_mps2=-pull))
        assert upwards.reasons == ()
        rolling = seen(downhill_mps2=pull, velocity=Velocity(math.copysign(0.12, pull), 0.0))
        turned = Ticks().limit(Velocity(-wanted_mps, 0.0), rolling)
        assert turned.velocity == STILL and turned.reasons[0].key == "slope"
        slower = replace(rolling, velocity=Velocity(math.copysign(0.09, pull), 0.0))
        assert Ticks().limit(Velocity(-wanted_mps, 0.0), slower).reasons == ()


def test_a_limited_wish_is_tried_as_limited() -> None:
    at = seen(around(wall(FRONT_M + 0.3)), velocity=Velocity(0.2, 0.0))
    lost = Ticks().limit(FAST, at, creep=True)
    assert lost.velocity == Velocity(0.2, 0.0) and lost.speed_limit_mps == 0.2
    assert [reason.key for reason in lost.reasons] == ["lost"]
    assert Ticks().limit(FAST, at).velocity.linear_mps > 0.2


def test_caps_join_the_lowest_counts_and_what_is_slower_is_not_told() -> None:
    both = Ticks().limit(FAST, seen(degraded=True), creep=True)
    assert both.velocity == Velocity(0.2, 0.0) and both.speed_limit_mps == 0.2
    assert [reason.key for reason in both.reasons] == ["lost", "degraded"]
    for slow_mps in (0.2, 0.18):
        slow = Ticks().limit(Velocity(slow_mps, 0.0), seen(), creep=True)
        assert slow.velocity == Velocity(slow_mps, 0.0) and slow.reasons == ()
        assert slow.speed_limit_mps == 0.2


def test_at_a_dock_it_is_slow_beside_all_else_that_slows_it() -> None:
    dock = Dock("home", Pose2(3.0, 0.0), ((3.0, -0.2), (3.4, -0.2), (3.4, 0.2), (3.0, 0.2)), 1.0)
    docking = Ticks().limit(FAST, seen(dock=dock, pose=HERE), creep=True)
    assert docking.velocity == Velocity(0.1, 0.0)
    assert [reason.key for reason in docking.reasons] == ["lost", "dock"]
    assert "home" in docking.reasons[1].text


def test_within_the_margin_it_creeps_past() -> None:
    beside = around(np.array([[FRONT_M - 0.3, LEFT_M + 0.03]]))
    creeps = Ticks().limit(FAST, seen(beside))
    assert creeps.velocity == Velocity(0.2, 0.0) and creeps.speed_limit_mps == 0.2
    assert [reason.key for reason in creeps.reasons] == ["margin"]
    assert "0.03 m" in creeps.reasons[0].text


def test_the_older_the_odometry_the_farther_it_is_when_it_stops() -> None:
    at = seen(around(wall(FRONT_M + 0.35)), velocity=SLOW)
    assert Ticks().limit(SLOW, at, previous=SLOW).reasons == ()
    old = Ticks().limit(SLOW, replace(at, age_s=0.1), previous=SLOW)
    assert old.reasons[0].key == "obstacle"


def test_who_gave_way_stands_for_a_while() -> None:
    ticks = Ticks()
    somebody = Movers(np.array([[2.0, 0.0]]), np.array([[-1.0, 0.0]]), np.array([True]))
    stood = ticks.limit(SLOW, seen(around(movers=somebody)), 10.0)
    assert stood.velocity == STILL and stood.reasons[0].key == "moving"
    waits = ticks.limit(SLOW, seen(), 10.45)
    assert waits.velocity == STILL and waits.reasons[0].key == "moving"
    assert waits.speed_limit_mps == 0.0
    assert ticks.limit(SLOW, seen(), 10.55).velocity == SLOW


def test_who_stands_before_a_wall_need_not_wait_when_it_has_gone() -> None:
    ticks = Ticks()
    wall_here = seen(around(wall(FRONT_M + 0.07)))
    assert ticks.limit(SLOW, wall_here, 10.0).velocity == STILL
    assert ticks.limit(SLOW, seen(), 10.02).velocity == SLOW


def passed_before_walls(wanted: Velocity, previous: Velocity) -> set[float]:
    """What may pass of a wish to drive, over walls at all distances."""
    return {
        Ticks().limit(wanted, seen(around(wall(FRONT_M + float(away_m)))), previous=previous)
        .velocity.linear_mps
        for away_m in np.arange(0.06, 1.5, 0.005)
    }  # fmt: skip


def test_what_is_left_of_a_wish_is_nothing_or_worth_driving() -> None:
    """Sixteenths of the wish: next to nothing of it would only make the robot twitch."""
    start = passed_before_walls(Velocity(0.72, 0.0), STILL)
    assert min(start - {0.0}) == pytest.approx(0.09) and 0.0 in start
    start = passed_before_walls(Velocity(0.6, 0.0), STILL)
    assert min(start - {0.0}) == pytest.approx(0.1125)
    going = passed_before_walls(Velocity(0.368, 0.0), Velocity(0.01, 0.0))
    assert min(going - {0.0}) == pytest.approx(0.023)
    going = passed_before_walls(Velocity(0.288, 0.0), Velocity(0.01, 0.0))
    assert min(going - {0.0}) == pytest.approx(0.036)


def passed_beside_posts(wanted: Velocity, previous: Velocity) -> set[float]:
    """What may pass of a wish to turn, over posts that the front corner meets sooner or later."""
    turns = np.arange(0.0, 2.0, 0.01) + math.atan2(LEFT_M, FRONT_M)
    radius_m = math.hypot(FRONT_M, LEFT_M)
    posts = [np.array([[radius_m * math.cos(t), radius_m * math.sin(t)]]) for t in turns]
    return {
        Ticks().limit(wanted, seen(around(post)), previous=previous).velocity.angular_radps
        for post in posts
    }


def test_what_is_left_of_a_turn_is_nothing_or_worth_turning() -> None:
    start = passed_beside_posts(Velocity(0.0, 1.36), STILL)
    assert min(start - {0.0}) == pytest.approx(0.17) and 0.0 in start
    going = passed_beside_posts(Velocity(0.0, 0.88), Velocity(0.0, 0.1))
    assert min(going - {0.0}) == pytest.approx(0.055)


@pytest.mark.parametrize(("bearing_rad", "limited"), [(1.42, True), (1.6, False)])
def test_a_turn_counts_on_a_part_of_the_drives_braking(bearing_rad: float, limited: bool) -> None:
    turn, radius_m = Velocity(0.0, ROBOT.drive.max_yaw_rate_radps), math.hypot(FRONT_M, LEFT_M)
    post = (radius_m + 0.035) * np.array([[math.cos(bearing_rad), math.sin(bearing_rad)]])
    told = Ticks().limit(turn, seen(around(post), velocity=turn), previous=turn)
    assert bool(told.reasons) is limited


@pytest.mark.parametrize(("speed_mps", "alarms"), [(0.12, True), (0.09, False)])
def test_full_braking_that_falls_short_latches_after_a_while(
    speed_mps: float, alarms: bool
) -> None:
    at = seen(around(wall(FRONT_M + 0.001)), velocity=Velocity(speed_mps, 0.0))
    ticks = Ticks()
    told = [ticks.limiter.unstoppable(at, 0.02) for _ in range(20)]
    assert told[0] is None
    late = [reason is not None for reason in told]
    assert any(late) is alarms
    if alarms:
        assert late.index(True) * 0.02 == pytest.approx(ticks.params.unstoppable_s, abs=0.021)
        away = replace(at, surroundings=NOTHING)
        assert ticks.limiter.unstoppable(away, 0.02) is None
        assert ticks.limiter.unstoppable(at, -1.0) is None
        assert ticks.limiter.unstoppable(at, 0.02) is None


def test_where_the_way_was_found_clear_braking_cannot_fall_short() -> None:
    ticks = Ticks()
    moving = seen(velocity=SLOW)
    assert ticks.limit(SLOW, moving).reasons == ()
    near = replace(moving, surroundings=around(wall(FRONT_M + 0.001)))
    assert all(ticks.limiter.unstoppable(near, 0.02) is None for _ in range(40))
    assert ticks.limit(SLOW, near).reasons
    assert any(ticks.limiter.unstoppable(near, 0.02) is not None for _ in range(40))


def test_a_way_found_clear_is_so_for_a_wish_to_drive_alone() -> None:
    ticks = Ticks()
    moving = seen(velocity=SLOW)
    assert ticks.limit(SLOW, moving).reasons == ()
    near = replace(moving, surroundings=around(wall(FRONT_M + 0.001)))
    assert ticks.limit(STILL, near, 0.02).velocity == STILL
    assert any(ticks.limiter.unstoppable(near, 0.02) is not None for _ in range(40))
