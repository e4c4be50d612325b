"""What each line does, and what it answers (Commands Reference, p. 217 and after).

A query is answered by its name, "=", and its values with colons between them; with a number, by
that value alone. A command is answered by "+", and whatever is not understood or not accepted by
"-" (p. 155).
Numbers outside a range are refused here; that the real one does not clip them is assumed.
"""

from __future__ import annotations

from collections.abc import Callable

from patrol_emulators.roboteq.config import CHANNELS
from patrol_emulators.roboteq.history import MAX_PERIOD_MS
from patrol_emulators.roboteq.lines import Command
from patrol_emulators.roboteq.unit import Unit

DONE, REFUSED, NOTHING = "+", "-", ""
SAFETY_KEY = 321654987
"""Of %RESET (V2.0 p. 262)."""

Numbers = tuple[int, ...]


def obey(unit: Unit, command: Command, now_s: float) -> str:
    """Do what the line says; the answer without its carriage return, NOTHING when none is due."""
    if command.kind == "!":
        act = RUNTIME.get(command.name)
        if act is None or not act(unit, command.arguments):
            return REFUSED
        unit.commanded(now_s)
        return DONE
    if command.kind == "?":
        answer = query(unit, command)
        if answer != REFUSED:
            unit.history.add(command)
        return answer
    if command.kind == "^":
        return DONE if _configure(unit, command) else REFUSED
    if command.kind == "~":
        values = unit.config.values(command.name)
        return _reply(command, len(values), lambda index: values[index])
    return _maintain(unit, command, now_s) if command.kind == "%" else _recall(unit, command)


def query(unit: Unit, command: Command) -> str:
    """Answer a runtime query."""
    if command.name not in QUERIES:
        return REFUSED
    count, read = QUERIES[command.name]
    return _reply(command, count, lambda index: read(unit, index))


def _reply(command: Command, count: int, read: Callable[[int], int | str]) -> str:
    """The values that the numbers of the command choose, of `count`."""
    numbers = command.arguments or tuple(range(1, count + 1))
    if len(command.arguments) > 1 or not numbers or not all(0 < n <= count for n in numbers):
        return REFUSED
    return f"{command.name}={':'.join(str(read(number - 1)) for number in numbers)}"


def _on_channel(
    act: Callable[[Unit, int, int], bool],
) -> Callable[[Unit, Numbers], bool]:
    """[channel] value; without a channel it is the first (example of "!S" in the manual)."""

    def obey_one(unit: Unit, numbers: Numbers) -> bool:
        if len(numbers) not in {1, 2}:
            return False
        index = numbers[0] - 1 if len(numbers) == 2 else 0
        return index in range(CHANNELS) and act(unit, index, numbers[-1])

    return obey_one


def _go(unit: Unit, index: int, value: int) -> bool:
    if not -1000 <= value <= 1000:
        return False
    unit.channels[index].go(value)
    return True


def _go_both(unit: Unit, numbers: Numbers) -> bool:
    """ "!M": "!G" for both; not in the manual's list, but PyRoboteq drives a SDC2130 by it."""
    if len(numbers) != CHANNELS or not all(-1000 <= number <= 1000 for number in numbers):
        return False
    return _go(unit, 0, numbers[0]) and _go(unit, 1, numbers[1])


def _speed(unit: Unit, index: int, value: int) -> bool:
    if not -500000 <= value <= 500000:
        return False
    unit.channels[index].run(value)
    return True


def _accelerate(unit: Unit, index: int, value: int) -> bool:
    if not 0 <= value <= 500000:
        return False
    unit.channels[index].acceleration = value
    return True


def _decelerate(unit: Unit, index: int, value: int) -> bool:
    if not 0 <= value <= 500000:
        return False
    unit.channels[index].deceleration = value
    return True


def _count(unit: Unit, index: int, value: int) -> bool:
    if not -(2**31) <= value < 2**31:
        return False
    unit.counters[index].preset(value)
    return True


def _halt(unit: Unit, numbers: Numbers) -> bool:
    """ "!MS channel": its command becomes 0."""
    if len(numbers) != 1 or numbers[0] - 1 not in range(CHANNELS):
        return False
    unit.channels[numbers[0] - 1].command_rpm = 0.0
    return True


def _alone(act: Callable[[Unit], None]) -> Callable[[Unit, Numbers], bool]:
    """A command without numbers."""

    def obey_alone(unit: Unit, numbers: Numbers) -> bool:
        if not numbers:
            act(unit)
        return not numbers

    return obey_alone


