"""The RoboClaw emulator against the maker's manual, byte for byte, in made-up time."""

from __future__ import annotations

import binascii
import struct

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.emulated import ADDRESS, question, request, unpacked

from patrol_emulators.params import MotorParams
from patrol_emulators.roboclaw.controller import Roboclaw
from patrol_emulators.roboclaw.packets import READS, WRITES, crc16
from patrol_emulators.roboclaw.status import ProtectionParams
from patrol_emulators.roboclaw.unit import BOOT_S, RoboclawParams

ACK = b"\xff"
DRIVING = frozenset({0, 1, 4, 5, 6, 7, *range(32, 47), *range(50, 55)})


class Bench:
    """A RoboClaw and a clock that moves when told to."""

    def __init__(self, params: RoboclawParams | None = None) -> None:
        self.claw = Roboclaw(params or RoboclawParams(), 0.0)
        self.plant = self.claw.plant
        self.now_s = 0.0

    def wait(self, seconds: float) -> None:
        self.now_s += seconds
        self.claw.step(self.now_s)

    def send(self, data: bytes) -> bytes:
        return self.claw.receive(data, self.now_s)

    def order(self, command: int, layout: str = "", *values: int) -> None:
        assert self.send(request(command, layout, *values)) == ACK

    def ask(self, command: int, layout: str) -> tuple[int, ...]:
        return unpacked(command, layout, self.send(question(command)))

    @property
    def speeds_radps(self) -> tuple[float, float]:
        return self.claw.snapshot().speeds_radps


@pytest.fixture
def bench() -> Bench:
    return Bench()


def test_the_check_sum_is_crc_16_xmodem() -> None:
    assert crc16(b"123456789") == 0x31C3


@given(st.binary(max_size=60))
def test_the_check_sum_agrees_with_python_s(data: bytes) -> None:
    assert crc16(data) == binascii.crc_hqx(data, 0)


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
def test_bytes(bench: Bench, sent: str, answer: str) -> None:
    assert bench.send(bytes.fromhex(sent)).hex(" ") == answer


def test_the_version_ends_with_a_line_feed_and_a_null(bench: Bench) -> None:
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
def test_a_wrong_packet_is_not_answered_and_does_nothing(bench: Bench, packet: bytes) -> None:
    assert bench.send(packet) == b""
    bench.wait(0.5)
    assert bench.speeds_radps == (0.0, 0.0)
    bench.wait(0.02)
    assert bench.ask(15, "B") == (0,)


def test_a_pause_of_more_than_10_ms_discards_the_packet(bench: Bench) -> None:
    packet = request(32, "h", 20000)
    assert bench.send(packet[:3]) == b""
    bench.wait(0.0099)
    assert bench.send(packet[3:]) == ACK
    bench.send(packet[:3])
    bench.wait(0.0101)
    assert bench.send(packet[3:]) == b""
    assert bench.send(packet) == ACK
    assert bench.claw.snapshot().rejected == 1


def test_packets_come_together_or_byte_by_byte(bench: Bench) -> None:
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
def test_duty(bench: Bench, packet: bytes, duties: tuple[int, int]) -> None:
    assert bench.send(packet) == ACK
    bench.wait(0.01)
    assert bench.ask(48, "hh") == duties


def test_duty_with_acceleration_ramps(bench: Bench) -> None:
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
    bench: Bench, packet: bytes, speeds: tuple[int, int]
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


def test_acceleration_is_counts_a_second_a_second(bench: Bench) -> None:
    bench.order(38, "Ii", 6000, 12000)
    bench.wait(1.0)
    early = bench.ask(18, "iB")[0]
    bench.wait(0.5)
    assert bench.ask(18, "iB")[0] - early == pytest.approx(3000, rel=0.1)
    bench.wait(1.5)
    assert bench.ask(18, "iB")[0] == pytest.approx(12000, rel=0.02)


def test_moves_wait_for_each_other(bench: Bench) -> None:
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


def test_a_move_with_buffer_1_takes_the_place_of_all_others(bench: Bench) -> None:
    bench.order(43, "iIiIB", 9000, 90000, 9000, 90000, 0)
    bench.order(43, "iIiIB", 1000, 90000, 1000, 90000, 0)
    bench.wait(0.5)
    bench.order(42, "iIB", -5000, 90000, 1)
    assert bench.ask(47, "BB") == (1, 0)
    bench.wait(1.0)
    assert bench.ask(18, "iB")[0] > 8000
    assert bench.ask(19, "iB")[0] < -4500


def test_a_full_buffer_refuses(bench: Bench) -> None:
    for _ in range(65):
        bench.order(41, "iIB", 1000, 1000000, 0)
    assert bench.ask(47, "BB") == (64, 0x80)
    assert bench.send(request(41, "iIB", 1000, 1000000, 0)) == b""


