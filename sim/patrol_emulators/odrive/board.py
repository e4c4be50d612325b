"""The board: two axes, supply, saved settings, errors of the whole (main.cpp, low_level.cpp)."""

from __future__ import annotations

import copy

from patrol_emulators.odrive.axis import RATE_HZ, Axis
from patrol_emulators.odrive.flags import BoardError, MotorError
from patrol_emulators.odrive.settings import OdriveParams, Settings, set_up
from patrol_emulators.plant import COAST, Plant

BOOT_S = 0.2
"""How long it is silent after a reset; the maker gives no figure."""
AXES_START_S = 1.5
"""Then the current sensors settle, 7.5 times dc_calib_tau of 0.2 s; the state is UNDEFINED."""


class Board:
    """Runs at `RATE_HZ`. A new one has been on for long."""

    def __init__(self, params: OdriveParams, now_s: float) -> None:
        self.params = params
        self.plant = Plant(params.plant)
        self._saved = set_up(params)
        self._has_power = True
        self._power_up()
        self._ready_s = self._axes_start_s = now_s
        for axis in self.axes:
            axis.check(self.plant.temperature_c)
            axis.run_states()

    def _power_up(self) -> None:
        self.settings = copy.deepcopy(self._saved)
        first, second = zip(self.settings.axes, self.plant.motors, strict=True)
        self.axes = (Axis(*first), Axis(*second))
        self.error = 0
        self.ibus_a = 0.0
        self.steps = 0
        """Control steps since the power came on."""
        self.plant.drives = [COAST, COAST]

    def reset(self, now_s: float) -> None:
        """What was not saved is gone; the phases float."""
        self._power_up()
        self._ready_s = now_s + BOOT_S
        self._axes_start_s = self._ready_s + AXES_START_S

    def save(self, now_s: float) -> None:
        """The command ss: nothing while a motor is armed; else save and reboot."""
        if not any(axis.is_armed for axis in self.axes):
            self._saved = copy.deepcopy(self.settings)
            self.reset(now_s)

    def erase(self, now_s: float) -> None:
        """The command se: the settings are those from the factory, after a reboot."""
        self._saved = Settings()
        self.reset(now_s)

    def clear_errors(self) -> None:
        """The command sc. Nothing is armed by it."""
        self.error = 0
        for axis in self.axes:
            axis.clear_errors()

    def answers(self, now_s: float) -> bool:
        """Whether the processor runs and listens."""
        return self._has_power and now_s >= self._ready_s

    def step(self, now_s: float) -> None:
        """The control step that ends at `now_s`."""
        self.plant.step(1.0 / RATE_HZ)
        if not self._check_power(now_s) or not self.answers(now_s):
            return
        self.steps += 1
        self._check_supply()
        for axis, current_a in zip(self.axes, self.plant.currents_a, strict=True):
            axis.measure(current_a, self.plant.supply_v)
        for axis in self.axes:
            axis.check(self.plant.temperature_c)
            axis.control()
        self._check_bus()
        if now_s >= self._axes_start_s:
            for axis in self.axes:
                axis.run_states()
        self.plant.drives = [axis.drive for axis in self.axes]

    def _check_power(self, now_s: float) -> bool:
        """Follow the supply; a processor that lost it starts anew when it is back."""
        had_power = self._has_power
        self._has_power = self.plant.supply_v >= self.params.logic_off_v
        if self._has_power and not had_power:
            self.reset(now_s)
        elif not self._has_power:
            self.plant.drives = [COAST, COAST]
        return self._has_power

    def _check_supply(self) -> None:
        supply_v, settings = self.plant.supply_v, self.settings
        if not supply_v >= settings.dc_bus_undervoltage_trip_level:
            self._fail(BoardError.DC_BUS_UNDER_VOLTAGE)
        if not supply_v <= settings.dc_bus_overvoltage_trip_level:
            self._fail(BoardError.DC_BUS_OVER_VOLTAGE)

    def _check_bus(self) -> None:
        self.ibus_a = sum(axis.bus_a for axis in self.axes)
        if self.ibus_a > self.settings.dc_max_positive_current:
            self._fail(BoardError.DC_BUS_OVER_CURRENT)
        elif self.ibus_a < self.settings.dc_max_negative_current:
            self._fail(BoardError.DC_BUS_OVER_REGEN_CURRENT)

    def _fail(self, error: BoardError) -> None:
        self.error |= error
        for axis in self.axes:
            axis.fail(MotorError.SYSTEM_LEVEL)

    @property
    def is_commanded(self) -> bool:
        """Whether an axis that is armed is told to turn."""
        armed = (axis for axis in self.axes if axis.is_armed)
        return self._has_power and any(axis.loop.is_commanded for axis in armed)

    @property
    def watchdog_s(self) -> float:
        """After what silence both axes are disarmed; 0 when one of them never is."""
        axes = [axis.settings for axis in self.axes]
        if not all(axis.enable_watchdog for axis in axes):
            return 0.0
        return max(axis.watchdog_timeout for axis in axes)
