"""The robot's outline as rows of equal discs: fast to check and never smaller than the body."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from patrol_core.geometry import FloatArray
from patrol_core.robot import Body
from patrol_nav.params import FootprintParams


@dataclass(frozen=True, slots=True, eq=False)
class Footprint:
    """Discs of `radius_m` at `offsets_m` (K, 2) in base_link that cover the body.

    `passing_m` is what a plan keeps to both sides. `inscribed_m` and `circumscribed_m` are radii
    about base_link: within the first nothing may be, outside of the second nothing matters,
    whatever the heading.
    """

    offsets_m: FloatArray
    radius_m: float
    passing_m: float
    inscribed_m: float
    circumscribed_m: float


def footprint_of(body: Body, params: FootprintParams | None = None) -> Footprint:
    """The covering of a box: each disc covers an equal rectangle of it.

    The more discs, the less is covered beyond the box, and the longer a check takes.
    """
    params = params or FootprintParams()
    discs, rows = params.discs, params.rows
    slice_m, strip_m = body.length_m / discs, body.width_m / rows
    rear = body.center_x_m - body.length_m / 2.0
    front = body.center_x_m + body.length_m / 2.0
    along = rear + slice_m * (np.arange(discs, dtype=np.float64) + 0.5)
    across = strip_m * (np.arange(rows, dtype=np.float64) - 0.5 * (rows - 1))
    offsets = np.stack(np.meshgrid(along, across, indexing="ij"), axis=-1).reshape(-1, 2)
    half_width = body.width_m / 2.0
    radius_m = math.hypot(slice_m / 2.0, strip_m / 2.0)
    return Footprint(
        np.ascontiguousarray(offsets),
        radius_m,
        radius_m if rows == 1 else half_width,
        min(half_width, front, -rear),
        math.hypot(max(front, -rear), half_width),
    )
