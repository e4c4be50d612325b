"""Findings that their finder repeats until they are stored."""

from __future__ import annotations

import math

from patrol_core.component import Inputs, Outputs
from patrol_core.topics import FINDINGS, INCIDENTS
from patrol_core.types.perception import Finding

REPEAT_S = 2.0


class Unstored:
    """Keeps what was found and nobody has acknowledged yet, every revision of it, for each may
    carry a picture of its own. Its owner reads INCIDENTS."""

    def __init__(self) -> None:
        self._findings: dict[tuple[str, int], Finding] = {}
        self._said_s: dict[tuple[str, int], float] = {}

    def add(self, finding: Finding) -> None:
        """To be said from the next step on."""
        self._findings[finding.finding_id, finding.revision] = finding

    def step(self, inputs: Inputs, outputs: Outputs, now_s: float) -> None:
        """Forget what is stored, say again what is not."""
        for incident in inputs.events(INCIDENTS):
            revision = incident.finding_id, incident.revision
            self._findings.pop(revision, None)
            self._said_s.pop(revision, None)
        for revision, finding in self._findings.items():
            if now_s - self._said_s.get(revision, -math.inf) >= REPEAT_S:
                self._said_s[revision] = now_s
                outputs.put(FINDINGS, finding)
