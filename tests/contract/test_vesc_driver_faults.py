"""Every fault that the driver of two VESCs survives, and the name that it gives it."""

from __future__ import annotations

import dataclasses
import itertools

import pytest
from tests.controllers.driver_contract import kinds, read
from tests.controllers.line_faults import CheckedByCrc
from tests.controllers.vesc_bench import PARAMS, Bench
from tests.controllers.vesc_fake import Unit, packed

from patrol_drivers.errors import ReplyError, WatchdogError
from patrol_drivers.motors import EventKind, Watchdog, WheelSpeeds
from patrol_drivers.vesc.values import FAULTS, VALUES_MASK


@pytest.fixture
def bench() -> Bench:
    bench = Bench()
    bench.driver.start()
    bench.run(cycles=5)
    return bench


class TestLine(CheckedByCrc):
    def test_a_configuration_in_pieces_is_put_together(self) -> None:
        bench = Bench()
        bench.line.chunk = 7
        bench.driver.start()
        assert read(bench.run()[0]).watchdog is Watchdog.VERIFIED

    def test_what_a_vesc_prints_is_neither_answer_nor_noise(self, bench: Bench) -> None:
        bench.line.noise = [packed(b"\x15FAULT_CODE_NONE")] * 3
        assert kinds(bench.run(cycles=2)) == []
        assert bench.moves

    def test_the_answer_of_one_is_not_taken_for_that_of_the_other(self, bench: Bench) -> None:
        stray = Unit(bench.second.can_id, erpm=9000, fault=1, timed_out=False)
        bench.line.noise = [packed(stray.values(VALUES_MASK))]
        (cycle,) = bench.run()
        assert kinds([cycle]) == []
        assert read(cycle).faults == ()

    def test_controllers_that_hear_nothing_stop_by_themselves(self, bench: Bench) -> None:
        bench.line.deaf = True
        cycles = bench.run(cycles=30)
        assert not bench.moves
        assert (bench.first.trips, bench.second.trips) == (1, 1)
        assert kinds(cycles).count(EventKind.LINK_LOST) == 1
        assert kinds(cycles).count(EventKind.WATCHDOG_TRIPPED) == 1


class TestTime:
    def test_a_cycle_fits_into_half_its_period_at_115200_baud(self, bench: Bench) -> None:
        sizes = []
        answer = bench.fake.answer

        def counted(data: bytes) -> bytes:
            reply = answer(data)
            sizes.append(len(data) + len(reply))
            return reply

        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(bench.fake, "answer", counted)
            bench.run()
        assert sizes == [10 + 33, 12 + 33, 10 + 12]
        assert sum(sizes) * 10 / 115200 < 0.010


