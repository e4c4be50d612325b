"""The RoboClaw emulator against the maker's manual, byte for byte, in made-up time."""

from __future__ import annotations

import binascii

import pytest
from tests.controllers.emulator_contract import EmulatorContract
from tests.controllers.roboclaw_emulated import ACK, RoboclawBench, question, request

from patrol_emulators.emulator import Emulator
from patrol_emulators.params import MotorParams
from patrol_emulators.roboclaw.controller import Roboclaw
from patrol_emulators.roboclaw.packets import crc16
from patrol_emulators.roboclaw.status import ProtectionParams
from patrol_emulators.roboclaw.unit import BOOT_S, RoboclawParams


class TestRoboclaw(EmulatorContract):
    question = question(15)
    answer = b"\x00\x2b\x64"
    arm_watchdog = request(14, "B", 5)
    drive = request(34, "hh", 12000, -12000)
    halt = request(34, "hh", 0, 0)

    def make(self, now_s: float) -> Emulator:
        return Roboclaw(RoboclawParams(), now_s)


@pytest.fixture
def bench() -> RoboclawBench:
    return RoboclawBench()


def test_the_check_sum_is_crc_16_xmodem() -> None:
    assert crc16(b"123456789") == 0x31C3


@pytest.mark.parametrize(
    ("sent", "answer"),
    [
        ("80 00 40 73 9e", "ff"),
        ("80 20 20 00 5d 18", "ff"),
        ("80 23 00 00 10 00 31 35", "ff"),
        ("80 14 49 2d", "ff"),
        ("80 0f", "00 2b 64"),
        ("80 10", "00 00 00 00 00 b1 7d"),
        ("80 2f", "80 80 fd df"),
        ("80 37", "00 01 00 00 00 00 80 00 00 00 40 00 00 00 ab e0 ab c0"),
        ("80 52", "00 fa a3 c3"),
        ("80 5a", "00 00 00 00 87 bc"),
    ],
)
def test_bytes(bench: RoboclawBench, sent: str, answer: str) -> None:
    assert bench.send(bytes.fromhex(sent)).hex(" ") == answer


def test_the_version_ends_with_a_line_feed_and_a_null(bench: RoboclawBench) -> None:
    answer = bench.send(question(21))
    assert answer[:-2] == b"RoboClaw 2x30A v4.2.4\n\0"
    assert int.from_bytes(answer[-2:], "big") == binascii.crc_hqx(b"\x80\x15" + answer[:-2], 0)
    assert len(answer) <= 48 + 2


@pytest.mark.parametrize(
    "packet",
    [
        request(32, "h", 20000)[:-1] + b"\x00",
        request(32, "h", 20000, address=0x81),
        b"\x80\xc7\x00\x00",
        request(0, "B", 128),
        request(6, "B", 200),
        request(41, "iIB", 1000, 100, 2),
        request(94, "I", 0x12345678),
    ],
    ids=["crc", "address", "unknown", "range", "range 7 bit", "buffer", "key"],
)
def test_a_wrong_packet_is_not_answered_and_does_nothing(
    bench: RoboclawBench, packet: bytes
) -> None:
    assert bench.send(packet) == b""
    bench.wait(0.5)
    assert bench.speeds_radps == (0.0, 0.0)
    bench.wait(0.02)
    assert bench.ask(15, "B") == (0,)


def test_a_pause_of_more_than_10_ms_discards_the_packet(bench: RoboclawBench) -> None:
    packet = request(32, "h", 20000)
    assert bench.send(packet[:3]) == b""
    bench.wait(0.0099)
    assert bench.send(packet[3:]) == ACK
    bench.send(packet[:3])
    bench.wait(0.0101)
    assert bench.send(packet[3:]) == b""
    assert bench.send(packet) == ACK
    assert bench.claw.snapshot().rejected == 1


def test_packets_come_together_or_byte_by_byte(bench: RoboclawBench) -> None:
    both = request(32, "h", 3000) + question(15)
    together = bench.send(both)
    assert together == b"".join(bench.send(bytes((byte,))) for byte in both)
    assert len(together) == 1 + 3


