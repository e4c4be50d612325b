"""The Sabertooth emulator against the maker's guides, byte for byte, in made-up time."""

from __future__ import annotations

import time

import pytest
import serial
from tests.controllers.emulator_contract import EmulatorContract
from tests.controllers.sabertooth_emulated import SETTLED_S, TICK_S, SabertoothBench, packet

from patrol_emulators.emulator import Emulator
from patrol_emulators.plant import BRAKE, COAST
from patrol_emulators.sabertooth.controller import Sabertooth
from patrol_emulators.sabertooth.unit import SabertoothParams


class TestSabertooth(EmulatorContract):
    """It never answers: whether it understood is seen by its motors."""

    question = packet(0, 50) + packet(5, 50)
    answer = b""
    arm_watchdog = packet(14, 5)
    drive = packet(0, 50) + packet(5, 50)
    halt = packet(0, 0) + packet(5, 0)
    stop = packet(0, 0) + packet(4, 0)
    baud = 9600

    def make(self, now_s: float) -> Emulator:
        return Sabertooth(SabertoothParams(), now_s)

    def understood(self, emulator: Emulator, received: bytes, now_s: float) -> bool:
        before = emulator.snapshot().speeds_radps
        emulator.step(now_s + 1.0)
        first, second = emulator.snapshot().speeds_radps
        return received == b"" and before == (0.0, 0.0) and first > 1.0 and second < -1.0

    def asks(self, driver: serial.Serial, emulator: Emulator) -> bool:
        def becomes(bytes_to_send: bytes, turn: bool) -> bool:
            end_s = time.monotonic() + 1.5
            driver.write(bytes_to_send)
            while time.monotonic() < end_s:
                if all((abs(w) > 1.0) == turn for w in emulator.snapshot().speeds_radps):
                    return True
                time.sleep(0.02)
            return False

        return becomes(self.stop, turn=False) and becomes(self.question, turn=True)


@pytest.fixture
def bench() -> SabertoothBench:
    return SabertoothBench()


@pytest.mark.parametrize(
    ("sent", "duties"),
    [
        ("80 00 7f 7f", (1.0, 0.0)),
        ("80 01 40 41", (-64 / 127, 0.0)),
        ("80 04 7f 03", (0.0, 1.0)),
        ("80 05 40 45", (0.0, -64 / 127)),
        ("80 06 00 06", (-1.0, 0.0)),
        ("80 06 7f 05", (1.0, 0.0)),
        ("80 07 60 67", (0.0, 32 / 63)),
        ("80 07 40 47", (0.0, 0.0)),
        ("80 08 40 48 80 0a 00 0a", (64 / 127, 64 / 127)),
        ("80 09 40 49 80 0a 00 0a", (-64 / 127, -64 / 127)),
        ("80 08 00 08 80 0a 20 2a", (32 / 127, -32 / 127)),
        ("80 08 40 48 80 0b 20 2b", (32 / 127, 96 / 127)),
        ("80 08 7f 07 80 0a 20 2a", (1.0, 95 / 127)),
        ("80 08 7f 07 80 0b 20 2b", (95 / 127, 1.0)),
        ("80 0c 40 4c 80 0d 00 0d", (-1.0, 1.0)),
        ("80 0c 00 0c 80 0d 40 4d", (-1.0, -1.0)),
    ],
)
def test_bytes(bench: SabertoothBench, sent: str, duties: tuple[float, float]) -> None:
    bench.send(bytes.fromhex(sent))
    bench.wait(0.3)
    assert bench.duties == pytest.approx(duties)
    assert bench.tooth.snapshot().rejected == 0


def test_the_example_of_the_guide() -> None:
    """Address 130, command 0, speed 64: the check sum is 66."""
    bench = SabertoothBench(SabertoothParams(address=130))
    bench.send(bytes((130, 0, 64, 66)))
    bench.wait(SETTLED_S)
    assert bench.duties[0] == pytest.approx(64 / 127)


@pytest.mark.parametrize("address", range(128, 136))
def test_eight_addresses_on_one_line(address: int) -> None:
    bench = SabertoothBench(SabertoothParams(address=address))
    for other in set(range(128, 136)) - {address}:
        bench.send(packet(0, 127, other))
    bench.wait(0.1)
    seen = bench.tooth.snapshot()
    assert (seen.packets, seen.rejected, bench.duties) == (0, 0, (0.0, 0.0))
    bench.send(packet(0, 127, address))
    assert bench.tooth.snapshot().packets == 1


@pytest.mark.parametrize(
    "sent",
    [b"\x80\x00\x7f\x7e", b"\x80\x00\xff\x7f", b"\x80\x00\x7f\xff", b"\x80\x00\x7f\xaa"],
    ids=["check sum", "data", "check sum of 8 bits", "bauding byte"],
)
def test_a_wrong_packet_does_nothing_and_the_next_is_heard(
    bench: SabertoothBench, sent: bytes
) -> None:
    bench.send(sent)
    bench.wait(0.1)
    seen = bench.tooth.snapshot()
    assert (seen.packets, seen.rejected, bench.duties) == (0, 1, (0.0, 0.0))
    bench.order(0, 127)


