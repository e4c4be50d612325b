"""Lines of the Roboteq: the manual's examples, and what a wrong bit can do."""

from __future__ import annotations

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from patrol_drivers.roboteq.command import ECHO_ON, STOPS
from patrol_drivers.roboteq.protocol import Request, asking, find_reply, missing
from patrol_drivers.roboteq.values import (
    CURRENTS,
    ENCODERS,
    FAULTS,
    FIRMWARE,
    MODEL,
    MOTOR_FLAGS,
    SPEEDS,
    TEMPERATURES,
    VOLTS,
    WATCHDOG,
    Query,
)

DRIVE = Request("!S 1 -191")
QUERIES = [CURRENTS, ENCODERS, FAULTS, FIRMWARE, MOTOR_FLAGS, SPEEDS, TEMPERATURES, WATCHDOG]
REQUESTS = st.sampled_from([DRIVE, ECHO_ON, *STOPS, *map(asking, QUERIES)])


@pytest.mark.parametrize(
    ("query", "answer", "numbers"),
    [
        (CURRENTS, b"A=100:200", (100, 200)),  # p. 238
        (FAULTS, b"FF=2", (2,)),  # p. 253
        (VOLTS, b"V=135:246:4730", (135, 246, 4730)),
        (ENCODERS, b"C=-2147483648:2147483647", (-(2**31), 2**31 - 1)),
        (WATCHDOG, b"RWD=1000", (1000,)),
    ],
)
def test_answers_of_the_manual(query: Query, answer: bytes, numbers: tuple[int, ...]) -> None:
    request = asking(query)
    received = request.frame + answer + b"\r"
    for end in range(len(received)):
        assert find_reply(request, received[:end], echoed=True) is None
        assert missing(request, received[:end], echoed=True) <= len(received) - end
    reply = find_reply(request, received, echoed=True)
    assert reply is not None and reply.numbers == numbers and not reply.refused


@pytest.mark.parametrize(
    ("query", "text"),
    [(FIRMWARE, "Roboteq v1.6 RCB500 05/01/2016"), (MODEL, "RCB500:HDC2460")],  # p. 254, 268
)
def test_names(query: Query, text: str) -> None:
    request = asking(query)
    reply = find_reply(request, request.frame + f"{query.ask[1:]}={text}\r".encode(), True)
    assert reply is not None and reply.text == text
    assert find_reply(request, request.frame + query.tag + b"\xff\x01\r", True) is None


@pytest.mark.parametrize(("answer", "refused"), [(b"+\r", False), (b"-\r", True)])
def test_commands_are_taken_or_refused(answer: bytes, refused: bool) -> None:
    reply = find_reply(DRIVE, DRIVE.frame + answer, echoed=True)
    assert reply is not None and reply.refused == refused


@pytest.mark.parametrize(
    "received",
    [
        b"+\r",
        b"!S 1 -19\r+\r",
        b"!S 1 -1911\r+\r",
        b"!S 1-191\r+\r",
        b"x!S 1 -191\r+\r",
        b"!S 1 -191\r*\r",
        b"!S 1 -191\r?S\r+\r",
        b"!S 1 -191\r+",
        b"+\r!S 1 -191\r",
    ],
)
def test_what_the_controller_heard_has_to_be_what_was_said(received: bytes) -> None:
    assert find_reply(DRIVE, received, echoed=True) is None


@pytest.mark.parametrize(
    "answer",
    ["C=1", "C=1:2:3", "C=", "C=1:", "C=1:x", "C=1 :2", "C=2147483648:0", "CR=1:2", "S=1:2"],
)
def test_the_form_the_tag_and_the_range_of_an_answer(answer: str) -> None:
    request = asking(ENCODERS)
    assert find_reply(request, request.frame + answer.encode() + b"\r", echoed=True) is None


def test_before_the_echo_is_known_to_be_on_an_answer_counts_alone() -> None:
    reply = find_reply(ECHO_ON, b"zz\r+\r", echoed=False)
    assert reply is not None and reply.stray == 2
    reply = find_reply(ECHO_ON, ECHO_ON.frame + b"+\r", echoed=False)
    assert reply is not None and reply.stray == 0


def test_a_line_that_echoes_too_and_what_was_left_over() -> None:
    frame = DRIVE.frame
    reply = find_reply(DRIVE, b"-\r" + frame + frame + b"+\r", echoed=True)
    assert reply is not None and reply.echoed_twice and reply.stray == 1
    late = find_reply(DRIVE, frame + b"-\r" + b"\r" + frame + b"+\r", echoed=True)
    assert late is not None and not late.refused and not late.echoed_twice


@settings(max_examples=30, deadline=None)
@given(REQUESTS, st.lists(st.sampled_from([b"\r", b"+", b"-", b"C=1:2", b"!S 1 -191\r", b"\xff"])))
@example(asking(FIRMWARE), [])
def test_no_bytes_break_the_parser(request_: Request, parts: list[bytes]) -> None:
    received = b"".join(parts)
    for echoed in (False, True):
        assert missing(request_, received, echoed) >= 1
        reply = find_reply(request_, received, echoed)
        if reply is not None and echoed:
            assert request_.frame in received


def flips(line: bytes) -> list[bytes]:
    """Every line with one wrong bit."""
    return [
        line[:at] + bytes((line[at] ^ 1 << bit,)) + line[at + 1 :]
        for at in range(len(line))
        for bit in range(8)
    ]


def test_one_wrong_bit_in_an_echo_or_acknowledgement_is_always_found() -> None:
    for received in flips(DRIVE.frame + b"+\r"):
        assert find_reply(DRIVE, received, echoed=True) is None


def test_one_wrong_bit_in_an_answer_passes_only_from_digit_to_digit() -> None:
    request = asking(ENCODERS)
    answer = b"C=1234567:8901234\r"
    digits = sum(byte in b"0123456789" for byte in answer)
    passed = [
        received
        for received in flips(request.frame + answer)
        if find_reply(request, received, echoed=True) is not None
    ]
    assert 2 * digits < len(passed) < 4 * digits
    for received in passed:
        changed = received[len(request.frame) :]
        assert changed.translate(bytes(256), b"0123456789") == b"\x00" * 4
