"""Builds the component of the console's process."""

from __future__ import annotations

from patrol_console.link import RobotLink
from patrol_console.params import ConsoleParams
from patrol_core.component import Component, ProcessContext

PARAMS = ConsoleParams


def build(context: ProcessContext, params: ConsoleParams) -> list[Component]:
    """The robot's link."""
    return [RobotLink(params.robot_name, context)]
