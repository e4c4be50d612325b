"""XML elements that know their line, on expat."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from xml.parsers import expat

from patrol_core.errors import Place
from patrol_sim.errors import SdfError

_DEEPEST = 40
_COMMENT = re.compile("<!--.*?-->", re.DOTALL)
"""Left out before parsing: many worlds have "--" in theirs, which XML does not allow."""
_NOTHING: Mapping[str, str] = {}


class Notes:
    """What was left out of files and why, the same thing in the same parent once."""

    def __init__(self) -> None:
        self._found: dict[tuple[Path, str, str], tuple[int, int]] = {}

    def add(self, path: Path, line: int, what: str, why: str) -> None:
        """Note something on a line."""
        first, count = self._found.get((path, what, why), (line, 0))
        self._found[path, what, why] = (first, count + 1)

    def texts(self) -> tuple[str, ...]:
        """One sentence each, with file and line of the first."""
        return tuple(
            f"{Place(path, line)}: {what}{f' ({count} times)' if count > 1 else ''}: {why}"
            for (path, what, why), (line, count) in self._found.items()
        )


@dataclass(slots=True)
class Element:
    """One XML element; `text` is its own character data without its children's."""

    tag: str
    attributes: dict[str, str]
    path: Path
    line: int
    notes: Notes = field(repr=False, compare=False)
    children: list[Element] = field(default_factory=list)
    text: str = ""

    def fail(self, message: str, remedy: str) -> SdfError:
        """The error to raise about this element."""
        return SdfError(
            f"<{self.tag}>: {message}", place=Place(self.path, self.line), remedy=remedy
        )

    def note(self, why: str) -> None:
        """Note that this element counts for nothing, and why."""
        self.notes.add(self.path, self.line, f"<{self.tag}> is ignored", why)

    def expect(
        self,
        *,
        required: Iterable[str] = (),
        optional: Iterable[str] = (),
        many: Iterable[str] = (),
        attributes: Iterable[str] = (),
        optional_attributes: Iterable[str] = (),
        ignored: Mapping[str, str] = _NOTHING,
    ) -> None:
        """Refuse children and attributes that are not listed, missing or repeated.

        Children in `ignored`, and those of other programs (`prefix:name`), are noted instead.
        """
        required, optional, many = set(required), set(optional), set(many)
        allowed = required | optional | many
        seen: set[str] = set()
        for child in self.children:
            if child.tag not in allowed and (child.tag in ignored or ":" in child.tag):
                child.note(ignored.get(child.tag, "it is another program's"))
                continue
            if child.tag not in allowed:
                raise child.fail(
                    f"not supported inside <{self.tag}>",
                    f"remove it; <{self.tag}> may hold: {', '.join(sorted(allowed)) or 'text'}",
                )
            if child.tag in seen and child.tag not in many:
                raise child.fail(f"stands twice in <{self.tag}>", "keep one of them")
            seen.add(child.tag)
        for missing in sorted(required - seen):
            raise self.fail(f"<{missing}> is missing", f"add <{missing}> to it")
        if self.children and self.text.strip():
            text = self.text.strip()[:20]
            self.notes.add(
                self.path, self.line, f"the text {text!r} is ignored", "it says nothing"
            )
        self._expect_attributes(set(attributes), set(optional_attributes))

    def _expect_attributes(self, required: set[str], optional: set[str]) -> None:
        for name in self.attributes:
            if name not in required | optional and ":" not in name:
                raise self.fail(f"attribute {name!r} is not supported", "remove the attribute")
        for missing in sorted(required - self.attributes.keys()):
            raise self.fail(f"attribute {missing!r} is missing", f'add {missing}="..."')

    def find(self, tag: str) -> Element | None:
        return next((child for child in self.children if child.tag == tag), None)

    def get(self, tag: str) -> Element:
        """A child that `expect` has required."""
        child = self.find(tag)
        if child is None:
            raise self.fail(f"<{tag}> is missing", f"add <{tag}> to it")
        return child

    def all(self, tag: str) -> list[Element]:
        return [child for child in self.children if child.tag == tag]

    def numbers(self, count: int, attributes: Iterable[str] = ()) -> tuple[float, ...]:
        """The text as exactly `count` finite numbers."""
        self.expect(optional_attributes=attributes)
        words = self.text.split()
        try:
            values = tuple(float(word) for word in words)
        except ValueError:
            values = ()
        if len(values) != count or not all(math.isfinite(value) for value in values):
            raise self.fail(
                f"expected {count} finite number{'s' if count > 1 else ''}, got {self.text!r}",
                f"write {count} value{'s' if count > 1 else ''} separated by blanks",
            )
        return values

    def number(self) -> float:
        return self.numbers(1)[0]

    def positive(self) -> float:
        value = self.number()
        if value <= 0.0:
            raise self.fail(f"must be positive, got {value:g}", "give a value above zero")
        return value

    def flag(self) -> bool:
        self.expect()
        word = self.text.strip()
        if word not in ("true", "false", "1", "0"):
            raise self.fail(f"expected true or false, got {word!r}", "write true or false")
        return word in ("true", "1")

    def word(self, *allowed: str) -> str:
        """The text, one of `allowed`."""
        self.expect()
        word = self.text.strip()
        if word not in allowed:
            raise self.fail(f"{word!r} is not supported", f"use {' or '.join(allowed)}")
        return word


def _only_lines(comment: re.Match[str]) -> str:
    return "\n" * comment[0].count("\n")


def parse_xml(text: str, path: Path, notes: Notes) -> Element:
    """Parse a document into its root element.

    Raises:
        SdfError: the document is not well-formed, has entities of its own or is nested absurdly
            deep; the error names file and line.
    """
    root: list[Element] = []
    stack: list[Element] = []
    parser = expat.ParserCreate()

    def start(tag: str, attributes: dict[str, str]) -> None:
        element = Element(tag, attributes, path, parser.CurrentLineNumber, notes)
        if len(stack) >= _DEEPEST:
            raise element.fail(f"lies more than {_DEEPEST} elements deep", "nest less")
        (stack[-1].children if stack else root).append(element)
        stack.append(element)

    def end(_tag: str) -> None:
        stack.pop()

    def characters(data: str) -> None:
        stack[-1].text += data

    def entity(*_: object) -> None:
        raise SdfError(
            "entities are not supported",
            place=Place(path, parser.CurrentLineNumber),
            remedy="write out what they stand for",
        )

    parser.EntityDeclHandler = entity
    parser.StartElementHandler = start
    parser.EndElementHandler = end
    parser.CharacterDataHandler = characters
    try:
        parser.Parse(_COMMENT.sub(_only_lines, text), True)
    except expat.ExpatError as error:
        raise SdfError(
            f"not well-formed XML: {expat.errors.messages[error.code]}",
            place=Place(path, error.lineno),
            remedy="close every element that was opened, and escape &, < and >",
        ) from error
    return root[0]
