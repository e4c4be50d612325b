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
