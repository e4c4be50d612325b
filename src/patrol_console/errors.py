"""What can go wrong in the console."""

from __future__ import annotations

from patrol_core.errors import RondaError


class ConsoleError(RondaError):
    """The console cannot do what it was set up for."""


class Refusal(Exception):  # noqa: N818 - it is an answer, not a fault
    """A request that is not carried out: `status` as in HTTP (400 to 499, or 503), and a sentence
    for the person who asked. On a WebSocket: close code 4000 + status.
    """

    def __init__(self, status: int, sentence: str) -> None:
        super().__init__(sentence)
        self.status = status
        self.sentence = sentence
