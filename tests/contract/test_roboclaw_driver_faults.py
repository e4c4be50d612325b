"""Every fault that the RoboClaw driver survives, and the name that it gives it."""

from __future__ import annotations

import pytest
from tests.controllers.driver_contract import kinds
from tests.controllers.line_faults import CheckedByCrc
from tests.controllers.roboclaw_bench import Bench

from patrol_drivers.errors import ReplyError, WatchdogError
from patrol_drivers.motors import EventKind, Watchdog
from patrol_drivers.roboclaw.params import RoboClawParams
from patrol_drivers.roboclaw.values import STATUS_16, STATUS_32, StatusBit


@pytest.fixture
def bench() -> Bench:
    bench = Bench()
    bench.driver.start()
    bench.run(cycles=5)
    return bench


class TestLine(CheckedByCrc):
    def test_an_old_answer_in_the_buffer_is_not_taken_for_a_new_one(self, bench: Bench) -> None:
        bench.fake.boot()
        bench.fake._incoming = bytes.fromhex("020b26")  # the watchdog as it was before
        (cycle,) = bench.run()
        assert EventKind.RESET in kinds([cycle])
        assert not bench.moves

    def test_a_controller_that_hears_nothing_stops_by_itself(self, bench: Bench) -> None:
        bench.line.deaf = True
        cycles = bench.run(cycles=30)
        assert not bench.moves
        assert bench.fake.trips == 1
        assert kinds(cycles).count(EventKind.LINK_LOST) == 1
        assert kinds(cycles).count(EventKind.WATCHDOG_TRIPPED) == 1

    def test_another_address_gets_no_answer(self) -> None:
        bench = Bench(RoboClawParams(address=0x81))
        with pytest.raises(ReplyError, match="baud and address"):
            bench.driver.start()
        assert bench.fake.driven == []


class TestController:
    def test_what_another_program_left_running_is_stopped_at_the_start(self) -> None:
        bench = Bench()
        bench.fake.speeds = [4000, 4000]
        bench.driver.start()
        assert not bench.moves

    def test_each_reset_begins_the_start_at_once(self, bench: Bench) -> None:
        for _ in range(4):
            bench.fake.boot()
            first, second = bench.run(cycles=2)
            assert first.sent is not None and first.sent.left_radps == 0.0
            assert second.sent is not None and second.sent.left_radps > 0.0

    def test_a_reset_that_kept_the_watchdog_is_seen_by_the_encoders(self, bench: Bench) -> None:
        bench.fake.stored_watchdog = bench.fake.watchdog
        bench.run(10.0, cycles=50)
        bench.fake.boot()
        first, second = bench.run(10.0, cycles=2)
        assert EventKind.RESET in kinds([first])
        assert first.sent is not None and first.sent.left_radps == 0.0
        assert second.sent is not None and second.sent.left_radps > 0.0

    def test_a_reset_near_zero_is_seen_by_the_watchdog(self, bench: Bench) -> None:
        bench.fake.boot()
        (cycle,) = bench.run()
        assert EventKind.RESET in kinds([cycle])
        assert cycle.readings is not None
        assert cycle.readings.watchdog is Watchdog.UNVERIFIED
        assert not bench.moves

    def test_a_reset_behind_a_pulled_cable_is_told_once(self, bench: Bench) -> None:
        bench.line.plugged = False
        bench.run(cycles=5)
        bench.fake.boot()
        bench.line.plugged = True
        assert kinds(bench.run(cycles=30)).count(EventKind.RESET) == 1
        assert bench.moves

    def test_positions_go_on_over_a_reset(self, bench: Bench) -> None:
        before = bench.run(cycles=50)[-1].readings
        bench.fake.boot()
        after = bench.run(cycles=50)[-1].readings
        assert before is not None and before.positions_rad is not None
        assert after is not None and after.positions_rad is not None
        moved_rad = after.positions_rad.left - before.positions_rad.left
        assert 0.5 < moved_rad < 2.0

    def test_counters_wrap_without_a_jump(self) -> None:
        bench = Bench()
        bench.fake.counts = [50.0, 2.0**32 - 50.0]
        bench.driver.start()
        cycles = [*bench.run(-1.0, cycles=20), *bench.run(1.0, cycles=40)]
        assert kinds(cycles) == []
        last = cycles[-1].readings
        assert last is not None and last.positions_rad is not None
        assert last.positions_rad == pytest.approx((0.4, 0.4), abs=0.1)

    def test_another_controller_on_the_port_is_a_reset(self, bench: Bench) -> None:
        bench.line.plugged = False
        bench.run(cycles=2)
        bench.line.plugged = True
        bench.fake.version = b"RoboClaw 2x60A v4.2.8\n\x00"
        events = [event for cycle in bench.run(cycles=30) for event in cycle.events]
        assert any(event.kind is EventKind.RESET and "2x60A" in event.sentence for event in events)

    @pytest.mark.parametrize(
        ("size", "bit"),
        [(2, bit) for bit in STATUS_16] + [(4, bit) for bit in STATUS_32],
        ids=lambda value: f"0x{value.mask:X}" if isinstance(value, StatusBit) else str(value),
    )
    def test_every_status_bit_is_told_once_and_stops_if_it_says_so(
        self, size: int, bit: StatusBit
    ) -> None:
        bench = Bench()
        bench.fake.status_size = size
        bench.driver.start()
        bench.run(cycles=3)
        bench.fake.status = bit.mask
        cycles = bench.run(cycles=5)
        assert kinds(cycles) == ([bit.kind] if bit.kind else [])
        assert bench.moves != bit.stops
        last = cycles[-1].readings
        assert last is not None
        assert last.faults == ((bit.words,) if bit.kind else ())
        assert last.estop == (bit.kind is EventKind.ESTOP)
        bench.fake.status = 0
        assert kinds(bench.run(cycles=2)) == []
        assert bench.moves

    def test_a_brown_out_is_named(self, bench: Bench) -> None:
        bench.fake.status = 0x20
        (cycle,) = bench.run()
        assert cycle.events[0].kind is EventKind.BROWN_OUT
        assert not bench.moves

    def test_one_sensor_only(self) -> None:
        bench = Bench()
        bench.fake.unanswered = {83}
        bench.driver.start()
        cycles = bench.run(cycles=20)
        assert kinds(cycles) == []
        assert cycles[-1].readings is not None
        assert cycles[-1].readings.temperatures_c == (31.5,)

    def test_what_is_told_no_longer_is_not_known_any_more(self, bench: Bench) -> None:
        bench.run(cycles=10)
        bench.fake.unanswered = {18, 24}
        last = bench.run(cycles=5)[-1]
        assert last.readings is not None
        assert last.readings.battery_v is None
        assert last.readings.velocities_radps is None
        assert last.readings.logic_v == 5.1
        assert bench.moves

    def test_what_it_measures(self, bench: Bench) -> None:
        last = bench.run(2.0, cycles=10)[-1].readings
        assert last is not None
        assert last.currents_a == (1.5, -0.2)
        assert (last.battery_v, last.logic_v) == (24.5, 5.1)
        assert last.temperatures_c == (31.5, 29.9)

    def test_speeds_without_a_sign_have_a_direction(self, bench: Bench) -> None:
        bench.fake.speed_is_unsigned = True
        last = bench.run(-2.0, cycles=3)[-1].readings
        assert last is not None and last.velocities_radps is not None
        assert last.velocities_radps.left == pytest.approx(-2.0, rel=0.01)


