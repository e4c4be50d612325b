"""Current limits and fault codes of one unit (motor/mc_interface.c).

Limits: update_override_limits. Faults: mc_interface_mc_timer_isr and fault_stop_thread. A fault
takes the power off the motor and makes the unit deaf to drive commands until half a second after
its cause is gone; then it is forgotten, and the next command drives again. Not modelled: the
integration of a wrong voltage over some samples, which takes less than a tick here, and the
limits that the firmware's defaults leave without effect.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum

from patrol_emulators.vesc.params import LimitParams

MIN_CURRENT_A = 0.05
"""CC_MIN_CURRENT: no limit falls below it, and a command below it switches off."""
FAULT_TICKS = 500
"""M_FAULT_STOP_TIME [ms]."""
_MARGIN_C = 0.1


class FaultCode(IntEnum):
    """Those of datatypes.h that can happen here."""

    NONE = 0
    OVER_VOLTAGE = 1
    UNDER_VOLTAGE = 2
    ABS_OVER_CURRENT = 4
    OVER_TEMP_FET = 5


@dataclass(frozen=True, slots=True)
class Limits:
    """What the currents may be at this moment, all positive [A]."""

    drive_a: float
    brake_a: float
    input_a: float
    input_brake_a: float

    def clamp(self, current_a: float, duty: float) -> float:
        """A wanted motor current as it is allowed: driving has the sign of the duty cycle."""
        forward_a, backward_a = self.drive_a, self.brake_a
        if abs(duty) > 1e-3:
            forward_a = min(forward_a, self.input_a / abs(duty))
            backward_a = min(backward_a, self.input_brake_a / abs(duty))
        if duty <= 0.0:
            forward_a, backward_a = backward_a, forward_a
        return min(max(current_a, -backward_a), forward_a)


def limits(params: LimitParams, temperature_c: float, supply_v: float) -> Limits:
    """Less when it is warm, and less from the battery when that is low."""
    warm_c, hot_c, share = params.warm_c, params.hot_c, params.accel_share
    most_a = max(params.current_max_a, params.brake_max_a)
    when_warm_a = most_a * _left(temperature_c, warm_c, hot_c)
    accel_left = _left(temperature_c, _early(warm_c, share), _early(hot_c, share))
    drive_a = min(params.current_max_a * accel_left, when_warm_a)
    return Limits(
        drive_a=max(drive_a, MIN_CURRENT_A),
        brake_a=max(min(params.brake_max_a, when_warm_a), MIN_CURRENT_A),
        input_a=params.input_max_a * _left(-supply_v, -params.cut_start_v, -params.cut_end_v),
        input_brake_a=params.input_brake_a,
    )


def find_fault(
    params: LimitParams, supply_v: float, current_a: float, temperature_c: float
) -> FaultCode:
    """The fault that there is cause for; one at a time, as in the firmware."""
    if supply_v < params.min_v:
        return FaultCode.UNDER_VOLTAGE
    if supply_v > params.max_v:
        return FaultCode.OVER_VOLTAGE
    if abs(current_a) > params.abs_max_a:
        return FaultCode.ABS_OVER_CURRENT
    if temperature_c > params.hot_c - _MARGIN_C:
        return FaultCode.OVER_TEMP_FET
    return FaultCode.NONE


def _left(value: float, start: float, end: float) -> float:
    """1 up to `start`, 0 from `end` on, straight between."""
    if end <= start:
        return float(value <= start)
    return min(max((end - value) / (end - start), 0.0), 1.0)


def _early(temperature_c: float, share: float) -> float:
    """A limit for driving: `share` of the way from the limit to 25 degrees C."""
    return temperature_c + share * (25.0 - temperature_c)
