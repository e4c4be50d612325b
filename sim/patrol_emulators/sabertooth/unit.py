"""The unit behind the packets: bridges, protection, serial timeout and stored settings."""

from __future__ import annotations

from dataclasses import dataclass, field

from patrol_core.params import param
from patrol_emulators.params import PlantParams
from patrol_emulators.plant import BRAKE, COAST, Drive, Plant
from patrol_emulators.sabertooth.output import Bridge, Throttle
from patrol_emulators.sabertooth.protection import Protection, ProtectionParams

TICK_RATE_HZ = 500
"""How often the outputs change; the guides say only that it takes 2000 commands a second."""
BOOT_S = {1: 2.0, 2: 0.2}
"""How long it is deaf after power comes, by version. The first guide wants two seconds before 170.

Of version 2 the maker's library says that it takes about 200 ms to restart after command 15.
"""
TIMEOUT_UNIT_S = 0.1
RATES = {1: 2400, 2: 9600, 3: 19200, 4: 38400}
"""Command 15 [baud]. The library also knows 5, 115200, for "some drivers": not in these guides."""
PRESET_MAX_V = 30.0
"""Command 3: the maximum that it comes with."""
LOWEST_V = 6.0
DEFAULT_RAMPING = 1
DEFAULT_DEADBAND = 3


@dataclass(frozen=True, slots=True)
class SabertoothParams:
    """One unit with what hangs on it."""

    address: int = param(128, "Address by switches 4 to 6", 128, 135)
    version: int = param(2, "1: finds the rate from 170, no commands 14 to 17; 2: stores it", 1, 2)
    baud: int = param(9600, "Rate of the line, which the unit has stored [baud]", 2400, 38400)
    protection: ProtectionParams = field(default_factory=ProtectionParams)
    plant: PlantParams = field(default_factory=PlantParams)


@dataclass(frozen=True, slots=True)
class Settings:
    """What is stored as soon as it is set, and survives the loss of power.

    The second guide says so of rate, ramping and dead band, and the maker's library of the maximum
    voltage as well, which the guides call a "startup default". Minimum voltage and serial timeout
    are gone.
    """

    baud: int
    ramping: int = DEFAULT_RAMPING
    deadband: int = DEFAULT_DEADBAND
    max_v: float = PRESET_MAX_V

    @property
    def ramp_s(self) -> float:
        """Command 16: from full forward to full reverse, 1/4 s as it comes."""
        if self.ramping <= 10:
            return 256.0 / (1000.0 * self.ramping)
        return 256.0 / (15.25 * (self.ramping - 10))


class Unit:
    """Runs at `TICK_RATE_HZ`, and begins as one that has had power for a while.

    The serial timeout counts from the last command obeyed, whatever it was: the guide says "has
    not received a command recently". It shuts both motors off, which coasts as in `protection`,
    until one is driven again. A line has one rate here, so a unit that was set to another one is
    deaf for good.
    """

    def __init__(self, params: SabertoothParams, now_s: float) -> None:
        self.params = params
        self.plant = Plant(params.plant)
        self.protection = Protection(params.protection)
        self.settings = Settings(params.baud)
        self._has_power = True
        self._ready_s = now_s
        self._power_up(now_s)

    def _power_up(self, now_s: float) -> None:
        self.throttle = Throttle()
        self._bridges = (Bridge(), Bridge())
        self.protection.restart(self.plant.supply_v)
        self.timeout = 0
        self.min_v = LOWEST_V
        self.watchdog_tripped = False
        self._heard_s = now_s
        self.plant.drives = [COAST, COAST]

    def reset(self, now_s: float) -> None:
        self._power_up(now_s)
        self._ready_s = now_s + BOOT_S[self.params.version]

    def runs(self, now_s: float) -> bool:
        """Whether the processor does."""
        return self._has_power and now_s >= self._ready_s

    def hears(self, now_s: float) -> bool:
        return self.runs(now_s) and self.settings.baud == self.params.baud

    @property
    def is_commanded(self) -> bool:
        """Whether a motor is told to turn."""
        powers = map(self._outside_deadband, self.throttle.powers)
        return self._has_power and any(power != 0.0 for power in powers)

    def heard(self, now_s: float) -> None:
        """A command was obeyed."""
        self._heard_s = now_s

    def tick(self, now_s: float) -> None:
        """The control tick that ends at `now_s`."""
        self.plant.step(1.0 / TICK_RATE_HZ)
        if not self._check_power(now_s):
            return
        if not self.runs(now_s):
            self._power_up(now_s)
            return
        self.protection.look(self.plant, self.min_v, self.settings.max_v, 1.0 / TICK_RATE_HZ)
        timeout_s = self.timeout * TIMEOUT_UNIT_S
        if self.timeout and now_s - self._heard_s >= timeout_s:
            self.watchdog_tripped = True
            self.throttle.stop()
        self.plant.drives = self._drives()

    def _check_power(self, now_s: float) -> bool:
        """Follow the supply; a processor that lost it starts anew when it is back."""
        had_power = self._has_power
        self._has_power = self.plant.supply_v >= self.params.protection.logic_off_v
        if self._has_power and not had_power:
            self.reset(now_s)
        elif not self._has_power:
            self.plant.drives = [COAST, COAST]
        return self._has_power

    def _drives(self) -> list[Drive]:
        protection = self.protection
        if protection.is_shut or protection.is_braking or self.watchdog_tripped:
            for bridge in self._bridges:
                bridge.shut()
            return [BRAKE if protection.is_braking else COAST] * 2
        limit_a, ramp_s = self.params.protection.peak_a, self.settings.ramp_s
        return [
            bridge.tick(self._outside_deadband(power), ramp_s, limit_a, 1.0 / TICK_RATE_HZ)
            for bridge, power in zip(self._bridges, self.throttle.powers, strict=True)
        ]

    def _outside_deadband(self, power: float) -> float:
        """Command 17: with 3, the motors are off at 125 to 130 of 0 to 255, or below 3 of 127."""
        return power if abs(power) * 127.0 > self.settings.deadband - 0.5 else 0.0
