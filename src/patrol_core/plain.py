"""Values of the topic table as plain JSON values and back, without losing a bit.

Dataclasses, enums, tuples, numbers, words, None, and arrays (as bytes in hexadecimal).
"""

from __future__ import annotations

import dataclasses
import types
import typing
from enum import Enum
from typing import Any

import numpy as np


def to_plain(value: Any) -> Any:
    """Raises TypeError for what is none of these."""
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {f.name: to_plain(getattr(value, f.name)) for f in dataclasses.fields(value)}
    if isinstance(value, np.ndarray):
        return {"type": value.dtype.str, "shape": value.shape, "bytes": value.tobytes().hex()}
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, bytes):
        return value.hex()
    if isinstance(value, tuple | list):
        return [to_plain(one) for one in value]
    if value is None or isinstance(value, bool | int | float | str):
        return value
    raise TypeError(f"no plain form of {type(value).__name__}")


def from_plain(kind: Any, plain: Any) -> Any:
    """The value of that type. Raises ValueError for what is none."""
    try:
        return _made(kind, plain)
    except (TypeError, KeyError, AttributeError, IndexError) as error:
        raise ValueError(f"no {getattr(kind, '__name__', kind)}: {error}") from error


def _made(kind: Any, plain: Any) -> Any:
    origin = typing.get_origin(kind)
    if isinstance(origin, type) and issubclass(origin, np.ndarray):
        data = np.frombuffer(bytes.fromhex(plain["bytes"]), np.dtype(plain["type"]))
        return data.reshape(plain["shape"]).copy()
    if origin is tuple:
        return tuple(_made(one, part) for one, part in _paired(typing.get_args(kind), plain))
    if origin in (typing.Union, types.UnionType):
        present = [one for one in typing.get_args(kind) if one is not type(None)]
        return None if plain is None else _made(present[0], plain)
    if dataclasses.is_dataclass(kind):
        hints = typing.get_type_hints(kind)
        made = {f.name: _made(hints[f.name], plain[f.name]) for f in dataclasses.fields(kind)}
        return kind(**made)  # type: ignore[operator]
    if isinstance(kind, type) and issubclass(kind, Enum):
        return kind(plain)
    if kind is bytes:
        return bytes.fromhex(plain)
    return plain


def _paired(kinds: tuple[Any, ...], plain: Any) -> list[tuple[Any, Any]]:
    if len(kinds) == 2 and kinds[1] is Ellipsis:
        return [(kinds[0], part) for part in plain]
    return list(zip(kinds, plain, strict=True))
