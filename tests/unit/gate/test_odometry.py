"""Dead reckoning over a short time."""

from __future__ import annotations

import math

import pytest

from patrol_core.geometry import Pose2
from patrol_core.types.motion import Odometry
from patrol_gate.odometry import OdometryTrack


def drive(track: OdometryTrack, gyro_radps: float | None, wheel_radps: float) -> Pose2:
    """One second at 1 m/s; what the wheels believe starts anywhere."""
    pose = Pose2(3.0, -2.0, 0.7)
    for tick in range(51):
        track.add(Odometry(0.02 * tick, pose, 1.0, wheel_radps), gyro_radps)
        pose = pose.compose(Pose2(0.02, 0.0, 0.02 * wheel_radps))
    return track.newest()


@pytest.mark.parametrize(("gyro", "wheels"), [(0.5, 0.5), (0.5, 0.0), (None, 0.5)])
def test_the_gyro_turns_and_the_wheels_go(gyro: float | None, wheels: float) -> None:
    end = drive(OdometryTrack(), gyro, wheels)
    assert end.yaw_rad == pytest.approx(0.5, abs=1e-6)
    assert end.x_m == pytest.approx(math.sin(0.5) / 0.5, abs=0.01)
    assert end.y_m == pytest.approx((1.0 - math.cos(0.5)) / 0.5, abs=0.01)


def test_reversing_goes_back() -> None:
    track = OdometryTrack()
    for tick in range(11):
        track.add(Odometry(0.02 * tick, Pose2(-0.01 * tick, 0.0), -0.5, 0.0), 0.0)
    assert track.newest().x_m == pytest.approx(-0.1)


def test_between_two_samples_it_interpolates_and_beyond_it_does_not_know() -> None:
    track = OdometryTrack()
    drive(track, 0.0, 0.0)
    half = track.at(0.51)
    assert half is not None
    assert half.x_m == pytest.approx(0.51)
    assert track.at(1.04) is not None
    assert track.at(1.2) is None
    assert track.at(-0.1) is None


def test_a_jump_or_time_running_back_voids_what_was() -> None:
    track = OdometryTrack()
    drive(track, 0.0, 0.0)
    assert not track.add(Odometry(1.02, Pose2(9.0, 9.0), 1.0, 0.0), 0.0)
    assert track.at(0.5) is None
    assert not track.add(Odometry(0.5, Pose2(9.0, 9.0), 1.0, 0.0), 0.0)
    assert track.add(Odometry(0.52, Pose2(9.02, 9.0), 1.0, 0.0), 0.0)


def test_between_two_samples_all_of_a_pose_is_interpolated() -> None:
    track = OdometryTrack()
    drive(track, 0.5, 0.0)
    before, half, after = track.at(0.50), track.at(0.505), track.at(0.52)
    assert before is not None
    assert half is not None
    assert after is not None
    for name in ("x_m", "y_m", "yaw_rad"):
        a, b = getattr(before, name), getattr(after, name)
        assert getattr(half, name) == pytest.approx(a + 0.25 * (b - a))
    assert before.yaw_rad == pytest.approx(0.25)


def test_its_two_ends() -> None:
    track = OdometryTrack()
    drive(track, 0.5, 0.0)
    for stamp_s in (1.0, 1.04, 1.049):
        assert track.at(stamp_s) == track.newest()
    assert track.at(1.051) is None
    assert track.at(0.0) == Pose2(0.0, 0.0)
    assert OdometryTrack().at(0.0) is None


def test_it_forgets_what_is_older_than_a_second_and_a_half() -> None:
    track = OdometryTrack()
    for tick in range(150):
        track.add(Odometry(0.02 * tick, Pose2(0.01 * tick, 0.0), 0.5, 0.0), 0.0)
    newest_s = 0.02 * 149
    assert track.at(newest_s - 1.47) is not None
    assert track.at(newest_s - 1.53) is None


def test_the_same_stamp_again_is_no_jump_and_changes_nothing() -> None:
    track = OdometryTrack()
    drive(track, 0.0, 0.0)
    before = track.newest()
    assert track.add(Odometry(1.0, Pose2(9.0, 9.0), 1.0, 0.0), 0.0) is True
    assert track.newest() == before


@pytest.mark.parametrize(("travel_m", "steady"), [(0.59, True), (0.61, False)])
def test_a_jump_is_more_than_five_metres_a_second_and_ten_centimetres(
    travel_m: float, steady: bool
) -> None:
    track = OdometryTrack()
    assert track.add(Odometry(1.0, Pose2(0.0, 0.0), 1.0, 0.0), 0.0)
    assert track.add(Odometry(1.1, Pose2(travel_m, 0.0), 1.0, 0.0), 0.0) is steady
    assert track.newest().x_m == pytest.approx(travel_m if steady else 0.0)
    assert (track.at(1.0) is not None) is steady


def test_a_track_begins_anew_where_it_was_cleared() -> None:
    track = OdometryTrack()
    drive(track, 0.5, 0.0)
    track.clear()
    assert track.add(Odometry(1.02, Pose2(5.0, 5.0), 1.0, 0.0), 0.0)
    assert track.newest() == track.at(1.02) == Pose2(0.0, 0.0)
