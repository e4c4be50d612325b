"""How thresholds are refitted."""

from __future__ import annotations

from dataclasses import dataclass

from patrol_core.params import param


@dataclass(frozen=True, slots=True)
class LearnParams:
    """What a mistake costs, what belongs to what, and how much must be known first."""

    miss_cost: float = param(5.0, "Cost of a thing missed; a false alarm costs 1", 0.1, 100.0)
    presumed_cost: float = param(
        0.5, "Cost of telling what nobody has called a false alarm", 0.0, 1.0
    )
    near_m: float = param(0.5, "So near to what was judged it belongs to it [m]", 0.0, 3.0)
    held_back: float = param(0.3, "Share of patrols that are kept from the fit", 0.1, 0.9)
    min_true: int = param(10, "Things that patrols to fit on must hold", 1, 10000)
    min_false: int = param(10, "Things not to be told that they must hold", 1, 10000)
    min_held_true: int = param(4, "Things that the patrols held back must hold", 1, 10000)
    min_held_false: int = param(4, "Things not to be told that these must hold", 1, 10000)
