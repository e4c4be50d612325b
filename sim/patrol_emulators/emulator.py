"""What every emulated controller is to the port, the faults and the command line."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from patrol_emulators.plant import Plant


@dataclass(frozen=True, slots=True)
class Snapshot:
    """A look at the device from outside the wire: what a person beside it would see."""

    stamp_s: float
    speeds_radps: tuple[float, float]
    currents_a: tuple[float, float]
    supply_v: float
    temperature_c: float
    commanded: bool
    """A motor is told to turn, by the device's own registers, or held by a position control.

    It is not while a motor ramps down to a commanded zero, after the watchdog stopped it, or
    while the device is off.
    """
    watchdog_s: float
    """The serial timeout; 0: off."""
    watchdog_tripped: bool
    """The motors were stopped by it, and nothing has driven them since."""
    conditions: tuple[str, ...]
    """Warnings and errors that the device shows now, in the maker's words."""
    packets: int
    """Packets understood and obeyed."""
    rejected: int
    """Packets thrown away: wrong check sum, too slow, unknown, out of range."""


class Emulator(Protocol):
    """A controller as a state machine in time. Nothing here waits, and nothing reads a clock.

    `now_s` never goes back. A driver's bytes go into `receive`, one at a time or many; what comes
    back is what the device sends. `step` lets time pass and returns what the device sends of its
    own accord (a stream of telemetry; nothing, for most).
    """

    plant: Plant

    def receive(self, data: bytes, now_s: float) -> bytes: ...

    def step(self, now_s: float) -> bytes: ...

    def reset(self, now_s: float) -> None:
        """Power off and on: what was not stored is gone, and it takes a moment to answer again."""
        ...

    def snapshot(self) -> Snapshot: ...
