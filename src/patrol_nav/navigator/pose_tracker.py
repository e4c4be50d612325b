"""The pose in `map` at any recent time: the localiser's last word, carried on by odometry."""

from __future__ import annotations

import bisect
import math
from collections import deque

from patrol_core.geometry import Pose2, wrap_angle
from patrol_core.types.motion import Odometry, PoseEstimate

HISTORY_S = 2.0
CARRY_ON_S = 0.3


class PoseTracker:
    """Remembers odometry and where its frame lies in `map`."""

    def __init__(self) -> None:
        self._history: deque[Odometry] = deque()
        self._odom_in_map: Pose2 | None = None
        self._estimate_s = -math.inf

    def update(self, odometry: Odometry, estimate: PoseEstimate) -> None:
        """Take in the newest samples; those that are known already change nothing."""
        history = self._history
        if history and odometry.stamp_s < history[-1].stamp_s - HISTORY_S:
            history.clear()
        if not history or odometry.stamp_s > history[-1].stamp_s:
            history.append(odometry)
        while history[0].stamp_s < odometry.stamp_s - HISTORY_S:
            history.popleft()
        if estimate.stamp_s != self._estimate_s:
            base = self._odometry_at(estimate.stamp_s)
            if base is not None:
                self._odom_in_map = estimate.pose.compose(base.inverse())
                self._estimate_s = estimate.stamp_s

    @property
    def newest(self) -> Pose2 | None:
        """base_link in `map` at the newest odometry."""
        return self.pose_at(self._history[-1].stamp_s) if self._history else None

    def pose_at(self, stamp_s: float) -> Pose2 | None:
        """base_link in `map`, or None when the time is out of reach."""
        base = self._odometry_at(stamp_s)
        if base is None or self._odom_in_map is None:
            return None
        return self._odom_in_map.compose(base)

    def _odometry_at(self, stamp_s: float) -> Pose2 | None:
        history = self._history
        if not history:
            return None
        index = bisect.bisect_left(history, stamp_s, key=lambda sample: sample.stamp_s)
        if index == len(history):
            ahead_s = stamp_s - history[-1].stamp_s
            return _carried_on(history[-1], ahead_s) if ahead_s <= CARRY_ON_S else None
        if index == 0:
            behind_s = history[0].stamp_s - stamp_s
            return _carried_on(history[0], -behind_s) if behind_s <= CARRY_ON_S else None
        before, after = history[index - 1], history[index]
        fraction = (stamp_s - before.stamp_s) / (after.stamp_s - before.stamp_s)
        turn = wrap_angle(after.pose.yaw_rad - before.pose.yaw_rad)
        return Pose2(
            before.pose.x_m + fraction * (after.pose.x_m - before.pose.x_m),
            before.pose.y_m + fraction * (after.pose.y_m - before.pose.y_m),
            wrap_angle(before.pose.yaw_rad + fraction * turn),
        )


def _carried_on(sample: Odometry, dt_s: float) -> Pose2:
    """The pose after `dt_s` at the sample's velocity."""
    turn, way = sample.angular_radps * dt_s, sample.linear_mps * dt_s
    step = Pose2(way * math.cos(turn / 2.0), way * math.sin(turn / 2.0), turn)
    return sample.pose.compose(step)
