"""What `./ronda bench change` is held against: absolute difference and MOG2 on aligned views."""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np
import numpy.typing as npt

from patrol_perception.change.alignment import align
from patrol_perception.change.kernels import lay_onto
from patrol_perception.change.params import AlignParams
from patrol_perception.change.snapshot import Mask, Plane, Snapshot

_ROUNDS = 12
"""So many times MOG2 sees each reference view."""
_THRESHOLDS = (4.0, 8.0, 16.0, 25.0, 40.0, 64.0, 100.0, 160.0, 256.0, 400.0, 640.0, 1000.0)

Picture = npt.NDArray[np.uint8]


def laid_onto(
    snapshot: Snapshot, picture: Picture, references: Sequence[tuple[Snapshot, Picture]]
) -> list[tuple[Plane, Mask]]:
    """Each reference picture (BGR, half size) as it would look from the picture's place, as
    bright on the whole, and where it shows that place: by the same alignment that Ronda uses."""
    found = []
    for reference, image in references:
        motion = np.ascontiguousarray(align(snapshot, reference, AlignParams())[:3])
        laid = np.empty((*picture.shape,), np.float32)
        past = np.empty((*picture.shape[:2], 2), np.float32)
        lay_onto(
            snapshot.depth_m, snapshot.camera, motion, image.astype(np.float32),
            reference.depth_m, laid, past,
        )  # fmt: skip
        seen = np.isfinite(laid[..., 0])
        gain = picture[seen].mean() / max(float(laid[seen].mean()), 1.0) if seen.any() else 1.0
        laid = np.where(seen[..., None], laid * np.float32(gain), picture).astype(np.float32)
        found.append((laid, seen))
    return found


def absolute_difference(picture: Picture, laid: Sequence[tuple[Plane, Mask]]) -> Plane:
    """By pixel from 0 to 1: of the colour that differs most, from the reference most alike."""
    least = np.full(picture.shape[:2], np.inf, np.float32)
    for image, seen in laid:
        apart = np.abs(picture.astype(np.float32) - image).max(axis=2) / 255.0
        least = np.where(seen, np.minimum(least, apart), least)
    return np.where(np.isfinite(least), np.minimum(least, 1.0), 0.0).astype(np.float32)


def mog2(picture: Picture, laid: Sequence[tuple[Plane, Mask]]) -> Plane:
    """By pixel from 0 to 1: the share of thresholds at which it is foreground and no shadow."""
    model = cv2.createBackgroundSubtractorMOG2(500, _THRESHOLDS[2], detectShadows=True)
    images = [np.clip(image, 0, 255).astype(np.uint8) for image, _ in laid]
    for _ in range(_ROUNDS):
        for image in images:
            model.apply(image)
    total = np.zeros(picture.shape[:2], np.float32)
    for threshold in _THRESHOLDS:
        model.setVarThreshold(threshold)
        total += np.asarray(model.apply(picture, learningRate=0)) == 255
    return np.asarray(total / len(_THRESHOLDS), np.float32)
