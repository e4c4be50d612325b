"""What each command does, and what it answers (manual: "Advanced Packet Serial" and after)."""

from __future__ import annotations

import struct
from collections.abc import Callable

from patrol_emulators.roboclaw.channel import Move, VelocityPid
from patrol_emulators.roboclaw.packets import ACK, READS, Packet, sealed
from patrol_emulators.roboclaw.unit import Unit

NVM_KEY = 0xE22EAB7A
"""Sent with command 94 by the maker's libraries."""
Values = tuple[int, ...]


def obey(unit: Unit, packet: Packet) -> bytes:
    """Do what the packet says; the answer's bytes. Empty: it was refused, and nothing was done."""
    if packet.command in READS:
        data = _READ[packet.command](unit)
        return sealed(unit.params.address, packet.command, data)
    return ACK if _WRITE[packet.command](unit, packet.values) else b""


def _seven_bit(index: int, sign: int) -> Callable[[Unit, Values], bool]:
    """0, 1, 4 and 5: a value of 0 to 127 in one direction."""

    def act(unit: Unit, values: Values) -> bool:
        if values[0] > 127:
            return False
        return _duty(unit, index, sign * round(values[0] * 32767 / 127))

    return act


def _centred(index: int) -> Callable[[Unit, Values], bool]:
    """6 and 7: 0 is full reverse, 64 is stop, 127 is full forward."""

    def act(unit: Unit, values: Values) -> bool:
        if values[0] > 127:
            return False
        away = values[0] - 64
        return _duty(unit, index, round(away * 32767 / (63 if away > 0 else 64)))

    return act


def _duty(unit: Unit, index: int, duty: int, rate: int = 0) -> bool:
    unit.watchdog_tripped = False
    unit.channels[index].drive_duty(duty, rate)
    return True


def _duty_both(unit: Unit, values: Values) -> bool:
    return _duty(unit, 0, values[0]) and _duty(unit, 1, values[1])


def _duty_accel_both(unit: Unit, values: Values) -> bool:
    return _duty(unit, 0, *values[:2]) and _duty(unit, 1, *values[2:])


def _speed(unit: Unit, index: int, move: Move, at_once: int = 1) -> bool:
    if at_once > 1:
        return False
    unit.watchdog_tripped = False
    measured = unit.counters[index].raw_speed
    return unit.channels[index].drive_speed(move, measured, bool(at_once))


def _both(unit: Unit, first: Move, second: Move, at_once: int = 1) -> bool:
    done = _speed(unit, 0, first, at_once)
    return _speed(unit, 1, second, at_once) and done


def _set_pid(index: int) -> Callable[[Unit, Values], bool]:
    """28 and 29. The order to write is D, P, I, QPPS; to read it is P, I, D, QPPS."""

    def act(unit: Unit, values: Values) -> bool:
        d, p, i, qpps = values
        unit.channels[index].pid = VelocityPid(p, i, d, qpps)
        return True

    return act


def _set_count(unit: Unit, index: int, count: int) -> bool:
    unit.counters[index].preset(count)
    return True


def _set_timeout(unit: Unit, values: Values) -> bool:
    unit.timeout = values[0]
    return True


def _store(unit: Unit, values: Values) -> bool:
    if values[0] != NVM_KEY:
        return False
    unit.store()
    return True


