"""Indicator lamps: which colour, and whether on, off or blinking."""

from __future__ import annotations

import math
from dataclasses import dataclass

import cv2
import numpy as np

from patrol_core.geometry import FloatArray
from patrol_core.site.checks import LampReader
from patrol_perception.inspection.params import LampParams
from patrol_perception.inspection.shot import (
    Shot,
    Watcher,
    is_inside,
    pixels_of,
    plane_to_image,
)
from patrol_perception.inspection.weighing import (
    Numbers,
    Reading,
    at_least,
    at_most,
    unread,
    weighed,
)
from patrol_perception.view import Image

_PX = 8
"""Pixels a lamp radius in the flattened picture."""
_HUES = {"red": 0.0, "yellow": 45.0, "green": 130.0, "blue": 230.0}
"""In degrees; yellow lamps reach into amber."""
_RING = np.linspace(0.0, 2.0 * math.pi, 41)
_LIT, _DARK = 215.0, 150.0
_PALE = 0.16
_ROUND = np.hypot(*(np.indices((4 * _PX + 1,) * 2) - 2 * _PX)) / _PX
_DISC, _AROUND = _ROUND < 0.85, (_ROUND > 1.3) & (_ROUND < 1.9)


@dataclass(frozen=True, slots=True, eq=False)
class LampLook:
    """One look. `colour` of what shines, empty where nothing does; `clear`: how far the lens
    stands out from around it, in units of the noise there; `hue_off_rad` from the colour's own;
    `decided`: how far its brightness is from being neither on nor off, 0 to 1."""

    stamp_s: float
    colour: str
    clear: float
    hue_off_rad: float
    decided: float
    mark: FloatArray


class LampWatcher(Watcher):
    """Tells on, off and blinking apart over several seconds."""

    def __init__(self, reader: LampReader, params: LampParams) -> None:
        self._reader = reader
        self._params = params
        self.looks: list[LampLook] = []

    def take(self, shot: Shot) -> None:
        if shot.image is None or shot.view is None:
            return
        to_image = plane_to_image(shot.view, self._reader.place, self._reader.radius_m)
        if to_image is None:
            return
        slack = self._params.slack_m / self._reader.radius_m
        look = look_at_lamp(shot.stamp_s, shot.image, to_image, self._reader.colours, slack)
        if look is not None:
            self.looks.append(look)

    def reading(self) -> Reading:
        looks, params = self.looks, self._params
        if not looks:
            return unread("no picture showed the lamp")
        lit = np.array([bool(look.colour) for look in looks])
        colours = sorted({look.colour for look in looks if look.colour})
        changes = int(np.count_nonzero(lit[1:] != lit[:-1]))
        how = "on" if lit.all() else "blinking"
        words = f"{colours[0]} {how}" if colours else "off"
        steady = changes == 0 or changes >= 2
        hues = [look.hue_off_rad for look in looks if look.colour]
        tests = (
            at_least("pictures", len(looks), params.pictures, "1", "too few pictures show it"),
            at_least("time watched", looks[-1].stamp_s - looks[0].stamp_s, params.watch_s, "s",
                     "it was not watched for long enough"),
            at_least("lens against surroundings", float(np.median([k.clear for k in looks])),
                     params.contrast, "1", "no lamp stands out at its place"),
            at_least("clearly on or off", float(min(k.decided for k in looks)), params.decided,
                     "1", "it is neither clearly on nor clearly off"),
            at_most("off the colour's hue", max(hues, default=0.0), params.hue_rad, "rad",
                    "its colour is none of those expected"),
            at_most("colours", max(len(colours) - 1.0, 0.0), 0.5, "more than one",
                    "it changed its colour"),
            at_most("one change", 0.0 if steady else 1.0, 0.5, "1",
                    "it changed once: blinking shows only after a while"),
        )  # fmt: skip
        share = float(lit.mean())
        return weighed(share, words, tests, (looks[-1].mark,))


def look_at_lamp(
    stamp_s: float, image: Image, to_image: FloatArray, colours: tuple[str, ...], slack: float
) -> LampLook | None:
    """One picture; `to_image` from lamp radii to pixels, off by up to `slack` radii.

    None where the place is not wholly in the picture.
    """
    reach = 2.0 + slack
    size = 2 * round(reach * _PX) + 1
    grid = np.array([[1.0 / _PX, 0.0, -reach], [0.0, -1.0 / _PX, reach], [0.0, 0.0, 1.0]])
    if not is_inside(to_image, np.array([[-reach, -reach], [reach, reach]]), image.shape):
        return None
    flat = cv2.warpPerspective(
        image, to_image @ grid, (size, size), flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    ).astype(np.float32)
    row, column = _lens(flat)
    part = flat[row - 2 * _PX : row + 2 * _PX + 1, column - 2 * _PX : column + 2 * _PX + 1]
    inside, around = part[_DISC], part[_AROUND]
    middle = np.median(around, axis=0)
    noise = float(np.median(np.abs(around - middle))) + 2.0
    clear = float(np.linalg.norm(inside.mean(axis=0) - middle)) / noise
    bright = float(np.quantile(inside.max(axis=1), 0.7))
    decided = min(1.0, abs(bright - (_LIT + _DARK) / 2.0) / (_LIT - _DARK))
    colour, off = _colour(part, middle, colours) if bright > (_LIT + _DARK) / 2.0 else ("", 0.0)
    place = np.array([(column / _PX) - reach, reach - row / _PX])
    ring = place + np.column_stack((np.cos(_RING), np.sin(_RING)))
    return LampLook(stamp_s, colour, clear, off, decided, pixels_of(to_image, ring))


def _lens(flat: Numbers) -> tuple[int, int]:
    """Where a disc of one radius differs most from the ring around it."""
    disc = _DISC.astype(np.float32) / _DISC.sum()
    around = _AROUND.astype(np.float32) / _AROUND.sum()
    response = cv2.filter2D(flat, -1, disc - around)
    strength = np.linalg.norm(response, axis=2)
    edge = 2 * _PX
    inner = strength[edge:-edge, edge:-edge] if min(strength.shape) > 2 * edge + 1 else strength
    offset = edge if inner is not strength else 0
    row, column = np.unravel_index(int(np.argmax(inner)), inner.shape)
    return int(row) + offset, int(column) + offset


def _colour(part: Numbers, around: Numbers, colours: tuple[str, ...]) -> tuple[str, float]:
    """The expected colour nearest to that of the glow, and how far off its hue is [rad]."""
    glow = np.clip(part[_ROUND < 1.15] - 0.3 * around, 0.0, None)
    blue, green, red = np.asarray(glow.mean(axis=0), float).tolist()
    high, low = max(blue, green, red), min(blue, green, red)
    if high - low < _PALE * high:
        return ("white", 0.0) if "white" in colours else (colours[0], math.pi)
    hue = math.degrees(math.atan2(math.sqrt(3.0) * (green - blue), 2.0 * red - green - blue))
    known = [name for name in colours if name in _HUES]
    if not known:
        return colours[0], math.pi
    offs = {
        name: abs(math.remainder(math.radians(hue - _HUES[name]), 2.0 * math.pi)) for name in known
    }
    best = min(known, key=offs.__getitem__)
    return best, offs[best]
