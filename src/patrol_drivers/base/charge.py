"""State of charge from voltage and current.

The current is counted; the voltage corrects the count, as far as it tells anything: a lithium iron
phosphate cell stands at 3.3 V over most of its charge. A Kalman filter of one state weighs the
two (Plett 2004, J. Power Sources 134, part 3, with the simplest of its cell models).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from patrol_core.params import param
from patrol_core.robot import Battery

CELLS: dict[str, tuple[float, tuple[tuple[float, float], ...]]] = {
    "lifepo4": (
        3.2,
        ((0.0, 2.5), (0.05, 3.05), (0.1, 3.17), (0.2, 3.22), (0.4, 3.275), (0.7, 3.32),
         (0.95, 3.35), (1.0, 3.45)),
    ),
    "li_ion": (
        3.7,
        ((0.0, 3.0), (0.05, 3.35), (0.1, 3.5), (0.3, 3.62), (0.5, 3.7), (0.7, 3.87), (0.9, 4.07),
         (1.0, 4.2)),
    ),
    "lead_acid": (
        2.0,
        ((0.0, 1.91), (0.25, 1.98), (0.5, 2.03), (0.75, 2.075), (1.0, 2.12)),
    ),
}  # fmt: skip
"""Nominal voltage of a cell, and its voltage at rest by charge. Typical curves: cells of one
kind differ by some hundredths of a volt, which `VOLTAGE_STD_V` allows for."""

VOLTAGE_STD_V = 0.03
"""Of a cell: curve, sensor and what a load leaves behind."""
CURRENT_STD = 0.2
"""Share of the counted charge that may be wrong: the controller sees the motors' current alone."""
START_STD = 0.5


@dataclass(frozen=True, slots=True)
class BatteryParams:
    """What the robot file says of its battery beside capacity and voltage."""

    chemistry: str = param("lifepo4", "Kind of cells", choices=tuple(CELLS))
    resistance_ohm: float = param(0.05, "Inner resistance of pack and wires", 0.0, 1.0)
    idle_a: float = param(1.5, "What computer and sensors draw past the controller [A]", 0.0, 50.0)
    charging_v: float = param(
        0.0, "Above this the battery is being charged [V]; 0: the curve's end", 0.0, 100.0
    )


class ChargeGauge:
    """Fraction of the charge, from 0 to 1, with its standard deviation."""

    def __init__(self, battery: Battery, params: BatteryParams) -> None:
        nominal_v, curve = CELLS[params.chemistry]
        self._params = params
        self._cells = max(1, round(battery.nominal_voltage_v / nominal_v))
        self._capacity_c = battery.capacity_wh / battery.nominal_voltage_v * 3600.0
        self._fractions = np.array([fraction for fraction, _ in curve])
        self._volts = np.array([volts for _, volts in curve]) * self._cells
        self._full_v = params.charging_v or float(self._volts[-1]) * 1.005
        self.fraction = 0.5
        self.std = START_STD
        self._began = False

    def step(self, voltage_v: float, motors_a: float, dt_s: float) -> None:
        """Take in the controller's voltage and the current that its motors drew for `dt_s`."""
        drawn_a = abs(motors_a) + self._params.idle_a
        if self.charging(voltage_v):
            drawn_a = 0.0
        used = drawn_a * dt_s / self._capacity_c
        self.fraction -= used
        self.std += CURRENT_STD * used
        self._correct(voltage_v + drawn_a * self._params.resistance_ohm, dt_s)

    def charging(self, voltage_v: float) -> bool:
        """Whether more voltage is there than the battery has of its own."""
        return voltage_v > self._full_v

    def _correct(self, at_rest_v: float, dt_s: float) -> None:
        """One step of the filter; a minute of readings counts as one, for their errors last. The
        first is all that is known, and is where it begins."""
        if not self._began:
            self._began = True
            self.fraction = float(np.interp(at_rest_v, self._volts, self._fractions))
            low, high = np.interp(
                [at_rest_v - VOLTAGE_STD_V * self._cells, at_rest_v + VOLTAGE_STD_V * self._cells],
                self._volts, self._fractions,
            )  # fmt: skip
            self.std = max(float(high - low), 0.05)
        expected_v = float(np.interp(self.fraction, self._fractions, self._volts))
        slope = self._slope(self.fraction)
        noise = (VOLTAGE_STD_V * self._cells) ** 2 * max(60.0 / max(dt_s, 1e-3), 1.0)
        variance = self.std**2
        gain = variance * slope / (slope * slope * variance + noise)
        self.fraction += gain * (at_rest_v - expected_v)
        self.std = float(np.sqrt(max((1.0 - gain * slope) * variance, 0.0)))
        self.fraction = min(max(self.fraction, 0.0), 1.0)

    def _slope(self, fraction: float) -> float:
        """Volts a unit of charge: the chord over what is thought possible, so that a wrong
        beginning on the flat part finds the steep ones."""
        low, high = max(fraction - self.std, 0.0), min(fraction + self.std, 1.0)
        if high - low < 0.02:
            low, high = max(fraction - 0.01, 0.0), min(fraction + 0.01, 1.0)
        ends = np.interp([low, high], self._fractions, self._volts)
        return float((ends[1] - ends[0]) / (high - low))
