"""Errors and warnings: when they arise, what they do to the outputs, and their bits.

Bits: manual, "90 - Read Status", in the older edition with 16 bits and in the newer one with 32.
What the controller does: "Reading and Troubleshooting RoboClaw Errors", Basicmicro.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum, auto

from patrol_core.params import param
from patrol_emulators.plant import Plant


class Condition(Enum):
    """What a RoboClaw can complain of, in the manual's words."""

    M1_OVER_CURRENT = "M1 over current warning"
    M2_OVER_CURRENT = "M2 over current warning"
    E_STOP = "E-stop"
    TEMPERATURE_ERROR = "temperature error"
    MAIN_HIGH_ERROR = "main voltage high error"
    LOGIC_LOW_ERROR = "logic voltage low error"
    MAIN_HIGH_WARNING = "main voltage high warning"
    MAIN_LOW_WARNING = "main voltage low warning"
    TEMPERATURE_WARNING = "temperature warning"


class Output(Enum):
    """What the conditions leave of the drive."""

    DRIVE = auto()
    COAST = auto()
    BRAKE = auto()


_BRAKING = {Condition.E_STOP, Condition.MAIN_HIGH_ERROR, Condition.MAIN_HIGH_WARNING}
_COASTING = {Condition.TEMPERATURE_ERROR, Condition.LOGIC_LOW_ERROR, Condition.MAIN_LOW_WARNING}

BITS_16 = {
    Condition.M1_OVER_CURRENT: 0x0001,
    Condition.M2_OVER_CURRENT: 0x0002,
    Condition.E_STOP: 0x0004,
    Condition.TEMPERATURE_ERROR: 0x0008,
    Condition.MAIN_HIGH_ERROR: 0x0020,
    Condition.LOGIC_LOW_ERROR: 0x0080,
    Condition.MAIN_HIGH_WARNING: 0x0400,
    Condition.MAIN_LOW_WARNING: 0x0800,
    Condition.TEMPERATURE_WARNING: 0x1000,
}
BITS_32 = {
    Condition.E_STOP: 0x000001,
    Condition.TEMPERATURE_ERROR: 0x000002,
    Condition.MAIN_HIGH_ERROR: 0x000008,
    Condition.LOGIC_LOW_ERROR: 0x000020,
    Condition.M1_OVER_CURRENT: 0x010000,
    Condition.M2_OVER_CURRENT: 0x020000,
    Condition.MAIN_HIGH_WARNING: 0x040000,
    Condition.MAIN_LOW_WARNING: 0x080000,
    Condition.TEMPERATURE_WARNING: 0x100000,
}


@dataclass(frozen=True, slots=True)
class ProtectionParams:
    """Limits. 85 and 100 degrees C are the maker's; voltages are settings of the unit."""

    current_limit_a: float = param(30.0, "Limit of a channel's current [A]", 0.1, 300.0)
    warm_c: float = param(85.0, "From here the current is reduced [degrees C]", 0.0, 200.0)
    hot_c: float = param(100.0, "From here the motors coast [degrees C]", 0.0, 200.0)
    main_low_v: float = param(6.0, "Below this the motors coast [V]", 0.0, 100.0)
    main_high_v: float = param(34.0, "Above this the motors brake [V]", 0.0, 100.0)
    main_error_v: float = param(36.0, "Above this they brake until a reset [V]", 0.0, 100.0)
    logic_low_v: float = param(5.5, "Below this they coast until a reset [V]", 0.0, 100.0)
    logic_off_v: float = param(4.5, "Below this the processor stops [V]", 0.0, 100.0)
    estop_latches: bool = param(True, "The e-stop holds until a reset (serial modes' default)")


class Protection:
    """Watches the plant at every control tick. The logic is fed from the main supply."""

    def __init__(self, params: ProtectionParams) -> None:
        self._params = params
        self._latched: set[Condition] = set()
        self.conditions: frozenset[Condition] = frozenset()

    def reset(self) -> None:
        self._latched.clear()
        self.conditions = frozenset()

    def limit_a(self, temperature_c: float) -> float:
        """Current limit: full when cool, nothing when hot, straight between (maker: reduced)."""
        params = self._params
        left = (params.hot_c - temperature_c) / (params.hot_c - params.warm_c)
        return params.current_limit_a * min(max(left, 0.0), 1.0)

    def look(self, plant: Plant) -> None:
        params = self._params
        temperature_c, supply_v = plant.temperature_c, plant.supply_v
        facts = (
            (Condition.E_STOP, plant.estop_pressed),
            (Condition.M1_OVER_CURRENT, plant.limited[0]),
            (Condition.M2_OVER_CURRENT, plant.limited[1]),
            (Condition.TEMPERATURE_ERROR, temperature_c > params.hot_c),
            (Condition.TEMPERATURE_WARNING, temperature_c > params.warm_c),
            (Condition.MAIN_LOW_WARNING, supply_v < params.main_low_v),
            (Condition.MAIN_HIGH_WARNING, supply_v > params.main_high_v),
            (Condition.MAIN_HIGH_ERROR, supply_v > params.main_error_v),
            (Condition.LOGIC_LOW_ERROR, supply_v < params.logic_low_v),
        )
        present = {condition for condition, is_so in facts if is_so}
        keeps = {Condition.MAIN_HIGH_ERROR, Condition.LOGIC_LOW_ERROR}
        if params.estop_latches:
            keeps.add(Condition.E_STOP)
        self._latched |= present & keeps
        self.conditions = frozenset(present | self._latched)

    @property
    def output(self) -> Output:
        """An e-stop or too high a voltage brakes; a low voltage or heat lets the motors coast."""
        if not self.conditions:
            return Output.DRIVE
        if self.conditions & _BRAKING:
            return Output.BRAKE
        return Output.COAST if self.conditions & _COASTING else Output.DRIVE

    def word(self, wide: bool) -> bytes:
        """The answer to command 90: 32 bits when `wide`, else 16."""
        table = BITS_32 if wide else BITS_16
        value = sum(table[condition] for condition in self.conditions)
        return value.to_bytes(4 if wide else 2, "big")
