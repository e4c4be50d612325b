"""The RoboClaw emulator under random bytes: nothing breaks it, nothing moves a motor by chance."""

from __future__ import annotations

import binascii
import math
import struct

from hypothesis import given, settings
from hypothesis import strategies as st
from tests.controllers.roboclaw_emulated import ADDRESS, RoboclawBench, question

from patrol_emulators.roboclaw.packets import READS, WRITES, crc16

DRIVING = frozenset({0, 1, 4, 5, 6, 7, *range(32, 47), *range(50, 55)}) & WRITES.keys()


@settings(deadline=None)
@given(st.binary(max_size=60))
def test_the_check_sum_agrees_with_python_s(data: bytes) -> None:
    assert crc16(data) == binascii.crc_hqx(data, 0)


chunks = st.one_of(
    st.binary(max_size=12),
    st.builds(
        lambda command, tail: bytes((ADDRESS, command)) + tail,
        st.sampled_from(sorted(READS | WRITES.keys())),
        st.binary(max_size=30),
    ),
)


def spoiled(packet: bytes, at: int, bit: int) -> bytes:
    changed = bytearray(packet)
    changed[at % len(packet)] ^= 1 << bit
    return bytes(changed)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(chunks, st.sampled_from((0.0, 0.001, 0.011))), max_size=25))
def test_nothing_moves_a_motor_but_a_packet_with_a_valid_check_sum(
    stream: list[tuple[bytes, float]],
) -> None:
    bench = RoboclawBench()
    everything = b""
    for chunk, pause_s in stream:
        everything += chunk
        bench.send(chunk)
        bench.wait(pause_s)
    bench.wait(0.05)
    if not any(_valid_at(everything, start) for start in range(len(everything))):
        assert bench.speeds_radps == (0.0, 0.0)
        assert bench.claw.plant.drives[0].duty == bench.claw.plant.drives[1].duty == 0.0


def _valid_at(data: bytes, start: int) -> bool:
    """Whether a driving packet with a right CRC begins at `start`."""
    head = data[start : start + 2]
    if len(head) < 2 or head[0] != ADDRESS or head[1] not in DRIVING:
        return False
    size = 2 + struct.calcsize(">" + WRITES[head[1]])
    body, crc = data[start : start + size], data[start + size : start + size + 2]
    return len(crc) == 2 and binascii.crc_hqx(body, 0) == int.from_bytes(crc, "big")


@settings(max_examples=60, deadline=None)
@given(st.sampled_from(sorted(DRIVING)), st.data())
def test_one_wrong_bit_is_always_found(command: int, data: st.DataObject) -> None:
    layout = WRITES[command]
    body = bytes((ADDRESS, command)) + data.draw(
        st.binary(min_size=struct.calcsize(">" + layout), max_size=struct.calcsize(">" + layout))
    )
    packet = body + binascii.crc_hqx(body, 0).to_bytes(2, "big")
    bench = RoboclawBench()
    at = data.draw(st.integers(0, len(packet) - 1))
    bench.send(spoiled(packet, at, data.draw(st.integers(0, 7))))
    bench.wait(0.05)
    assert bench.speeds_radps == (0.0, 0.0)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(st.sampled_from(sorted(WRITES)), st.binary(min_size=30, max_size=30))))
def test_any_numbers_in_a_right_packet_are_borne(orders: list[tuple[int, bytes]]) -> None:
    bench = RoboclawBench()
    for command, noise in orders:
        body = bytes((ADDRESS, command)) + noise[: struct.calcsize(">" + WRITES[command])]
        assert bench.send(body + binascii.crc_hqx(body, 0).to_bytes(2, "big")) in {b"", b"\xff"}
        bench.wait(0.01)
    bench.wait(0.05)
    seen = bench.claw.snapshot()
    assert all(math.isfinite(x) for x in (*seen.speeds_radps, *seen.currents_a, seen.supply_v))
    for command in READS:
        answer = bench.send(question(command))
        body = question(command) + answer[:-2]
        assert binascii.crc_hqx(body, 0) == int.from_bytes(answer[-2:], "big")
