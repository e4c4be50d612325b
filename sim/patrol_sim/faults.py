"""Faults on command, as text from outside."""

from __future__ import annotations

import json

from patrol_core.errors import RondaError
from patrol_sim.scenario import Fault, FaultKind

FAULT_TOPIC = "/sim/fault"


def fault_from_json(text: str, now_s: float) -> Fault:
    """A fault that starts now, from {"kind": "drop", "duration_s": 2, "row": "scan"}.

    Raises RondaError when the text is something else.
    """
    try:
        fields = json.loads(text)
        kind = FaultKind(fields.pop("kind"))
        duration_s = float(fields.pop("duration_s"))
        return Fault(kind, now_s, duration_s, **fields)
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise RondaError(
            f"not a fault: {text!r} ({error})",
            expected='{"kind": ..., "duration_s": ..., "row"?, "robot"?, "amount"?}',
            remedy=f"kinds: {', '.join(kind.value for kind in FaultKind)}",
        ) from error
