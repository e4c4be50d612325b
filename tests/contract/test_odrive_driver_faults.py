"""Every fault that the ODrive driver survives, and the name that it gives it."""

from __future__ import annotations

import pytest
from tests.controllers.driver_contract import kinds
from tests.controllers.line_faults import CheckedByCrc
from tests.controllers.odrive_bench import Bench, sentences
from tests.controllers.odrive_fake import signed

from patrol_drivers.errors import ReplyError, WatchdogError
from patrol_drivers.motors import EventKind, Watchdog


@pytest.fixture
def bench() -> Bench:
    bench = Bench()
    bench.driver.start()
    bench.run(cycles=5)
    return bench


class TestLine(CheckedByCrc):
    tries = 3

    def test_answers_that_come_late_are_not_taken_for_others(self, bench: Bench) -> None:
        for _ in range(20):
            bench.line.hold = 1
            (cycle,) = bench.run(2.0)
            assert cycle.readings is not None
            assert cycle.readings.velocities_radps == pytest.approx((2.0, 2.0), rel=0.6)
        assert bench.moves

    def test_old_answers_in_the_buffer_are_not_taken_for_new_ones(self, bench: Bench) -> None:
        old = b"".join(signed(text) + b"\r\n" for text in ("9.000000 9.000000", "8", "99.0"))
        bench.fake._incoming = old
        (cycle,) = bench.run()
        assert kinds([cycle]) == []
        assert cycle.readings is not None and cycle.readings.velocities_radps is not None
        assert cycle.readings.velocities_radps.left < 2.0

    def test_silence_is_noticed_within_some_timeouts(self) -> None:
        bench = Bench()
        bench.driver.start()
        bench.line.silent = True
        before_s = bench.clock()
        bench.driver.cycle(None)
        assert bench.clock() - before_s < 5.0 * bench.params.reply_timeout_s

    def test_a_controller_that_hears_nothing_stops_by_itself(self, bench: Bench) -> None:
        bench.line.deaf = True
        cycles = bench.run(cycles=30)
        assert not bench.moves
        assert bench.fake.trips == 1
        assert kinds(cycles).count(EventKind.LINK_LOST) == 1
        bench.line.deaf = False
        back = bench.run(cycles=30)
        assert kinds(back).count(EventKind.LINK_BACK) == 1
        assert EventKind.WATCHDOG_TRIPPED in kinds(back)
        assert bench.moves

    def test_speeds_that_do_not_arrive_stop_the_wheels(self, bench: Bench) -> None:
        bench.fake.deaf_to = {"v"}
        cycles = bench.run(cycles=12)
        assert EventKind.WATCHDOG_TRIPPED in kinds(cycles)


