"""What shuts the motors off, and for how long ("Status and Error LEDs" of the guides).

The guides name the causes, and allow 25 A a channel for as long as one likes and 50 A "for a few
seconds". They give no temperature, and do not say how over-current is judged, nor whether a
shut-down coasts or brakes or lasts. Here it coasts (the longest way to a stop) and lasts no longer
than its cause: what was commanded is then driven again. So the first guide describes an empty
battery, where motors jerk and the error LED flashes, and it is the worse case for whoever drives.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from enum import Enum

from patrol_core.params import param
from patrol_emulators.plant import Plant

CELL_CUTOFF_V = 3.0
CELL_FULL_V = 4.25
"""A full cell has 4.2 V. The unit counts cells as if the battery were full; how, is not said."""


class Condition(Enum):
    """What the error LED can stand for, in the guides' words, and the emergency stop at S2."""

    EMERGENCY_STOP = "emergency stop"
    OVERHEATING = "overheating"
    OVERCURRENT = "overcurrent"
    DEPLETED_BATTERY = "depleted battery"
    OVERVOLTAGE = "overvoltage"


@dataclass(frozen=True, slots=True)
class ProtectionParams:
    """Limits. The currents are the maker's; "a few seconds" and the temperature are chosen."""

    continuous_a: float = param(
        25.0, "A channel's current for as long as one likes [A]", 0.1, 300.0
    )
    peak_a: float = param(50.0, "Limit of a channel's current [A]", 0.1, 300.0)
    peak_s: float = param(3.0, "How long it may be above the continuous one [s]", 0.01, 60.0)
    hot_c: float = param(100.0, "From here the motors are shut off [degrees C]", 0.0, 200.0)
    logic_off_v: float = param(4.5, "Below this the processor stops [V]", 0.0, 100.0)
    lithium: bool = param(False, "Switch 3 is down: shut off at 3.0 V a cell")


class Protection:
    """Watches the plant at every control tick."""

    def __init__(self, params: ProtectionParams) -> None:
        self._params = params
        self._cutoff_v = 0.0
        self.restart(0.0)

    def restart(self, supply_v: float) -> None:
        """As after power came: in lithium mode the cells are counted now."""
        self._overloaded_s = [0.0, 0.0]
        self._is_overloaded = [False, False]
        if self._params.lithium:
            self._cutoff_v = CELL_CUTOFF_V * math.ceil(supply_v / CELL_FULL_V)
        self.conditions: frozenset[Condition] = frozenset()

    def look(self, plant: Plant, min_v: float, max_v: float, dt_s: float) -> None:
        for index, current_a in enumerate(plant.currents_a):
            self._judge(index, abs(current_a), dt_s)
        facts = (
            (Condition.EMERGENCY_STOP, plant.estop_pressed),
            (Condition.OVERHEATING, plant.temperature_c > self._params.hot_c),
            (Condition.OVERCURRENT, any(self._is_overloaded)),
            (Condition.DEPLETED_BATTERY, plant.supply_v < max(min_v, self._cutoff_v)),
            (Condition.OVERVOLTAGE, plant.supply_v > max_v),
        )
        self.conditions = frozenset(condition for condition, is_so in facts if is_so)

    def _judge(self, index: int, current_a: float, dt_s: float) -> None:
        """Too long above the continuous current shuts off for as long again."""
        is_above = current_a > self._params.continuous_a
        seconds = self._overloaded_s[index] + (dt_s if is_above else -dt_s)
        self._overloaded_s[index] = min(max(seconds, 0.0), self._params.peak_s)
        if seconds >= self._params.peak_s:
            self._is_overloaded[index] = True
        elif seconds <= 0.0:
            self._is_overloaded[index] = False

    @property
    def is_shut(self) -> bool:
        return bool(self.conditions - {Condition.OVERVOLTAGE})

    @property
    def is_braking(self) -> bool:
        """ "Hard brake until the voltage drops" (command 3)."""
        return self.conditions == {Condition.OVERVOLTAGE}
