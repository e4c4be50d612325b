"""Builds the components of the console's process."""

from __future__ import annotations

import logging
from pathlib import Path

from patrol_console.files import FOLDER
from patrol_console.fleet import read_fleet
from patrol_console.foxglove.component import FoxgloveBridge
from patrol_console.link import RobotLink
from patrol_console.params import ConsoleParams
from patrol_console.rows import READS, WRITES
from patrol_console.serving import Serving
from patrol_console.viewing.viewer import Viewer
from patrol_console.wall_clock import steady_s, unix_s
from patrol_core.component import Component, Inputs, Outputs, ProcessContext
from patrol_core.errors import RondaError

PARAMS = ConsoleParams
_log = logging.getLogger(__name__)


def build(context: ProcessContext, params: ConsoleParams) -> list[Component]:
    """The robot's link, and what is wanted of: the console, with the links of the other robots
    that it shows, and the engineers' bridge; always what viewers need. Raises ConfigError."""
    link = RobotLink(params.robot_name, context)
    parts: list[Component] = [Console(link)]
    if params.serve:
        parts = _served(link, context, params)
    parts.append(Viewer(context, params.description))
    if params.foxglove.enabled:
        parts.append(FoxgloveBridge(params.robot_name, context, params.foxglove))
    return parts


def _served(link: RobotLink, context: ProcessContext, params: ConsoleParams) -> list[Component]:
    fleet = read_fleet(Path(params.fleet), link.name, context) if params.fleet else []
    others = [RobotLink(one.name, one.context) for one in fleet]
    folder = Path(params.state_folder) if params.state_folder else context.run_folder.parent
    serving = Serving(link, others, folder / FOLDER, params, unix_s, steady_s)
    return [Console(link, serving), *(Console(other, namespace=other.name) for other in others)]


class Console(Component):
    """A robot's link to the console. A console that cannot be served is said, and harms nothing
    else. `namespace`: of another robot than the process's own.
    """

    name = "console"
    rate_hz = 50.0
    reads = READS
    writes = WRITES

    def __init__(
        self, link: RobotLink, serving: Serving | None = None, namespace: str = ""
    ) -> None:
        self._link, self._serving, self.namespace = link, serving, namespace

    def setup(self) -> None:
        if self._serving is not None:
            try:
                self._serving.open()
            except RondaError as error:
                _log.error("the console is not served: %s", error)

    def step(self, inputs: Inputs, now_s: float) -> Outputs:
        return self._link.step(inputs, now_s)

    def close(self) -> None:
        if self._serving is not None:
            self._serving.close()
