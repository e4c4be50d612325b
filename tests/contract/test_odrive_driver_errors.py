"""Every error that an ODrive can tell: both wheels stop, it is told once, and what comes next."""

from __future__ import annotations

import pytest
from tests.controllers.driver_contract import kinds
from tests.controllers.odrive_bench import Bench, sentences

from patrol_drivers.motors import EventKind
from patrol_drivers.odrive.values import (
    AXIS_ERRORS,
    CONTROLLER_ERRORS,
    ENCODER_ERRORS,
    MOTOR_ERRORS,
    SYSTEM_ERRORS,
    ErrorBit,
)


@pytest.fixture
def bench() -> Bench:
    bench = Bench()
    bench.driver.start()
    bench.run(cycles=5)
    return bench


ERRORS = [
    *(("error", bit) for bit in SYSTEM_ERRORS),
    *(("axis1.error", bit) for bit in AXIS_ERRORS),
    *(("axis1.motor.error", bit) for bit in MOTOR_ERRORS if bit.mask < 10**8),
    *(("axis1.encoder.error", bit) for bit in ENCODER_ERRORS),
    *(("axis1.controller.error", bit) for bit in CONTROLLER_ERRORS),
]


@pytest.mark.parametrize(
    ("name", "bit"), ERRORS, ids=lambda v: f"{v.mask:X}" if isinstance(v, ErrorBit) else str(v)
)
def test_every_error_stops_both_wheels_and_is_told_once(
    bench: Bench, name: str, bit: ErrorBit
) -> None:
    bench.fake.fail(name, bit.mask)
    first, *rest = bench.run(cycles=15)
    where = "" if name == "error" else "axis 1: "
    assert bit.kind in kinds([first])
    assert [s.removeprefix(where) for s in sentences([first, *rest])].count(bit.words) == 1
    assert first.sent is not None and first.sent.left_radps == first.sent.right_radps == 0.0
    last = rest[-1].readings
    assert last is not None
    assert bench.moves == bit.passes
    assert (where + bit.words in last.faults) != bit.passes


def test_what_a_person_cleared_is_driven_on(bench: Bench) -> None:
    bench.fake.fail("axis0.controller.error", 1)
    bench.run(cycles=20)
    assert not bench.armed
    assert "sc" not in bench.fake.heard
    bench.fake.answer(b"sc\n")
    bench.run(cycles=15)
    assert bench.moves


def test_a_supply_that_stays_low_is_tried_now_and_then_and_told_once(bench: Bench) -> None:
    cycles = []
    for _ in range(60):
        bench.fake.fail("error", 2)
        cycles += bench.run()
    assert kinds(cycles).count(EventKind.BROWN_OUT) == 1
    assert bench.fake.heard.count("sc") < 12
