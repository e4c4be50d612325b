"""Random histories of everything that can happen to two VESCs and their line."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.controllers.fake import FakeClock, RandomLine
from tests.controllers.vesc_bench import PARAMS, Bench
from tests.controllers.vesc_fake import Unit, packed

from patrol_drivers.motors import WheelSpeeds
from patrol_drivers.vesc.driver import VescDriver
from patrol_drivers.vesc.protocol import packets
from patrol_drivers.vesc.values import VALUES_MASK

Step = Callable[[Bench], object]

SET_BRAKE, SET_RPM, FORWARD = 7, 8, 34


def _set(name: str, value: object) -> Step:
    return lambda bench: setattr(bench.line, name, value)


def _drive(age_s: float, left: float, right: float) -> Step:
    return lambda bench: bench.driver.cycle(WheelSpeeds(bench.clock() - age_s, left, right, 5.0))


def _unit(at: int, name: str, value: object) -> Step:
    return lambda bench: setattr(bench.fake.units[at], name, value)


SPEEDS = st.sampled_from([0.0, 0.1, 1.0, -3.0, 100.0, math.nan, math.inf])
AT = st.integers(0, 1)
STEPS = st.one_of(
    st.builds(_drive, st.sampled_from([0.0, 0.1, 0.2, -1.0]), SPEEDS, SPEEDS),
    st.integers(1, 15).map(lambda n: lambda bench: bench.run(2.0, cycles=n)),
    st.just(lambda bench: bench.driver.cycle(None)),
    st.sampled_from([0.01, 0.1, 0.5, 2.0]).map(
        lambda dt_s: lambda bench: bench.clock.advance(dt_s)
    ),
    AT.map(lambda at: lambda bench: bench.fake.boot_one(at)),
    st.just(lambda bench: bench.fake.boot()),
    st.builds(_set, st.sampled_from(["plugged", "silent", "deaf", "echo"]), st.booleans()),
    st.builds(_set, st.sampled_from(["corrupt", "drop", "hold"]), st.integers(0, 5)),
    st.builds(_set, st.just("chunk"), st.sampled_from([1, 3, 1000])),
    st.builds(_set, st.just("noise"), st.lists(st.binary(min_size=1, max_size=20), max_size=8)),
    st.builds(_unit, AT, st.sampled_from(["silent", "killed"]), st.booleans()),
    st.builds(_unit, AT, st.just("fault"), st.sampled_from([0, 1, 10, 200])),
)


def _heal(bench: Bench) -> None:
    line = bench.line
    line.plugged, line.silent, line.deaf, line.echo = True, False, False, False
    line.corrupt = line.drop = line.hold = 0
    line.noise = []
    for unit in bench.fake.units:
        unit.silent, unit.killed, unit.fault = False, False, 0


@pytest.mark.parametrize("stop_brake_a", [10.0, 0.0])
@settings(max_examples=15, deadline=None)
@given(steps=st.lists(STEPS, max_size=20), started=st.booleans())
def test_no_motion_before_both_timeouts_were_read(
    stop_brake_a: float, steps: list[Step], started: bool
) -> None:
    bench = Bench(dataclasses.replace(PARAMS, stop_brake_a=stop_brake_a))
    bench.fake.boot_s = 0.1
    if started:
        bench.driver.start()
    for step in steps:
        step(bench)
    _heal(bench)
    bench.run(1.0, cycles=40)
    assert bench.first.erpm == bench.second.erpm != 0, "it did not recover"
    fastest = PARAMS.max_speed_radps * PARAMS.erpm_per_radps
    for taken in bench.fake.taken:
        if taken.command == SET_RPM and taken.number:
            assert taken.read_back
            assert abs(taken.number) <= fastest + 1
        elif taken.command == SET_BRAKE:
            assert taken.number == stop_brake_a * 1000 != 0


@settings(max_examples=15, deadline=None)
@given(st.lists(STEPS, max_size=20), AT, st.sampled_from([{"timeout_ms": 0}, {"signature": 5}]))
def test_no_motion_at_all_when_one_timeout_is_wrong(
    steps: list[Step], at: int, wrong: dict[str, int]
) -> None:
    bench = Bench()
    for name, value in wrong.items():
        setattr(bench.fake.units[at], name, value)
    for step in steps:
        step(bench)
    _heal(bench)
    bench.run(1.0, cycles=20)
    assert bench.fake.taken
    assert all(taken.command == SET_BRAKE for taken in bench.fake.taken)


def _wrongly_guarded(at: int) -> bytes:
    return packed(Unit(at, timeout_ms=60000).configuration())


ANSWERS = st.one_of(
    st.none(),
    st.binary(max_size=20),
    st.binary(min_size=1, max_size=20).map(packed),
    st.just(packed(b"\x00\x06\x05X\x00" + bytes(12))),
    AT.map(lambda at: packed(Unit(at).values(VALUES_MASK))),
    AT.map(_wrongly_guarded),
)


@settings(max_examples=40, deadline=None)
@given(st.lists(ANSWERS, max_size=60))
def test_nonsense_moves_nothing_and_breaks_nothing(answers: list[bytes | None]) -> None:
    clock = FakeClock()
    line = RandomLine(clock, answers)
    driver = VescDriver(PARAMS, line, clock)
    for _ in range(10):
        driver.cycle(WheelSpeeds(clock(), 1.0, 1.0, 5.0))
        clock.advance(0.1)
    driver.close()
    for data in line.written:
        for sent in packets(data):
            payload = sent.payload[2:] if sent.payload[0] == FORWARD else sent.payload
            assert payload[0] != SET_RPM


@settings(max_examples=15, deadline=None)
@given(st.lists(STEPS, max_size=20))
def test_close_leaves_the_wheels_at_rest(steps: list[Step]) -> None:
    bench = Bench()
    for step in steps:
        step(bench)
    _heal(bench)
    bench.driver.close()
    bench.clock.advance(PARAMS.watchdog_s + 0.01)
    assert not bench.moves
