"""What `ss` saves and a reboot brings back; the defaults are the firmware's."""

from __future__ import annotations

import math
from dataclasses import dataclass, field

from patrol_core.params import param
from patrol_emulators.odrive.flags import ControlMode, InputMode
from patrol_emulators.params import PlantParams

_CROSSOVER_RADPS = 20.0


@dataclass(frozen=True, slots=True)
class OdriveParams:
    """One board with what hangs on it, set up for a base on a battery.

    Whether the released firmware can print 64-bit numbers (motor.error, serial_number) could not
    be established: the maker's issue 571 has builds that answer "lu", and is open.
    """

    serial_number: int = param(0x2068377D5548, "As the i command shows it, in hex", 0, 2**48 - 1)
    is_set_up: bool = param(True, "Calibrated and tuned, and saved; else as from the factory")
    prints_64_bits: bool = param(True, "Else 64-bit numbers read 'lu'")
    vel_limit_tps: float = param(4.0, "controller.config.vel_limit [turn/s]", 0.1, 100.0)
    vel_ramp_tps2: float = param(4.0, "controller.config.vel_ramp_rate [turn/s^2]", 0.01, 1000.0)
    current_lim_a: float = param(20.0, "motor.config.current_lim [A]", 0.1, 120.0)
    regen_a: float = param(20.0, "What may flow back into the battery [A]", 0.0, 120.0)
    logic_off_v: float = param(4.5, "Below this the processor stops [V]", 0.0, 100.0)
    plant: PlantParams = field(default_factory=PlantParams)


@dataclass(slots=True)
class AxisSettings:
    """One axis, with the maker's names; turns, turns a second, N m, A, s."""

    enable_watchdog: bool = False
    watchdog_timeout: float = 0.0
    startup_closed_loop_control: bool = False
    is_calibrated: bool = False
    cpr: int = 8192
    torque_constant: float = 0.04
    current_lim: float = 10.0
    torque_lim: float = math.inf
    control_mode: int = ControlMode.POSITION_CONTROL
    input_mode: int = InputMode.PASSTHROUGH
    pos_gain: float = 20.0
    vel_gain: float = 1.0 / 6.0
    vel_integrator_gain: float = 2.0 / 6.0
    vel_integrator_limit: float = math.inf
    vel_limit: float = 2.0
    vel_limit_tolerance: float = 1.2
    vel_ramp_rate: float = 1.0
    inertia: float = 0.0
    enable_vel_limit: bool = True
    enable_overspeed_error: bool = True


@dataclass(slots=True)
class Settings:
    """The board. Without a brake resistor 10 mA back into the supply are too much by default.

    The trip level for high voltage is 1.07 times that of the board, here the one for 56 V.
    """

    dc_bus_undervoltage_trip_level: float = 8.0
    dc_bus_overvoltage_trip_level: float = 1.07 * 56.0
    dc_max_positive_current: float = math.inf
    dc_max_negative_current: float = -0.01
    axes: tuple[AxisSettings, AxisSettings] = field(
        default_factory=lambda: (AxisSettings(), AxisSettings())
    )


def set_up(params: OdriveParams) -> Settings:
    """What a person has saved who followed "Getting Started" and the tuning of "Control".

    vel_gain takes the inertia of the plant to a bandwidth of 20 rad/s, vel_integrator_gain is
    0.5 * 10 Hz * vel_gain, as the maker has it for a settling time of 0.1 s.
    """
    if not params.is_set_up:
        return Settings()
    motor = params.plant.motor
    vel_gain = _CROSSOVER_RADPS * 2.0 * math.pi * motor.inertia_kgm2
    first, second = (
        AxisSettings(
            is_calibrated=True,
            cpr=motor.ticks_per_rev,
            torque_constant=motor.torque_constant_nm_per_a,
            current_lim=params.current_lim_a,
            control_mode=ControlMode.VELOCITY_CONTROL,
            input_mode=InputMode.VEL_RAMP,
            pos_gain=4.0,
            vel_gain=vel_gain,
            vel_integrator_gain=0.5 * 10.0 * vel_gain,
            vel_limit=params.vel_limit_tps,
            vel_ramp_rate=params.vel_ramp_tps2,
        )
        for _ in range(2)
    )
    return Settings(dc_max_negative_current=-params.regen_a, axes=(first, second))
