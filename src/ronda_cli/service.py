"""`./ronda up` as a service: alive is only said while every process says that it is."""

from __future__ import annotations

from patrol_core.processes import BASE, PROCESSES
from ronda_cli.live.state import LiveState
from ronda_cli.sd_notify import Notifier

FRESH_S = 5.0
"""Age of a process's last words (they come once a second) from which on it counts as silent."""
EVERY_S = 2.0
"""Between two signs of life; WatchdogSec must be twice as long at least."""


def silent(state: LiveState, steady_s: float) -> list[str]:
    """The processes of the table that have said nothing for `FRESH_S`, or never anything.

    A base that has never spoken is somebody else's driver: it need not know how to say that it
    lives, and the gate watches its rows.
    """
    return [
        process.name
        for process in PROCESSES
        if steady_s - state.heard_s.get(process.name, float("-inf")) > FRESH_S
        and (process is not BASE or process.name in state.heard_s)
    ]


class SignsOfLife:
    """Tells the service manager, once `ready` has been said, how the system is."""

    def __init__(self, notifier: Notifier) -> None:
        self._notifier = notifier
        self._said_s = float("-inf")
        self._missed: list[str] | None = None

    def step(self, state: LiveState, steady_s: float) -> None:
        """Call often; `steady_s` is the clock of `LiveState.heard_s`."""
        if steady_s - self._said_s < EVERY_S:
            return
        self._said_s = steady_s
        missed = silent(state, steady_s)
        if not missed:
            self._notifier.alive()
        if missed != self._missed:
            self._missed = missed
            words = f"silent: {', '.join(missed)}" if missed else "every process is alive"
            self._notifier.status(words)
