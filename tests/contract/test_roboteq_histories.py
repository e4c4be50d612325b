"""Random histories of everything that can happen to a Roboteq and its line."""

from __future__ import annotations

import math
from collections.abc import Callable

from hypothesis import example, given, settings
from hypothesis import strategies as st
from tests.controllers.fake import FakeClock, RandomLine
from tests.controllers.roboteq_bench import Bench

from patrol_drivers.motors import WheelSpeeds
from patrol_drivers.roboteq.driver import RoboteqDriver
from patrol_drivers.roboteq.params import RoboteqParams

Step = Callable[[Bench], object]


def _set(name: str, value: object) -> Step:
    return lambda bench: setattr(bench.line, name, value)


def _fake(name: str, value: object) -> Step:
    return lambda bench: setattr(bench.fake, name, value)


def _drive(age_s: float, left: float, right: float) -> Step:
    return lambda bench: bench.driver.cycle(WheelSpeeds(bench.clock() - age_s, left, right, 5.0))


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
    st.builds(_fake, st.just("faults"), st.sampled_from([0, 0x01, 0x04, 0x10, 0x100])),
    st.builds(_fake, st.just("flags"), st.sampled_from([(0, 2), (1, 0), (0x20, 0)]).map(list)),
    st.builds(_fake, st.just("half"), st.sampled_from(["!S 1 10", "!S 2 -2", "^RWD", "?C"])),
    st.builds(_fake, st.just("stored_echo"), st.booleans()),
)


def _heal(bench: Bench) -> None:
    line = bench.line
    line.plugged, line.silent, line.deaf, line.echo = True, False, False, False
    line.corrupt = line.drop = line.hold = 0
    line.noise = []
    bench.fake.faults, bench.fake.flags = 0, [0, 0]


@settings(max_examples=30, deadline=None)
@given(st.lists(STEPS, max_size=30), st.booleans())
def test_no_motion_before_the_watchdog_was_read_back_and_none_of_before(
    steps: list[Step], started: bool
) -> None:
    bench = Bench()
    if started:
        bench.driver.start()
    for step in steps:
        step(bench)
    _heal(bench)
    bench.run(0.0, cycles=20)
    bench.run(1.0, cycles=20)
    assert bench.moves, "it did not recover"
    assert bench.fake.resumed == 0
    assert not {"!EX", "!MG"} & set(bench.fake.lines)
    for driven in bench.fake.driven:
        if driven.rpm and driven.rpm not in HALVES:
            assert driven.read_back and driven.watchdog_ms == bench.params.watchdog_ms
            assert abs(driven.rpm) <= bench.params.max_rpm


HALVES = (10, -2)
"""What a line that was cut off tells, once its end has come."""


NONSENSE = st.one_of(
    st.none(),
    st.binary(max_size=20),
    st.sampled_from(
        [b"+\r", b"-\r", b"^ECHOF 0\r+\r", b"!S 1 0\r+\r", b"!S 2 0\r+\r", b"RWD=150"]
    ),
)


@settings(max_examples=30, deadline=None)
@given(st.lists(NONSENSE, max_size=60))
def test_nonsense_moves_nothing_and_breaks_nothing(answers: list[bytes | None]) -> None:
    clock = FakeClock()
    line = RandomLine(clock, answers)
    driver = RoboteqDriver(RoboteqParams(), line, clock)
    for _ in range(10):
        driver.cycle(WheelSpeeds(clock(), 1.0, 1.0, 5.0))
        clock.advance(0.1)
    driver.close()
    said = [text for data in line.written for text in data.split(b"\r")]
    assert {text for text in said if text.startswith(b"!")} <= {b"!S 1 0", b"!S 2 0"}
    assert not line.written or line.written[0].startswith(b"\r!S 1 0\r!S 2 0\r")


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


FLIPS = st.lists(st.tuples(st.integers(0, 60), st.integers(0, 7)), min_size=1, max_size=12)


@settings(max_examples=20, deadline=None)
@given(FLIPS, st.sampled_from([1.0, -7.0]))
@example([(29, 4)], 1.0)
def test_a_wrong_bit_on_the_way_to_the_controller_is_mended_at_once(
    flips: list[tuple[int, int]], speed_radps: float
) -> None:
    bench = Bench()
    bench.driver.start()
    bench.run(speed_radps, cycles=3)
    right = [round(speed_radps * bench.params.rpm_per_radps)] * 2
    ramps = dict(bench.fake.ramps)
    for bench.fake.flip in flips:
        bench.run(speed_radps, cycles=2)
        assert bench.fake.flip is None
        # A wheel that a wrong bit made run faster has it stop first.
        assert bench.fake.stored in (right, [0, 0])
        assert bench.fake.watchdog_ms == bench.params.watchdog_ms
    bench.run(speed_radps, cycles=20)
    assert bench.fake.stored == right
    assert bench.fake.ramps == ramps and bench.moves
