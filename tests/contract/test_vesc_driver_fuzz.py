"""The VESC driver's parser and its ramp, under whatever may come."""

from __future__ import annotations

import struct

from hypothesis import example, given, settings
from hypothesis import strategies as st
from tests.controllers.vesc_fake import Unit, crc_bit_by_bit
from tests.controllers.vesc_fake import packed as packet

from patrol_drivers.motors import Sides, WheelSpeeds
from patrol_drivers.ramp import Ramp
from patrol_drivers.vesc.protocol import Request, crc16, find_reply, missing, packets
from patrol_drivers.vesc.values import VALUES_MASK, Command

MASK = struct.pack(">I", VALUES_MASK)
FIRST = Request(Command.GET_VALUES_SELECTIVE, MASK, 1, behind_can=False)
SECOND = Request(Command.GET_VALUES_SELECTIVE, MASK, 1, behind_can=True)
VERSION = Request(Command.FW_VERSION, b"", 1, behind_can=False)
CONFIG = Request(Command.GET_APPCONF, b"", 1, behind_can=True)
OF_FIRST = packet(Unit(0).values(VALUES_MASK))
REST = Sides(0.0, 0.0)


@settings(max_examples=60, deadline=None)
@given(st.binary(max_size=40))
def test_the_crc_is_that_of_long_division(data: bytes) -> None:
    assert crc16(data) == crc_bit_by_bit(data)


STREAMS = st.lists(
    st.one_of(st.binary(max_size=20), st.binary(min_size=1, max_size=9).map(packet)), max_size=6
).map(b"".join)


@settings(max_examples=100, deadline=None)
@given(st.sampled_from([FIRST, SECOND, VERSION, CONFIG]), STREAMS)
@example(FIRST, b"")
@example(FIRST, b"\x02" * 60)
@example(CONFIG, b"\x03\x01\xff" * 20)
def test_no_bytes_break_the_parser_and_no_wrong_crc_is_taken(
    request_: Request, received: bytes
) -> None:
    assert missing(received) >= 1
    end = 0
    for found in packets(received):
        assert end <= found.start < found.end
        end = found.end
        assert received[found.start : found.end] == packet(found.payload)
    reply = find_reply(request_, received)
    if reply is not None:
        assert packet(reply.payload) in received
        assert reply.payload[0] == request_.command


@settings(max_examples=60, deadline=None)
@given(st.binary(max_size=9), st.binary(max_size=9), st.integers(0, len(OF_FIRST) - 1))
def test_an_answer_among_noise_is_found_and_not_waited_for_too_long(
    before: bytes, after: bytes, have: int
) -> None:
    assert missing(before + OF_FIRST[:have]) <= len(OF_FIRST) - have
    reply = find_reply(FIRST, before + OF_FIRST + after)
    assert reply is not None
    assert packet(reply.payload) == OF_FIRST and reply.noise <= len(before)


SPEED = st.floats(-5.0, 5.0)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(SPEED, SPEED, st.floats(0.1, 9.0), st.floats(0.0, 0.1)), max_size=8))
def test_no_step_of_the_ramp_is_longer_than_allowed_nor_leaves_the_limits(
    targets: list[tuple[float, float, float, float]],
) -> None:
    ramp, now_s, before = Ramp(), 0.0, REST
    for left, right, acceleration, dt_s in targets:
        now_s += dt_s
        at = ramp.step(WheelSpeeds(now_s, left, right, acceleration), now_s, REST)
        for one, last in zip(at, before, strict=True):
            assert abs(one - last) <= acceleration * dt_s + 1e-9
            assert abs(one) <= 5.0 + 1e-9
        before = at
