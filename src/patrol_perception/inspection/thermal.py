"""Hot spots in pictures of a radiometric camera.

Counts are linear in temperature. A grey surface shows emissivity * T^4 of its own and mirrors the
rest from its surroundings (Stefan and Boltzmann, over all wavelengths: for a camera of 8 to 14 um
an approximation that is good to a few percent of the difference from the surroundings).
"""

from __future__ import annotations

import math

import cv2
import numpy as np
import numpy.typing as npt

from patrol_core.geometry import FloatArray
from patrol_core.site.checks import ThermalReader
from patrol_core.types.sensors import CameraInfo, ThermalImage
from patrol_core.units import celsius
from patrol_perception.inspection.params import ThermalParams
from patrol_perception.inspection.shot import Shot, Watcher, frame_of, is_inside, plane_to_image
from patrol_perception.inspection.weighing import Reading, at_least, at_most, unread, weighed

_LAST = 65535


class ThermalWatcher(Watcher):
    """The hottest spot of an area, over several pictures."""

    def __init__(self, reader: ThermalReader, params: ThermalParams) -> None:
        self._reader = reader
        self._params = params
        self._spots_k: list[float] = []
        self._points_k: list[float] = []
        self._pixels: list[int] = []
        self._marks: tuple[FloatArray, ...] = ()
        self._saturated = False
        self._stamp_s = -math.inf

    def take(self, shot: Shot) -> None:
        thermal, view = shot.thermal, shot.view
        if thermal is None or view is None or thermal.stamp_s <= self._stamp_s:
            return
        self._stamp_s = thermal.stamp_s
        place, slack = self._reader.place, self._params.slack_m
        to_thermal = plane_to_image(view, place, 1.0, self._info(thermal))
        to_image = plane_to_image(view, place, 1.0)
        if to_thermal is None or to_image is None:
            return
        halves = np.array([self._reader.width_m, self._reader.height_m]) / 2.0 + slack
        if not is_inside(to_thermal, np.array([-halves, halves]), thermal.counts.shape):
            return
        area = np.zeros(thermal.counts.shape, np.uint8)
        corners = frame_of(to_thermal, *halves.tolist())[:4]
        cv2.fillConvexPoly(area, np.rint(corners).astype(np.int32), 1)
        self._measure(thermal, area > 0)
        self._marks = (frame_of(to_image, *halves.tolist()),)

    def _info(self, thermal: ThermalImage) -> CameraInfo:
        """The thermal camera: beside the colour camera, along the same axis."""
        height, width = thermal.counts.shape
        focal = width / 2.0 / math.tan(self._params.horizontal_fov_rad / 2.0)
        return CameraInfo(
            thermal.stamp_s, thermal.frame_id, width, height, focal, focal, width / 2.0,
            height / 2.0,
        )  # fmt: skip

    def _measure(self, thermal: ThermalImage, area: npt.NDArray[np.bool_]) -> None:
        counts = thermal.counts
        params = self._params
        # A dead pixel is no hot spot: the median of 3 x 3 leaves it out.
        calm = cv2.medianBlur(counts, 3)
        spot = int(np.argmax(np.where(area, calm, 0)))
        row, column = np.unravel_index(spot, counts.shape)
        near = counts[max(row - 1, 0) : row + 2, max(column - 1, 0) : column + 2]
        self._saturated |= bool((near == _LAST).any() or (calm[area] == 0).any())
        self._pixels.append(int(area.sum()))
        for kept, value in ((self._spots_k, calm[row, column]), (self._points_k, near.mean())):
            seen_k = params.kelvin_at_zero + params.kelvin_per_count * float(value)
            kept.append(own_temperature_k(seen_k, self._reader))

    def reading(self) -> Reading:
        params, spots = self._params, self._spots_k
        if not spots:
            return unread("no thermal picture showed the place")
        if self._saturated:
            return unread("it is beyond what the thermal camera can measure")
        hottest = float(np.median(spots))
        spread = float(np.max(spots) - np.min(spots))
        apart = float(np.median(np.abs(np.array(spots) - self._points_k)))
        rise = abs(hottest - self._reader.surroundings_k)
        tests = (
            at_least("pictures", len(spots), params.pictures, "1", "too few pictures show it"),
            at_least("pixels of the area", min(self._pixels), params.pixels, "1",
                     "the area is too small in the picture"),
            at_most("spread between pictures", spread, params.spread_k, "K",
                    "pictures contradict each other"),
            at_most("spot against its neighbours", apart, params.spread_k + 0.1 * rise, "K",
                    "the hot spot is smaller than the camera can measure"),
        )  # fmt: skip
        return weighed(hottest, f"{celsius(hottest):.1f} degrees C", tests, self._marks)


def own_temperature_k(seen_k: float, reader: ThermalReader) -> float:
    """The temperature of a surface that looks as hot as `seen_k` to a camera set to 1."""
    mirrored = (1.0 - reader.emissivity) * reader.surroundings_k**4
    own = (max(seen_k, 0.0) ** 4 - mirrored) / reader.emissivity
    return math.sqrt(math.sqrt(max(own, 0.0)))
