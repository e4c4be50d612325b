"""Faults on command: what goes wrong on the wire, with the cable and with the device."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from enum import Enum

from patrol_emulators.emulator import Emulator
from patrol_emulators.errors import FaultTextError


class FaultKind(Enum):
    """What can go wrong; the value is what a person types."""

    NOISE = "noise"
    FLIP = "flip"
    DROP = "drop"
    SPLIT = "split"
    MERGE = "merge"
    ECHO = "echo"
    DELAY = "delay"
    SILENCE = "silence"
    UNPLUG = "unplug"
    RESET = "reset"
    BROWNOUT = "brownout"
    OVERCURRENT = "overcurrent"
    OVERHEAT = "overheat"
    ESTOP = "estop"
    STUCK = "stuck"


@dataclass(frozen=True, slots=True)
class Meaning:
    """What a fault's amount is, in words, and what it is when none is given."""

    text: str
    amount: float = 0.0


MEANINGS = {
    FaultKind.NOISE: Meaning("random bytes come both ways; amount: bytes a second", 200.0),
    FaultKind.FLIP: Meaning("one bit of a byte is wrong; amount: share of the bytes", 0.05),
    FaultKind.DROP: Meaning("bytes are lost; amount: share of the bytes", 0.05),
    FaultKind.SPLIT: Meaning("answers come byte by byte; amount: pause between two [s]", 0.003),
    FaultKind.MERGE: Meaning("answers are held back and come together; amount: every [s]", 0.05),
    FaultKind.ECHO: Meaning("what the driver sends comes back to it"),
    FaultKind.DELAY: Meaning("answers come late; amount: by [s]", 0.05),
    FaultKind.SILENCE: Meaning("nothing comes through, either way"),
    FaultKind.UNPLUG: Meaning("the port goes away and comes back under its name"),
    FaultKind.RESET: Meaning("the controller starts anew; the duration says nothing"),
    FaultKind.BROWNOUT: Meaning("the supply sinks; amount: to [V]", 4.0),
    FaultKind.OVERCURRENT: Meaning("the wheels are held; amount: by [N m]", 1000.0),
    FaultKind.OVERHEAT: Meaning("the power stage is hot; amount: [degrees C]", 105.0),
    FaultKind.ESTOP: Meaning("the e-stop input is pressed"),
    FaultKind.STUCK: Meaning("an encoder stands still; amount: 1 or 2, 0 for both", 1.0),
}


@dataclass(frozen=True, slots=True)
class Fault:
    """One fault, from `start_s` on, for `duration_s`."""

    kind: FaultKind
    start_s: float
    duration_s: float
    amount: float

    def is_on(self, now_s: float) -> bool:
        return self.start_s <= now_s < self.start_s + self.duration_s


def parse_fault(text: str, now_s: float) -> Fault:
    """A fault that starts now, from "KIND SECONDS [AMOUNT]", as in "noise 2.0".

    Raises FaultTextError when the text is something else.
    """
    words = text.split()
    try:
        kind = FaultKind(words[0])
        numbers = [float(word) for word in words[1:]]
        duration_s, amount = (*numbers, MEANINGS[kind].amount)[:2]
    except (ValueError, IndexError) as error:
        raise _not_a_fault(text) from error
    if len(numbers) > 2 or not all(math.isfinite(n) and n >= 0.0 for n in numbers):
        raise _not_a_fault(text)
    return Fault(kind, now_s, duration_s, amount)


def parse_timed_fault(text: str, now_s: float) -> Fault:
    """A fault that starts later, from "START KIND SECONDS [AMOUNT]", START in seconds from now."""
    first, _, rest = text.strip().partition(" ")
    try:
        start_s = now_s + float(first)
    except ValueError as error:
        raise FaultTextError(
            f"not a time: {first!r} in {text!r}",
            expected="START KIND SECONDS [AMOUNT], as in '5.0 noise 2.0'",
        ) from error
    return parse_fault(rest, start_s)


def _not_a_fault(text: str) -> FaultTextError:
    return FaultTextError(
        f"not a fault: {text!r}",
        expected="KIND SECONDS [AMOUNT], as in 'noise 2.0'",
        remedy=f"kinds: {', '.join(kind.value for kind in FaultKind)}",
    )


class FaultBoard:
    """Knows which faults are on, and works those of the device on it."""

    def __init__(self, faults: Iterable[Fault] = ()) -> None:
        self._faults = list(faults)
        self._on: dict[FaultKind, Fault] = {}

    def add(self, fault: Fault) -> None:
        self._faults.append(fault)

    def on(self, kind: FaultKind) -> Fault | None:
        return self._on.get(kind)

    @property
    def active(self) -> tuple[Fault, ...]:
        return tuple(self._on.values())

    def update(self, emulator: Emulator, now_s: float) -> None:
        """Start what is due and end what is over."""
        begun = [fault for fault in self._faults if fault.start_s <= now_s]
        if any(fault.kind is FaultKind.RESET for fault in begun):
            emulator.reset(now_s)
        now_on: dict[FaultKind, Fault] = {
            fault.kind: fault for fault in begun
            if fault.is_on(now_s) and fault.kind is not FaultKind.RESET
        }  # fmt: skip
        self._faults = [
            fault for fault in self._faults
            if fault.start_s > now_s
            or (fault.is_on(now_s) and fault.kind is not FaultKind.RESET)
        ]  # fmt: skip
        for kind in self._on.keys() - now_on.keys():
            _work(emulator, kind, None)
        for kind, fault in now_on.items():
            if self._on.get(kind) != fault:
                _work(emulator, kind, fault.amount)
        self._on = now_on


def _work(emulator: Emulator, kind: FaultKind, amount: float | None) -> None:
    """Bring a fault of the device onto it, or take it off (`amount` is None)."""
    plant = emulator.plant
    if kind is FaultKind.BROWNOUT:
        plant.forced_v = amount
    elif kind is FaultKind.OVERHEAT:
        plant.forced_c = amount
    elif kind is FaultKind.ESTOP:
        plant.estop_pressed = amount is not None
    elif kind is FaultKind.OVERCURRENT:
        for motor in plant.motors:
            motor.load_nm = amount or 0.0
    elif kind is FaultKind.STUCK:
        for number, motor in enumerate(plant.motors, start=1):
            motor.stick_encoder(amount is not None and amount in {0.0, float(number)})
