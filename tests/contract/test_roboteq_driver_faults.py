"""Every fault that the Roboteq driver survives, and the name that it gives it."""

from __future__ import annotations

import pytest
from tests.controllers.driver_contract import kinds, read
from tests.controllers.line_faults import AskedAgain
from tests.controllers.roboteq_bench import Bench

from patrol_drivers.errors import ReplyError
from patrol_drivers.motors import EventKind
from patrol_drivers.roboteq.driver import RoboteqDriver
from patrol_drivers.roboteq.values import FAULT_FLAGS, RUNTIME_FLAGS, Flag


@pytest.fixture
def bench() -> Bench:
    bench = Bench()
    bench.driver.start()
    bench.run(cycles=5)
    return bench


class TestLine(AskedAgain):
    @pytest.mark.parametrize("noise", [b"\x00\x13", b"C=1:1\r", b"+\r", b"\r-\r"])
    def test_noise_is_told_and_nothing_is_taken_from_it(self, bench: Bench, noise: bytes) -> None:
        bench.line.noise = [noise]
        (cycle,) = bench.run()
        assert kinds([cycle]) == [EventKind.NOISE]
        assert cycle.readings is not None and bench.moves

    @pytest.mark.parametrize("chunk", [1, 5, 1000])
    def test_an_echo_of_the_line_beside_that_of_the_controller_is_told_once(
        self, chunk: int
    ) -> None:
        bench = Bench()
        bench.line.echo, bench.line.chunk = True, chunk
        bench.driver.start()
        assert kinds([*bench.run(-3.0, cycles=10), *bench.run(3.0, cycles=10)]) == [EventKind.ECHO]
        assert bench.moves

    def test_spoilt_answers_without_end_are_a_lost_link_and_a_stop(self, bench: Bench) -> None:
        bench.line.corrupt = 10**6
        (cycle,) = bench.run()
        assert kinds([cycle]) == [EventKind.NOISE, EventKind.NOISE, EventKind.LINK_LOST]
        assert cycle.readings is None and not bench.moves
        bench.line.corrupt = 0
        assert EventKind.LINK_BACK in kinds(bench.run(cycles=30))
        assert bench.moves

    @pytest.mark.parametrize("heard", [b"!S 1 991\r", b"!S 1191\r", b"!S 1 -91\r"])
    def test_a_command_that_was_heard_wrongly_is_said_again_at_once(
        self, bench: Bench, heard: bytes
    ) -> None:
        bench.fake.mishears = [(b"!S 1 191\r", heard)]
        (cycle,) = bench.run()
        assert kinds([cycle]) == [EventKind.NOISE]
        assert bench.fake.stored == [191, 191]

    def test_a_command_whose_end_was_lost_does_not_spoil_the_second_attempt(
        self, bench: Bench
    ) -> None:
        bench.fake.mishears = [(b"!S 1 191\r", b"!S 1 191")]
        (cycle,) = bench.run()
        assert set(kinds([cycle])) == {EventKind.NOISE}
        assert cycle.readings is not None and bench.moves

    def test_one_wrong_digit_makes_no_fault_no_reset_and_no_way(self, bench: Bench) -> None:
        (before,) = bench.run()
        for name, wrong in (("FF", "FF=1"), ("RWD", "RWD=600"), ("C", "C=90000:90000")):
            bench.fake.misread = {name: wrong}
            (cycle,) = bench.run()
            assert kinds([cycle]) == [] and bench.moves and bench.fake.misread == {}
        first, last = read(before).positions_rad, read(cycle).positions_rad
        assert first is not None and last is not None
        assert 0.0 < last.left - first.left < 0.2

    def test_a_speed_that_the_wheel_cannot_have_is_not_taken(self, bench: Bench) -> None:
        bench.fake.misread = {"S": "S=191:9191"}
        (cycle,) = bench.run()
        assert kinds([cycle]) == [EventKind.NOISE]
        assert read(cycle).velocities_radps is None

    def test_a_cycle_fits_into_its_period_at_115200_baud(self) -> None:
        """What is said goes the other way while its echo comes back: what is read counts."""
        bench = Bench()
        bench.fake.counts = [-(2.0**31) + 1e6, -(2.0**31) + 1e6]
        bench.driver.start()
        bench.run(-12.0, cycles=5)
        sizes = []
        for speed_radps in (-12.0, -12.0, 0.0, -12.0, 0.0, -12.0):
            bench.fake.bytes_read = 0
            bench.run(speed_radps)
            sizes.append(bench.fake.bytes_read)
        assert max(sizes) * 10 / 115200 < 0.018


