"""Nav2 drives in our navigator's place, and ours answers to Nav2's clients: both over DDS."""

from __future__ import annotations

import json
import math
import os
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

pytest.importorskip("rclpy")

import rclpy
from action_msgs.msg import GoalStatus
from geometry_msgs.msg import PoseStamped
from nav2_msgs import action as nav2
from nav2_msgs.msg import SpeedLimit
from rclpy import action as ros_action
from rclpy.experimental.events_executor import EventsExecutor
from rclpy.node import Node
from rclpy.utilities import try_shutdown

from patrol_core.actions import DOCK, FOLLOW_ROUTE, FOLLOW_WAYPOINTS, NAVIGATE_TO_POSE
from patrol_core.component import ProcessContext
from patrol_core.errors import ConfigError
from patrol_core.geometry import Pose2
from patrol_core.result import ErrorCode, Result
from patrol_core.robot import load_robot
from patrol_core.site import load_site
from patrol_core.topics import Topic
from patrol_core.types.mission import (
    FollowRouteGoal,
    FollowWaypointsGoal,
    GoalResult,
    NavigateFeedback,
    NavigateGoal,
    NavigationFeedback,
)
from patrol_host_ros.actions import ServerAdapter
from patrol_host_ros.conversions import interface_type
from patrol_host_ros.nav2 import Nav2Client, thinned
from patrol_nav import assembly

PATIENCE_S = 20.0
CLIENT: Any = ros_action.ActionClient  # type: ignore[attr-defined]
SERVER: Any = ros_action.ActionServer  # type: ignore[attr-defined]
ROOT = Path(__file__).parents[2]
ROVER = load_robot(ROOT / "urdf" / "config" / "rover.yaml")
ROUTE = np.column_stack((np.arange(0.0, 9.0, 0.25), np.zeros(36), np.zeros(36)))


class Graph:
    """One node and what was delivered in it."""

    def __init__(self) -> None:
        self.node: Any = Node("either_way", enable_rosout=False, start_parameter_services=False)
        self.executor = EventsExecutor()
        self.executor.add_node(self.node)
        self.heard: list[tuple[str, Any]] = []

    def hear(self, topic: Topic[Any], value: Any) -> None:
        self.heard.append((topic.name, value))

    def values(self, topic: Topic[Any]) -> list[Any]:
        return [value for name, value in self.heard if name == topic.name]

    def wait_for(self, happened: Callable[[], Any], also: Callable[[], Any] = bool) -> Any:
        end_s = time.monotonic() + PATIENCE_S
        while not (found := happened()):
            assert time.monotonic() < end_s, f"nothing came; heard {self.heard}"
            also()
            self.executor.spin_once(timeout_sec=0.02)
        return found


class FakeNav2:
    """An action server as bt_navigator's: tells its way, then ends as it is told to."""

    def __init__(self, node: Any, kind: Any, name: str, error_code: int = 0) -> None:
        self._kind, self._error_code = kind, error_code
        self.goals: list[Any] = []
        SERVER(node, kind, name, self._execute)

    def _execute(self, handle: Any) -> Any:
        self.goals.append(handle.request)
        said = self._kind.Feedback(distance_remaining=4.5, number_of_recoveries=2)
        handle.publish_feedback(said)
        if self._error_code:
            handle.abort()
            return self._kind.Result(error_code=self._error_code, error_msg="walled in")
        handle.succeed()
        return self._kind.Result()


@pytest.fixture
def graph() -> Iterator[Graph]:
    rclpy.init(domain_id=os.getpid() % 90 + 10)
    made = Graph()
    yield made
    made.node.destroy_node()
    try_shutdown()


