"""The needle on a dial, found twice by independent means.

By brightness: along rays, what differs from the face over the whole length of a needle. By edges:
two straight edges of opposite sign that pass on either side of the middle. Both tell the needle's
own line, whether or not it passes exactly through the middle.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from patrol_core.geometry import FloatArray
from patrol_perception.inspection.dial import polar
from patrol_perception.inspection.weighing import Numbers
from patrol_perception.view import Image

_COUNT = 720
_ANGLES = np.arange(_COUNT) * (2.0 * math.pi / _COUNT)
_RADII = np.linspace(0.24, 0.66, 29)
_BACKGROUND, _COARSE = 91, 4
_AWAY = 50
_SIDE = 24
_PLANE_PX = 110
_NEAR, _FAR, _BESIDE, _BINS = 0.16, 0.58, 0.12, 12
_STRAIGHT, _OTHER_COLOUR, _WIDER = 0.012, 0.7, 0.4


@dataclass(frozen=True, slots=True)
class Line:
    """A directed line on the dial: clockwise angle from up, distance of the middle from it (in
    radii, positive: the middle lies to its left), how clearly it stands out, and the share of its
    length that lies straight on it."""

    angle_rad: float
    offset: float
    clear: float
    straight: float = 1.0


@dataclass(frozen=True, slots=True)
class Pointer:
    """By brightness: the line, and how much like needles its other end (`tail`) and the next best
    direction (`rival`) look, as shares of it: near 1 means that two directions look alike."""

    line: Line
    tail: float
    rival: float


def by_brightness(image: Image, to_image: FloatArray) -> Pointer:
    """The direction in which the face is covered over a needle's whole length."""
    rays = polar(image, to_image, _ANGLES, _RADII)
    stands_out = rays - _background(rays)
    differs = np.linalg.norm(stands_out, axis=2)
    noise = float(np.median(differs)) + 1.0
    smooth = cv2.blur(differs, (3, 1))
    profile = np.quantile(smooth, 0.3, axis=1)
    profile = np.convolve(np.pad(profile, 3, mode="wrap"), np.full(7, 1.0 / 7.0), mode="valid")
    peak = int(np.argmax(profile))
    turned = np.roll(profile, -peak) / max(float(profile[peak]), 1e-6)
    half = _COUNT // 2
    line = _line_of(stands_out, peak, float(profile[peak]) / noise)
    sides = np.concatenate((turned[_AWAY : half - _AWAY], turned[half + _AWAY : -_AWAY]))
    tail = turned[half - _AWAY : half + _AWAY + 1]
    return Pointer(line, float(tail.max()), float(sides.max()))


def _background(rays: Numbers) -> Numbers:
    """The face without narrow things: a running median over 45 degrees of every ring."""
    half = _BACKGROUND // 2
    wrapped = np.pad(rays, ((half, half), (0, 0), (0, 0)), mode="wrap")
    windows = sliding_window_view(wrapped, _BACKGROUND, axis=0)[::_COARSE, ..., ::3]
    coarse = np.median(windows, axis=-1).astype(np.float32)
    closed = np.concatenate((coarse, coarse[:1]))
    share = (np.arange(_COUNT) % _COARSE / _COARSE)[:, None, None].astype(np.float32)
    index = np.arange(_COUNT) // _COARSE
    return np.asarray(closed[index] * (1.0 - share) + closed[index + 1] * share)