class TestResume:
    """A Roboteq runs on at the next command after its watchdog has tripped."""

    def test_the_fake_does(self, bench: Bench) -> None:
        bench.clock.advance(0.3)
        assert bench.fake.tripped and not bench.moves
        bench.fake.write(b"?FF\r~RWD\r^RWD 150\r")
        assert not bench.moves
        bench.fake.write(b"!AC 1 100\r")
        assert bench.moves and bench.fake.resumed == 1

    @pytest.mark.parametrize("pause_s", [0.101, 0.15, 0.2, 5.0])
    def test_a_driver_that_fell_silent_stops_first(self, bench: Bench, pause_s: float) -> None:
        bench.clock.advance(pause_s)
        bench.fake.lines.clear()
        (cycle,) = bench.run(0.0)
        assert kinds([cycle]) == [EventKind.WATCHDOG_TRIPPED]
        assert bench.fake.lines[:5] == ["", "!S 1 0", "!S 2 0", "!S 1 0", "!S 2 0"]
        assert bench.fake.resumed == 0

    def test_a_cycle_that_waits_too_long_for_answers_stops_before_it_drives(
        self, bench: Bench
    ) -> None:
        bench.fake.answer_s = 0.03
        bench.fake.lines.clear()
        cycles = bench.run(cycles=30)
        assert EventKind.WATCHDOG_TRIPPED in kinds(cycles)
        assert bench.fake.resumed == 0

    def test_a_new_driver_stops_what_another_left_behind(self, bench: Bench) -> None:
        bench.clock.advance(1.0)
        RoboteqDriver(bench.params, bench.fake, bench.clock).start()
        assert bench.fake.resumed == 0 and bench.fake.stored == [0, 0]

    def test_a_cable_that_was_out(self, bench: Bench) -> None:
        bench.line.plugged = False
        bench.run(cycles=30)
        assert bench.fake.tripped
        bench.line.plugged = True
        bench.fake.lines.clear()
        bench.run(cycles=20)
        assert bench.fake.lines[:5] == ["", "!S 1 0", "!S 2 0", "!S 1 0", "!S 2 0"]
        assert bench.fake.resumed == 0 and bench.moves

    def test_a_line_that_was_cut_off_does_not_swallow_the_first_stop(self, bench: Bench) -> None:
        bench.line.plugged = False
        bench.run(cycles=30)
        bench.fake.half = "!S 1 30"
        bench.line.plugged = True
        bench.run(0.0, cycles=12)
        assert bench.fake.resumed == 0 and bench.fake.stored == [0, 0]

    @pytest.mark.parametrize("lost", [b"!S 1 0\r", b"!S 2 0\r", b"\r!S 1 0\r!S 2 0\r"])
    def test_one_copy_of_the_stops_is_enough(self, bench: Bench, lost: bytes) -> None:
        bench.clock.advance(1.0)
        bench.fake.mishears = [(lost, b"")]
        bench.run(0.0)
        assert bench.fake.resumed == 0 and bench.fake.stored == [0, 0]

    def test_stops_that_are_not_confirmed_let_nothing_else_be_said(self) -> None:
        bench = Bench()
        bench.fake.unanswered = {"S"}
        bench.fake.stored = [300, 300]
        with pytest.raises(ReplyError):
            bench.driver.start()
        assert {line.split(" ")[0] for line in bench.fake.lines} == {"", "!S", "^ECHOF"}

    def test_an_emergency_stop_is_never_released(self, bench: Bench) -> None:
        bench.fake.faults = 0x10
        cycles = bench.run(cycles=10)
        bench.clock.advance(1.0)
        cycles += bench.run(cycles=10)
        assert kinds(cycles) == [EventKind.ESTOP, EventKind.WATCHDOG_TRIPPED]
        assert read(cycles[-1]).estop and not bench.moves
        assert not {"!MG", "!EX"} & set(bench.fake.lines)
        bench.fake.faults = 0
        bench.run(cycles=3)
        assert bench.moves