@pytest.mark.parametrize(
    ("packet", "duties"),
    [
        (request(0, "B", 127), (32767, 0)),
        (request(1, "B", 127), (-32767, 0)),
        (request(4, "B", 64), (0, 16513)),
        (request(5, "B", 0), (0, 0)),
        (request(6, "B", 0), (-32767, 0)),
        (request(6, "B", 64), (0, 0)),
        (request(7, "B", 127), (0, 32767)),
        (request(32, "h", -100), (-100, 0)),
        (request(33, "h", 32767), (0, 32767)),
        (request(34, "hh", 1234, -4321), (1234, -4321)),
        (request(34, "hh", -32768, 5), (-32767, 5)),
        (request(52, "hI", 500, 0), (500, 0)),
        (request(54, "hIhI", 500, 0, -600, 655359), (500, -600)),
    ],
)
def test_duty(bench: RoboclawBench, packet: bytes, duties: tuple[int, int]) -> None:
    assert bench.send(packet) == ACK
    bench.wait(0.01)
    assert bench.ask(48, "hh") == duties


def test_duty_with_acceleration_ramps(bench: RoboclawBench) -> None:
    bench.order(53, "hI", 30000, 10000)
    bench.wait(1.5)
    assert bench.ask(48, "hh")[1] == pytest.approx(15000, abs=100)
    bench.wait(2.0)
    assert bench.ask(48, "hh") == (0, 30000)


@pytest.mark.parametrize(
    ("packet", "speeds"),
    [
        (request(35, "i", 9000), (9000, 0)),
        (request(36, "i", -9000), (0, -9000)),
        (request(37, "ii", 12000, -6000), (12000, -6000)),
        (request(38, "Ii", 40000, -9000), (-9000, 0)),
        (request(39, "Ii", 40000, 9000), (0, 9000)),
        (request(40, "Iii", 40000, 9000, 4500), (9000, 4500)),
        (request(50, "IiIi", 40000, 9000, 20000, -4500), (9000, -4500)),
    ],
)
def test_speed_is_reached_and_read_with_its_sign(
    bench: RoboclawBench, packet: bytes, speeds: tuple[int, int]
) -> None:
    assert bench.send(packet) == ACK
    bench.wait(2.0)
    for index, wanted in enumerate(speeds):
        assert bench.ask(79, "ii")[index] == pytest.approx(wanted, abs=600)
        assert bench.ask(108, "ii")[index] == pytest.approx(wanted, abs=250)
        for command in (18 + index, 30 + index):
            speed, backward = bench.ask(command, "iB")
            assert speed == pytest.approx(wanted, abs=600)
            assert backward == (wanted < 0)
    ticks_per_rad = MotorParams().ticks_per_rev / 6.283185307
    true = [speed * ticks_per_rad for speed in bench.speeds_radps]
    assert true == pytest.approx(speeds, abs=250)


def test_acceleration_is_counts_a_second_a_second(bench: RoboclawBench) -> None:
    bench.order(38, "Ii", 6000, 12000)
    bench.wait(1.0)
    early = bench.ask(18, "iB")[0]
    bench.wait(0.5)
    assert bench.ask(18, "iB")[0] - early == pytest.approx(3000, rel=0.1)
    bench.wait(1.5)
    assert bench.ask(18, "iB")[0] == pytest.approx(12000, rel=0.02)


def test_moves_wait_for_each_other(bench: RoboclawBench) -> None:
    assert bench.ask(47, "BB") == (0x80, 0x80)
    bench.order(41, "iIB", 10000, 5000, 0)
    assert bench.ask(47, "BB") == (0, 0x80)
    bench.order(41, "iIB", 4000, 2000, 0)
    bench.order(44, "IiIB", 100000, 0, 0, 0)
    assert bench.ask(47, "BB") == (2, 0x80)
    bench.wait(0.3)
    assert bench.ask(47, "BB")[0] == 2
    bench.wait(0.6)
    assert bench.ask(47, "BB")[0] == 1
    bench.wait(1.5)
    assert bench.ask(47, "BB") == (0x80, 0x80)
    assert bench.ask(16, "IB")[0] == pytest.approx(7000, abs=700)
    assert bench.speeds_radps[0] == pytest.approx(0.0, abs=0.3)


def test_a_move_with_buffer_1_takes_the_place_of_all_others(bench: RoboclawBench) -> None:
    bench.order(43, "iIiIB", 9000, 90000, 9000, 90000, 0)
    bench.order(43, "iIiIB", 1000, 90000, 1000, 90000, 0)
    bench.wait(0.5)
    bench.order(42, "iIB", -5000, 90000, 1)
    assert bench.ask(47, "BB") == (1, 0)
    bench.wait(1.0)
    assert bench.ask(18, "iB")[0] > 8000
    assert bench.ask(19, "iB")[0] < -4500


def test_a_full_buffer_refuses(bench: RoboclawBench) -> None:
    for _ in range(65):
        bench.order(41, "iIB", 1000, 1000000, 0)
    assert bench.ask(47, "BB") == (64, 0x80)
    assert bench.send(request(41, "iIB", 1000, 1000000, 0)) == b""


