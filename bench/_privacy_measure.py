"""What of a head, and of a picture, is left in what was made of it; by the pictures alone."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import cv2
import numpy as np
import numpy.typing as npt
from _video import Picture

from patrol_perception.view import Box

SHOWN = 0.25
"""A head of which more of its detail than this share is left is not blurred."""
HEAD_PX = 12
_FINE = 6.0
"""Detail is what is finer than this part of a head's width: features, no blocks of a third."""
_TILE_PX = 16
_TILE_FINE_PX = 2.0
_LEAST_DETAIL = 3.0
"""Grey values: tiles with less say nothing of what was done to them."""

Floats = npt.NDArray[np.float32]


def detail(picture: Picture, sigma_px: float) -> Floats:
    """What of a picture is finer than a Gaussian of that size, grey (H, W)."""
    grey = cv2.cvtColor(picture, cv2.COLOR_BGR2GRAY).astype(np.float32)
    return np.asarray(grey - cv2.GaussianBlur(grey, (0, 0), sigma_px))


def kept_of_head(before: Picture, after: Picture, head: Box) -> float:
    """Share of a head's detail that is left: about 1 where it is shown, 0 where it is blurred."""
    width, height = head.right - head.left, head.bottom - head.top
    margin = max(width, height)
    part = np.s_[
        max(head.top - margin, 0) : head.bottom + margin,
        max(head.left - margin, 0) : head.right + margin,
    ]
    sigma_px = max(1.0, min(width, height) / _FINE)
    inner = np.s_[
        min(head.top, margin) : min(head.top, margin) + height,
        min(head.left, margin) : min(head.left, margin) + width,
    ]
    was, left = (detail(picture[part], sigma_px)[inner] for picture in (before, after))
    return float((was * left).sum() / max(float((was * was).sum()), 1e-6))


def hidden_share(before: Picture, after: Picture) -> float:
    """Share of the picture that is hidden, among the tiles in which there is something to see."""
    was, left = detail(before, _TILE_FINE_PX), detail(after, _TILE_FINE_PX)
    rows, columns = (size // _TILE_PX for size in was.shape)

    def tiles(values: Floats) -> Floats:
        cut = values[: rows * _TILE_PX, : columns * _TILE_PX]
        parts = cut.reshape(rows, _TILE_PX, columns, _TILE_PX)
        return np.asarray(parts.sum(axis=(1, 3)), np.float32)

    power, common = tiles(was * was), tiles(was * left)
    telling = power > _LEAST_DETAIL**2 * _TILE_PX**2
    if not telling.any():
        return 0.0
    return float((common[telling] < 0.5 * power[telling]).mean())


@dataclass(slots=True)
class Tally:
    """What was seen of one way to run it."""

    pictures: int = 0
    heads: int = 0
    shown: int = 0
    worst: float = 0.0
    hidden: list[float] = field(default_factory=list)
    seconds: list[float] = field(default_factory=list)

    def see_heads(self, before: Picture, after: Picture, heads: Sequence[Box]) -> list[Box]:
        """Count the heads of a picture; those that are shown."""
        shown = []
        for head in heads:
            kept = kept_of_head(before, after, head)
            self.heads += 1
            self.worst = max(self.worst, kept)
            if kept > SHOWN:
                shown.append(head)
        self.shown += len(shown)
        return shown

    def see(self, before: Picture, after: Picture, seconds: float) -> None:
        """Count a picture and what it cost."""
        self.pictures += 1
        self.hidden.append(hidden_share(before, after))
        self.seconds.append(seconds)
