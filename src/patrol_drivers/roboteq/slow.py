"""What changes slowly and is asked for in turn, one question a cycle."""

from __future__ import annotations

from patrol_drivers.motors import Sides
from patrol_drivers.roboteq.params import RoboteqParams
from patrol_drivers.roboteq.state import amperes, volts
from patrol_drivers.roboteq.values import CURRENTS, TEMPERATURES, VOLTS, Query


class SlowReadings:
    """Currents, voltages and temperatures, as last told; None before that.

    ?BA, the current of the battery, has no place among the readings and is not asked for.
    """

    def __init__(self, params: RoboteqParams) -> None:
        self._params = params
        self._numbers: dict[Query, tuple[int, ...]] = {}

    def take(self, query: Query, numbers: tuple[int, ...] | None) -> None:
        """Keep an answer; None: there was none, and what was known is too old now."""
        if numbers is None:
            self._numbers.pop(query, None)
        else:
            self._numbers[query] = numbers

    def currents_a(self) -> Sides | None:
        """Of the wheels' motors."""
        numbers = self._numbers.get(CURRENTS)
        return None if numbers is None else amperes(numbers, self._params)

    def battery_v(self) -> float | None:
        numbers = self._numbers.get(VOLTS)
        return None if numbers is None else volts(numbers[1])

    def logic_v(self) -> float | None:
        """The internal supply of the controller, about 12 V."""
        numbers = self._numbers.get(VOLTS)
        return None if numbers is None else volts(numbers[0])

    def temperatures_c(self) -> tuple[float, ...]:
        """Of the processor and the power stages, as far as known."""
        return tuple(map(float, self._numbers.get(TEMPERATURES, ())))
