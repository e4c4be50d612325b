"""Saying lines aloud on the robot, for screens whose browser cannot."""

from __future__ import annotations

import contextlib
import queue
import shutil
import subprocess
import threading
from typing import Protocol

MAX_WAITING = 3
"""Lines that may wait to be said; older news is no news."""
MAX_CHARACTERS = 600
_VOICES = {"en": "en-gb", "fr": "fr-fr"}
_LINE_TIMEOUT_S = 60.0
_STOP_S = 2.0


class Voice(Protocol):
    """Says lines in their order. Never waits, never fails."""

    @property
    def problem(self) -> str:
        """Why nothing can be heard; empty when it can."""

    def say(self, text: str, language: str) -> bool:
        """Have a line said; False when it will not be."""

    def close(self) -> None:
        """Be silent from now on."""


class EspeakVoice:
    """`espeak-ng` (GPL-3, a program of its own). Text goes to its standard input: no shell, no
    option can be smuggled in. `languages`: codes that may be said; `options` go to the program.
    """

    def __init__(
        self,
        languages: frozenset[str],
        program: str = "espeak-ng",
        options: tuple[str, ...] = (),
    ) -> None:
        self._languages = languages
        self._options = options
        self._path = shutil.which(program)
        self.problem = ""
        if self._path is None:
            self.problem = (
                f"{program} is not installed: the robot says nothing aloud; to do: "
                "apt-get install espeak-ng"
            )
            return
        self._waiting: queue.Queue[tuple[str, str] | None] = queue.Queue(MAX_WAITING)
        self._closing = threading.Event()
        self._speaking: subprocess.Popen[bytes] | None = None
        self._thread = threading.Thread(target=self._run, name="voice", daemon=True)
        self._thread.start()

    def say(self, text: str, language: str) -> bool:
        """See `Voice`."""
        if self._path is None or self._closing.is_set() or language not in self._languages:
            return False
        try:
            self._waiting.put_nowait((text[:MAX_CHARACTERS], language))
        except queue.Full:
            return False
        return True

    def close(self) -> None:
        """See `Voice`. Breaks off the line that is being said."""
        if self._path is None:
            return
        self._closing.set()
        speaking = self._speaking
        if speaking is not None:
            speaking.kill()
        with contextlib.suppress(queue.Full):  # then the thread sees the event at the next line
            self._waiting.put_nowait(None)
        self._thread.join(_STOP_S)

    def _run(self) -> None:
        while True:
            line = self._waiting.get()
            if line is None or self._closing.is_set():
                return
            self._speak(*line)

    def _speak(self, text: str, language: str) -> None:
        voice = _VOICES.get(language, language)
        words = [str(self._path), "-v", voice, *self._options, "--stdin"]
        try:
            self._speaking = subprocess.Popen(
                words, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
            )
        except OSError as error:
            self.problem = f"{self._path} cannot be started: {error.strerror}"
            return
        try:
            self._speaking.communicate(text.encode("utf-8", "replace"), _LINE_TIMEOUT_S)
        except subprocess.TimeoutExpired:
            self._speaking.kill()
            self._speaking.wait()
        finally:
            if self._speaking.returncode not in {0, -9}:
                self.problem = f"{self._path} ended with status {self._speaking.returncode}"
            self._speaking = None