class TestWatchdog:
    def test_the_answer_to_setting_does_not_count_reading_back_does(self) -> None:
        bench = Bench()
        bench.fake.acknowledges_one_byte = False
        bench.driver.start()
        assert kinds(bench.run(cycles=5)) == []
        assert bench.moves

    def test_firmware_that_cannot_be_asked_gets_stops_alone(self) -> None:
        bench = Bench()
        bench.fake.unanswered = {14, 15}
        with pytest.raises(WatchdogError, match="watchdog_declared"):
            bench.driver.start()
        cycles = bench.run(cycles=50)
        assert kinds(cycles) == [EventKind.WATCHDOG_UNVERIFIED]
        assert all(cycle.readings is not None for cycle in cycles)
        assert all(driven.first == driven.second == 0 for driven in bench.fake.driven)

    def test_unless_a_person_declared_it(self) -> None:
        bench = Bench(RoboClawParams(watchdog_declared=True))
        bench.fake.unanswered = {14, 15}
        bench.driver.start()
        last = bench.run(cycles=5)[-1].readings
        assert last is not None and last.watchdog is Watchdog.DECLARED
        assert bench.moves
        assert not bench.driver.capabilities.watchdog_read_back
        assert "watchdog read back" in bench.driver.capabilities.cannot_tell

    @pytest.mark.parametrize("declared", [False, True])
    def test_a_controller_that_contradicts_is_believed(self, declared: bool) -> None:
        bench = Bench(RoboClawParams(watchdog_declared=declared))
        bench.fake.takes_setting = False
        with pytest.raises(WatchdogError):
            bench.driver.start()
        bench.run(cycles=30)
        assert all(driven.first == driven.second == 0 for driven in bench.fake.driven)


def test_nothing_is_sent_after_close(bench: Bench) -> None:
    bench.driver.close()
    count = len(bench.fake.driven)
    bench.driver.close()
    assert len(bench.fake.driven) == count
    assert not bench.fake.is_open
