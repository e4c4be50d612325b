"""Where a picture differs from a reference view of the same place, whatever the light.

Colour is compared by its ratios, split along and across the line on which daylight and shadow
shift them (Finlayson, Hordley, Lu and Drew 2006, on the removal of shadows from images);
luminance by itself and by its surroundings; depth by who sees past whom. All of it bears shifts
of a pixel. A logistic model weighs the differences.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

from patrol_perception.change.alignment import align, normalised
from patrol_perception.change.kernels import lay_onto, predict_depth
from patrol_perception.change.params import ChangeParams, CompareParams
from patrol_perception.change.snapshot import Mask, Plane, Snapshot

_COUNTS = 3.0
"""Noise of a colour, of 255."""
_NOISE = 0.03
_MIDDLE = 5
"""Differences are averaged over so many pixels each way."""
_SHIFT = np.ones((3, 3), np.uint8)
_FAR_M = 99.0
_MOST, _LARGE = 3.0, 8.0
"""A difference in depth or looks counts at most so much."""


@dataclass(frozen=True, slots=True, eq=False)
class Difference:
    """Of one picture, by pixel (H, W): `score` from 0 to 1, 0 where nothing could be compared
    (`compared`); the depth of what was and of what is, whichever is nearer; and by how much the
    new surface is nearer than the old one (negative: farther; 0: neither) [m]."""

    score: Plane
    compared: Mask
    nearest_m: Plane
    nearer_m: Plane


def compare(
    picture: Snapshot, references: Sequence[Snapshot], params: ChangeParams
) -> Difference | None:
    """A change differs from all references: the least difference counts. None without any."""
    least: Difference | None = None
    for reference in references:
        found = _compare(picture, reference, params)
        if least is None:
            least = found
            continue
        lower = found.compared & (~least.compared | (found.score < least.score))
        least = Difference(
            np.where(lower, found.score, least.score), least.compared | found.compared,
            np.where(lower, found.nearest_m, least.nearest_m),
            np.where(lower, found.nearer_m, least.nearer_m),
        )  # fmt: skip
    return least


def _compare(picture: Snapshot, reference: Snapshot, params: ChangeParams) -> Difference:
    features, compared, nearest_m, nearer_m = differences(picture, reference, params)
    weights = params.compare.weights()
    total = np.full(compared.shape, params.compare.bias, np.float32)
    for feature, weight in zip(features, weights, strict=True):
        total += np.float32(weight) * feature
    changed = np.where(compared, 1.0 / (1.0 + np.exp(-total)), np.float32(0.0))
    score = _plane(cv2.blur(changed, (_MIDDLE, _MIDDLE)))
    return Difference(np.where(compared, score, np.float32(0.0)), compared, nearest_m, nearer_m)


def differences(
    picture: Snapshot, reference: Snapshot, params: ChangeParams
) -> tuple[Plane, Mask, Plane, Plane]:
    """The features (6, H, W), where they are valid, and the depths of a Difference.

    Features: colour across and along the line of daylight, luminance, pattern, something before
    what was there, something gone from before what is.
    """
    motion = align(picture, reference, params.align)
    back = np.ascontiguousarray(np.linalg.inv(motion)[:3])
    camera = picture.camera
    seen = np.where(reference.hidden, np.float32(np.nan), reference.depth_m)
    expected = predict_depth(seen, camera, back)
    depth = np.where(np.isfinite(picture.depth_m), picture.depth_m, expected)
    layers = np.concatenate(
        (reference.layers, reference.hidden[..., None].astype(np.float32)), axis=-1
    )
    laid, past_m = np.empty_like(layers), np.empty((*depth.shape, 2), np.float32)
    lay_onto(depth, camera, np.ascontiguousarray(motion[:3]), layers, seen, laid, past_m)
    before, behind, hidden = _by_depth(picture.depth_m, expected, past_m, params.compare)
    compared = np.isfinite(laid[..., 0]) & (laid[..., 4] == 0.0) & ~picture.hidden & ~hidden
    compared &= depth < params.compare.reach_m
    looks = _by_looks(picture.layers, np.nan_to_num(laid[..., :4]), compared, params.compare)
    features = np.stack((*looks, before, behind)).astype(np.float32)
    nearer = np.where(before > 0.0, past_m[..., 0], np.where(behind > 0.0, expected - depth, 0.0))
    nearest = np.fmin(depth, np.where(behind > 0.0, expected, np.nan))
    return features, compared, _plane(nearest), _plane(nearer)


def _by_depth(
    depth: Plane, expected: Plane, past_m: Plane, params: CompareParams
) -> tuple[Plane, Plane, Mask]:
    """How clearly something new stands before, or what was there has gone, in units of what can
    be told, both (H, W), and where something hid the place from the reference.

    What all pixels around show is a seed; from it, the pixels beside are believed themselves.
    """
    with np.errstate(invalid="ignore"):
        told = params.depth_m + params.depth_per_m2 * depth * depth
        least = _plane(cv2.erode(np.where(np.isfinite(depth), depth, _FAR_M), _SHIFT))
        most = _plane(cv2.dilate(np.where(np.isfinite(expected), expected, _FAR_M), _SHIFT))
        before = _grown(past_m[..., 1] / told, past_m[..., 0] / told)
        behind = _grown((least - most) / told, (depth - expected) / told)
        hidden = (past_m[..., 1] < -told) & ~(behind > 0.0)
    return before, behind, hidden


def _grown(seeds: Plane, values: Plane) -> Plane:
    """What is above 1, within two pixels of a seed above 1, and no larger than the seeds there."""
    strict, own = (_plane(np.clip(np.nan_to_num(v) - 1.0, 0.0, _MOST)) for v in (seeds, values))
    return np.minimum(_plane(cv2.dilate(strict, np.ones((5, 5), np.uint8))), own)


def _by_looks(shown: Plane, laid: Plane, compared: Mask, params: CompareParams) -> list[Plane]:
    """Differences across and along the line of daylight, in luminance and in pattern (H, W)."""
    noise = _NOISE + _COUNTS / (8.0 + np.minimum(shown[..., 3], laid[..., 3]))
    off = (shown - laid)[..., :3]
    light = np.median(off[compared], axis=0) if compared.any() else np.zeros(3, np.float32)
    cos, sin = math.cos(params.daylight_rad), math.sin(params.daylight_rad)
    filled = np.where(compared[..., None], laid[..., :3] + light, shown[..., :3])
    pairs = zip(_lit(shown, cos, sin), _lit(filled, cos, sin), strict=True)
    found = [_plane(apart(first, second) / noise) for first, second in pairs]
    found.append(apart(normalised(shown[..., 0]), normalised(filled[..., 0])))
    size = (_MIDDLE, _MIDDLE)
    inside = np.maximum(_plane(cv2.blur(compared.astype(np.float32), size)), np.float32(0.04))
    kept = [np.where(compared, value, np.float32(0.0)) for value in found]
    return [
        np.minimum(_plane(cv2.blur(value, size)) / inside, np.float32(_LARGE)) for value in kept
    ]


def _lit(layers: Plane, cos: float, sin: float) -> tuple[Plane, Plane, Plane]:
    """Colour across and along the line of daylight, and luminance."""
    red, blue = layers[..., 1], layers[..., 2]
    return _plane(cos * blue - sin * red), _plane(cos * red + sin * blue), _plane(layers[..., 0])


def apart(first: Plane, second: Plane) -> Plane:
    """How far each value is from all that the other has within a pixel, whichever is more."""
    first, second = _plane(cv2.blur(first, (3, 3))), _plane(cv2.blur(second, (3, 3)))
    return np.maximum(_outside(first, second), _outside(second, first))


def _outside(value: Plane, other: Plane) -> Plane:
    low, high = _plane(cv2.erode(other, _SHIFT)), _plane(cv2.dilate(other, _SHIFT))
    return _plane(np.maximum(np.maximum(value - high, low - value), 0.0))


def _plane(values: npt.ArrayLike) -> Plane:
    return np.ascontiguousarray(values, np.float32)