class TestTwo:
    """What happens to one of the two must not leave the other one running."""

    @pytest.mark.parametrize("at", [0, 1])
    def test_silence_of_one_stops_both(self, bench: Bench, at: int) -> None:
        """The first at once, and the second, which then hears nothing, by its timeout."""
        bench.fake.units[at].silent = True
        cycles = bench.run(cycles=1 if at else 10)
        assert EventKind.LINK_LOST in kinds(cycles)
        assert bench.fake.units[1 - at].erpm == 0
        bench.fake.units[at].silent = False
        bench.run(cycles=30)
        assert bench.first.erpm == bench.second.erpm != 0

    def test_each_fault_of_one_is_told_once_and_stops_both(self, bench: Bench) -> None:
        for code in (*FAULTS, 99):
            at = code % 2
            bench.fake.units[at].fault = code
            cycles = bench.run(cycles=2)
            assert len(kinds(cycles)) == 1
            assert not bench.moves
            (words,) = read(cycles[-1]).faults
            assert cycles[0].events[0].sentence == words
            assert ("CAN" in words) == bool(at)
            bench.fake.units[at].fault = 0
            assert kinds(bench.run(cycles=3)) == []
            assert bench.moves

    @pytest.mark.parametrize(
        ("code", "kind"),
        [
            (1, EventKind.OVER_VOLTAGE),
            (2, EventKind.BROWN_OUT),
            (4, EventKind.OVER_CURRENT),
            (5, EventKind.OVER_TEMPERATURE),
            (6, EventKind.OVER_TEMPERATURE),
            (10, EventKind.FAULT),
        ],
    )
    def test_faults_have_their_kind(self, bench: Bench, code: int, kind: EventKind) -> None:
        bench.second.fault = code
        assert kinds(bench.run()) == [kind]

    @pytest.mark.parametrize("at", [0, 1])
    def test_a_kill_switch_at_one_stops_both(self, bench: Bench, at: int) -> None:
        bench.fake.units[at].killed = True
        cycles = bench.run(cycles=3)
        assert kinds(cycles) == [EventKind.ESTOP]
        assert read(cycles[-1]).estop and read(cycles[-1]).faults == ()
        assert not bench.moves

    @pytest.mark.parametrize("at", [0, 1])
    def test_a_reset_of_one_stops_both_and_begins_anew(self, bench: Bench, at: int) -> None:
        bench.run(cycles=20)
        bench.fake.boot_one(at)
        first, second, *others = bench.run(cycles=5)
        assert EventKind.RESET in kinds([first])
        for cycle in (first, second):
            assert cycle.sent is not None and cycle.sent.left_radps == 0.0
        assert kinds([second, *others]) == []
        assert bench.moves

    def test_a_timeout_that_strikes_one_alone_is_told(self, bench: Bench) -> None:
        bench.second.fed_s = -1.0
        bench.second.timed_out = True
        (cycle,) = bench.run()
        (event,) = cycle.events
        assert event.kind is EventKind.WATCHDOG_TRIPPED and "CAN" in event.sentence

    def test_two_with_one_id_get_no_further(self) -> None:
        bench = Bench()
        bench.first.can_id = bench.second.can_id
        with pytest.raises(ReplyError) as caught:
            bench.driver.start()
        assert "can_id" in caught.value.remedy
        bench.run(cycles=20)
        assert not bench.moves

    def test_an_id_that_nobody_has_gets_no_further(self) -> None:
        bench = Bench(dataclasses.replace(PARAMS, can_id=9))
        with pytest.raises(ReplyError, match="behind CAN"):
            bench.driver.start()


