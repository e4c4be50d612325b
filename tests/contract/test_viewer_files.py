"""RViz's configuration and Foxglove's layout name rows of the table, as they are published."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

pytest.importorskip("rclpy")

from patrol_console.foxglove.rows import SHOWN
from patrol_core.topics import TOPICS, UNBLURRED, Qos, Topic
from patrol_host_ros.conversions import interface_type
from ronda_cli.launcher.evaluate import ProcessSpec, evaluate
from ronda_cli.launcher.launch_file import LaunchError
from ronda_cli.launcher.packages import COLCON_FOLDERS, Packages

ROOT = Path(__file__).parents[2]
RVIZ = yaml.safe_load((ROOT / "launch" / "rviz" / "ronda.rviz").read_text())[
    "Visualization Manager"
]
LAYOUT = json.loads((ROOT / "launch" / "foxglove" / "ronda.json").read_text())
ROWS = {row.name: row for row in TOPICS}
EVERYTHING = {
    "robot_description", "map", "global_costmap/costmap", "local_costmap/costmap", "scan", "plan",
    "optimal_trajectory", "trajectories", "particle_cloud", "amcl_pose", "depth_obstacles",
    "markers", "site_markers", "camera/image_blurred/compressed",
}  # fmt: skip
RVIZ_TYPES = {
    "Map": "nav_msgs/msg/OccupancyGrid",
    "RobotModel": "std_msgs/msg/String",
    "LaserScan": "sensor_msgs/msg/LaserScan",
    "PointCloud2": "sensor_msgs/msg/PointCloud2",
    "PoseArray": "geometry_msgs/msg/PoseArray",
    "PoseWithCovariance": "geometry_msgs/msg/PoseWithCovarianceStamped",
    "Path": "nav_msgs/msg/Path",
    "MarkerArray": "visualization_msgs/msg/MarkerArray",
    "Image": "sensor_msgs/msg/CompressedImage",
    "SetInitialPose": "geometry_msgs/msg/PoseWithCovarianceStamped",
    "SetGoal": "geometry_msgs/msg/PoseStamped",
}
"""What each of RViz's own plugins reads or writes; Image takes what its topic's last word says."""


def topics_in_rviz() -> Iterator[tuple[str, dict[str, Any]]]:
    """Plugin and topic of every display and tool that has one."""
    for part in (*RVIZ["Displays"], *RVIZ["Tools"]):
        for name in ("Topic", "Description Topic"):
            if name in part:
                yield part["Class"].partition("/")[2], part[name]


@pytest.mark.parametrize(("plugin", "topic"), list(topics_in_rviz()))
def test_rviz_asks_for_a_row_by_its_type_and_quality(plugin: str, topic: dict[str, Any]) -> None:
    row = ROWS[topic["Value"]]
    assert row.ros_type == RVIZ_TYPES[plugin]
    best_effort, latched = row.qos is Qos.SENSOR, row.latched
    assert topic["Reliability Policy"] == ("Best Effort" if best_effort else "Reliable")
    assert topic["Durability Policy"] == ("Transient Local" if latched else "Volatile")
    assert row not in UNBLURRED


def test_both_show_everything_at_once() -> None:
    rviz = {topic["Value"] for _, topic in topics_in_rviz()}
    assert rviz >= EVERYTHING | {"initialpose", "goal_pose"}
    assert RVIZ["Global Options"]["Fixed Frame"] == "map"
    assert {path.split(".")[0].removeprefix("/") for path in _foxglove_paths()} >= EVERYTHING


def _foxglove_paths(part: Any = None) -> Iterator[str]:
    """Every topic or message path of the layout: all that begins with a slash."""
    part = LAYOUT["configById"] if part is None else part
    if isinstance(part, dict):
        yield from (key for key in part if key.startswith("/"))
        part = list(part.values())
    if isinstance(part, list):
        for one in part:
            yield from _foxglove_paths(one) if one is not None else ()
    elif isinstance(part, str) and part.startswith("/"):
        yield part


@pytest.mark.parametrize("path", sorted(set(_foxglove_paths())))
def test_foxglove_asks_for_what_the_bridge_shows(path: str) -> None:
    """And for fields that the messages have."""
    name, *fields = path.removeprefix("/").split(".")
    shown: dict[str, Topic[Any]] = {row.name: row for row in SHOWN}
    message = interface_type(shown[name].ros_type)
    for field in fields:
        kind = message.get_fields_and_field_types()[field]
        if "/" in kind:
            message = interface_type(kind.replace("/", "/msg/"))


def test_every_panel_of_the_layout_has_its_place() -> None:
    def leaves(part: Any) -> list[str]:
        if isinstance(part, str):
            return [part]
        assert part["direction"] in ("row", "column") and 0 < part["splitPercentage"] < 100
        return leaves(part["first"]) + leaves(part["second"])

    assert sorted(leaves(LAYOUT["layout"])) == sorted(LAYOUT["configById"])
    assert set(LAYOUT) == {
        "configById", "globalVariables", "userNodes", "playbackConfig", "layout"
    }  # fmt: skip
    assert all(re.fullmatch(r"[A-Za-z0-9]+![a-z0-9]+", panel) for panel in LAYOUT["configById"])


def started(tmp_path: Path, installed: dict[str, str], **arguments: str) -> dict[str, ProcessSpec]:
    """The processes of a simulation where some of ROS's packages are installed."""
    for package, executable in installed.items():
        index = tmp_path / "share" / "ament_index" / "resource_index" / "packages" / package
        program = tmp_path / "lib" / package / executable
        for path in (index, program):
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text("")
        program.chmod(0o755)
    folders = [folder for pattern in COLCON_FOLDERS for folder in ROOT.glob(pattern)]
    given = {"site": "s", "run_folder": "r", **arguments}
    path = ROOT / "launch" / "sim.launch.xml"
    specs = evaluate(path, given, Packages(folders, [tmp_path]), os.environ)
    return {spec.name: spec for spec in specs}


