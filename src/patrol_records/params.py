"""Parameters of the records process."""

from __future__ import annotations

from dataclasses import dataclass

from patrol_core.params import param


@dataclass(frozen=True, slots=True)
class RecordsParams:
    sample_period_s: float = param(0.5, "Time between two samples of the robot [s]", 0.05, 10.0)
    commit_period_s: float = param(
        2.0, "Longest time that samples wait to be written together [s]", 0.0, 60.0
    )
