"""What every pixel of a still camera's picture shows: background, something that moves, or
something that has come to stay."""

from __future__ import annotations

import cv2
import numpy as np
import numpy.typing as npt

from patrol_perception.watching.kernels import (
    CANDIDATE,
    COUNTS,
    KNOWN,
    SEEN,
    SINCE,
    UNKNOWN,
    advance,
)
from patrol_perception.watching.params import LayerParams

Picture = npt.NDArray[np.uint8]
FloatPicture = npt.NDArray[np.float32]
Mask = npt.NDArray[np.uint8]

_GAIN_POINTS = 8
"""Every so many pixels are looked at for the brightness of the whole."""
_SETTLED_S = 0.8
"""So long unchanged, a pixel is no longer that of something that moves."""


class Layers:
    """Pictures (H, W, 3) of a camera that stands still, at `rate_hz`.

    The brightness of the whole, which a camera's exposure changes, is taken out. Cost: one pass
    over the pixels a picture.
    """

    def __init__(self, params: LayerParams, rate_hz: float) -> None:
        self._params = params
        self._rate_hz = rate_hz
        self._noise = 0.0
        self._last: Picture | None = None
        self.threshold = float(params.least_contrast)
        self.number = 0

    def update(self, picture: Picture) -> Mask:
        """Take in the next picture; the state of each pixel (see `kernels`)."""
        self.number += 1
        if self.number == 1:
            shape = picture.shape[:2]
            self._colours = np.zeros((3, *shape, 3), np.float32)
            self.counts = np.zeros((*shape, COUNTS), np.int32)
            self.state = np.full(shape, UNKNOWN, np.uint8)
        self._learn_noise(picture)
        self.picture = self._evened(picture)
        params = self._params
        seconds = (
            params.learn_s, _SETTLED_S, params.occluded_s, params.returned_s, params.absorb_s,
        )  # fmt: skip
        limits = [max(2, round(s * self._rate_hz)) for s in seconds]
        self.threshold = max(float(params.least_contrast), params.noise_factor * self._noise)
        advance(
            self.picture, self._colours, self.counts, self.state,
            np.array([*limits, self.number]), self.threshold, params.drift,
        )  # fmt: skip
        return self.state

    @property
    def background(self) -> FloatPicture:
        """Its colours (H, W, 3); meaningless where none is known."""
        return np.asarray(self._colours[KNOWN])

    def _learn_noise(self, picture: Picture) -> None:
        """Standard deviation of a pixel between two pictures, most of which does not move."""
        if self._last is not None:
            points = np.s_[::_GAIN_POINTS, ::_GAIN_POINTS, 1]
            change = cv2.absdiff(picture[points], self._last[points])
            now = float(np.median(np.asarray(change))) / 0.6745 / np.sqrt(2.0)
            self._noise += 0.05 * (now - self._noise)
        self._last = picture

    def _evened(self, picture: Picture) -> Picture:
        """As bright as the background: the median ratio, where a background is known."""
        points = np.s_[::_GAIN_POINTS, ::_GAIN_POINTS]
        known = self.counts[points][..., SINCE] > 0
        if known.mean() < 0.5:
            return picture
        was = self.background[points].sum(axis=2)[known] + 1.0
        now = picture[points].astype(np.float32).sum(axis=2)[known] + 1.0
        gain = float(np.median(was / now))
        if abs(gain - 1.0) < 0.01:
            return picture
        return np.asarray(cv2.convertScaleAbs(picture, alpha=gain), dtype=np.uint8)

    def absorb(self, part: tuple[slice, slice], mask: npt.NDArray[np.bool_]) -> None:
        """What has come to stay in a part of the picture is its background from now on."""
        mask = mask & (self.counts[part][..., SEEN] > 0)
        self.background[part][mask] = self._colours[CANDIDATE][part][mask]
        self.counts[part][mask, SINCE] = self.number
        self.counts[part][mask, SEEN] = 0

    def forget(self) -> None:
        """Learn the background anew."""
        self.counts[:] = 0
