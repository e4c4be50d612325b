"""Every driver on its emulator, which share no code: what one believes of the maker's documents,
the other must believe, too. In made-up time, with the bytes of a real line."""

from __future__ import annotations

import math

import pytest
from _controllers import BLIND, PAIRS, PERIOD_S, TICKS_PER_REV, TOLD, Joined, Pair

from patrol_drivers.motors import EventKind, Watchdog
from patrol_drivers.roboclaw.driver import RoboClawDriver
from patrol_drivers.roboclaw.params import RoboClawParams
from patrol_emulators.faults import MEANINGS, FaultKind
from patrol_emulators.roboclaw.controller import Roboclaw
from patrol_emulators.roboclaw.unit import RoboclawParams

NARROW = Pair(
    "roboclaw 16 bits",
    lambda now_s: Roboclaw(RoboclawParams(wide_status=False), now_s),
    lambda port, link, clock: RoboClawDriver(
        RoboClawParams(port=port, ticks_per_rev=float(TICKS_PER_REV)), link, clock
    ),
    latched=frozenset({FaultKind.ESTOP}),
)
AMOUNTS = {FaultKind.OVERHEAT: 130.0, FaultKind.SPLIT: 0.008}
"""Where the emulators' own default is not a fault for every controller."""

LONGEST_WATCHDOG_S = 0.15
"""A command at 20 Hz can be 0.05 s old when all falls silent; zero is due 0.25 s after it."""

HOLDING = {FaultKind.OVERCURRENT, FaultKind.STUCK}
"""What shows only while the wheels shall turn."""

each_pair = pytest.mark.parametrize("pair", [*PAIRS, NARROW], ids=lambda pair: pair.name)


def started(pair: Pair) -> Joined:
    joined = Joined(pair)
    joined.start()
    return joined


@each_pair
def test_it_drives_and_measures(pair: Pair) -> None:
    joined = started(pair)
    joined.run(0.0, 0.0, 0.1)
    assert 0.0 < joined.emulator.snapshot().watchdog_s <= LONGEST_WATCHDOG_S + 1e-6
    joined.run(4.0, -3.0, 2.0)
    assert joined.keeps(4.0, -3.0)
    readings, can = joined.cycles[-1].readings, joined.driver.capabilities
    assert readings is not None and readings.faults == ()
    known = Watchdog.VERIFIED if can.watchdog_read_back else Watchdog.DECLARED
    assert readings.watchdog is known
    if can.velocity:
        assert readings.velocities_radps == pytest.approx(joined.wheels_radps, rel=0.06)
    if can.position:
        turned = [motor.ticks * math.tau / TICKS_PER_REV for motor in joined.emulator.plant.motors]
        assert readings.positions_rad == pytest.approx(turned, abs=0.15)
    if can.battery:
        assert readings.battery_v == pytest.approx(25.5, abs=1.0)
    if can.current:
        assert readings.currents_a is not None and max(map(abs, readings.currents_a)) < 10.0
    if can.temperature:
        assert readings.temperatures_c[0] == pytest.approx(25.0, abs=5.0)
    assert readings.estop is (False if can.estop_input else None)
    assert joined.told == set()


@each_pair
def test_a_driver_that_falls_silent_is_stopped_by_the_watchdog(pair: Pair) -> None:
    joined = started(pair)
    joined.run(4.0, 4.0, 1.0)
    joined.line.wait(1.5)
    assert joined.rests
    joined.run(0.0, 0.0, 1.0)
    assert joined.rests, "an old speed is not taken up again"
    assert EventKind.WATCHDOG_TRIPPED in joined.told
    joined.run(4.0, 4.0, 2.0)
    assert joined.keeps(4.0, 4.0)


@pytest.mark.parametrize("pair", PAIRS, ids=lambda pair: pair.name)
@pytest.mark.parametrize("kind", FaultKind, ids=lambda kind: kind.value)
def test_a_fault_is_named_and_survived(pair: Pair, kind: FaultKind) -> None:
    """And nothing moves that was not commanded: commands are zero from the fault's middle on."""
    joined = started(pair)
    joined.run(3.0, 3.0, 0.8)
    joined.fault(kind, 0.6, AMOUNTS.get(kind, MEANINGS[kind].amount))
    joined.run(3.0, 3.0, 0.6 if kind in HOLDING else 0.3)
    joined.run(0.0, 0.0, 0.3)
    if kind in pair.latched:
        joined.run(3.0, 3.0, 0.5)
        assert joined.rests, "it lasts in the controller"
        joined.emulator.reset(joined.line.now_s)
    joined.run(0.0, 0.0, 0.8)
    if kind not in BLIND:
        assert joined.envelope.worst_radps <= pair.overshoot_radps
        assert joined.rests
    for _ in range(5):
        joined.run(3.0, 3.0, 1.0)
        if joined.keeps(3.0, 3.0):
            break
    assert joined.keeps(3.0, 3.0)
    if kind in pair.untold:
        assert joined.told == set()
    else:
        assert joined.told & TOLD[kind]


@each_pair
def test_after_a_reset_nothing_moves_before_the_watchdog_is_set(pair: Pair) -> None:
    joined = started(pair)
    joined.run(3.0, 3.0, 1.0)
    joined.emulator.reset(joined.line.now_s)
    fastest = max(joined.wheels_radps)
    for _ in range(200):
        joined.run(3.0, 3.0, PERIOD_S)
        seen = joined.emulator.snapshot()
        assert seen.watchdog_s > 0.0 or max(seen.speeds_radps) <= fastest, "it rolls out"
        fastest = max(seen.speeds_radps)
    assert joined.keeps(3.0, 3.0)


@each_pair
def test_closing_stops(pair: Pair) -> None:
    joined = started(pair)
    joined.run(3.0, 3.0, 1.0)
    joined.driver.close()
    joined.line.wait(1.5)
    assert joined.rests


def test_slow_bytes_are_nothing_wrong() -> None:
    for pair in PAIRS:
        joined = started(pair)
        joined.run(3.0, 3.0, 0.5)
        joined.fault(FaultKind.SPLIT, 0.3, 0.0001)
        joined.run(3.0, 3.0, 0.4)
        assert joined.told == set(), pair.name
