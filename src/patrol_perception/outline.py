"""Rectangles round what the lidar sees of a thing."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from patrol_core.geometry import FloatArray

_CLOSEST_M = 0.04
_HEADINGS_RAD = np.arange(0.0, math.pi / 2.0, math.radians(3.0))
_AXES = np.stack((np.cos(_HEADINGS_RAD), np.sin(_HEADINGS_RAD)))
_ACROSS = np.stack((-np.sin(_HEADINGS_RAD), np.cos(_HEADINGS_RAD)))


@dataclass(frozen=True, slots=True)
class Outline:
    """A rectangle in `map`: centre, long and short side, heading of the long side."""

    x_m: float
    y_m: float
    length_m: float
    width_m: float
    yaw_rad: float

    def corners_m(self) -> FloatArray:
        """Its corners and its middle, shape (5, 2)."""
        cos, sin = math.cos(self.yaw_rad), math.sin(self.yaw_rad)
        along, across = np.array((cos, sin)), np.array((-sin, cos))
        signs = np.array(((1, 1), (-1, 1), (-1, -1), (1, -1), (0, 0))) / 2.0
        middle = np.array((self.x_m, self.y_m))
        lengths, widths = signs[:, :1] * self.length_m, signs[:, 1:] * self.width_m
        return np.asarray(middle + lengths * along + widths * across)

    def distances_m(self, points_m: FloatArray) -> FloatArray:
        """Distance of points (N, 2) to the rectangle, shape (N,); 0 inside."""
        cos, sin = math.cos(self.yaw_rad), math.sin(self.yaw_rad)
        away = points_m - (self.x_m, self.y_m)
        along = np.abs(away @ (cos, sin)) - self.length_m / 2.0
        across = np.abs(away @ (-sin, cos)) - self.width_m / 2.0
        return np.asarray(np.hypot(np.maximum(along, 0.0), np.maximum(across, 0.0)))


def outline_of(points_m: FloatArray) -> Outline:
    """The rectangle whose sides lie closest to points (N, 2).

    Closeness criterion of Zhang, Xu, Dong and Dolan 2017 (L-shape fitting): a corner seen from
    outside gets the rectangle it belongs to, where the smallest one may lie across it.
    """
    middle = points_m.mean(axis=0)
    along = (points_m - middle) @ _AXES
    across = (points_m - middle) @ _ACROSS
    sides = np.stack((along, across))
    low, high = sides.min(axis=1), sides.max(axis=1)
    to_edge = np.minimum(sides - low[:, None], high[:, None] - sides).min(axis=0)
    best = int(np.argmax(np.sum(1.0 / np.maximum(to_edge, _CLOSEST_M), axis=0)))
    (a, b), (u, v) = (high - low)[:, best], (high + low)[:, best] / 2.0
    x, y = middle + u * _AXES[:, best] + v * _ACROSS[:, best]
    yaw = float(_HEADINGS_RAD[best]) + (0.0 if a >= b else math.pi / 2.0)
    return Outline(
        float(x), float(y), float(max(a, b)), float(min(a, b)), math.remainder(yaw, math.pi)
    )
