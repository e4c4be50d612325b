"""The Sabertooth's emulator in made-up time, and packets made by other means than its own."""

from __future__ import annotations

from patrol_emulators.plant import Drive
from patrol_emulators.sabertooth.controller import Sabertooth
from patrol_emulators.sabertooth.unit import SabertoothParams

ADDRESS = 128
TICK_S = 0.002
SETTLED_S = 0.4
"""Long enough for the ramp that it comes with."""


def packet(command: int, data: int, address: int = ADDRESS) -> bytes:
    """A Sabertooth packet."""
    return bytes((address, command, data, (address + command + data) % 128))


class SabertoothBench:
    """A Sabertooth and a clock that moves when told to."""

    def __init__(self, params: SabertoothParams | None = None) -> None:
        self.tooth = Sabertooth(params or SabertoothParams(), 0.0)
        self.plant = self.tooth.plant
        self.now_s = 0.0

    def wait(self, seconds: float) -> None:
        self.now_s += seconds
        self.tooth.step(self.now_s)

    def send(self, data: bytes) -> None:
        assert self.tooth.receive(data, self.now_s) == b""

    def order(self, command: int, data: int) -> None:
        """Send a command, which must be obeyed."""
        before = self.tooth.snapshot().packets
        self.send(packet(command, data))
        assert self.tooth.snapshot().packets == before + 1

    def refuses(self, command: int, data: int) -> bool:
        before = self.tooth.snapshot()
        self.send(packet(command, data))
        after = self.tooth.snapshot()
        return (after.packets, after.rejected) == (before.packets, before.rejected + 1)

    @property
    def drives(self) -> tuple[Drive, Drive]:
        first, second = self.plant.drives
        return first, second

    @property
    def duties(self) -> tuple[float, float]:
        first, second = self.plant.drives
        return first.duty, second.duty

    @property
    def speeds_radps(self) -> tuple[float, float]:
        return self.tooth.snapshot().speeds_radps

    @property
    def conditions(self) -> tuple[str, ...]:
        return self.tooth.snapshot().conditions
