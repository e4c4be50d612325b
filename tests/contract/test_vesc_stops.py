"""What stops an emulated VESC, and what starts it again: timeout, kill switch, faults, reset."""

from __future__ import annotations

import math
import struct

import pytest
from tests.controllers.vesc_emulated import (
    VescBench,
    number,
    packet,
    settings,
    to_both,
    to_second,
    values,
)

from patrol_emulators.vesc.params import LimitParams, VescParams
from patrol_emulators.vesc.unit import BOOT_S

VERSION, GET_VALUES, ALIVE, GET_APPCONF, REBOOT = b"\x00", b"\x04", b"\x1e", b"\x11", b"\x1d"
DUTY, CURRENT, BRAKE, RPM = 5, 6, 7, 8
NOT_DRIVEN = (0.0, 0.0)


@pytest.fixture
def bench() -> VescBench:
    return VescBench()


class TestTimeout:
    """timeout.c."""

    def test_coasts_by_default_after_a_second(self, bench: VescBench) -> None:
        bench.order(number(DUTY, 50_000))
        bench.wait(1.0)
        assert not bench.vescs.snapshot().watchdog_tripped
        bench.wait(0.1)
        seen = bench.vescs.snapshot()
        assert seen.watchdog_tripped and seen.watchdog_s == 1.0
        assert seen.currents_a == (0.0, 0.0) and min(seen.speeds_radps) > 10.0
        assert [unit["status"] for unit in bench.values()] == [1, 1]

    def test_brakes_with_the_current_that_is_set(self) -> None:
        bench = VescBench(VescParams(timeout_ms=200, timeout_brake_a=6.0))
        bench.order(number(DUTY, 50_000))
        bench.wait(0.25)
        assert bench.vescs.snapshot().currents_a == pytest.approx((-6.0, -6.0))
        bench.wait(1.0)
        assert bench.speeds_radps == NOT_DRIVEN

    @pytest.mark.parametrize(
        ("kept", "fed"),
        [
            (packet(ALIVE), (True, False)),
            (to_second(ALIVE), (False, True)),
            (packet(number(DUTY, 30_000)), (True, False)),
            (to_both(number(RPM, 5000)), (True, True)),
            (to_both(number(CURRENT, 3000)), (True, True)),
            (packet(GET_VALUES) + to_second(GET_VALUES), (False, False)),
            (packet(VERSION) + to_second(VERSION), (False, False)),
            (packet(GET_APPCONF) + packet(settings(1000)), (False, False)),
            (packet(ALIVE)[:-1] + b"\x00", (False, False)),
        ],
    )
    def test_what_feeds_it_and_whose(
        self, bench: VescBench, kept: bytes, fed: tuple[bool, bool]
    ) -> None:
        bench.order(number(DUTY, 30_000))
        for _ in range(16):
            bench.wait(0.1)
            bench.send(kept)
        assert tuple(abs(a) > 0.1 for a in bench.vescs.snapshot().currents_a) == fed
        assert bench.vescs.snapshot().watchdog_tripped is not all(fed)

    def test_alive_ends_it_but_drives_nothing(self, bench: VescBench) -> None:
        bench.order(number(DUTY, 30_000))
        bench.wait(1.5)
        bench.order(ALIVE)
        bench.wait(0.05)
        assert [unit["status"] for unit in bench.values()] == [0, 0]
        assert bench.vescs.snapshot().watchdog_tripped
        bench.order(number(DUTY, 30_000))
        bench.wait(0.05)
        assert not bench.vescs.snapshot().watchdog_tripped
        assert min(bench.vescs.snapshot().currents_a) > 0.5

    def test_settings_last_until_a_reset(self, bench: VescBench) -> None:
        before = bench.ask(GET_APPCONF)
        sent = before[1:6] + struct.pack(">If", 300, 4.0) + before[14:]
        assert bench.ask(b"\x95" + sent) == b"\x95"
        assert bench.ask(GET_APPCONF) == b"\x11" + sent
        assert bench.vescs.snapshot().watchdog_s == 1.0, "the second still has its own"
        bench.vescs.reset(bench.now_s)
        bench.wait(BOOT_S + 0.01)
        assert bench.ask(GET_APPCONF) == before

    def test_zero_is_off(self) -> None:
        bench = VescBench(VescParams(timeout_ms=0))
        bench.order(number(DUTY, 30_000))
        bench.wait(5.0)
        assert bench.speeds_radps[0] > 5.0 and bench.vescs.snapshot().watchdog_s == 0.0

    def test_a_brake_that_is_no_number_is_as_strong_as_it_may(self, bench: VescBench) -> None:
        assert bench.ask(settings(100, math.nan)) == b"\x95"
        bench.order(number(DUTY, 90_000))
        bench.wait(0.12)
        assert bench.vescs.snapshot().currents_a[0] < -5.0


