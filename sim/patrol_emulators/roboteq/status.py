"""Faults: when they arise, what they do to the power stage, and their bits ("?FF", p. 253).

Overvoltage turns the stage off until the voltage is below the limit by a hysteresis (V2.1 p. 88),
undervoltage for as long as it lasts; the processor goes on. An emergency stop, by its input or
"!EX", remains until a reset or "!MG", whose text asks to clear the cause first: here, while the
input is pressed, "!MG" does nothing. Whether the stage then brakes or lets go is not said: it lets
go here, as it does when the controller is off (V2.0 p. 34). Temperatures of the thermal protection
could not be established either: they are parameters.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from patrol_core.params import param
from patrol_emulators.plant import Plant
from patrol_emulators.roboteq.config import Config


class Fault(Enum):
    """What "?FF" can show of the plant, in the manual's words."""

    OVERHEAT = "overheat"
    OVERVOLTAGE = "overvoltage"
    UNDERVOLTAGE = "undervoltage"
    EMERGENCY_STOP = "emergency stop"


BITS = {
    Fault.OVERHEAT: 0x01,
    Fault.OVERVOLTAGE: 0x02,
    Fault.UNDERVOLTAGE: 0x04,
    Fault.EMERGENCY_STOP: 0x10,
}

SERIAL_MODE, POWER_STAGE_OFF, STALL_DETECTED = 0x01, 0x08, 0x10
"""Bits of "?FS" (p. 255), for a model without Spektrum radio."""

AMPS_LIMIT, MOTOR_STALLED, LOOP_ERROR = 0x01, 0x02, 0x04
"""Bits of "?FM" (p. 254)."""


@dataclass(frozen=True, slots=True)
class ProtectionParams:
    """Limits that are no settings of the unit."""

    warm_c: float = param(70.0, "From here the current limit sinks [degrees C]", 0.0, 200.0)
    hot_c: float = param(80.0, "From here the power stage is off [degrees C]", 0.0, 200.0)
    logic_off_v: float = param(4.5, "Below this the processor stops [V]", 0.0, 100.0)


class Protection:
    """Watches the plant at every control tick."""

    def __init__(self, params: ProtectionParams, config: Config) -> None:
        self._params = params
        self._config = config
        self.faults: frozenset[Fault] = frozenset()

    def press(self) -> None:
        """ "!EX"."""
        self.faults |= {Fault.EMERGENCY_STOP}

    def release(self, plant: Plant) -> None:
        """ "!MG"."""
        if not plant.estop_pressed:
            self.faults -= {Fault.EMERGENCY_STOP}

    def limit_a(self, setting: int, temperature_c: float) -> float:
        """Current limit [A] by ALIM: full when cool, nothing when hot, straight between."""
        params = self._params
        left = (params.hot_c - temperature_c) / (params.hot_c - params.warm_c)
        return setting / 10.0 * min(max(left, 0.0), 1.0)

    def look(self, plant: Plant) -> None:
        high_v = self._config.get("OVL") / 10.0
        if Fault.OVERVOLTAGE in self.faults:
            high_v -= self._config.get("OVH") / 10.0
        facts = (
            (Fault.OVERHEAT, plant.temperature_c >= self._params.hot_c),
            (Fault.OVERVOLTAGE, plant.supply_v > high_v),
            (Fault.UNDERVOLTAGE, plant.supply_v < self._config.get("UVL") / 10.0),
            (Fault.EMERGENCY_STOP, plant.estop_pressed or Fault.EMERGENCY_STOP in self.faults),
        )
        self.faults = frozenset(fault for fault, is_so in facts if is_so)

    @property
    def word(self) -> int:
        """The answer to "?FF"."""
        return sum(BITS[fault] for fault in self.faults)
