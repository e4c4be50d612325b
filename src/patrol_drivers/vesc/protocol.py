"""Packets of the VESC: bytes to requests and answers, nothing else (comm/packet.c).

A packet is 2 and a length of 8 bits, or 3 and one of 16 bits; the payload; its CRC; and 3. The
payload is a command and its data. Numbers are big-endian. An answer repeats the command and does
not say which of the two controllers gave it, but the answers to all that matters hold the
controller's id.
"""

from __future__ import annotations

import binascii
import re
from dataclasses import dataclass

from patrol_drivers.vesc.values import MAX_PAYLOAD, Command

SHORT, LONG, STOP = 2, 3, 3
TAIL_SIZE = 3
SMALLEST_PACKET = 6
"""Bytes of a packet whose payload is a command alone."""

STARTS = re.compile(b"[\x02\x03]")

ANSWERS = {
    Command.FW_VERSION: 4,
    Command.GET_APPCONF: 14,
    Command.GET_VALUES_SELECTIVE: 27,
}
"""Bytes of payload that an answer has at least; an echo of the request has fewer."""

ID_AT = {Command.GET_APPCONF: 5, Command.GET_VALUES_SELECTIVE: 26}
"""Where the controller's id stands in the payload of an answer."""


@dataclass(frozen=True, slots=True)
class Request:
    """One command to the controller on the line, or to the one behind CAN, whose id is `can_id`.

    What is for the second is put into COMM_FORWARD_CAN: its answer comes back as if it were the
    first's (comm/comm_can.c).
    """

    command: Command
    data: bytes
    can_id: int
    behind_can: bool

    @property
    def frame(self) -> bytes:
        """The bytes to send."""
        payload = bytes((self.command,)) + self.data
        if self.behind_can:
            payload = bytes((Command.FORWARD_CAN, self.can_id)) + payload
        return packed(payload)

    def is_answered_by(self, payload: bytes) -> bool:
        """Whether this is the answer, from the right one of the two controllers."""
        if payload[0] != self.command or len(payload) < ANSWERS[self.command]:
            return False
        if self.command is Command.GET_VALUES_SELECTIVE and payload[1:5] != self.data:
            return False
        at = ID_AT.get(self.command)
        return at is None or (payload[at] == self.can_id) == self.behind_can


@dataclass(frozen=True, slots=True)
class Packet:
    """A packet with the right CRC, and where it lies in what was received."""

    start: int
    end: int
    payload: bytes


@dataclass(frozen=True, slots=True)
class Reply:
    """The payload of an answer, and the bytes that belong to no packet: `noise`."""

    payload: bytes
    noise: int


def packed(payload: bytes) -> bytes:
    """The packet of a payload of at most MAX_PAYLOAD bytes."""
    size = len(payload)
    head = bytes((SHORT, size)) if size < 256 else bytes((LONG,)) + size.to_bytes(2, "big")
    return head + payload + crc16(payload).to_bytes(2, "big") + bytes((STOP,))


def crc16(data: bytes) -> int:
    """CRC-16/XMODEM: polynomial 0x1021, begins at 0, not reflected (util/crc.c)."""
    return binascii.crc_hqx(data, 0)


def packets(received: bytes) -> list[Packet]:
    """Every whole packet whose CRC is right, wherever it begins, in order."""
    found: list[Packet] = []
    for match in STARTS.finditer(received):
        start = match.start()
        if found and start < found[-1].end:
            continue
        packet = _packet_at(received, start)
        if packet is not None:
            found.append(packet)
    return found


def find_reply(request: Request, received: bytes) -> Reply | None:
    """The first answer in `received`; None: none yet. Other packets are passed over."""
    noise = end = 0
    for packet in packets(received):
        noise += packet.start - end
        end = packet.end
        if request.is_answered_by(packet.payload):
            return Reply(packet.payload, noise)
    return None


def stray(received: bytes) -> int:
    """How many bytes belong to no packet."""
    return len(received) - sum(packet.end - packet.start for packet in packets(received))


def missing(received: bytes) -> int:
    """How many more bytes to wait for at least before a packet can become whole."""
    whole = packets(received)
    rest = received[whole[-1].end :] if whole else received
    wanted = [SMALLEST_PACKET]
    for match in STARTS.finditer(rest):
        have = len(rest) - match.start()
        bounds = _bounds(rest, match.start())
        if bounds is None:
            if have < SMALLEST_PACKET:
                wanted.append(SMALLEST_PACKET - have)
        elif bounds[1] > len(rest):
            wanted.append(bounds[1] - len(rest))
    return min(wanted)


def _bounds(received: bytes, start: int) -> tuple[int, int] | None:
    """Where the payload begins and the packet ends; None: the length is not there or wrong."""
    width = 1 if received[start] == SHORT else 2
    data = start + 1 + width
    if data > len(received):
        return None
    size = int.from_bytes(received[start + 1 : data], "big")
    if not (1 if width == 1 else 255) <= size <= MAX_PAYLOAD:
        return None
    return data, data + size + TAIL_SIZE


def _packet_at(received: bytes, start: int) -> Packet | None:
    bounds = _bounds(received, start)
    if bounds is None or bounds[1] > len(received) or received[bounds[1] - 1] != STOP:
        return None
    begin, end = bounds
    payload = received[begin : end - TAIL_SIZE]
    right = crc16(payload) == int.from_bytes(received[end - TAIL_SIZE : end - 1], "big")
    return Packet(start, end, payload) if right else None
