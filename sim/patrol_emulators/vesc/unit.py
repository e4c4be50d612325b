"""One unit: power, boot, timeout, kill switch, faults (main.c, timeout.c, mc_interface.c)."""

from __future__ import annotations

from collections.abc import Callable

from patrol_emulators.plant import COAST, Plant
from patrol_emulators.vesc.appconf import FIRMWARES, stored
from patrol_emulators.vesc.control import Control
from patrol_emulators.vesc.limits import FAULT_TICKS, FaultCode, find_fault, limits
from patrol_emulators.vesc.meter import Meter
from patrol_emulators.vesc.params import VescParams

BOOT_S = 1.4
"""Waits in main.c (0.1 s) and mcpwm_foc_dc_cal (1 s, and 0.1 s a phase) before the line works."""
TIMEOUT_EVERY_TICKS = 10
"""The thread in timeout.c sleeps for 10 ms."""
KILLED_TICKS = 20
"""For so long the kill switch makes the unit deaf, each time that it is seen [ms]."""


class Unit:
    """Runs at 1000 ticks a second, on one motor of the plant.

    The timeout is fed by drive commands and COMM_ALIVE that reach this very unit, from the moment
    of its boot on; not by reading, and not by what is forwarded to another. When it is over the
    motor is braked with the current that is set for it, 0 by default: it coasts. The next drive
    command drives again. Settings that were not stored are gone after a reset; the firmware's
    command that stores them is not emulated.
    """

    def __init__(self, params: VescParams, index: int, plant: Plant, now_s: float) -> None:
        self.params = params
        self.firmware = FIRMWARES[params.firmware]
        self.index = index
        self._plant = plant
        self._has_power = True
        self.reset(now_s)

    def reset(self, now_s: float) -> None:
        """Start at `now_s`; it works `BOOT_S` later."""
        self._ready_s = now_s + BOOT_S
        self._fed_s = now_s
        self._power_up()

    def _power_up(self) -> None:
        params, motor = self.params, self._plant.motors[self.index]
        self.conf = stored(params, (params.own_id, params.can_id)[self.index])
        self.control = Control(params.speed)
        self.meter = Meter(
            motor.ticks, params.plant.motor.ticks_per_rev, params.pole_pairs * params.gear_ratio
        )
        self.fault = FaultCode.NONE
        self.has_timeout = False
        self.kill_switch_on = False
        self.stopped_by_timeout = False
        """The timeout found the motor driven, and nothing has driven it since."""
        self._deaf_ticks = 0
        self._ticks = 0

    def answers(self, now_s: float) -> bool:
        """Whether the processor runs."""
        return self._has_power and now_s >= self._ready_s

    @property
    def is_commanded(self) -> bool:
        """Whether the motor is told to turn."""
        return self._has_power and self.control.is_commanded

    @property
    def supply_v(self) -> float:
        return self._plant.supply_v

    @property
    def temperature_c(self) -> float:
        return self._plant.temperature_c

    def feed(self, now_s: float) -> None:
        """Begin the time anew after which the motor is stopped."""
        self._fed_s = now_s

    def drive(self, command: Callable[[Control], None], now_s: float) -> None:
        """A drive command; it feeds the timeout even while a fault makes the unit deaf to it."""
        self.feed(now_s)
        if self._deaf_ticks == 0:
            self.stopped_by_timeout = False
            command(self.control)

    def tick(self, now_s: float) -> None:
        """The tick that ends at `now_s`: what the motor does in the next one."""
        plant, index = self._plant, self.index
        self._check_power(now_s)
        if not self.answers(now_s):
            self._power_up()
            plant.drives[index] = COAST
            return
        self._ticks += 1
        motor, current_a = plant.motors[index], plant.currents_a[index]
        self.meter.tick(motor, current_a, plant.supply_v)
        self._watch_for_faults(current_a)
        if self._ticks % TIMEOUT_EVERY_TICKS == 0:
            self._watch_time(now_s)
        plant.drives[index] = self.control.tick(
            self.meter.erpm,
            self.meter.duty,
            motor.voltage_for(0.0) / plant.supply_v,
            limits(self.params.limits, plant.temperature_c, plant.supply_v),
        )

    def _check_power(self, now_s: float) -> None:
        """Follow the supply; a processor that lost it starts anew when it is back."""
        had_power = self._has_power
        self._has_power = self.supply_v >= self.params.logic_off_v
        if self._has_power and not had_power:
            self.reset(now_s)

    def _watch_for_faults(self, current_a: float) -> None:
        if self._deaf_ticks:
            self._deaf_ticks -= 1
        else:
            self.fault = FaultCode.NONE
        found = find_fault(self.params.limits, self.supply_v, current_a, self.temperature_c)
        if found is not FaultCode.NONE:
            self._deaf_ticks = FAULT_TICKS
            if found is not self.fault:
                self.control.stop()
            self.fault = found

    def _watch_time(self, now_s: float) -> None:
        """timeout_thread: the kill switch, and the time since the last command."""
        killed = self.conf.has_kill_switch and self._plant.estop_pressed
        allowed_s = self.conf.timeout_ms / 1000.0
        if killed or (allowed_s and now_s - self._fed_s > allowed_s):
            if not (self.has_timeout or self.kill_switch_on):
                self.stopped_by_timeout |= self.control.is_running and not killed
                self.control.release()
            if self._deaf_ticks == 0:
                self.control.brake(self.conf.timeout_brake_a)
            if killed:
                self._deaf_ticks = KILLED_TICKS
            else:
                self.has_timeout = True
        else:
            self.has_timeout = False
        self.kill_switch_on = killed
