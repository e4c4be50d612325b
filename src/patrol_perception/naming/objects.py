"""A thing with a name in a picture."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class NamedObject:
    """`box`: left, top, right, bottom [px of the picture]; `score` from 0 to 1."""

    name: str
    score: float
    box: tuple[float, float, float, float]
