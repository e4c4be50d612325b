from __future__ import annotations

import math

import numpy as np
import pytest

from patrol_core.geometry import Pose2, Transform3
from patrol_core.types.motion import Odometry
from patrol_core.types.sensors import Imu
from patrol_nav.localization.dead_reckoning import DeadReckoning
from patrol_nav.localization.params import MotionParams

UPRIGHT = Transform3((0.0, 0.0, 0.1))
TRACK_M = 0.44
DT_S = 0.05


def imu(stamp_s: float, rate_radps: float) -> Imu:
    return Imu(stamp_s, (0.0, 0.0, rate_radps), (0.0, 0.0, 9.81))


def stand(reckoning: DeadReckoning, rates: list[float]) -> float:
    for index, rate in enumerate(rates):
        stamp_s = index * DT_S
        reckoning.update(Odometry(stamp_s, Pose2(0.0, 0.0), 0.0, 0.0), imu(stamp_s, rate))
    return len(rates) * DT_S


def test_the_bias_of_the_gyro_is_learnt_at_rest() -> None:
    rng = np.random.default_rng(1)
    reckoning = DeadReckoning(MotionParams(), UPRIGHT, TRACK_M)
    stand(reckoning, list(0.015 + 0.002 * rng.standard_normal(100)))
    assert reckoning.bias.value_radps == pytest.approx(0.015, abs=0.001)


def test_the_bias_is_not_learnt_in_motion() -> None:
    reckoning = DeadReckoning(MotionParams(), UPRIGHT, TRACK_M)
    for index in range(100):
        stamp_s = index * DT_S
        reckoning.update(
            Odometry(stamp_s, Pose2(0.0, 0.0, 0.3 * stamp_s), 0.0, 0.3), imu(stamp_s, 0.3)
        )
    assert reckoning.bias.value_radps == 0.0


@pytest.mark.parametrize(("roll_rad", "sign"), [(0.0, 1.0), (math.pi, -1.0)])
def test_the_turn_comes_from_the_gyro_however_it_is_mounted(roll_rad: float, sign: float) -> None:
    mount = Transform3.from_rpy((0.0, 0.0, 0.1), (roll_rad, 0.0, 0.0))
    reckoning = DeadReckoning(MotionParams(), mount, TRACK_M)
    for index in range(21):
        stamp_s = index * DT_S
        slipping = Odometry(stamp_s, Pose2(0.0, 0.0, 0.8 * stamp_s), 0.0, 0.8)
        reckoning.update(slipping, imu(stamp_s, sign * 0.5))
    newest = reckoning.newest
    assert newest is not None
    assert newest.pose.yaw_rad == pytest.approx(0.5)
    assert newest.turn_rad == pytest.approx(0.5)
    assert newest.slip_m == pytest.approx(0.3 * TRACK_M)


@pytest.mark.parametrize("silent", [None, imu(-1.0, 3.0), imu(0.9, math.nan)])
def test_without_a_gyro_the_wheels_serve(silent: Imu | None) -> None:
    reckoning = DeadReckoning(MotionParams(), UPRIGHT, TRACK_M)
    reckoning.update(Odometry(0.9, Pose2(1.0, 2.0, 0.0), 1.0, 0.2), silent)
    reckoning.update(Odometry(1.0, Pose2(1.1, 2.0, 0.02), 1.0, 0.2), silent)
    newest = reckoning.newest
    assert newest is not None
    assert newest.pose.yaw_rad == pytest.approx(0.02)
    assert newest.way_m == pytest.approx(0.1)


def test_backing_up_goes_backwards() -> None:
    reckoning = DeadReckoning(MotionParams(), UPRIGHT, TRACK_M)
    reckoning.update(Odometry(0.0, Pose2(0.0, 0.0, math.pi / 2), -0.5, 0.0), imu(0.0, 0.0))
    reckoning.update(Odometry(1.0, Pose2(0.0, -0.5, math.pi / 2), -0.5, 0.0), imu(1.0, 0.0))
    newest = reckoning.newest
    assert newest is not None
    assert newest.pose.y_m == pytest.approx(-0.5)
    assert newest.way_m == pytest.approx(0.5)


def test_the_past_is_interpolated_and_the_future_short() -> None:
    reckoning = DeadReckoning(MotionParams(), UPRIGHT, TRACK_M)
    for index in range(101):
        stamp_s = index * DT_S
        reckoning.update(Odometry(stamp_s, Pose2(stamp_s, 0.0), 1.0, 0.0), imu(stamp_s, 0.0))
    middle, ahead = reckoning.at(4.06), reckoning.at(5.1)
    assert middle is not None
    assert middle.pose.x_m == pytest.approx(4.06)
    assert middle.way_m == pytest.approx(4.06)
    assert ahead is not None
    assert ahead.pose.x_m == pytest.approx(5.1)
    assert reckoning.at(6.0) is None
    assert reckoning.at(0.5) is None


def test_an_old_sample_changes_nothing() -> None:
    reckoning = DeadReckoning(MotionParams(), UPRIGHT, TRACK_M)
    reckoning.update(Odometry(1.0, Pose2(0.0, 0.0), 0.0, 0.0), None)
    reckoning.update(Odometry(1.0, Pose2(5.0, 0.0), 0.0, 0.0), None)
    reckoning.update(Odometry(0.9, Pose2(5.0, 0.0), 0.0, 0.0), None)
    newest = reckoning.newest
    assert newest is not None
    assert newest.pose == Pose2(0.0, 0.0)
