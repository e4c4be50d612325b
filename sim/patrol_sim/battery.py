"""A battery that drains with the work done and charges in the dock."""

from __future__ import annotations

import math

from patrol_core import robot
from patrol_core.types.sensors import BatteryState
from patrol_sim.params import BatteryParams


class BatteryPack:
    """State of charge by counting energy; voltage from charge and current."""

    def __init__(self, battery: robot.Battery, params: BatteryParams) -> None:
        self._capacity_j = battery.capacity_wh * 3600.0
        self._nominal_v = battery.nominal_voltage_v
        self._params = params
        self._energy_j = params.initial_fraction * self._capacity_j
        self._power_w = 0.0
        self._charging = False

    @property
    def empty(self) -> bool:
        return self._energy_j <= 0.0

    def step(self, wheel_power_w: float, docked: bool, dt_s: float) -> None:
        """Take `wheel_power_w` (mechanical; braking gives nothing back) for `dt_s`."""
        params = self._params
        drawn_w = params.idle_w + max(wheel_power_w, 0.0) / params.drive_efficiency
        self._charging = docked and self._energy_j < self._capacity_j
        self._power_w = drawn_w - (params.charge_w if docked else 0.0)
        energy = self._energy_j - self._power_w * dt_s
        self._energy_j = min(max(energy, 0.0), self._capacity_j)

    def state(self, stamp_s: float) -> BatteryState:
        fraction = self._energy_j / self._capacity_j
        open_v = self._open_circuit_v(fraction)
        current = -self._power_w / open_v
        voltage = open_v + current * self._params.resistance_ohm
        return BatteryState(stamp_s, voltage, current, fraction, self._charging)

    def _open_circuit_v(self, fraction: float) -> float:
        """Flat plateau with a knee at either end, as LiFePO4 has it."""
        knee = 1.0 - 0.22 * math.exp(-fraction / 0.04) + 0.05 * math.exp((fraction - 1.0) / 0.03)
        return self._nominal_v * (knee + 0.02 * (fraction - 0.5))