class TestController:
    def test_what_another_program_left_running_is_stopped_at_the_start(self) -> None:
        bench = Bench()
        for axis in bench.fake.axes:
            axis.numbers["current_state"], axis.input_turns_per_s = 8, 3.0
        bench.driver.start()
        assert not bench.moves

    def test_closed_loop_is_asked_for_last(self) -> None:
        bench = Bench()
        bench.driver.start()
        heard = bench.fake.heard
        asked = heard.index("w axis0.requested_state 8 ")
        for before in (
            "w axis0.requested_state 1 ",
            "r axis0.config.watchdog_timeout",
            "r axis1.config.enable_watchdog",
            "r axis1.controller.config.input_mode",
            "v 1 0.0000",
        ):
            assert heard.index(before) < asked

    def test_what_was_started_is_not_started_again(self) -> None:
        bench = Bench()
        bench.driver.start()
        bench.fake.heard.clear()
        (cycle,) = bench.run()
        assert cycle.sent is not None and cycle.sent.left_radps > 0.0
        assert not any("requested_state" in text for text in bench.fake.heard)

    @pytest.mark.parametrize("firmware", [(0, 4, 12), (0, 5, 3), (0, 6, 1)])
    def test_another_firmware_is_refused(self, firmware: tuple[int, int, int]) -> None:
        bench = Bench()
        bench.fake.firmware = firmware
        with pytest.raises(ReplyError, match="firmware"):
            bench.driver.start()
        bench.run(cycles=30)
        assert not bench.armed
        assert all(driven.turns_per_s == 0.0 for driven in bench.fake.driven)

    def test_an_answer_of_older_firmware_is_shown(self) -> None:
        bench = Bench()
        bench.fake.overridden["fw_version_major"] = "0d"
        with pytest.raises(ReplyError, match="`0d`"):
            bench.driver.start()

    def test_an_axis_that_lets_go_is_told_to_stop_once(self, bench: Bench) -> None:
        bench.fake.driven.clear()
        bench.fake.fail("axis0.error", 2)
        bench.run(2.0)
        assert [driven.turns_per_s for driven in bench.fake.driven] == [0.0, 0.0]

    def test_each_reset_begins_the_start_at_once(self, bench: Bench) -> None:
        for _ in range(4):
            bench.fake.boot()
            first, second = bench.run(cycles=2)
            assert first.sent is not None and first.sent.left_radps == 0.0
            assert second.sent is not None and second.sent.left_radps > 0.0
            assert EventKind.RESET in kinds([first, second])

    def test_a_reset_that_kept_the_watchdog_is_seen_by_the_positions(self, bench: Bench) -> None:
        bench.fake.stored = {"config.enable_watchdog": 1, "config.watchdog_timeout": 0.15}
        bench.run(10.0, cycles=50)
        bench.fake.boot()
        first, second = bench.run(10.0, cycles=2)
        assert EventKind.RESET in kinds([first])
        assert first.sent is not None and first.sent.left_radps == 0.0
        assert second.sent is not None and second.sent.left_radps > 0.0

    def test_a_reset_in_a_pause_that_ends_in_closed_loop_is_guarded_first(
        self, bench: Bench
    ) -> None:
        bench.clock.advance(3.0)
        bench.fake.stored = {"current_state": 8}
        bench.fake.boot()
        bench.fake.driven.clear()
        cycles = bench.run(cycles=2)
        assert EventKind.RESET in kinds(cycles)
        assert bench.moves
        assert all(driven.read_back for driven in bench.fake.driven if driven.turns_per_s)

    def test_a_watchdog_that_somebody_changed_is_set_anew(self, bench: Bench) -> None:
        bench.fake.axes[1].numbers["config.watchdog_timeout"] = 5.0
        cycles = bench.run(cycles=15)
        assert EventKind.RESET in kinds(cycles)
        assert bench.fake.axes[1].numbers["config.watchdog_timeout"] == 0.15
        assert bench.moves

    def test_a_ramp_that_was_not_taken_is_sent_again(self, bench: Bench) -> None:
        ramp = "controller.config.vel_ramp_rate"
        wanted = bench.fake.axes[1].numbers[ramp]
        bench.fake.axes[1].numbers[ramp] = 0.001
        assert kinds(bench.run(cycles=15)) == []
        assert bench.fake.axes[1].numbers[ramp] == wanted

    def test_the_ramp_is_sent_when_it_changes_and_behind_the_speeds(self, bench: Bench) -> None:
        bench.fake.heard.clear()
        bench.run(cycles=1)
        assert not any("vel_ramp_rate" in text for text in bench.fake.heard if text[0] == "w")
        bench.driver.cycle(None)
        assert bench.fake.heard[-2].startswith("w axis0.controller.config.vel_ramp_rate 2.3873")
        assert bench.fake.heard[-3] == "v 1 0.0000"

    def test_positions_go_on_over_a_reset(self, bench: Bench) -> None:
        before = bench.run(cycles=50)[-1].readings
        bench.fake.boot()
        after = bench.run(cycles=50)[-1].readings
        assert before is not None and before.positions_rad is not None
        assert after is not None and after.positions_rad is not None
        moved_rad = after.positions_rad.left - before.positions_rad.left
        assert 0.5 < moved_rad < 2.0

    def test_another_controller_on_the_port_is_a_reset(self, bench: Bench) -> None:
        bench.line.plugged = False
        bench.run(cycles=2)
        bench.line.plugged = True
        bench.fake.hardware = (3, 6, 24)
        assert any("24V" in sentence for sentence in sentences(bench.run(cycles=30)))

    def test_what_it_measures(self, bench: Bench) -> None:
        last = bench.run(2.0, cycles=12)[-1].readings
        assert last is not None
        assert last.currents_a == (1.5, 1.5)
        assert (last.battery_v, last.logic_v) == (24.5, None)
        assert last.temperatures_c == (31.5, 31.5)

    def test_what_is_no_number_is_not_known(self, bench: Bench) -> None:
        bench.fake.overridden = {
            "vbus_voltage": "nan",
            "axis1.motor.fet_thermistor.temperature": "invalid property",
        }
        last = bench.run(cycles=12)[-1].readings
        assert last is not None
        assert last.battery_v is None and last.temperatures_c == (31.5,)
        assert bench.moves

    def test_an_axis_that_lets_go_without_an_error_stops_both(self, bench: Bench) -> None:
        bench.fake.axes[1].numbers["current_state"] = 1
        first, *rest = bench.run(cycles=15)
        assert kinds([first, *rest]) == [EventKind.FAULT]
        assert first.sent is not None and first.sent.left_radps == 0.0
        assert bench.moves

    def test_the_other_axis_is_stopped_before_it_is_asked_why(self, bench: Bench) -> None:
        bench.fake.fail("axis1.motor.error", 8)
        bench.fake.heard.clear()
        bench.run()
        heard = bench.fake.heard
        assert heard.index("v 0 0.0000") < heard.index("r axis1.motor.error")

    def test_closed_loop_that_is_not_reached_is_told_once(self, bench: Bench) -> None:
        bench.fake.takes_states = False
        for axis in bench.fake.axes:
            axis.numbers["current_state"] = 1
        told = sentences(bench.run(cycles=50))
        assert told[1:] == ["closed-loop control was not reached, and no error is told"]
        assert not bench.moves

    def test_an_axis_that_does_not_become_idle_is_not_driven(self) -> None:
        bench = Bench()
        bench.fake.takes_states = False
        bench.fake.axes[0].numbers["current_state"] = 6
        with pytest.raises(ReplyError, match="idle"):
            bench.driver.start()
        bench.run(cycles=20)
        assert all(driven.turns_per_s == 0.0 for driven in bench.fake.driven)

    def test_motors_that_are_not_calibrated_are_told_once(self) -> None:
        bench = Bench()
        bench.fake.is_calibrated = False
        bench.driver.start()
        cycles = bench.run(cycles=50)
        assert sentences(cycles) == [
            f"axis {axis}: closed-loop control refused, is it calibrated?" for axis in (0, 1)
        ]
        assert not bench.armed
        bench.fake.is_calibrated = True
        bench.run(cycles=15)
        assert bench.moves


