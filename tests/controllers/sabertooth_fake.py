"""A Sabertooth on the other end of a link: it takes the real bytes, says nothing, and fails on
command.

Written from the maker's guides, with a parser of its own; it shares nothing with the driver.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from tests.controllers.fake import FakeClock, FakeController

ADDRESS = 128
DRIVES = {0: (0, 1), 1: (0, -1), 4: (1, 1), 5: (1, -1)}
"""Motor and direction of the commands that drive."""


@dataclass(frozen=True)
class Driven:
    """One drive packet that the controller took, and the timeout at that moment."""

    motor: int
    steps: int
    timeout: int


class FakeSabertooth(FakeController):
    """Speeds are reached at once. Only drive packets feed the timeout.

    `autobaud`: it hears nothing for 2 s after power-up, and then stays deaf for good unless the
    first byte is the bauding character.
    """

    def __init__(self, clock: FakeClock, autobaud: bool = False) -> None:
        super().__init__(clock)
        clock.on_advance.append(self._roll)
        self.autobaud = autobaud
        self.spoil: list[Callable[[bytes], bytes]] = []
        self.driven: list[Driven] = []
        self.rejected = 0
        self.trips = 0
        self.boot()

    def boot(self) -> None:
        """Power on: no timeout, motors off."""
        self.steps = [0, 0]
        self.timeout = 0
        self._baud_found: bool | None = None if self.autobaud else True
        self._packet = b""
        self._booted_s = self._heard_s = self.clock()

    def _roll(self, dt_s: float) -> None:
        if self.timeout and self.clock() - self._heard_s > self.timeout * 0.1 + 1e-9:
            self.trips += self.steps != [0, 0]
            self.steps = [0, 0]

    def answer(self, packet: bytes) -> bytes:
        data = self.spoil.pop(0)(packet) if self.spoil else packet
        for byte in data:
            self._take(byte)
        return b""

    def _take(self, byte: int) -> None:
        if self._baud_found is None and self.clock() >= self._booted_s + 2.0:
            self._baud_found = byte == 0xAA
            return
        if not self._baud_found:
            return
        if byte >= 128:
            self.rejected += self._packet != b""
            self._packet = bytes((byte,)) if byte == ADDRESS else b""
        elif self._packet:
            self._packet += bytes((byte,))
        if len(self._packet) == 4:
            self._obey(self._packet)
            self._packet = b""

    def _obey(self, packet: bytes) -> None:
        address, command, value, check_sum = packet
        if (address + command + value) % 128 != check_sum:
            self.rejected += 1
        elif command == 14:
            self.timeout = value
        elif command in DRIVES:
            motor, direction = DRIVES[command]
            self._heard_s = self.clock()
            self.steps[motor] = direction * value
            self.driven.append(Driven(motor, direction * value, self.timeout))
        else:
            raise AssertionError(f"command {command} is not one that the driver may send")
