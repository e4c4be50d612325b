"""The Sabertooth emulator under random bytes: nothing breaks it or moves a motor by chance."""

from __future__ import annotations

import math

from hypothesis import given, settings
from hypothesis import strategies as st
from tests.controllers.sabertooth_emulated import ADDRESS, SabertoothBench, packet

from patrol_emulators.sabertooth.unit import SabertoothParams

DRIVING = (0, 1, *range(4, 14))
ANY_COMMAND = st.integers(0, 127)
ANY_DATA = st.integers(0, 127)

chunks = st.one_of(
    st.binary(max_size=8),
    st.builds(lambda tail: bytes((ADDRESS,)) + tail, st.binary(max_size=6)),
    st.builds(
        lambda command, data, check: bytes((ADDRESS, command, data, check)),
        st.sampled_from(DRIVING), ANY_DATA, st.integers(0, 255),
    ),
)  # fmt: skip


def has_driving_packet(data: bytes) -> bool:
    """Whether four bytes in a row, anywhere, are a driving command with its check sum."""
    return any(
        address == ADDRESS and command in DRIVING and value < 128
        and check == (address + command + value) % 128
        for address, command, value, check in zip(data, data[1:], data[2:], data[3:], strict=False)
    )  # fmt: skip


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(chunks, st.sampled_from((0.0, 0.001, 0.02))), max_size=25))
def test_nothing_moves_a_motor_but_a_packet_with_its_check_sum(
    stream: list[tuple[bytes, float]],
) -> None:
    bench = SabertoothBench()
    for chunk, pause_s in stream:
        bench.send(chunk)
        bench.wait(pause_s)
    bench.wait(0.05)
    if not has_driving_packet(b"".join(chunk for chunk, _ in stream)):
        assert bench.speeds_radps == bench.duties == (0.0, 0.0)


@settings(max_examples=60, deadline=None)
@given(st.sampled_from(DRIVING), ANY_DATA, st.integers(0, 31))
def test_one_wrong_bit_is_always_found(command: int, data: int, bit: int) -> None:
    spoiled = int.from_bytes(packet(command, data), "big") ^ (1 << bit)
    bench = SabertoothBench()
    bench.send(spoiled.to_bytes(4, "big"))
    bench.wait(0.05)
    assert bench.tooth.snapshot().packets == 0 and bench.duties == (0.0, 0.0)


@settings(max_examples=60, deadline=None)
@given(st.binary(max_size=12), ANY_DATA)
def test_whatever_came_before_a_right_packet_is_heard(noise: bytes, data: int) -> None:
    bench = SabertoothBench()
    bench.send(noise)
    if bench.tooth.snapshot().packets == 0:
        bench.order(0, data)


@settings(max_examples=40, deadline=None)
@given(st.sampled_from((1, 2)), st.lists(st.tuples(ANY_COMMAND, ANY_DATA), max_size=30))
def test_any_numbers_in_a_right_packet_are_borne(
    version: int, orders: list[tuple[int, int]]
) -> None:
    bench = SabertoothBench(SabertoothParams(version=version))
    bench.send(b"\xaa")
    for command, data in orders:
        bench.send(packet(command, data))
        bench.wait(0.01)
    bench.wait(0.05)
    seen = bench.tooth.snapshot()
    assert all(math.isfinite(x) for x in (*seen.speeds_radps, *seen.currents_a, seen.supply_v))
    assert all(abs(duty) <= 1.0 for duty in bench.duties)
