"""What Nav2's clients ask for before they send goals, and nobody here has.

nav2_simple_commander waits for `bt_navigator/get_state` and `amcl/get_state`; RViz's Nav2 panel
for `is_active` of the lifecycle managers. Our navigator is active as long as its process runs.
"""

from __future__ import annotations

from typing import Any

from lifecycle_msgs.msg import State
from lifecycle_msgs.srv import GetState
from nav2_msgs.srv import ManageLifecycleNodes
from rclpy.node import Node
from std_srvs.srv import Trigger

NODES = ("amcl", "bt_navigator", "controller_server", "planner_server", "waypoint_follower")
MANAGERS = ("lifecycle_manager_localization", "lifecycle_manager_navigation")
_COMES_TRUE = (ManageLifecycleNodes.Request.STARTUP, ManageLifecycleNodes.Request.RESUME)


def answer_to_nav2_names(node: Node) -> None:
    """Serve those names on a node."""
    for name in NODES:
        node.create_service(GetState, f"{name}/get_state", _state)
    for name in MANAGERS:
        node.create_service(Trigger, f"{name}/is_active", _is_active)
        node.create_service(ManageLifecycleNodes, f"{name}/manage_nodes", _manage)


def _state(_: Any, response: Any) -> Any:
    response.current_state = State(id=State.PRIMARY_STATE_ACTIVE, label="active")
    return response


def _is_active(_: Any, response: Any) -> Any:
    response.success = True
    return response


def _manage(request: Any, response: Any) -> Any:
    """What is asked to start has started; nothing is stopped by a name: the gate and people do."""
    response.success = request.command in _COMES_TRUE
    return response
