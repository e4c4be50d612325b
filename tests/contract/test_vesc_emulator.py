"""The emulator of two VESCs against the maker's firmware, byte for byte, in made-up time."""

from __future__ import annotations

import math
import struct

import numpy as np
import pytest
import serial
from tests.controllers.emulator_contract import EmulatorContract
from tests.controllers.vesc_emulated import (
    APPCONF_SIZE,
    ERPM_PER_RADPS,
    SIGNATURE,
    VescBench,
    number,
    packet,
    payloads,
    settings,
    to_both,
    to_second,
    values,
)

from patrol_emulators.emulator import Emulator
from patrol_emulators.faults import FaultBoard
from patrol_emulators.link import Link
from patrol_emulators.vesc.can_bus import frame_count
from patrol_emulators.vesc.controller import Vescs
from patrol_emulators.vesc.params import LimitParams, SpeedParams, VescParams
from patrol_emulators.vesc.unit import BOOT_S

VERSION, GET_VALUES, ALIVE, GET_APPCONF, REBOOT = b"\x00", b"\x04", b"\x1e", b"\x11", b"\x1d"
DUTY, CURRENT, BRAKE, RPM = 5, 6, 7, 8
NOT_DRIVEN = (0.0, 0.0)


class TestVescs(EmulatorContract):
    question = packet(VERSION)
    answer = packet(
        b"\x00\x06\x05" + b"60_MK6\0" + bytes(range(11)) + b"\0" + bytes(4) + b"\1" + bytes(3)
        + b"\0" + bytes(4)
    )  # fmt: skip
    arm_watchdog = packet(settings(500, 10.0)) + to_second(settings(500, 10.0, controller_id=2))
    drive = packet(number(DUTY, 40_000)) + to_second(number(DUTY, -40_000))
    halt = to_both(number(BRAKE, 10_000))

    def make(self, now_s: float) -> Emulator:
        return Vescs(VescParams(), now_s)

    def answered(self, driver: serial.Serial, emulator: Emulator) -> bool:
        """Noise may have begun a packet that is waited for; zeros end it, however long it is."""
        driver.write(bytes(520))
        return super().answered(driver, emulator)


@pytest.fixture
def bench() -> VescBench:
    return VescBench()


class TestPackets:
    @pytest.mark.parametrize(
        ("sent", "answer"),
        [
            ("02 01 04 40 84 03", "02 4a 04 00 fa 00 00"),
            ("02 05 32 00 00 01 00 7b 5c 03", "02 07 32 00 00 01 00 00 fe 41 0b 03"),
            ("02 01 11 02 10 03", "03 01 17 11 7d 21 7e b8 01 00 00 03 e8 00 00 00 00"),
            ("02 05 05 00 00 4e 20 29 f6 03", ""),
            ("02 01 1e f3 ff 03", ""),
        ],
    )
    def test_bytes(self, bench: VescBench, sent: str, answer: str) -> None:
        assert bench.send(bytes.fromhex(sent)).hex(" ").startswith(answer)

    @pytest.mark.parametrize(
        "spoilt",
        [
            packet(number(RPM, 5000))[:-3] + b"\x00\x00\x03",
            packet(number(RPM, 5000))[:-1] + b"\x02",
            b"\x01" + packet(number(RPM, 5000))[1:],
            b"\x02\x00\x00\x00\x03",
            b"\x03\x00" + packet(number(RPM, 5000))[1:],
            packet(b"\xfe"),
            packet(b"\x08\x00\x00\x13"),
            packet(b"\x22"),
            packet(settings(100)[:-1]),
            packet(settings(100, signature=SIGNATURE + 1)),
        ],
        ids=["crc", "stop", "start", "empty", "long header", "unknown", "few data", "no target",
             "few settings", "signature"],
    )  # fmt: skip
    def test_a_wrong_packet_is_not_answered_and_does_nothing(
        self, bench: VescBench, spoilt: bytes
    ) -> None:
        assert bench.send(spoilt) == b""
        bench.wait(0.5)
        assert bench.speeds_radps == NOT_DRIVEN
        assert bench.vescs.snapshot().packets == 0
        assert bench.ask(VERSION)[:3] == b"\x00\x06\x05"

    def test_what_is_thrown_away_is_counted(self, bench: VescBench) -> None:
        bench.send(packet(GET_VALUES)[:-1] + b"\x04" + packet(b"\xfe") + packet(ALIVE))
        seen = bench.vescs.snapshot()
        assert (seen.packets, seen.rejected) == (1, 2)

    def test_more_data_than_needed_are_passed_over(self, bench: VescBench) -> None:
        bench.send(packet(number(DUTY, 30_000) + bytes(300)))
        bench.wait(0.5)
        assert bench.speeds_radps[0] > 5.0

    def test_255_bytes_have_either_header(self, bench: VescBench) -> None:
        short = packet(VERSION + bytes(254))
        assert short[0] == 2
        assert bench.send(b"\x03\x00\xff" + short[2:]) == bench.send(short) != b""

    def test_no_pause_ends_a_packet(self, bench: VescBench) -> None:
        asked = packet(VERSION)
        assert bench.send(asked[:3]) == b""
        bench.wait(5.0)
        assert bench.send(asked[3:]) == bench.send(asked) != b""

    def test_packets_behind_a_false_beginning_wait_but_are_not_lost(
        self, bench: VescBench
    ) -> None:
        assert bench.send(b"\x02\x27" + 6 * packet(VERSION)) == b""
        assert len(payloads(bench.send(packet(VERSION)))) == 7


