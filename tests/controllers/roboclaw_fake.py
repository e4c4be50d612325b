"""A RoboClaw on the other end of a link: it speaks the real bytes, and fails on command.

Written from the manual's command pages, with a CRC of its own; it shares nothing with the driver.
"""

from __future__ import annotations

import math
import struct
from collections.abc import Callable
from dataclasses import dataclass

from tests.controllers.fake import FakeClock, FakeController

ADDRESS = 0x80
WRITES = {14: 1, 34: 4, 40: 12}
"""Data bytes of the commands that end in a CRC."""


def crc_bit_by_bit(data: bytes) -> int:
    """CRC-16/XMODEM by long division."""
    crc = 0
    for byte in data:
        for shift in range(7, -1, -1):
            bit = byte >> shift & 1
            top = crc >> 15 & 1
            crc = crc << 1 & 0xFFFF
            if bit ^ top:
                crc ^= 0x1021
    return crc


@dataclass(frozen=True)
class Driven:
    """One command 40 that the controller took, and whether its watchdog was read back before."""

    acceleration: int
    first: int
    second: int
    watchdog: int
    read_back: bool


class FakeRoboClaw(FakeController):
    """Counts per second are reached at once."""

    def __init__(self, clock: FakeClock) -> None:
        super().__init__(clock)
        clock.on_advance.append(self._roll)
        self.version = b"RoboClaw 2x30A v4.1.34\n\x00"
        self.stored_watchdog = 0
        self.takes_setting = True
        self.acknowledges_one_byte = True
        self.status = 0
        self.status_size = 4
        self.unanswered: set[int] = set()
        self.currents = (150, -20)
        self.battery, self.logic = 245, 51
        self.temperatures = (315, 299)
        self.speed_is_unsigned = False
        self.driven: list[Driven] = []
        self.trips = 0
        self.boot()

    def boot(self) -> None:
        """Power on: counters at zero, settings as stored, motors off."""
        self.counts = [0.0, 0.0]
        self.speeds = [0, 0]
        self.watchdog = self.stored_watchdog
        self.read_back = False
        self._heard_s = self.clock()

    def _roll(self, dt_s: float) -> None:
        if self.watchdog and self.clock() - self._heard_s > self.watchdog * 0.1 + 1e-9:
            self.trips += self.speeds != [0, 0]
            self.speeds = [0, 0]
        self.counts = [c + v * dt_s for c, v in zip(self.counts, self.speeds, strict=True)]

    def answer(self, packet: bytes) -> bytes:
        address, command = packet[0], packet[1]
        if address != ADDRESS:
            return b""
        data = b""
        if command in WRITES:
            data, crc = packet[2:-2], packet[-2:]
            right = crc_bit_by_bit(packet[:-2]).to_bytes(2, "big")
            if len(data) != WRITES[command] or crc != right:
                return b""
        elif len(packet) != 2:
            return b""
        if command in self.unanswered:
            return b""
        self._heard_s = self.clock()
        if command == 14:
            if self.takes_setting:
                self.watchdog, self.read_back = data[0], False
            return b"\xff" if self.acknowledges_one_byte else b""
        if command == 34:
            assert data == bytes(4), "the driver only ever ends the control of the speed"
            self.speeds = [0, 0]
            return b"\xff"
        if command == 40:
            acceleration, first, second = struct.unpack(">Iii", data)
            self.driven.append(Driven(acceleration, first, second, self.watchdog, self.read_back))
            self.speeds = [first, second]
            return b"\xff"
        reply = self._told(command)
        if reply is None:
            return b""
        return reply + crc_bit_by_bit(bytes((address, command)) + reply).to_bytes(2, "big")

    def _told(self, command: int) -> bytes | None:
        if command == 15:
            self.read_back = True
        answers: dict[int, Callable[[], bytes]] = {
            15: lambda: bytes((self.watchdog,)),
            18: lambda: self._speed(0),
            19: lambda: self._speed(1),
            21: lambda: self.version,
            24: lambda: struct.pack(">H", self.battery),
            25: lambda: struct.pack(">H", self.logic),
            49: lambda: struct.pack(">hh", *self.currents),
            78: lambda: b"".join(
                struct.pack(">I", math.floor(count) % 2**32) for count in self.counts
            ),
            82: lambda: struct.pack(">h", self.temperatures[0]),
            83: lambda: struct.pack(">h", self.temperatures[1]),
            90: lambda: self.status.to_bytes(self.status_size, "big"),
        }
        return answers[command]() if command in answers else None

    def _speed(self, motor: int) -> bytes:
        speed = self.speeds[motor]
        told = abs(speed) if self.speed_is_unsigned else speed
        return struct.pack(">iB", told, speed < 0)
