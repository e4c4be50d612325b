"""Starts a launch file of Ronda: by itself, or by ROS 2's own launch where that is there."""

from __future__ import annotations

import importlib.util
import os
from collections.abc import Mapping
from pathlib import Path

from patrol_core.errors import Place
from ronda_cli.environment.paths import ROOT
from ronda_cli.launcher.evaluate import ProcessSpec, evaluate
from ronda_cli.launcher.packages import source_packages
from ronda_cli.launcher.supervisor import Supervisor

LAUNCH_FOLDER = ROOT / "launch"
_BRINGUP = "patrol_bringup"


def start(file: str, arguments: Mapping[str, str], log_folder: Path) -> Supervisor:
    """A supervisor for the launch file of this name, nothing being started yet.

    Raises LaunchError with file and line.
    """
    if has_ros_launch():
        given = [f"{name}:={value}" for name, value in arguments.items() if value]
        argv = ("ros2", "launch", _BRINGUP, file, *given)
        whole = ProcessSpec("launch", argv, Place(LAUNCH_FOLDER / file), required=True)
        return Supervisor((whole,), log_folder)
    specs = evaluate(LAUNCH_FOLDER / file, arguments, source_packages(), os.environ, log_folder)
    return Supervisor(specs, log_folder)


def has_ros_launch() -> bool:
    """Whether ROS 2's launch is installed and a workspace with Ronda's packages is sourced."""
    if importlib.util.find_spec("launch_ros") is None:
        return False
    prefixes = os.environ.get("AMENT_PREFIX_PATH", "").split(os.pathsep)
    index = Path("share", "ament_index", "resource_index", "packages", _BRINGUP)
    return any((Path(prefix) / index).is_file() for prefix in prefixes if prefix)
