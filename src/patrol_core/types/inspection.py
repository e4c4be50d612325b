"""What a check on a round gave."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from patrol_core.types.perception import Measure
from patrol_core.types.sensors import CompressedImage


class CheckOutcome(Enum):
    """UNREAD: it could not be read for sure; that says nothing about the thing."""

    PASSED = "passed"
    FAILED = "failed"
    UNREAD = "unread"


@dataclass(frozen=True, slots=True)
class CheckResult:
    """One check of the site, read once at its checkpoint.

    `value` in `unit`, NaN where the reading is a word; `reading`: what was read, in words, empty
    where nothing was. `reason`: why it passed, failed or could not be read. `picture` is blurred
    and annotated; None without one.
    """

    check_id: str
    stamp_s: float
    kind: str
    outcome: CheckOutcome
    value: float
    unit: str
    reading: str
    confidence: float
    reason: str
    evidence: tuple[Measure, ...]
    picture: CompressedImage | None = None
