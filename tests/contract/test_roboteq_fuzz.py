"""The Roboteq emulator under random bytes and under every fault.

Its lines have no check sum: noise can well be a command. What can be asked is that it bears
everything, and that nothing but a whole runtime command moves a motor.
"""

from __future__ import annotations

import math
import re

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.controllers.roboteq_emulated import RoboteqBench

from patrol_emulators.faults import FaultBoard, FaultKind, parse_fault
from patrol_emulators.link import Link
from patrol_emulators.roboteq.commands import QUERIES, RUNTIME
from patrol_emulators.roboteq.config import SETTINGS
from patrol_emulators.roboteq.controller import Roboteq
from patrol_emulators.roboteq.unit import BOOT_S, RoboteqParams

NAMES = (
    *(f"!{name}" for name in RUNTIME),
    *(f"?{name}" for name in QUERIES),
    *(f"{kind}{name}" for name in SETTINGS for kind in "^~"),
    *("%EESAV", "%RESET", "#", "#C"),
)
ANSWER = re.compile(r"([+-]|[A-Z]+=[^=\r]+)")
MOVING = re.compile(rb"! *[GSM] *[^\r_]*[1-9][^\r_]*[\r_]", re.IGNORECASE)

numbers = st.one_of(
    st.integers(1, 2), st.integers(-1000, 1000), st.integers(-(10**11), 10**11)
).map(str)
lines = st.builds(
    lambda name, words: " ".join([name, *words]), st.sampled_from(NAMES), st.lists(numbers)
)


@settings(max_examples=40, deadline=None)
@given(st.lists(lines, max_size=30))
def test_any_numbers_are_borne_and_every_line_has_one_answer_at_most(orders: list[str]) -> None:
    bench = RoboteqBench()
    for order in orders:
        answers = bench.send(order).decode("ascii")
        if bench.roboteq.receive(b"~ECHOF\r", bench.now_s) == b"ECHOF=1\r":
            assert answers == "" or ANSWER.fullmatch(answers.removesuffix("\r"))
        bench.wait(0.01)
    seen = bench.roboteq.snapshot()
    assert all(map(math.isfinite, (*seen.speeds_radps, *seen.currents_a, seen.supply_v)))


chunks = st.one_of(st.binary(max_size=12), lines.map(lambda line: line.encode("ascii") + b"\r"))


@settings(max_examples=40, deadline=None)
@given(st.lists(st.tuples(chunks, st.sampled_from((0.0, 0.001, 0.02))), max_size=25))
def test_nothing_moves_a_motor_but_a_whole_command(stream: list[tuple[bytes, float]]) -> None:
    bench = RoboteqBench()
    everything = b""
    for chunk, pause_s in stream:
        everything += chunk
        bench.roboteq.receive(chunk, bench.now_s)
        bench.wait(pause_s)
    bench.wait(0.05)
    heard = bytes(byte for byte in everything if byte == 0x0D or byte >= 0x20)
    if not MOVING.search(heard):
        assert bench.speeds_radps == (0.0, 0.0)


@settings(max_examples=25, deadline=None)
@given(st.binary(max_size=400), st.integers(1, 50))
def test_bytes_mean_the_same_however_they_come(data: bytes, size: int) -> None:
    whole, parts = Roboteq(RoboteqParams(), 0.0), Roboteq(RoboteqParams(), 0.0)
    together = whole.receive(data, 0.5)
    pieces = [data[k : k + size] for k in range(0, len(data), size)]
    assert b"".join(parts.receive(piece, 0.5) for piece in pieces) == together
    assert parts.snapshot().packets == whole.snapshot().packets


@pytest.mark.parametrize("kind", list(FaultKind))
def test_every_fault_passes(kind: FaultKind) -> None:
    """After it, a driver that begins anew drives again."""
    roboteq, faults = Roboteq(RoboteqParams(), 0.0), FaultBoard()
    cable = Link(roboteq, 115200, faults, np.random.default_rng(7))
    faults.add(parse_fault(f"{kind.value} 0.6", 0.4))
    order = b"!S 1 1500_!S 2 -1500\r"
    now_s = 0.0
    for _ in range(60):
        cable.exchange(order, now_s, now_s + 0.02)
        now_s += 0.02
    now_s += BOOT_S
    cable.exchange(b"\r^ECHOF 1_!M 0 0_!MG\r", now_s, now_s + 0.1)
    for _ in range(100):
        now_s += 0.02
        cable.exchange(order, now_s, now_s + 0.02)
    assert roboteq.snapshot().conditions == ()
    first, second = roboteq.snapshot().speeds_radps
    assert first > 5.0 and second < -5.0
