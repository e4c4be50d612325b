"""The leaf that turns to a finding for its picture."""

from __future__ import annotations

import math

from py_trees.common import Status

from patrol_core.geometry import Pose2, wrap_angle
from patrol_core.types.mission import NavigateGoal, PatrolState
from patrol_mission.behaviours import GoalLeaf
from patrol_mission.board import LookTarget

FACING_RAD = 0.15
"""Off by no more than that, the middle of the picture shows the thing."""


class LookAtFinding(GoalLeaf):
    """Turns on the spot to a near finding that has no picture yet, and waits for one."""

    def _target(self) -> LookTarget | None:
        pose, params = self.board.pose, self.board.params
        if pose is None or self.board.at_dock():
            return None
        for target in self.board.look_targets.values():
            near = math.hypot(target.x_m - pose.x_m, target.y_m - pose.y_m)
            waited = self.board.now_s - target.since_s
            if near < params.look_distance_m and waited > params.photo_patience_s:
                return target
        return None

    def goal(self) -> NavigateGoal | None:
        self._looking = self._target()
        pose = self.board.pose
        if self._looking is None or pose is None:
            return None
        self._since_s = self.board.now_s
        self._facing_s = math.inf
        self.say(PatrolState.LOOKING, "taking a picture of a finding")
        yaw = math.atan2(self._looking.y_m - pose.y_m, self._looking.x_m - pose.x_m)
        return NavigateGoal(self.client.new_id(), Pose2(pose.x_m, pose.y_m, yaw))

    def update(self) -> Status:
        if self._looking is None:
            return Status.FAILURE
        wanted = self._looking.finding_id
        target = self.board.look_targets.get(wanted)
        late = target is not None and self._is_late(target)
        if target is not None and not late:
            return Status.RUNNING
        self.board.look_targets.pop(wanted, None)
        self.client.cancel(self.board.outputs)
        kind = "no_picture" if late else "picture_taken"
        self.board.record(kind, wanted, "turned to a finding for a picture")
        return Status.SUCCESS

    def _is_late(self, target: LookTarget) -> bool:
        """Too long on the way, or face to face for a while: then something hides it."""
        now_s, pose, params = self.board.now_s, self.board.pose, self.board.params
        if pose is not None and self._facing_s == math.inf:
            bearing = math.atan2(target.y_m - pose.y_m, target.x_m - pose.x_m)
            if abs(wrap_angle(bearing - pose.yaw_rad)) < FACING_RAD:
                self._facing_s = now_s
        return (
            now_s - self._since_s > params.look_timeout_s
            or now_s - self._facing_s > params.look_facing_s
        )
