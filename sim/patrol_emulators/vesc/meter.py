"""What one unit measures: speed, tachometer, means of currents, charge and energy.

Speed: foc_pll_run with PLL_KP 2000 and PLL_KI 30000, a lag of their quotient for all that is
slower than a millisecond. Tachometer: six steps a turn of the field (motor/mcpwm_foc.c). Means and
counters: mc_interface_mc_timer_isr. A stuck sensor stops speed and tachometer; commutation is
taken to go on, as it does without sensors.
"""

from __future__ import annotations

import math

from patrol_emulators.motor import Motor
from patrol_emulators.vesc.control import TICK_S

STEPS_PER_FIELD_TURN = 6
_PLL_TAU_S = 2000.0 / 30000.0
_COUNTED_A = 1.0
"""Charge and energy are counted while the motor's current is above this."""


class Mean:
    """Of all ticks since it was last read; 0 when there were none (the firmware divides by 0)."""

    def __init__(self) -> None:
        self._sum = 0.0
        self._count = 0

    def add(self, value: float) -> None:
        self._sum += value
        self._count += 1

    def take(self) -> float:
        mean = self._sum / self._count if self._count else 0.0
        self._sum, self._count = 0.0, 0
        return mean


class Meter:
    """Begins at `ticks`, the encoder's count at power-up, of which a wheel's turn has so many."""

    def __init__(self, ticks: int, ticks_per_rev: int, field_turns_per_rev: float) -> None:
        self._ticks = self._first_ticks = ticks
        self._field_turns_per_tick = field_turns_per_rev / ticks_per_rev
        self.erpm = 0.0
        self.tachometer = 0
        self.tachometer_abs = 0
        self.motor_a = Mean()
        """Positive while driving, negative while braking, whichever way it turns."""
        self.input_a = Mean()
        self.q_axis_a = Mean()
        """Positive pushes forward."""
        self.q_axis_v = Mean()
        self.duty = 0.0
        self.drawn_as = 0.0
        self.charged_as = 0.0
        self.drawn_ws = 0.0
        self.charged_ws = 0.0

    def tick(self, motor: Motor, current_a: float, supply_v: float) -> None:
        """Look at the motor, its current and the supply at the end of a tick."""
        self._turn(motor.ticks)
        self.duty = motor.voltage_for(current_a) / supply_v
        input_a = self.duty * current_a
        self.motor_a.add(math.copysign(current_a, input_a))
        self.input_a.add(input_a)
        self.q_axis_a.add(current_a)
        self.q_axis_v.add(self.duty * supply_v / math.sqrt(3.0))
        if abs(current_a) > _COUNTED_A:
            charge_as = abs(input_a) * TICK_S
            if input_a > 0.0:
                self.drawn_as += charge_as
                self.drawn_ws += charge_as * supply_v
            else:
                self.charged_as += charge_as
                self.charged_ws += charge_as * supply_v

    @property
    def field_angle_deg(self) -> float:
        """0 to 360: where the firmware has a position, without an encoder."""
        turns = (self._ticks - self._first_ticks) * self._field_turns_per_tick
        return turns % 1.0 * 360.0

    def _turn(self, ticks: int) -> None:
        moved, self._ticks = ticks - self._ticks, ticks
        now_erpm = moved * self._field_turns_per_tick / TICK_S * 60.0
        self.erpm += (now_erpm - self.erpm) * -math.expm1(-TICK_S / _PLL_TAU_S)
        turns = (ticks - self._first_ticks) * self._field_turns_per_tick
        steps = math.floor(turns * STEPS_PER_FIELD_TURN)
        self.tachometer_abs += abs(steps - self.tachometer)
        self.tachometer = steps