def test_encoders_count_wrap_and_flag(bench: RoboclawBench) -> None:
    bench.order(22, "I", 0xFFFFFFFF)
    bench.order(23, "I", 5)
    bench.order(34, "hh", 8000, -8000)
    bench.wait(0.5)
    first, status = bench.ask(16, "IB")
    assert 1000 < first < 10000 and status == 0b100
    second, status = bench.ask(17, "IB")
    assert second > 0xFFFF0000 and status == 0b011
    assert bench.ask(16, "IB")[1] == 0 and bench.ask(17, "IB")[1] == 0b010
    assert bench.ask(78, "II") == (first, second)
    bench.order(20)
    assert bench.ask(78, "II") == (0, 0)


def test_pid_is_written_d_p_i_and_read_p_i_d(bench: RoboclawBench) -> None:
    bench.order(28, "IIII", 1, 2, 3, 4)
    bench.order(29, "IIII", 5, 6, 7, 8)
    assert bench.ask(55, "IIII") == (2, 3, 1, 4)
    assert bench.ask(56, "IIII") == (6, 7, 5, 8)


def test_the_loop_uses_its_constants(bench: RoboclawBench) -> None:
    bench.order(28, "IIII", 0, 0, 0, 88000)
    bench.order(29, "IIII", 0, 0, 0, 0)
    bench.order(37, "ii", 20000, 20000)
    bench.wait(0.1)
    assert bench.ask(48, "hh") == (round(20000 / 88000 * 32767), 0)


def test_readings_in_their_units(bench: RoboclawBench) -> None:
    bench.plant.motors[0].load_nm = 1000.0
    bench.order(32, "h", 16384)
    bench.wait(0.1)
    seen = bench.claw.snapshot()
    assert bench.ask(24, "H") == (round(seen.supply_v * 10.0),)
    assert bench.ask(25, "H") == (round(seen.supply_v * 10.0),)
    assert bench.ask(49, "hh") == (round(seen.currents_a[0] * 100.0), 0)
    assert seen.currents_a[0] == pytest.approx(20.0, abs=1.5)
    bench.wait(5.0)
    assert bench.ask(82, "H")[0] > 252
    assert bench.ask(82, "H") == bench.ask(83, "H")


class TestWatchdog:
    def test_trips_in_time_and_is_seen(self, bench: RoboclawBench) -> None:
        bench.order(14, "B", 3)
        assert bench.ask(15, "B") == (3,)
        bench.order(34, "hh", 8000, 8000)
        bench.wait(0.29)
        assert not bench.claw.snapshot().watchdog_tripped
        assert bench.claw.snapshot().watchdog_s == pytest.approx(0.3)
        bench.wait(0.02)
        assert bench.claw.snapshot().watchdog_tripped
        bench.wait(1.0)
        assert bench.speeds_radps == (0.0, 0.0)
        assert bench.ask(48, "hh") == (0, 0)

    def test_bytes_keep_it_and_a_command_starts_again(self, bench: RoboclawBench) -> None:
        bench.order(14, "B", 2)
        bench.order(37, "ii", 9000, 9000)
        for _ in range(20):
            bench.wait(0.15)
            bench.ask(24, "H")
        assert bench.speeds_radps[0] > 5.0
        bench.wait(0.25)
        bench.ask(24, "H")
        assert bench.claw.snapshot().watchdog_tripped
        bench.order(37, "ii", 9000, 9000)
        assert not bench.claw.snapshot().watchdog_tripped
        bench.wait(0.19)
        assert bench.speeds_radps[0] > 1.0

    def test_zero_is_off(self, bench: RoboclawBench) -> None:
        bench.order(32, "h", 8000)
        bench.wait(3.0)
        assert bench.speeds_radps[0] > 5.0


