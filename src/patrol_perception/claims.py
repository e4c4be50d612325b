"""What is to be told of a place, whoever has gathered the evidence."""

from __future__ import annotations

from dataclasses import dataclass

from patrol_core.types.perception import FindingKind, Measure
from patrol_perception.outline import Outline


@dataclass(frozen=True, slots=True)
class Claim:
    """A finding in the making: what, where, how surely, since when, why, by which numbers."""

    kind: FindingKind
    outline: Outline
    confidence: float
    first_seen_s: float
    reason: str
    evidence: tuple[Measure, ...]
    key: str = ""
    """What is claimed under the same key is the same thing, seen better."""
