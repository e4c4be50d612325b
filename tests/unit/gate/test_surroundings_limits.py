"""Where the limits of what the gate takes from scans lie."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import numpy.typing as npt
import pytest
from tests.gate_world import FRONT_M, ROBOT
from tests.unit.gate.test_surroundings import AHEAD, clear, drop_at, look, scan_of

from patrol_core.geometry import Pose2
from patrol_gate.manoeuvre import Velocity
from patrol_gate.surroundings import Lookout, Surroundings

BEAM_RAD = math.tau / 720
HERE = Pose2(0.0, 0.0)
Ranges = npt.NDArray[np.float64]


def beams(degrees: float) -> int:
    return AHEAD + round(math.radians(degrees) / BEAM_RAD)


def patch(range_m: float, first: int = AHEAD, count: int = 5, far_m: float = 20.0) -> Ranges:
    ranges = np.full(720, far_m)
    ranges[first : first + count] = range_m
    return ranges


def later(*scans: tuple[float, Ranges], poses: tuple[Pose2, ...] = ()) -> Surroundings:
    """What is seen at the last of scans with their stamps."""
    lookout = Lookout(ROBOT)
    for number, (stamp_s, ranges) in enumerate(scans):
        seen = lookout.look(scan_of(ranges, stamp_s), poses[number] if poses else HERE)
    return seen


def moving(*scans: tuple[float, Ranges]) -> int:
    return len(later(*scans).movers.points_m)


@pytest.mark.parametrize(("range_m", "count"), [(7.5, 5), (9.0, 0)])
def test_what_moves_is_told_up_to_eight_metres(range_m: float, count: int) -> None:
    assert moving((0.0, patch(20.0)), (0.4, patch(range_m))) == count


@pytest.mark.parametrize(("range_m", "count"), [(3.9, 5), (4.1, 0)])
def test_what_stands_is_told_up_to_four_metres(range_m: float, count: int) -> None:
    assert len(look(patch(range_m)).points_m) == count


def test_what_moves_is_told_at_the_first_beam_and_the_last() -> None:
    now = patch(3.0, 0)
    now[-5:] = 3.0
    assert moving((0.0, patch(20.0)), (0.4, now)) == 10


@pytest.mark.parametrize(("nearer_m", "count"), [(0.13, 0), (0.22, 5)])
def test_it_has_moved_when_its_place_was_looked_through_by_a_good_deal(
    nearer_m: float, count: int
) -> None:
    before = patch(2.0 + nearer_m, far_m=2.0 + nearer_m)
    assert moving((0.0, before), (0.4, patch(2.0, far_m=2.0 + nearer_m))) == count


@pytest.mark.parametrize(("count", "told"), [(2, 0), (3, 3)])
def test_three_beams_beside_each_other_make_something_that_moves(count: int, told: int) -> None:
    assert moving((0.0, patch(20.0)), (0.4, patch(3.0, count=count))) == told


@pytest.mark.parametrize(
    ("first", "told"), [(AHEAD - 6, 3), (AHEAD - 5, 0), (AHEAD + 203, 3), (AHEAD + 202, 0)]
)
def test_what_comes_out_from_behind_an_edge_needs_three_beams_between(
    first: int, told: int
) -> None:
    """The beam beside the edge may have passed it or not, by a hair."""
    edge = patch(1.0, AHEAD, 200)
    now = edge.copy()
    now[first : first + 3] = 3.0
    assert moving((0.0, edge), (0.4, now)) == told


@pytest.mark.parametrize(("passed_s", "told"), [(0.345, 5), (0.3, 0)])
def test_a_scan_of_less_than_a_third_of_a_second_ago_tells_nothing_of_motion(
    passed_s: float, told: int
) -> None:
    assert moving((0.0, patch(20.0)), (passed_s, patch(3.0))) == told


@pytest.mark.parametrize(("first_s", "told"), [(0.3, 5), (0.1, 0)])
def test_a_scan_of_more_than_a_second_ago_is_forgotten(first_s: float, told: int) -> None:
    far = patch(20.0)
    assert moving((first_s, far), (1.15, far), (1.25, patch(3.0))) == told


@pytest.mark.parametrize("range_m", [0.6, 2.0])
@pytest.mark.parametrize(("turn_rad", "new_beams"), [(BEAM_RAD, 3), (0.2, 20)])
def test_what_an_earlier_scan_could_not_see_does_not_move(
    turn_rad: float, new_beams: int, range_m: float
) -> None:
    """A lidar of 270 degrees turns: what comes into its view was never looked through."""
    lookout = Lookout(ROBOT)
    far = replace(scan_of(np.full(541, 20.0)), angle_min_rad=-0.75 * math.pi)
    lookout.look(far, HERE)
    ranges = np.full(541, 20.0)
    ranges[-new_beams:] = range_m
    scan = replace(scan_of(ranges, 0.4), angle_min_rad=-0.75 * math.pi)
    seen = lookout.look(scan, Pose2(0.0, 0.0, turn_rad))
    assert len(seen.movers.points_m) == 0
    assert len(seen.points_m) > 0


def test_where_an_earlier_scan_was_blind_nothing_moves() -> None:
    blind = patch(np.nan, AHEAD - 20, 40)
    assert moving((0.0, blind), (0.4, patch(0.6))) == 0


def test_what_was_seen_before_a_pause_or_by_another_lidar_is_not_compared() -> None:
    lookout = Lookout(ROBOT)
    lookout.look(scan_of(patch(20.0)), HERE)
    lookout.clear()
    assert len(lookout.look(scan_of(patch(3.0), 0.4), HERE).movers.points_m) == 0
    fewer = scan_of(patch(20.0)[:541], 0.8)
    assert len(lookout.look(fewer, HERE).movers.points_m) == 0
    fewer = scan_of(patch(20.0, 500)[:541], 1.2)
    other = replace(scan_of(patch(2.0)[:541], 1.6), angle_min_rad=-0.75 * math.pi)
    lookout.look(fewer, HERE)
    assert len(lookout.look(other, HERE).movers.points_m) == 0


def test_what_moves_is_told_by_a_lidar_that_begins_at_another_angle() -> None:
    lookout = Lookout(ROBOT)
    for stamp_s, ranges in ((0.0, patch(20.0)[:541]), (0.4, patch(2.0, 100)[:541])):
        scan = replace(scan_of(ranges, stamp_s), angle_min_rad=-0.6 * math.pi)
        seen = lookout.look(scan, HERE)
    assert len(seen.movers.points_m) == 5


@pytest.mark.parametrize(("shift_m", "count"), [(0.14, 1), (0.17, 0)])
def test_two_scans_agree_on_what_is_at_one_place(shift_m: float, count: int) -> None:
    seen = look(drop_at(AHEAD, 2.0), drop_at(AHEAD, 2.0 + shift_m))
    assert len(seen.points_m) == count


def test_two_scans_agree_on_one_of_many_places() -> None:
    wall = patch(3.0, 0, 100)
    before, now = wall.copy(), wall.copy()
    before[AHEAD] = now[AHEAD] = 2.0
    assert len(look(before, now).points_m) == 101


def test_what_one_scan_saw_alone_is_forgotten_after_two_more() -> None:
    drop, nothing = drop_at(AHEAD, 2.0), clear()
    assert len(look(nothing, drop).points_m) == 0
    assert len(look(drop, nothing, drop).points_m) == 1
    assert len(look(drop, nothing, nothing, drop).points_m) == 0


@pytest.mark.parametrize(("apart", "count"), [(1, 2), (2, 2), (3, 0)])
def test_returns_agree_with_the_beams_beside_them_and_the_next(apart: int, count: int) -> None:
    ranges = drop_at(AHEAD, 2.0)
    ranges[AHEAD + apart] = 2.0
    assert len(look(ranges).points_m) == count


@pytest.mark.parametrize(("depth_m", "count"), [(2.19, 2), (2.215, 0)])
def test_beams_agree_within_ten_centimetres_and_a_twentieth(depth_m: float, count: int) -> None:
    ranges = drop_at(AHEAD, 2.0)
    ranges[AHEAD + 1] = depth_m
    assert len(look(ranges).points_m) == count


def test_what_is_nearer_than_a_lidar_can_measure_blinds_it() -> None:
    ranges = patch(0.5, AHEAD - 30, 60)
    scan = replace(scan_of(ranges), range_min_m=0.6)
    seen = Lookout(ROBOT).look(scan, HERE)
    assert len(seen.points_m) == 0 and seen.unseen_ahead is not None


@pytest.mark.parametrize(("depth_m", "count"), [(0.04, 1), (0.055, 0)])
def test_returns_from_within_the_body_are_its_own(depth_m: float, count: int) -> None:
    ranges = clear()
    ranges[AHEAD : AHEAD + 2] = FRONT_M - ROBOT.lidar.xyz_m[0] - depth_m
    assert len(look(ranges).points_m) == count


@pytest.mark.parametrize(("range_m", "kept"), [(1.4, 80), (0.7, 40), (0.5, 20)])
def test_one_in_two_and_in_four_is_kept_of_what_is_near(range_m: float, kept: int) -> None:
    ranges = clear()
    ranges[AHEAD - 40 : AHEAD + 40] = range_m
    assert len(look(ranges).points_m) == kept


def test_what_is_farther_off_beside_something_near_is_kept() -> None:
    ranges = clear()
    ranges[AHEAD - 40 : AHEAD + 40 : 2] = 1.0
    ranges[AHEAD - 39 : AHEAD + 40 : 2] = 3.0
    assert len(look(ranges).points_m) == 80


@pytest.mark.parametrize(("from_deg", "to_deg"), [(47.0, 60.0), (-60.0, -47.0), (-6.0, 7.0)])
def test_a_gap_of_thirteen_degrees_within_sixty_blinds_ahead(
    from_deg: float, to_deg: float
) -> None:
    ranges = clear()
    ranges[beams(from_deg) : beams(to_deg)] = np.nan
    seen = look(ranges)
    assert seen.unseen_ahead is not None
    assert seen.unseen_behind is None
    assert seen.unseen(Velocity(1.0, 0.0), 0.5) is seen.unseen_ahead


def test_a_gap_farther_aside_or_narrower_does_not() -> None:
    for from_deg, to_deg in ((61.0, 75.0), (-4.0, 5.0)):
        ranges = clear()
        ranges[beams(from_deg) : beams(to_deg)] = np.nan
        assert look(ranges).unseen_ahead is None


def test_too_many_lost_beams_blind_without_any_gap() -> None:
    seen = look(np.where(np.arange(720) % 2 > 0, np.nan, np.inf))
    assert seen.unseen_ahead is not None and seen.unseen_behind is not None