class TestController:
    def test_each_reset_begins_the_start_at_once(self, bench: Bench) -> None:
        for _ in range(4):
            bench.fake.boot()
            first, second = bench.run(cycles=2)
            assert EventKind.RESET in kinds([first])
            assert first.sent is not None and first.sent.left_radps == 0.0
            assert second.sent is not None and second.sent.left_radps > 0.0

    def test_a_reset_that_kept_the_watchdog_is_seen_by_the_encoders(self, bench: Bench) -> None:
        bench.fake.stored_ms = 150
        bench.run(10.0, cycles=50)
        bench.fake.boot()
        first, second = bench.run(10.0, cycles=2)
        assert EventKind.RESET in kinds([first])
        assert first.sent is not None and first.sent.left_radps == 0.0
        assert second.sent is not None and second.sent.left_radps > 0.0

    def test_the_ramps_are_there_again_after_a_reset_that_nothing_shows(
        self, bench: Bench
    ) -> None:
        ramps = dict(bench.fake.ramps)
        bench.fake.ramps.clear()
        bench.run(cycles=20)
        assert bench.fake.ramps == ramps and len(ramps) == 4

    def test_a_controller_whose_stored_echo_is_off(self) -> None:
        bench = Bench()
        bench.fake.stored_echo = False
        bench.fake.boot()
        bench.driver.start()
        assert kinds(bench.run(cycles=5)) == [] and bench.moves
        bench.fake.boot()
        bench.run(cycles=20)
        assert bench.moves

    def test_one_wrong_digit_behind_a_pulled_cable_is_no_reset(self, bench: Bench) -> None:
        bench.line.plugged = False
        bench.run(cycles=2)
        bench.fake.misread = {"RWD": "RWD=20"}
        bench.line.plugged = True
        assert EventKind.RESET not in kinds(bench.run(cycles=20))
        assert bench.moves and bench.fake.misread == {}

    def test_a_reset_behind_a_pulled_cable_is_told_once(self, bench: Bench) -> None:
        bench.line.plugged = False
        bench.run(cycles=5)
        bench.fake.boot()
        bench.line.plugged = True
        assert kinds(bench.run(cycles=30)).count(EventKind.RESET) == 1
        assert bench.moves

    def test_positions_go_on_over_a_reset(self, bench: Bench) -> None:
        before = read(bench.run(cycles=50)[-1]).positions_rad
        bench.fake.boot()
        after = read(bench.run(cycles=50)[-1]).positions_rad
        assert before is not None and after is not None
        assert 0.5 < after.left - before.left < 2.0

    def test_counters_wrap_without_a_jump(self) -> None:
        bench = Bench()
        bench.fake.counts = [-(2.0**31) + 50.0, 2.0**31 - 50.0]
        bench.driver.start()
        cycles = [*bench.run(-1.0, cycles=20), *bench.run(1.0, cycles=40)]
        assert kinds(cycles) == []
        assert read(cycles[-1]).positions_rad == pytest.approx((0.4, 0.4), abs=0.2)

    def test_another_controller_on_the_port_is_a_reset(self, bench: Bench) -> None:
        bench.line.plugged = False
        bench.run(cycles=2)
        bench.line.plugged = True
        bench.fake.model = "RCB500:SDC2160"
        events = [event for cycle in bench.run(cycles=30) for event in cycle.events]
        assert any(
            event.kind is EventKind.RESET and "SDC2160" in event.sentence for event in events
        )

    @pytest.mark.parametrize("flag", FAULT_FLAGS, ids=lambda flag: flag.words)
    def test_every_fault_is_told_once_and_stops(self, bench: Bench, flag: Flag) -> None:
        bench.fake.faults = flag.mask
        cycles = bench.run(cycles=5)
        assert kinds(cycles) == [flag.kind]
        assert bench.fake.stored == [0, 0]
        assert read(cycles[-1]).faults == (flag.words,)
        assert read(cycles[-1]).estop == (flag.kind is EventKind.ESTOP)
        bench.fake.faults = 0
        assert kinds(bench.run(cycles=2)) == []
        assert bench.moves

    @pytest.mark.parametrize("flag", RUNTIME_FLAGS, ids=lambda flag: flag.words)
    def test_a_motor_that_stopped_by_itself_holds_both_until_a_stop_is_commanded(
        self, bench: Bench, flag: Flag
    ) -> None:
        bench.fake.flags[1] = flag.mask
        (first,) = bench.run()
        assert kinds([first]) == [flag.kind]
        assert read(first).faults == (f"motor 2: {flag.words}",)
        assert (bench.fake.stored == [0, 0]) == flag.stops
        bench.fake.flags[1] = 0
        held = kinds(bench.run(cycles=5))
        assert held == ([EventKind.COMMAND_REFUSED] if flag.stops else [])
        assert bench.moves != flag.stops
        assert kinds(bench.run(0.0)) == []
        bench.run(cycles=2)
        assert bench.moves

    def test_what_is_told_no_longer_is_not_known_any_more(self, bench: Bench) -> None:
        bench.run(cycles=10)
        bench.fake.unanswered = {"V"}
        last = read(bench.run(cycles=5)[-1])
        assert last.battery_v is None and last.logic_v is None
        assert last.temperatures_c == (31.0, 29.0, 28.0)
        assert bench.moves

    def test_what_it_measures(self, bench: Bench) -> None:
        last = read(bench.run(2.0, cycles=10)[-1])
        assert last.currents_a == (1.5, -0.2)
        assert (last.battery_v, last.logic_v) == (24.5, 11.8)
        assert last.temperatures_c == (31.0, 29.0, 28.0)


