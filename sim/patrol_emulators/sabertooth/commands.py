"""What each command does ("Commands" and "Setting Commands" of the guides)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from patrol_emulators.sabertooth.packets import Packet
from patrol_emulators.sabertooth.unit import (
    DEFAULT_DEADBAND,
    DEFAULT_RAMPING,
    LOWEST_V,
    RATES,
    Unit,
)

MAX_DATA = 127
LAST_COMMAND = {1: 13, 2: 17}


def obey(unit: Unit, packet: Packet, now_s: float) -> bool:
    """Do what the packet says; False: it is unknown or out of range, and nothing was done."""
    if packet.command > LAST_COMMAND[unit.params.version]:
        return False
    if packet.command in _DRIVE:
        _DRIVE[packet.command](unit, packet.data)
        unit.watchdog_tripped = False
        return True
    return _SET[packet.command](unit, packet.data, now_s)


def _motor(index: int, sign: int) -> Callable[[Unit, int], None]:
    """0, 1, 4 and 5: 0 to 127 in one direction."""
    return lambda unit, data: unit.throttle.drive_motor(index, sign * data / MAX_DATA)


def _centred(data: int) -> float:
    """6, 7, 12 and 13: 0 is full reverse (or left), 64 is stop, 127 is full forward (or right)."""
    away = data - 64
    return away / (63.0 if away > 0 else 64.0)


_DRIVE: dict[int, Callable[[Unit, int], None]] = {
    0: _motor(0, 1),
    1: _motor(0, -1),
    4: _motor(1, 1),
    5: _motor(1, -1),
    6: lambda unit, data: unit.throttle.drive_motor(0, _centred(data)),
    7: lambda unit, data: unit.throttle.drive_motor(1, _centred(data)),
    8: lambda unit, data: unit.throttle.drive_both(data / MAX_DATA),
    9: lambda unit, data: unit.throttle.drive_both(-data / MAX_DATA),
    10: lambda unit, data: unit.throttle.turn(data / MAX_DATA),
    11: lambda unit, data: unit.throttle.turn(-data / MAX_DATA),
    12: lambda unit, data: unit.throttle.drive_both(_centred(data)),
    13: lambda unit, data: unit.throttle.turn(_centred(data)),
}


def _set_min_voltage(unit: Unit, data: int, _: float) -> bool:
    """2: steps of 0.2 V from 6 V, up to 30 V."""
    if data > 120:
        return False
    unit.min_v = LOWEST_V + data / 5.0
    return True


def _set_max_voltage(unit: Unit, data: int, _: float) -> bool:
    """3: 5.12 a volt."""
    unit.settings = replace(unit.settings, max_v=data / 5.12)
    return True


def _set_timeout(unit: Unit, data: int, _: float) -> bool:
    """14: in 0.1 s; 0: none."""
    unit.timeout = data
    return True


def _set_rate(unit: Unit, data: int, now_s: float) -> bool:
    """15: the unit restarts, as the maker's library says; so all that is not stored is gone."""
    if data not in RATES:
        return False
    unit.settings = replace(unit.settings, baud=RATES[data])
    unit.reset(now_s)
    return True


def _set_ramping(unit: Unit, data: int, _: float) -> bool:
    """16: 1 to 80. The guide says that it can be disabled, but not how; 0 is the default here."""
    if data > 80:
        return False
    unit.settings = replace(unit.settings, ramping=data or DEFAULT_RAMPING)
    return True


def _set_deadband(unit: Unit, data: int, _: float) -> bool:
    """17: 0 is the default, 3."""
    unit.settings = replace(unit.settings, deadband=data or DEFAULT_DEADBAND)
    return True


_SET: dict[int, Callable[[Unit, int, float], bool]] = {
    2: _set_min_voltage,
    3: _set_max_voltage,
    14: _set_timeout,
    15: _set_rate,
    16: _set_ramping,
    17: _set_deadband,
}
