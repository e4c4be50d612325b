"""A process for tests: it reads and writes a row that others write, too."""

from __future__ import annotations

from dataclasses import dataclass

from patrol_core.component import Component, Inputs, Outputs, ProcessContext
from patrol_core.topics import PATROL_COMMAND
from patrol_core.types.mission import PatrolCommand, PatrolVerb

HEARD: list[str] = []


@dataclass(frozen=True, slots=True)
class PARAMS:
    pass


class Speaker(Component):
    """Says the same words twice, and notes whom it hears."""

    name, rate_hz = "speaker", 10.0
    reads = writes = (PATROL_COMMAND,)

    def __init__(self) -> None:
        self._said = 0

    def step(self, inputs: Inputs, now_s: float) -> Outputs:
        outputs = Outputs()
        HEARD.extend(command.who for command in inputs.events(PATROL_COMMAND))
        if self._said < 2:
            self._said += 1
            outputs.put(PATROL_COMMAND, PatrolCommand(1.0, PatrolVerb.PAUSE, "myself"))
        return outputs


def build(context: ProcessContext, params: PARAMS) -> list[Component]:
    """The one component."""
    return [Speaker()]
