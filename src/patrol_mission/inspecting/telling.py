"""What an inspection tells: a finding with a revision for every side, and words for a person."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from patrol_core.geometry import FloatArray, Pose2, wrap_angle
from patrol_core.types.perception import Finding, FindingKind, Measure
from patrol_core.types.sensors import CompressedImage
from patrol_mission.inspecting.params import InspectParams
from patrol_mission.inspecting.subject import Subject
from patrol_mission.inspecting.viewpoints import View, nearest_rad

_COMPASS = (
    "east", "north-east", "north", "north-west", "west", "south-west", "south", "south-east",
)  # fmt: skip
_CONE_RAD = 0.1
_ASIDE_M = 1.0


def side_words(bearing_rad: float) -> str:
    """The side of the object that a view sees."""
    return _COMPASS[round(bearing_rad / (math.pi / 4.0)) % 8]


def measured_m(returns_m: FloatArray, pose: Pose2, subject: Subject, front_m: float) -> float:
    """Distance from the robot's front to what the lidar sees of the object [m].

    `returns_m` (N, 2) in `map`, `front_m` ahead of base_link. NaN where the lidar sees nothing
    there: the thing is lower than its plane, or gone.
    """
    offsets = returns_m - (pose.x_m, pose.y_m)
    ranges = np.hypot(*offsets.T)
    away_m = subject.distance_m(pose)
    towards = math.atan2(subject.y_m - pose.y_m, subject.x_m - pose.x_m)
    cone = math.asin(min(subject.radius_m / max(away_m, 1e-3), 1.0)) + _CONE_RAD
    off = np.abs([wrap_angle(a - towards) for a in np.arctan2(offsets[:, 1], offsets[:, 0])])
    ours = (off <= cone) & (np.abs(ranges - away_m) <= subject.radius_m + _ASIDE_M)
    return float(ranges[ours].min()) - front_m if ours.any() else math.nan


def finding_of(
    finding_id: str,
    subject: Subject,
    views: Sequence[View],
    away_m: float,
    measured: float,
    photo: CompressedImage | None,
    first_s: float,
    now_s: float,
    params: InspectParams,
) -> Finding:
    """What the newest of the views shows: the revision is its number.

    `away_m`: from the robot's outline to the object as far as map and pose say; `measured`: by
    the lidar, NaN if it sees nothing.
    """
    view, number = views[-1], len(views)
    by = "measured" if math.isfinite(measured) else "by the pose; the lidar sees nothing there"
    distance_m = measured if math.isfinite(measured) else away_m
    degrees = math.degrees(view.bearing_rad) % 360.0
    known = subject.finding
    size = (
        "" if known is None else f" It is seen as {known.length_m:.1f} m x {known.width_m:.1f} m."
    )
    without = "" if photo is not None else " There is no camera: no picture."
    reason = (
        f"Inspection of {subject.name}: side {number} of {params.views}, seen from the "
        f"{side_words(view.bearing_rad)}, {distance_m:.1f} m away ({by}).{size}{without}"
    )
    return Finding(
        finding_id, number, now_s, FindingKind.INSPECTION, subject.x_m, subject.y_m,
        2.0 * subject.radius_m if known is None else known.length_m,
        2.0 * subject.radius_m if known is None else known.width_m,
        1.0, first_s, reason,
        (
            Measure("distance", distance_m, params.standoff_m, "m"),
            Measure("bearing", degrees, 0.0, "degrees"),
            Measure("view", float(number), float(params.views), ""),
        ),
        photo,
    )  # fmt: skip


def summary(subject: Subject, views: Sequence[View], reason: str, params: InspectParams) -> str:
    """What was seen, and why not more, in a sentence."""
    if not views:
        return f"{subject.name} was not seen from any side"
    sides = ", ".join(side_words(view.bearing_rad) for view in views)
    told = f"{subject.name} seen from {len(views)} of {params.views} sides ({sides})"
    apart_rad = nearest_rad(views)
    if len(views) > 1:
        told += f", the nearest two {math.degrees(apart_rad):.0f} degrees apart"
    close = len(views) < params.views or apart_rad < params.apart_rad
    return f"{told}: {reason}" if close and reason else told
