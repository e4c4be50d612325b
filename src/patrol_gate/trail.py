"""The ground that the robot's own body has just covered: known to be free, seen or not.

A lidar that does not see behind cannot vouch for backing up. But where the body itself has been a
moment ago nothing stands, unless it came since; so the robot may go back along its own trail, and
nowhere else. That is off by default (`retrace_m` 0), and for places where nobody comes up from
behind.
"""

from __future__ import annotations

import math
from collections import deque

import numpy as np

from patrol_core.geometry import FloatArray, Pose2
from patrol_core.robot import Body
from patrol_gate.manoeuvre import Manoeuvre

SPACING_M, SPACING_RAD = 0.02, 0.04
BACKWARDS_M, AHEAD_AGAIN_M = 0.002, 0.02
"""So far back is going back, until it has gone so far ahead again."""
AGE_S = 30.0
"""What was covered longer ago than this may have changed."""
SLACK_M = 0.03
"""The trail is so much wider than the body: half of what the gate kept free beside it."""
OUTLINE_POINTS = 9
EVERY_POSE = 4


class Trail:
    """Remembers where the body was over the last `length_m` of its way; 0: nothing.

    Poses are base_link in the frame of dead reckoning.
    """

    def __init__(self, body: Body, length_m: float) -> None:
        self._body = body
        self._length_m = length_m
        self._poses: deque[tuple[float, float, Pose2]] = deque()
        self._way_m = 0.0
        self._before: Pose2 | None = None
        self._turned_m = self._ahead_m = 0.0
        self._goes_back = False
        x = body.center_x_m + body.length_m * np.linspace(-0.5, 0.0, OUTLINE_POINTS)
        y = body.width_m * np.linspace(-0.5, 0.5, OUTLINE_POINTS)
        sides = [np.column_stack((x, np.full(OUTLINE_POINTS, edge))) for edge in (y[0], y[-1])]
        self._rear: FloatArray = np.vstack((*sides, np.column_stack((np.full_like(y, x[0]), y))))

    def clear(self) -> None:
        """Dead reckoning has begun anew: nothing is known."""
        self._poses.clear()
        self._before, self._way_m, self._goes_back = None, 0.0, False

    def note(self, pose: Pose2, now_s: float) -> None:
        """The body is here now. Going back, it covers nothing new: slack must not add up."""
        if self._length_m <= 0.0:
            return
        while self._poses and now_s - self._poses[0][0] > AGE_S:
            self._poses.popleft()
        if self._is_going_back(pose):
            return
        if self._poses:
            step = pose.relative_to(self._poses[-1][2])
            moved_m = math.hypot(step.x_m, step.y_m)
            if moved_m < SPACING_M and abs(step.yaw_rad) < SPACING_RAD:
                return
            self._way_m += moved_m
        self._poses.append((now_s, self._way_m, pose))
        while self._poses[0][1] < self._way_m - self._length_m:
            self._poses.popleft()

    def _is_going_back(self, pose: Pose2) -> bool:
        """By the way ahead since it last turned to go back or ahead, creeping included."""
        before, self._before = self._before, pose
        self._ahead_m += 0.0 if before is None else pose.relative_to(before).x_m
        if self._goes_back:
            self._turned_m = min(self._turned_m, self._ahead_m)
            self._goes_back = self._ahead_m < self._turned_m + AHEAD_AGAIN_M
        else:
            self._turned_m = max(self._turned_m, self._ahead_m)
            self._goes_back = self._ahead_m < self._turned_m - BACKWARDS_M
        return self._goes_back

    def covers(self, motion: Manoeuvre, start: Pose2) -> bool:
        """Whether the rear half of the body stays on the trail all along a motion from `start`.

        The front half is where the lidar sees.
        """
        if not self._poses:
            return False
        indices = [*range(0, len(motion.times_s), EVERY_POSE), len(motion.times_s) - 1]
        places = [start.compose(motion.pose(i)).transform_points(self._rear) for i in indices]
        return bool(self._covered(np.vstack(places)).all())

    def _covered(self, points_m: FloatArray) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
        """Which points (N, 2) lie within the body, or next to it, at any pose of the trail."""
        x, y, yaw = np.array([(p.x_m, p.y_m, p.yaw_rad) for _, _, p in self._poses]).T
        dx, dy = points_m[:, 0, None] - x, points_m[:, 1, None] - y
        cos, sin = np.cos(yaw), np.sin(yaw)
        along = np.abs(dx * cos + dy * sin - self._body.center_x_m)
        across = np.abs(dy * cos - dx * sin)
        inside = along <= self._body.length_m / 2.0 + SLACK_M
        inside &= across <= self._body.width_m / 2.0 + SLACK_M
        return np.asarray(inside.any(axis=1))