class TestStandstill:
    """A wheel that is held, or whose encoder is dead, winds up the control of its speed."""

    def test_the_controller_is_reset_once_and_held_until_a_zero(self, bench: Bench) -> None:
        bench.run(3.0, cycles=20)
        bench.fake.stuck = True
        cycles = bench.run(3.0, cycles=40)
        assert kinds(cycles) == [EventKind.FAULT, EventKind.RESET]
        assert bench.fake.lines.count("%RESET 321654987") == 1
        assert not bench.moves and bench.fake.watchdog_ms == bench.params.watchdog_ms
        bench.fake.stuck = False
        bench.run(3.0, cycles=5)
        assert not bench.moves
        bench.run(0.0)
        bench.run(3.0, cycles=2)
        assert bench.moves

    def test_a_reset_that_is_not_heard_is_said_again(self, bench: Bench) -> None:
        bench.run(3.0, cycles=20)
        bench.fake.stuck = True
        bench.fake.mishears = [(b"%RESET 321654987", b"%RESET 32165498")]
        cycles = bench.run(3.0, cycles=20)
        assert kinds(cycles).count(EventKind.RESET) == 1
        assert bench.fake.lines.count("%RESET 321654987") == 1

    def test_a_wheel_that_an_emergency_stop_holds_is_left_alone(self, bench: Bench) -> None:
        bench.run(3.0, cycles=20)
        bench.fake.faults = 0x10
        bench.run(3.0, cycles=100)
        assert "%RESET 321654987" not in bench.fake.lines


def test_nothing_is_sent_after_close(bench: Bench) -> None:
    bench.driver.close()
    count = len(bench.fake.lines)
    bench.driver.close()
    assert len(bench.fake.lines) == count and not bench.fake.is_open
