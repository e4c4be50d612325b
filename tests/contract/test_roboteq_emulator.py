"""The Roboteq emulator's lines against the maker's manual, byte for byte, in made-up time.

Pages are of the "Advanced Digital Motor Controllers User Manual" V1.8 unless said otherwise.
"""

from __future__ import annotations

import pytest
from tests.controllers.emulator_contract import EmulatorContract
from tests.controllers.roboteq_emulated import DONE, REFUSED, RoboteqBench

from patrol_emulators.emulator import Emulator
from patrol_emulators.roboteq.controller import Roboteq
from patrol_emulators.roboteq.unit import BOOT_S, RoboteqParams


class TestRoboteq(EmulatorContract):
    question = b"~MXRPM\r"
    answer = b"~MXRPM\rMXRPM=6000:6000\r"
    arm_watchdog = b"^RWD 500\r"
    drive = b"!S 1 2000\r!S 2 -2000\r"
    halt = b"!S 1 0\r!S 2 0\r"

    def make(self, now_s: float) -> Emulator:
        return Roboteq(RoboteqParams(), now_s)


@pytest.fixture
def bench() -> RoboteqBench:
    return RoboteqBench()


class TestLines:
    @pytest.mark.parametrize(
        ("sent", "answer"),
        [
            ("?TRN", "TRN=RCB500:HDC2460"),
            ("?FID", "FID=Roboteq v1.6 RCB500 05/01/2016"),
            ("?A", "A=0:0"),
            ("?a", "A=0:0"),
            ("?A 2", "A=0"),
            ("?BA", "BA=0:0"),
            ("?V", "V=135:255:4730"),
            ("?V 3", "V=4730"),
            ("?T", "T=25:25:25"),
            ("?T2", "T=25"),
            ("?M", "M=0:0"),
            ("?FF", "FF=0"),
            ("?FM 1", "FM=0"),
            ("?FS", "FS=0"),
            ("~RWD", "RWD=1000"),
            ("~EPPR", "EPPR=100:100"),
            ("~MXRPM 1", "MXRPM=6000"),
            ("~MMOD", "MMOD=1:1"),
            ("^RWD 2000", "+"),
            ("^ALIM1 455", "+"),
            ("!AC 1 2000", "+"),
            ("!S 2500", "+"),
            ("!G 1 500", "+"),
            ("%EESAV", "+"),
            ("!EX", "+"),
        ],
    )
    def test_examples_and_other_lines(self, bench: RoboteqBench, sent: str, answer: str) -> None:
        assert bench.send(sent) == answer.encode("ascii") + b"\r"

    @pytest.mark.parametrize(
        "line",
        [
            "hello",
            "?",
            "!",
            "?XYZ",
            "?A 3",
            "?A 0",
            "?A 1 2",
            "?A x",
            "!S 3 100",
            "!S 1 1x00",
            "!S",
            "!S 1 2 3",
            "!G 1 1001",
            "!S 1 9999999999",
            "!EX 1",
            "!MS",
            "^RWD 70000",
            "^RWD",
            "^MMOD 1 3",
            "^MMOD 1",
            "^MXRPM 3 100",
            "~XYZ",
            "%RESET",
            "%RESET 123456789",
            "%EESAV 1",
            "#",
            "# 0",
            "# X",
            "?A" + 200 * " ",
        ],
    )
    def test_what_is_not_accepted_does_nothing(self, bench: RoboteqBench, line: str) -> None:
        assert bench.send(line) == REFUSED
        assert bench.roboteq.snapshot().rejected == 1
        bench.wait(0.3)
        assert bench.speeds_radps == (0.0, 0.0)
        assert bench.ask("~RWD") == (1000,) and bench.ask("~MMOD") == (1, 1)

    def test_every_valid_character_is_echoed_until_told_otherwise(self) -> None:
        roboteq = Roboteq(RoboteqParams(), 0.0)
        assert roboteq.receive(b"?t\x00\n 2\r", 0.0) == b"?t 2\rT=25\r"
        assert roboteq.receive(b"\r", 0.0) == b"\r"
        assert roboteq.receive(b"^ECHOF 1\r", 0.0) == b"^ECHOF 1\r+\r"
        assert roboteq.receive(b"?T 2\r\r", 0.0) == b"T=25\r"
        assert roboteq.receive(b"^ECHOF 0\r", 0.0) == b"+\r"
        assert roboteq.receive(b"x\r", 0.0) == b"x\r-\r"

    def test_an_underscore_is_a_carriage_return(self, bench: RoboteqBench) -> None:
        assert bench.send("!S 1 10_?T 1_~RWD") == b"+\rT=25\rRWD=1000\r"

    def test_a_presence_check_is_answered_in_the_middle_of_a_line(
        self, bench: RoboteqBench
    ) -> None:
        assert bench.roboteq.receive(b"?T\x05 1\r", 0.0) == b"\x06T=25\r"

    def test_a_byte_above_ascii_spoils_the_line(self, bench: RoboteqBench) -> None:
        assert bench.roboteq.receive(b"!S 1 1\xb000\r", 0.0) == REFUSED


