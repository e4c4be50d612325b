"""Ways that could not be driven, told as findings until they are stored."""

from __future__ import annotations

import math

from patrol_core.component import Inputs, Outputs
from patrol_core.geometry import Pose2
from patrol_core.topics import CAMERA_BLURRED, FINDINGS, INCIDENTS
from patrol_core.types.perception import Finding, FindingKind

REPEAT_S = 2.0
AHEAD_M = 1.0
"""What blocks the way is about so far ahead of base_link."""


class BlockedWays:
    """Keeps what it has said and nobody has acknowledged yet."""

    def __init__(self) -> None:
        self._unstored: dict[str, Finding] = {}
        self._said_s: dict[str, float] = {}

    def report(self, inputs: Inputs, pose: Pose2, reason: str, now_s: float) -> None:
        """The way ahead of `pose` (in `map`) is blocked; the last picture goes with it."""
        name = f"{round(now_s * 1000):010d}-blocked"
        place = pose.compose(Pose2(AHEAD_M, 0.0))
        self._unstored[name] = Finding(
            name, 1, now_s, FindingKind.BLOCKED, place.x_m, place.y_m, 0.0, 0.0, 1.0, now_s,
            reason, (), inputs.fresh(CAMERA_BLURRED, now_s),
        )  # fmt: skip

    def step(self, inputs: Inputs, outputs: Outputs, now_s: float) -> None:
        """Forget what is stored, say again what is not."""
        for incident in inputs.events(INCIDENTS):
            self._unstored.pop(incident.finding_id, None)
        for name, finding in self._unstored.items():
            if now_s - self._said_s.get(name, -math.inf) >= REPEAT_S:
                self._said_s[name] = now_s
                outputs.put(FINDINGS, finding)
