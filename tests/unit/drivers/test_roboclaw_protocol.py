"""Packets of the RoboClaw: known bytes, and nothing accepted whose CRC is wrong."""

from __future__ import annotations

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from tests.controllers.roboclaw_fake import crc_bit_by_bit

from patrol_drivers.roboclaw.protocol import (
    Answer,
    Request,
    crc16,
    find_reply,
    has_enough,
    missing,
    reading,
    reading_text,
    writing,
)
from patrol_drivers.roboclaw.values import ADDRESSES, MAX_TEXT, Command

ENCODERS = reading(0x80, Command.READ_ENCODERS, 8)
VERSION = reading_text(0x80, Command.READ_VERSION)
DRIVE = writing(
    0x80, Command.DRIVE_BOTH_WITH_ACCELERATION, bytes.fromhex("00002ee000001770ffffe890")
)

KNOWN_FRAMES = [
    (writing(0x80, Command.SET_SERIAL_TIMEOUT, b"\x02"), "80 0e 02 38 17"),
    (DRIVE, "80 28 00 00 2e e0 00 00 17 70 ff ff e8 90 67 03"),
    (
        writing(
            0x87, Command.DRIVE_BOTH_WITH_ACCELERATION, bytes.fromhex("ffffffff7fffffff80000001")
        ),
        "87 28 ff ff ff ff 7f ff ff ff 80 00 00 01 6b 3c",
    ),
    (ENCODERS, "80 4e"),
    (VERSION, "80 15"),
]
"""Taken from what the maker's Python library (basicmicro 2.0.10) writes."""

KNOWN_ANSWERS = [
    (reading(0x80, Command.READ_SERIAL_TIMEOUT, 1), "02 0b 26"),
    (ENCODERS, "ff ff ff 9c 00 00 00 64 2c 98"),
    (reading(0x80, Command.READ_SPEED_M1, 5), "00 00 03 e8 01 ea 57"),
    (reading(0x80, Command.READ_CURRENTS, 4), "00 96 ff ec 87 5b"),
    (reading(0x80, Command.READ_MAIN_BATTERY, 2), "00 f5 88 40"),
    (reading(0x80, Command.READ_STATUS, 4), "00 00 00 00 87 bc"),
    (VERSION, "52 6f 62 6f 43 6c 61 77 20 31 30 2e 32 41 20 76 34 2e 31 2e 31 31 0a 00 3a d5"),
]
"""Answers that the same library takes; the last is the manual's example (p. 68)."""


@pytest.mark.parametrize(("request_", "frame"), KNOWN_FRAMES)
def test_known_frames(request_: Request, frame: str) -> None:
    assert request_.frame == bytes.fromhex(frame)


@pytest.mark.parametrize(("request_", "answer"), KNOWN_ANSWERS)
def test_known_answers(request_: Request, answer: str) -> None:
    received = bytes.fromhex(answer)
    reply = find_reply(request_, received)
    assert reply is not None
    assert reply.data == received[:-2] and reply.skipped == b""


def test_the_check_value_of_the_crc() -> None:
    assert crc16(b"123456789") == 0x31C3  # CRC catalogue, CRC-16/XMODEM


@settings(max_examples=40, deadline=None)
@given(st.binary(max_size=40))
def test_the_crc_is_that_of_long_division(data: bytes) -> None:
    assert crc16(data) == crc_bit_by_bit(data)


REQUESTS = st.sampled_from(
    [
        ENCODERS,
        VERSION,
        DRIVE,
        reading(0x80, Command.READ_STATUS, 2),
        reading(0x80, Command.READ_STATUS, 4),
        reading(0x80, Command.READ_SERIAL_TIMEOUT, 1),
    ]
)


@settings(max_examples=60, deadline=None)
@given(REQUESTS, st.binary(max_size=80))
@example(ENCODERS, b"")
@example(VERSION, b"\x00" * 60)
def test_no_bytes_break_the_parser_and_no_wrong_crc_is_taken(
    request_: Request, received: bytes
) -> None:
    reply = find_reply(request_, received)
    assert missing(request_, received) >= 1
    if reply is None:
        return
    assert received.startswith(reply.skipped + reply.data)
    if request_.answer is Answer.ACK:
        assert reply.data == b"\xff"
        return
    size = len(reply.data)
    assert size == request_.size or request_.answer is Answer.TEXT
    assert size <= MAX_TEXT
    end = len(reply.skipped) + size
    crc = received[end : end + 2]
    signed = bytes((request_.address, request_.command)) + reply.data
    assert crc == crc_bit_by_bit(signed).to_bytes(2, "big")


@settings(max_examples=60, deadline=None)
@given(st.binary(min_size=8, max_size=8), st.integers(0, 79), st.binary(max_size=8))
def test_one_flipped_bit_is_never_taken(data: bytes, bit: int, noise: bytes) -> None:
    answer = bytearray(data + crc_bit_by_bit(b"\x80\x4e" + data).to_bytes(2, "big"))
    answer[bit // 8] ^= 1 << bit % 8
    assert find_reply(ENCODERS, bytes(answer)) is None


@settings(max_examples=60, deadline=None)
@given(st.binary(min_size=8, max_size=8), st.binary(max_size=6))
def test_an_answer_after_noise_is_found(data: bytes, noise: bytes) -> None:
    answer = data + crc_bit_by_bit(b"\x80\x4e" + data).to_bytes(2, "big")
    reply = find_reply(ENCODERS, noise + answer)
    assert reply is not None
    if reply.skipped == noise:
        assert reply.data == data


@pytest.mark.parametrize("level", [b"\x00", b"\xff"])
@pytest.mark.parametrize("size", [1, 2, 4, 5, 8])
def test_a_line_stuck_at_zero_or_one_is_no_answer(size: int, level: bytes) -> None:
    for address in ADDRESSES:
        for command in Command:
            assert find_reply(reading(address, command, size), level * 12) is None
            assert find_reply(reading_text(address, command), level * 12) is None


def test_an_answer_to_another_address_or_command_is_not_taken() -> None:
    data = bytes(range(8))
    for head in (b"\x81\x4e", b"\x80\x4f"):
        answer = data + crc_bit_by_bit(head + data).to_bytes(2, "big")
        assert find_reply(ENCODERS, answer) is None


class TestAcknowledgement:
    """An echo of a drive command holds bytes 0xFF: they are no acknowledgement."""

    def test_alone(self) -> None:
        reply = find_reply(DRIVE, b"\xff")
        assert reply is not None and reply.skipped == b""

    def test_after_noise(self) -> None:
        reply = find_reply(DRIVE, b"\x12\x80\xff")
        assert reply is not None and reply.skipped == b"\x12\x80"

    @pytest.mark.parametrize("length", range(1, 17))
    def test_not_in_an_echo_however_it_is_split(self, length: int) -> None:
        assert find_reply(DRIVE, DRIVE.frame[:length]) is None

    def test_after_the_echo(self) -> None:
        reply = find_reply(DRIVE, DRIVE.frame + b"\xff")
        assert reply is not None and reply.skipped == DRIVE.frame


def test_what_is_enough_to_call_the_crc_wrong() -> None:
    assert not has_enough(ENCODERS, bytes(9))
    assert has_enough(ENCODERS, bytes(10))
    assert not has_enough(VERSION, b"RoboClaw\n")
    assert not has_enough(VERSION, b"RoboClaw\n\x00\x11")
    assert has_enough(VERSION, b"RoboClaw\n\x00\x11\x22")
