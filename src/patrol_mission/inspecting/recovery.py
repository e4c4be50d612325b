"""After a restart in the middle of an inspection: say so, and see that the robot stands."""

from __future__ import annotations

import math

from patrol_core.action_client import ActionClient
from patrol_core.actions import INSPECT, NAVIGATE_TO_POSE
from patrol_core.component import Inputs, Outputs
from patrol_core.geometry import Pose2
from patrol_core.result import ErrorCode, Result
from patrol_core.topics import AMCL_POSE, PATROL_STATUS
from patrol_core.types.mission import GoalResult, NavigateGoal, PatrolEvent
from patrol_mission.inspecting.interruptions import patrol_drives
from patrol_mission.inspecting.journal import Journal, Unfinished
from patrol_mission.outbox import EventOutbox, tell


class Recovery:
    """The navigator may still be driving to a view; a goal where the robot is ends that."""

    def __init__(self, journal: Journal, prefix: str, outbox: EventOutbox | None) -> None:
        self._journal, self._prefix, self._outbox = journal, prefix, outbox
        self._unfinished: Unfinished | None = None

    def look(self) -> None:
        """See whether an inspection was under way when the process ended."""
        self._unfinished = self._journal.read()

    def step(self, inputs: Inputs, outputs: Outputs, now_s: float) -> None:
        """Once there is a pose: stand, and report."""
        left, estimate = self._unfinished, inputs.fresh(AMCL_POSE, now_s)
        if left is None or estimate is None:
            return
        self._unfinished = None
        if not patrol_drives(inputs):
            client = ActionClient(NAVIGATE_TO_POSE, f"{self._prefix}-{left.goal_id}-stand")
            client.send(NavigateGoal(client.new_id(), estimate.pose), outputs, now_s)
        message = (
            f"the inspection of {left.subject} was broken off after {left.views_done} views: the "
            "mission process was restarted. It is not taken up again by itself"
        )
        told = event(inputs, left.goal_id, "inspection_broken_off", left.subject, message, now_s)
        tell(told, outputs, self._outbox)
        result = Result.failure(ErrorCode.SERVER_RESTARTED, message)
        outputs.put(INSPECT.result, GoalResult(left.goal_id, result))
        self._journal.clear()


def event(
    inputs: Inputs, goal_id: str, kind: str, subject: str, message: str, now_s: float
) -> PatrolEvent:
    """An event of the patrol under way, or else of the inspection itself."""
    status, estimate = inputs.latest(PATROL_STATUS), inputs.latest(AMCL_POSE)
    patrol_id = goal_id if status is None or not status.patrol_id else status.patrol_id
    pose = Pose2(math.nan, math.nan, math.nan) if estimate is None else estimate.pose
    return PatrolEvent(now_s, patrol_id, kind, subject, message, pose)
