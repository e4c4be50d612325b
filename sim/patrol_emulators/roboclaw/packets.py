"""Packets on the wire: [address, command, data ..., CRC high, CRC low], numbers big-endian.

A command that only reads is two bytes without a CRC; its answer has the CRC over address, command
and answer. A command that changes something has the CRC over address, command and data, and is
acknowledged by 0xFF. A packet that is wrong in any way is not answered (manual, p. 59).
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass

ACK = b"\xff"
PACKET_TIMEOUT_S = 0.010
"""A longer pause between two bytes of a packet discards the packet (p. 59)."""

READS = frozenset(
    {15, 16, 17, 18, 19, 21, 24, 25, 30, 31, 47, 48, 49, 55, 56, 78, 79, 82, 83, 90, 108}
)

WRITES = {
    0: "B", 1: "B", 4: "B", 5: "B", 6: "B", 7: "B",
    14: "B", 20: "", 22: "I", 23: "I", 28: "IIII", 29: "IIII",
    32: "h", 33: "h", 34: "hh", 35: "i", 36: "i", 37: "ii",
    38: "Ii", 39: "Ii", 40: "Iii", 41: "iIB", 42: "iIB", 43: "iIiIB",
    44: "IiIB", 45: "IiIB", 46: "IiIiIB", 50: "IiIi", 51: "IiIIiIB",
    52: "hI", 53: "hI", 54: "hIhI", 94: "I",
}  # fmt: skip
"""Data of each command, in the letters of `struct` (H 2, I 4 bytes; small letters are signed).

The manual writes the acceleration of 52 and 53 as two bytes, but gives it a range that needs four;
the maker's own libraries send four. The key of 94 is theirs too: the manual shows none.
"""


def crc16(data: bytes) -> int:
    """CRC-16/XMODEM: polynomial 0x1021, from 0, not reflected (p. 59)."""
    crc = 0
    for byte in data:
        crc ^= byte << 8
        for _ in range(8):
            crc = (crc << 1) ^ 0x1021 if crc & 0x8000 else crc << 1
        crc &= 0xFFFF
    return crc


def sealed(address: int, command: int, data: bytes) -> bytes:
    """An answer with its CRC."""
    return data + crc16(bytes((address, command)) + data).to_bytes(2, "big")


@dataclass(frozen=True, slots=True)
class Packet:
    """A command with its numbers; a command that reads has none."""

    command: int
    values: tuple[int, ...] = ()


class PacketParser:
    """Finds packets for one address in a stream of bytes.

    Bytes before an address byte are skipped. After an unknown command the parser looks for an
    address again at once; the manual says only that such a packet is not answered.
    """

    def __init__(self, address: int) -> None:
        self._address = address
        self._buffer = bytearray()
        self._last_s = 0.0
        self.rejected = 0

    def feed(self, data: bytes, now_s: float) -> Iterator[Packet]:
        """The packets that `data`, arriving at `now_s`, completes."""
        if self._buffer and now_s - self._last_s > PACKET_TIMEOUT_S:
            self.rejected += 1
            self._buffer.clear()
        self._last_s = now_s
        for byte in data:
            if self._buffer or byte == self._address:
                self._buffer.append(byte)
                packet = self._complete()
                if packet is not None:
                    yield packet

    def clear(self) -> None:
        self._buffer.clear()

    def _complete(self) -> Packet | None:
        buffer = bytes(self._buffer)
        if len(buffer) < 2:
            return None
        command = buffer[1]
        if command in READS:
            self._buffer.clear()
            return Packet(command)
        if command not in WRITES:
            self.rejected += 1
            self._buffer.clear()
            return None
        data = struct.Struct(">" + WRITES[command])
        if len(buffer) < data.size + 4:
            return None
        self._buffer.clear()
        if crc16(buffer[:-2]) != int.from_bytes(buffer[-2:], "big"):
            self.rejected += 1
            return None
        return Packet(command, data.unpack(buffer[2:-2]))
