"""Systematic odometry errors, from squares driven both ways round, and what corrects them.

UMBmark: Borenstein and Feng 1996, "Measurement and Correction of Systematic Odometry Errors in
Mobile Robots", IEEE Trans. Robotics and Automation 12(6), 869-880. Two causes are told apart:
the wheels' diameters differ, which bends the legs (their type B, angle beta), and the wheel base
is not what is believed, which makes the turns too wide or too narrow (type A, angle alpha). One
of them alone can hide the other in one direction, never in both. The equations here were derived
anew, and agree with the paper's as others quote them; the paper itself was not at hand.

Everything is in the frame of the start: x along the first leg, y to its left. An error is where
the robot really stands at the end, minus where its odometry says that it stands.

Two things differ from the paper. Its equations hold for small angles; here they are only the
start of a least-squares fit of the exact square, which matters from about 1 % on. And its R, the
radius of a bent leg, is the side divided by beta here: the odometry counts along the arc.

The mean of the two radii is left as it is: no square shows it, a tape beside a straight leg does.
"""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum

import numpy as np

from patrol_core.errors import RondaError
from patrol_core.geometry import FloatArray
from patrol_core.robot import Wheels

USUAL_RUNS = 5
"""Squares each way that the paper asks for."""

_LARGEST_RAD = math.radians(30.0)
_STEP_RAD = 1e-6
_ROUNDS = 20


class Direction(Enum):
    """Which way round: right or left at every corner."""

    CW = "cw"
    CCW = "ccw"

    @property
    def sign(self) -> float:
        """Of the turns, counter-clockwise positive."""
        return 1.0 if self is Direction.CCW else -1.0


@dataclass(frozen=True, slots=True)
class SquareError:
    """How far one square ended from where the odometry says."""

    direction: Direction
    x_m: float
    y_m: float


@dataclass(frozen=True, slots=True)
class Cluster:
    """The errors of one direction: their centre of gravity, and how sure it is (1 sigma, of the
    distance; NaN from a single square)."""

    x_m: float
    y_m: float
    uncertainty_m: float
    count: int

    @property
    def distance_m(self) -> float:
        return math.hypot(self.x_m, self.y_m)


@dataclass(frozen=True, slots=True)
class Calibration:
    """What squares tell. `wheel_ratio` is right by left diameter (E_d) and `separation_ratio`
    real by believed wheel base (E_b), both beside what the robot file says now."""

    clusters: dict[Direction, Cluster]
    alpha_rad: float
    beta_rad: float
    wheel_ratio: float
    separation_ratio: float
    wheels: Wheels
    """The corrected numbers."""
    worst_m: float
    """E_max,syst: the farther of the two centres of gravity."""
    residual_m: float
    """What E_max,syst should be once corrected: what neither cause explains, and the
    uncertainty of the centres. NaN when a direction has a single square."""


def clusters_of(errors: Sequence[SquareError]) -> dict[Direction, Cluster]:
    """Centres of gravity of both directions. Raises RondaError when one has no square."""
    return {direction: _cluster(errors, direction) for direction in Direction}


def worst_error_m(clusters: dict[Direction, Cluster]) -> float:
    """E_max,syst, the paper's measure of a robot's systematic errors."""
    return max(cluster.distance_m for cluster in clusters.values())


