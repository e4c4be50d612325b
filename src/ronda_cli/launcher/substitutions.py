"""`$(name argument...)` in attributes, as ROS 2's launch reads it."""

from __future__ import annotations

import re
import shlex
from collections.abc import Callable, Sequence

Call = Callable[[str, Sequence[str]], str]
"""The value of one substitution, from its name and its arguments."""

_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_-]*")
_BARE = re.compile(r"(?:[^ '\"$()\\]|\$(?!\())+")
_TEXT = {
    "": re.compile(r"(?:[^$\\]|\$(?!\()|\\(?!\$))+"),
    "'": re.compile(r"(?:[^$\\']|\$(?!\()|\\(?![$']))+"),
    '"': re.compile(r'(?:[^$\\"]|\$(?!\()|\\(?![$"]))+'),
}


class SubstitutionError(Exception):
    """A substitution is malformed or cannot be made. The message says why."""


def expand(text: str, call: Call) -> str:
    """The text with every substitution replaced by what `call` says.

    Arguments are separated by one blank; one that holds blanks is quoted (' or "); substitutions
    nest. Raises SubstitutionError.
    """
    value, end = _template(text, 0, "", call)
    assert end == len(text)
    return value


def _template(text: str, at: int, quote: str, call: Call) -> tuple[str, int]:
    """Text and substitutions up to the closing quote, or to the end where there is no quote."""
    parts: list[str] = []
    while at < len(text) and text[at] != quote:
        if text.startswith("$(", at):
            part, at = _substitution(text, at, call, in_quotes=bool(quote))
        else:
            match = _TEXT[quote].match(text, at)
            if match is None:
                raise SubstitutionError(f"escapes are not supported: {text[at : at + 2]!r}")
            part, at = match[0], match.end()
        parts.append(part)
    if quote and at == len(text):
        raise SubstitutionError(f"a quote is not closed in {text!r}")
    return "".join(parts), at + len(quote)


def _substitution(text: str, at: int, call: Call, *, in_quotes: bool) -> tuple[str, int]:
    name = _NAME.match(text, at + 2)
    if name is None:
        raise SubstitutionError(f"no name after '$(' in {text!r}")
    at = name.end()
    arguments: list[str] = []
    while text.startswith(" ", at):
        argument, at = _argument(text, at + 1, call, in_quotes=in_quotes)
        arguments.append(argument)
    if not text.startswith(")", at):
        raise SubstitutionError(f"'$({name[0]}' is not closed in {text!r}")
    return call(name[0], arguments), at + 1


def _argument(text: str, at: int, call: Call, *, in_quotes: bool) -> tuple[str, int]:
    """One argument; within quotes there are no further ones."""
    if text[at : at + 1] in ("'", '"') and not in_quotes:
        return _template(text, at + 1, text[at], call)
    parts: list[str] = []
    while at < len(text) and text[at] not in " )":
        if text.startswith("$(", at):
            part, at = _substitution(text, at, call, in_quotes=in_quotes)
        else:
            match = _BARE.match(text, at)
            if match is None:
                raise SubstitutionError(f"unexpected {text[at]!r} in {text!r}")
            part, at = match[0], match.end()
        parts.append(part)
    if not parts:
        raise SubstitutionError(f"an argument is empty in {text!r}: quote it, or remove the blank")
    return "".join(parts), at


def split_words(text: str) -> list[str]:
    """Words as a shell splits them, a substitution being part of a word whatever it holds.

    Raises ValueError when a quote is not closed before the next substitution: ROS 2's launch
    splits what is between two substitutions by itself.
    """
    held: list[str] = []
    plain, at, begun = "", 0, 0
    while at < len(text):
        if text.startswith("$(", at):
            shlex.split(plain[begun:])
            end = _end_of_substitution(text, at)
            plain += f"\0{len(held)}\0"
            begun = len(plain)
            held.append(text[at:end])
            at = end
        else:
            plain += text[at]
            at += 1
    shlex.split(plain[begun:])
    words = shlex.split(plain)
    for index, original in enumerate(held):
        words = [word.replace(f"\0{index}\0", original) for word in words]
    return words


def _end_of_substitution(text: str, at: int) -> int:
    depth = 0
    for index in range(at, len(text)):
        if text.startswith("$(", index):
            depth += 1
        elif text[index] == ")":
            depth -= 1
            if depth == 0:
                return index + 1
    return len(text)
