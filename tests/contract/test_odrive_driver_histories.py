"""Random histories of everything that can happen to an ODrive and its line."""

from __future__ import annotations

import math
from collections.abc import Callable

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from tests.controllers.fake import FakeClock, RandomLine
from tests.controllers.odrive_bench import Bench

from patrol_drivers.motors import WheelSpeeds
from patrol_drivers.odrive.driver import ODriveDriver
from patrol_drivers.odrive.params import ODriveParams

Step = Callable[[Bench], object]


def _set(name: str, value: object) -> Step:
    return lambda bench: setattr(bench.line, name, value)


def _drive(age_s: float, left: float, right: float) -> Step:
    return lambda bench: bench.driver.cycle(WheelSpeeds(bench.clock() - age_s, left, right, 5.0))


def _fail(name: str, bits: int) -> Step:
    return lambda bench: bench.fake.fail(name, bits)


def _change(axis: int, name: str, value: float) -> Step:
    return lambda bench: bench.fake.axes[axis].numbers.update({name: value})


SPEEDS = st.sampled_from([0.0, 1.0, -3.0, 100.0, math.nan, math.inf])
STEPS = st.one_of(
    st.builds(_drive, st.sampled_from([0.0, 0.1, 0.2]), SPEEDS, SPEEDS),
    st.integers(1, 15).map(lambda n: lambda bench: bench.run(2.0, cycles=n)),
    st.just(lambda bench: bench.driver.cycle(None)),
    st.sampled_from([0.01, 0.1, 0.5]).map(lambda dt_s: lambda bench: bench.clock.advance(dt_s)),
    st.just(lambda bench: bench.fake.boot()),
    st.builds(_set, st.sampled_from(["plugged", "silent", "deaf", "echo"]), st.booleans()),
    st.builds(_set, st.sampled_from(["corrupt", "drop", "hold"]), st.integers(0, 5)),
    st.builds(_set, st.just("chunk"), st.sampled_from([1, 3, 1000])),
    st.builds(_set, st.just("noise"), st.lists(st.binary(min_size=1, max_size=30), max_size=8)),
    st.builds(
        _fail,
        st.sampled_from(["error", "axis0.error", "axis1.motor.error", "axis0.encoder.error"]),
        st.sampled_from([1, 2, 0x800, 1 << 17]),
    ),
    st.builds(
        _change,
        st.sampled_from([0, 1]),
        st.sampled_from(["current_state", "controller.config.input_mode"]),
        st.sampled_from([1, 8]),
    ),
)


def _heal(bench: Bench) -> None:
    """Mend the line, and clear what a person has to."""
    line = bench.line
    line.plugged, line.silent, line.deaf, line.echo = True, False, False, False
    line.corrupt = line.drop = line.hold = 0
    line.noise = []
    bench.fake.answer(b"sc\n")


@settings(max_examples=30, deadline=None)
@given(st.lists(STEPS, max_size=30), st.booleans())
def test_no_motion_before_the_watchdog_was_read_back(steps: list[Step], started: bool) -> None:
    bench = Bench()
    if started:
        bench.driver.start()
    for step in steps:
        step(bench)
    _heal(bench)
    bench.run(1.0, cycles=40)
    assert bench.moves, "it did not recover"
    fastest = bench.params.max_speed_radps * bench.params.turns_per_rad
    for driven in bench.fake.driven:
        if driven.turns_per_s:
            assert driven.read_back
            assert driven.timeout_s == pytest.approx(bench.params.watchdog_s)
            assert abs(driven.turns_per_s) <= fastest + 1e-4


NONSENSE = st.one_of(
    st.none(), st.binary(max_size=20), st.sampled_from([b"8*56\r\n", b"1*49\r\n", b"0*48\r\n"])
)


@settings(max_examples=40, deadline=None)
@given(st.lists(NONSENSE, max_size=60))
@example([None] * 5)
def test_nonsense_moves_nothing_and_breaks_nothing(answers: list[bytes | None]) -> None:
    clock, is_off = FakeClock(), None in answers
    line = RandomLine(clock, answers)
    driver = ODriveDriver(ODriveParams(), line, clock)
    for _ in range(10):
        driver.cycle(WheelSpeeds(clock(), 1.0, 1.0, 5.0))
        clock.advance(0.1)
    driver.close()
    lines = [line for data in line.written for line in data.splitlines()]
    assert lines or is_off, "it says something unless the cable is off all the time"
    assert not any(b"requested_state 8" in line for line in lines)
    assert all(line[4:10] == b"0.0000" for line in lines if line.startswith(b"v"))


@settings(max_examples=15, deadline=None)
@given(st.lists(STEPS, max_size=30))
def test_close_leaves_the_wheels_at_rest(steps: list[Step]) -> None:
    bench = Bench()
    for step in steps:
        step(bench)
    _heal(bench)
    bench.driver.close()
    bench.clock.advance(bench.params.watchdog_s + 0.01)
    assert not bench.moves