class TestWatchdog:
    def test_a_controller_that_contradicts_gets_stops_alone(self) -> None:
        bench = Bench()
        bench.fake.takes_watchdog = False
        with pytest.raises(WatchdogError, match="does not confirm"):
            bench.driver.start()
        cycles = bench.run(cycles=50)
        assert kinds(cycles) == [EventKind.WATCHDOG_UNVERIFIED]
        assert all(cycle.readings is not None for cycle in cycles)
        assert not bench.armed
        assert all(driven.turns_per_s == 0.0 for driven in bench.fake.driven)

    def test_nor_does_one_that_cannot_be_asked(self) -> None:
        bench = Bench()
        bench.fake.overridden["axis1.config.enable_watchdog"] = "invalid property"
        with pytest.raises(WatchdogError):
            bench.driver.start()
        bench.run(cycles=30)
        assert not bench.armed

    def test_a_trip_is_told_and_all_begins_anew(self, bench: Bench) -> None:
        bench.clock.advance(0.5)
        cycles = bench.run(cycles=10)
        assert kinds(cycles) == [EventKind.WATCHDOG_TRIPPED] * 2
        last = cycles[-1].readings
        assert last is not None and last.watchdog is Watchdog.VERIFIED
        assert bench.moves


def test_nothing_is_sent_after_close(bench: Bench) -> None:
    bench.driver.close()
    count = len(bench.fake.heard)
    bench.driver.close()
    assert len(bench.fake.heard) == count
    assert not bench.fake.is_open
    bench.clock.advance(0.25)
    assert not bench.armed, "the watchdogs take the motors out of power"
