"""Random histories of everything that can happen to a Sabertooth and its line."""

from __future__ import annotations

import math
from collections.abc import Callable

from hypothesis import given, settings
from hypothesis import strategies as st
from tests.controllers.sabertooth_bench import AUTOBAUD, DECLARED, Bench

from patrol_drivers.motors import WheelSpeeds
from patrol_drivers.sabertooth.params import SabertoothParams

Step = Callable[[Bench], object]


def _set(name: str, value: object) -> Step:
    return lambda bench: setattr(bench.line, name, value)


def _drive(age_s: float, left: float, right: float) -> Step:
    return lambda bench: bench.driver.cycle(WheelSpeeds(bench.clock() - age_s, left, right, 5.0))


def _damage(*spoils: Callable[[bytes], bytes]) -> Step:
    return lambda bench: bench.fake.spoil.extend(spoils)


def _flipped(bit: int) -> Callable[[bytes], bytes]:
    def flip(data: bytes) -> bytes:
        changed = bytearray(data)
        changed[bit // 8 % len(data)] ^= 1 << bit % 8
        return bytes(changed)

    return flip


def _cut(length: int) -> Callable[[bytes], bytes]:
    return lambda data: data[:length]


SPEEDS = st.sampled_from([0.0, 1.0, -3.0, 100.0, math.nan, math.inf])
STEPS = st.one_of(
    st.builds(_drive, st.sampled_from([0.0, 0.1, 0.2]), SPEEDS, SPEEDS),
    st.integers(1, 15).map(lambda n: lambda bench: bench.run(2.0, cycles=n)),
    st.just(lambda bench: bench.driver.cycle(None)),
    st.sampled_from([0.01, 0.1, 0.5]).map(lambda dt_s: lambda bench: bench.clock.advance(dt_s)),
    st.just(lambda bench: bench.driver.close()),
    st.builds(_set, st.sampled_from(["plugged", "silent", "deaf", "echo"]), st.booleans()),
    st.builds(_set, st.just("noise"), st.lists(st.binary(min_size=1, max_size=30), max_size=8)),
)
RESETS = st.just(lambda bench: bench.fake.boot())
DAMAGE = st.one_of(
    st.integers(0, 103).map(lambda bit: _damage(_flipped(bit))),
    st.integers(0, 12).map(lambda length: _damage(_cut(length))),
)


def _heal(bench: Bench) -> None:
    line = bench.line
    line.plugged, line.silent, line.deaf, line.echo = True, False, False, False
    line.noise = []
    bench.fake.spoil = []


def _lived_through(bench: Bench, steps: list[Step]) -> None:
    for step in steps:
        step(bench)
    _heal(bench)
    bench.run(1.0, cycles=180 if bench.params.autobaud else 50)


def _slow_enough(bench: Bench) -> bool:
    most = round(bench.params.max_speed_radps / bench.params.radps_per_step)
    return all(abs(driven.steps) <= most for driven in bench.fake.driven)


@settings(max_examples=40, deadline=None)
@given(st.lists(st.one_of(STEPS, RESETS), max_size=30))
def test_no_motion_without_the_timeout_whatever_is_reset_or_lost(steps: list[Step]) -> None:
    bench = Bench(DECLARED)
    _lived_through(bench, steps)
    assert bench.fake.steps == [10, 10], "it did not recover"
    assert _slow_enough(bench)
    for driven in bench.fake.driven:
        assert driven.steps == 0 or driven.timeout == bench.params.watchdog_steps


@settings(max_examples=30, deadline=None)
@given(st.lists(st.one_of(STEPS, DAMAGE), max_size=30))
def test_damage_on_the_line_disarms_nothing(steps: list[Step]) -> None:
    bench = Bench(DECLARED)
    bench.driver.start()
    _lived_through(bench, steps)
    assert bench.fake.steps == [10, 10], "it did not recover"
    assert _slow_enough(bench)
    assert {driven.timeout for driven in bench.fake.driven} == {bench.params.watchdog_steps}


@settings(max_examples=20, deadline=None)
@given(st.lists(STEPS, max_size=20))
def test_nothing_moves_that_nobody_declared(steps: list[Step]) -> None:
    bench = Bench(SabertoothParams())
    _lived_through(bench, steps)
    assert bench.fake.driven
    assert all(driven.steps == 0 for driven in bench.fake.driven)


@settings(max_examples=20, deadline=None)
@given(st.lists(STEPS, max_size=20))
def test_a_model_that_finds_its_baud_rate_recovers_too(steps: list[Step]) -> None:
    bench = Bench(AUTOBAUD)
    bench.driver.start()
    _lived_through(bench, steps)
    assert bench.fake.steps == [10, 10], "it did not recover"


@settings(max_examples=20, deadline=None)
@given(st.lists(st.one_of(STEPS, RESETS, DAMAGE), max_size=30))
def test_close_leaves_the_wheels_at_rest(steps: list[Step]) -> None:
    bench = Bench(DECLARED)
    for step in steps:
        step(bench)
    _heal(bench)
    bench.driver.close()
    bench.clock.advance(bench.params.watchdog_s + 0.01)
    assert not bench.moves
