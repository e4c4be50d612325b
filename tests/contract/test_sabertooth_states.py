"""What stops a Sabertooth, what it forgets, and how it begins again: by the maker's guides."""

from __future__ import annotations

import pytest
from tests.controllers.sabertooth_emulated import SETTLED_S, SabertoothBench, packet

from patrol_emulators.plant import BRAKE, COAST
from patrol_emulators.sabertooth.protection import ProtectionParams
from patrol_emulators.sabertooth.unit import BOOT_S, SabertoothParams


@pytest.fixture
def bench() -> SabertoothBench:
    return SabertoothBench()


class TestTimeout:
    def test_trips_in_time_and_lets_go(self, bench: SabertoothBench) -> None:
        bench.order(14, 3)
        bench.order(0, 64)
        bench.order(4, 64)
        bench.wait(0.298)
        assert bench.tooth.snapshot().watchdog_s == pytest.approx(0.3)
        assert not bench.tooth.snapshot().watchdog_tripped
        bench.wait(0.004)
        assert bench.tooth.snapshot().watchdog_tripped
        assert bench.drives == (COAST, COAST)
        bench.wait(4.0)
        assert bench.speeds_radps == (0.0, 0.0)

    def test_only_commands_that_are_obeyed_keep_it(self, bench: SabertoothBench) -> None:
        bench.order(14, 2)
        bench.order(0, 64)
        for _ in range(10):
            bench.wait(0.15)
            bench.order(14, 2)
        assert not bench.tooth.snapshot().watchdog_tripped
        for noise in (b"\x80\x00\x40\x41", packet(0, 64, 129), packet(99, 0)):
            bench.wait(0.07)
            bench.send(noise)
        assert bench.tooth.snapshot().watchdog_tripped

    def test_what_was_driven_stays_off_until_it_is_driven_again(
        self, bench: SabertoothBench
    ) -> None:
        bench.order(14, 2)
        bench.order(0, 64)
        bench.order(4, 64)
        bench.wait(0.5)
        bench.order(14, 0)
        bench.wait(SETTLED_S)
        assert bench.tooth.snapshot().watchdog_tripped and bench.duties == (0.0, 0.0)
        bench.order(4, 64)
        bench.wait(SETTLED_S)
        assert not bench.tooth.snapshot().watchdog_tripped
        assert bench.duties == pytest.approx((0.0, 64 / 127))

    def test_it_is_off_as_it_comes_and_after_a_zero(self, bench: SabertoothBench) -> None:
        bench.order(0, 64)
        bench.wait(5.0)
        bench.order(14, 1)
        bench.order(14, 0)
        bench.wait(1.0)
        assert bench.duties[0] == pytest.approx(64 / 127)


class TestProtection:
    @pytest.mark.parametrize(
        ("fault", "condition"),
        [("estop", "emergency stop"), ("hot", "overheating"), ("low", "depleted battery")],
    )
    def test_shuts_off_and_drives_on_when_it_is_over(
        self, bench: SabertoothBench, fault: str, condition: str
    ) -> None:
        bench.order(0, 64)
        bench.wait(SETTLED_S)
        bench.plant.estop_pressed = fault == "estop"
        bench.plant.forced_c = 105.0 if fault == "hot" else None
        bench.plant.forced_v = 5.9 if fault == "low" else None
        bench.wait(0.1)
        assert bench.conditions == (condition,)
        assert bench.drives == (COAST, COAST)
        bench.plant.estop_pressed = False
        bench.plant.forced_c = bench.plant.forced_v = None
        bench.wait(SETTLED_S)
        assert bench.conditions == ()
        assert bench.duties[0] == pytest.approx(64 / 127)

    def test_too_high_a_voltage_brakes_hard(self, bench: SabertoothBench) -> None:
        bench.order(0, 64)
        bench.wait(SETTLED_S)
        bench.plant.forced_v = 30.5
        bench.wait(0.1)
        assert bench.conditions == ("overvoltage",) and bench.drives == (BRAKE, BRAKE)
        assert bench.tooth.snapshot().currents_a[0] < -1.0
        bench.plant.estop_pressed = True
        bench.wait(0.1)
        assert bench.drives == (COAST, COAST)

    def test_minimum_and_maximum_are_set(self, bench: SabertoothBench) -> None:
        bench.order(2, (20 - 6) * 5)
        bench.order(3, round(24 * 5.12))
        for volts, condition in ((19.9, ("depleted battery",)), (20.1, ()), (23.9, ())):
            bench.plant.forced_v = volts
            bench.wait(0.1)
            assert bench.conditions == condition
        bench.plant.forced_v = 24.1
        bench.wait(0.1)
        assert bench.conditions == ("overvoltage",)

    def test_lithium_mode_counts_cells_and_spares_them(self) -> None:
        spares = SabertoothParams(protection=ProtectionParams(lithium=True))
        for params, conditions in ((spares, ("depleted battery",)), (SabertoothParams(), ())):
            bench = SabertoothBench(params)
            bench.plant.forced_v = 18.1
            bench.wait(0.1)
            assert bench.conditions == ()
            bench.plant.forced_v = 17.9
            bench.wait(0.1)
            assert bench.conditions == conditions

    def test_cells_are_counted_again_after_a_reset(self) -> None:
        bench = SabertoothBench(SabertoothParams(protection=ProtectionParams(lithium=True)))
        bench.plant.forced_v = 12.6
        bench.wait(0.1)
        assert bench.conditions == ("depleted battery",)
        bench.tooth.reset(bench.now_s)
        bench.wait(0.5)
        assert bench.conditions == ()

    def test_held_wheels_are_an_overcurrent_after_a_while(self, bench: SabertoothBench) -> None:
        for motor in bench.plant.motors:
            motor.load_nm = 1000.0
        bench.order(0, 127)
        bench.wait(2.9)
        assert bench.conditions == ()
        assert 25.0 < bench.tooth.snapshot().currents_a[0] < 50.0
        bench.wait(0.5)
        assert bench.conditions == ("overcurrent",)
        assert bench.drives == (COAST, COAST)
        bench.wait(3.0)
        assert bench.conditions == () and bench.duties[0] == 1.0

    def test_the_peak_is_a_limit(self) -> None:
        bench = SabertoothBench(SabertoothParams(protection=ProtectionParams(peak_a=10.0)))
        bench.plant.motors[0].load_nm = 1000.0
        bench.order(0, 127)
        bench.wait(SETTLED_S)
        assert bench.tooth.snapshot().currents_a[0] == pytest.approx(10.0)


