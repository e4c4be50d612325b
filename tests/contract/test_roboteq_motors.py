"""What the Roboteq emulator's motors do, and what it says of them, in made-up time.

Pages are of the "Advanced Digital Motor Controllers User Manual" V1.8.
"""

from __future__ import annotations

import pytest
from tests.controllers.roboteq_emulated import RoboteqBench

from patrol_emulators.roboteq.unit import BOOT_S, RoboteqParams

GEAR = 9216 / 400
"""The encoder's turns a turn of the wheel: four counts a pulse, 100 pulses a turn."""
RPM_PER_RADPS = GEAR * 60.0 / (2.0 * 3.141592653589793)


@pytest.fixture
def bench() -> RoboteqBench:
    return RoboteqBench()


@pytest.fixture
def open_loop() -> RoboteqBench:
    """As ex works: the power follows the command, from 0 to all of it in a second."""
    return RoboteqBench(RoboteqParams(mode=0, max_rpm=1000))


class TestOpenLoop:
    def test_the_power_follows_by_the_ramp(self, open_loop: RoboteqBench) -> None:
        open_loop.order("!G 1 500", "!G 2 -1000")
        open_loop.wait(0.25)
        assert open_loop.ask("?P") == (250, -250)
        open_loop.wait(0.5)
        assert open_loop.ask("?P") == (500, -750)
        assert open_loop.ask("?M") == (500, -1000)
        open_loop.order("!M 100 [-200]")
        open_loop.wait(0.9)
        assert open_loop.ask("?P") == (100, -200)

    def test_acceleration_and_deceleration_in_tenths_of_rpm(self, open_loop: RoboteqBench) -> None:
        open_loop.order("!AC 1 20000", "!DC 1 5000", "!G 1 1000")
        open_loop.wait(0.25)
        assert open_loop.ask("?P 1") == (500,)
        open_loop.wait(0.25)
        open_loop.order("!G 1 -1000")
        open_loop.wait(0.4)
        assert open_loop.ask("?P 1") == (800,)
        open_loop.order("!G 1 -1000", "^RWD 0")
        open_loop.wait(1.85)
        assert open_loop.ask("?P 1") == (-500,)
        open_loop.order("^MAC 1 40000")
        open_loop.wait(0.1)
        assert open_loop.ask("?P 1") == (-900,)

    def test_a_ramp_of_0_is_bypassed(self, open_loop: RoboteqBench) -> None:
        open_loop.order("^ALIM 1 1000", "^MDEC 1 0", "!G 1 1000")
        open_loop.wait(0.002)
        assert open_loop.ask("?P 1") == (1000,)

    def test_a_speed_does_nothing(self, open_loop: RoboteqBench) -> None:
        open_loop.order("!S 1 1000")
        open_loop.wait(0.5)
        assert open_loop.speeds_radps == (0.0, 0.0)

    def test_one_motor_is_stopped_in_all_modes(self, open_loop: RoboteqBench) -> None:
        open_loop.order("!M 500 500", "!MS 2")
        open_loop.wait(0.9)
        assert open_loop.ask("?M") == (500, 0)


