"""Watchdog, protection, reboots and faults of the ODrive emulator, as the firmware has them."""

from __future__ import annotations

import numpy as np
import pytest
from tests.controllers.odrive_emulated import ENABLE_WATCHDOG, OdriveBench, arm_watchdog

from patrol_emulators.faults import FaultBoard, FaultKind, parse_timed_fault
from patrol_emulators.link import Link
from patrol_emulators.odrive.board import AXES_START_S, BOOT_S
from patrol_emulators.odrive.controller import NO_ESTOP


@pytest.fixture
def bench() -> OdriveBench:
    return OdriveBench()


class TestWatchdog:
    def test_disarms_in_time_and_the_wheels_roll_out(self, bench: OdriveBench) -> None:
        bench.send(arm_watchdog(0.3))
        assert bench.odrive.snapshot().watchdog_s == pytest.approx(0.3)
        bench.close_loops("v 0 1", "v 1 1")
        bench.wait(0.29)
        assert not bench.odrive.snapshot().watchdog_tripped
        bench.wait(0.02)
        seen = bench.odrive.snapshot()
        assert seen.watchdog_tripped and seen.currents_a == (0.0, 0.0)
        assert bench.read("axis0.error") == bench.read("axis1.error") == 0x800
        assert bench.read("axis0.current_state") == 1
        assert min(bench.turns_per_s) > 0.5, "nothing brakes"
        bench.wait(3.0)
        assert bench.turns_per_s == (0.0, 0.0)

    @pytest.mark.parametrize(
        ("line", "feeds"),
        [
            ("v 0 0", True),
            ("p 0 0", True),
            ("q 0 0", True),
            ("c 0 0", True),
            ("t 0 0", True),
            ("u 0", True),
            ("esl 0 0", True),
            ("w axis0.requested_state 8", True),
            ("f 0", False),
            ("u 1", False),
            ("r axis0.error", False),
            ("w axis0.controller.input_vel 0", False),
            ("w axis0.config.watchdog_timeout 0.3", False),
            ("w axis0.config.enable_watchdog 1", False),
            ("sc", False),
        ],
    )
    def test_some_commands_feed_it(self, bench: OdriveBench, line: str, feeds: bool) -> None:
        bench.send(arm_watchdog(0.3))
        bench.close_loops("u 0", "u 1")
        bench.wait(0.2)
        bench.send(f"{line}\n".encode())
        bench.wait(0.2)
        assert bench.read("axis0.error") == (0 if feeds else 0x800)

    def test_one_axis_is_no_watchdog(self, bench: OdriveBench) -> None:
        bench.order("w axis0.config.watchdog_timeout 0.3", "u 0")
        bench.order("w axis0.config.enable_watchdog 1")
        assert bench.odrive.snapshot().watchdog_s == 0.0

    def test_enabled_before_it_is_fed_it_has_expired(self, bench: OdriveBench) -> None:
        bench.order("w axis0.config.watchdog_timeout 1", "w axis1.config.watchdog_timeout 1")
        bench.send(ENABLE_WATCHDOG)
        bench.wait(0.002)
        assert bench.read("axis0.error") == bench.read("axis1.error") == 0x800
        bench.order("sc")
        assert bench.read("axis0.error") == 0
        bench.wait(0.002)
        assert bench.read("axis0.error") == 0x800, "nothing fed it"
        bench.order("u 0", "sc")
        bench.wait(0.5)
        assert bench.read("axis0.error") == 0

    def test_a_saved_watchdog_expires_while_nothing_has_fed_it(self, bench: OdriveBench) -> None:
        bench.send(arm_watchdog(0.5))
        bench.order("ss")
        bench.wait(BOOT_S + 0.45)
        assert bench.read("axis0.error") == 0
        bench.wait(0.1)
        assert bench.read("axis0.error") == 0x800

    def test_after_a_trip_the_old_speed_is_still_the_input(self, bench: OdriveBench) -> None:
        bench.send(arm_watchdog(0.3))
        bench.close_loops("v 0 1", "v 1 1")
        bench.wait(3.0)
        bench.order("u 0", "u 1", "sc")
        bench.close_loops()
        bench.wait(0.25)
        assert min(bench.turns_per_s) > 0.3


