"""The face of a gauge in a picture: from about where it is to exactly where.

Dial coordinates: unit the radius of the ring that was found, x right, y up; angles clockwise from
straight up. A seen circle tells an affine map but for a turn; because the camera is level, what is
up on a wall is up in the picture, which fixes the turn (the triangular root of the ellipse).
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import cv2
import numpy as np

from patrol_core.geometry import FloatArray
from patrol_perception.inspection.weighing import Numbers
from patrol_perception.view import Image

_ANGLES = np.arange(180) * (math.pi / 90.0)
_SIN, _COS = np.sin(_ANGLES), np.cos(_ANGLES)
_FIRST, _STEP, _RADII = 0.5, 0.01, 101
_BASIS = np.column_stack((np.ones(180), _SIN, _COS, np.cos(2.0 * _ANGLES), np.sin(2.0 * _ANGLES)))
_COARSE = np.array(
    [
        (radius, x, y, 0.0, 0.0)
        for radius in np.arange(0.76, 1.32, 0.03)
        for x in np.arange(-0.2, 0.21, 0.05)
        for y in np.arange(-0.2, 0.21, 0.05)
    ]
)
_EVERY = 5
_USUAL = np.exp(-0.5 * ((_COARSE[:, 0] - 1.0) / 0.2) ** 2)
_WINDOWS = (0.07, 0.05, 0.03)
_OFF = 0.015


@dataclass(frozen=True, slots=True, eq=False)
class Dial:
    """A ring that was found. `to_image` (3, 3): from dial coordinates to pixels.

    `ring_share`: of the ring's angles, how many show an edge there; `ring_off`: their rms distance
    from it, in radii; `shape_off`: how far the shape departs from the one that was expected.
    """

    to_image: FloatArray
    ring_share: float
    ring_off: float
    shape_off: float


def polar(image: Image, to_image: FloatArray, angles: Numbers, radii: Numbers) -> Numbers:
    """The picture along rays from the dial's middle, (angles, radii, channels) float32."""
    x, y = np.outer(np.sin(angles), radii), np.outer(np.cos(angles), radii)
    seen = np.stack((x, y, np.ones_like(x)), axis=-1) @ to_image.T
    pixels = (seen[..., :2] / seen[..., 2:]).astype(np.float32)
    rays = cv2.remap(
        image, pixels[..., 0], pixels[..., 1], cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE
    )
    return np.asarray(rays, np.float32).reshape(len(angles), len(radii), -1)


def find_dial(image: Image, about: FloatArray) -> Dial:
    """The ring near the unit circle of `about`; image (H, W, 3)."""
    to_image, shape = about, np.eye(3)
    share, off = 0.0, math.inf
    for turn in range(3):
        edges = _edges(image, to_image)
        start = _coarse(edges) if turn == 0 else np.array([1.0, 0.0, 0.0, 0.0, 0.0])
        fit, share, off = _fitted(edges, start, _WINDOWS if turn == 0 else _WINDOWS[1:])
        radius, x, y, squeeze, shear = fit.tolist()
        move = np.array(
            [[radius - squeeze, 0.0, x], [2.0 * shear, radius + squeeze, y], [0.0, 0.0, 1.0]]
        )
        to_image, shape = to_image @ move, shape @ move
    scale = math.sqrt(abs(shape[0, 0] * shape[1, 1]))
    departs = float(max(abs(shape[0, 0] - shape[1, 1]), abs(shape[1, 0]))) / max(scale, 1e-6)
    return Dial(to_image, share, off, departs)


def _edges(image: Image, to_image: FloatArray) -> FloatArray:
    """Change of brightness along every ray, (angles, radii), in units of its usual size."""
    radii = _FIRST + _STEP * np.arange(_RADII)
    rays = polar(image, to_image, _ANGLES, radii).mean(axis=2)
    smooth = cv2.GaussianBlur(rays, (0, 0), sigmaX=1.5, sigmaY=1.0)
    change = np.gradient(smooth, axis=1)
    usual = float(np.percentile(np.abs(change), 80)) + 0.05
    return np.asarray(np.tanh(change / (2.0 * usual)))


def _coarse(edges: FloatArray) -> FloatArray:
    """The circle on which the change of brightness agrees best."""
    wide = cv2.blur(edges, (5, 1))[::_EVERY]
    radii = _COARSE @ _BASIS[::_EVERY].T
    index = np.clip(np.rint((radii - _FIRST) / _STEP).astype(int), 0, _RADII - 1)
    along = wide[np.arange(wide.shape[0]), index]
    return np.asarray(_COARSE[int(np.argmax(np.abs(along.mean(axis=1)) * _USUAL))])


def _fitted(
    edges: FloatArray, fit: FloatArray, windows: tuple[float, ...]
) -> tuple[FloatArray, float, float]:
    """Radius as five harmonics of the angle, the share of angles that agree, and their rms."""
    rows = np.arange(len(_ANGLES))
    share, off = 0.0, math.inf
    for window in windows:
        radii = _BASIS @ fit
        steps = np.arange(-round(window / _STEP), round(window / _STEP) + 1)
        middle = np.rint((radii - _FIRST) / _STEP).astype(int)
        index = np.clip(middle[:, None] + steps, 1, _RADII - 2)
        near = edges[rows[:, None], index]
        sign = 1.0 if near[:, len(steps) // 2].mean() + near.mean() >= 0.0 else -1.0
        best = index[rows, np.argmax(sign * near, axis=1)]
        left, peak, right = (sign * edges[rows, best + k] for k in (-1, 0, 1))
        bend = left - 2.0 * peak + right
        shift = np.where(bend < -1e-9, 0.5 * (left - right) / np.minimum(bend, -1e-9), 0.0)
        seen = _FIRST + _STEP * (best + np.clip(shift, -0.5, 0.5))
        strong = np.clip(peak, 0.0, 1.0)
        for _ in range(4):
            far = np.abs(seen - _BASIS @ fit)
            weight = strong * np.clip(1.0 - (far / window) ** 2, 0.0, 1.0) ** 2 + 1e-9
            root = np.sqrt(weight)[:, None]
            fit = np.linalg.lstsq(_BASIS * root, seen * root[:, 0], rcond=None)[0]
        far = np.abs(seen - _BASIS @ fit)
        agree = (far < _OFF) & (strong > 0.2)
        share = float(agree.mean())
        off = float(np.sqrt(np.mean(far[agree] ** 2))) if agree.any() else math.inf
    return np.asarray(fit), share, off
