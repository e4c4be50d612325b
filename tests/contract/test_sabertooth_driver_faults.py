"""What the Sabertooth driver survives without seeing it, and the little that it sees."""

from __future__ import annotations

import pytest
from tests.controllers.bench import PERIOD_S
from tests.controllers.driver_contract import kinds
from tests.controllers.sabertooth_bench import AUTOBAUD, Bench

from patrol_drivers.errors import LinkError, WatchdogError
from patrol_drivers.motors import EventKind, Watchdog, WheelSpeeds
from patrol_drivers.sabertooth.params import SabertoothParams


@pytest.fixture
def bench() -> Bench:
    bench = Bench()
    bench.driver.start()
    bench.run(cycles=15)
    assert bench.fake.steps == [10, 10]
    return bench


class TestLine:
    def test_a_clean_line_has_nothing_to_tell(self, bench: Bench) -> None:
        assert kinds(bench.run(cycles=20)) == []
        assert bench.fake.rejected == 0

    @pytest.mark.parametrize("byte", range(12))
    @pytest.mark.parametrize("mask", [0x01, 0x40, 0x80, 0xFF])
    def test_a_damaged_byte_is_mended_by_the_next_cycle(
        self, bench: Bench, byte: int, mask: int
    ) -> None:
        bench.fake.spoil = [
            lambda data: data[:byte] + bytes((data[byte] ^ mask,)) + data[byte + 1 :]
        ]
        assert kinds(bench.run(2.0, cycles=2)) == []
        bench.fake.driven.clear()
        bench.run(2.0)
        assert [(driven.motor, driven.timeout) for driven in bench.fake.driven] == [(0, 1), (1, 1)]

    @pytest.mark.parametrize("length", range(12))
    def test_a_cut_cycle_does_not_spoil_the_next(self, bench: Bench, length: int) -> None:
        bench.fake.spoil = [lambda data: data[:length]]
        bench.run()
        bench.fake.driven.clear()
        bench.run(3.0)
        assert len(bench.fake.driven) == 2

    def test_noise_before_a_packet_does_not_spoil_it(self, bench: Bench) -> None:
        bench.fake.spoil = [lambda data: b"\x80\x00\x80\x0e\xff\x13" + data]
        bench.fake.driven.clear()
        bench.run()
        assert len(bench.fake.driven) == 2

    def test_a_line_that_loses_all_is_not_seen_and_the_controller_stops(
        self, bench: Bench
    ) -> None:
        bench.line.deaf = True
        assert kinds(bench.run(cycles=30)) == []
        assert not bench.moves
        assert bench.fake.trips == 1

    def test_what_comes_in_is_thrown_away_and_holds_up_nothing(self, bench: Bench) -> None:
        bench.line.echo = True
        bench.line.noise = [b"\x55" * 500] * 20
        before_s = bench.clock()
        cycles = bench.run(cycles=20)
        assert bench.clock() - before_s == pytest.approx(20 * PERIOD_S)
        assert kinds(cycles) == []
        assert bench.moves

    def test_cycles_that_come_too_fast_wait_for_the_line(self, bench: Bench) -> None:
        before_s = bench.clock()
        for _ in range(100):
            bench.driver.cycle(WheelSpeeds(bench.clock(), 1.0, 1.0, 5.0))
        assert bench.clock() - before_s >= 100 * 12 * 10 / 9600 - 0.02

    def test_the_usual_rate_leaves_the_line_time_to_spare(self, bench: Bench) -> None:
        before_s = bench.clock()
        bench.driver.cycle(None)
        assert bench.clock() - before_s < 0.001


