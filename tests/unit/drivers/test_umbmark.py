"""UMBmark finds again what was put into a robot's wheels, and says how sure it is."""

from __future__ import annotations

import dataclasses
import math
from functools import lru_cache
from itertools import product

import numpy as np
import pytest

from patrol_core.errors import RondaError
from patrol_core.geometry import Pose2
from patrol_core.robot import Wheels
from patrol_core.wheel_odometry import WheelOdometry
from patrol_drivers.base.square import SquareDrive
from patrol_drivers.base.umbmark import (
    Calibration,
    Direction,
    SquareError,
    calibrate,
    clusters_of,
    worst_error_m,
)

WHEELS = Wheels(0.09, 0.06, 0.44, 4096, 0.05, 0.34)
SIDE_M = 4.0
DT_S = 0.04


class Reckoning(WheelOdometry):
    """Wheel odometry that does not count how unsure it is, which takes most of the time."""

    def _grow(self, *_: float) -> None:
        pass


@lru_cache
def driven(believed: Wheels, real: Wheels, direction: Direction) -> tuple[SquareError, Pose2]:
    """A square by a robot whose wheels are not what it believes: error and odometry's end."""
    belief, truth = Reckoning(believed), Reckoning(real)
    square, now_s = SquareDrive(SIDE_M, direction), 0.0
    while not square.done and now_s < 300.0:
        linear, angular = square.step(belief.odometry(now_s))
        turn = angular * believed.separation_m / 2.0
        left_rad = (linear - turn) / believed.left_radius_m * DT_S
        right_rad = (linear + turn) / believed.right_radius_m * DT_S
        belief.step(left_rad, right_rad, DT_S)
        truth.step(left_rad, right_rad, DT_S)
        now_s += DT_S
    assert square.done
    told, is_at = belief.odometry(now_s).pose, truth.odometry(now_s).pose
    return SquareError(direction, is_at.x_m - told.x_m, is_at.y_m - told.y_m), told


def squares(believed: Wheels, real: Wheels) -> list[SquareError]:
    return [driven(believed, real, direction)[0] for direction in Direction]


def changed(left: float, right: float, separation: float) -> Wheels:
    return dataclasses.replace(
        WHEELS,
        left_radius_scale=left,
        right_radius_scale=right,
        separation_m=WHEELS.separation_m * separation,
    )


@pytest.mark.parametrize("direction", Direction)
def test_a_square_ends_where_it_began(direction: Direction) -> None:
    error, told = driven(WHEELS, WHEELS, direction)
    assert error.x_m == error.y_m == 0.0
    assert math.hypot(told.x_m, told.y_m) < 0.02 and abs(told.yaw_rad) < 0.01


def test_the_square_turns_the_way_it_was_asked_to() -> None:
    for direction in Direction:
        odometry, square = Reckoning(WHEELS), SquareDrive(1.0, direction)
        farthest = 0.0
        for tick in range(1200):
            now = odometry.odometry(tick * DT_S)
            linear, angular = square.step(now)
            turn = angular * 0.22
            odometry.step((linear - turn) / 0.09 * DT_S, (linear + turn) / 0.09 * DT_S, DT_S)
            farthest = max(farthest, now.pose.y_m * direction.sign)
        assert square.done and farthest == pytest.approx(1.0, abs=0.02)


@pytest.mark.parametrize(
    ("left", "right", "separation"), [(0.99, 1.01, 1.03), (1.005, 0.995, 0.97)]
)
def test_it_finds_what_was_wrong(left: float, right: float, separation: float) -> None:
    real = changed(left, right, separation)
    found = calibrate(squares(WHEELS, real), SIDE_M, WHEELS)
    assert found.wheel_ratio == pytest.approx(right / left, abs=3e-4)
    assert found.separation_ratio == pytest.approx(separation, abs=1e-3)
    assert found.wheels.left_radius_m + found.wheels.right_radius_m == pytest.approx(0.18)
    after = worst_error_m(clusters_of(squares(found.wheels, real)))
    assert after < found.worst_m / 50.0


def test_a_calibrated_robot_can_be_calibrated_again() -> None:
    """The second time the numbers of the file are not those of the tape any more."""
    first, real = changed(1.01, 0.99, 1.02), changed(1.005, 0.995, 1.0)
    found = calibrate(squares(first, real), SIDE_M, first)
    assert found.wheels.left_radius_scale == pytest.approx(1.005, abs=1e-3)
    assert found.wheels.right_radius_scale == pytest.approx(0.995, abs=1e-3)
    assert found.wheels.separation_m == pytest.approx(0.44, abs=1e-3)


def test_small_errors_give_what_the_papers_equations_give() -> None:
    """For angles of some milliradians."""
    ends = {Direction.CW: (-0.011, -0.009), Direction.CCW: (-0.003, 0.005)}
    errors = [SquareError(direction, x, y) for direction, (x, y) in ends.items()]
    found = calibrate(errors, SIDE_M, WHEELS)
    alpha = (-0.014 / (-4 * SIDE_M) + -0.014 / (-4 * SIDE_M)) / 2.0
    beta = (-0.008 / (-4 * SIDE_M) + -0.004 / (-4 * SIDE_M)) / 2.0
    bend_m = SIDE_M / 2.0 / math.sin(beta / 2.0)
    ratio = (bend_m + 0.22) / (bend_m - 0.22)
    assert found.alpha_rad == pytest.approx(alpha, rel=0.02)
    assert found.beta_rad == pytest.approx(beta, rel=0.02)
    assert found.wheel_ratio - 1.0 == pytest.approx(ratio - 1.0, rel=0.02)
    assert found.separation_ratio == pytest.approx(90.0 / (90.0 - math.degrees(alpha)), rel=1e-4)
    assert found.wheels.left_radius_scale == pytest.approx(2.0 / (ratio + 1.0), rel=1e-6)
    assert found.worst_m == pytest.approx(math.hypot(0.011, 0.009))


def scattered(spread_m: float, count: int) -> Calibration:
    rng = np.random.default_rng(4)
    real = changed(0.995, 1.005, 1.01)
    centres = {error.direction: error for error in squares(WHEELS, real)}
    errors = [
        SquareError(d, *(np.array((e.x_m, e.y_m)) + rng.normal(0.0, spread_m, 2)).tolist())
        for (d, e), _ in product(centres.items(), range(count))
    ]
    return calibrate(errors, SIDE_M, WHEELS)


def test_it_says_what_will_be_left() -> None:
    few, many = scattered(0.05, 5), scattered(0.05, 200)
    assert 0.01 < few.residual_m < 0.1
    assert many.residual_m < 0.02 < many.worst_m
    assert math.isnan(scattered(0.05, 1).residual_m)


def test_what_no_square_does_is_refused() -> None:
    with pytest.raises(RondaError, match="no square was driven ccw"):
        calibrate([SquareError(Direction.CW, 0.1, 0.0)], SIDE_M, WHEELS)
    far = [SquareError(direction, 9.0, -9.0) for direction in Direction]
    with pytest.raises(RondaError, match="ends like this"):
        calibrate(far, SIDE_M, WHEELS)