class TestConfiguration:
    def test_is_written_and_read(self, bench: RoboteqBench) -> None:
        bench.order("^RWD 250", "^MXRPM 2 3000", "^EPPR 1 -1024", "^MMOD 2 0")
        assert bench.ask("~RWD") == (250,)
        assert bench.ask("~MXRPM") == (6000, 3000)
        assert bench.ask("~EPPR") == (-1024, 100) and bench.ask("~EPPR 2") == (100,)
        assert bench.ask("~MMOD") == (1, 0)
        assert bench.ask("~ECHOF") == (1,)

    @pytest.mark.parametrize("store", ["%EESAV", "!EES"])
    def test_what_was_not_stored_is_gone_after_a_reset(self, store: str) -> None:
        bench = RoboteqBench()
        bench.order("^RWD 250", store, "^RWD 300", "^MXRPM 1 1234", "!C 1 77", "!S 1 500")
        assert bench.send("%RESET 321654987") == b""
        assert bench.send("~RWD") == b""
        bench.wait(BOOT_S + 0.01)
        assert bench.ask("~RWD") == (250,)
        assert bench.ask("~MXRPM") == (6000, 6000)
        assert bench.ask("?C") == (0, 0) and bench.ask("?M") == (0, 0)

    def test_the_echo_is_back_after_a_reset_that_it_was_not_stored_for(self) -> None:
        bench = RoboteqBench()
        bench.roboteq.reset(0.0)
        bench.wait(BOOT_S + 0.01)
        assert bench.send("~ECHOF") == b"~ECHOF\rECHOF=0\r"

    def test_a_line_is_cut_by_a_reset(self, bench: RoboteqBench) -> None:
        bench.roboteq.receive(b"!S 1 ", 0.0)
        bench.roboteq.reset(0.0)
        bench.wait(BOOT_S + 0.01)
        assert bench.send("500") == b"500\r" + REFUSED


class TestHistory:
    """V2.0 p. 255 and 256."""

    def test_queries_are_called_again_in_turn(self, bench: RoboteqBench) -> None:
        assert [bench.send(line) for line in ("?T 1", "?V 3", "~RWD")][2] == b"RWD=1000\r"
        assert [bench.send("#") for _ in range(3)] == [b"T=25\r", b"V=4730\r", b"T=25\r"]

    def test_and_by_themselves(self, bench: RoboteqBench) -> None:
        bench.send("?T 1")
        bench.send("?V 3")
        assert bench.send("# 100") == b""
        assert bench.wait(0.099) == b""
        assert bench.wait(0.3) == b"T=25\rV=4730\rT=25\r"
        assert bench.send("#") == b"V=4730\r"
        assert bench.wait(1.0) == b""

    def test_until_they_are_cleared(self, bench: RoboteqBench) -> None:
        bench.send("?T 1")
        bench.send("# 10")
        assert bench.send("# C") == b""
        assert bench.wait(1.0) == b"" and bench.send("#") == REFUSED

    def test_sixteen_of_them(self, bench: RoboteqBench) -> None:
        for line in ["?FF", *["?T 1"] * 15, "?V 3", "?X"]:
            bench.send(line)
        called = [bench.send("#") for _ in range(16)]
        assert called == [b"T=25\r"] * 15 + [b"V=4730\r"]


def test_a_reset_in_the_middle_of_bytes_silences_the_rest(bench: RoboteqBench) -> None:
    assert bench.send("?T 1_%RESET 321654987_?T 1") == b"T=25\r"
    assert bench.roboteq.snapshot().packets == 3


def test_lines_come_together_or_byte_by_byte(bench: RoboteqBench) -> None:
    both = b"!S 1 0\r?T 1\r"
    together = bench.roboteq.receive(both, 0.0)
    single = b"".join(bench.roboteq.receive(bytes((byte,)), 0.0) for byte in both)
    assert together == single == DONE + b"T=25\r"
