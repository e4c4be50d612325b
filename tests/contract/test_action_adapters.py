"""Goals, feedback, cancels and results travel as ROS actions, and nobody is left waiting."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest

pytest.importorskip("rclpy")

import rclpy
from rclpy.experimental.events_executor import EventsExecutor
from rclpy.node import Node
from rclpy.utilities import try_shutdown

from patrol_core.actions import DOCK, PATROL
from patrol_core.result import ErrorCode, Result
from patrol_core.topics import Topic
from patrol_core.types.mission import (
    DockGoal,
    GoalCancel,
    GoalResult,
    NavigationFeedback,
    PatrolGoal,
)
from patrol_host_ros.actions import ClientAdapter, ServerAdapter

PATIENCE_S = 20.0


class Ends:
    """Both ends of an action in one node, with everything that was delivered."""

    def __init__(self) -> None:
        self.node: Any = Node("ends", enable_rosout=False, start_parameter_services=False)
        self.executor = EventsExecutor()
        self.executor.add_node(self.node)
        self.heard: list[tuple[str, Any]] = []
        self.server = ServerAdapter(self.node, DOCK, self._hear)
        self.client = ClientAdapter(self.node, DOCK, self._hear)

    def _hear(self, topic: Topic[Any], value: Any) -> None:
        self.heard.append((topic.name, value))

    def send(self, topic: Topic[Any], value: Any) -> None:
        self.client.put(topic, value, time.monotonic())

    def values(self, topic: Topic[Any]) -> list[Any]:
        return [value for name, value in self.heard if name == topic.name]

    def wait_for(self, happened: Callable[[], Any], steady_s: float | None = None) -> Any:
        end_s = time.monotonic() + PATIENCE_S
        while not (found := happened()):
            assert time.monotonic() < end_s, f"nothing came; heard {self.heard}"
            self.executor.spin_once(timeout_sec=0.02)
            self.client.poll(time.monotonic() if steady_s is None else steady_s)
        return found

    def start(self, goal_id: str) -> str:
        """Send a goal; its id as the server sees it."""
        before = len(self.values(DOCK.goal))
        self.send(DOCK.goal, DockGoal(goal_id, "home"))
        self.wait_for(lambda: len(self.values(DOCK.goal)) > before)
        return str(self.values(DOCK.goal)[-1].goal_id)


@pytest.fixture
def ends() -> Iterator[Ends]:
    rclpy.init(domain_id=os.getpid() % 90 + 10)
    made = Ends()
    yield made
    made.node.destroy_node()
    try_shutdown()


def test_a_goal_succeeds_with_feedback(ends: Ends) -> None:
    goal_id = ends.start("f" * 32)
    assert goal_id == "f" * 32
    ends.server.put(DOCK.feedback, NavigationFeedback(goal_id, 2.5, 0.0, "backing"))
    said = ends.wait_for(lambda: ends.values(DOCK.feedback))
    assert said == [NavigationFeedback(goal_id, 2.5, 0.0, "backing")]
    ends.server.put(DOCK.result, GoalResult(goal_id, Result.success("docked")))
    ended = ends.wait_for(lambda: ends.values(DOCK.result))
    assert ended == [GoalResult(goal_id, Result.success("docked"))]


def test_ids_that_are_no_uuid_come_back_as_they_were(ends: Ends) -> None:
    there = ends.start("lap 1")
    result = Result.failure(ErrorCode.DOCK_NOT_SEEN, "no dock in sight")
    ends.server.put(DOCK.result, GoalResult(there, result))
    assert ends.wait_for(lambda: ends.values(DOCK.result)) == [GoalResult("lap 1", result)]


def test_a_goal_sent_again_is_not_a_second_goal(ends: Ends) -> None:
    goal_id = ends.start("a" * 32)
    ends.send(DOCK.goal, DockGoal(goal_id, "home"))
    other = ends.start("b" * 32)
    assert [goal.goal_id for goal in ends.values(DOCK.goal)] == [goal_id, other]


def test_a_cancel_reaches_the_server_and_its_answer_comes_back(ends: Ends) -> None:
    goal_id = ends.start("c" * 32)
    ends.send(DOCK.cancel, GoalCancel(goal_id))
    assert ends.wait_for(lambda: ends.values(DOCK.cancel)) == [GoalCancel(goal_id)]
    for _ in range(10):
        ends.executor.spin_once(timeout_sec=0.02)
    ends.server.put(DOCK.result, GoalResult(goal_id, Result.canceled("stopped")))
    ended = ends.wait_for(lambda: ends.values(DOCK.result))
    assert ended == [GoalResult(goal_id, Result.canceled("stopped"))]


def test_a_server_that_forgot_the_goal_ends_it(ends: Ends) -> None:
    """As after a restart: the goal is unknown, and the client must not wait for ever."""
    goal_id = ends.start("d" * 32)
    ends.server._server._goal_handles.clear()
    later_s = time.monotonic() + 1000.0
    ended = ends.wait_for(lambda: ends.values(DOCK.result), later_s)
    assert ended[0].goal_id == goal_id
    assert ended[0].result.code is ErrorCode.SERVER_RESTARTED


def test_a_goal_without_a_server_ends(ends: Ends) -> None:
    lonely = ClientAdapter(ends.node, PATROL, ends._hear)
    lonely.put(PATROL.goal, PatrolGoal("e" * 32, "perimeter", 1), 0.0)
    lonely.poll(9.0)
    assert not ends.values(PATROL.result)
    lonely.poll(11.0)
    assert ends.values(PATROL.result)[0].result.code is ErrorCode.TIMEOUT
