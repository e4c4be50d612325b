"""What every driver of a controller that answers does about a bad line, whatever the bytes are."""

from __future__ import annotations

import pytest

from patrol_drivers.errors import ReplyError
from patrol_drivers.motors import EventKind, WheelSpeeds
from tests.controllers.bench import Bench
from tests.controllers.driver_contract import kinds


class LineFaults:
    """`bench` is a fixture: a driver that was started and has run for some cycles."""

    def test_a_clean_line_has_nothing_to_tell(self, bench: Bench) -> None:
        assert kinds(bench.run(cycles=30)) == []

    def test_a_line_that_babbles_holds_up_no_cycle(self, bench: Bench) -> None:
        bench.line.noise = [b"\x55" * 5000] * 1000
        before_s = bench.clock()
        cycles = bench.run(cycles=1)
        assert bench.clock() - before_s < 0.2
        assert EventKind.LINK_LOST in kinds(cycles)

    def test_nor_does_one_that_babbles_slowly(self, bench: Bench) -> None:
        bench.line.noise = [b"\x55" * 100] * 1000
        bench.line.chunk, bench.line.chunk_s = 1, 0.015
        before_s = bench.clock()
        bench.run(cycles=1)
        assert bench.clock() - before_s < 0.3

    def test_an_echo_without_a_controller_is_no_answer(self, bench: Bench) -> None:
        bench.driver.close()
        bench.line.echo = bench.line.silent = True
        with pytest.raises(ReplyError):
            bench.driver.start()
        assert EventKind.NOISE not in kinds(bench.run(-1.0, cycles=20))

    @pytest.mark.parametrize("chunk", [1, 2, 3, 7])
    def test_split_answers_are_put_together(self, bench: Bench, chunk: int) -> None:
        bench.line.chunk = chunk
        assert kinds(bench.run(cycles=10)) == []
        assert bench.moves

    def test_a_lost_link_is_not_tried_without_pause_nor_told_again(self, bench: Bench) -> None:
        bench.line.plugged = False
        bench.run(cycles=20)
        bench.line.plugged, bench.line.silent = True, True
        assert kinds(bench.run(cycles=100)) == []

    def test_a_stale_command_is_told_once_whatever_happens_meanwhile(self, bench: Bench) -> None:
        cycles = []
        for lost, pause_s in ((0, 0.0), (9, 0.0), (0, 0.3)):
            bench.line.drop = lost
            bench.clock.advance(pause_s)
            for _ in range(30):
                stale = WheelSpeeds(bench.clock() - 0.2, 1.0, 1.0, 5.0)
                cycles.append(bench.driver.cycle(stale))
                bench.clock.advance(0.02)
        assert kinds(cycles).count(EventKind.COMMAND_STALE) == 1
        assert EventKind.LINK_BACK in kinds(cycles)

    def test_a_failed_start_frees_the_port(self, bench: Bench) -> None:
        bench.driver.close()
        bench.line.silent = True
        with pytest.raises(ReplyError):
            bench.driver.start()
        assert not bench.is_open


class AskedAgain(LineFaults):
    """Of drivers that ask a second time in the same cycle."""

    def test_an_answer_that_comes_late_merged_with_the_next_is_sorted_out(
        self, bench: Bench
    ) -> None:
        for _ in range(20):
            bench.line.hold = 1
            (cycle,) = bench.run()
            assert cycle.readings is not None
        assert bench.moves

    def test_an_answer_that_is_lost_is_asked_for_again(self, bench: Bench) -> None:
        bench.line.drop = 1
        (cycle,) = bench.run()
        assert kinds([cycle]) == [EventKind.NO_REPLY]
        assert cycle.readings is not None


class CheckedByCrc(AskedAgain):
    """Of protocols that do not echo, with a check sum in every answer."""

    tries = 2
    """So often is an answer asked for before the link counts as lost."""

    @pytest.mark.parametrize("chunk", [1, 5, 1000])
    def test_an_echo_is_skipped_and_told_once(self, bench: Bench, chunk: int) -> None:
        fresh = type(bench)()  # type: ignore[call-arg]
        fresh.line.echo = True
        fresh.line.chunk = chunk
        fresh.driver.start()
        cycles = [*fresh.run(-3.0, cycles=10), *fresh.run(3.0, cycles=12)]
        assert kinds(cycles) == [EventKind.ECHO]
        assert fresh.moves

    def test_noise_before_an_answer_is_skipped_and_told(self, bench: Bench) -> None:
        bench.line.noise = [b"\x00\x13", b"\xaa" * 7]
        (cycle,) = bench.run()
        assert kinds([cycle]) == [EventKind.NOISE, EventKind.NOISE]
        assert cycle.readings is not None
        assert bench.moves

    def test_a_wrong_crc_is_told_and_asked_again(self, bench: Bench) -> None:
        bench.line.corrupt = 1
        (cycle,) = bench.run()
        assert kinds([cycle]) == [EventKind.WRONG_CRC]
        assert cycle.readings is not None and cycle.sent is not None
        assert cycle.sent.left_radps > 0.0

    def test_wrong_crcs_without_end_are_a_lost_link_and_a_stop(self, bench: Bench) -> None:
        bench.line.corrupt = 10**6
        (cycle,) = bench.run()
        assert kinds([cycle]) == [EventKind.WRONG_CRC] * self.tries + [EventKind.LINK_LOST]
        assert cycle.readings is None
        assert not bench.moves
        bench.line.corrupt = 0
        assert EventKind.LINK_BACK in kinds(bench.run(cycles=30))
        assert bench.moves
