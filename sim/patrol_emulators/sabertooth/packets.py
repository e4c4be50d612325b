"""Packets on the wire: [address, command, data, check sum], 8N1 (guides, "Packetized Serial").

An address is 128 or more, and all that follows it is 127 or less, so every byte of 128 and more
begins anew. The check sum is the sum of the three, of which seven bits are kept. Nothing is said
of pauses within a packet; here it may take as long as it likes.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

BAUDING_BYTE = 170
"""Version 1 measures the rate on it; before it "the driver will accept no commands"."""


@dataclass(frozen=True, slots=True)
class Packet:
    """A command with its data; both are 0 to 127."""

    command: int
    data: int


class PacketParser:
    """Finds packets for one address in a stream of bytes.

    `finds_rate`: nothing is heard before the bauding byte. A byte that comes before it is skipped
    here; the maker warns that noise may be taken for it and set a wrong rate until power is cut.
    """

    def __init__(self, address: int, finds_rate: bool) -> None:
        self._address = address
        self._finds_rate = finds_rate
        self._buffer = bytearray()
        self.rejected = 0
        self.restart()

    def restart(self) -> None:
        """As after power came: with nothing heard."""
        self._buffer.clear()
        self._has_rate = not self._finds_rate

    def feed(self, data: bytes) -> Iterator[Packet]:
        """The packets that `data` completes."""
        for byte in data:
            if not self._has_rate:
                self._has_rate = byte == BAUDING_BYTE
                continue
            if byte >= 128:
                self._begin(byte)
            elif self._buffer:
                self._buffer.append(byte)
                packet = self._complete()
                if packet is not None:
                    yield packet

    def _begin(self, byte: int) -> None:
        self.rejected += bool(self._buffer)
        self._buffer.clear()
        if byte == self._address:
            self._buffer.append(byte)

    def _complete(self) -> Packet | None:
        if len(self._buffer) < 4:
            return None
        address, command, data, check = self._buffer
        self._buffer.clear()
        if (address + command + data) & 127 != check:
            self.rejected += 1
            return None
        return Packet(command, data)
