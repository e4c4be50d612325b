"""The root of every error that Ronda raises on purpose, with what a person needs to mend it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Place:
    """Where in a file something is wrong. `line` counts from 1."""

    file: Path
    line: int | None = None

    def __str__(self) -> str:
        return str(self.file) if self.line is None else f"{self.file}:{self.line}"


class RondaError(Exception):
    """Bad input or a failed operation, told in words.

    `problem`: what is wrong; `expected`: what is right; `remedy`: what to do; `place`: where.
    """

    def __init__(
        self,
        problem: str,
        *,
        place: Place | None = None,
        expected: str = "",
        remedy: str = "",
    ) -> None:
        super().__init__(problem)
        self.problem = problem
        self.place = place
        self.expected = expected
        self.remedy = remedy

    def __str__(self) -> str:
        parts = [f"{self.place}: {self.problem}" if self.place else self.problem]
        if self.expected:
            parts.append(f"expected {self.expected}")
        if self.remedy:
            parts.append(f"to do: {self.remedy}")
        return "; ".join(parts)


class ConfigError(RondaError):
    """A file that a person wrote (site, robot, parameters, world, scenario) is wrong."""


class QueueOverflowError(RondaError):
    """An event row received more events between two ticks than its bound allows."""


class TransformError(RondaError):
    """A transform between two frames is unknown, or not known at the time asked for."""
