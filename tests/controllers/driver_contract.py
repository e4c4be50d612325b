"""What every motor driver keeps to. A new driver inherits the class and brings a rig."""

from __future__ import annotations

import dataclasses
import math
from abc import ABC, abstractmethod

import pytest

from patrol_drivers.errors import DriverError
from patrol_drivers.motors import (
    Capabilities,
    Cycle,
    EventKind,
    MotorDriver,
    MotorReadings,
    Sides,
    Watchdog,
    WheelSpeeds,
)
from tests.controllers.fake import FakeClock

PERIOD_S = 0.02
RAMP_CYCLES = 200
"""Enough for a driver that ramps the speeds itself to reach the top speed at 5 rad/s2."""


class Rig(ABC):
    """A driver with a controller and two wheels, and a hand at its cables."""

    driver: MotorDriver
    clock: FakeClock
    max_speed_radps: float
    max_acceleration_radps2: float
    watchdog_s: float

    @abstractmethod
    def wheels_radps(self) -> Sides:
        """What the wheels really do."""

    @abstractmethod
    def is_guarded(self) -> bool:
        """Whether the controller's own watchdog is set as configured."""

    @abstractmethod
    def plug(self, plugged: bool) -> None:
        """Pull the cable, or put it back."""

    @abstractmethod
    def silence(self, silent: bool) -> None:
        """Cut the controller's answers with the port still there."""

    @abstractmethod
    def reset(self) -> None:
        """Power-cycle the controller, faster than one cycle."""

    def command(self, left_radps: float, right_radps: float) -> WheelSpeeds:
        return WheelSpeeds(self.clock(), left_radps, right_radps, 5.0)

    def run(self, left_radps: float, right_radps: float, cycles: int) -> list[Cycle]:
        """Drive with fresh commands at the usual rate."""
        done = []
        for _ in range(cycles):
            done.append(self.driver.cycle(self.command(left_radps, right_radps)))
            self.clock.advance(PERIOD_S)
        return done


def kinds(cycles: list[Cycle]) -> list[EventKind]:
    return [event.kind for cycle in cycles for event in cycle.events]


def read(cycle: Cycle) -> MotorReadings:
    assert cycle.readings is not None
    return cycle.readings


def answers(rig: Rig) -> bool:
    """Whether anything ever comes back. Of a controller that only listens nobody can tell that it
    is absent or was reset; what has to be safe then is asked all the same."""
    told = dataclasses.replace(rig.driver.capabilities, watchdog_setting=False)
    return any(dataclasses.astuple(told))


