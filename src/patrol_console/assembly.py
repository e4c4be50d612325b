"""Builds the component of the console's process."""

from __future__ import annotations

import logging
from pathlib import Path

from patrol_console.files import FOLDER
from patrol_console.foxglove.component import FoxgloveBridge
from patrol_console.link import RobotLink
from patrol_console.params import ConsoleParams
from patrol_console.rows import READS, WRITES
from patrol_console.serving import Serving
from patrol_console.wall_clock import steady_s, unix_s
from patrol_core.component import Component, Inputs, Outputs, ProcessContext
from patrol_core.errors import RondaError

PARAMS = ConsoleParams
_log = logging.getLogger(__name__)


def build(context: ProcessContext, params: ConsoleParams) -> list[Component]:
    """The robot's link, the console behind it and the engineers' bridge where they are wanted."""
    link = RobotLink(params.robot_name, context)
    serving = None
    if params.serve:
        folder = Path(params.state_folder) if params.state_folder else context.run_folder.parent
        serving = Serving(link, folder / FOLDER, params, unix_s, steady_s)
    components: list[Component] = [Console(link, serving)]
    if params.foxglove.enabled:
        components.append(FoxgloveBridge(params.robot_name, context, params.foxglove))
    return components


class Console(Component):
    """A robot's link to the console. A console that cannot be served is said, and harms nothing
    else.
    """

    name = "console"
    rate_hz = 50.0
    reads = READS
    writes = WRITES

    def __init__(self, link: RobotLink, serving: Serving | None = None) -> None:
        self._link, self._serving = link, serving

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