class TestTwoUnits:
    def test_the_second_answers_through_the_first_after_a_while(self, bench: VescBench) -> None:
        assert bench.send(to_second(VERSION)) == b""
        assert bench.wait(0.001) == b""
        (answer,) = payloads(bench.wait(0.02))
        assert answer[:10] == b"\x00\x06\x0560_MK6\0"
        assert answer != bench.ask(VERSION), "it has a serial number of its own"

    def test_a_long_answer_takes_longer(self, bench: VescBench) -> None:
        assert [frame_count(size) for size in (1, 6, 7, 14, 259, 260, 279)] == [
            1, 1, 2, 3, 38, 39, 42,
        ]  # fmt: skip
        bench.send(to_second(GET_APPCONF))
        assert bench.wait(0.0128) == b""
        assert len(payloads(bench.wait(0.0003))[0]) == 279

    @pytest.mark.parametrize("target", [0, 1, 3, 254])
    def test_nobody_answers_for_a_unit_that_is_not_there(
        self, bench: VescBench, target: int
    ) -> None:
        assert bench.send(to_second(VERSION, target)) + bench.wait(0.1) == b""

    def test_everybody_on_the_bus_is_the_second(self, bench: VescBench) -> None:
        bench.send(to_second(number(DUTY, 20_000), 255))
        bench.wait(0.3)
        assert bench.speeds_radps[0] == 0.0 and bench.speeds_radps[1] > 3.0

    def test_each_knows_its_id_and_may_be_given_another(self, bench: VescBench) -> None:
        first, second = bench.values()
        assert (first["controller_id"], second["controller_id"]) == (1, 2)
        assert bench.ask_second(settings(1000, controller_id=77)) == b"\x95"
        assert bench.send(to_second(VERSION)) + bench.wait(0.1) == b""
        assert bench.send(to_second(VERSION, 77)) + bench.wait(0.1) != b""

    @pytest.mark.parametrize("version", ["6.02", "6.05", "6.06", "7.00"])
    def test_versions_differ_in_signature_and_length(self, version: str) -> None:
        bench = VescBench(VescParams(firmware=version, timeout_ms=250, timeout_brake_a=2.5))
        major, minor = map(int, version.split("."))
        assert tuple(bench.ask(VERSION)[1:3]) == (major, minor)
        assert len(bench.ask(VERSION)) == (31 if version == "6.02" else 35)
        signature, size = {
            "6.02": (486554156, 493), "6.05": (SIGNATURE, APPCONF_SIZE),
            "6.06": (SIGNATURE, APPCONF_SIZE), "7.00": (2384027283, 284),
        }[version]  # fmt: skip
        answer = bench.ask(GET_APPCONF)
        assert struct.unpack_from(">IBIf", answer, 1) == (signature, 1, 250, 2.5)
        assert len(answer) == 1 + size


