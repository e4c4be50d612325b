"""What every tick of a process saw and said: with a bag beside it, it replays bit for bit.

A file of JSON lines, `ticks-PROCESS.jsonl` in the run's folder. A process that starts writes a
head (what it was given, and what files an earlier life had left it), and then a line a tick. A
message is told by the digest of its bytes; what does not travel as a message of a topic (goals,
results, one's own health, what was remembered) by its value.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from patrol_core.component import Component, Inputs
from patrol_core.errors import ConfigError, Place
from patrol_core.plain import from_plain, to_plain
from patrol_core.topics import TOPICS, Topic

_MESSAGES = frozenset(topic.name for topic in TOPICS)
_STATE = (".json", ".jsonl")
_MAX_STATE_BYTES = 2**20
_PREFIX = "ticks-"


def tick_file(process: str) -> str:
    """Name of the log of a process."""
    return f"{_PREFIX}{process}.jsonl"


def digest_of(data: bytes) -> str:
    """BLAKE2b (RFC 7693), 8 bytes, in hexadecimal; without zeros at the end: DDS adds some."""
    return hashlib.blake2b(data.rstrip(b"\0"), digest_size=8).hexdigest()


def state_of(folder: Path) -> dict[str, str]:
    """Small files of an earlier life of the process in the run's folder, by name."""
    if not folder.is_dir():
        return {}
    return {
        file.name: file.read_text(encoding="utf-8")
        for file in sorted(folder.iterdir())
        if file.suffix in _STATE
        and not file.name.startswith(_PREFIX)
        and file.stat().st_size < _MAX_STATE_BYTES
    }


class TickLog:
    """Writes one. Every line is handed to the system at once."""

    def __init__(
        self, path: Path, process: str, given: Mapping[str, Any], state: Mapping[str, str]
    ) -> None:
        """`given`: settings and parameters by name. Raises OSError."""
        self._file = path.open("a", encoding="utf-8", buffering=1)
        self._arrived: list[list[Any]] = []
        self._seen: dict[str, Any] = {}
        self._said: list[list[Any]] = []
        self._is_saying = False
        self._write({"process": process, "given": dict(given), "state": dict(state)})

    def arrived(self, topic: Topic[Any], value: Any, at_s: float, data: bytes | None) -> None:
        """Something came in. `data`: the message, None where it did not come as one."""
        self._arrived.append([topic.name, at_s, *_told(value, data)])

    def sees(self, part: Component, inputs: Inputs) -> None:
        """What a component is about to see: sequence numbers of states, counts of events."""
        events = {topic.name: len(inputs.events(topic)) for topic in part.reads}
        found = {name: count for name, count in events.items() if count}
        self._seen[part.name] = [inputs.sequences(), found]

    def saying(self, topic: Topic[Any], value: Any) -> None:
        """The tick says this; `sent` follows where it leaves as a message."""
        self._is_saying = topic.name in _MESSAGES
        told = [None] if self._is_saying else _told(value, None)
        self._said.append([topic.name, *told])

    def sent(self, data: bytes) -> None:
        """What leaves as a message; what is sent between ticks is none of theirs."""
        if self._is_saying:
            self._said[-1][1] = digest_of(data)
            self._is_saying = False

    def tick(self, now_s: float, steady_s: float = 0.0) -> None:
        """All has been said. `steady_s`: the gate's other clock."""
        self._is_saying = False
        self._write({
            "now_s": now_s, "steady_s": steady_s, "arrived": self._arrived, "seen": self._seen,
            "said": self._said,
        })  # fmt: skip
        self._arrived, self._seen, self._said = [], {}, []

    def close(self) -> None:
        self._file.close()

    def _write(self, line: dict[str, Any]) -> None:
        self._file.write(json.dumps(line) + "\n")


def _told(value: Any, data: bytes | None) -> list[Any]:
    if data is not None:
        return [digest_of(data)]
    return [None, value_as_json(value)]


def value_as_json(value: Any) -> Any:
    """A value as a log tells it; floats keep every bit."""
    return json.loads(json.dumps(to_plain(value)))


@dataclass(frozen=True, slots=True)
class Told:
    """Something that came in or was said. `digest`: of the message; None: `value` is all, and
    None there, too: a row that nobody listened to. `at_s`: when it came in."""

    row: str
    digest: str | None
    value: Any = None
    at_s: float = 0.0

    def as_value(self, topic: Topic[Any]) -> Any:
        """Raises ValueError where the log tells no such value."""
        return from_plain(topic.value_type, self.value)


@dataclass(frozen=True, slots=True)
class Tick:
    """One line. `seen`: sequence numbers and counts of events, by component."""

    now_s: float
    steady_s: float
    arrived: tuple[Told, ...]
    said: tuple[Told, ...]
    seen: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Life:
    """A process from its start to its end."""

    process: str
    given: Mapping[str, Any]
    state: Mapping[str, str]
    ticks: list[Tick]


def read_ticks(path: Path) -> list[Life]:
    """All lives of a process. A last line that a crash has cut off is left out.

    Raises ConfigError, with the line, for what is no such log.
    """
    try:
        lines = path.read_text(encoding="utf-8").splitlines(keepends=True)
    except (OSError, UnicodeDecodeError) as error:
        raise _wrong(path, None, "the log of ticks cannot be read") from error
    lives: list[Life] = []
    for number, line in enumerate(lines, 1):
        try:
            _take(lives, json.loads(line))
        except (ValueError, KeyError, TypeError, IndexError, AttributeError) as error:
            if number == len(lines) and not line.endswith("\n"):
                break
            raise _wrong(path, number, "this is no line of a log of ticks") from error
    if not lives:
        raise _wrong(path, None, "the log of ticks is empty")
    return lives


def _take(lives: list[Life], line: dict[str, Any]) -> None:
    if "process" in line:
        lives.append(Life(str(line["process"]), dict(line["given"]), dict(line["state"]), []))
        return
    arrived = tuple(
        Told(str(row), digest, value[0] if value else None, float(at_s))
        for row, at_s, digest, *value in line["arrived"]
    )
    said = tuple(
        Told(str(row), digest, value[0] if value else None) for row, digest, *value in line["said"]
    )
    times = float(line["now_s"]), float(line["steady_s"])
    lives[-1].ticks.append(Tick(*times, arrived, said, dict(line["seen"])))


def _wrong(path: Path, line: int | None, problem: str) -> ConfigError:
    return ConfigError(
        problem, place=Place(path, line), expected="a file that `log_ticks:=true` wrote"
    )
