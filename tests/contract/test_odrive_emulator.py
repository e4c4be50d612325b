"""States and control of the ODrive emulator, as the maker's firmware has them."""

from __future__ import annotations

import pytest
from tests.controllers.emulator_contract import EmulatorContract
from tests.controllers.odrive_emulated import CLOSED_LOOP, OdriveBench, arm_watchdog

from patrol_emulators.emulator import Emulator
from patrol_emulators.odrive.controller import Odrive
from patrol_emulators.odrive.settings import OdriveParams


class TestOdrive(EmulatorContract):
    question = b"r hw_version_major\n"
    answer = b"3\r\n"
    arm_watchdog = arm_watchdog(0.5)
    drive = CLOSED_LOOP + b"v 0 0.5\nv 1 -0.5\n"
    halt = b"v 0 0\nv 1 0\n"

    def make(self, now_s: float) -> Emulator:
        return Odrive(OdriveParams(), now_s)


@pytest.fixture
def bench() -> OdriveBench:
    return OdriveBench()


class TestStates:
    def test_nothing_turns_before_closed_loop_control(self, bench: OdriveBench) -> None:
        assert bench.read("axis0.current_state") == 1
        bench.order("v 0 1", "v 1 1")
        bench.wait(0.5)
        assert bench.turns_per_s == (0.0, 0.0)
        bench.close_loops()
        bench.wait(0.5)
        assert min(bench.turns_per_s) > 0.5, "the input was kept"

    def test_idle_lets_the_wheels_roll(self, bench: OdriveBench) -> None:
        bench.close_loops("v 0 2")
        bench.wait(1.0)
        bench.order("w axis0.requested_state 1")
        bench.wait(0.1)
        assert bench.read("axis0.current_state") == 1
        assert bench.odrive.snapshot().currents_a[0] == 0.0
        assert bench.turns_per_s[0] > 1.5

    @pytest.mark.parametrize("state", [3, 4, 5, 7, 99])
    def test_a_state_that_cannot_be_entered_is_an_error(
        self, bench: OdriveBench, state: int
    ) -> None:
        bench.order(f"w axis0.requested_state {state}")
        bench.wait(0.002)
        assert bench.read("axis0.error") == 1
        assert bench.conditions == ("axis0 INVALID_STATE",)
        bench.close_loops()
        assert bench.read("axis0.error") == 0, "a valid request clears it"

    def test_from_the_factory_it_cannot_be_driven(self) -> None:
        bench = OdriveBench(OdriveParams(is_set_up=False))
        bench.send(CLOSED_LOOP)
        bench.wait(0.002)
        assert bench.read("axis0.motor.is_calibrated") == 0
        assert bench.read("axis1.current_state") == 1
        assert bench.conditions == ("axis0 INVALID_STATE", "axis1 INVALID_STATE")

    def test_an_axis_with_an_error_falls_back_to_idle(self, bench: OdriveBench) -> None:
        bench.order("w axis0.error 2048", "v 0 1")
        bench.send(CLOSED_LOOP)
        bench.wait(0.3)
        assert bench.read("axis0.current_state") == 1
        assert bench.read("axis1.current_state") == 8
        assert bench.turns_per_s[0] == 0.0