def test_encoders_count_wrap_and_flag(bench: Bench) -> None:
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


def test_pid_is_written_d_p_i_and_read_p_i_d(bench: Bench) -> None:
    bench.order(28, "IIII", 1, 2, 3, 4)
    bench.order(29, "IIII", 5, 6, 7, 8)
    assert bench.ask(55, "IIII") == (2, 3, 1, 4)
    assert bench.ask(56, "IIII") == (6, 7, 5, 8)


def test_the_loop_uses_its_constants(bench: Bench) -> None:
    bench.order(28, "IIII", 0, 0, 0, 88000)
    bench.order(29, "IIII", 0, 0, 0, 0)
    bench.order(37, "ii", 20000, 20000)
    bench.wait(0.1)
    assert bench.ask(48, "hh") == (round(20000 / 88000 * 32767), 0)


def test_readings_in_their_units(bench: Bench) -> None:
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
    def test_trips_in_time_and_is_seen(self, bench: Bench) -> None:
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

    def test_bytes_keep_it_and_a_command_starts_again(self, bench: Bench) -> None:
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

    def test_zero_is_off(self, bench: Bench) -> None:
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
            bench = Bench(RoboclawParams(wide_status=wide))
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

    def test_limits_come_and_go(self, bench: Bench) -> None:
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

    def test_low_voltage_coasts_and_then_waits_for_a_command(self, bench: Bench) -> None:
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

    def test_an_e_stop_brakes_and_holds_until_a_reset(self, bench: Bench) -> None:
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
        bench = Bench(RoboclawParams(protection=ProtectionParams(estop_latches=False)))
        bench.plant.estop_pressed = True
        bench.wait(0.1)
        assert bench.ask(90, "I") == (1,)
        bench.plant.estop_pressed = False
        bench.wait(0.1)
        assert bench.ask(90, "I") == (0,)


class TestReset:
    def test_forgets_what_was_not_stored(self, bench: Bench) -> None:
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

    def test_a_brown_out_is_a_reset(self, bench: Bench) -> None:
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


def test_a_stuck_encoder_makes_the_loop_run_away(bench: Bench) -> None:
    bench.plant.motors[0].stick_encoder(True)
    bench.order(35, "i", 5000)
    bench.wait(3.0)
    assert bench.ask(79, "ii")[0] == 0
    assert bench.speeds_radps[0] > 2.0 * 5000 / 9216 * 6.28


chunks = st.one_of(
    st.binary(max_size=12),
    st.builds(
        lambda command, tail: bytes((ADDRESS, command)) + tail,
        st.sampled_from(sorted(READS | WRITES.keys())),
        st.binary(max_size=30),
    ),
)


def spoiled(packet: bytes, at: int, bit: int) -> bytes:
    changed = bytearray(packet)
    changed[at % len(packet)] ^= 1 << bit
    return bytes(changed)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(chunks, st.sampled_from((0.0, 0.001, 0.011))), max_size=25))
def test_nothing_moves_a_motor_but_a_packet_with_a_valid_check_sum(
    stream: list[tuple[bytes, float]],
) -> None:
    bench = Bench()
    everything = b""
    for chunk, pause_s in stream:
        everything += chunk
        bench.send(chunk)
        bench.wait(pause_s)
    bench.wait(0.05)
    if not any(_valid_at(everything, start) for start in range(len(everything))):
        assert bench.speeds_radps == (0.0, 0.0)
        assert bench.claw.plant.drives[0].duty == bench.claw.plant.drives[1].duty == 0.0


def _valid_at(data: bytes, start: int) -> bool:
    """Whether a driving packet with a right CRC begins at `start`."""
    head = data[start : start + 2]
    if len(head) < 2 or head[0] != ADDRESS or head[1] not in DRIVING & WRITES.keys():
        return False
    size = 2 + struct.calcsize(">" + WRITES[head[1]])
    body, crc = data[start : start + size], data[start + size : start + size + 2]
    return len(crc) == 2 and binascii.crc_hqx(body, 0) == int.from_bytes(crc, "big")


@settings(max_examples=60, deadline=None)
@given(st.sampled_from(sorted(DRIVING & WRITES.keys())), st.data())
def test_one_wrong_bit_is_always_found(command: int, data: st.DataObject) -> None:
    layout = WRITES[command]
    body = bytes((ADDRESS, command)) + data.draw(
        st.binary(min_size=struct.calcsize(">" + layout), max_size=struct.calcsize(">" + layout))
    )
    packet = body + binascii.crc_hqx(body, 0).to_bytes(2, "big")
    bench = Bench()
    at = data.draw(st.integers(0, len(packet) - 1))
    bench.send(spoiled(packet, at, data.draw(st.integers(0, 7))))
    bench.wait(0.05)
    assert bench.speeds_radps == (0.0, 0.0)
