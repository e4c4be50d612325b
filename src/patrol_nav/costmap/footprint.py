"""The robot's outline as a row of equal discs: fast to check and never smaller than the body."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from patrol_core.geometry import FloatArray
from patrol_core.robot import Body

DISCS = 3


@dataclass(frozen=True, slots=True, eq=False)
class Footprint:
    """Discs of `radius_m` at `offsets_m` along the x axis of base_link that cover the body.

    `inscribed_m` and `circumscribed_m` are radii about base_link: within the first nothing may be,
    outside of the second nothing matters, whatever the heading.
    """

    offsets_m: FloatArray
    radius_m: float
    inscribed_m: float
    circumscribed_m: float


def footprint_of(body: Body) -> Footprint:
    """The covering of a box: each disc covers an equal slice of the length."""
    slice_m = body.length_m / DISCS
    rear = body.center_x_m - body.length_m / 2.0
    front = body.center_x_m + body.length_m / 2.0
    offsets = rear + slice_m * (np.arange(DISCS, dtype=np.float64) + 0.5)
    half_width = body.width_m / 2.0
    return Footprint(
        offsets,
        math.hypot(slice_m / 2.0, half_width),
        min(half_width, front, -rear),
        math.hypot(max(front, -rear), half_width),
    )
