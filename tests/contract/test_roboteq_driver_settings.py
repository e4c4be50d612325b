"""What the Roboteq driver asks of the settings and the watchdog before it lets a wheel turn."""

from __future__ import annotations

import pytest
from tests.controllers.driver_contract import kinds, read
from tests.controllers.roboteq_bench import Bench

from patrol_drivers.errors import SettingsError, WatchdogError
from patrol_drivers.motors import EventKind, Watchdog
from patrol_drivers.roboteq.params import RoboteqParams


class TestSettings:
    def test_its_name(self) -> None:
        assert Bench().driver.start() == "HDC2460, Roboteq v1.8 RCB500 08/28/2017"
        bench = Bench()
        bench.fake.refused = {"TRN", "FS", "MXMD", "MAC", "MDEC"}
        assert bench.driver.start() == "Roboteq v1.8 RCB500 08/28/2017"

    @pytest.mark.parametrize(
        ("name", "values"),
        [
            ("MMOD", [3, 3]),
            ("EPPR", [400, 500]),
            ("MXRPM", [1000, 1000]),
            ("MXMD", [1]),
            ("BLSTD", [2, 0]),
            ("CLERD", [0, 2]),
        ],
    )
    def test_settings_that_do_not_fit_are_told_and_nothing_moves(
        self, name: str, values: list[int]
    ) -> None:
        bench = Bench()
        right, bench.fake.settings[name] = bench.fake.settings[name], values
        with pytest.raises(SettingsError, match=name):
            bench.driver.start()
        bench.run(cycles=30)
        assert all(driven.rpm == 0 for driven in bench.fake.driven)
        bench.fake.settings[name] = right
        assert EventKind.LINK_BACK in kinds(bench.run(cycles=20))
        assert bench.moves

    def test_without_a_start_they_are_told_as_a_fault(self) -> None:
        bench = Bench()
        bench.fake.settings["MMOD"] = [3, 3]
        assert kinds(bench.run(cycles=30)) == [EventKind.FAULT]

    def test_settings_that_are_not_answered_do_not_count_as_silence(self) -> None:
        bench = Bench()
        bench.fake.unanswered = {"TRN", "FS", "MXMD", "MAC", "MDEC"}
        bench.driver.start()
        assert kinds(bench.run(cycles=5)) == []
        assert bench.moves

    def test_what_another_program_left_running_in_open_loop_is_stopped(self) -> None:
        bench = Bench()
        bench.fake.settings["MMOD"] = [0, 0]
        bench.fake.power = [500, 500]
        with pytest.raises(SettingsError):
            bench.driver.start()
        assert not bench.moves and bench.fake.power == [0, 0]


class TestWatchdog:
    def test_a_controller_that_does_not_tell_it_gets_stops_alone(self) -> None:
        bench = Bench()
        bench.fake.refused = {"RWD"}
        with pytest.raises(WatchdogError, match="watchdog_declared"):
            bench.driver.start()
        cycles = bench.run(cycles=50)
        assert kinds(cycles) == [EventKind.WATCHDOG_UNVERIFIED]
        assert all(cycle.readings is not None for cycle in cycles)
        assert all(driven.rpm == 0 for driven in bench.fake.driven)

    @pytest.mark.parametrize("status", [0x01, 0x81])
    def test_unless_a_person_declared_it(self, status: int) -> None:
        bench = Bench(RoboteqParams(watchdog_declared=True))
        bench.fake.refused = {"RWD"}
        bench.fake.status = status
        bench.driver.start()
        assert read(bench.run(cycles=5)[-1]).watchdog is Watchdog.DECLARED
        assert bench.moves
        assert "watchdog read back" in bench.driver.capabilities.cannot_tell

    @pytest.mark.parametrize("declared", [False, True])
    def test_a_script_may_feed_it(self, declared: bool) -> None:
        bench = Bench(RoboteqParams(watchdog_declared=declared))
        bench.fake.status = 0x81
        if declared:
            bench.driver.start()
        else:
            with pytest.raises(WatchdogError, match="script"):
                bench.driver.start()
        bench.run(cycles=10)
        assert bench.moves == declared

    @pytest.mark.parametrize("declared", [False, True])
    def test_a_controller_that_contradicts_is_believed(self, declared: bool) -> None:
        bench = Bench(RoboteqParams(watchdog_declared=declared))
        bench.fake.takes_watchdog = False
        with pytest.raises(WatchdogError):
            bench.driver.start()
        bench.run(cycles=30)
        assert all(driven.rpm == 0 for driven in bench.fake.driven)
