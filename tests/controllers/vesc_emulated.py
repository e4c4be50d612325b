"""The VESCs' emulator in made-up time, and packets made and read by other means than its own."""

from __future__ import annotations

import binascii
import math
import struct

from patrol_emulators.vesc.controller import Vescs
from patrol_emulators.vesc.params import VescParams

CAN_ID = 2
SIGNATURE, APPCONF_SIZE = 2099347128, 278
"""Of firmware 6.05 (confgenerator.h; the sum of what confgenerator_serialize_appconf appends)."""
ERPM_PER_RADPS = 7 * 10.0 * 60.0 / (2.0 * math.pi)
"""Seven pole pairs, a gear of ten."""

VALUES = (
    ("temp_fet_c", "h", 10.0), ("temp_motor_c", "h", 10.0), ("motor_a", "i", 100.0),
    ("input_a", "i", 100.0), ("id_a", "i", 100.0), ("iq_a", "i", 100.0), ("duty", "h", 1000.0),
    ("erpm", "i", 1.0), ("supply_v", "h", 10.0), ("drawn_ah", "i", 1e4),
    ("charged_ah", "i", 1e4), ("drawn_wh", "i", 1e4), ("charged_wh", "i", 1e4),
    ("tachometer", "i", 1.0), ("tachometer_abs", "i", 1.0), ("fault", "B", 1.0),
    ("position_deg", "i", 1e6), ("controller_id", "B", 1.0), ("temp_mos", "6s", None),
    ("vd_v", "i", 1e3), ("vq_v", "i", 1e3), ("status", "B", 1.0),
)  # fmt: skip
"""COMM_GET_VALUES (comm/commands.c of firmware 6.05), in the order of the mask's bits."""


def packet(payload: bytes) -> bytes:
    """A payload with length, CRC and stop byte."""
    size = len(payload)
    head = struct.pack(">BB", 2, size) if size < 256 else struct.pack(">BH", 3, size)
    return head + payload + struct.pack(">HB", binascii.crc_hqx(payload, 0), 3)


def to_second(payload: bytes, can_id: int = CAN_ID) -> bytes:
    """Forwarded by the first (COMM_FORWARD_CAN)."""
    return packet(bytes((34, can_id)) + payload)


def to_both(payload: bytes) -> bytes:
    return packet(payload) + to_second(payload)


def number(command: int, value: int) -> bytes:
    """A payload with one number, as drive commands have it."""
    return struct.pack(">Bi", command, value)


def settings(
    timeout_ms: int, brake_a: float = 0.0, controller_id: int = 1, signature: int = SIGNATURE
) -> bytes:
    """COMM_SET_APPCONF_NO_STORE, all the rest zero."""
    head = struct.pack(">BIBIf", 149, signature, controller_id, timeout_ms, brake_a)
    return head.ljust(1 + APPCONF_SIZE, b"\0")


def payloads(data: bytes) -> list[bytes]:
    """What is in a row of packets, each checked."""
    found = []
    while data:
        head = struct.Struct(">BB" if data[0] == 2 else ">BH")
        _, size = head.unpack_from(data)
        payload = data[head.size : head.size + size]
        end = head.size + size + 3
        assert data[head.size + size : end] == packet(payload)[-3:] and len(payload) == size
        found.append(payload)
        data = data[end:]
    return found


def values(payload: bytes) -> dict[str, float]:
    """An answer to COMM_GET_VALUES or COMM_GET_VALUES_SELECTIVE, in units."""
    mask, data = 0xFFFFFFFF, payload[1:]
    if payload[0] == 50:
        mask, data = int.from_bytes(data[:4], "big"), data[4:]
    chosen = [value for bit, value in enumerate(VALUES) if mask >> bit & 1]
    numbers = struct.unpack(">" + "".join(layout for _, layout, _ in chosen), data)
    return {
        name: found / scale
        for (name, _, scale), found in zip(chosen, numbers, strict=True)
        if scale
    }


class VescBench:
    """Two VESCs and a clock that moves when told to."""

    def __init__(self, params: VescParams | None = None) -> None:
        self.vescs = Vescs(params or VescParams(), 0.0)
        self.plant = self.vescs.plant
        self.now_s = 0.0

    def wait(self, seconds: float) -> bytes:
        """Let time pass; what comes meanwhile."""
        self.now_s += seconds
        return self.vescs.step(self.now_s)

    def send(self, data: bytes) -> bytes:
        return self.vescs.receive(data, self.now_s)

    def order(self, payload: bytes) -> None:
        """To both units; they say nothing."""
        assert self.send(to_both(payload)) == b""

    def keep(self, payload: bytes, seconds: float) -> None:
        """An order to both units, again and again."""
        for _ in range(round(seconds / 0.05)):
            self.order(payload)
            self.wait(0.05)

    def ask(self, payload: bytes) -> bytes:
        """The first unit's answer."""
        (answer,) = payloads(self.send(packet(payload)))
        return answer

    def ask_second(self, payload: bytes) -> bytes:
        """The second unit's answer, which takes up to 30 ms."""
        (answer,) = payloads(self.send(to_second(payload)) + self.wait(0.03))
        return answer

    def values(self) -> tuple[dict[str, float], dict[str, float]]:
        return values(self.ask(b"\x04")), values(self.ask_second(b"\x04"))

    @property
    def speeds_radps(self) -> tuple[float, float]:
        return self.vescs.snapshot().speeds_radps
