"""The self-test on the RoboClaw's emulator, in made-up time, with every way to wire it wrongly."""

from __future__ import annotations

import pytest
from tests.controllers.miswired import LookedAt, MiswiredRoboclaw, Wiring

from patrol_drivers.base.selftest import Check, SelfTest, SelfTestParams
from patrol_drivers.base.wiring import Verdict
from patrol_drivers.roboclaw.driver import RoboClawDriver
from patrol_drivers.roboclaw.params import RoboClawParams

TICKS = 9216.0
FASTEST_RADPS = 12.0
"""Of a wheel that runs away, before the test lets go of it."""


class Bench:
    """A self-test with all that it works on."""

    def __init__(
        self,
        wiring: Wiring | None = None,
        ticks_per_rev: float = TICKS,
        max_current_a: float = 5.0,
        *,
        alone: bool = False,
    ) -> None:
        self.claw = MiswiredRoboclaw(wiring or Wiring(), 0.0)
        self.line = LookedAt(self.claw)
        params = RoboClawParams(ticks_per_rev=ticks_per_rev, max_acceleration_radps2=20.0)
        driver = RoboClawDriver(params, self.line, self.line.clock)
        self.fastest_radps = 0.0
        self.test = SelfTest(
            driver, self.line.clock, self._sleep,
            SelfTestParams(params.watchdog_s, max_current_a=max_current_a),
            None if alone else self.line.onlooker,
        )  # fmt: skip

    def _sleep(self, seconds: float) -> None:
        self.line.wait(seconds)
        speeds = [abs(wheel.speed_radps) for wheel in self.claw.wheels]
        self.fastest_radps = max(self.fastest_radps, *speeds)

    def run(self) -> dict[str, Check]:
        checks = {check.what: check for check in self.test.run()}
        self.line.wait(1.0)
        assert [wheel.speed_radps for wheel in self.claw.wheels] == [0.0, 0.0]
        assert self.fastest_radps < FASTEST_RADPS
        return checks


def wrong(checks: dict[str, Check]) -> dict[str, str]:
    assert all(check.remedy for check in checks.values() if check.verdict is Verdict.WRONG)
    return {c.what: c.found for c in checks.values() if c.verdict is Verdict.WRONG}


def test_a_base_that_is_right() -> None:
    bench = Bench()
    checks = bench.run()
    assert wrong(checks) == {} and len(checks) == 11
    assert all(check.verdict is Verdict.RIGHT for check in checks.values())
    assert "seen to turn forward" in checks["left wheel forward"].found
    assert bench.fastest_radps < 1.5


def test_alone_it_says_what_nobody_saw() -> None:
    checks = Bench(alone=True).run()
    assert wrong(checks) == {}
    opened = {check.what for check in checks.values() if check.verdict is Verdict.OPEN}
    assert opened == {"left wheel seen", "right wheel seen"}


MISWIRED = {
    "both swapped": (
        Wiring(motors=(1, 0), encoders=(1, 0)),
        {
            "left wheel forward": "left and right are swapped: the right wheel turned",
            "right wheel forward": "left and right are swapped: the left wheel turned",
        },
    ),
    "encoders swapped": (
        Wiring(encoders=(1, 0)),
        {
            "left wheel forward": "left and right are swapped at the encoders",
            "right wheel forward": "left and right are swapped at the encoders",
        },
    ),
    "motors swapped": (
        Wiring(motors=(1, 0)),
        {
            "left wheel forward": "left and right are swapped at the motors, not at the encoders",
            "right wheel forward": "left and right are swapped at the motors, not at the encoders",
        },
    ),
    "left encoder reversed": (
        Wiring(encoder_signs=(-1, 1)),
        {"left wheel forward": "left encoder counts backwards"},
    ),
    "right motor reversed": (
        Wiring(motor_signs=(1, -1)),
        {"right wheel forward": "right motor turns backwards, as its encoder says"},
    ),
    "right motor and encoder reversed": (
        Wiring(motor_signs=(1, -1), encoder_signs=(1, -1)),
        {"right wheel forward": "the right wheel turned backwards"},
    ),
}


@pytest.mark.parametrize("name", MISWIRED)
def test_what_is_wired_wrongly_is_named(name: str) -> None:
    wiring, expected = MISWIRED[name]
    assert wrong(Bench(wiring).run()) == expected


def test_a_dead_encoder_is_named_and_the_wheel_let_go() -> None:
    bench = Bench()
    bench.claw.wheels[0].stick_encoder(True)
    found = wrong(bench.run())
    assert found == {
        "left wheel forward": "the left encoder counts nothing, and the left wheel turns"
    }


@pytest.mark.parametrize(
    ("factor", "words"), [(4.0, "4 times too high"), (0.5, "2 times too low")]
)
def test_a_wrong_count_of_ticks_is_named(factor: float, words: str) -> None:
    checks = Bench(ticks_per_rev=TICKS * factor).run()
    assert set(wrong(checks)) == {"left wheel, one turn", "right wheel, one turn"}
    assert f"ticks_per_rev is probably {words}" in checks["left wheel, one turn"].found


def test_a_wheel_that_rubs_draws_too_much() -> None:
    bench = Bench(max_current_a=2.0)
    bench.claw.wheels[1].load_nm = 1.3
    found = set(wrong(bench.run()))
    assert "right motor current" in found
    assert found <= {"right motor current", "right wheel, one turn"}, "it may lag, too"


def test_a_controller_that_does_not_stop_by_itself_is_found_out() -> None:
    bench = Bench()
    bench.claw._unit.heard = lambda now_s: None  # type: ignore[method-assign]
    bench.claw._unit._heard_s = 1e9
    checks = bench.run()
    assert set(wrong(checks)) == {"watchdog"}
    assert "do not drive" in checks["watchdog"].remedy


def test_a_pressed_estop_or_a_silent_line_ends_it_at_once() -> None:
    pressed = Bench()
    pressed.claw.plant.estop_pressed = True
    assert wrong(pressed.run()) == {"state": "its e-stop is pressed"}
    silent = Bench()
    silent.claw.receive = lambda data, now_s: b""  # type: ignore[method-assign]
    assert set(wrong(silent.run())) == {"controller"}


def test_the_line_that_falls_silent_midway_is_told() -> None:
    bench = Bench()
    checks = bench.test.run()
    while next(checks).what != "left motor current":
        pass
    bench.claw.receive = lambda data, now_s: b""  # type: ignore[method-assign]
    rest = {check.what: check for check in checks}
    assert "does not answer" in wrong(rest)["left wheel backward"]