class TestReset:
    def test_what_survives(self, bench: SabertoothBench) -> None:
        bench.order(14, 5)
        bench.order(2, 70)
        bench.order(3, 120)
        bench.order(16, 11)
        bench.order(17, 20)
        bench.tooth.reset(bench.now_s)
        bench.send(packet(0, 127))
        bench.wait(BOOT_S[2])
        assert bench.tooth.snapshot().watchdog_s == 0.0
        assert bench.duties == (0.0, 0.0)
        bench.plant.forced_v = 19.0
        bench.order(0, 19)
        bench.order(4, 127)
        bench.wait(2.0)
        assert bench.duties == pytest.approx((0.0, 2.0 * 2.0 / 16.79), abs=0.01)
        assert bench.conditions == ()
        bench.plant.forced_v = 24.0
        bench.wait(0.1)
        assert bench.conditions == ("overvoltage",)

    def test_a_brown_out_is_a_reset_and_is_not_told(self, bench: SabertoothBench) -> None:
        bench.order(14, 5)
        bench.order(0, 127)
        bench.wait(0.3)
        bench.plant.forced_v = 4.0
        bench.wait(0.05)
        bench.send(packet(0, 127))
        bench.plant.forced_v = None
        bench.wait(BOOT_S[2] + 0.1)
        seen = bench.tooth.snapshot()
        assert seen.watchdog_s == 0.0 and bench.duties == (0.0, 0.0)
        bench.order(0, 127)

    def test_another_rate_restarts_it_and_lasts(self, bench: SabertoothBench) -> None:
        bench.order(14, 5)
        bench.send(packet(15, 4) + packet(0, 127))
        bench.wait(BOOT_S[2] + 0.1)
        bench.send(packet(0, 127))
        bench.tooth.reset(bench.now_s)
        bench.wait(BOOT_S[2] + 0.1)
        bench.send(packet(0, 127))
        bench.wait(SETTLED_S)
        seen = bench.tooth.snapshot()
        assert (seen.packets, seen.watchdog_s, bench.duties) == (2, 0.0, (0.0, 0.0))

    def test_the_same_rate_restarts_it_too(self, bench: SabertoothBench) -> None:
        bench.order(14, 5)
        bench.order(15, 2)
        bench.send(packet(0, 127))
        bench.wait(BOOT_S[2])
        assert bench.tooth.snapshot().watchdog_s == 0.0 and bench.duties == (0.0, 0.0)
        bench.order(0, 127)


class TestVersion1:
    @pytest.fixture
    def first(self) -> SabertoothBench:
        return SabertoothBench(SabertoothParams(version=1))

    def test_hears_nothing_before_the_bauding_byte(self, first: SabertoothBench) -> None:
        first.send(packet(0, 127))
        first.wait(0.1)
        assert first.tooth.snapshot().packets == 0 and first.duties == (0.0, 0.0)
        first.send(b"\xaa")
        first.order(0, 127)

    def test_the_bauding_byte_comes_two_seconds_after_power(self, first: SabertoothBench) -> None:
        first.send(b"\xaa")
        first.order(0, 127)
        first.tooth.reset(first.now_s)
        first.wait(1.9)
        first.send(b"\xaa" + packet(0, 127))
        first.wait(0.2)
        first.send(packet(0, 127))
        assert first.tooth.snapshot().packets == 1
        first.send(b"\xaa")
        first.order(0, 127)

    @pytest.mark.parametrize("command", [14, 15, 16, 17])
    def test_commands_of_version_2_are_unknown(self, first: SabertoothBench, command: int) -> None:
        first.send(b"\xaa")
        assert first.refuses(command, 2)

    def test_it_has_no_timeout_and_drives_on(self, first: SabertoothBench) -> None:
        first.send(b"\xaa" + packet(14, 1))
        first.order(0, 64)
        first.wait(5.0)
        seen = first.tooth.snapshot()
        assert (seen.watchdog_s, seen.watchdog_tripped) == (0.0, False)
        assert first.speeds_radps[0] > 5.0
