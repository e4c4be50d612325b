"""Parameters of the gate's node: those of the gate, and where it keeps latched stops."""

from __future__ import annotations

from dataclasses import dataclass

from patrol_core.params import param
from patrol_gate.params import GateParams


@dataclass(frozen=True, slots=True)
class GateNodeParams(GateParams):
    cmd_vel_type: str = param(
        "TwistStamped",
        "What the base takes; without stamps it cannot hold the age of a command against it",
        choices=("TwistStamped", "Twist"),
    )
    latch_folder: str = param("", "Where latched stops outlive the process; empty: the run folder")
