"""Random histories of everything that can happen to a RoboClaw and its line."""

from __future__ import annotations

import math
from collections.abc import Callable

from hypothesis import given, settings
from hypothesis import strategies as st
from tests.controllers.fake import FakeClock, RandomLine
from tests.controllers.roboclaw_bench import Bench

from patrol_drivers.motors import WheelSpeeds
from patrol_drivers.roboclaw.driver import RoboClawDriver
from patrol_drivers.roboclaw.params import RoboClawParams

Step = Callable[[Bench], object]


def _set(name: str, value: object) -> Step:
    return lambda bench: setattr(bench.line, name, value)


def _drive(age_s: float, left: float, right: float) -> Step:
    return lambda bench: bench.driver.cycle(WheelSpeeds(bench.clock() - age_s, left, right, 5.0))


def _status(value: int) -> Step:
    return lambda bench: setattr(bench.fake, "status", value)


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
    st.builds(_status, st.sampled_from([0, 0x01, 0x20, 0x10000])),
)


def _heal(bench: Bench) -> None:
    line = bench.line
    line.plugged, line.silent, line.deaf, line.echo = True, False, False, False
    line.corrupt = line.drop = line.hold = 0
    line.noise = []
    bench.fake.status = 0


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
    for driven in bench.fake.driven:
        if driven.first or driven.second:
            assert driven.read_back
            assert driven.watchdog == bench.params.watchdog_steps
            fastest = max(abs(driven.first), abs(driven.second))
            assert fastest <= bench.params.max_speed_radps * bench.params.counts_per_rad + 1


@settings(max_examples=30, deadline=None)
@given(st.lists(st.one_of(st.none(), st.binary(max_size=20), st.just(b"\xff")), max_size=60))
def test_nonsense_moves_nothing_and_breaks_nothing(answers: list[bytes | None]) -> None:
    clock = FakeClock()
    line = RandomLine(clock, answers)
    driver = RoboClawDriver(RoboClawParams(), line, clock)
    for _ in range(10):
        driver.cycle(WheelSpeeds(clock(), 1.0, 1.0, 5.0))
        clock.advance(0.1)
    driver.close()
    drives = [frame for frame in line.written if frame[1] == 40]
    assert drives or not line.written
    assert all(frame[6:14] == bytes(8) for frame in drives)


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