class TestKillSwitch:
    def test_stops_and_is_told_while_it_is_on(self) -> None:
        bench = VescBench(VescParams(kill_switch=True, timeout_brake_a=5.0))
        bench.keep(number(DUTY, 50_000), 0.5)
        bench.plant.estop_pressed = True
        bench.keep(number(DUTY, 50_000), 1.0)
        assert bench.speeds_radps == NOT_DRIVEN
        assert [unit["status"] for unit in bench.values()] == [2, 2]
        assert bench.vescs.snapshot().conditions == ("first: kill switch", "second: kill switch")
        bench.plant.estop_pressed = False
        bench.wait(0.05)
        assert bench.vescs.snapshot().conditions == () and bench.speeds_radps == NOT_DRIVEN
        bench.keep(number(DUTY, 50_000), 0.5)
        assert bench.speeds_radps[0] > 5.0

    def test_without_the_setting_nobody_looks_at_it(self, bench: VescBench) -> None:
        bench.plant.estop_pressed = True
        bench.keep(number(DUTY, 50_000), 0.5)
        assert bench.speeds_radps[0] > 5.0
        assert [unit["status"] for unit in bench.values()] == [0, 0]


class TestFaults:
    """Codes of datatypes.h."""

    @pytest.mark.parametrize(
        ("name", "code", "voltage_v", "temperature_c"),
        [
            ("OVER_VOLTAGE", 1, 57.1, None),
            ("UNDER_VOLTAGE", 2, 7.9, None),
            ("OVER_TEMP_FET", 5, None, 100.0),
        ],
    )
    def test_a_fault_lets_go_until_half_a_second_after_its_cause(
        self, name: str, code: int, voltage_v: float | None, temperature_c: float | None
    ) -> None:
        bench = VescBench()
        bench.keep(number(DUTY, 50_000), 0.5)
        bench.plant.forced_v, bench.plant.forced_c = voltage_v, temperature_c
        bench.keep(number(DUTY, 50_000), 1.0)
        seen = bench.vescs.snapshot()
        assert seen.currents_a == (0.0, 0.0) and not seen.watchdog_tripped
        assert [unit["fault"] for unit in bench.values()] == [code, code]
        assert seen.conditions == (f"first: FAULT_CODE_{name}", f"second: FAULT_CODE_{name}")
        bench.plant.forced_v = bench.plant.forced_c = None
        bench.keep(number(DUTY, 50_000), 0.4)
        assert bench.values()[0]["fault"] == code
        bench.wait(0.1)
        assert bench.vescs.snapshot().conditions == ()
        assert bench.vescs.snapshot().currents_a == (0.0, 0.0), "what it was told is forgotten"
        bench.keep(number(DUTY, 50_000), 0.1)
        assert min(bench.vescs.snapshot().currents_a) > 1.0

    def test_too_much_current(self) -> None:
        bench = VescBench(VescParams(limits=LimitParams(abs_max_a=20.0)))
        bench.plant.motors[1].load_nm = 1000.0
        bench.order(number(CURRENT, 25_000))
        bench.wait(0.01)
        assert bench.values()[1]["fault"] == 4
        bench.send(packet(number(CURRENT, 15_000)))
        assert bench.vescs.snapshot().conditions[-1] == "second: FAULT_CODE_ABS_OVER_CURRENT"

    @pytest.mark.parametrize(
        ("temperature_c", "drive_a", "brake_a"),
        [(75.9, 30.0, 30.0), (82.375, 15.0, 30.0), (92.5, 0.05, 15.0)],
    )
    def test_heat_takes_current_and_first_from_driving(
        self, bench: VescBench, temperature_c: float, drive_a: float, brake_a: float
    ) -> None:
        bench.plant.forced_c = temperature_c
        bench.plant.motors[0].load_nm = 1000.0
        bench.plant.motors[1].speed_radps = 28.0
        bench.send(packet(number(CURRENT, 40_000)) + to_second(number(BRAKE, 40_000)))
        bench.wait(0.003)
        assert bench.vescs.snapshot().currents_a == pytest.approx((drive_a, -brake_a), rel=1e-3)

    def test_a_low_battery_gives_less(self) -> None:
        bench = VescBench(VescParams(limits=LimitParams(cut_start_v=24.0, cut_end_v=20.0)))
        bench.plant.forced_v = 22.0
        bench.keep(number(CURRENT, 30_000), 1.5)
        free = bench.values()[0]
        bench.plant.forced_v = 20.0
        bench.keep(number(CURRENT, 30_000), 1.0)
        empty = bench.values()[0]
        assert free["iq_a"] > 1.0 and abs(empty["input_a"]) < 0.1

    def test_held_wheels_are_no_fault(self, bench: VescBench) -> None:
        for motor in bench.plant.motors:
            motor.load_nm = 1000.0
        bench.keep(number(RPM, 5000), 2.0)
        assert bench.vescs.snapshot().conditions == ()
        assert bench.values()[0]["iq_a"] > 25.0