def test_a_cycle_of_20_ms_holds_both_at_115200_baud(bench: VescBench) -> None:
    line = Link(bench.vescs, 115200, FaultBoard(), np.random.default_rng(1))
    asked = to_both(number(RPM, 3000)) + to_both(GET_VALUES)
    answers = line.exchange(asked, 0.0, 0.0)
    for k in range(1, 200):
        answers += line.exchange(b"", (k - 1) * 1e-4, k * 1e-4)
    assert [values(payload)["controller_id"] for payload in payloads(answers)] == [1, 2]


class TestDriving:
    def test_duty(self, bench: VescBench) -> None:
        bench.keep(number(DUTY, 50_000), 2.0)
        first, second = bench.values()
        assert first["duty"] == second["duty"] == pytest.approx(0.5, abs=0.002)
        bench.keep(number(DUTY, 0), 1.0)
        assert bench.speeds_radps == NOT_DRIVEN

    def test_duty_stays_below_the_maximum(self, bench: VescBench) -> None:
        bench.keep(number(DUTY, -120_000), 2.0)
        assert bench.values()[0]["duty"] == pytest.approx(-0.95, abs=0.002)

    @pytest.mark.parametrize("current_a", [2.0, -2.0])
    def test_current(self, bench: VescBench, current_a: float) -> None:
        bench.send(packet(number(CURRENT, round(current_a * 1000.0))))
        bench.wait(0.5)
        seen = values(bench.ask(GET_VALUES))
        assert seen["iq_a"] == pytest.approx(current_a, abs=0.02)
        assert seen["motor_a"] == pytest.approx(2.0, abs=0.02), "it drives, either way"
        assert bench.speeds_radps[0] * current_a > 0.0

    def test_too_little_current_lets_go(self, bench: VescBench) -> None:
        bench.keep(number(CURRENT, 3000), 1.0)
        rolling = bench.speeds_radps[0]
        bench.order(number(CURRENT, 49))
        bench.wait(0.1)
        assert bench.vescs.snapshot().currents_a == (0.0, 0.0)
        assert bench.speeds_radps[0] == pytest.approx(rolling, abs=0.7)

    def test_braking_is_against_the_motion_and_holds(self, bench: VescBench) -> None:
        bench.send(packet(number(DUTY, 50_000)) + to_second(number(DUTY, -50_000)))
        bench.wait(0.9)
        bench.order(number(BRAKE, 8000))
        bench.wait(0.005)
        assert bench.values()[1]["motor_a"] > 0.0
        bench.wait(0.05)
        assert bench.vescs.snapshot().currents_a == pytest.approx((-8.0, 8.0))
        assert bench.values()[1]["motor_a"] < 0.0
        bench.wait(0.5)
        assert bench.speeds_radps == NOT_DRIVEN

    @pytest.mark.parametrize("speed_radps", [2.0, -5.0, 15.0])
    def test_speed(self, bench: VescBench, speed_radps: float) -> None:
        bench.keep(number(RPM, round(speed_radps * ERPM_PER_RADPS)), 3.0)
        assert bench.speeds_radps == pytest.approx((speed_radps, speed_radps), rel=0.03)
        for seen in bench.values():
            assert seen["erpm"] / ERPM_PER_RADPS == pytest.approx(speed_radps, rel=0.03)

    def test_a_speed_comes_by_its_ramp(self) -> None:
        bench = VescBench(VescParams(speed=SpeedParams(ramp_erpm_s=2000.0)))
        bench.keep(number(RPM, 8000), 2.0)
        assert bench.speeds_radps[0] * ERPM_PER_RADPS == pytest.approx(4000, rel=0.1)

    def test_too_low_a_speed_starts_nothing_and_brakes_what_runs(self, bench: VescBench) -> None:
        bench.keep(number(RPM, 899), 0.5)
        assert bench.speeds_radps == NOT_DRIVEN and not bench.vescs.units[0].control.is_running
        bench.keep(number(RPM, 900), 1.0)
        assert bench.speeds_radps[0] > 1.0
        bench.keep(number(RPM, 899), 0.5)
        assert bench.speeds_radps == NOT_DRIVEN and bench.vescs.units[0].control.is_running

    def test_a_speed_of_zero_without_a_run_lets_a_wheel_roll(self, bench: VescBench) -> None:
        bench.plant.motors[0].speed_radps = 5.0
        bench.keep(number(RPM, 0), 0.2)
        assert bench.vescs.snapshot().currents_a == (0.0, 0.0)
        assert bench.speeds_radps[0] > 4.0

    def test_no_command_survives_a_current_limit(self, bench: VescBench) -> None:
        for motor in bench.plant.motors:
            motor.load_nm = 1000.0
        for payload in (number(DUTY, 95_000), number(CURRENT, 60_000), number(RPM, 20_000)):
            bench.keep(payload, 0.6)
            assert bench.vescs.snapshot().currents_a == pytest.approx((30.0, 30.0), abs=0.1)
            assert bench.values()[0]["fault"] == 0


