"""An analogue gauge: the needle's angle as a value on its scale."""

from __future__ import annotations

import math

import numpy as np

from patrol_core.geometry import FloatArray
from patrol_core.site.checks import GaugeScale
from patrol_perception.inspection.dial import Dial, find_dial
from patrol_perception.inspection.needle import Line, Pointer, by_brightness, by_edges
from patrol_perception.inspection.params import GaugeParams
from patrol_perception.inspection.shot import is_inside, pixels_of
from patrol_perception.inspection.weighing import Reading, Test, at_least, at_most, unread, weighed
from patrol_perception.view import Image

_TURN = np.linspace(0.0, 2.0 * math.pi, 61)
_RIM = np.column_stack((np.sin(_TURN), np.cos(_TURN)))


def read_gauge(image: Image, about: FloatArray, scale: GaugeScale, params: GaugeParams) -> Reading:
    """The value that a gauge shows; image (H, W, 3) BGR.

    `about` (3, 3): from dial coordinates (`dial.py`) to pixels, about as it is: the middle and
    the radius to a sixth of the radius, the tilt to a few degrees.
    """
    if radius_px(about) < params.min_radius_px or not is_inside(about, _RIM, image.shape):
        return unread("the dial is not wholly in the picture, or too small in it")
    dial = find_dial(image, about)
    if not is_inside(dial.to_image, _RIM, image.shape):
        return unread("no dial was found")
    seen = by_brightness(image, dial.to_image)
    edges = by_edges(image, dial.to_image)
    apart = math.remainder(edges.angle_rad - seen.line.angle_rad, 2.0 * math.pi)
    angle = seen.line.angle_rad + (0.0 if math.isnan(apart) else apart / 2.0)
    share = _share(angle, scale)
    beyond = at_most(
        "beyond the scale", max(0.0, -share, share - 1.0), params.beyond_share, "of the scale",
        "the needle stands beyond the scale",
    )  # fmt: skip
    differ = at_most(
        "brightness and edges apart", abs(apart) / (scale.max_rad - scale.min_rad),
        params.apart_share, "of the scale", "two ways to read the needle do not agree",
    )  # fmt: skip
    tests = (*_dial_tests(dial, params), *_needle_tests(seen, edges, params), differ, beyond)
    value = scale.min_value + share * (scale.max_value - scale.min_value)
    return weighed(value, f"{value:.3g} {scale.unit}", tests, _marks(dial.to_image, seen.line))


def _dial_tests(dial: Dial, params: GaugeParams) -> tuple[Test, ...]:
    radius = radius_px(dial.to_image)
    unclear = "the dial's rim is not clear"
    return (
        at_least("dial radius", radius, params.min_radius_px, "px",
                 "the dial is too small in the picture"),
        at_least("rim seen", dial.ring_share, params.rim_share, "1", unclear),
        at_most("rim off a circle", dial.ring_off,
                max(params.rim_off, params.rim_off_px / radius), "radii", unclear),
        at_most("shape off what is expected", dial.shape_off, params.shape_off, "1",
                "the dial is not seen from where the robot should be"),
    )  # fmt: skip


def _needle_tests(seen: Pointer, edges: Line, params: GaugeParams) -> tuple[Test, ...]:
    unclear = "the needle does not stand out clearly"
    return (
        at_least("needle against face", seen.line.clear, params.contrast, "1", unclear),
        at_least("two edges of a needle", edges.clear, params.edges, "1", unclear),
        at_least("length that is straight", seen.line.straight, params.straight, "1",
                 "the needle cannot be told from what is written there"),
        at_most("next best direction", seen.rival, params.rival, "1",
                "two directions look like needles"),
        at_most("other end", seen.tail, params.tail, "1",
                "both ends of the needle look alike"),
        at_most("needle off the middle", max(abs(seen.line.offset), abs(edges.offset)),
                params.offset, "radii", "what looks like a needle passes beside the middle"),
    )  # fmt: skip


def _share(angle_rad: float, scale: GaugeScale) -> float:
    """Where an angle lies on the scale, 0 to 1; the gap counts to the nearer end."""
    middle = (scale.min_rad + scale.max_rad) / 2.0
    from_middle = math.remainder(angle_rad - middle, 2.0 * math.pi)
    return 0.5 + from_middle / (scale.max_rad - scale.min_rad)


def radius_px(to_image: FloatArray) -> float:
    """The geometric mean of the half axes of the dial in the picture."""
    pixels = pixels_of(to_image, np.array([[0.0, 0.0], [1.0, 0.0], [0.0, 1.0]]))
    right, up = pixels[1] - pixels[0], pixels[2] - pixels[0]
    return math.sqrt(abs(float(right[0] * up[1] - right[1] * up[0])))


def _marks(to_image: FloatArray, line: Line) -> tuple[FloatArray, ...]:
    """Rim and needle as lines of the picture."""
    along = np.array([math.sin(line.angle_rad), math.cos(line.angle_rad)])
    return pixels_of(to_image, _RIM), pixels_of(to_image, np.array([0.1 * along, 0.95 * along]))
