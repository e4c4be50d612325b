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
    """Poses of base_link over the last `HISTORY_S`: way from the wheels, turns from the gyro.

    Wheels slip most when they turn the robot: a quarter of slip on one wheel is 0.5 rad/s. The
    frame is the track's own; it begins where the track begins.
    """

    def __init__(self) -> None:
        self._stamps: deque[float] = deque()
        self._poses: deque[Pose2] = deque()
        self._wheels = Pose2(0.0, 0.0)

    def clear(self) -> None:
        self._stamps.clear()
        self._poses.clear()

    def add(self, odometry: Odometry, yaw_rate_radps: float | None) -> bool:
        """Take in a finite sample; false when the pose has jumped and all older ones are void.

        `yaw_rate_radps`: the gyro's; None: the wheels' turn has to do.
        """
        steady, pose = True, Pose2(0.0, 0.0)
        if self._stamps:
            dt_s = odometry.stamp_s - self._stamps[-1]
            if dt_s == 0.0:
                return True
            travel_m = odometry.pose.distance_to(self._wheels)
            if dt_s < 0.0 or travel_m > JUMP_SPEED_MPS * dt_s + 0.1:
                self.clear()
                steady = False
            else:
                step = odometry.pose.relative_to(self._wheels)
                turn_rad = step.yaw_rad if yaw_rate_radps is None else yaw_rate_radps * dt_s
                way_m = math.copysign(travel_m, step.x_m)
                half_rad = 0.5 * turn_rad
                moved = Pose2(way_m * math.cos(half_rad), way_m * math.sin(half_rad), turn_rad)
                pose = self._poses[-1].compose(moved)
        self._wheels = odometry.pose
        self._stamps.append(odometry.stamp_s)
        self._poses.append(pose)
        while self._stamps[0] < odometry.stamp_s - HISTORY_S:
            self._stamps.popleft()
            self._poses.popleft()
        return steady

    def newest(self) -> Pose2:
        """The last pose. The track must not be empty."""
        return self._poses[-1]

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
