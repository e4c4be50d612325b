"""The ODrive emulator under random bytes: nothing breaks it, nothing moves a motor by chance."""

from __future__ import annotations

import math

from hypothesis import given, settings
from hypothesis import strategies as st
from tests.controllers.odrive_emulated import OdriveBench, arm_watchdog, summed

from patrol_emulators.odrive.lines import parse
from patrol_emulators.odrive.properties import PROPERTIES

numbers = st.one_of(
    st.floats(width=32).map(str),
    st.integers(-(2**70), 2**70).map(str),
    st.sampled_from(("", "0", "1", "8", "1e39", "-", "nan", "x")),
)
lines = st.one_of(
    st.builds(
        lambda letter, axis, values: f"{letter} {axis} {' '.join(values)}",
        st.sampled_from(("v", "p", "q", "c", "t", "f", "u", "esl")),
        st.sampled_from("012"),
        st.lists(numbers, max_size=4),
    ),
    st.builds(
        lambda letter, name, value: f"{letter} {name} {value}",
        st.sampled_from("rw"),
        st.sampled_from([*sorted(PROPERTIES), "axis0.config", "."]),
        numbers,
    ),
    st.sampled_from(("sc", "s", "i", "h", "")),
).map(str.encode)
pauses = st.sampled_from((0.0, 0.001, 0.01))


@settings(deadline=None)
@given(st.binary(max_size=60).filter(lambda data: not set(data) & set(b"*;\0")))
def test_a_line_with_its_check_sum_is_understood(data: bytes) -> None:
    line = parse(summed(data)[:-1])
    assert line is not None and line.sealed and line.text.encode("latin-1") == data


@settings(max_examples=40, deadline=None)
@given(
    st.lists(
        st.tuples(st.one_of(st.binary(max_size=40), lines.map(lambda x: x + b"\n")), pauses),
        max_size=25,
    )
)
def test_nothing_moves_a_motor_before_closed_loop_control(
    stream: list[tuple[bytes, float]],
) -> None:
    bench = OdriveBench()
    for chunk, pause_s in stream:
        if b"requested_state" not in chunk:
            bench.send(chunk)
            bench.wait(pause_s)
    bench.wait(0.05)
    assert bench.turns_per_s == (0.0, 0.0)
    assert all(drive.coast for drive in bench.plant.drives)


@settings(max_examples=40, deadline=None)
@given(st.sampled_from((b"v 0 1.5", b"c 0 3", b"p 1 -2", b"v 1 11")), st.data())
def test_a_wrong_bit_is_found_unless_it_takes_the_check_sum_away(
    body: bytes, data: st.DataObject
) -> None:
    """Without its asterisk, or with a line end in the middle, a line has no check sum."""
    line = summed(body)
    at = data.draw(st.integers(0, len(line) - 2).filter(lambda at: line[at] != ord("*")))
    changed = bytearray(line)
    changed[at] ^= 1 << data.draw(st.integers(0, 7))
    bench = OdriveBench()
    bench.order("w axis0.controller.config.input_mode 1", "w axis1.controller.config.input_mode 1")
    bench.close_loops()
    before = bench.odrive.snapshot().packets
    bench.send(bytes(changed))
    if changed[at] not in b"\r\n!;":
        assert bench.odrive.snapshot().packets == before
        bench.wait(0.05)
        assert bench.turns_per_s == (0.0, 0.0)


@settings(max_examples=40, deadline=None)
@given(st.lists(st.tuples(lines, pauses), max_size=25))
def test_any_numbers_in_a_right_line_are_borne(orders: list[tuple[bytes, float]]) -> None:
    bench = OdriveBench()
    bench.send(arm_watchdog(5.0))
    bench.close_loops("v 0 1", "v 1 -1")
    for order, pause_s in orders:
        bench.send(summed(order))
        bench.wait(pause_s)
    bench.wait(0.05)
    seen = bench.odrive.snapshot()
    assert all(math.isfinite(x) for x in (*seen.speeds_radps, *seen.currents_a, seen.supply_v))
    for name in PROPERTIES:
        float(bench.ask(f"r {name}"))