def test_rviz_is_started_where_it_is_wanted_and_installed(tmp_path: Path) -> None:
    assert "rviz2" not in started(tmp_path, {})
    with pytest.raises(LaunchError, match=r"'rviz2'.*apt-get install ros-jazzy-rviz2"):
        started(tmp_path, {}, rviz="true")
    argv = started(tmp_path, {"rviz2": "rviz2"}, rviz="true", namespace="rover_1")[
        "rover_1/rviz2"
    ].argv
    assert Path(argv[argv.index("-d") + 1]).name == "ronda.rviz"
    assert {"/tf:=tf", "/tf_static:=tf_static", "__ns:=/rover_1"} <= set(argv)


NAV2 = {
    "nav2_controller": "controller_server",
    "nav2_planner": "planner_server",
    "nav2_behaviors": "behavior_server",
    "nav2_bt_navigator": "bt_navigator",
    "nav2_waypoint_follower": "waypoint_follower",
    "nav2_lifecycle_manager": "lifecycle_manager",
}


def test_nav2_is_started_where_it_is_wanted_and_never_speaks_to_the_motors(tmp_path: Path) -> None:
    with pytest.raises(LaunchError, match=r"'nav2_controller'.*ros-jazzy-nav2-controller"):
        started(tmp_path, {}, navigator="nav2")
    ours = set(started(tmp_path, NAV2))
    running = started(tmp_path, NAV2, navigator="nav2")
    servers = set(running) - ours
    assert servers == {*list(NAV2.values())[:-1], "lifecycle_manager_navigation"}
    for name in ("controller_server", "behavior_server"):
        assert "cmd_vel:=cmd_vel_nav" in running[name].argv
    for name in ("nav", "mission", "hri", "console"):
        assert any("nav2" in word for word in running[name].argv), name
