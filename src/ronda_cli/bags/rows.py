"""Which topics a bag takes, and their types as this machine knows them."""

from __future__ import annotations

from typing import Any

from patrol_core.errors import RondaError
from patrol_core.topics import (
    CAMERA_DEPTH,
    CAMERA_RAW,
    DIALOGUE,
    OPERATOR_LINES,
    THERMAL_IMAGE,
    TOPICS,
)
from patrol_host_ros.conversions import interface_type

PRIVATE = frozenset(
    topic.name for topic in (CAMERA_RAW, CAMERA_DEPTH, THERMAL_IMAGE, DIALOGUE, OPERATOR_LINES)
)
"""Pictures that are not blurred, depth and heat, and what is said: of people, so never stored."""
IN_TABLE = {topic.name: topic for topic in TOPICS}


def is_private(name: str) -> bool:
    """Also below a namespace."""
    return any(f"/{name}".endswith(f"/{one}") for one in PRIVATE)


def refuse_private(names: list[str]) -> None:
    """Raises RondaError for a topic that no bag may hold."""
    found = sorted({name for name in names if is_private(name)})
    if found:
        raise RondaError(
            f"'{found[0]}' is not recorded: it shows or tells of people as they are",
            expected="topics without pictures that are not blurred, depth, heat and conversations",
            remedy="record camera/image_blurred/compressed",
        )


def message_class(ros_type: str) -> Any:
    """The class of a message; None where this machine has none."""
    try:
        return interface_type(ros_type)
    except (ImportError, AttributeError, ValueError):
        return None
