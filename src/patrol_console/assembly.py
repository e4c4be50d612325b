"""Builds the component of the console's process."""

from __future__ import annotations

import logging
from pathlib import Path

from patrol_console.link import RobotLink
from patrol_console.params import ConsoleParams
from patrol_console.serving import Serving
from patrol_console.wall_clock import steady_s, unix_s
from patrol_core.component import Component, ProcessContext
from patrol_core.errors import RondaError

PARAMS = ConsoleParams
_log = logging.getLogger(__name__)


def build(context: ProcessContext, params: ConsoleParams) -> list[Component]:
    """The robot's link, and the console behind it where one is to be served."""
    return [ServedLink(context, params) if params.serve else RobotLink(params.robot_name, context)]


class ServedLink(RobotLink):
    """A link with its console. A console that cannot be served is said, and harms nothing else."""

    def __init__(self, context: ProcessContext, params: ConsoleParams) -> None:
        super().__init__(params.robot_name, context)
        folder = Path(params.state_folder) if params.state_folder else context.run_folder.parent
        self._serving = Serving(self, folder / "console", params, unix_s, steady_s)

    def setup(self) -> None:
        try:
            self._serving.open()
        except RondaError as error:
            _log.error("the console is not served: %s", error)

    def close(self) -> None:
        self._serving.close()