def _line_of(stands_out: Numbers, peak: int, clear: float) -> Line:
    """The straight line through the middles of what has the needle's colour on every ring near a
    direction. Rings on which it is wider than near the hub (something is written beside it) count
    little."""
    window = np.arange(peak - _SIDE, peak + _SIDE + 1)
    near = stands_out[window % _COUNT]
    own = np.median(near[_SIDE - 3 : _SIDE + 4, : len(_RADII) // 2], axis=(0, 1))
    own = own / max(float(np.linalg.norm(own)), 1e-6)
    like = near @ own
    other = np.linalg.norm(near - like[..., None] * own, axis=2)
    part = np.clip(like - _OTHER_COLOUR * other, 0.0, None)
    top = part[_SIDE - 6 : _SIDE + 7].max(axis=0)
    part = np.clip(part - 0.4 * top, 0.0, None)
    wide = part.sum(axis=0) / np.maximum(part.max(axis=0), 1e-6) * _RADII
    usual = float(np.median(wide[: len(_RADII) // 2])) + 1e-6
    alone = 1.0 / (1.0 + np.clip((wide / usual - 1.0) / _WIDER, 0.0, None) ** 4)
    # A narrow gate that follows the line, so that what lies beside the needle does not pull.
    across: FloatArray = np.zeros(_RADII.shape)
    start = peak * (2.0 * math.pi / _COUNT)
    side = np.sin(window * (2.0 * math.pi / _COUNT) - start)[:, None] * _RADII
    fit: FloatArray = np.zeros(2)
    share = 0.0
    for gate in (0.12, 0.08, 0.05):
        weight = part * (np.abs(side - across) < gate)
        total = weight.sum(axis=0)
        middle = (weight * side).sum(axis=0) / np.maximum(total, 1e-6)
        fit, share = consensus(_RADII, middle, alone + 1e-6)
        across = np.asarray(fit[0] + fit[1] * _RADII)
    turned = math.atan(float(fit[1]))
    angle = math.remainder(start + turned, 2.0 * math.pi)
    return Line(angle, float(fit[0]) * math.cos(turned), clear, share)


def consensus(along: Numbers, across: Numbers, weight: Numbers) -> tuple[FloatArray, float]:
    """Offset and slope of the line on which most points agree (least median of squares, Rousseeuw
    1984, then least squares over those near it), and the share of points that do.

    What is written on a dial pulls a needle's middle aside on the rings where it stands.
    """
    first, second = np.triu_indices(len(along), k=len(along) // 4)
    slope = (across[second] - across[first]) / (along[second] - along[first])
    offset = across[first] - slope * along[first]
    off = np.abs(across - offset[:, None] - slope[:, None] * along)
    voters = weight >= 0.5 * weight.max()
    best = int(np.argmin(np.median(off[:, voters], axis=1)))
    near = off[best, voters]
    usual = 2.0 * float(np.median(near)) + 0.003
    basis = np.column_stack((np.ones_like(along), along))
    fit: FloatArray = np.array([offset[best], slope[best]])
    for _ in range(3):
        near = np.abs(across - basis @ fit)
        root = np.sqrt(weight / (1.0 + (near / usual) ** 4))
        fit = np.linalg.lstsq(basis * root[:, None], across * root, rcond=None)[0]
    share = float((np.abs(across - basis @ fit) < _STRAIGHT).mean())
    return np.asarray(fit), share


def by_edges(image: Image, to_image: FloatArray) -> Line:
    """The line midway between two edges of opposite sign on either side of the middle."""
    size = 2 * _PLANE_PX + 1
    scale = 0.8 / _PLANE_PX
    grid = np.array([[scale, 0.0, -0.8], [0.0, -scale, 0.8], [0.0, 0.0, 1.0]])
    flat = cv2.warpPerspective(
        image, to_image @ grid, (size, size), flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP,
        borderMode=cv2.BORDER_REPLICATE,
    )  # fmt: skip
    flat = cv2.GaussianBlur(flat, (0, 0), 1.6).astype(np.float32)
    slope_x = np.asarray(cv2.Sobel(flat, cv2.CV_32F, 1, 0), np.float32)
    slope_y = -np.asarray(cv2.Sobel(flat, cv2.CV_32F, 0, 1), np.float32)
    channel = np.argmax(slope_x**2 + slope_y**2, axis=2)[..., None]
    slope_x = np.take_along_axis(slope_x, channel, axis=2)[..., 0]
    slope_y = np.take_along_axis(slope_y, channel, axis=2)[..., 0]
    return _between(slope_x, slope_y, scale)


def _between(slope_x: Numbers, slope_y: Numbers, scale: float) -> Line:
    v, u = np.indices(slope_x.shape)
    x, y = (u - _PLANE_PX) * scale, (_PLANE_PX - v) * scale
    radius, strength = np.hypot(x, y), np.hypot(slope_x, slope_y)
    ring = (radius > _NEAR) & (radius < _FAR)
    ring &= strength > 1.5 * float(np.median(strength[ring])) + 1.0
    x, y, radius, strength = (values[ring] for values in (x, y, radius, strength))
    slope_x, slope_y = slope_x[ring] / strength, slope_y[ring] / strength
    passes = x * slope_x + y * slope_y
    sides = -slope_y * x + slope_x * y
    near = np.abs(passes) < _BESIDE
    # Clockwise from up, outwards along the edge; `left`: the slope falls to the right.
    forward = np.sign(sides)
    angle = np.arctan2(-slope_y * forward, slope_x * forward)
    left = np.cos(angle) * slope_x - np.sin(angle) * slope_y < 0.0
    if near.sum() < 8:
        return Line(math.nan, math.nan, 0.0)
    bins = np.rint(angle / (2.0 * math.pi) * 360).astype(int) % 360
    rings = np.clip(((radius - _NEAR) / (_FAR - _NEAR) * 8).astype(int), 0, 7)
    votes = np.zeros((2, 8, 360))
    pull = np.minimum(strength, float(np.quantile(strength[near], 0.9)))
    np.add.at(votes, (left[near].astype(int), rings[near], bins[near]), pull[near])
    votes = np.stack([np.roll(votes, k, axis=2) for k in range(-3, 4)]).sum(axis=0)
    cap = float(np.quantile(votes.max(axis=2), 0.5)) + 1e-6
    both = np.minimum(votes, cap).sum(axis=1).min(axis=0)
    best = math.radians(float(np.argmax(both)))
    off = np.abs(np.angle(np.exp(1j * (angle - best))))
    chosen = near & (off < math.radians(9.0))
    lines = [
        _edge_line(x[mine], y[mine], pull[mine], best) for mine in (chosen & left, chosen & ~left)
    ]
    if lines[0] is None or lines[1] is None:
        return Line(math.nan, math.nan, 0.0)
    (first, first_off), (second, second_off) = lines[0], lines[1]
    share = float(both.max()) / (8.0 * cap)
    return Line(
        math.remainder(best + (first + second) / 2.0, 2.0 * math.pi),
        (first_off + second_off) / 2.0, share,
    )  # fmt: skip


def _edge_line(
    x: Numbers, y: Numbers, weight: Numbers, about_rad: float
) -> tuple[float, float] | None:
    """Turn from `about_rad` and offset to the right of a line through edge points, robustly."""
    if len(x) < 6:
        return None
    along = x * math.sin(about_rad) + y * math.cos(about_rad)
    across = x * math.cos(about_rad) - y * math.sin(about_rad)
    bins = np.clip(((along - _NEAR) / (_FAR - _NEAR) * _BINS).astype(int), 0, _BINS - 1)
    kept = []
    for index in np.unique(bins):
        mine = bins == index
        order = np.argsort(across[mine])
        heaped = np.cumsum(weight[mine][order])
        middle = int(np.searchsorted(heaped, heaped[-1] / 2.0))
        kept.append((along[mine].mean(), across[mine][order][middle], min(mine.sum(), 12)))
    if len(kept) < _BINS // 2:
        return None
    middles = np.array(kept)
    fit, _ = consensus(middles[:, 0], middles[:, 1], middles[:, 2])
    for scale in (0.02, 0.015):
        off = across - fit[0] - fit[1] * along
        root = np.sqrt(weight / (1.0 + (off / scale) ** 4))
        basis = np.column_stack((np.ones_like(along), along))
        fit = np.linalg.lstsq(basis * root[:, None], across * root, rcond=None)[0]
    return math.atan(float(fit[1])), float(fit[0])
