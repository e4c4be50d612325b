"""What the log says, in one form of bytes: JSON with sorted keys and nothing between them."""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any


@dataclass(frozen=True, slots=True)
class LogEntry:
    """One entry. `key` names what it is about, so that the same is never logged twice.

    `kind`: "act", "incident", "incident_act", "verdict", "authority", "latched", "reset",
    "started". `data`: the rest; of people only operators are named in it.
    """

    stamp_s: float
    key: str
    kind: str
    data: Mapping[str, Any]

    def text(self) -> str:
        """As it is logged and hashed."""
        whole = {"data": dict(self.data), "key": self.key, "kind": self.kind, "s": self.stamp_s}
        return canonical(whole)


def canonical(value: Any) -> str:
    """JSON that is the same for the same value. Numbers that are none are null."""
    return json.dumps(
        _plain(value), sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False
    )


def row_hash(row: Mapping[str, Any], photos: Path) -> str:
    """SHA-256 of a row of the records, with those of the pictures that it names."""
    plain = {name: row[name] for name in row.keys()}  # noqa: SIM118 - rows of SQLite have keys()
    pictures = {
        name: file_hash(photos / str(plain[name]))
        for name in ("photo", "before")
        if plain.get(name)
    }
    return hashlib.sha256(canonical([plain, pictures]).encode()).hexdigest()


def file_hash(file: Path) -> str:
    """SHA-256 of a file; "gone" for one that is not there."""
    try:
        return hashlib.sha256(file.read_bytes()).hexdigest()
    except OSError:
        return "gone"


def _plain(value: Any) -> Any:
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, Mapping):
        return {str(key): _plain(one) for key, one in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(one) for one in value]
    return value
