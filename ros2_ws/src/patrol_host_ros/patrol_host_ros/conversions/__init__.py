"""Values of the topic table to ROS messages and back.

One module a subject, named as its twin in `patrol_core.types`: only pairs `x_from_ros` /
`x_to_ros`, listed in its `CONVERSIONS`. A module is imported when the first row of its subject is
asked for, so that a process loads the messages it uses and no others.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from patrol_core.errors import ConfigError
from patrol_core.topics import Topic


@dataclass(frozen=True, slots=True)
class Conversion:
    """How the values of one row travel."""

    message_type: type[Any]
    from_ros: Callable[[Any], Any]
    to_ros: Callable[[Any], Any]


def conversion_of(topic: Topic[Any]) -> Conversion:
    """The conversion of one row. Raises KeyError when there is none."""
    subject = topic.value_type.__module__.rpartition(".")[2]
    module = importlib.import_module(f"{__name__}.{subject}")
    from_ros, to_ros = module.CONVERSIONS[topic.value_type, topic.ros_type]
    return Conversion(interface_type(topic.ros_type), from_ros, to_ros)


def interface_type(ros_type: str) -> Any:
    """The class of `package/msg/Name`, `package/srv/Name` or `package/action/Name`.

    Raises ConfigError where the package is not installed.
    """
    package, kind, name = ros_type.split("/")
    try:
        module = importlib.import_module(f"{package}.{kind}")
    except ModuleNotFoundError as error:
        raise ConfigError(
            f"the message package {package} is missing ({error})",
            remedy=f"apt-get install ros-$ROS_DISTRO-{package.replace('_', '-')}, "
            "or rosdep install --from-paths ros2_ws/src",
        ) from error
    return getattr(module, name)
