"""The table of actions and services: rows that belong together."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, TypeVar

from patrol_core.topics import Topic, TopicKind
from patrol_core.types import dialogue, mission

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Action:
    """A long task as four event rows; the ROS host maps them to an action of type `ros_type`.

    The process in `server` reads goals and cancels, and writes feedback and results.
    """

    name: str
    ros_type: str
    server: str
    goal: Topic[Any]
    feedback: Topic[Any]
    result: Topic[mission.GoalResult]
    cancel: Topic[mission.GoalCancel]


def _action(
    name: str,
    ros_name: str,
    server: str,
    clients: tuple[str, ...],
    goal: type,
    feedback: type,
    package: str = "patrol_interfaces",
) -> Action:
    ros_type = f"{package}/action/{ros_name}"

    def row(part: str, value_type: type[T], writers: tuple[str, ...]) -> Topic[T]:
        return Topic(f"{name}/{part}", value_type, ros_type, writers, kind=TopicKind.EVENT)

    return Action(
        name,
        ros_type,
        server,
        row("goal", goal, clients),
        row("feedback", feedback, (server,)),
        row("result", mission.GoalResult, (server,)),
        row("cancel", mission.GoalCancel, clients),
    )


@dataclass(frozen=True, slots=True)
class Service:
    """A question with an answer as two event rows; the ROS host serves it as `ros_type`.

    The process in `server` answers a request at the tick at which it reads it; values carry the
    same `request_id`, which is the host's own.
    """

    name: str
    ros_type: str
    server: str
    request: Topic[Any]
    response: Topic[Any]


def _service(name: str, ros_type: str, server: str, request: type, response: type) -> Service:
    return Service(
        name, ros_type, server,
        Topic(f"{name}/request", request, ros_type, ("cli",), TopicKind.EVENT),
        Topic(f"{name}/response", response, ros_type, (server,), TopicKind.EVENT),
    )  # fmt: skip


def _clearing(costmap: str) -> Service:
    """The service with which Nav2's clients clear a costmap."""
    return _service(
        f"{costmap}_costmap/clear_entirely_{costmap}_costmap", "nav2_msgs/srv/ClearEntireCostmap",
        "nav", mission.ClearCostmapRequest, mission.ClearCostmapResponse,
    )  # fmt: skip


ASK = _service(
    "ask", "patrol_interfaces/srv/Ask", "hri", dialogue.AskRequest, dialogue.AskResponse
)
CLEAR_GLOBAL_COSTMAP, CLEAR_LOCAL_COSTMAP = _clearing("global"), _clearing("local")

SERVICES: tuple[Service, ...] = (ASK, CLEAR_GLOBAL_COSTMAP, CLEAR_LOCAL_COSTMAP)

NAVIGATE_TO_POSE = _action(
    "navigate_to_pose", "NavigateToPose", "nav", ("mission", "hri", "console", "cli"),
    mission.NavigateGoal, mission.NavigateFeedback, "nav2_msgs",
)  # fmt: skip
NAVIGATE_THROUGH_POSES = _action(
    "navigate_through_poses", "NavigateThroughPoses", "nav", ("cli",),
    mission.NavigateThroughGoal, mission.NavigateThroughFeedback, "nav2_msgs",
)  # fmt: skip
FOLLOW_WAYPOINTS = _action(
    "follow_waypoints", "FollowWaypoints", "nav", ("cli",),
    mission.FollowWaypointsGoal, mission.WaypointFeedback, "nav2_msgs",
)  # fmt: skip
FOLLOW_ROUTE = _action(
    "follow_route", "FollowRoute", "nav", ("mission", "hri", "console", "cli"),
    mission.FollowRouteGoal, mission.NavigationFeedback,
)  # fmt: skip
DOCK = _action(
    "dock",
    "Dock",
    "nav",
    ("mission", "console", "cli"),
    mission.DockGoal,
    mission.NavigationFeedback,
)
PATROL = _action(
    "patrol", "Patrol", "mission", ("mission", "console", "cli"),
    mission.PatrolGoal, mission.PatrolFeedback,
)  # fmt: skip
INSPECT = _action(
    "inspect", "Inspect", "mission", ("mission", "console", "cli"), mission.InspectGoal,
    mission.InspectFeedback,
)  # fmt: skip
GUIDE_VISITOR = _action(
    "guide_visitor", "GuideVisitor", "hri", ("hri", "cli"), dialogue.GuideGoal,
    dialogue.GuideFeedback,
)  # fmt: skip

ACTIONS: tuple[Action, ...] = (
    NAVIGATE_TO_POSE, NAVIGATE_THROUGH_POSES, FOLLOW_WAYPOINTS, FOLLOW_ROUTE, DOCK, PATROL,
    INSPECT, GUIDE_VISITOR,
)  # fmt: skip
