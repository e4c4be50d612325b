"""A short history of dead reckoning, so that what was seen then can be placed now."""

from __future__ import annotations

import bisect
import math
from collections import deque

from patrol_core.geometry import Pose2, wrap_angle
from patrol_core.types.motion import Odometry

HISTORY_S = 1.5
JUMP_SPEED_MPS = 5.0
"""A change of pose that no rover makes: the base restarted and counts from zero again."""


class OdometryTrack:
    """Poses of base_link in `odom` over the last `HISTORY_S`."""

    def __init__(self) -> None:
        self._stamps: deque[float] = deque()
        self._poses: deque[Pose2] = deque()

    def clear(self) -> None:
        self._stamps.clear()
        self._poses.clear()

    def add(self, odometry: Odometry) -> bool:
        """Take in a finite sample; false when the pose has jumped and all older ones are void."""
        steady = True
        if self._stamps:
            dt_s = odometry.stamp_s - self._stamps[-1]
            if dt_s == 0.0:
                return True
            travel_m = odometry.pose.distance_to(self._poses[-1])
            if dt_s < 0.0 or travel_m > JUMP_SPEED_MPS * dt_s + 0.1:
                self.clear()
                steady = False
        self._stamps.append(odometry.stamp_s)
        self._poses.append(odometry.pose)
        while self._stamps[0] < odometry.stamp_s - HISTORY_S:
            self._stamps.popleft()
            self._poses.popleft()
        return steady

    def at(self, stamp_s: float) -> Pose2 | None:
        """The pose at a time within the history, or up to 50 ms after its newest sample."""
        if not self._stamps or not self._stamps[0] <= stamp_s <= self._stamps[-1] + 0.05:
            return None
        index = bisect.bisect_left(self._stamps, stamp_s)
        if index == len(self._stamps):
            return self._poses[-1]
        after = self._poses[index]
        if index == 0 or self._stamps[index] == stamp_s:
            return after
        before = self._poses[index - 1]
        span_s = self._stamps[index] - self._stamps[index - 1]
        fraction = (stamp_s - self._stamps[index - 1]) / span_s
        turn_rad = wrap_angle(after.yaw_rad - before.yaw_rad)
        return Pose2(
            before.x_m + (after.x_m - before.x_m) * fraction,
            before.y_m + (after.y_m - before.y_m) * fraction,
            math.remainder(before.yaw_rad + turn_rad * fraction, math.tau),
        )