def test_a_route_goes_to_nav2_thinned_out_and_with_its_speed(graph: Graph) -> None:
    limits: list[float] = []
    graph.node.create_subscription(
        SpeedLimit, "speed_limit", lambda m: limits.append(0.0 if m.percentage else m.speed_limit),
        10,
    )  # fmt: skip
    server = FakeNav2(graph.node, nav2.NavigateThroughPoses, "navigate_through_poses")
    client = Nav2Client(graph.node, FOLLOW_ROUTE, graph.hear)
    client.put(FOLLOW_ROUTE.goal, FollowRouteGoal("a" * 32, ROUTE, 0.8), time.monotonic())
    graph.wait_for(
        lambda: graph.values(FOLLOW_ROUTE.result), lambda: client.poll(time.monotonic())
    )
    assert graph.values(FOLLOW_ROUTE.result) == [GoalResult("a" * 32, Result.success())]
    told = graph.values(FOLLOW_ROUTE.feedback)
    assert told == [NavigationFeedback("a" * 32, 4.5, 0.0, "Nav2 drives; recoveries: 2")]
    (goal,) = server.goals
    assert [pose.pose.position.x for pose in goal.poses] == [2.0, 4.0, 6.0, 8.0, 8.75]
    assert {pose.header.frame_id for pose in goal.poses} == {"map"}
    graph.wait_for(lambda: limits == [0.8])


def test_what_stops_nav2_is_told_in_our_words(graph: Graph) -> None:
    FakeNav2(graph.node, nav2.NavigateToPose, "navigate_to_pose", error_code=208)
    client = Nav2Client(graph.node, NAVIGATE_TO_POSE, graph.hear)
    goal = NavigateGoal("b" * 32, Pose2(1.0, 2.0, 0.5))
    client.put(NAVIGATE_TO_POSE.goal, goal, time.monotonic())
    (ended,) = graph.wait_for(
        lambda: graph.values(NAVIGATE_TO_POSE.result), lambda: client.poll(time.monotonic())
    )
    wanted = Result.failure(ErrorCode.NO_PATH, "Nav2 gave up, code 208: walled in")
    assert ended == GoalResult("b" * 32, wanted)


def test_our_navigator_answers_a_client_of_nav2(graph: Graph) -> None:
    """As nav2_simple_commander asks: goal, feedback, result. A tree of one's own is refused."""
    server = ServerAdapter(graph.node, NAVIGATE_TO_POSE, graph.hear)
    client = CLIENT(graph.node, nav2.NavigateToPose, "navigate_to_pose")
    pose = PoseStamped()
    pose.header.frame_id, pose.pose.position.x, pose.pose.orientation.w = "map", 3.0, 1.0
    told: list[Any] = []
    graph.wait_for(client.server_is_ready)

    refused = client.send_goal_async(nav2.NavigateToPose.Goal(pose=pose, behavior_tree="mine.xml"))
    graph.wait_for(refused.done)
    assert not refused.result().accepted

    sent = client.send_goal_async(
        nav2.NavigateToPose.Goal(pose=pose), lambda message: told.append(message.feedback)
    )
    graph.wait_for(sent.done)
    (goal,) = graph.values(NAVIGATE_TO_POSE.goal)
    assert goal.pose == Pose2(3.0, 0.0, 0.0)
    server.put(
        NAVIGATE_TO_POSE.feedback,
        NavigateFeedback(goal.goal_id, Pose2(1.0, 0.5, 0.1), 2.0, 3.5, 1.6),
    )
    graph.wait_for(lambda: told)
    assert told[0].distance_remaining == 2.0 and told[0].current_pose.pose.position.x == 1.0
    assert told[0].navigation_time.sec == 3 and told[0].estimated_time_remaining.sec == 1
    ended = sent.result().get_result_async()
    failed = Result.failure(ErrorCode.BLOCKED, "a van")
    server.put(NAVIGATE_TO_POSE.result, GoalResult(goal.goal_id, failed))
    graph.wait_for(ended.done)
    assert ended.result().status == GoalStatus.STATUS_ABORTED
    assert ended.result().result.error_msg == "a van"