def calibrate(errors: Sequence[SquareError], side_m: float, wheels: Wheels) -> Calibration:
    """Corrected numbers for `wheels`, with which the squares of side `side_m` were driven.

    Raises RondaError when a direction is missing, or no square could end like this.
    """
    clusters = clusters_of(errors)
    ends = np.array([(clusters[d].x_m, clusters[d].y_m) for d in Direction])
    alpha, beta = _fit(ends, side_m)
    separation_ratio = (math.pi / 2.0) / (math.pi / 2.0 - alpha)
    separation_m = wheels.separation_m * separation_ratio
    bend = separation_m * beta / (2.0 * side_m)
    wheel_ratio = (1.0 + bend) / (1.0 - bend)
    left = wheels.left_radius_scale * 2.0 / (wheel_ratio + 1.0)
    right = wheels.right_radius_scale * 2.0 / (1.0 / wheel_ratio + 1.0)
    keep_mean = (wheels.left_radius_scale + wheels.right_radius_scale) / (left + right)
    corrected = dataclasses.replace(
        wheels,
        separation_m=separation_m,
        left_radius_scale=left * keep_mean,
        right_radius_scale=right * keep_mean,
    )
    unexplained = np.linalg.norm(ends - _square_ends(alpha, beta, side_m), axis=1)
    unsure = np.array([clusters[d].uncertainty_m for d in Direction])
    return Calibration(
        clusters, alpha, beta, wheel_ratio, separation_ratio, corrected,
        worst_error_m(clusters), float(np.max(np.hypot(unexplained, unsure))),
    )  # fmt: skip


def _cluster(errors: Sequence[SquareError], direction: Direction) -> Cluster:
    ends = np.array([(e.x_m, e.y_m) for e in errors if e.direction is direction])
    count = len(ends)
    if count == 0:
        raise RondaError(
            f"no square was driven {direction.value}",
            expected=f"squares both ways, {USUAL_RUNS} each",
            remedy=f"./ronda motors square --direction {direction.value}",
        )
    x_m, y_m = ends.mean(axis=0).tolist()
    if count == 1:
        return Cluster(x_m, y_m, math.nan, count)
    variance_m2 = float(ends.var(axis=0, ddof=1).sum())
    return Cluster(x_m, y_m, math.sqrt(variance_m2 / count), count)


def _square_ends(alpha_rad: float, beta_rad: float, side_m: float) -> FloatArray:
    """Where squares that the odometry takes for closed end, (2, 2): x and y, cw and ccw.

    Each leg is an arc that bends by beta to the left; each turn lacks alpha of a right angle.
    """
    legs = np.arange(4)
    chord_m = side_m * float(np.sinc(beta_rad / (2.0 * math.pi)))
    ends = []
    for direction in Direction:
        turned = direction.sign * (math.pi / 2.0 - alpha_rad) + beta_rad
        heading = legs * turned + beta_rad / 2.0
        ends.append((chord_m * np.cos(heading).sum(), chord_m * np.sin(heading).sum()))
    return np.array(ends)


def _fit(ends: FloatArray, side_m: float) -> tuple[float, float]:
    """Alpha and beta by Gauss and Newton, from the paper's equations for small angles as
    a start: the means of what x and y tell."""
    (x_cw, y_cw), (x_ccw, y_ccw) = ends.tolist()
    alpha = (x_cw + x_ccw + y_cw - y_ccw) / (-8.0 * side_m)
    beta = (x_cw - x_ccw + y_cw + y_ccw) / (-8.0 * side_m)
    for _ in range(_ROUNDS):
        if max(abs(alpha), abs(beta)) > _LARGEST_RAD:
            raise RondaError(
                f"no square of {side_m:g} m ends like this: "
                f"{math.hypot(x_cw, y_cw):.2f} m (cw) and {math.hypot(x_ccw, y_ccw):.2f} m (ccw)",
                expected="wheels and turns that are wrong by some percent",
                remedy="check the signs (x along the first leg, y to its left), the side, and "
                "the robot file; measure radius and separation with a tape first",
            )
        now = _square_ends(alpha, beta, side_m)
        slopes = np.stack(
            [
                (_square_ends(alpha + _STEP_RAD, beta, side_m) - now).ravel(),
                (_square_ends(alpha, beta + _STEP_RAD, side_m) - now).ravel(),
            ],
            axis=1,
        )
        step = np.linalg.lstsq(slopes / _STEP_RAD, (ends - now).ravel(), rcond=None)[0]
        alpha, beta = alpha + float(step[0]), beta + float(step[1])
    return alpha, beta
