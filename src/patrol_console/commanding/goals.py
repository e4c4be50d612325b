"""Wishes that are goals of an action."""

from __future__ import annotations

from typing import Any

from patrol_console.commanding.wishes import Do, Wish
from patrol_core.actions import DOCK, INSPECT, NAVIGATE_TO_POSE, PATROL, Action
from patrol_core.types.mission import DockGoal, InspectGoal, NavigateGoal, PatrolGoal

ACTION_OF: dict[Do, Action] = {
    Do.START: PATROL, Do.GO: NAVIGATE_TO_POSE, Do.INSPECT: INSPECT, Do.DOCK: DOCK, Do.UNDOCK: DOCK,
}  # fmt: skip


def goal_of(wish: Wish, goal_id: str) -> Any:
    """The goal to send for a wish of `ACTION_OF`."""
    if wish.do is Do.START:
        return PatrolGoal(goal_id, wish.subject, wish.laps)
    if wish.do in (Do.DOCK, Do.UNDOCK):
        return DockGoal(goal_id, wish.subject, undock=wish.do is Do.UNDOCK)
    assert wish.pose is not None
    if wish.do is Do.INSPECT:
        return InspectGoal(goal_id, wish.subject, wish.pose.x_m, wish.pose.y_m)
    return NavigateGoal(goal_id, wish.pose)