class TestProtection:
    def test_low_voltage_disarms_until_it_is_cleared(self, bench: OdriveBench) -> None:
        bench.close_loops("v 0 1")
        bench.wait(0.5)
        bench.plant.forced_v = 7.9
        bench.wait(0.002)
        assert bench.read("error") == 0x02
        assert bench.read("axis0.motor.error") == 0x1000000
        assert bench.read("axis0.error") == bench.read("axis1.error") == 0x40
        bench.plant.forced_v = None
        bench.wait(1.0)
        assert "DC_BUS_UNDER_VOLTAGE" in bench.conditions
        bench.order("sc")
        bench.close_loops()
        assert bench.conditions == ()

    def test_high_voltage_disarms(self, bench: OdriveBench) -> None:
        bench.plant.forced_v = 60.0
        bench.wait(0.002)
        assert bench.read("error") == 0x04

    def test_braking_into_a_supply_that_takes_nothing_disarms(self, bench: OdriveBench) -> None:
        bench.order("w config.dc_max_negative_current -0.01")
        bench.close_loops("v 0 2", "v 1 2")
        bench.wait(2.0)
        assert bench.read("error") == 0
        bench.order("v 0 0")
        bench.wait(0.5)
        assert bench.read("error") == 0x08

    def test_too_much_current_from_the_supply_disarms(self, bench: OdriveBench) -> None:
        bench.order("w config.dc_max_positive_current 1")
        bench.close_loops("v 0 3", "v 1 3")
        bench.wait(1.0)
        assert bench.read("error") == 0x10
        assert bench.odrive.snapshot().currents_a == (0.0, 0.0)

    def test_heat_takes_current_away_and_then_disarms(self, bench: OdriveBench) -> None:
        for motor in bench.plant.motors:
            motor.load_nm = 1000.0
        bench.close_loops("v 0 1", "v 1 -1")
        bench.wait(1.0)
        assert bench.odrive.snapshot().currents_a == pytest.approx((20.0, -20.0))
        assert bench.conditions == (), "a held wheel is no error of an ODrive's"
        bench.plant.forced_c = 115.0
        bench.wait(0.01)
        assert bench.read("axis0.motor.fet_thermistor.temperature") == 115.0
        assert bench.read("axis0.motor.effective_current_lim") == 5.0
        assert bench.odrive.snapshot().currents_a == pytest.approx((5.0, -5.0))
        bench.plant.forced_c = 124.0
        bench.wait(0.01)
        assert bench.odrive.snapshot().currents_a == (0.0, 0.0)
        assert bench.conditions == ()
        bench.plant.forced_c = 125.0
        bench.wait(0.01)
        assert bench.read("axis1.motor.error") == 0x40000
        assert bench.read("axis1.current_state") == 1

    def test_there_is_no_e_stop(self, bench: OdriveBench) -> None:
        bench.close_loops("v 0 1", "v 1 1")
        bench.plant.estop_pressed = True
        bench.wait(1.0)
        assert min(bench.turns_per_s) > 0.8
        assert bench.conditions == (NO_ESTOP,)

    def test_a_stuck_encoder_shows_no_speed_while_the_current_is_at_its_limit(
        self, bench: OdriveBench
    ) -> None:
        bench.plant.motors[0].stick_encoder(True)
        for motor in bench.plant.motors:
            motor.load_nm = 1000.0
        bench.close_loops("v 0 1")
        bench.wait(2.0)
        assert bench.read("axis0.encoder.vel_estimate") == 0.0
        assert bench.read("axis0.motor.current_control.Iq_measured") == pytest.approx(20.0)


class TestReboot:
    def test_forgets_what_was_not_saved(self, bench: OdriveBench) -> None:
        bench.order("w axis0.config.watchdog_timeout 0.7", "ss")
        assert bench.send(b"r hw_version_major\n") == b"", "saving reboots"
        bench.wait(BOOT_S + AXES_START_S + 0.01)
        bench.order("w axis0.config.watchdog_timeout 5", "w axis1.config.enable_watchdog 1")
        bench.order("w axis0.controller.input_vel 3", "sr")
        bench.wait(BOOT_S + 0.01)
        assert bench.read("axis0.config.watchdog_timeout") == pytest.approx(0.7)
        assert bench.read("axis1.config.enable_watchdog") == 0
        assert bench.read("axis0.controller.input_vel") == 0.0
        assert bench.read("system_stats.uptime") == pytest.approx(10.0, abs=2.0)

    def test_axes_start_later_than_the_port(self, bench: OdriveBench) -> None:
        bench.order("sr")
        bench.wait(BOOT_S + 0.01)
        assert bench.read("axis0.current_state") == 0
        bench.order("w axis0.requested_state 8")
        bench.wait(AXES_START_S)
        assert bench.read("axis0.current_state") == 8, "the request waited"
        assert bench.read("axis1.current_state") == 1

    def test_an_armed_axis_prevents_saving(self, bench: OdriveBench) -> None:
        bench.close_loops()
        bench.order("ss")
        assert bench.read("axis0.current_state") == 8

    def test_erasing_is_as_from_the_factory(self, bench: OdriveBench) -> None:
        bench.order("se")
        bench.wait(BOOT_S + 0.01)
        assert bench.read("axis0.motor.is_calibrated") == 0
        assert bench.read("axis0.controller.config.vel_limit") == 2.0
        assert bench.read("config.dc_max_negative_current") == -0.01

    def test_it_can_start_in_closed_loop_control(self, bench: OdriveBench) -> None:
        bench.order("w axis1.config.startup_closed_loop_control 1", "ss")
        bench.wait(BOOT_S + AXES_START_S + 0.01)
        assert bench.read("axis1.current_state") == 8

    def test_a_brown_out_is_a_reset(self, bench: OdriveBench) -> None:
        bench.close_loops("v 0 1")
        bench.wait(0.5)
        bench.plant.forced_v = 4.0
        bench.wait(0.05)
        assert bench.send(b"r hw_version_major\n") == b""
        bench.plant.forced_v = None
        bench.wait(0.05)
        assert bench.send(b"r hw_version_major\n") == b""
        bench.wait(BOOT_S + AXES_START_S)
        assert bench.read("axis0.current_state") == 1
        assert bench.read("axis0.encoder.shadow_count") < 9216
        assert bench.conditions == ()


@pytest.mark.parametrize("kind", FaultKind)
def test_every_fault_comes_and_goes(bench: OdriveBench, kind: FaultKind) -> None:
    board = FaultBoard([parse_timed_fault(f"0.1 {kind.value} 0.1", 0.0)])
    link = Link(bench.odrive, 115200, board, np.random.default_rng(3))
    question, answer = b"r hw_version_major\n", b"3\r\n"
    assert link.exchange(question, 0.0, 0.05) == answer
    assert link.exchange(b"", 0.05, 0.11) == b""
    link.exchange(b"v 0 1\n", 0.11, 0.15)
    assert [fault.kind for fault in board.active] == [kind] or kind is FaultKind.RESET
    link.exchange(b"", 0.15, 0.25)
    link.exchange(b"", 0.25, 3.0)
    link.exchange(b"\n", 3.0, 3.1)
    assert link.exchange(question, 3.1, 3.2) == answer
    assert board.active == ()
