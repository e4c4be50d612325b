"""The first field in which two messages differ."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np


@dataclass(frozen=True, slots=True)
class FieldDifference:
    """`field`: its path in the message. Both values as text."""

    field: str
    recorded: str
    replayed: str


def first_difference(recorded: Any, replayed: Any, path: str = "") -> FieldDifference | None:
    """Of messages of ROS, or of values as JSON has them. Equal means equal bits; a NaN equals a
    NaN."""
    if type(recorded) is not type(replayed):
        return FieldDifference(path or "value", _short(recorded), _short(replayed))
    for name, one, other in _parts(recorded, replayed):
        found = first_difference(one, other, f"{path}.{name}" if path else name)
        if found is not None:
            return found
    if _is_whole(recorded) and not _same(recorded, replayed):
        return FieldDifference(path or "value", _short(recorded), _short(replayed))
    return None


def _parts(one: Any, other: Any) -> Iterator[tuple[str, Any, Any]]:
    """What is inside, in order; for parts that are there in both."""
    if hasattr(one, "get_fields_and_field_types"):
        for name in one.get_fields_and_field_types():
            yield name, getattr(one, name), getattr(other, name)
    elif isinstance(one, dict):
        for name in sorted(one.keys() | other.keys()):
            yield name, one.get(name), other.get(name)
    elif _is_sequence(one):
        yield "length", len(one), len(other)
        for number, (left, right) in enumerate(zip(one, other, strict=False)):
            yield str(number), left, right


def _is_sequence(value: Any) -> bool:
    """Arrays of numbers are compared as bytes, unless they differ."""
    return isinstance(value, Sequence) and not isinstance(value, str | bytes)


def _is_whole(value: Any) -> bool:
    inside = hasattr(value, "get_fields_and_field_types") or isinstance(value, dict)
    return not inside and not _is_sequence(value)


def _same(one: Any, other: Any) -> bool:
    if isinstance(one, np.ndarray):
        return bool(one.shape == other.shape and one.tobytes() == other.tobytes())
    if isinstance(one, float):
        if math.isnan(one) or math.isnan(other):
            return math.isnan(one) and math.isnan(other)
        return one == other and math.copysign(1.0, one) == math.copysign(1.0, other)
    return bool(one == other)


def _short(value: Any) -> str:
    text = " ".join(str(value).split())
    return text if len(text) <= 80 else f"{text[:77]}..."