RUNTIME: dict[str, Callable[[Unit, Numbers], bool]] = {
    "G": _on_channel(_go),
    "M": _go_both,
    "S": _on_channel(_speed),
    "MS": _halt,
    "AC": _on_channel(_accelerate),
    "DC": _on_channel(_decelerate),
    "C": _on_channel(_count),
    "EX": _alone(lambda unit: unit.protection.press()),
    "MG": _alone(lambda unit: unit.protection.release(unit.plant)),
    "EES": _alone(Unit.store),
}


def _amps(unit: Unit, index: int) -> int:
    """0.1 A, not below 0 (p. 238): braking counts as positive here."""
    return round(abs(unit.plant.currents_a[index]) * 10.0)


def _battery_amps(unit: Unit, index: int) -> int:
    """The motor's, by the share of the time that the bridge draws them from the battery."""
    return round(abs(unit.plant.currents_a[index] * unit.power(index)) * 10.0)


def _volts(unit: Unit, index: int) -> int:
    """0.1 V at the drivers and of the battery, mV of the 5 V output (V2.0 p. 242).

    The first and the last are those of the manual's example, as far as the battery has them.
    """
    supply_v = unit.plant.supply_v
    volts = (min(supply_v, 13.5) * 10.0, supply_v * 10.0, min(supply_v, 4.73) * 1000.0)
    return round(volts[index])


def _temperature(unit: Unit, _: int) -> int:
    """Degrees C of the processor and both sides (p. 266): the plant has one for all."""
    return round(min(max(unit.plant.temperature_c, -40.0), 125.0))


def _speed_rpm(unit: Unit, index: int) -> int:
    return round(unit.counters[index].speed_rpm(unit.channels[index].setting("EPPR")))


def _applied(unit: Unit, index: int) -> int:
    """Thousandths of the maximum RPM, as "!G" has them (p. 258)."""
    return round(unit.goal_rpm(index) * 1000.0 / unit.channels[index].setting("MXRPM"))


QUERIES: dict[str, tuple[int, Callable[[Unit, int], int | str]]] = {
    "A": (CHANNELS, _amps),
    "BA": (CHANNELS, _battery_amps),
    "C": (CHANNELS, lambda unit, index: unit.counters[index].count),
    "CR": (CHANNELS, lambda unit, index: unit.counters[index].take_relative()),
    "FF": (1, lambda unit, _: unit.protection.word),
    "FID": (1, lambda unit, _: unit.params.firmware),
    "FM": (CHANNELS, lambda unit, index: unit.motor_flags(index)),
    "FS": (1, lambda unit, _: unit.status_flags()),
    "M": (CHANNELS, _applied),
    "P": (CHANNELS, lambda unit, index: round(unit.power(index) * 1000.0)),
    "S": (CHANNELS, _speed_rpm),
    "T": (1 + CHANNELS, _temperature),
    "TRN": (1, lambda unit, _: unit.params.model),
    "V": (3, _volts),
}
"""How many values each has, and how one is read."""


def _configure(unit: Unit, command: Command) -> bool:
    """ "^": MAC and MDEC are those of "!AC" and "!DC"; that another mode stops is assumed."""
    index = unit.config.write(command.name, command.arguments)
    if index is None:
        return False
    channel = unit.channels[index]
    if command.name == "MAC":
        channel.acceleration = channel.setting("MAC")
    elif command.name == "MDEC":
        channel.deceleration = channel.setting("MDEC")
    elif command.name == "MMOD":
        channel.command_rpm = 0.0
        channel.rest()
    return True


def _maintain(unit: Unit, command: Command, now_s: float) -> str:
    if command == Command("%", "EESAV"):
        unit.store()
        return DONE
    if command == Command("%", "RESET", (SAFETY_KEY,)):
        unit.reset(now_s)
        return NOTHING
    return REFUSED


def _recall(unit: Unit, command: Command) -> str:
    """ "#". That it is refused when there is nothing to recall is assumed."""
    if command == Command("#", "C"):
        unit.history.clear()
        return NOTHING
    if command == Command("#", ""):
        unit.history.stop()
        called = unit.history.next()
        return query(unit, called) if called else REFUSED
    if command.name or len(command.arguments) != 1:
        return REFUSED
    period_ms = command.arguments[0]
    if not 1 <= period_ms <= MAX_PERIOD_MS:
        return REFUSED
    unit.history.start(period_ms)
    return NOTHING