class TestControl:
    def test_velocity_is_reached_by_the_ramp(self, bench: OdriveBench) -> None:
        bench.order("w axis0.controller.config.vel_ramp_rate 2")
        bench.close_loops("v 0 2", "v 1 -1")
        bench.wait(0.5)
        assert bench.read("axis0.controller.vel_setpoint") == pytest.approx(1.0, abs=0.01)
        assert bench.turns_per_s[0] == pytest.approx(0.9, abs=0.2)
        bench.wait(2.5)
        assert bench.turns_per_s == pytest.approx((2.0, -1.0), abs=0.02)
        position, speed = map(float, bench.ask("f 1").split())
        assert speed == pytest.approx(-1.0, abs=0.02)
        assert bench.read("axis1.encoder.pos_estimate") == position
        assert bench.read("axis1.encoder.vel_estimate") == speed
        counts = bench.read("axis1.encoder.shadow_count")
        assert counts / bench.read("axis1.encoder.config.cpr") == pytest.approx(position, abs=1e-3)

    def test_without_the_ramp_the_input_is_the_setpoint(self, bench: OdriveBench) -> None:
        bench.order("w axis0.controller.config.input_mode 1")
        bench.close_loops("v 0 2")
        bench.wait(0.002)
        assert bench.read("axis0.controller.vel_setpoint") == 2.0

    def test_the_limit_of_speed_holds(self, bench: OdriveBench) -> None:
        bench.order("w axis0.controller.config.vel_limit 1.5")
        bench.close_loops("v 0 100")
        bench.wait(3.0)
        assert bench.turns_per_s[0] == pytest.approx(1.5, abs=0.05)

    def test_overspeed_disarms(self, bench: OdriveBench) -> None:
        bench.close_loops("v 0 2")
        bench.wait(2.0)
        bench.order("w axis0.controller.config.vel_limit 1")
        bench.wait(0.01)
        assert bench.read("axis0.controller.error") == 0x01
        assert bench.read("axis0.error") == 0x240
        assert bench.ask("r axis0.motor.error") == str(0x110000000)[:9]
        assert bench.read("axis0.current_state") == 1
        assert bench.read("axis1.current_state") == 8

    def test_position_is_held_and_reached(self, bench: OdriveBench) -> None:
        bench.order("w axis0.controller.config.input_mode 1")
        bench.close_loops("p 0 1.5", "t 1 -1")
        bench.wait(6.0)
        assert bench.read("axis0.encoder.pos_estimate") == pytest.approx(1.5, abs=0.01)
        assert bench.read("axis1.encoder.pos_estimate") == pytest.approx(-1.0, abs=0.01)
        assert bench.read("axis1.controller.trajectory_done") == 1

    def test_a_trajectory_may_turn_back_on_its_way(self, bench: OdriveBench) -> None:
        bench.close_loops("t 0 2")
        bench.wait(1.5)
        bench.order("t 0 0.2")
        bench.wait(0.2)
        assert bench.turns_per_s[0] > 0.3, "it slows down first"
        bench.wait(6.0)
        assert bench.read("axis0.encoder.pos_estimate") == pytest.approx(0.2, abs=0.01)

    def test_at_its_limit_the_torque_is_not_summed_up(self, bench: OdriveBench) -> None:
        bench.plant.motors[0].load_nm = 1000.0
        bench.close_loops("v 0 1")
        bench.wait(3.0)
        assert abs(bench.read("axis0.controller.vel_integrator_torque")) < 1.0

    def test_position_control_begins_where_the_axis_is(self, bench: OdriveBench) -> None:
        bench.close_loops("v 0 1")
        bench.wait(2.0)
        bench.order("w axis0.controller.config.input_mode 1", "w axis0.controller.input_vel 0")
        here = bench.read("axis0.encoder.pos_estimate")
        bench.order("w axis0.controller.config.control_mode 3")
        assert bench.read("axis0.controller.input_pos") == pytest.approx(here, abs=0.01)
        bench.wait(2.0)
        assert bench.read("axis0.encoder.pos_estimate") == pytest.approx(here, abs=0.05)

    def test_closed_loop_control_asked_for_again_begins_at_rest(self, bench: OdriveBench) -> None:
        bench.close_loops("v 0 2")
        bench.wait(2.0)
        bench.order("w axis0.requested_state 8")
        bench.wait(0.004)
        assert 0.0 < bench.read("axis0.controller.vel_setpoint") < 0.1

    def test_q_sets_limits(self, bench: OdriveBench) -> None:
        bench.order("w axis0.controller.config.input_mode 1")
        bench.close_loops("q 0 5 0.5 7")
        bench.wait(2.0)
        assert bench.turns_per_s[0] == pytest.approx(0.5, abs=0.1)
        assert bench.read("axis0.controller.config.vel_limit") == 0.5
        assert bench.read("axis0.motor.config.torque_lim") == 7.0

    def test_torque_is_a_current(self, bench: OdriveBench) -> None:
        bench.order("w axis0.controller.config.input_mode 1")
        bench.close_loops("c 0 4")
        bench.wait(0.1)
        assert bench.read("axis0.motor.current_control.Iq_measured") == pytest.approx(5.0)
        seen = bench.odrive.snapshot()
        assert seen.currents_a[0] == pytest.approx(5.0)
        supply_a = bench.read("ibus")
        assert 0.0 < supply_a < 5.0
        assert bench.read("axis0.motor.I_bus") == supply_a
        assert bench.read("vbus_voltage") == pytest.approx(seen.supply_v, abs=1e-4)

    def test_what_is_no_number_disarms(self, bench: OdriveBench) -> None:
        bench.close_loops("v 0 nan")
        bench.wait(0.01)
        assert bench.conditions == ("axis0 MOTOR_FAILED", "axis0 MODULATION_IS_NAN")

    def test_no_torque_constant_disarms(self, bench: OdriveBench) -> None:
        bench.close_loops("w axis0.motor.config.torque_constant 0")
        bench.wait(0.01)
        assert bench.read("axis0.motor.error") == 0x10000

    def test_an_input_mode_that_is_not_there_disarms(self, bench: OdriveBench) -> None:
        bench.close_loops("v 0 1", "w axis0.controller.config.input_mode 4")
        bench.wait(0.01)
        assert bench.read("axis0.controller.error") == 0x02
        assert bench.read("axis0.current_state") == 1