class TestLink:
    def test_an_adapter_that_is_pulled_is_lost_once_and_begins_anew(self, bench: Bench) -> None:
        bench.line.plugged = False
        out = bench.run(cycles=50)
        assert kinds(out) == [EventKind.LINK_LOST, EventKind.WATCHDOG_TRIPPED]
        assert all(cycle.sent is None and cycle.readings is None for cycle in out)
        bench.fake.boot()
        bench.fake.driven.clear()
        bench.line.plugged = True
        back = bench.run(cycles=30)
        assert kinds(back) == [EventKind.LINK_BACK]
        assert [driven.steps for driven in bench.fake.driven[:4]] == [0, 0, 1, 1]
        assert bench.fake.steps == [10, 10]

    def test_an_adapter_that_comes_back_at_once_begins_anew_too(self, bench: Bench) -> None:
        bench.line.plugged = False
        bench.run()
        bench.line.plugged = True
        bench.fake.driven.clear()
        assert kinds(bench.run(cycles=30))[-1] is EventKind.LINK_BACK
        assert [driven.steps for driven in bench.fake.driven[:4]] == [0, 0, 1, 1]
        assert bench.moves

    def test_a_port_that_is_not_there_is_told_by_start_and_tried_again(self) -> None:
        bench = Bench()
        bench.line.plugged = False
        with pytest.raises(LinkError):
            bench.driver.start()
        assert kinds(bench.run(cycles=30)) == []
        bench.line.plugged = True
        assert kinds(bench.run(cycles=30)) == [EventKind.LINK_BACK]
        assert bench.moves

    def test_a_port_that_is_not_there_is_tried_now_and_then(
        self, bench: Bench, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        tried_s = []
        monkeypatch.setattr(bench.fake, "open", lambda: tried_s.append(bench.clock()))
        bench.line.plugged = False
        bench.run(cycles=100)
        assert 8 <= len(tried_s) <= 10

    def test_without_start_the_first_cycle_begins(self) -> None:
        bench = Bench()
        assert kinds(bench.run(cycles=30)) == []
        assert bench.moves
        assert bench.fake.driven[0].steps == 0

    def test_after_close_a_cycle_begins_anew(self, bench: Bench) -> None:
        bench.driver.close()
        assert not bench.fake.is_open and not bench.moves
        bench.clock.advance(1.0)
        bench.fake.boot()
        bench.fake.driven.clear()
        assert kinds(bench.run(cycles=30)) == []
        assert [driven.steps for driven in bench.fake.driven[:4]] == [0, 0, 1, 1]
        assert bench.moves

    def test_the_last_stop_survives_two_losses(self, bench: Bench) -> None:
        bench.fake.spoil = [lambda data: b"", lambda data: b""]
        before_s = bench.clock()
        bench.driver.close()
        assert not bench.moves
        assert bench.clock() - before_s >= 3 * 12 * 10 / 9600, "closed before all had left"

    def test_a_second_close_touches_no_port(self, bench: Bench) -> None:
        bench.driver.close()
        bench.fake.driven.clear()
        bench.driver.close()
        assert bench.fake.driven == [] and not bench.fake.is_open

    def test_close_before_anything_touches_no_port(self) -> None:
        bench = Bench()
        bench.driver.close()
        assert bench.fake.driven == [] and not bench.fake.is_open


class TestWatchdog:
    def test_what_is_not_declared_does_not_move(self) -> None:
        bench = Bench(SabertoothParams())
        with pytest.raises(WatchdogError) as caught:
            bench.driver.start()
        assert "watchdog_declared" in caught.value.remedy
        cycles = bench.run(cycles=30)
        assert kinds(cycles) == [EventKind.WATCHDOG_UNVERIFIED]
        assert all(driven.steps == 0 for driven in bench.fake.driven)
        assert cycles[-1].sent is not None and cycles[-1].sent.left_radps == 0.0
        assert cycles[-1].readings is not None
        assert cycles[-1].readings.watchdog is Watchdog.UNVERIFIED
        assert bench.fake.timeout == 1

    def test_no_silence_is_told_of_a_timeout_that_nobody_declared(self) -> None:
        bench = Bench(SabertoothParams())
        bench.run(cycles=5)
        bench.clock.advance(1.0)
        assert kinds(bench.run(cycles=5)) == []

    def test_a_reset_is_not_seen_and_is_guarded_before_it_moves(self, bench: Bench) -> None:
        bench.fake.boot()
        bench.fake.driven.clear()
        assert kinds(bench.run()) == []
        assert [(driven.steps, driven.timeout) for driven in bench.fake.driven] == [(10, 1)] * 2

    def test_a_lost_timeout_after_a_reset_is_made_good_in_the_next_cycle(
        self, bench: Bench
    ) -> None:
        bench.fake.boot()
        bench.fake.spoil = [lambda data: data[4:]]
        bench.run()
        assert bench.moves and bench.fake.timeout == 0
        bench.run()
        assert bench.fake.timeout == 1

    def test_after_a_pause_the_ramp_begins_at_rest(self, bench: Bench) -> None:
        bench.clock.advance(0.3)
        assert not bench.moves
        bench.fake.driven.clear()
        assert kinds(bench.run(cycles=3)) == [EventKind.WATCHDOG_TRIPPED]
        assert [driven.steps for driven in bench.fake.driven] == [0, 0, 1, 1, 2, 2]

    def test_after_a_stop_the_ramp_begins_at_rest(self, bench: Bench) -> None:
        bench.run(5.0, cycles=60)
        bench.fake.driven.clear()
        bench.run(0.0)
        bench.run(5.0, cycles=3)
        assert [driven.steps for driven in bench.fake.driven] == [0, 0, 1, 1, 2, 2, 3, 3]


class TestAutobaud:
    def test_start_waits_and_is_heard(self) -> None:
        bench = Bench(AUTOBAUD)
        before_s = bench.clock()
        bench.driver.start()
        assert bench.clock() - before_s == pytest.approx(2.5, abs=0.01)
        assert bench.fake.timeout == 1
        bench.run(cycles=20)
        assert bench.moves

    def test_cycles_do_not_wait_for_it(self) -> None:
        bench = Bench(AUTOBAUD)
        cycles = bench.run(cycles=120)
        assert bench.clock() == pytest.approx(100.0 + 120 * PERIOD_S)
        assert all(cycle.sent is None and cycle.readings is None for cycle in cycles)
        assert kinds(bench.run(cycles=30)) == []
        assert bench.fake.steps == [10, 10]

    def test_a_reset_between_two_cycles_is_heard_again(self) -> None:
        bench = Bench(AUTOBAUD)
        bench.driver.start()
        bench.run(cycles=20)
        bench.fake.boot()
        bench.fake.driven.clear()
        bench.run(cycles=110)
        assert bench.moves
        assert all(driven.timeout == 1 for driven in bench.fake.driven)

    def test_a_reset_in_the_middle_of_a_cycle_leaves_it_at_rest(self) -> None:
        bench = Bench(AUTOBAUD)
        bench.driver.start()
        bench.run(cycles=20)
        bench.fake.boot()
        bench.clock.advance(2.0)
        bench.fake.spoil = [lambda data: data[5:]]
        bench.run(cycles=50)
        assert not bench.moves

    def test_after_a_pulled_adapter_it_takes_its_time_again(self) -> None:
        bench = Bench(AUTOBAUD)
        bench.driver.start()
        bench.run(cycles=20)
        bench.line.plugged = False
        cycles = bench.run(cycles=10)
        bench.fake.boot()
        bench.line.plugged = True
        cycles += bench.run(cycles=160)
        assert kinds(cycles) == [
            EventKind.LINK_LOST, EventKind.WATCHDOG_TRIPPED, EventKind.LINK_BACK
        ]  # fmt: skip
        assert bench.moves

    def test_closed_while_it_waits_it_waits_again(self) -> None:
        bench = Bench(AUTOBAUD)
        bench.run(cycles=50)
        bench.driver.close()
        assert all(cycle.sent is None for cycle in bench.run(cycles=120))
        bench.run(cycles=30)
        assert bench.moves

    def test_a_cable_pulled_while_it_waits_is_told_by_start(self) -> None:
        bench = Bench(AUTOBAUD)

        def pull(_: float) -> None:
            bench.line.plugged = False

        bench.clock.on_advance.append(pull)
        with pytest.raises(LinkError):
            bench.driver.start()
        assert not bench.fake.is_open
