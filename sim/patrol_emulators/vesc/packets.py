"""Packets on the line (comm/packet.c): [2, length] or [3, length, length], payload, CRC, 3.

Numbers are big-endian. The CRC-16/XMODEM is over the payload alone. A payload has 512 bytes at
most; one of 256 or more has the long header, which is understood from 255 on.
"""

from __future__ import annotations

from binascii import crc_hqx
from collections.abc import Iterator

SHORT, LONG, STOP = 2, 3, 3
"""A first byte is also where the payload begins."""
MAX_PAYLOAD = 512
_SHORTEST = {SHORT: 1, LONG: 255}


def framed(payload: bytes) -> bytes:
    """`payload` as a packet."""
    size = len(payload)
    head = bytes((SHORT, size)) if size <= 255 else bytes((LONG, size >> 8, size & 0xFF))
    return head + payload + crc_hqx(payload, 0).to_bytes(2, "big") + bytes((STOP,))


class PacketParser:
    """Finds payloads in a stream of bytes.

    No pause ends a packet: a byte that looks like the beginning of one makes the firmware wait
    for as many bytes as its length says, up to 517 more. When they are no packet it looks for one
    from the next byte on, in what it has kept, so that no packet among them is lost.
    """

    def __init__(self) -> None:
        self._buffer = bytearray()
        self._missing = 1
        self.rejected = 0
        """Packets with a wrong check sum or end."""

    def feed(self, data: bytes) -> Iterator[bytes]:
        """The payloads that `data` completes."""
        for byte in data:
            self._buffer.append(byte)
            if self._missing > 1:
                self._missing -= 1
                continue
            while (payload := self._look()) is not None:
                if payload:
                    yield payload
                else:
                    del self._buffer[0]

    def clear(self) -> None:
        self._buffer.clear()
        self._missing = 1

    def _look(self) -> bytes | None:
        """What the buffer begins with; empty: with no packet; None: more bytes are needed."""
        buffer, self._missing = self._buffer, 1
        if not buffer:
            return None
        head = buffer[0]
        if head not in _SHORTEST:
            return b""
        if len(buffer) < head:
            self._missing = head - len(buffer)
            return None
        end = head + int.from_bytes(buffer[1:head], "big")
        if not _SHORTEST[head] <= end - head <= MAX_PAYLOAD:
            return b""
        if len(buffer) < end + 3:
            self._missing = end + 3 - len(buffer)
            return None
        payload, crc = bytes(buffer[head:end]), int.from_bytes(buffer[end : end + 2], "big")
        if buffer[end + 2] != STOP or crc != crc_hqx(payload, 0):
            self.rejected += 1
            return b""
        del buffer[: end + 3]
        return payload
