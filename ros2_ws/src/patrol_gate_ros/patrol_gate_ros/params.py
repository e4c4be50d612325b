"""Parameters of the gate's node: those of the gate, and where it keeps latched stops."""

from __future__ import annotations

from dataclasses import dataclass

from patrol_core.params import param
from patrol_gate.params import GateParams


@dataclass(frozen=True, slots=True)
class GateNodeParams(GateParams):
    latch_folder: str = param("", "Where latched stops outlive the process; empty: the run folder")
