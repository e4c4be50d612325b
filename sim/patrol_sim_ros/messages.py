"""Ground truth and faults as JSON: they are between the simulator, scorer and tests alone."""

from __future__ import annotations

import dataclasses
import json
from typing import Any

from patrol_core.errors import RondaError
from patrol_sim.scenario import Fault, FaultKind
from patrol_sim.truth import Truth

TRUTH_TOPIC = "/sim/truth"
"""For the scorer alone: a contract test forbids everybody else to subscribe."""

FAULT_TOPIC = "/sim/fault"


def truth_to_json(truth: Truth) -> str:
    """All of it; infinite distances become null."""
    return json.dumps(_finite(dataclasses.asdict(truth)))


def _finite(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _finite(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_finite(item) for item in value]
    return None if value == float("inf") else value


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