class TestController:
    def test_what_another_program_left_running_is_stopped_at_the_start(self) -> None:
        bench = Bench()
        for unit in bench.fake.units:
            unit.take(8, 900, bench.clock())
        bench.driver.start()
        assert not bench.moves

    def test_positions_go_on_over_a_reset(self, bench: Bench) -> None:
        before = read(bench.run(cycles=50)[-1]).positions_rad
        bench.fake.boot()
        after = read(bench.run(cycles=50)[-1]).positions_rad
        assert before is not None and after is not None
        assert 1.0 < after.left - before.left < 3.0

    def test_a_reset_behind_a_pulled_cable_is_told_once(self, bench: Bench) -> None:
        bench.run(cycles=20)
        bench.line.plugged = False
        bench.run(cycles=5)
        bench.fake.boot()
        bench.line.plugged = True
        assert kinds(bench.run(cycles=30)).count(EventKind.RESET) == 1
        assert bench.moves

    def test_tachometers_wrap_without_a_jump(self) -> None:
        bench = Bench()
        bench.first.steps, bench.second.steps = -5.0, 2.0**31 - 5.0
        bench.first.steps_abs = bench.second.steps_abs = 2.0**32 - 5.0
        bench.driver.start()
        cycles = bench.run(2.0, cycles=40)
        assert kinds(cycles) == []
        assert read(cycles[-1]).positions_rad == pytest.approx((1.4, 1.4), abs=0.1)

    @pytest.mark.parametrize("at", [0, 1])
    def test_a_reset_that_no_counter_shows_begins_anew(self, at: int) -> None:
        bench = Bench()
        bench.fake.boot_s = 0.1
        bench.driver.start()
        bench.fake.boot_one(at)
        bench.run(cycles=30)
        assert bench.moves
        assert all(taken.read_back for taken in bench.fake.taken if taken.command == 8)

    def test_nor_is_one_believed_after_a_pause_that_is_long_enough_for_it(self) -> None:
        bench = Bench()
        bench.driver.start()
        bench.fake.boot()
        bench.clock.advance(0.11)
        bench.run(cycles=10)
        assert bench.moves
        assert all(taken.read_back for taken in bench.fake.taken if taken.command == 8)

    @pytest.mark.parametrize("at", [0, 1])
    def test_nor_when_it_answers_only_late_in_the_cycle(self, at: int) -> None:
        bench = Bench()
        bench.driver.start()
        bench.driver.cycle(None)
        bench.fake.boot_s = 0.08
        bench.fake.boot_one(at)
        bench.clock.advance(0.075)
        first, *_ = bench.run(cycles=10)
        assert EventKind.LINK_LOST not in kinds([first])
        assert EventKind.WATCHDOG_UNVERIFIED in kinds([first])
        assert bench.moves
        assert all(taken.read_back for taken in bench.fake.taken if taken.command == 8)

    def test_a_reset_on_the_way_ends_the_ramp_at_once(self) -> None:
        bench = Bench(dataclasses.replace(PARAMS, stop_brake_a=0.0))
        bench.driver.start()
        bench.run(3.0, cycles=40)
        bench.fake.boot_one(1)
        bench.run(3.0)
        assert [taken.number for taken in bench.fake.taken[-2:]] == [0, 0]

    def test_another_controller_on_the_port_is_a_reset(self, bench: Bench) -> None:
        bench.line.plugged = False
        bench.run(cycles=2)
        bench.line.plugged = True
        bench.fake.version = b"\x05\x0375_300\x00" + bytes(15)
        events = [event for cycle in bench.run(cycles=30) for event in cycle.events]
        assert any(
            event.kind is EventKind.RESET and "75_300" in event.sentence for event in events
        )

    def test_what_it_measures(self, bench: Bench) -> None:
        bench.second.voltage, bench.second.current, bench.second.temperature = 243, 990, 401
        last = read(bench.run()[-1])
        assert last.currents_a == (-1.5, 9.9)
        assert (last.battery_v, last.logic_v) == (24.3, None)
        assert last.temperatures_c == (31.2, 40.1)

    def test_an_old_firmware_drives_and_cannot_tell(self) -> None:
        bench = Bench()
        for unit in bench.fake.units:
            unit.tells_status, unit.signature = False, 1232755601
        bench.driver.start()
        assert read(bench.run(cycles=5)[-1]).estop is None
        assert bench.moves
        can = bench.driver.capabilities
        assert not can.watchdog_trip and not can.estop_input and can.watchdog_read_back
        bench.clock.advance(0.3)
        assert kinds(bench.run()) == [EventKind.WATCHDOG_TRIPPED]


class TestMotion:
    def test_a_wheel_below_the_least_speed_is_braked_and_that_is_told_once(
        self, bench: Bench
    ) -> None:
        cycles = bench.run(0.3, cycles=5)
        assert kinds(cycles) == [EventKind.COMMAND_LIMITED]
        assert cycles[-1].sent is not None and cycles[-1].sent.left_radps == 0.0
        assert bench.fake.taken[-1].command == 7
        assert kinds(bench.run(2.0, cycles=2)) == []

    def test_it_speeds_up_and_slows_down_no_faster_than_told(self, bench: Bench) -> None:
        bench.driver.cycle(None)
        bench.clock.advance(0.02)
        sent = [
            cycle.sent.left_radps
            for target in (3.0, -3.0)
            for cycle in bench.run(target, cycles=60, acceleration_radps2=8.0)
            if cycle.sent is not None
        ]
        assert sent[59] == pytest.approx(3.0, abs=0.01) and sent[-1] == pytest.approx(
            -3.0, abs=0.01
        )
        steps = [abs(b - a) for a, b in itertools.pairwise(sent)]
        least = PARAMS.min_erpm / PARAMS.erpm_per_radps
        assert max(steps) < 8.0 * 0.025 + least

    def test_it_goes_on_from_what_the_wheels_do_after_one_stop(self, bench: Bench) -> None:
        bench.run(2.0, cycles=10)
        bench.driver.cycle(None)
        for unit in bench.fake.units:
            unit.erpm = 280  # still rolling: the brake takes its time
        (cycle,) = bench.run(2.0, acceleration_radps2=1.0)
        assert cycle.sent is not None
        assert cycle.sent.left_radps == pytest.approx(280 / PARAMS.erpm_per_radps, abs=0.05)

    def test_without_a_brake_current_a_stop_is_speed_0_at_once(self) -> None:
        bench = Bench(dataclasses.replace(PARAMS, stop_brake_a=0.0))
        bench.driver.start()
        bench.run(3.0, cycles=40)
        bench.driver.cycle(None)
        assert not bench.moves
        assert {taken.command for taken in bench.fake.taken} == {8}


