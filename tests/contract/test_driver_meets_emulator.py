"""The RoboClaw's driver on the RoboClaw's emulator, which share no code: what one believes of the
maker's manual, the other must believe, too. In made-up time, with the bytes of a real line."""

from __future__ import annotations

import pytest
from tests.controllers.wired import BYTE_S, Line

from patrol_drivers.motors import Cycle, EventKind, Watchdog, WheelSpeeds
from patrol_drivers.roboclaw.driver import RoboClawDriver
from patrol_drivers.roboclaw.params import RoboClawParams
from patrol_emulators.faults import parse_fault
from patrol_emulators.roboclaw.controller import Roboclaw
from patrol_emulators.roboclaw.unit import RoboclawParams

PERIOD_S = 0.02
STEADY = 0.06
"""How well the controller's own control of the speed keeps it."""


class Bench:
    """Driver, line and emulator, and what happened so far."""

    def __init__(self, *, wide_status: bool = True) -> None:
        made = RoboclawParams(wide_status=wide_status)
        self.emulator = Roboclaw(made, 0.0)
        self.line = Line(self.emulator)
        ticks = made.plant.motor.ticks_per_rev
        self.params = RoboClawParams(ticks_per_rev=float(ticks), max_acceleration_radps2=20.0)
        self.driver = RoboClawDriver(self.params, self.line, self.line.clock)
        self.cycles: list[Cycle] = []

    def run(self, left_radps: float, right_radps: float, seconds: float) -> None:
        """Fresh commands at 50 Hz."""
        end_s = self.line.now_s + seconds
        while self.line.now_s < end_s:
            start_s = self.line.now_s
            command = WheelSpeeds(start_s, left_radps, right_radps, 20.0)
            self.cycles.append(self.driver.cycle(command))
            self.line.wait(max(start_s + PERIOD_S - self.line.now_s, 0.0))

    def fault(self, text: str) -> None:
        self.line.faults.add(parse_fault(text, self.line.now_s))

    @property
    def wheels_radps(self) -> tuple[float, float]:
        self.line.wait(BYTE_S)
        return self.emulator.snapshot().speeds_radps

    @property
    def told(self) -> set[EventKind]:
        return {event.kind for cycle in self.cycles for event in cycle.events}


@pytest.fixture(params=[True, False], ids=["32 bit", "16 bit"])
def bench(request: pytest.FixtureRequest) -> Bench:
    made = Bench(wide_status=request.param)
    made.driver.start()
    return made


def test_it_drives_and_measures(bench: Bench) -> None:
    assert bench.emulator.snapshot().watchdog_s == pytest.approx(bench.params.watchdog_s)
    bench.run(4.0, -2.0, 3.0)
    assert bench.wheels_radps == pytest.approx((4.0, -2.0), rel=STEADY)
    readings = bench.cycles[-1].readings
    assert readings is not None and readings.watchdog is Watchdog.VERIFIED
    assert readings.velocities_radps == pytest.approx(bench.wheels_radps, rel=STEADY)
    assert readings.positions_rad == pytest.approx((12.0, -6.0), rel=0.15)
    assert readings.battery_v == pytest.approx(25.5, abs=1.0)
    assert readings.currents_a is not None and min(readings.currents_a) >= 0.0
    assert readings.temperatures_c[0] == pytest.approx(25.0, abs=5.0)
    assert readings.faults == () and readings.estop is False
    assert bench.told == set()


def test_a_driver_that_falls_silent_is_stopped_by_the_watchdog(bench: Bench) -> None:
    bench.run(4.0, 4.0, 2.0)
    bench.line.wait(bench.params.watchdog_s + 1.0)
    assert bench.emulator.snapshot().watchdog_tripped
    assert bench.wheels_radps == (0.0, 0.0)
    bench.run(4.0, 4.0, 0.1)
    assert EventKind.WATCHDOG_TRIPPED in bench.told


SPOILT = {EventKind.NOISE, EventKind.WRONG_CRC, EventKind.NO_REPLY}


@pytest.mark.parametrize(
    ("fault", "told"),
    [
        ("echo 1.0", {EventKind.ECHO}),
        ("silence 1.0", {EventKind.LINK_LOST, EventKind.LINK_BACK}),
        ("unplug 1.0", {EventKind.LINK_LOST, EventKind.LINK_BACK}),
        ("reset 0.0", {EventKind.RESET}),
        ("estop 0.5", {EventKind.ESTOP}),
        ("overheat 1.0", {EventKind.OVER_TEMPERATURE}),
        ("noise 1.0 300", SPOILT),
        ("flip 1.0 0.03", SPOILT),
        ("drop 1.0 0.03", SPOILT),
        ("split 1.0 0.0005", set()),
    ],
)
def test_a_fault_is_named_and_survived(bench: Bench, fault: str, told: set[EventKind]) -> None:
    """Spoilt bytes are told as one or the other; everything else by its name."""
    bench.run(3.0, 3.0, 1.0)
    bench.fault(fault)
    bench.run(3.0, 3.0, 1.5)
    assert bench.told & told if told is SPOILT else told <= bench.told
    assert told or not bench.told, "slow bytes are nothing wrong"
    bench.run(3.0, 3.0, 6.0)
    if "estop" not in fault:
        assert bench.wheels_radps == pytest.approx((3.0, 3.0), rel=STEADY)
    else:
        assert bench.wheels_radps == (0.0, 0.0), "it latches in the controller"


def test_after_a_reset_nothing_moves_before_the_watchdog_is_set(bench: Bench) -> None:
    bench.run(3.0, 3.0, 1.0)
    bench.emulator.reset(bench.line.now_s)
    fastest = max(bench.wheels_radps)
    for _ in range(400):
        bench.run(3.0, 3.0, PERIOD_S)
        seen = bench.emulator.snapshot()
        assert seen.watchdog_s > 0.0 or max(seen.speeds_radps) <= fastest, "it rolls out"
        fastest = max(seen.speeds_radps)
    assert bench.wheels_radps == pytest.approx((3.0, 3.0), rel=STEADY)


def test_closing_stops(bench: Bench) -> None:
    bench.run(3.0, 3.0, 1.0)
    bench.driver.close()
    bench.line.wait(1.0)
    assert bench.wheels_radps == (0.0, 0.0)
