"""What a person sees of the set-up, and the commands it runs."""

from __future__ import annotations

import os
import shlex
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TextIO

from ronda_cli.environment.paths import ROOT, SYSTEM_ROS, SetupError

_FOREIGN = ("PYTHONPATH", "PYTHONHOME", "VIRTUAL_ENV", "_ROS_WHEELS_BOOTSTRAP_COMPLETE")
"""What another Python or workspace leaves in the environment. An installed ROS needs the first."""


class Report:
    """Progress on the terminal, detail in a log."""

    def __init__(self, log: TextIO) -> None:
        self.log = log
        self._live = sys.stderr.isatty()
        self._started_s = time.monotonic()
        self._title = ""

    def begin(self, title: str) -> None:
        """Start the clock of a stage."""
        self._title, self._started_s = title, time.monotonic()
        self.log.write(f"== {title}\n")
        self._show(f"{title} ...", end="" if self._live else "\n")

    def progress(self, text: str) -> None:
        """Say where the stage is, where somebody watches."""
        if self._live:
            self._show(f"{self._title} ... {self._elapsed()}  {text}", end="")

    def end(self) -> None:
        """The stage is done."""
        self._show(f"{self._title}: {self._elapsed()}" if self._live else f"  {self._elapsed()}")

    def say(self, text: str) -> None:
        """Something a person must know."""
        self.log.write(text + "\n")
        self._show(text)

    def _elapsed(self) -> str:
        return f"{time.monotonic() - self._started_s:.0f} s"

    def _show(self, text: str, end: str = "\n") -> None:
        start = "\r\x1b[K" if self._live else ""
        room = shutil.get_terminal_size().columns - 8
        shown = text if end else text[:room]
        print(f"{start}ronda: {shown}", end=end, file=sys.stderr, flush=True)

    def command(
        self, argv: Iterable[str | Path], on_line: Callable[[str], None] | None = None, **env: str
    ) -> None:
        """Run a command with its output in the log; raises SetupError with the end of it."""
        words = [str(word) for word in argv]
        self.log.write(f"$ {shlex.join(words)}\n")
        tail: list[str] = []
        with subprocess.Popen(
            words, cwd=ROOT, env=_clean_environment() | env, text=True, errors="replace",
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        ) as process:  # fmt: skip
            assert process.stdout is not None
            try:
                for line in process.stdout:
                    self.log.write(line)
                    tail = [*tail[-14:], line.rstrip()]
                    if on_line:
                        on_line(line.rstrip())
            except KeyboardInterrupt:
                process.terminate()
                raise
        if process.returncode:
            raise SetupError("\n".join([f"{words[0]} failed:", *("  " + line for line in tail)]))


def _clean_environment() -> dict[str, str]:
    if SYSTEM_ROS:
        return dict(os.environ)
    return {name: value for name, value in os.environ.items() if name not in _FOREIGN}
