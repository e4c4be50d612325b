"""Where on the map something in the picture lies, by depth or by the ground."""

from __future__ import annotations

import numpy as np

from patrol_core.geometry import FloatArray
from patrol_core.types.perception import FindingKind, Measure
from patrol_core.types.sensors import DepthImage
from patrol_perception.claims import Claim
from patrol_perception.findings import FindingBook
from patrol_perception.outline import Outline
from patrol_perception.view import View
from patrol_perception.watching.left_objects import LeftKind, LeftObject
from patrol_perception.watching.params import GuardParams

_FARTHEST_M = 12.0
_LEAST_SIZE_M = 0.1
_CONFIDENCE = 0.7


def place_of(
    box: tuple[int, int, int, int], view: View, depth: DepthImage | None
) -> Outline | None:
    """Where what fills a box (x, y, width, height) [px] lies; None where that cannot be told.

    Its distance is the median depth of the middle of the box; without depth, that at which the ray
    through the middle of its lower edge meets level ground.
    """
    x, y, width, height = box
    range_m = _depth_m(box, depth)
    if range_m is None:
        range_m = _ground_m(x + width / 2.0, y + height, view)
    if range_m is None or range_m > _FARTHEST_M:
        return None
    middle = _at(x + width / 2.0, y + height / 2.0, range_m, view)
    size = max(width * range_m / view.info.fx_px, _LEAST_SIZE_M)
    ahead = middle[:2] - view.position_m[:2]
    yaw = float(np.arctan2(ahead[1], ahead[0])) + np.pi / 2.0
    return Outline(float(middle[0]), float(middle[1]), size, size, float(yaw))


def _depth_m(box: tuple[int, int, int, int], depth: DepthImage | None) -> float | None:
    if depth is None:
        return None
    x, y, width, height = box
    part = depth.depth_m[
        y + height // 4 : y + max(3 * height // 4, height // 4 + 1),
        x + width // 4 : x + max(3 * width // 4, width // 4 + 1),
    ]
    known = part[np.isfinite(part) & (part > 0.0)]
    return float(np.median(known)) if known.size >= max(1, part.size // 4) else None


def _ground_m(u_px: float, v_px: float, view: View) -> float | None:
    """Depth along the optical axis of the ground at a pixel; None at the horizon and above."""
    eye = view.position_m
    ray = _at(u_px, v_px, 1.0, view) - eye
    return float(eye[2] / -ray[2]) if ray[2] < -1e-3 else None


def _at(u_px: float, v_px: float, depth_m: float, view: View) -> FloatArray:
    """The point of map (3,) at a pixel and a depth."""
    info = view.info
    optical = np.array(
        [(u_px - info.cx_px) / info.fx_px, (v_px - info.cy_px) / info.fy_px, 1.0, 1.0 / depth_m]
    )
    return np.asarray((view.to_map @ (optical * depth_m))[:3])


def tell(one: LeftObject, place: Outline, book: FindingBook, params: GuardParams) -> None:
    """Tell of it: as a remark to what the lidar has found there, or as a finding of its own."""
    judge, since_s = params.watch.judge, one.stamp_s - one.since_s
    measures = (
        Measure("since", since_s, judge.static_s, "s"),
        Measure("nobody with it for", one.unattended_s, judge.unattended_s, "s"),
    )
    if one.kind is LeftKind.REMOVED:
        words = f"Something that stood there was taken away {since_s:.0f} s ago: {one.reason}."
        gone = Claim(FindingKind.MISSING, place, _CONFIDENCE, one.since_s, words, measures)
        book.open(gone, one.stamp_s)
        return
    words = f"It was left behind {since_s:.0f} s ago: {one.reason}."
    entry = book.near(place.x_m, place.y_m, params.merge_m)
    if entry is None:
        size = f"{place.length_m:.1f} m"
        left = Claim(
            FindingKind.OBJECT, place, _CONFIDENCE, one.since_s,
            f"A thing of about {size} lies there, as the camera sees it.", (),
        )  # fmt: skip
        entry = book.open(left, one.stamp_s)
    book.remark(entry, "watching", words, measures, one.stamp_s)
