"""What the log says, in one form of bytes: JSON with sorted keys and nothing between them."""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

PICTURES = ("photo", "before")
"""Columns of a finding that name one."""


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


def stamp_of(text: str) -> float:
    """The stamp of an entry as it is logged."""
    return float(json.loads(text)["s"])


def canonical(value: Any) -> str:
    """JSON that is the same for the same value. Numbers that are none are null."""
    return json.dumps(
        _plain(value), sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False
    )


def row_hash(row: Mapping[str, Any]) -> str:
    """SHA-256 of a row of the records, without the names of its pictures: retention removes these
    before the row.
    """
    plain = {name: row[name] for name in row.keys() if name not in PICTURES}  # noqa: SIM118
    return hashlib.sha256(canonical(plain).encode()).hexdigest()


def picture_hashes(row: Mapping[str, Any], photos: Path) -> dict[str, str]:
    """SHA-256 of each picture that a row names and that is there."""
    found = {}
    for name in PICTURES:
        if row[name]:
            with suppress(FileNotFoundError):
                data = (photos / str(row[name])).read_bytes()
                found[name] = hashlib.sha256(data).hexdigest()
    return found


def _plain(value: Any) -> Any:
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, Mapping):
        return {str(key): _plain(one) for key, one in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(one) for one in value]
    return value
