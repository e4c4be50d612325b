"""Two VESCs on the other end of a link, which speak the real bytes and fail on command.

Written from the firmware's sources, with a CRC of its own; it shares nothing with the driver.
"""

from __future__ import annotations

import math
import struct
from dataclasses import dataclass

from tests.controllers.fake import FakeClock, FakeController

CAN_ID = 1
SIGNATURE_6_05 = 2099347128
CONFIG_SIZE = 300
"""Bytes of an application configuration: long enough for a packet with a length of 16 bits."""


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


def packed(payload: bytes) -> bytes:
    size = len(payload)
    head = struct.pack(">BB", 2, size) if size < 256 else struct.pack(">BH", 3, size)
    return head + payload + crc_bit_by_bit(payload).to_bytes(2, "big") + b"\x03"


@dataclass(frozen=True)
class Set:
    """One command that a VESC took: what, to whom, and whether both timeouts were read before."""

    unit: int
    command: int
    number: int
    read_back: bool


@dataclass
class Unit:
    """One VESC with its motor. Speeds are reached at once; the timeout is its own."""

    can_id: int
    signature: int = SIGNATURE_6_05
    timeout_ms: int = 150
    brake_a: float = 5.0
    min_erpm: int = 60
    tells_status: bool = True
    silent: bool = False
    fault: int = 0
    killed: bool = False
    temperature: int = 312
    current: int = -150
    voltage: int = 245
    erpm: int = 0
    steps: float = 0.0
    steps_abs: float = 0.0
    timed_out: bool = True
    fed_s: float = -math.inf
    deaf_until_s: float = -math.inf
    trips: int = 0

    def boot(self) -> None:
        """Power on: counters at zero, motor off, not fed yet."""
        self.erpm, self.steps, self.steps_abs = 0, 0.0, 0.0
        self.timed_out, self.fed_s = True, -math.inf

    def roll(self, now_s: float, dt_s: float) -> None:
        self.timed_out = bool(self.timeout_ms) and now_s - self.fed_s > self.timeout_ms / 1000.0
        if self.timed_out or self.killed or self.fault:
            self.trips += self.timed_out and self.erpm != 0
            self.erpm = 0
        self.steps += self.erpm / 10.0 * dt_s  # 6 steps a turn, 60 s a minute
        self.steps_abs += abs(self.erpm) / 10.0 * dt_s

    def take(self, command: int, number: int, now_s: float) -> None:
        self.fed_s = now_s
        moves = command == 8 and abs(number) >= self.min_erpm
        self.erpm = number if moves and not self.killed and not self.fault else 0

    def values(self, mask: int) -> bytes:
        fields = {
            0: struct.pack(">h", self.temperature),
            2: struct.pack(">i", self.current),
            7: struct.pack(">i", self.erpm),
            8: struct.pack(">h", self.voltage),
            13: struct.pack(">I", math.floor(self.steps) % 2**32),
            14: struct.pack(">I", math.floor(self.steps_abs) % 2**32),
            15: bytes((self.fault,)),
            17: bytes((self.can_id,)),
            21: bytes((self.timed_out | self.killed << 1,)) if self.tells_status else b"",
        }
        return struct.pack(">BI", 50, mask) + b"".join(
            data for bit, data in fields.items() if mask >> bit & 1
        )

    def configuration(self) -> bytes:
        head = struct.pack(">IBIf", self.signature, self.can_id, self.timeout_ms, self.brake_a)
        return b"\x11" + head + bytes(CONFIG_SIZE - len(head))


class FakeVescs(FakeController):
    """`units`: the VESC on the line, and the one behind its CAN bus."""

    def __init__(self, clock: FakeClock) -> None:
        super().__init__(clock)
        clock.on_advance.append(self._roll)
        self.version = b"\x06\x0560_MK6\x00" + bytes(range(12)) + b"\x00\x00\x00"
        self.boot_s = 0.0
        self.units = [Unit(0), Unit(CAN_ID)]
        self.taken: list[Set] = []
        self._read_back: set[int] = set()

    def boot(self) -> None:
        """Both lose their supply for a moment."""
        for at in range(2):
            self.boot_one(at)

    def boot_one(self, at: int) -> None:
        self.units[at].boot()
        self.units[at].deaf_until_s = self.clock() + self.boot_s
        self._read_back.clear()

    def close(self) -> None:
        super().close()
        self._read_back.clear()

    def _roll(self, dt_s: float) -> None:
        for unit in self.units:
            unit.roll(self.clock(), dt_s)

    def answer(self, packet: bytes) -> bytes:
        """Obeys each whole packet of what was written in one go."""
        reply = b""
        while packet:
            size = packet[1]
            payload, tail, packet = (
                packet[2 : size + 2],
                packet[size + 2 :][:3],
                packet[size + 5 :],
            )
            assert tail == crc_bit_by_bit(payload).to_bytes(2, "big") + b"\x03"
            reply += self._obey(0, payload)
        return reply

    def _obey(self, at: int, payload: bytes) -> bytes:
        command, data = payload[0], payload[1:]
        unit = self.units[at]
        if unit.silent or self.clock() < unit.deaf_until_s:
            return b""
        if command == 34 and at == 0:
            return self._obey(1, data[1:]) if data[0] == self.units[1].can_id else b""
        if command in {7, 8}:
            (number,) = struct.unpack(">i", data)
            self.taken.append(Set(at, command, number, len(self._read_back) == 2))
            unit.take(command, number, self.clock())
            return b""
        if command == 0:
            return packed(b"\x00" + self.version)
        if command == 17:
            self._read_back.add(at)
            return packed(unit.configuration())
        return packed(unit.values(int.from_bytes(data, "big"))) if command == 50 else b""
