"""Packets of the RoboClaw: bytes to requests and answers, nothing else (p. 58 and 59).

A command that writes is address, command, data and CRC, and is answered by one byte 0xFF. One
that reads is address and command, and is answered by data and CRC, where the CRC goes over
address, command and data. Numbers are big-endian.
"""

from __future__ import annotations

import binascii
from dataclasses import dataclass
from enum import Enum

from patrol_drivers.roboclaw.values import ACK, MAX_TEXT, Command

CRC_SIZE = 2


class Answer(Enum):
    """The three forms of an answer."""

    ACK = "one byte 0xFF"
    DATA = "data of known length"
    TEXT = "text that ends in a null"


@dataclass(frozen=True, slots=True)
class Request:
    """One packet to the controller and the form of its answer. `size` counts data bytes."""

    address: int
    command: Command
    answer: Answer
    data: bytes = b""
    size: int = 0

    @property
    def frame(self) -> bytes:
        """The bytes to send."""
        head = bytes((self.address, self.command)) + self.data
        if self.answer is Answer.ACK:
            return head + crc16(head).to_bytes(CRC_SIZE, "big")
        return head


@dataclass(frozen=True, slots=True)
class Reply:
    """The data of an answer whose CRC is right, and what came before it."""

    data: bytes
    skipped: bytes


def writing(address: int, command: Command, data: bytes) -> Request:
    """A request that sets something."""
    return Request(address, command, Answer.ACK, data, size=1)


def reading(address: int, command: Command, size: int) -> Request:
    """A request for `size` bytes of data."""
    return Request(address, command, Answer.DATA, size=size)


def reading_text(address: int, command: Command) -> Request:
    """A request for text of unknown length."""
    return Request(address, command, Answer.TEXT, size=MAX_TEXT)


def crc16(data: bytes) -> int:
    """CRC-16/XMODEM: polynomial 0x1021, begins at 0, not reflected (p. 59)."""
    return binascii.crc_hqx(data, 0)


def find_reply(request: Request, received: bytes) -> Reply | None:
    """The first answer in `received`, with noise or an echo before it; None: none yet.

    Data are taken only with the right CRC. An acknowledgement has none: it is any byte 0xFF after
    an echo of the request, or anywhere when nothing in `received` could be an echo.
    """
    if request.answer is Answer.ACK:
        return _find_ack(request, received)
    for start in range(len(received)):
        data = _data_at(request, received, start)
        if data is not None:
            return Reply(data, received[:start])
    return None


def missing(request: Request, received: bytes) -> int:
    """How many more bytes to wait for at least before `find_reply` can succeed."""
    if request.answer is Answer.DATA:
        return max(1, request.size + CRC_SIZE - len(received))
    return 1


def has_enough(request: Request, received: bytes) -> bool:
    """Whether a whole answer could be in `received`."""
    if request.answer is Answer.DATA:
        return len(received) >= request.size + CRC_SIZE
    if request.answer is Answer.TEXT:
        return 0 in received[:-CRC_SIZE]
    return ACK in received


def _data_at(request: Request, received: bytes, start: int) -> bytes | None:
    if request.answer is Answer.TEXT:
        null = received.find(0, start, start + request.size)
        if null < 0:
            return None
        end = null + 1
    else:
        end = start + request.size
    crc = received[end : end + CRC_SIZE]
    if len(crc) < CRC_SIZE:
        return None
    data = received[start:end]
    right = crc16(bytes((request.address, request.command)) + data)
    return data if int.from_bytes(crc, "big") == right else None


def _find_ack(request: Request, received: bytes) -> Reply | None:
    frame = request.frame
    start = 0
    echo = received.find(frame[:1])
    if echo >= 0:
        if not received[echo:].startswith(frame):
            return None if frame.startswith(received[echo:]) else _ack_from(received, echo)
        start = echo + len(frame)
    return _ack_from(received, start)


def _ack_from(received: bytes, start: int) -> Reply | None:
    position = received.find(ACK, start)
    return None if position < 0 else Reply(received[position : position + 1], received[:position])