class MotorDriverContract:
    """One test a promise of `patrol_drivers.motors.MotorDriver`."""

    @pytest.fixture
    def rig(self) -> Rig:
        raise NotImplementedError

    def test_start_names_the_controller_and_leaves_it_guarded_and_still(self, rig: Rig) -> None:
        assert rig.driver.start()
        assert rig.is_guarded()
        assert rig.wheels_radps() == (0.0, 0.0)

    def test_start_tells_what_to_do_when_nobody_answers(self, rig: Rig) -> None:
        rig.silence(True)
        if answers(rig):
            with pytest.raises(DriverError) as caught:
                rig.driver.start()
            assert caught.value.remedy
        else:
            rig.driver.start()
        rig.silence(False)
        rig.run(1.0, 1.0, 30)
        assert rig.wheels_radps().left > 0.0

    def test_forward_is_forward_and_is_measured(self, rig: Rig) -> None:
        rig.driver.start()
        before, last = (read(rig.run(2.0, 1.0, 50)[-1]) for _ in range(2))
        wheels = rig.wheels_radps()
        assert wheels.left == pytest.approx(2.0, rel=0.01)
        assert wheels.right == pytest.approx(1.0, rel=0.01)
        if rig.driver.capabilities.velocity:
            assert last.velocities_radps == pytest.approx(wheels, rel=0.01)
        if rig.driver.capabilities.position:
            assert before.positions_rad is not None and last.positions_rad is not None
            passed_s = last.stamp_s - before.stamp_s
            moved_rad = last.positions_rad.left - before.positions_rad.left
            assert moved_rad == pytest.approx(2.0 * passed_s, rel=0.1)
            moved_rad = last.positions_rad.right - before.positions_rad.right
            assert moved_rad == pytest.approx(1.0 * passed_s, rel=0.1)
        assert last.watchdog is not Watchdog.UNVERIFIED

    def test_sent_is_what_was_sent(self, rig: Rig) -> None:
        rig.driver.start()
        (cycle,) = rig.run(1.0, -1.0, 1)
        assert cycle.sent is not None
        assert cycle.sent.left_radps == pytest.approx(rig.wheels_radps().left, abs=1e-9)
        assert cycle.sent.right_radps == pytest.approx(rig.wheels_radps().right, abs=1e-9)

    def test_too_much_is_lowered_and_keeps_its_curve(self, rig: Rig) -> None:
        rig.driver.start()
        cycles = rig.run(10.0 * rig.max_speed_radps, 5.0 * rig.max_speed_radps, RAMP_CYCLES)
        cycle = cycles[-1]
        assert cycle.sent is not None
        assert cycle.sent.left_radps == pytest.approx(rig.max_speed_radps, rel=0.01)
        assert cycle.sent.right_radps == pytest.approx(rig.max_speed_radps / 2.0, rel=0.01)
        assert cycle.sent.acceleration_radps2 <= rig.max_acceleration_radps2 * 1.01
        assert EventKind.COMMAND_LIMITED in kinds(cycles)

    def test_no_command_is_a_stop(self, rig: Rig) -> None:
        rig.driver.start()
        rig.run(1.0, 1.0, 3)
        cycle = rig.driver.cycle(None)
        assert cycle.sent is not None and cycle.sent.left_radps == 0.0
        assert rig.wheels_radps() == (0.0, 0.0)

    def test_zero_is_told_at_once_from_any_speed(self, rig: Rig) -> None:
        rig.driver.start()
        rig.run(rig.max_speed_radps, rig.max_speed_radps / 2.0, RAMP_CYCLES)
        (cycle,) = rig.run(0.0, 0.0, 1)
        assert cycle.sent is not None and cycle.sent.is_stop
        assert rig.wheels_radps() == (0.0, 0.0)

    @pytest.mark.parametrize(
        ("age_s", "kind"),
        [(0.16, EventKind.COMMAND_STALE), (-0.2, EventKind.COMMAND_REFUSED)],
    )
    def test_a_command_of_another_time_is_a_stop(
        self, rig: Rig, age_s: float, kind: EventKind
    ) -> None:
        rig.driver.start()
        rig.run(1.0, 1.0, 3)
        cycle = rig.driver.cycle(WheelSpeeds(rig.clock() - age_s, 1.0, 1.0, 5.0))
        assert rig.wheels_radps() == (0.0, 0.0)
        assert kind in kinds([cycle])

    @pytest.mark.parametrize("bad", [math.nan, math.inf, -math.inf])
    @pytest.mark.parametrize("place", range(4))
    def test_what_is_not_a_number_is_a_stop(self, rig: Rig, bad: float, place: int) -> None:
        rig.driver.start()
        rig.run(1.0, 1.0, 3)
        numbers = [rig.clock(), 1.0, 1.0, 5.0]
        numbers[place] = bad
        cycle = rig.driver.cycle(WheelSpeeds(*numbers))
        assert rig.wheels_radps() == (0.0, 0.0)
        assert EventKind.COMMAND_REFUSED in kinds([cycle])

    def test_a_condition_is_told_once(self, rig: Rig) -> None:
        rig.driver.start()
        stale = WheelSpeeds(rig.clock() - 1.0, 1.0, 1.0, 5.0)
        told = [rig.driver.cycle(stale) for _ in range(10)]
        assert kinds(told).count(EventKind.COMMAND_STALE) == 1

    def test_a_pulled_cable_is_survived_and_told(self, rig: Rig) -> None:
        rig.driver.start()
        before = read(rig.run(1.0, 1.0, 20)[-1])
        rig.plug(False)
        out = rig.run(1.0, 1.0, 40)
        assert all(cycle.sent is None and cycle.readings is None for cycle in out)
        assert kinds(out).count(EventKind.LINK_LOST) == 1
        assert rig.wheels_radps() == (0.0, 0.0)
        rig.plug(True)
        back = rig.run(1.0, 1.0, 40)
        assert kinds(back).count(EventKind.LINK_BACK) == 1
        assert rig.is_guarded()
        assert rig.wheels_radps().left == pytest.approx(1.0, rel=0.01)
        if rig.driver.capabilities.position:
            after = read(back[-1])
            assert before.positions_rad is not None and after.positions_rad is not None
            assert after.positions_rad.left > before.positions_rad.left

    def test_silence_stops_the_wheels_by_the_controllers_watchdog(self, rig: Rig) -> None:
        rig.driver.start()
        rig.run(1.0, 1.0, 10)
        rig.clock.advance(rig.watchdog_s + 0.1)
        assert rig.wheels_radps() == (0.0, 0.0)
        (cycle,) = rig.run(1.0, 1.0, 1)
        assert EventKind.WATCHDOG_TRIPPED in kinds([cycle])

    def test_a_reset_is_told_and_the_watchdog_set_anew_before_motion(self, rig: Rig) -> None:
        rig.driver.start()
        rig.run(3.0, 3.0, 50)
        rig.reset()
        cycles = []
        for _ in range(RAMP_CYCLES):
            cycles += rig.run(3.0, 3.0, 1)
            assert rig.is_guarded() or rig.wheels_radps() == (0.0, 0.0)
        assert EventKind.RESET in kinds(cycles) or not answers(rig)
        assert rig.wheels_radps().left == pytest.approx(3.0, rel=0.01)

    def test_it_tells_what_it_says_it_can_and_nothing_else(self, rig: Rig) -> None:
        rig.driver.start()
        last = read(rig.run(0.0, 0.0, 20)[-1])
        can = rig.driver.capabilities
        assert isinstance(can, Capabilities)
        assert (last.positions_rad is not None) == can.position
        assert (last.velocities_radps is not None) == can.velocity
        assert (last.currents_a is not None) == can.current
        assert (last.battery_v is not None) == can.battery
        assert (last.logic_v is not None) == can.logic_supply
        assert bool(last.temperatures_c) == can.temperature
        assert (last.estop is not None) == can.estop_input
        assert last.faults == ()

    def test_close_stops_the_wheels_and_may_be_called_twice(self, rig: Rig) -> None:
        rig.driver.start()
        rig.run(1.0, 1.0, 5)
        rig.driver.close()
        assert rig.wheels_radps() == (0.0, 0.0)
        rig.driver.close()

    def test_close_without_a_cable_raises_nothing(self, rig: Rig) -> None:
        rig.driver.start()
        rig.plug(False)
        rig.driver.close()