_WRITE: dict[int, Callable[[Unit, Values], bool]] = {
    0: _seven_bit(0, 1),
    1: _seven_bit(0, -1),
    4: _seven_bit(1, 1),
    5: _seven_bit(1, -1),
    6: _centred(0),
    7: _centred(1),
    14: _set_timeout,
    20: lambda unit, _: _set_count(unit, 0, 0) and _set_count(unit, 1, 0),
    22: lambda unit, v: _set_count(unit, 0, v[0]),
    23: lambda unit, v: _set_count(unit, 1, v[0]),
    28: _set_pid(0),
    29: _set_pid(1),
    32: lambda unit, v: _duty(unit, 0, v[0]),
    33: lambda unit, v: _duty(unit, 1, v[0]),
    34: _duty_both,
    35: lambda unit, v: _speed(unit, 0, Move(v[0])),
    36: lambda unit, v: _speed(unit, 1, Move(v[0])),
    37: lambda unit, v: _both(unit, Move(v[0]), Move(v[1])),
    38: lambda unit, v: _speed(unit, 0, Move(v[1], v[0])),
    39: lambda unit, v: _speed(unit, 1, Move(v[1], v[0])),
    40: lambda unit, v: _both(unit, Move(v[1], v[0]), Move(v[2], v[0])),
    41: lambda unit, v: _speed(unit, 0, Move(v[0], None, v[1]), v[2]),
    42: lambda unit, v: _speed(unit, 1, Move(v[0], None, v[1]), v[2]),
    43: lambda unit, v: _both(unit, Move(v[0], None, v[1]), Move(v[2], None, v[3]), v[4]),
    44: lambda unit, v: _speed(unit, 0, Move(v[1], v[0], v[2]), v[3]),
    45: lambda unit, v: _speed(unit, 1, Move(v[1], v[0], v[2]), v[3]),
    46: lambda unit, v: _both(unit, Move(v[1], v[0], v[2]), Move(v[3], v[0], v[4]), v[5]),
    50: lambda unit, v: _both(unit, Move(v[1], v[0]), Move(v[3], v[2])),
    51: lambda unit, v: _both(unit, Move(v[1], v[0], v[2]), Move(v[4], v[3], v[5]), v[6]),
    52: lambda unit, v: _duty(unit, 0, *v),
    53: lambda unit, v: _duty(unit, 1, *v),
    54: _duty_accel_both,
    94: _store,
}


def _pack(layout: str, *values: int) -> bytes:
    return struct.pack(">" + layout, *values)


def _count(index: int) -> Callable[[Unit], bytes]:
    """16 and 17: count and status byte."""

    def answer(unit: Unit) -> bytes:
        counter = unit.counters[index]
        return _pack("IB", counter.count, counter.take_flags())

    return answer


def _one_speed(index: int, raw: bool) -> Callable[[Unit], bytes]:
    """18, 19, 30 and 31: a signed speed, and the direction again (0 forward, 1 backward).

    The manual does not say whether the speed has a sign; the maker's first Python library reads
    one (`_read4_1` in roboclaw_3.py).
    """

    def answer(unit: Unit) -> bytes:
        counter = unit.counters[index]
        speed = counter.raw_speed if raw else counter.speed
        return _pack("iB", speed, int(counter.backward))

    return answer


def _pid(index: int) -> Callable[[Unit], bytes]:
    def answer(unit: Unit) -> bytes:
        pid = unit.channels[index].pid
        return _pack("IIII", pid.p, pid.i, pid.d, pid.qpps)

    return answer


def _version(unit: Unit) -> bytes:
    return unit.params.version.encode("ascii") + b"\n\0"


def _tenths(value: float) -> bytes:
    return _pack("H", min(max(round(value * 10.0), 0), 0xFFFF))


def _temperature(unit: Unit) -> bytes:
    return _tenths(unit.plant.temperature_c)


def _supply(unit: Unit) -> bytes:
    return _tenths(unit.plant.supply_v)


def _pwms(unit: Unit) -> bytes:
    duties = (0.0 if drive.coast else drive.duty for drive in unit.plant.drives)
    return _pack("hh", *(round(duty * 32767) for duty in duties))


def _currents(unit: Unit) -> bytes:
    """49: 10 mA; braking counts as positive, as a driver without regeneration would see it."""
    return _pack("hh", *(min(round(abs(a) * 100.0), 32767) for a in unit.plant.currents_a))


_READ: dict[int, Callable[[Unit], bytes]] = {
    15: lambda unit: _pack("B", unit.timeout),
    16: _count(0),
    17: _count(1),
    18: _one_speed(0, raw=False),
    19: _one_speed(1, raw=False),
    21: _version,
    24: _supply,
    25: _supply,
    30: _one_speed(0, raw=True),
    31: _one_speed(1, raw=True),
    47: lambda unit: _pack("BB", *(channel.buffer_length for channel in unit.channels)),
    48: _pwms,
    49: _currents,
    55: _pid(0),
    56: _pid(1),
    78: lambda unit: _pack("II", *(counter.count for counter in unit.counters)),
    79: lambda unit: _pack("ii", *(counter.raw_speed for counter in unit.counters)),
    82: _temperature,
    83: _temperature,
    90: lambda unit: unit.protection.word(unit.params.wide_status),
    108: lambda unit: _pack("ii", *(counter.mean_speed for counter in unit.counters)),
}
