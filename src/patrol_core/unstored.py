"""Findings that their finder repeats until they are stored."""

from __future__ import annotations

import math

from patrol_core.component import Inputs, Outputs
from patrol_core.topics import FINDINGS, INCIDENTS
from patrol_core.types.perception import Finding

REPEAT_S = 2.0


class Unstored:
    """Keeps what was found and nobody has acknowledged yet. Its owner reads INCIDENTS."""

    def __init__(self) -> None:
        self._findings: dict[str, Finding] = {}
        self._said_s: dict[str, float] = {}

    def add(self, finding: Finding) -> None:
        """To be said from the next step on; a later revision replaces an earlier one."""
        self._findings[finding.finding_id] = finding
        self._said_s.pop(finding.finding_id, None)

    def step(self, inputs: Inputs, outputs: Outputs, now_s: float) -> None:
        """Forget what is stored, say again what is not."""
        for incident in inputs.events(INCIDENTS):
            kept = self._findings.get(incident.finding_id)
            if kept is not None and incident.revision >= kept.revision:
                del self._findings[incident.finding_id]
                self._said_s.pop(incident.finding_id, None)
        for name, finding in self._findings.items():
            if now_s - self._said_s.get(name, -math.inf) >= REPEAT_S:
                self._said_s[name] = now_s
                outputs.put(FINDINGS, finding)
