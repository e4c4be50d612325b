"""The emulator of two VESCs against the maker's firmware, byte for byte, in made-up time."""

from __future__ import annotations

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
from patrol_emulators.vesc.params import SpeedParams, VescParams

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