class TestSpeed:
    @pytest.mark.parametrize(
        ("line", "wanted"),
        [("!S 1 1500", (1500, 0)), ("!S 2 -1500", (0, -1500)), ("!G 2 250", (0, 1500))],
    )
    def test_is_reached_and_read(
        self, bench: RoboteqBench, line: str, wanted: tuple[int, int]
    ) -> None:
        bench.order("^RWD 0", line)
        bench.wait(2.5)
        assert bench.ask("?S") == pytest.approx(wanted, abs=30)
        true_rpm = [speed * RPM_PER_RADPS for speed in bench.speeds_radps]
        assert true_rpm == pytest.approx(wanted, abs=30)

    def test_goes_by_the_ramp(self, bench: RoboteqBench) -> None:
        bench.order("^RWD 0", "!AC 1 20000", "!S 1 4000")
        bench.wait(0.5)
        early = bench.ask("?S 1")[0]
        bench.wait(0.5)
        assert bench.ask("?S 1")[0] - early == pytest.approx(1000, rel=0.05)

    def test_is_the_maximum_at_the_most(self, bench: RoboteqBench) -> None:
        bench.order("^MXRPM 1 1000", "!S 1 3000")
        assert bench.ask("?M") == (1000, 0)

    def test_another_mode_stops(self, bench: RoboteqBench) -> None:
        bench.order("!S 1 3000", "^MMOD 1 0")
        assert bench.ask("?M") == (0, 0)

    def test_of_no_pulses_is_0(self, bench: RoboteqBench) -> None:
        bench.order("^EPPR 1 0", "!S 1 1000")
        bench.wait(0.2)
        assert bench.ask("?S 1") == (0,)


class TestEncoders:
    def test_count_from_what_was_set_and_since_they_were_asked(self, bench: RoboteqBench) -> None:
        bench.order("!C 1 -1000", "!C 2 2147483647", "^RWD 0", "!M 100 100")
        bench.wait(1.0)
        first, second = bench.ask("?C")
        assert first > -1000 and second < -(2**31) + 3000
        moved = bench.ask("?CR 1")
        assert moved == (first + 1000,)
        assert bench.ask("?CR") == (0, second + 2**31 + 1)

    def test_a_negative_number_of_pulses_turns_them_round(self) -> None:
        bench = RoboteqBench(RoboteqParams(mode=0, max_rpm=1000, pulses_per_rev=-100))
        bench.order("!G 1 300")
        bench.wait(0.8)
        assert bench.speeds_radps[0] > 5.0
        assert bench.ask("?C 1")[0] < -100 and bench.ask("?S 1")[0] < -1000


class TestWatchdog:
    """p. 286 and p. 74."""

    def test_is_one_second_ex_works(self, bench: RoboteqBench) -> None:
        bench.order("!S 1 1000")
        bench.wait(0.995)
        assert bench.ask("?M") == (167, 0) and bench.ask("?FS") == (1,)
        bench.wait(0.01)
        assert bench.ask("?M") == (0, 0) and bench.ask("?FS") == (0,)
        assert bench.roboteq.snapshot().watchdog_tripped
        bench.wait(1.5)
        assert bench.speeds_radps == (0.0, 0.0)

    @pytest.mark.parametrize("line", ["?S", "~RWD", "^RWD 500", "# C", "%EESAV", "!S 9 100", "!"])
    def test_only_valid_runtime_commands_refresh_it(self, bench: RoboteqBench, line: str) -> None:
        bench.order("^RWD 500", "!S 1 1000")
        for _ in range(3):
            bench.wait(0.2)
            bench.send(line)
        assert bench.roboteq.snapshot().watchdog_tripped

    @pytest.mark.parametrize("line", ["!AC 2 10000", "!C 2 0", "!S 2 0", "!MG"])
    def test_any_runtime_command_refreshes_it_and_lets_the_old_speed_go_on(
        self, bench: RoboteqBench, line: str
    ) -> None:
        bench.order("^RWD 500", "!S 1 1000")
        for _ in range(5):
            bench.wait(0.4)
            bench.order(line)
        assert bench.ask("?S 1")[0] == pytest.approx(1000, abs=30)
        bench.wait(2.5)
        assert bench.speeds_radps == (0.0, 0.0)
        bench.order(line)
        assert not bench.roboteq.snapshot().watchdog_tripped
        assert bench.ask("?M 1") == (167,)
        bench.wait(0.4)
        assert bench.speeds_radps[0] > 1.0

    def test_0_is_off(self, bench: RoboteqBench) -> None:
        bench.order("^RWD 0", "!S 1 1000")
        bench.wait(3.0)
        assert bench.ask("?S 1")[0] == pytest.approx(1000, abs=30)
        assert bench.roboteq.snapshot().watchdog_s == 0.0

    def test_does_not_trip_before_the_first_command(self, bench: RoboteqBench) -> None:
        bench.wait(2.0)
        assert not bench.roboteq.snapshot().watchdog_tripped
        assert bench.ask("?FS") == (0,)


