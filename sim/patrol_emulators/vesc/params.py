"""What two VESCs are, and how they are set. Defaults are the firmware's unless a text says why."""

from __future__ import annotations

from dataclasses import dataclass, field

from patrol_core.params import param
from patrol_emulators.params import PlantParams


@dataclass(frozen=True, slots=True)
class LimitParams:
    """Limits of one unit (motor/mcconf_default.h). 30 A: the plant's motor takes 43 A at most."""

    current_max_a: float = param(30.0, "Motor current, driving [A]", 0.1, 300.0)
    brake_max_a: float = param(30.0, "Motor current, braking [A]", 0.1, 300.0)
    abs_max_a: float = param(130.0, "Motor current that is a fault [A]", 0.1, 500.0)
    input_max_a: float = param(99.0, "From the battery [A]", 0.1, 300.0)
    input_brake_a: float = param(60.0, "Back into the battery [A]", 0.1, 300.0)
    min_v: float = param(8.0, "Less is a fault [V]", 5.5, 100.0)
    max_v: float = param(57.0, "More is a fault [V]", 6.0, 100.0)
    cut_start_v: float = param(10.0, "Below this the battery gives less [V]", 5.5, 100.0)
    cut_end_v: float = param(8.0, "Below this it gives nothing [V]", 5.5, 100.0)
    warm_c: float = param(85.0, "From here the current is reduced [degrees C]", 0.0, 200.0)
    hot_c: float = param(100.0, "From here it is a fault [degrees C]", 0.0, 200.0)
    accel_share: float = param(0.15, "Driving is reduced this much earlier [fraction]", 0.0, 1.0)


@dataclass(frozen=True, slots=True)
class SpeedParams:
    """The speed loop (motor/mcconf_default.h, S_PID). ERPM: turns a minute times pole pairs."""

    kp: float = param(0.004, "Proportional gain", 0.0, 10.0)
    ki: float = param(0.004, "Integral gain", 0.0, 10.0)
    kd: float = param(0.0001, "Differential gain", 0.0, 1.0)
    kd_filter: float = param(0.2, "Share of the new value in the differential part", 0.0, 1.0)
    min_erpm: float = param(900.0, "Less is no speed, but a brake [ERPM]", 0.0, 10_000.0)
    max_erpm: float = param(100_000.0, "More is not driven [ERPM]", 1.0, 300_000.0)
    ramp_erpm_s: float = param(25_000.0, "Ramp to the speed; 0: none [ERPM/s]", 0.0, 1e6)


@dataclass(frozen=True, slots=True)
class VescParams:
    """Two like units. Pole pairs and gear are of a small geared motor, chosen for the plant."""

    firmware: str = param("6.05", "One of those in appconf.py")
    own_id: int = param(1, "Controller id of the first", 0, 253)
    can_id: int = param(2, "Controller id of the second", 0, 253)
    pole_pairs: int = param(7, "Pole pairs of a motor", 1, 100)
    gear_ratio: float = param(10.0, "Turns of the motor for one of the wheel", 0.01, 1000.0)
    timeout_ms: int = param(1000, "Stored: silence that stops the motor; 0: any [ms]", 0, 100_000)
    timeout_brake_a: float = param(0.0, "Stored: braking after it; 0: coast [A]", 0.0, 300.0)
    kill_switch: bool = param(False, "Stored: the e-stop's wire is on an input, and is heeded")
    logic_off_v: float = param(5.0, "Below this the processor stops (a guess) [V]", 0.0, 100.0)
    limits: LimitParams = field(default_factory=LimitParams)
    speed: SpeedParams = field(default_factory=SpeedParams)
    plant: PlantParams = field(default_factory=PlantParams)
