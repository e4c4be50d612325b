"""Packets of the VESC: known bytes, and nothing accepted whose CRC is wrong."""

from __future__ import annotations

import struct

import pytest
from tests.controllers.vesc_fake import Unit, crc_bit_by_bit
from tests.controllers.vesc_fake import packed as packet

from patrol_drivers.vesc.protocol import (
    Request,
    crc16,
    find_reply,
    missing,
    packed,
    packets,
    stray,
)
from patrol_drivers.vesc.values import VALUES_MASK, Command

MASK = struct.pack(">I", VALUES_MASK)
FIRST = Request(Command.GET_VALUES_SELECTIVE, MASK, 1, behind_can=False)
SECOND = Request(Command.GET_VALUES_SELECTIVE, MASK, 1, behind_can=True)
VERSION = Request(Command.FW_VERSION, b"", 1, behind_can=False)
CONFIG = Request(Command.GET_APPCONF, b"", 1, behind_can=True)
OF_FIRST = packet(Unit(0).values(VALUES_MASK))
OF_SECOND = packet(Unit(1).values(VALUES_MASK))

KNOWN_FRAMES = [
    (VERSION, "02 01 00 00 00 03"),
    (Request(Command.GET_APPCONF, b"", 1, False), "02 01 11 02 10 03"),
    (CONFIG, "02 03 22 01 11 d9 87 03"),
    (FIRST, "02 05 32 00 22 e1 85 42 65 03"),
    (SECOND, "02 07 22 01 32 00 22 e1 85 09 d0 03"),
    (
        Request(Command.SET_RPM, struct.pack(">i", -1000), 1, False),
        "02 05 08 ff ff fc 18 43 78 03",
    ),
    (
        Request(Command.SET_CURRENT_BRAKE, struct.pack(">i", 10000), 1, True),
        "02 07 22 01 07 00 00 27 10 a1 21 03",
    ),
]
"""Payloads as comm/commands.c reads them, packed by the firmware's own comm/packet.c."""


@pytest.mark.parametrize(("request_", "frame"), KNOWN_FRAMES)
def test_known_frames(request_: Request, frame: str) -> None:
    assert request_.frame.hex(" ") == frame


def test_the_check_value_of_the_crc() -> None:
    assert crc16(b"123456789") == 0x31C3  # CRC catalogue, CRC-16/XMODEM


@pytest.mark.parametrize("size", [1, 2, 254, 255, 256, 257, 511, 512])
def test_every_length_that_a_vesc_takes_goes_out_and_comes_back(size: int) -> None:
    payload = bytes(at % 251 for at in range(size))
    frame = packed(payload)
    assert frame == packet(payload)
    assert frame[0] == (2 if size < 256 else 3)
    assert [found.payload for found in packets(b"\x03\x02" + frame + b"\x02")] == [payload]


@pytest.mark.parametrize(
    "frame",
    [
        b"\x02\x00\x00\x00\x03",
        b"\x03\x00\x05hello" + crc_bit_by_bit(b"hello").to_bytes(2, "big") + b"\x03",
        b"\x03\x02\x01" + bytes(513) + b"\x00\x00\x03",
        b"\x04\x00\x00\x05hello" + crc_bit_by_bit(b"hello").to_bytes(2, "big") + b"\x03",
        packet(b"hello")[:-1] + b"\x02",
    ],
    ids=["empty", "16 bits for a short one", "too long", "24 bits", "no stop"],
)
def test_what_a_vesc_does_not_send_is_no_packet(frame: bytes) -> None:
    assert packets(frame) == []
    assert stray(frame) == len(frame)


def test_one_flipped_bit_is_never_taken() -> None:
    for bit in range(8 * len(OF_FIRST)):
        answer = bytearray(OF_FIRST)
        answer[bit // 8] ^= 1 << bit % 8
        assert find_reply(FIRST, bytes(answer)) is None


@pytest.mark.parametrize(
    "noise", [b"", b"\x00", b"\x02", b"\x02\xff", b"\x03\x01", b"\x02\x02\x03"]
)
def test_an_answer_is_found_after_noise_and_however_it_is_split(noise: bytes) -> None:
    for have in range(len(OF_FIRST)):
        received = noise + OF_FIRST[:have]
        assert find_reply(FIRST, received) is None
        assert missing(received) <= len(OF_FIRST) - have + len(noise)
    reply = find_reply(FIRST, noise + OF_FIRST + noise)
    assert reply is not None
    assert packet(reply.payload) == OF_FIRST and reply.noise == len(noise)


def test_each_of_the_two_answers_for_itself() -> None:
    for request_, right, wrong in ((FIRST, OF_FIRST, OF_SECOND), (SECOND, OF_SECOND, OF_FIRST)):
        assert find_reply(request_, wrong) is None
        reply = find_reply(request_, wrong + right)
        assert reply is not None and packet(reply.payload) == right and reply.noise == 0


def test_other_packets_and_echoes_are_passed_over() -> None:
    printed = packet(b"\x15Fault")
    for request_ in (FIRST, SECOND, VERSION, CONFIG):
        assert find_reply(request_, request_.frame + printed) is None
    reply = find_reply(FIRST, FIRST.frame + printed + OF_FIRST)
    assert reply is not None and reply.noise == 0


def test_an_answer_to_another_mask_is_not_taken() -> None:
    assert find_reply(FIRST, packet(Unit(0).values(VALUES_MASK & ~1))) is None
    assert find_reply(FIRST, packet(Unit(0).values(VALUES_MASK | 2))) is None


@pytest.mark.parametrize("level", [b"\x00", b"\xff", b"\x02", b"\x03"])
def test_a_line_that_is_stuck_is_no_answer(level: bytes) -> None:
    for request_ in (FIRST, SECOND, VERSION, CONFIG):
        assert find_reply(request_, level * 80) is None
