"""Whether Gazebo is there, seen to and said before anything is started."""

from __future__ import annotations

import importlib.util
import os
import shutil

from patrol_core.errors import RondaError
from ronda_cli.environment.gazebo import FOLDER_VARIABLE, set_up_gazebo
from ronda_cli.environment.paths import SetupError
from ronda_cli.launcher.packages import PackageError, Packages, source_packages

_REMEDY = "docs/GAZEBO.md says what to install; --sim embedded needs nothing"


def need_gazebo(speed: float, packages: Packages | None = None) -> None:
    """Raise RondaError where a run at `speed` times real time cannot be had in Gazebo Harmonic."""
    if speed != 1.0:
        raise RondaError(
            "Gazebo runs in its own time", expected="--speed 1", remedy="leave --speed out"
        )
    if shutil.which("gz") is None:
        raise RondaError("Gazebo Harmonic is not installed: there is no 'gz'", remedy=_REMEDY)
    try:
        (packages or source_packages()).command("ros_gz_bridge", "parameter_bridge")
    except PackageError as error:
        raise RondaError(f"the bridge to Gazebo is missing: {error}", remedy=_REMEDY) from error
    if not _is_there("gz.transport13"):
        raise RondaError("Gazebo's Python modules are not installed", remedy=_REMEDY)


def use_gazebo_classic() -> None:
    """Set Gazebo Classic up where it is not, for everything that this process starts.

    Raises RondaError where it cannot be.
    """
    try:
        os.environ[FOLDER_VARIABLE] = str(set_up_gazebo())
    except SetupError as error:
        raise RondaError(f"Gazebo Classic cannot be set up: {error}") from error


def _is_there(module: str) -> bool:
    try:
        return importlib.util.find_spec(module) is not None
    except (ImportError, ValueError):
        return False