def test_a_packet_that_breaks_off_is_forgotten_at_the_next_address(bench: SabertoothBench) -> None:
    bench.send(packet(0, 127)[:3])
    bench.order(4, 127)
    bench.wait(SETTLED_S)
    assert bench.duties == (0.0, 1.0)
    assert bench.tooth.snapshot().rejected == 1


@pytest.mark.parametrize(("command", "data"), [(2, 121), (15, 0), (15, 5), (16, 81), (18, 0)])
def test_out_of_range_is_refused(bench: SabertoothBench, command: int, data: int) -> None:
    assert bench.refuses(command, data)


def test_a_power_is_a_share_of_the_battery(bench: SabertoothBench) -> None:
    bench.order(0, 64)
    bench.wait(3.0)
    high = bench.speeds_radps[0]
    bench.plant.forced_v = 15.0
    bench.wait(3.0)
    assert bench.speeds_radps[0] / high == pytest.approx(15.0 / 25.4, rel=0.06)


class TestMixed:
    def test_needs_drive_and_turn(self, bench: SabertoothBench) -> None:
        bench.order(8, 64)
        bench.wait(SETTLED_S)
        assert bench.duties == (0.0, 0.0)
        bench.order(13, 64)
        bench.wait(SETTLED_S)
        assert bench.duties == pytest.approx((64 / 127, 64 / 127))
        bench.order(8, 32)
        bench.wait(SETTLED_S)
        assert bench.duties == pytest.approx((32 / 127, 32 / 127))

    def test_a_change_of_set_stops_until_both_are_new(self, bench: SabertoothBench) -> None:
        bench.order(0, 64)
        bench.order(4, 64)
        bench.wait(SETTLED_S)
        bench.order(8, 64)
        bench.wait(SETTLED_S)
        assert bench.duties == (0.0, 0.0)
        bench.order(10, 0)
        bench.wait(SETTLED_S)
        assert min(bench.duties) > 0.5
        bench.order(0, 64)
        bench.wait(SETTLED_S)
        assert bench.duties == (0.0, 0.0)
        bench.order(4, 0)
        bench.wait(SETTLED_S)
        assert bench.duties == pytest.approx((64 / 127, 0.0))


class TestRamp:
    @pytest.mark.parametrize(
        ("value", "seconds"),
        [(0, 0.256), (1, 0.256), (2, 0.128), (3, 0.0853), (11, 16.79), (20, 1.679), (80, 0.2398)],
    )
    def test_from_full_forward_to_full_reverse(
        self, bench: SabertoothBench, value: int, seconds: float
    ) -> None:
        bench.order(0, 127)
        bench.wait(SETTLED_S)
        bench.order(16, value)
        bench.order(1, 127)
        bench.wait(seconds / 2.0)
        assert bench.duties[0] == pytest.approx(0.0, abs=4.1 * TICK_S / seconds)
        bench.wait(seconds / 2.0 - 2.0 * TICK_S)
        assert bench.duties[0] > -1.0
        bench.wait(3.0 * TICK_S)
        assert bench.duties[0] == -1.0

    def test_zero_brakes_and_then_saves_power(self, bench: SabertoothBench) -> None:
        assert bench.drives == (COAST, COAST)
        bench.order(0, 127)
        bench.wait(SETTLED_S)
        bench.order(0, 0)
        bench.wait(0.2)
        assert bench.drives[0] == BRAKE
        bench.wait(3.8)
        assert bench.drives[0] == BRAKE
        bench.wait(0.2)
        assert bench.drives[0] == COAST
        bench.order(0, 127)
        bench.wait(SETTLED_S)
        assert bench.duties[0] == 1.0


@pytest.mark.parametrize(
    ("value", "off", "on"), [(0, 2, 3), (3, 2, 3), (10, 9, 10), (127, 126, 127)]
)
def test_the_dead_band(bench: SabertoothBench, value: int, off: int, on: int) -> None:
    """127 - value < motors off < 128 + value, where 127 and 128 are stop."""
    bench.order(17, value)
    bench.order(0, off)
    bench.order(5, off)
    bench.wait(SETTLED_S)
    assert bench.duties == (0.0, 0.0)
    bench.order(0, on)
    bench.order(5, on)
    bench.wait(SETTLED_S)
    assert bench.duties == pytest.approx((on / 127, -on / 127))


def test_a_stuck_encoder_is_nothing_to_it(bench: SabertoothBench) -> None:
    bench.plant.motors[0].stick_encoder(True)
    bench.order(0, 64)
    bench.order(4, 64)
    bench.wait(2.0)
    first, second = bench.speeds_radps
    assert first == second > 1.0


def test_readings_of_the_plant_are_in_the_snapshot(bench: SabertoothBench) -> None:
    bench.order(0, 127)
    bench.wait(0.1)
    seen = bench.tooth.snapshot()
    assert seen.stamp_s == pytest.approx(0.1)
    assert seen.currents_a == bench.plant.currents_a and seen.currents_a[0] > 1.0
    assert seen.supply_v == bench.plant.supply_v < 25.5
    assert seen.temperature_c == bench.plant.temperature_c > 25.0