class TestReadings:
    def test_a_mask_chooses(self, bench: VescBench) -> None:
        bench.keep(number(DUTY, 30_000), 1.0)
        every = values(bench.ask(GET_VALUES))
        some = values(bench.ask(b"\x32\x00\x20\x21\xc1"))
        assert some.keys() == {
            "temp_fet_c", "duty", "erpm", "supply_v", "tachometer", "status",
        }  # fmt: skip
        assert all(every[name] == value for name, value in some.items())
        assert len(bench.ask(GET_VALUES)) == 74

    def test_the_tachometer_counts_six_steps_a_turn_of_the_field(self, bench: VescBench) -> None:
        per_rev = 6 * 7 * 10
        bench.send(packet(number(DUTY, 30_000)) + to_second(number(DUTY, -30_000)))
        bench.wait(0.9)
        first, second = bench.values()
        turned = bench.plant.motors[0].ticks / 9216
        assert turned > 1.0
        assert first["tachometer"] == pytest.approx(turned * per_rev, abs=60)
        assert first["tachometer_abs"] == first["tachometer"]
        assert second["tachometer"] == -second["tachometer_abs"] < -per_rev
        assert 0.0 <= first["position_deg"] < 360.0

    def test_means_are_of_the_time_since_the_last_reading(self, bench: VescBench) -> None:
        bench.send(packet(number(CURRENT, 4000)))
        bench.wait(0.1)
        bench.send(packet(number(CURRENT, 2000)))
        bench.wait(0.1)
        assert values(bench.ask(GET_VALUES))["iq_a"] == pytest.approx(3.0, abs=0.1)
        assert values(bench.ask(GET_VALUES))["iq_a"] == 0.0
        bench.wait(0.1)
        assert values(bench.ask(GET_VALUES))["iq_a"] == pytest.approx(2.0, abs=0.01)

    def test_charge_and_energy(self, bench: VescBench) -> None:
        bench.keep(number(DUTY, 90_000), 20.0)
        seen = bench.values()[0]
        assert seen["motor_a"] > 1.0
        assert seen["input_a"] == pytest.approx(seen["motor_a"] * seen["duty"], rel=0.02)
        assert seen["drawn_ah"] == pytest.approx(seen["input_a"] * 20.0 / 3600.0, rel=0.02)
        assert seen["drawn_wh"] == pytest.approx(seen["drawn_ah"] * seen["supply_v"], rel=0.02)
        assert seen["charged_ah"] == seen["charged_wh"] == 0.0
        bench.keep(number(BRAKE, 5000), 1.0)
        seen = bench.values()[0]
        assert seen["charged_ah"] > 0.0 and seen["charged_wh"] > 0.0

    def test_supply_and_temperature_are_the_plant_s(self, bench: VescBench) -> None:
        bench.plant.forced_c, bench.plant.forced_v = 41.26, 22.04
        bench.wait(0.1)
        for seen in bench.values():
            assert (seen["temp_fet_c"], seen["supply_v"]) == (41.2, 22.0)

    def test_an_open_motor_shows_the_voltage_that_it_makes(self, bench: VescBench) -> None:
        bench.plant.motors[0].speed_radps = 10.0
        bench.wait(0.002)
        assert values(bench.ask(GET_VALUES))["duty"] == pytest.approx(8.0 / 25.5, abs=0.01)

    def test_a_stuck_sensor_makes_the_loop_run_away(self, bench: VescBench) -> None:
        bench.plant.motors[0].stick_encoder(True)
        bench.keep(number(RPM, 3000), 3.0)
        first, second = bench.values()
        assert first["erpm"] == first["tachometer"] == 0.0
        assert second["erpm"] == pytest.approx(3000, rel=0.05)
        assert bench.speeds_radps[0] > 2.0 * bench.speeds_radps[1]


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