class TestStatus:
    """Bits of the manual's two editions."""

    CASES = (
        ("estop", 0x0004, 0x000001),
        ("hot", 0x0008 | 0x1000, 0x000002 | 0x100000),
        ("warm", 0x1000, 0x100000),
        ("low", 0x0800, 0x080000),
        ("high", 0x0400, 0x040000),
        ("held", 0x0001 | 0x0002, 0x010000 | 0x020000),
    )

    @pytest.mark.parametrize(("what", "bits_16", "bits_32"), CASES)
    def test_bits(self, what: str, bits_16: int, bits_32: int) -> None:
        for wide, layout, bits in ((False, "H", bits_16), (True, "I", bits_32)):
            bench = RoboclawBench(RoboclawParams(wide_status=wide))
            bench.order(34, "hh", 32767, 32767)
            bench.wait(0.1)
            assert bench.ask(90, layout) == (0,)
            if what == "held":
                for motor in bench.plant.motors:
                    motor.load_nm = 1000.0
            bench.plant.estop_pressed = what == "estop"
            bench.plant.forced_c = {"hot": 100.1, "warm": 86.0}.get(what)
            bench.plant.forced_v = {"low": 5.9, "high": 34.5}.get(what)
            bench.wait(0.1)
            assert bench.ask(90, layout) == (bits,)

    def test_limits_come_and_go(self, bench: RoboclawBench) -> None:
        bench.order(32, "h", 32767)
        bench.plant.motors[0].load_nm = 1000.0
        bench.plant.forced_c = 92.5
        bench.wait(0.1)
        assert bench.ask(49, "hh")[0] == pytest.approx(1500)
        bench.plant.motors[0].load_nm = 0.0
        bench.plant.forced_c = None
        bench.wait(2.0)
        assert bench.ask(90, "I") == (0,)
        assert bench.speeds_radps[0] > 25.0

    def test_low_voltage_coasts_and_then_waits_for_a_command(self, bench: RoboclawBench) -> None:
        bench.order(32, "h", 16000)
        bench.wait(1.0)
        bench.plant.forced_v = 5.8
        bench.wait(0.1)
        assert bench.claw.snapshot().currents_a == (0.0, 0.0)
        assert bench.speeds_radps[0] > 5.0
        bench.plant.forced_v = None
        bench.wait(5.0)
        assert bench.ask(90, "I") == (0,)
        assert bench.speeds_radps == (0.0, 0.0)

    def test_an_e_stop_brakes_and_holds_until_a_reset(self, bench: RoboclawBench) -> None:
        bench.order(32, "h", 16000)
        bench.wait(1.0)
        bench.plant.estop_pressed = True
        bench.wait(0.01)
        assert bench.claw.snapshot().currents_a[0] < -1.0
        bench.plant.estop_pressed = False
        bench.wait(1.0)
        bench.order(32, "h", 16000)
        bench.wait(1.0)
        assert bench.speeds_radps == (0.0, 0.0)
        assert bench.ask(90, "I") == (1,)
        bench.claw.reset(bench.now_s)
        bench.wait(BOOT_S + 0.1)
        assert bench.ask(90, "I") == (0,)

    def test_a_momentary_e_stop_ends_when_it_is_let_go(self) -> None:
        bench = RoboclawBench(RoboclawParams(protection=ProtectionParams(estop_latches=False)))
        bench.plant.estop_pressed = True
        bench.wait(0.1)
        assert bench.ask(90, "I") == (1,)
        bench.plant.estop_pressed = False
        bench.wait(0.1)
        assert bench.ask(90, "I") == (0,)


class TestReset:
    def test_forgets_what_was_not_stored(self, bench: RoboclawBench) -> None:
        bench.order(14, "B", 5)
        bench.order(28, "IIII", 1, 2, 3, 4)
        bench.order(94, "I", 0xE22EAB7A)
        bench.order(14, "B", 50)
        bench.order(22, "I", 77)
        bench.order(32, "h", 9000)
        bench.wait(0.1)
        bench.claw.reset(bench.now_s)
        assert bench.send(question(15)) == b""
        bench.wait(BOOT_S + 0.01)
        assert bench.ask(15, "B") == (5,)
        assert bench.ask(55, "IIII") == (2, 3, 1, 4)
        assert bench.ask(48, "hh") == (0, 0)
        assert bench.ask(16, "IB")[0] < 50

    def test_a_brown_out_is_a_reset(self, bench: RoboclawBench) -> None:
        bench.order(22, "I", 77000)
        bench.order(32, "h", 9000)
        bench.plant.forced_v = 4.0
        bench.wait(0.05)
        assert bench.send(question(15)) == b""
        bench.plant.forced_v = None
        bench.wait(0.05)
        assert bench.send(question(15)) == b""
        bench.wait(BOOT_S)
        assert bench.ask(16, "IB")[0] < 10000
        assert bench.ask(48, "hh") == (0, 0)


def test_a_stuck_encoder_makes_the_loop_run_away(bench: RoboclawBench) -> None:
    bench.plant.motors[0].stick_encoder(True)
    bench.order(35, "i", 5000)
    bench.wait(3.0)
    assert bench.ask(79, "ii")[0] == 0
    assert bench.speeds_radps[0] > 2.0 * 5000 / 9216 * 6.28