class TestFaults:
    """Bits of "?FF" (p. 253), "?FM" (p. 254) and "?FS" (p. 255)."""

    @pytest.mark.parametrize(
        ("what", "bits"),
        [("hot", 1), ("high", 2), ("low", 4), ("estop", 16), ("command", 16)],
    )
    def test_turn_the_power_stage_off(self, bench: RoboteqBench, what: str, bits: int) -> None:
        bench.order("^RWD 0", "!M 300 300")
        bench.wait(1.0)
        bench.plant.forced_c = {"hot": 80.0}.get(what)
        bench.plant.forced_v = {"high": 60.1, "low": 4.9}.get(what)
        bench.plant.estop_pressed = what == "estop"
        if what == "command":
            bench.order("!EX")
        bench.wait(0.01)
        assert bench.ask("?FF") == (bits,)
        assert bench.ask("?FS") == (0x01 | 0x08,)
        assert bench.ask("?P") == (0, 0) and bench.ask("?A") == (0, 0)
        assert len(bench.roboteq.snapshot().conditions) == 1
        assert bench.speeds_radps[0] > 2.0
        bench.wait(5.0)
        assert bench.speeds_radps == (0.0, 0.0)

    @pytest.mark.parametrize("what", ["hot", "low"])
    def test_normal_operation_goes_on_by_itself(self, bench: RoboteqBench, what: str) -> None:
        bench.order("^RWD 0", "!S 1 1000")
        bench.plant.forced_c = {"hot": 80.0}.get(what)
        bench.plant.forced_v = {"low": 4.9}.get(what)
        bench.wait(0.5)
        bench.plant.forced_c = bench.plant.forced_v = None
        bench.wait(2.0)
        assert bench.ask("?FF") == (0,) and bench.ask("?S 1")[0] == pytest.approx(1000, abs=30)

    def test_overvoltage_ends_below_the_limit_by_the_hysteresis(self, bench: RoboteqBench) -> None:
        bench.order("^OVL 500", "^OVH 50")
        for forced_v, bits in ((50.1, 2), (45.1, 2), (44.9, 0), (45.1, 0)):
            bench.plant.forced_v = forced_v
            bench.wait(0.01)
            assert bench.ask("?FF") == (bits,)

    def test_an_emergency_stop_remains_until_it_is_released(self, bench: RoboteqBench) -> None:
        bench.order("^RWD 0", "!S 1 1000")
        bench.wait(0.5)
        bench.order("!EX")
        bench.wait(3.0)
        assert bench.speeds_radps == (0.0, 0.0)
        bench.order("!S 1 500")
        bench.wait(1.0)
        assert bench.speeds_radps == (0.0, 0.0) and bench.ask("?FF") == (16,)
        bench.order("!MG")
        bench.wait(1.0)
        assert bench.ask("?FF") == (0,) and bench.ask("?S 1")[0] == pytest.approx(500, abs=30)

    def test_an_input_that_is_pressed_cannot_be_released(self, bench: RoboteqBench) -> None:
        bench.plant.estop_pressed = True
        bench.wait(0.01)
        bench.order("!MG")
        assert bench.ask("?FF") == (16,)
        bench.plant.estop_pressed = False
        bench.wait(0.1)
        assert bench.ask("?FF") == (16,)
        bench.order("!MG")
        assert bench.ask("?FF") == (0,)

    def test_a_reset_ends_an_emergency_stop(self, bench: RoboteqBench) -> None:
        bench.order("%EESAV", "!EX")
        bench.send("%RESET 321654987")
        bench.wait(BOOT_S + 0.01)
        assert bench.ask("?FF") == (0,)

    def test_a_brown_out_is_a_reset(self, bench: RoboteqBench) -> None:
        bench.order("!C 1 7700", "^RWD 250", "!S 1 1000")
        bench.plant.forced_v = 4.0
        bench.wait(0.05)
        assert bench.send("?C") == b""
        bench.plant.forced_v = None
        bench.wait(0.05)
        assert bench.send("?C") == b""
        bench.wait(BOOT_S)
        assert bench.send("~RWD") == b"~RWD\rRWD=1000\r"
        assert bench.send("?C 1") == b"?C 1\rC=0\r"


