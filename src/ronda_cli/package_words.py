"""Incident packages in words."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

from patrol_core.errors import ConfigError, Place
from patrol_records.log.notes import open_verifier

_FACTS = ("run", "incident", "site", "site_version", "configuration", "software", "authority")


def manifest_words(manifest: dict[str, Any]) -> Iterator[str]:
    """What a manifest says, whoever made it: nothing in it is taken on trust."""
    for name in _FACTS:
        if manifest.get(name) not in (None, ""):
            yield f"{name:14}{_plain(manifest[name])}"
    span = manifest.get("from_s"), manifest.get("to_s")
    if all(isinstance(stamp_s, float) for stamp_s in span):
        yield f"{'recorded':14}{' to '.join(_time(float(s)) for s in span if s is not None)}"
    files = manifest.get("files")
    for name, listed in (files if isinstance(files, dict) else {}).items():
        size = listed.get("bytes", 0) if isinstance(listed, dict) else 0
        yield f"{'file':14}{_plain(name)}  {_plain(size)} bytes"
    left_out = manifest.get("left_out")
    for one in left_out if isinstance(left_out, list) else []:
        if isinstance(one, dict):
            count = f" ({_plain(one['count'])})" if one.get("count") else ""
            yield f"{'left out':14}{_plain(one.get('what'))}: {_plain(one.get('why'))}{count}"


def fingerprint(key: bytes) -> str:
    """SHA-256 of a public key, for a person to compare."""
    digest = hashlib.sha256(key).hexdigest()[:32]
    return ":".join(digest[i : i + 4] for i in range(0, 32, 4))


def public_key_of(verifier: Path) -> bytes:
    """The key (32 bytes) in a file as the log writes it. Raises ConfigError."""
    try:
        return open_verifier(verifier.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise ConfigError(
            f"the verifier key cannot be used: {error}", place=Place(verifier),
            expected="the file log.verifier of the robot",
        ) from error  # fmt: skip


def _plain(value: Any) -> str:
    """On one line, without what a terminal obeys."""
    return "".join(c if c.isprintable() else "?" for c in str(value))[:300]


def _time(stamp_s: float) -> str:
    try:
        return datetime.fromtimestamp(stamp_s, timezone.utc).strftime("%Y-%m-%d %H:%M:%S UTC")
    except (OverflowError, ValueError, OSError):
        return "?"
