"""A drive round the yard, for tests of what it teaches."""

from __future__ import annotations

import math
from collections.abc import Iterable
from pathlib import Path

import numpy as np
from shapely.geometry import LineString

from patrol_core.geometry import Pose2
from patrol_core.site import load_site
from patrol_core.types.status import LocalizationLevel, LocalizationStatus
from ronda_cli.teaching.edits import used_ids
from ronda_cli.teaching.lesson import Act, Entry, Lesson
from ronda_cli.teaching.taught import TaughtRoute, taught_route

YARD = Path(__file__).parents[3] / "sites" / "yard"
PERIMETER = "offset_m: 0.9, corner_radius_m: 1, direction: clockwise, speed_mps: 0.8"
BLOCKS = (
    "routes:\n- id: p\n  "
    + PERIMETER.replace(", ", "\n  ")
    + """
  checkpoints:
  - gate  # first
  # 🛞 no others yet
"""
)
SITE = load_site(YARD)
TAKEN = used_ids(YARD / "zones.geojson")
CORNERS = [(-1.0, -3.4), (5.5, -3.4), (5.5, 3.4), (-5.0, 3.4), (-5.0, -3.4), (-1.2, -3.4)]
GOOD = LocalizationStatus(0.0, LocalizationLevel.GOOD, "", 0.02, 0.01, 0.9)
LOST = LocalizationStatus(0.0, LocalizationLevel.LOST, "nothing fits", 2.0, 1.0, 0.1)


def along(corners: Iterable[tuple[float, float]], step_m: float = 0.04) -> list[Pose2]:
    """Poses of somebody who drives from corner to corner."""
    line = LineString(list(corners))
    poses = []
    for at in np.arange(0.0, line.length, step_m):
        here, ahead = (line.interpolate(float(place)) for place in (at, at + 0.01))
        poses.append(Pose2(here.x, here.y, math.atan2(ahead.y - here.y, ahead.x - here.x)))
    return poses


class Drive:
    """A lesson, with a clock and whatever it accepted."""

    def __init__(self, lesson: Lesson | None = None) -> None:
        self.lesson = lesson or Lesson()
        self.now_s = 100.0
        self.entries: list[Entry] = []
        self.lesson.hear_quality(GOOD)

    def go(self, corners: Iterable[tuple[float, float]]) -> None:
        for pose in along(corners):
            self.now_s += 0.05
            self._keep(self.lesson.hear_pose(pose, self.now_s))

    def mark(self, act: Act) -> str:
        entry, words = self.lesson.act(act, self.now_s)
        self._keep(entry)
        return words

    def _keep(self, entry: Entry | None) -> None:
        if entry is not None:
            self.entries.append(entry)


def route_of(drive: Drive) -> TaughtRoute:
    return taught_route(drive.lesson, "evening", 0.5, 2.0, docks=SITE.docks, taken=TAKEN)


# The line
