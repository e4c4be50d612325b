"""Runs processes until told to stop: logs, restarts with back-off, a clean end.

Each runs in a session of its own, so that Ctrl-C in the terminal reaches the launcher alone, which
then ends them in order. They are killed by the kernel when the launcher dies; call everything here
from one thread that lives as long as the launcher, for the kernel looks at threads.
"""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from pathlib import Path

from patrol_core.errors import Place, RondaError
from ronda_cli.launcher.evaluate import ProcessSpec

REFUSED = 1
"""Exit status of a process that cannot start with what it was given: trying again is no use."""

LONGEST_DELAY_S = 30.0
STEADY_AFTER_S = 30.0
"""A process that has run so long begins again with the shortest delay."""

_CHILD = Path(__file__).with_name("bound_child.py")
_SIGNALS = (
    (signal.SIGINT, 5.0),
    (signal.SIGTERM, 2.0),
    (signal.SIGKILL, 2.0),
)
"""What a process is told to end with, one after the other, and how long it may take."""


class EventKind(Enum):
    STARTED = "started"
    RESTARTED = "restarted"
    DIED = "died"
    REFUSED = "refused"
    ENDED = "ended"


@dataclass(frozen=True, slots=True)
class LaunchEvent:
    """Something that happened to a process, in words."""

    process: str
    kind: EventKind
    message: str


@dataclass(slots=True)
class _Running:
    spec: ProcessSpec
    log: Path
    child: subprocess.Popen[bytes] | None = None
    started_s: float = 0.0
    due_s: float = 0.0
    delay_s: float = 0.0
    restarts: int = 0
    done: bool = False


class Supervisor:
    """Processes of one launch. `poll` never waits; `stop` waits until the last one is gone."""

    def __init__(
        self,
        specs: Sequence[ProcessSpec],
        log_folder: Path,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        log_folder.mkdir(parents=True, exist_ok=True)
        self._clock = clock
        self._running = [
            _Running(spec, log_folder / f"{spec.name.replace('/', '-')}.log") for spec in specs
        ]
        self.outcome: LaunchEvent | None = None

    @property
    def alive(self) -> bool:
        """Whether anything runs or will be started again."""
        return self.outcome is None and any(not process.done for process in self._running)

    @property
    def restarts(self) -> Mapping[str, int]:
        """How often each process has been started again."""
        return {process.spec.name: process.restarts for process in self._running}

    def pid(self, name: str) -> int | None:
        """The process id; None while it is not running."""
        for process in self._running:
            if process.spec.name == name and process.child is not None:
                return process.child.pid
        return None

    def poll(self) -> list[LaunchEvent]:
        """Start what is due, notice what has ended; what happened since the last call.

        After an event that ends the launch, `outcome` holds it and nothing is started any more.
        """
        events: list[LaunchEvent] = []
        for process in self._running:
            if self.outcome is not None:
                break
            if process.child is not None:
                events += self._watch(process)
            elif not process.done and self._clock() >= process.due_s:
                events.append(self._start(process))
        return events

    def stop(self) -> None:
        """End everything: SIGINT, then SIGTERM, then SIGKILL for what does not heed."""
        for number, patience_s in _SIGNALS:
            left = [p.child for p in self._running if p.child is not None]
            for child in left:
                _signal_group(child, number)
            deadline_s = time.monotonic() + patience_s
            for child in left:
                _wait(child, deadline_s)
            for process in self._running:
                if process.child is not None and process.child.returncode is not None:
                    self._reap(process)
        for process in self._running:
            process.done = True

    def _start(self, process: _Running) -> LaunchEvent:
        spec = process.spec
        is_again = process.started_s > 0.0
        own = [sys.executable, "-S", "-E", "-s", str(_CHILD), str(os.getpid())]
        try:
            with process.log.open("ab") as log:
                process.child = subprocess.Popen(
                    [*own, *spec.argv], stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                    cwd=spec.cwd, env={**os.environ, "PYTHONUNBUFFERED": "1", **spec.env},
                    start_new_session=True,
                )  # fmt: skip
        except OSError as error:
            raise RondaError(
                f"cannot start {spec.name}: {error.strerror}",
                place=Place(process.log),
                remedy="free disk space and check that the run folder is writable",
            ) from error
        process.started_s = self._clock()
        process.restarts += is_again
        kind = EventKind.RESTARTED if is_again else EventKind.STARTED
        return LaunchEvent(spec.name, kind, f"{spec.name} {kind.value}")

    def _watch(self, process: _Running) -> list[LaunchEvent]:
        assert process.child is not None
        status = process.child.poll()
        if status is None:
            return []
        self._reap(process)
        spec, now_s = process.spec, self._clock()
        how = _how(status)
        if status == REFUSED:
            return [self._finish(spec.name, EventKind.REFUSED, last_words(process.log) or how)]
        if spec.required:
            words = f": {last_words(process.log)}" if status else ""
            return [self._finish(spec.name, EventKind.ENDED, f"{spec.name} {how}{words}")]
        if not spec.respawn:
            process.done = True
            return [LaunchEvent(spec.name, EventKind.ENDED, f"{spec.name} {how}")]
        steady = now_s - process.started_s >= STEADY_AFTER_S
        longer_s = max(2.0 * process.delay_s, spec.respawn_delay_s)
        process.delay_s = spec.respawn_delay_s if steady else min(longer_s, LONGEST_DELAY_S)
        process.due_s = now_s + process.delay_s
        message = f"{spec.name} {how}; it is started again in {process.delay_s:.1f} s"
        return [LaunchEvent(spec.name, EventKind.DIED, message)]

    def _finish(self, name: str, kind: EventKind, message: str) -> LaunchEvent:
        self.outcome = LaunchEvent(name, kind, message)
        return self.outcome

    def _reap(self, process: _Running) -> None:
        """What the process has started itself ends with it."""
        if process.child is not None:
            _signal_group(process.child, signal.SIGKILL)
            process.child = None


def last_words(log: Path) -> str:
    """The last line of a log that is not empty."""
    text = log.read_text(encoding="utf-8", errors="replace") if log.is_file() else ""
    lines = [line.strip() for line in text[-4000:].splitlines() if line.strip()]
    return lines[-1] if lines else ""


def _how(status: int) -> str:
    if status < 0:
        return f"was ended by {signal.Signals(-status).name}"
    return f"ended with exit status {status}" if status else "ended"


def _signal_group(child: subprocess.Popen[bytes], number: int) -> None:
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(child.pid, number)


def _wait(child: subprocess.Popen[bytes], deadline_s: float) -> None:
    with contextlib.suppress(subprocess.TimeoutExpired):
        child.wait(timeout=max(0.0, deadline_s - time.monotonic()))
