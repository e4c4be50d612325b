"""Why the gate does what it does: a key that tells kinds apart, and a sentence for a person."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Reason:
    key: str
    text: str
