"""What hangs on a two-channel controller: motors, battery, a warm power stage, an e-stop."""

from __future__ import annotations

import math
from dataclasses import dataclass

from patrol_emulators.motor import Motor
from patrol_emulators.params import PlantParams, SupplyParams, ThermalParams

MAX_STEP_S = 0.001


@dataclass(frozen=True, slots=True)
class Drive:
    """What a channel's bridge does: PWM with `duty` (-1 to 1; 0 brakes), or nothing at all."""

    duty: float = 0.0
    coast: bool = False
    limit_a: float = math.inf


COAST = Drive(coast=True)
BRAKE = Drive()


class Battery:
    """Charge by counting amperes; the voltage sags by the internal resistance."""

    def __init__(self, params: SupplyParams) -> None:
        self._params = params
        self.fraction = params.initial_fraction

    @property
    def open_v(self) -> float:
        return self._params.empty_v + self.fraction * (self._params.full_v - self._params.empty_v)

    def draw(self, current_a: float, dt_s: float) -> None:
        """Take `current_a` (negative charges) for `dt_s`."""
        used = current_a * dt_s / (3600.0 * self._params.capacity_ah)
        self.fraction = min(max(self.fraction - used, 0.0), 1.0)


class PowerStage:
    """Temperature from I^2 R against the air: a first-order lag, solved exactly."""

    def __init__(self, params: ThermalParams) -> None:
        self._params = params
        self.temperature_c = params.ambient_c

    def step(self, currents_a: tuple[float, float], dt_s: float) -> None:
        params = self._params
        heat_w = params.stage_ohm * sum(current * current for current in currents_a)
        final_c = params.ambient_c + heat_w * params.to_ambient_k_per_w
        tau_s = params.capacity_j_per_k * params.to_ambient_k_per_w
        self.temperature_c += (final_c - self.temperature_c) * -math.expm1(-dt_s / tau_s)


class Plant:
    """Deterministic; steps of `MAX_STEP_S` at most, each solved exactly for its voltage.

    `forced_v` and `forced_c` are what a fault makes of the supply and the temperature;
    `estop_pressed` is the wire to the controller's e-stop input.
    """

    def __init__(self, params: PlantParams) -> None:
        self._params = params
        self.motors = (Motor(params.motor), Motor(params.motor))
        self.battery = Battery(params.supply)
        self.stage = PowerStage(params.thermal)
        self.drives: list[Drive] = [BRAKE, BRAKE]
        self.currents_a = (0.0, 0.0)
        self.limited = (False, False)
        self.supply_v = self.battery.open_v
        self.forced_v: float | None = None
        self.forced_c: float | None = None
        self.estop_pressed = False
        self._settle()

    @property
    def temperature_c(self) -> float:
        return self.stage.temperature_c if self.forced_c is None else self.forced_c

    def step(self, dt_s: float) -> None:
        """Let `dt_s` pass with the drives as they are."""
        count = max(1, math.ceil(dt_s / MAX_STEP_S - 1e-9))
        for _ in range(count):
            self._substep(dt_s / count)

    def _substep(self, dt_s: float) -> None:
        supply_a = self._settle()
        for index, motor in enumerate(self.motors):
            drive = self.drives[index]
            if drive.coast or self.limited[index]:
                motor.step_current(self.currents_a[index], dt_s)
            else:
                motor.step_voltage(drive.duty * self.supply_v, dt_s)
        self.battery.draw(supply_a, dt_s)
        self.stage.step(self.currents_a, dt_s)

    def _settle(self) -> float:
        """Find supply voltage and currents that agree; returns what the battery gives [A].

        PWM keeps power: a motor's current reaches the supply times its duty.
        A channel at its current limit is a source of that current, so it is solved again as one.
        """
        limits: list[float | None] = [0.0 if drive.coast else None for drive in self.drives]
        for _ in range(3):
            supply_a = self._solve_supply(limits)
            over = [
                index for index, drive in enumerate(self.drives)
                if limits[index] is None and abs(self._free_current(index)) > drive.limit_a
            ]  # fmt: skip
            if not over:
                break
            for index in over:
                limit_a = self.drives[index].limit_a
                limits[index] = math.copysign(limit_a, self._free_current(index))
        first, second = (self._free_current(i) if a is None else a for i, a in enumerate(limits))
        self.currents_a = (first, second)
        at_limit = [a is not None and not self.drives[i].coast for i, a in enumerate(limits)]
        self.limited = (at_limit[0], at_limit[1])
        return supply_a

    def _free_current(self, index: int) -> float:
        return self.motors[index].current_at(self.drives[index].duty * self.supply_v)

    def _solve_supply(self, limits: list[float | None]) -> float:
        """Solve V = open - R I(V), where I is linear in V; sets `supply_v`, returns I [A]."""
        constant_a, slope_s, power_w = self._params.supply.idle_a, 0.0, 0.0
        for motor, drive, limit_a in zip(self.motors, self.drives, limits, strict=True):
            if limit_a is not None:
                power_w += limit_a * motor.voltage_for(limit_a)
            else:
                constant_a += drive.duty * motor.current_at(0.0)
                slope_s += drive.duty**2 / self._params.motor.resistance_ohm
        if self.forced_v is None:
            open_v, ohm = self.battery.open_v, self._params.supply.resistance_ohm
            constant_a += power_w / self.supply_v if power_w else 0.0
            self.supply_v = max((open_v - ohm * constant_a) / (1.0 + ohm * slope_s), 0.1)
        else:
            self.supply_v = max(self.forced_v, 0.1)
            constant_a += power_w / self.supply_v
        return constant_a + slope_s * self.supply_v
