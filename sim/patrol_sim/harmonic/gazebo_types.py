"""Gazebo Harmonic's Python classes (gz-transport 13, gz-msgs 10), imported when needed."""

from __future__ import annotations

import importlib
from typing import Any

from patrol_core.errors import RondaError
from patrol_core.geometry import Transform3


class GazeboMissingError(RondaError):
    """Gazebo's Python modules are not installed, or Gazebo does not do what it is asked."""


def transport_node() -> Any:
    """A node of Gazebo's transport. Raises GazeboMissingError."""
    return _module("gz.transport13").Node()


def message(module: str, name: str) -> Any:
    """The class of a message, from the module that is made of its .proto file.

    Raises GazeboMissingError.
    """
    return getattr(_module(f"gz.msgs10.{module}_pb2"), name)


def fill(pose: Any, at: Transform3) -> None:
    """Write a pose into a gz.msgs.Pose."""
    position, turn = pose.position, pose.orientation
    position.x, position.y, position.z = at.translation_m
    turn.x, turn.y, turn.z, turn.w = at.rotation_xyzw


def transform(pose: Any) -> Transform3:
    """The pose in a gz.msgs.Pose."""
    at, turn = pose.position, pose.orientation
    return Transform3((at.x, at.y, at.z), (turn.x, turn.y, turn.z, turn.w))


def _module(name: str) -> Any:
    try:
        return importlib.import_module(name)
    except ImportError as error:
        raise GazeboMissingError(
            f"Gazebo Harmonic's Python module '{name}' is not there",
            remedy="install python3-gz-transport13 and python3-gz-msgs10 with Gazebo Harmonic, or "
            "gz_transport_vendor 0.0.9 or later with ros-jazzy-ros-gz (docs/GAZEBO.md)",
        ) from error
