"""A terminal as a keyboard, single keys at once and without echo, and a line to show things on."""

from __future__ import annotations

import os
import select
import shutil
import sys
import termios
import tty
from collections.abc import Mapping
from types import TracebackType
from typing import Any

from patrol_core.errors import RondaError
from ronda_cli.teleop.keys import LETTERS, Key, KeyReader


class Keyboard:
    """Standard input and output, for as long as the `with` block lasts; then all is as before.

    `is_gone`: the terminal was closed. Raises RondaError when there is none.
    """

    def __init__(self, letters: Mapping[bytes, Key] = LETTERS) -> None:
        self._descriptor = sys.stdin.fileno()
        if not os.isatty(self._descriptor):
            raise RondaError(
                "there is no keyboard: standard input is no terminal",
                expected="a terminal, which repeats a key that is held",
                remedy="start it by hand; over ssh with -t",
            )
        self._reader = KeyReader(letters)
        self._before: list[Any] = []
        self.is_gone = False

    def __enter__(self) -> Keyboard:
        self._before = termios.tcgetattr(self._descriptor)
        tty.setcbreak(self._descriptor)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if not self.is_gone:
            termios.tcsetattr(self._descriptor, termios.TCSADRAIN, self._before)
            self._write("\n")

    def pressed(self) -> list[Key]:
        """Those that have come since the last time; never waits."""
        data = b""
        try:
            while not self.is_gone and select.select([self._descriptor], [], [], 0.0)[0]:
                chunk = os.read(self._descriptor, 1024)
                self.is_gone = not chunk
                data += chunk
        except OSError:
            self.is_gone = True
        return self._reader.take(data)

    def show(self, line: str) -> None:
        """In place of the line that was there."""
        self._write(f"\r\x1b[2K{line}")

    @property
    def width(self) -> int:
        """Characters that fit into a line."""
        return shutil.get_terminal_size().columns - 1

    def _write(self, text: str) -> None:
        try:
            sys.stdout.write(text)
            sys.stdout.flush()
        except OSError:
            self.is_gone = True