class TestReset:
    def test_a_reboot_takes_a_while_and_forgets(self, bench: VescBench) -> None:
        bench.keep(number(DUTY, 30_000), 0.5)
        assert bench.send(packet(REBOOT) + packet(VERSION)) == b""
        bench.wait(0.2)
        assert bench.send(packet(VERSION)) == b""
        assert bench.vescs.snapshot().currents_a[0] == 0.0 < bench.vescs.snapshot().currents_a[1]
        bench.wait(BOOT_S)
        seen = values(bench.ask(GET_VALUES))
        assert seen["tachometer_abs"] < 420 and seen["drawn_wh"] == 0.0

    def test_the_second_reboots_alone(self, bench: VescBench) -> None:
        bench.send(to_second(REBOOT))
        bench.wait(0.01)
        assert bench.ask(VERSION) != b""
        assert bench.send(to_second(VERSION)) + bench.wait(0.1) == b""
        bench.wait(BOOT_S)
        assert bench.ask_second(VERSION)[:3] == b"\x00\x06\x05"

    def test_a_brown_out_is_a_reset(self, bench: VescBench) -> None:
        bench.keep(number(DUTY, 30_000), 0.5)
        bench.plant.forced_v = 4.0
        bench.wait(0.05)
        assert bench.send(packet(VERSION)) == b""
        bench.plant.forced_v = None
        bench.wait(BOOT_S - 0.1)
        assert bench.send(packet(VERSION)) == b""
        bench.wait(0.2)
        assert bench.ask(VERSION) != b""
        assert bench.vescs.snapshot().currents_a == (0.0, 0.0)

    def test_the_timeout_counts_from_the_boot(self, bench: VescBench) -> None:
        bench.vescs.reset(bench.now_s)
        bench.wait(BOOT_S + 0.02)
        assert bench.values()[0]["status"] == 1
        assert not bench.vescs.snapshot().watchdog_tripped, "it stopped nothing"
