"""Texts of the robot without what must not go on: what visitors said, who did something."""

from __future__ import annotations

import re

_VISITOR = "visitor reports:"
_RESET = re.compile(r"\breset by .+? refused", re.DOTALL)
_HOLDER = re.compile(r"^.+ has the robot\b", re.DOTALL)
_BY_NAME = re.compile(r"\b(stopped|paused|resumed|skipped|asked for) by .+", re.DOTALL)


def without_visitor(text: str) -> str:
    """Up to where a text quotes what a visitor reports."""
    begin = text.lower().find(_VISITOR)
    return text if begin < 0 else f"{text[: begin + len(_VISITOR) - 1]} something"


def public_message(text: str) -> str:
    """A message without an operator's name, and up to where it quotes what a visitor reports."""
    text = _RESET.sub("reset by an operator refused", without_visitor(text))
    text = _HOLDER.sub("an operator has the robot", text)
    return _BY_NAME.sub(r"\1 by an operator", text)
