"""YAML and JSON as a tree that knows its lines, and a reader that collects every mistake.

A wrong value is recorded and read as None, so that one pass over a file finds all that is wrong.
"""

from __future__ import annotations

import difflib
import json
import math
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from enum import Enum
from pathlib import Path
from typing import Any, TypeVar

import yaml

from patrol_core.errors import ConfigError, Place

_EnumT = TypeVar("_EnumT", bound=Enum)
_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_MAX_DEPTH = 50
_IDENTIFIER = re.compile(r"[a-z][a-z0-9_]*\Z")


@dataclass(slots=True)
class Problems:
    """The mistakes found so far, in the order found."""

    found: list[ConfigError] = field(default_factory=list)

    def add(self, place: Place, problem: str, expected: str, remedy: str) -> None:
        self.found.append(ConfigError(problem, place=place, expected=expected, remedy=remedy))


@dataclass(frozen=True, slots=True)
class Value:
    """One value of a file, with its name for messages, its place and where mistakes go."""

    name: str
    file: Path
    node: yaml.Node
    problems: Problems

    @property
    def place(self) -> Place:
        return Place(self.file, self.node.start_mark.line + 1)

    @property
    def is_scalar(self) -> bool:
        """Whether it is one word or number, neither list nor mapping."""
        return isinstance(self.node, yaml.ScalarNode)

    def wrong(self, problem: str, expected: str, remedy: str) -> None:
        """Record a mistake at this value."""
        self.problems.add(self.place, problem, expected, remedy)

    def fields(self, required: Sequence[str], optional: Sequence[str] = ()) -> dict[str, Value]:
        """The values of a mapping by key; missing, unknown and repeated keys are mistakes."""
        if not isinstance(self.node, yaml.MappingNode):
            self.wrong(
                f"{self.name} is not a mapping",
                f"keys {', '.join(required)}",
                "write it as 'key: value' pairs",
            )
            return {}
        known = (*required, *optional)
        found: dict[str, Value] = {}
        for key_node, node in self.node.value:
            key = Value(f"key '{key_node.value}'", self.file, key_node, self.problems)
            if not isinstance(key_node, yaml.ScalarNode):
                key.wrong(f"a key of {self.name} is not a word", "a word", "write 'key: value'")
            elif key_node.value in found:
                key.wrong(f"{key.name} is given twice", "each key once", "remove one of the two")
            elif key_node.value not in known:
                key.wrong(
                    f"unknown {key.name} in {self.name}",
                    f"one of {', '.join(known)}",
                    did_you_mean(str(key_node.value), known, "remove it"),
                )
            else:
                name = f"'{key_node.value}' of {self.name}"
                found[key_node.value] = Value(name, self.file, node, self.problems)
        for key_name in required:
            if key_name not in found:
                self.wrong(
                    f"'{key_name}' is missing in {self.name}",
                    f"keys {', '.join(required)}",
                    f"add '{key_name}'",
                )
        return found

    def peek(self, key: str) -> Value | None:
        """The value of one key, where it decides which others may stand beside it.

        No mistake is recorded; of a key that is given twice it is the first, as in `fields`.
        """
        pairs = self.node.value if isinstance(self.node, yaml.MappingNode) else []
        for key_node, node in pairs:
            if isinstance(key_node, yaml.ScalarNode) and key_node.value == key:
                return Value(f"'{key}' of {self.name}", self.file, node, self.problems)
        return None

    def items(self, *, may_be_empty: bool = True) -> list[Value]:
        """The values of a list."""
        if not isinstance(self.node, yaml.SequenceNode):
            self.wrong(f"{self.name} is not a list", "a list", "write it as [a, b] or '- a' lines")
            return []
        if not self.node.value and not may_be_empty:
            self.wrong(f"{self.name} is empty", "at least one entry", "add one")
        return [
            Value(f"{self.name}, item {index}", self.file, node, self.problems)
            for index, node in enumerate(self.node.value, start=1)
        ]

    def number(self, low: float, high: float, unit: str) -> float | None:
        """A finite number within bounds."""
        expected = f"a number from {low:g} to {high:g} [{unit}]"
        if not isinstance(self.node, yaml.ScalarNode) or self.node.style in ("'", '"'):
            self.wrong(f"{self.name} is not a number", expected, "give a plain number, unquoted")
            return None
        try:
            value = float(self.node.value)
        except ValueError:
            value = math.nan
        if not math.isfinite(value):
            self.wrong(
                f"{self.name} is '{self.node.value}', not a number",
                expected,
                "give a plain number, without its unit",
            )
            return None
        if not low <= value <= high:
            self.wrong(f"{self.name} is {value:g}", expected, f"check the unit: {unit}")
            return None
        return value

    def whole_number(self, low: int, high: int, unit: str) -> int | None:
        """A whole number within bounds."""
        value = self.number(low, high, unit)
        if value is not None and value != int(value):
            self.wrong(f"{self.name} is {value:g}", "a whole number", "round it")
            return None
        return None if value is None else int(value)

    def text(self) -> str | None:
        """A text that is not empty."""
        if not isinstance(self.node, yaml.ScalarNode) or not self.node.value.strip():
            self.wrong(f"{self.name} is not a text", "a text that is not empty", "write it out")
            return None
        return str(self.node.value)

    def identifier(self) -> str | None:
        """Lower-case letters, digits and underscores, a letter first."""
        value = self.text()
        if value is not None and not _IDENTIFIER.match(value):
            self.wrong(
                f"{self.name} is '{value}'",
                "lower-case letters, digits and underscores, a letter first",
                "rename it, e.g. 'north_gate'",
            )
            return None
        return value

    def one_of(self, choices: Sequence[str]) -> str | None:
        """One of the given words."""
        value = self.text()
        if value is not None and value not in choices:
            self.wrong(
                f"{self.name} is '{value}'",
                f"one of {', '.join(choices)}",
                did_you_mean(value, choices, f"choose one, e.g. '{choices[0]}'"),
            )
            return None
        return value

    def enum(self, kind: type[_EnumT]) -> _EnumT | None:
        """The member of `kind` of that value."""
        value = self.one_of([member.value for member in kind])
        return None if value is None else kind(value)

    def point(self) -> tuple[float, float] | None:
        """A pair [x, y] in metres."""
        items = self.items()
        if len(items) != 2:
            if isinstance(self.node, yaml.SequenceNode):
                self.wrong(f"{self.name} has {len(items)} numbers", "[x, y] in metres", "give two")
            return None
        x, y = (item.number(-1e5, 1e5, "metres") for item in items)
        return None if x is None or y is None else (x, y)


