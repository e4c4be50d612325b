"""What engineers' tools may see: a recording's rows, and what is drawn of them, without names.

Whoever reaches the bridge is nobody in particular, and may keep what he sees: so the rules are
those of recordings that are handed on. Never pictures that are not blurred, depth, heat, what is
said to or by visitors, or findings; what lies in a privacy zone is taken out
(`patrol_records/flight/privacy.py`).
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from patrol_core.public_words import public_message
from patrol_core.topics import (
    GATE_RESET,
    Topic,
)
from patrol_core.types.mission import PatrolEvent, PatrolStatus
from patrol_core.types.perception import Incident
from patrol_core.types.status import GateStatus, Health, TeleopLease
from patrol_records.flight.rows import KEPT, VIEWED

SHOWN: tuple[Topic[Any], ...] = tuple(
    row.topic for row in (*KEPT, *VIEWED) if row.topic is not GATE_RESET
)
"""A reset names who asks for it, in his own words; `gate_status` says what came of it."""

_SOMEBODY = "operator"


def nameless(value: Any) -> Any | None:
    """A value of a row in `WORDED` as it may be shown; None: not at all (people have told it)."""
    if isinstance(value, GateStatus):
        return replace(value, reasons=tuple(map(public_message, value.reasons)))
    if isinstance(value, TeleopLease):
        return replace(value, holder=_SOMEBODY if value.holder else "")
    if isinstance(value, Incident):
        if value.kind.from_people:
            return None
        return replace(value, reason=public_message(value.reason))
    if isinstance(value, PatrolEvent) and value.kind == "operator_command":
        return replace(value, message="")
    assert isinstance(value, (Health, PatrolEvent, PatrolStatus))
    return replace(value, message=public_message(value.message))
