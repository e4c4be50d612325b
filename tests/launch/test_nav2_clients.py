"""The nav process as Nav2's clients meet it: by the names and types that they wait for."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from tests.launch.test_launch_files import launched, logs

pytest.importorskip("rclpy")

import rclpy
from action_msgs.msg import GoalStatus
from geometry_msgs.msg import PoseWithCovarianceStamped
from lifecycle_msgs.srv import GetState
from nav2_msgs.action import NavigateToPose
from nav2_msgs.srv import ClearEntireCostmap, ManageLifecycleNodes
from rclpy import action as ros_action
from rclpy.node import Node
from rclpy.qos import QoSDurabilityPolicy, QoSProfile
from rclpy.utilities import try_shutdown
from std_srvs.srv import Trigger

ROOT = Path(__file__).parents[2]
PATIENCE_S = 90.0
CLIENT: Any = ros_action.ActionClient  # type: ignore[attr-defined]
CLIENTS_OF: Any = ros_action.get_action_client_names_and_types_by_node  # type: ignore[attr-defined]
BASE_AND_NAV = """<launch>
  <arg name="site"/> <arg name="world"/> <arg name="scenario"/> <arg name="run_folder"/>
  <arg name="camera"/>
  <include file="{launch}/sim_embedded.launch.xml"/>
  <include file="{launch}/nav.launch.xml"><arg name="use_sim_time" value="true"/></include>
</launch>"""


@pytest.fixture
def client(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    domain = os.getpid() % 90 + 10
    monkeypatch.setenv("ROS_DOMAIN_ID", str(domain))
    rclpy.init(domain_id=domain)
    node: Any = Node("a_client_of_nav2", enable_rosout=False)
    yield node
    node.destroy_node()
    try_shutdown()


def test_a_client_of_nav2_finds_what_it_waits_for(client: Any, tmp_path: Path) -> None:
    """In the order of nav2_simple_commander: active, a pose, a goal, cleared costmaps."""
    path = tmp_path / "base_and_nav.launch.xml"
    path.write_text(BASE_AND_NAV.format(launch=ROOT / "launch"))

    def wait_for(happened: Callable[[], Any]) -> Any:
        deadline_s = time.monotonic() + PATIENCE_S
        while not (found := happened()):
            assert time.monotonic() < deadline_s, f"it did not come:\n{logs(tmp_path)}"
            rclpy.spin_once(client, timeout_sec=0.1)
        return found

    def ask(kind: Any, name: str, **request: Any) -> Any:
        service = client.create_client(kind, name)
        wait_for(service.service_is_ready)
        answer = service.call_async(kind.Request(**request))
        wait_for(answer.done)
        return answer.result()

    poses: list[Any] = []
    latched = QoSProfile(depth=1, durability=QoSDurabilityPolicy.TRANSIENT_LOCAL)  # type: ignore[no-untyped-call]
    with launched(path, tmp_path):
        for name in ("amcl", "bt_navigator"):
            assert ask(GetState, f"{name}/get_state").current_state.label == "active"
        assert ask(Trigger, "lifecycle_manager_navigation/is_active").success
        stop = ManageLifecycleNodes.Request.SHUTDOWN
        managed = ask(
            ManageLifecycleNodes, "lifecycle_manager_navigation/manage_nodes", command=stop
        )
        assert not managed.success
        client.create_subscription(PoseWithCovarianceStamped, "amcl_pose", poses.append, latched)
        wait_for(lambda: poses)
        for which in ("global", "local"):
            name = f"{which}_costmap/clear_entirely_{which}_costmap"
            assert ask(ClearEntireCostmap, name) is not None

        goal = NavigateToPose.Goal()
        goal.pose.header.frame_id, goal.pose.pose = "map", poses[-1].pose.pose
        goal.pose.pose.position.x += 1.0
        told: list[Any] = []
        navigate = CLIENT(client, NavigateToPose, "navigate_to_pose")
        wait_for(navigate.server_is_ready)
        sent = navigate.send_goal_async(goal, lambda message: told.append(message.feedback))
        wait_for(sent.done)
        assert sent.result().accepted
        (said, *_) = wait_for(lambda: told)
        assert said.current_pose.header.frame_id == "map"
        ended = sent.result().get_result_async()
        sent.result().cancel_goal_async()
        wait_for(ended.done)
        assert ended.result().status == GoalStatus.STATUS_CANCELED


def test_where_nav2_drives_the_mission_is_a_client_of_nav2(client: Any, tmp_path: Path) -> None:
    """Routes and poses go to its actions; docks stay with our own navigator."""
    wanted = {
        "/navigate_to_pose": ["nav2_msgs/action/NavigateToPose"],
        "/navigate_through_poses": ["nav2_msgs/action/NavigateThroughPoses"],
        "/dock": ["patrol_interfaces/action/Dock"],
    }
    with launched(ROOT / "launch" / "mission.launch.xml", tmp_path, navigator="nav2"):
        asks: dict[str, list[str]] = {}
        deadline_s = time.monotonic() + PATIENCE_S
        while not wanted.keys() <= asks.keys():
            assert time.monotonic() < deadline_s, f"{asks}\n{logs(tmp_path)}"
            rclpy.spin_once(client, timeout_sec=0.1)
            asks = dict(_asked_by_mission(client))
    assert asks == wanted


def _asked_by_mission(node: Any) -> list[tuple[str, list[str]]]:
    if ("mission", "/") not in node.get_node_names_and_namespaces():
        return []
    found = CLIENTS_OF(node, "mission", "/")
    return [(name, list(types)) for name, types in found]