def did_you_mean(word: str, known: Sequence[str], otherwise: str) -> str:
    """The remedy for a word that is not among the known ones; `otherwise` if none is close."""
    close = difflib.get_close_matches(word, known, n=1)
    return f"did you mean '{close[0]}'?" if close else otherwise


def read_yaml(file: Path, name: str, problems: Problems) -> Value | None:
    """The root of a YAML file; None with a recorded mistake if there is none."""
    text = _read_text(file, problems)
    return None if text is None else parse_yaml(text, file, name, problems)


def read_json(file: Path, name: str, problems: Problems) -> Value | None:
    """The root of a JSON file; None with a recorded mistake if there is none."""
    text = _read_text(file, problems)
    return None if text is None else parse_json(text, file, name, problems)


def parse_json(text: str, file: Path, name: str, problems: Problems) -> Value | None:
    """The root of a JSON text that is, or shall be, in `file`."""
    try:
        json.loads(text)
    except RecursionError:
        problems.add(Place(file, 1), "nested too deeply", "GeoJSON", "remove the brackets")
        return None
    except json.JSONDecodeError as error:
        lines = max(len(text.splitlines()), 1)
        cut_off = text[error.pos :].strip() == ""
        problems.add(
            Place(file, min(error.lineno, lines)),
            f"not valid JSON: {error.msg}",
            "the rest of the document" if cut_off else "valid JSON",
            "the file ends too early: restore its end" if cut_off else "mend this line",
        )
        return None
    return parse_yaml(text.replace("\t", " "), file, name, problems)


def _read_text(file: Path, problems: Problems) -> str | None:
    try:
        return file.read_text(encoding="utf-8")
    except FileNotFoundError:
        problem, remedy = "the file is missing", f"add {file.name} to the site folder"
    except OSError as error:
        problem, remedy = f"cannot be read: {error.strerror}", "check the path and its permissions"
    except UnicodeDecodeError:
        problem, remedy = "is not UTF-8 text", "save it as UTF-8"
    problems.add(Place(file), problem, "a readable file", remedy)
    return None


def parse_yaml(text: str, file: Path, name: str, problems: Problems) -> Value | None:
    """The root of a YAML text that is, or shall be, in `file`."""
    try:
        line = _too_deep(text)
        if line is not None:
            problems.add(
                Place(file, line), "nested too deeply", "a site file", "remove the brackets"
            )
            return None
        node: Any = yaml.compose(text, Loader=_LOADER)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line = mark.line if mark else 0
        lines = text.splitlines()
        has_tab = line < len(lines) and "\t" in lines[line]
        problems.add(
            Place(file, min(line + 1, max(len(lines), 1))),
            f"not valid YAML: {error.problem or error.context}",
            "valid YAML",
            "replace the tab by spaces" if has_tab else "mend this line or the one above it",
        )
        return None
    except yaml.reader.ReaderError as error:
        line = text.count("\n", 0, error.position) + 1
        problems.add(Place(file, line), "not valid YAML: a control character", "text", "remove it")
        return None
    if node is None:
        problems.add(Place(file, 1), "the file is empty", name, "see sites/yard for an example")
        return None
    return Value(name, file, node, problems)


def _too_deep(text: str) -> int | None:
    """The line where nesting passes what a site file needs: the composer would overflow."""
    depth = 0
    for event in yaml.parse(text, Loader=_LOADER):
        depth += isinstance(event, (yaml.SequenceStartEvent, yaml.MappingStartEvent))
        depth -= isinstance(event, (yaml.SequenceEndEvent, yaml.MappingEndEvent))
        if depth > _MAX_DEPTH and event.start_mark is not None:
            return event.start_mark.line + 1
    return None


def repeated(values: Iterator[tuple[str, Value]]) -> None:
    """Record every name that was given before."""
    first: dict[str, Value] = {}
    for name, value in values:
        if name in first:
            value.wrong(
                f"'{name}' is used twice (first in line {first[name].place.line})",
                "every id once",
                "rename one of the two",
            )
        else:
            first[name] = value