class TestWatchdog:
    @pytest.mark.parametrize("at", [0, 1])
    @pytest.mark.parametrize(("timeout_ms", "brake_a"), [(0, 5.0), (151, 5.0), (150, 0.9)])
    @pytest.mark.parametrize("declared", [False, True])
    def test_a_controller_that_contradicts_is_believed(
        self, at: int, timeout_ms: int, brake_a: float, declared: bool
    ) -> None:
        bench = Bench(dataclasses.replace(PARAMS, watchdog_declared=declared))
        unit = bench.fake.units[at]
        unit.timeout_ms, unit.brake_a = timeout_ms, brake_a
        with pytest.raises(WatchdogError, match="timeout") as caught:
            bench.driver.start()
        assert "VESC Tool" in caught.value.remedy
        assert kinds(bench.run(cycles=5)) == [EventKind.WATCHDOG_UNVERIFIED]
        assert all(taken.command == 7 for taken in bench.fake.taken)

    def test_it_is_looked_at_again_and_found_mended(self) -> None:
        bench = Bench()
        bench.second.timeout_ms = 1000
        with pytest.raises(WatchdogError):
            bench.driver.start()
        bench.second.timeout_ms = 150
        bench.run(cycles=5)
        assert not bench.moves
        bench.clock.advance(2.0)
        bench.run(cycles=5)
        assert bench.moves

    @pytest.mark.parametrize("at", [0, 1])
    def test_a_firmware_that_is_not_known_gets_stops_alone(self, at: int) -> None:
        bench = Bench()
        bench.fake.units[at].signature = 1
        with pytest.raises(WatchdogError, match="cannot read"):
            bench.driver.start()
        assert kinds(bench.run(cycles=10)) == [EventKind.WATCHDOG_UNVERIFIED]
        assert all(taken.command == 7 for taken in bench.fake.taken)

    def test_unless_a_person_declared_it(self) -> None:
        bench = Bench(dataclasses.replace(PARAMS, watchdog_declared=True))
        bench.second.signature = 1
        bench.driver.start()
        assert read(bench.run(cycles=5)[-1]).watchdog is Watchdog.DECLARED
        assert bench.moves
        assert "watchdog read back" in bench.driver.capabilities.cannot_tell


def test_a_cycle_that_began_anew_sends_no_motion(bench: Bench) -> None:
    """Nor does it call the command stale, which grew old while the configurations were read."""
    bench.line.plugged = False
    bench.run(cycles=2)
    bench.line.plugged = True
    bench.line.chunk, bench.line.chunk_s = 20, 0.005
    for cycle in bench.run(cycles=30):
        if EventKind.LINK_BACK in kinds([cycle]):
            assert EventKind.COMMAND_STALE not in kinds([cycle])
            assert cycle.sent is not None and cycle.sent.left_radps == 0.0
            return
    raise AssertionError("the link did not come back")


def test_nothing_is_sent_after_close(bench: Bench) -> None:
    bench.driver.close()
    count = len(bench.fake.taken)
    bench.driver.close()
    assert len(bench.fake.taken) == count
    assert not bench.fake.is_open
    bench.driver.cycle(WheelSpeeds(bench.clock() - 1.0, 1.0, 1.0, 1.0))
    assert not bench.moves