class TestLoad:
    def test_the_current_is_limited_and_seen(self, open_loop: RoboteqBench) -> None:
        open_loop.order("^RWD 0", "^ALIM 1 200", "!M 1000 0")
        open_loop.plant.motors[0].load_nm = 1000.0
        open_loop.wait(1.5)
        assert open_loop.ask("?A") == (200, 0)
        assert open_loop.ask("?FM") == (1, 0)
        power = open_loop.ask("?P 1")[0]
        assert power == pytest.approx(20.0 * 0.6 / open_loop.plant.supply_v * 1000.0, abs=2)
        assert open_loop.ask("?BA") == (round(200 * power / 1000), 0)
        assert open_loop.roboteq.snapshot().conditions == ("M1 amps limit active",)
        open_loop.plant.forced_c = 75.0
        open_loop.wait(0.01)
        assert open_loop.ask("?A 1") == (100,)

    def test_a_stall_cuts_the_power_until_the_command_is_0(self, bench: RoboteqBench) -> None:
        bench.order("^RWD 0", "^CLERD 1 0", "!S 1 3000")
        bench.plant.motors[0].load_nm = 1000.0
        bench.wait(1.9)
        assert bench.ask("?FM") == (2, 0) and bench.ask("?FS") == (0x01 | 0x10,)
        assert bench.ask("?P") == (0, 0)
        assert bench.roboteq.snapshot().conditions == ("M1 motor stalled",)
        bench.plant.motors[0].load_nm = 0.0
        bench.order("!S 1 1000")
        bench.wait(1.0)
        assert bench.speeds_radps == (0.0, 0.0)
        bench.order("!S 1 0")
        bench.wait(0.01)
        assert bench.ask("?FM") == (0, 0)
        bench.order("!S 1 1000")
        bench.wait(1.5)
        assert bench.ask("?S 1")[0] == pytest.approx(1000, abs=30)

    def test_a_stall_is_not_looked_for_when_told_so(self, bench: RoboteqBench) -> None:
        bench.order("^RWD 0", "^CLERD 1 0", "^BLSTD 1 0", "!S 1 3000")
        bench.plant.motors[0].load_nm = 1000.0
        bench.wait(3.0)
        assert bench.ask("?FM") == (1, 0)

    def test_a_stuck_encoder_is_a_stall(self, bench: RoboteqBench) -> None:
        bench.order("^RWD 0", "!S 1 2000")
        bench.wait(1.0)
        bench.plant.motors[0].stick_encoder(True)
        bench.wait(1.5)
        assert bench.ask("?FM 1")[0] & 0x06
        bench.wait(4.0)
        assert bench.speeds_radps == (0.0, 0.0)

    def test_a_speed_that_is_not_reached_is_a_loop_error(self, bench: RoboteqBench) -> None:
        bench.order("^RWD 0", "^BLSTD 1 0", "!AC 1 500000", "!S 1 6000")
        bench.plant.motors[0].load_nm = 15.0
        bench.wait(0.4)
        assert bench.ask("?FM 1") == (0,) and bench.speeds_radps[0] > 1.0
        bench.wait(0.6)
        assert bench.ask("?FM 1") == (4,)
        assert bench.roboteq.snapshot().conditions == ("M1 loop error detected",)
