"""Places where the robot got stuck: plans keep out of them for a while."""

from __future__ import annotations

import numpy as np

from patrol_core.geometry import FloatArray, Pose2

AHEAD_M = 0.4
RADIUS_M = 0.3
KEEP_S = 30.0


class DeadEnds:
    """Discs just ahead of where it had to go back."""

    def __init__(self) -> None:
        self._places: list[tuple[float, float, float]] = []

    def note(self, pose: Pose2, way: FloatArray, now_s: float) -> None:
        """It goes back from `pose`; `way` (N, 3), where it wanted to go, begins near it."""
        away = np.hypot(way[:, 0] - pose.x_m, way[:, 1] - pose.y_m)
        beyond = np.flatnonzero(away >= AHEAD_M)
        x, y, _ = way[int(beyond[0]) if len(beyond) else -1]
        self._places.append((now_s, float(x), float(y)))

    def discs(self, now_s: float) -> FloatArray:
        """What to keep out of (N, 3): x, y, radius."""
        self._places = [place for place in self._places if now_s - place[0] < KEEP_S]
        return np.array([(x, y, RADIUS_M) for _, x, y in self._places]).reshape(-1, 3)

    def forget(self) -> None:
        """There is no other way."""
        self._places.clear()
