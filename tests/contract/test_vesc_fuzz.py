"""The emulator of two VESCs under random bytes: nothing breaks it, no chance moves a motor."""

from __future__ import annotations

import binascii
import math
import struct

from hypothesis import given, settings
from hypothesis import strategies as st
from tests.controllers.vesc_emulated import SIGNATURE, VescBench, packet, payloads, values

from patrol_emulators.vesc.packets import PacketParser, framed

DRIVING = (5, 6, 7, 8)
KNOWN = (0, 4, *DRIVING, 17, 30, 34, 50, 149)
LONGEST_PACKET = 517

known_payloads = st.one_of(
    st.builds(
        lambda command, data: bytes((command,)) + data,
        st.sampled_from(KNOWN),
        st.binary(max_size=12),
    ),
    st.builds(
        lambda command, data: bytes((34, 2, command)) + data,
        st.sampled_from(KNOWN),
        st.binary(max_size=12),
    ),
    st.binary(min_size=274, max_size=274).map(
        lambda rest: struct.pack(">BI", 149, SIGNATURE) + rest
    ),
)
chunks = st.one_of(
    st.binary(max_size=12),
    known_payloads.map(lambda payload: bytes((2, len(payload) & 0xFF)) + payload),
    known_payloads.map(packet),
)


@settings(max_examples=50, deadline=None)
@given(st.binary(min_size=1, max_size=512))
def test_a_payload_comes_out_as_it_went_in(payload: bytes) -> None:
    assert framed(payload) == packet(payload)
    assert payloads(framed(payload)) == list(PacketParser().feed(packet(payload))) == [payload]


@settings(max_examples=50, deadline=None)
@given(st.lists(chunks, max_size=20), st.integers(1, 40))
def test_it_does_not_matter_how_bytes_are_cut(stream: list[bytes], size: int) -> None:
    data, parser = b"".join(stream), PacketParser()
    at_once = list(PacketParser().feed(data))
    pieces = [data[start : start + size] for start in range(0, len(data), size)]
    assert [payload for piece in pieces for payload in parser.feed(piece)] == at_once


@settings(max_examples=50, deadline=None)
@given(st.binary(max_size=60), known_payloads)
def test_after_enough_zeros_every_packet_is_found(junk: bytes, payload: bytes) -> None:
    parser = PacketParser()
    found = list(parser.feed(junk + bytes(LONGEST_PACKET) + packet(payload)))
    assert found[-1] == payload


@settings(max_examples=50, deadline=None)
@given(st.lists(st.tuples(chunks, st.sampled_from((0.0, 0.001, 0.011))), max_size=20))
def test_nothing_moves_a_motor_but_a_packet_with_a_valid_check_sum(
    stream: list[tuple[bytes, float]],
) -> None:
    bench, everything = VescBench(), b""
    for chunk, pause_s in stream:
        everything += chunk
        bench.send(chunk)
        bench.wait(pause_s)
    bench.wait(0.05)
    if not any(_drives_at(everything, start) for start in range(len(everything))):
        assert all(drive.coast for drive in bench.plant.drives)
        assert bench.speeds_radps == (0.0, 0.0)


def _drives_at(data: bytes, start: int) -> bool:
    """Whether a driving packet, or one for the second unit, with a right CRC is at `start`."""
    if data[start] not in {2, 3} or len(data) < start + 6:
        return False
    begin = start + data[start]
    end = begin + int.from_bytes(data[start + 1 : begin], "big")
    crc = int.from_bytes(data[end : end + 2], "big")
    payload = data[begin:end]
    return payload[:1] in {b"\x05", b"\x06", b"\x07", b"\x08", b"\x22", b"\x95"} and (
        crc == binascii.crc_hqx(payload, 0)
    )


@settings(max_examples=50, deadline=None)
@given(st.sampled_from(DRIVING), st.integers(-(2**31), 2**31 - 1), st.data())
def test_one_wrong_bit_is_always_found(command: int, value: int, data: st.DataObject) -> None:
    sent = bytearray(packet(struct.pack(">Bi", command, value)))
    at = data.draw(st.integers(0, len(sent) - 1))
    sent[at] ^= 1 << data.draw(st.integers(0, 7))
    bench = VescBench()
    bench.send(bytes(sent))
    bench.wait(0.05)
    assert all(drive.coast for drive in bench.plant.drives)
    assert bench.speeds_radps == (0.0, 0.0)


@settings(max_examples=50, deadline=None)
@given(st.lists(known_payloads, max_size=20))
def test_any_numbers_in_a_right_packet_are_borne(orders: list[bytes]) -> None:
    bench = VescBench()
    for payload in orders:
        payloads(bench.send(packet(payload)) + bench.wait(0.01))
    payloads(bench.wait(0.2))
    seen = bench.vescs.snapshot()
    assert all(math.isfinite(x) for x in (*seen.speeds_radps, *seen.currents_a, seen.supply_v))
    assert all(math.isfinite(x) for x in values(bench.ask(b"\x04")).values())
