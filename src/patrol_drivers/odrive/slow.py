"""What changes slowly, or should not change at all: asked in turn, one question a cycle."""

from __future__ import annotations

import math

from patrol_drivers.motors import Sides
from patrol_drivers.odrive.params import ODriveParams
from patrol_drivers.odrive.protocol import Question, read_any
from patrol_drivers.odrive.state import number, wheels_from_motors
from patrol_drivers.odrive.values import AXES

VOLTAGE = "vbus_voltage"
CURRENTS = tuple(f"axis{axis}.motor.current_control.Iq_measured" for axis in AXES)
TEMPERATURES = tuple(f"axis{axis}.motor.fet_thermistor.temperature" for axis in AXES)
SWITCHES = tuple(f"axis{axis}.config.enable_watchdog" for axis in AXES)
TIMEOUTS = tuple(f"axis{axis}.config.watchdog_timeout" for axis in AXES)
RAMPS = tuple(f"axis{axis}.controller.config.vel_ramp_rate" for axis in AXES)

ALIKE = 1e-3
"""How well a number that was set has to be read back: the controller has 32-bit floats, and cuts
what it tells to nine characters."""


class SlowReadings:
    """Voltage, currents, temperatures and settings, as last told; None before that."""

    def __init__(self, params: ODriveParams) -> None:
        self._params = params
        self._turn = [VOLTAGE, *CURRENTS, *TEMPERATURES, *SWITCHES, *TIMEOUTS, *RAMPS]
        self._told: dict[str, float | None] = {}

    def next_question(self) -> Question:
        """The question whose turn it is."""
        return read_any(self._turn[0])

    def take(self, answer: str) -> None:
        """Keep the answer to it; what is no number is not known any more."""
        name = self._turn.pop(0)
        self._turn.append(name)
        self._told[name] = number(answer)

    def currents_a(self) -> Sides | None:
        """Iq, the part that makes torque; positive pushes the wheel forward."""
        first, second = (self._told.get(name) for name in CURRENTS)
        if first is None or second is None:
            return None
        return wheels_from_motors(first, second, self._params)

    def battery_v(self) -> float | None:
        return self._told.get(VOLTAGE)

    def temperatures_c(self) -> tuple[float, ...]:
        """Of both power stages, as far as known."""
        told = (self._told.get(name) for name in TEMPERATURES)
        return tuple(value for value in told if value is not None)

    def watchdog_changed(self) -> bool:
        """Whether a watchdog was told to be other than it was set."""
        switches = (self._told.get(name, 1.0) for name in SWITCHES)
        timeouts = (self._told.get(name, self._params.watchdog_s) for name in TIMEOUTS)
        return not (
            all(switch == 1.0 for switch in switches)
            and all(is_alike(timeout, self._params.watchdog_s) for timeout in timeouts)
        )

    def ramp_changed(self, ramp: float) -> bool:
        """Whether a ramp was told to be other than `ramp` [turns/s2]. Forgets what was told."""
        told = [self._told.pop(name) for name in RAMPS if name in self._told]
        return not all(is_alike(value, ramp) for value in told)


def is_alike(told: float | None, wanted: float) -> bool:
    """Whether a number that was read back is the one that was set."""
    return told is not None and math.isclose(told, wanted, rel_tol=ALIKE, abs_tol=ALIKE)
