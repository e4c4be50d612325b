"""launch/config/gazebo_bridge.yaml: what `ros_gz_bridge` carries, made from the topic table."""

from __future__ import annotations

from patrol_sim.harmonic.bridge import BRIDGED, Bridged
from ronda_cli.environment.paths import ROOT

PAGE = ROOT / "launch" / "config" / "gazebo_bridge.yaml"

_HEAD = """\
# Made by `./ronda check --fix` from sim/patrol_sim/harmonic/bridge.py and the topic table; not to
# be edited. For `parameter_bridge` of ros_gz_bridge with `expand_gz_topic_names`: every name is
# relative to the robot's namespace, in ROS and in Gazebo.
"""


def page() -> str:
    """The whole file."""
    return _HEAD + "".join(map(_entry, BRIDGED))


def _entry(bridged: Bridged) -> str:
    row = f"row '{bridged.row.name}'" if bridged.row else "a wheel's rate"
    return (
        f"- ros_topic_name: {bridged.topic}  # {row}\n"
        f"  gz_topic_name: {bridged.topic}\n"
        f"  ros_type_name: {bridged.ros_type}\n"
        f"  gz_type_name: {bridged.gazebo_type}\n"
        f"  direction: {bridged.direction.value}\n"
        f"  lazy: {str(bridged.lazy).lower()}\n"
    )
