"""What hangs on an emulated controller, in numbers. The defaults are a 60 kg rover on 24 V."""

from __future__ import annotations

from dataclasses import dataclass, field

from patrol_core.params import param


@dataclass(frozen=True, slots=True)
class MotorParams:
    """A geared DC motor, seen from the wheel's side of the gear, with its share of the robot."""

    torque_constant_nm_per_a: float = param(0.8, "Torque per ampere [N m/A, V s/rad]", 1e-3, 100.0)
    resistance_ohm: float = param(0.6, "Windings and wires [ohm]", 1e-3, 100.0)
    inertia_kgm2: float = param(0.15, "Rotor, gear, wheel and robot [kg m^2]", 1e-6, 100.0)
    viscous_nms: float = param(0.05, "Friction that grows with speed [N m s/rad]", 0.0, 100.0)
    coulomb_nm: float = param(0.5, "Friction that does not [N m]", 0.0, 1000.0)
    ticks_per_rev: int = param(
        9216, "Encoder counts a turn of the wheel, all edges", 1, 10_000_000
    )


@dataclass(frozen=True, slots=True)
class SupplyParams:
    """A battery with a straight voltage curve and internal resistance."""

    full_v: float = param(26.0, "Open circuit, full [V]", 1.0, 200.0)
    empty_v: float = param(21.0, "Open circuit, empty [V]", 1.0, 200.0)
    resistance_ohm: float = param(0.05, "Internal resistance and wires [ohm]", 0.0, 10.0)
    capacity_ah: float = param(20.0, "Charge between full and empty [A h]", 1e-4, 1000.0)
    initial_fraction: float = param(0.9, "Charge at the start [fraction]", 0.0, 1.0)
    idle_a: float = param(0.1, "What the electronics draw [A]", 0.0, 10.0)


@dataclass(frozen=True, slots=True)
class ThermalParams:
    """The power stage as one lump of heat. Temperatures are in degrees Celsius."""

    ambient_c: float = param(25.0, "Air [degrees C]", -60.0, 80.0)
    stage_ohm: float = param(0.01, "On-resistance of one channel [ohm]", 0.0, 1.0)
    capacity_j_per_k: float = param(40.0, "Heat capacity [J/K]", 0.1, 10_000.0)
    to_ambient_k_per_w: float = param(2.5, "Thermal resistance to the air [K/W]", 0.01, 1000.0)


@dataclass(frozen=True, slots=True)
class PlantParams:
    """Two like motors, one battery, one power stage."""

    motor: MotorParams = field(default_factory=MotorParams)
    supply: SupplyParams = field(default_factory=SupplyParams)
    thermal: ThermalParams = field(default_factory=ThermalParams)
