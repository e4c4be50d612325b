"""The leaves in which the robot stands still on purpose, wherever it is."""

from __future__ import annotations

from py_trees.common import Status

from patrol_core.types.mission import PatrolState
from patrol_mission.behaviours import Leaf
from patrol_mission.failing import settle
from patrol_mission.link import LinkStep


class Paused(Leaf):
    """Stands while an operator has paused the patrol."""

    def update(self) -> Status:
        if not self.run.paused_by:
            return Status.FAILURE
        self.say(PatrolState.PAUSED, f"paused by {self.run.paused_by}")
        return Status.RUNNING


class Asking(Leaf):
    """Waits for a person's word; when the time for it is over, the site's default is done."""

    def update(self) -> Status:
        question = self.run.question
        if question is None:
            return Status.FAILURE
        if self.board.now_s >= question.until_s:
            self.board.record("nobody_answered", question.code.name.lower(), question.text)
            settle(self.board, question.code, f"{question.code.name.lower()}: nobody answered")
            return Status.SUCCESS
        self.say(PatrolState.ASKING, question.text)
        return Status.RUNNING


class OutOfTouch(Leaf):
    """Stands, off the dock, while no operator has been heard for very long."""

    def update(self) -> Status:
        if self.board.link is not LinkStep.STAND or self.board.at_dock():
            return Status.FAILURE
        self.say(PatrolState.PAUSED, "standing here: no operator has been heard for long")
        return Status.RUNNING


class Inspecting(Leaf):
    """Leaves the robot to the inspector while somebody has asked for an inspection."""

    def update(self) -> Status:
        if not self.board.inspected_for:
            return Status.FAILURE
        self.say(PatrolState.LOOKING, "something is being inspected")
        return Status.RUNNING


class NotYet(Leaf):
    """Stays on the dock until the time that was drawn for the start."""

    def update(self) -> Status:
        left_s = self.run.not_before_s - self.board.now_s
        if left_s <= 0.0 or not self.board.at_dock():
            return Status.FAILURE
        self.say(PatrolState.RESTING, "on the dock: starts in a while")
        return Status.RUNNING
