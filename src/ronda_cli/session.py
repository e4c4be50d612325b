"""A launched system with somebody watching it: what `./ronda sim` and `./ronda up` share."""

from __future__ import annotations

import os
import signal
import socket
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType, TracebackType

from patrol_core.errors import RondaError
from ronda_cli.launcher.supervisor import EventKind, Supervisor
from ronda_cli.live.terminal import Terminal
from ronda_cli.live.watcher import RobotWatcher
from ronda_cli.runs import runs_in_use

_STEP_S = 0.1
_STOPPING = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class StoppedError(Exception):
    """A signal asked for the end. `status`: the exit status that a shell expects then."""

    def __init__(self, number: int) -> None:
        super().__init__(f"stopped by {signal.Signals(number).name}")
        self.status = 128 + number


class LaunchEndedError(RondaError):
    """The launched system ended by itself."""


class Session:
    """Runs launch, watcher and view on one thread; all processes are gone when the block ends."""

    def __init__(self, launch: Supervisor, watcher: RobotWatcher, terminal: Terminal) -> None:
        self._launch = launch
        self.watcher = watcher
        self.terminal = terminal
        self._stop: int | None = None
        self._handlers: dict[int, object] = {}

    def __enter__(self) -> Session:
        for number in _STOPPING:
            self._handlers[number] = signal.signal(number, self._on_signal)
        self.watcher.listen()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()
        self.watcher.close()
        for number, handler in self._handlers.items():
            signal.signal(number, handler)  # type: ignore[arg-type]

    def step(self) -> None:
        """Go on for 0.1 s.

        Raises StoppedError after a signal, LaunchEndedError when the system cannot go on.
        """
        if self._stop is not None:
            raise StoppedError(self._stop)
        for event in self._launch.poll():
            if event.kind is not EventKind.STARTED:
                self.terminal.say(event.message)
        if not self._launch.alive:
            outcome = self._launch.outcome
            raise LaunchEndedError(outcome.message if outcome else "every process has ended")
        self.watcher.spin(_STEP_S)
        self.terminal.update(self.watcher.state, self._launch.restarts)

    def wait(self, condition: Callable[[], bool], limit_s: float) -> bool:
        """Step until the condition holds; False when it does not within a wall time."""
        end_s = time.monotonic() + limit_s
        while not condition():
            if time.monotonic() > end_s:
                return False
            self.step()
        return True

    def stop(self) -> None:
        """End every process; what they have written is complete then."""
        self._launch.stop()

    def _on_signal(self, number: int, _: FrameType | None) -> None:
        self._stop = number


@contextmanager
def claimed_domain() -> Iterator[None]:
    """One system in a ROS domain of this machine. Raises RondaError when there is one."""
    with socket.socket(socket.AF_UNIX) as claim:
        try:
            claim.bind(f"\0ronda-domain-{_domain()}")
        except OSError as error:
            raise _taken("another `./ronda sim` or `./ronda up` runs") from error
        with runs_in_use():
            yield


def refuse_second_clock(watcher: RobotWatcher) -> None:
    """Nobody else may publish simulated time. Raises RondaError."""
    if watcher.clock_is_taken():
        raise _taken("somebody publishes simulated time")


def _domain() -> str:
    return os.environ.get("ROS_DOMAIN_ID", "0")


def _taken(what: str) -> RondaError:
    return RondaError(
        f"{what} in ROS domain {_domain()} already",
        remedy="end it, or set ROS_DOMAIN_ID to another number (0 to 101)",
    )
