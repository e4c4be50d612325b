"""A client of one long action: sends a goal, asks until it ends, cancels when interrupted."""

from __future__ import annotations

import itertools
import uuid
from typing import Any

from patrol_core.actions import Action
from patrol_core.component import Inputs, Outputs
from patrol_core.result import Result
from patrol_core.types.mission import GoalCancel


class ActionClient:
    """At most one goal at a time. Ids are 32 hexadecimal digits made from `prefix` and a count."""

    def __init__(self, action: Action, prefix: str) -> None:
        self._action = action
        self._prefix = prefix
        self._count = itertools.count(1)
        self._goal: Any = None
        self._answered = False
        self._sent_s = 0.0
        self.result: Result | None = None

    @property
    def active(self) -> bool:
        return self._goal is not None

    @property
    def goal_id(self) -> str:
        """Of the goal that is under way; empty where there is none."""
        return "" if self._goal is None else str(self._goal.goal_id)

    def new_id(self) -> str:
        name = f"{self._prefix}-{self._action.name}-{next(self._count)}"
        return uuid.uuid5(uuid.NAMESPACE_OID, name).hex

    def send(self, goal: Any, outputs: Outputs, now_s: float) -> None:
        """Start a goal; its outcome appears in `result` at a later tick."""
        self._goal, self._sent_s = goal, now_s
        self._answered, self.result = False, None
        outputs.put(self._action.goal, goal)

    def cancel(self, outputs: Outputs) -> None:
        """Give the goal up; a result that still comes is ignored."""
        if self._goal is not None:
            outputs.put(self._action.cancel, GoalCancel(self._goal.goal_id))
            self._goal = None

    def update(
        self, inputs: Inputs, outputs: Outputs, now_s: float, resend_after_s: float
    ) -> None:
        """Take in feedback and results; send the goal again while nobody has answered it."""
        if self._goal is None:
            return
        wanted = self._goal.goal_id
        for feedback in inputs.events(self._action.feedback):
            if feedback.goal_id == wanted:
                self._answered = True
        for outcome in inputs.events(self._action.result):
            if outcome.goal_id == wanted:
                self.result, self._goal = outcome.result, None
                return
        if not self._answered and now_s - self._sent_s > resend_after_s:
            self._sent_s = now_s
            outputs.put(self._action.goal, self._goal)