def test_waypoints_come_as_nav2_sends_them(graph: Graph) -> None:
    ServerAdapter(graph.node, FOLLOW_WAYPOINTS, graph.hear)
    client = CLIENT(graph.node, nav2.FollowWaypoints, "follow_waypoints")
    graph.wait_for(client.server_is_ready)
    poses = [PoseStamped(), PoseStamped()]
    client.send_goal_async(nav2.FollowWaypoints.Goal(poses=poses, number_of_loops=2, goal_index=1))
    (goal,) = graph.wait_for(lambda: graph.values(FOLLOW_WAYPOINTS.goal))
    assert isinstance(goal, FollowWaypointsGoal)
    assert (len(goal.poses), goal.loops, goal.first) == (2, 2, 1)


def test_turns_are_kept_when_a_route_is_thinned_out() -> None:
    corner = np.array([[0.0, 0.0, 0.0], [1.0, 0.0, 0.0], [1.0, 0.0, 1.5], [1.0, 0.5, 1.5]])
    assert thinned(corner).tolist() == [[1.0, 0.0, 1.5], [1.0, 0.5, 1.5]]
    assert thinned(corner[:1]).tolist() == [[0.0, 0.0, 0.0]]


def test_where_nav2_drives_our_nav_process_only_docks(tmp_path: Path) -> None:
    context = ProcessContext(load_site(ROOT / "sites" / "yard"), ROVER, tmp_path, by_nav2=True)
    parts = assembly.build(context, assembly.PARAMS())
    written = {row.name for part in parts for row in part.writes}
    read = {row.name for part in parts for row in part.reads}
    assert {"map", "amcl_pose", "tf", "localization_status", DOCK.result.name} <= written
    assert not written & {"plan", "global_costmap/costmap", "local_costmap/costmap"}
    assert not read & {"goal_pose", NAVIGATE_TO_POSE.goal.name, FOLLOW_ROUTE.goal.name}


def test_a_missing_message_package_is_named() -> None:
    with pytest.raises(ConfigError, match=r"nav2_absent_msgs .*-nav2-absent-msgs"):
        interface_type("nav2_absent_msgs/action/Drive")


@pytest.mark.parametrize("namespace", ["", "/rover_1"])
def test_nav2_gets_its_parameters_and_they_are_the_rovers(namespace: str) -> None:
    """Read as Nav2's own nodes do: by rcl, from the file that they are started with."""
    rclpy.init()
    arguments = ["--ros-args", "--params-file", str(ROOT / "launch" / "nav2" / "nav2.yaml")]

    def values(name: str, inner: str = "") -> dict[str, Any]:
        node: Any = Node(
            name, namespace=namespace + inner, cli_args=arguments, use_global_arguments=False,
            automatically_declare_parameters_from_overrides=True, enable_rosout=False,
        )  # fmt: skip
        found = {key: one.value for key, one in node.get_parameters_by_prefix("").items()}
        node.destroy_node()
        return found

    drive, body = ROVER.drive, ROVER.body
    controller = values("controller_server")
    assert controller["enable_stamped_cmd_vel"] is True
    assert 0.0 < controller["FollowPath.vx_max"] <= drive.max_speed_mps
    assert -drive.max_reverse_mps <= controller["FollowPath.vx_min"] < 0.0
    assert controller["FollowPath.wz_max"] <= drive.max_yaw_rate_radps
    assert controller["FollowPath.ax_max"] <= drive.max_acceleration_mps2
    for name in ("local_costmap", "global_costmap"):
        footprint = np.array(json.loads(values(name, f"/{name}")["footprint"]))
        ahead, behind = footprint[:, 0].max(), footprint[:, 0].min()
        assert ahead - behind == pytest.approx(body.length_m)
        assert (ahead + behind) / 2.0 == pytest.approx(body.center_x_m)
        assert np.ptp(footprint[:, 1]) == pytest.approx(body.width_m)
    managed = values("lifecycle_manager_navigation")["node_names"]
    assert {"controller_server", "planner_server", "bt_navigator"} <= set(managed)
    assert math.isfinite(values("behavior_server")["max_rotational_vel"])
    try_shutdown()
