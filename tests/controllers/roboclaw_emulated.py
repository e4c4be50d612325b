"""The RoboClaw's emulator in made-up time, and packets made by other means than its own."""

from __future__ import annotations

import binascii
import struct

from patrol_emulators.roboclaw.controller import Roboclaw
from patrol_emulators.roboclaw.unit import RoboclawParams

ADDRESS = 0x80
ACK = b"\xff"


def request(command: int, layout: str = "", *values: int, address: int = ADDRESS) -> bytes:
    """A RoboClaw packet that changes something; `layout` as for `struct`, big-endian."""
    body = bytes((address, command)) + struct.pack(">" + layout, *values)
    return body + binascii.crc_hqx(body, 0).to_bytes(2, "big")


def question(command: int) -> bytes:
    """A RoboClaw packet that reads something: without a CRC."""
    return bytes((ADDRESS, command))


def unpacked(command: int, layout: str, answer: bytes) -> tuple[int, ...]:
    """The numbers of an answer, with its length and CRC checked."""
    data, crc = answer[:-2], int.from_bytes(answer[-2:], "big")
    assert crc == binascii.crc_hqx(question(command) + data, 0)
    return struct.unpack(">" + layout, data)


class RoboclawBench:
    """A RoboClaw and a clock that moves when told to."""

    def __init__(self, params: RoboclawParams | None = None) -> None:
        self.claw = Roboclaw(params or RoboclawParams(), 0.0)
        self.plant = self.claw.plant
        self.now_s = 0.0

    def wait(self, seconds: float) -> None:
        self.now_s += seconds
        self.claw.step(self.now_s)

    def send(self, data: bytes) -> bytes:
        return self.claw.receive(data, self.now_s)

    def order(self, command: int, layout: str = "", *values: int) -> None:
        assert self.send(request(command, layout, *values)) == ACK

    def ask(self, command: int, layout: str) -> tuple[int, ...]:
        return unpacked(command, layout, self.send(question(command)))

    @property
    def speeds_radps(self) -> tuple[float, float]:
        return self.claw.snapshot().speeds_radps
