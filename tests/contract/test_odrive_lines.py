"""Lines of the ODrive emulator, as the maker's documentation and firmware have them."""

from __future__ import annotations

import pytest
from tests.controllers.odrive_emulated import OdriveBench, summed

from patrol_emulators.odrive.settings import OdriveParams


@pytest.fixture
def bench() -> OdriveBench:
    return OdriveBench()


class TestLines:
    @pytest.mark.parametrize(
        ("sent", "answer"),
        [
            (b"r vbus_voltage *93\n", b"25.495001*32\r\n"),
            (b"r vbus_voltage\n", b"25.495001\r\n"),
            (b"r vbus_voltage *93 ; volts\r", b"25.495001*32\r\n"),
            (b"r vbus_voltage *94\n", b""),
            (b"r vbus_voltage *\n", b"25.495001\r\n"),
            (b"r vbus_voltage;*94\n", b"25.495001\r\n"),
            (b"rvbus_voltage!", b"25.495001\r\n"),
            (b"f 0\n", b"0.000000 0.000000\r\n"),
            (summed(b"f 1"), b"0.000000 0.000000*32\r\n"),
            (summed(b"x"), b"unknown command*47\r\n"),
            (b"esl 0 -123\n", b"encoder set to 4294967173\r\n"),
            (b"esl 1 9999999999\n", b"encoder set to 2147483647\r\n"),
            (b"w axis0.controller.input_pos -123.456\n", b""),
            (b"p 0 -2 0 0\n", b""),
            (b"q 0 -2 1 0.1\n", b""),
            (b"t 0 -2\n", b""),
            (b"v 0 1 0\n", b""),
            (b"c 0 0.1\n", b""),
            (b"u 0\n", b""),
            (b"sc\n", b""),
            (b"sx\n", b""),
        ],
    )  # fmt: skip
    def test_answers(self, bench: OdriveBench, sent: bytes, answer: bytes) -> None:
        assert bench.send(sent) == answer

    @pytest.mark.parametrize(
        ("line", "answer"),
        [
            ("x", "unknown command"),
            ("", "unknown command"),
            ("; only a comment", "unknown command"),
            (" v 0 1", "unknown command"),
            ("v", "invalid command format"),
            ("v 0", "invalid command format"),
            ("v zero 1", "invalid command format"),
            ("f", "invalid command format"),
            ("t 0", "invalid command format"),
            ("es 0 1", "invalid command format"),
            ("r", "invalid command format"),
            ("w", "invalid command format"),
            ("v 2 1", "invalid motor 2"),
            ("f -1", "invalid motor 4294967295"),
            ("r axis2.error", "invalid property"),
            ("r axis0.config", "invalid property"),
            ("r axis0..error", "invalid property"),
            ("w axis0.nothing 1", "invalid property"),
            ("w vbus_voltage 1", "not implemented"),
            ("w axis0.config.enable_watchdog True", "not implemented"),
            ("w axis0.config.watchdog_timeout", "not implemented"),
        ],
    )
    def test_refusals_are_in_the_firmware_s_words(
        self, bench: OdriveBench, line: str, answer: str
    ) -> None:
        assert bench.ask(line) == answer
        assert bench.odrive.snapshot().rejected == 1
        assert bench.odrive.snapshot().packets == 0

    def test_it_says_what_it_is(self, bench: OdriveBench) -> None:
        assert bench.send(b"i\n").decode().split("\r\n") == [
            "Hardware version: 3.6-56V",
            "Firmware version: 0.5.6",
            "Serial number: 2068377D5548",
            "",
        ]

    def test_a_carriage_return_and_a_line_feed_are_two_ends(self, bench: OdriveBench) -> None:
        assert bench.send(b"f 0\r\n") == b"0.000000 0.000000\r\nunknown command\r\n"

    def test_a_line_that_is_too_long_is_forgotten_to_its_end(self, bench: OdriveBench) -> None:
        assert bench.send(b"r hw_version_major" + b" " * 237 + b"\n") == b"3\r\n"
        assert bench.send(b"r hw_version_major" + b" " * 238 + b"\n") == b""
        assert bench.send(b"r hw_version_major\n") == b"3\r\n"

    def test_lines_come_together_or_byte_by_byte(self, bench: OdriveBench) -> None:
        lines = b"v 0 1\nr fw_version_minor\n" + summed(b"r fw_version_revision")
        together = bench.send(lines)
        assert together == b"5\r\n6*54\r\n"
        assert together == b"".join(bench.send(bytes((byte,))) for byte in lines)


class TestNumbers:
    @pytest.mark.parametrize(
        ("name", "written", "read"),
        [
            ("axis0.config.watchdog_timeout", "0.1", "0.100000"),
            ("axis0.controller.input_vel", "-123.456", "-123.4560"),
            ("axis0.controller.input_vel", "1e3x", "1000.0000"),
            ("axis0.controller.input_vel", "inf", "inf"),
            ("axis1.controller.config.vel_limit", "12345678.5", "12345678."),
            ("axis0.config.enable_watchdog", "2", "1"),
            ("axis0.controller.config.input_mode", "258", "2"),
            ("axis0.error", "4294967297", "429496729"),
            ("axis0.error", "99999", "99999"),
            ("axis0.motor.error", "0", "0"),
            ("config.dc_max_negative_current", "-5", "-5.000000"),
            ("vbus_voltage.", "", "25.495001"),
            ("serial_number", "", str(0x2068377D5548)[:9]),
        ],
    )
    def test_are_cut_to_nine_letters_and_to_their_type(
        self, bench: OdriveBench, name: str, written: str, read: str
    ) -> None:
        if written:
            bench.order(f"w {name} {written}")
        assert bench.ask(f"r {name}") == read

    def test_some_builds_cannot_print_64_bits(self) -> None:
        bench = OdriveBench(OdriveParams(prints_64_bits=False))
        assert bench.ask("r axis0.motor.error") == "lu"
        assert bench.ask("r axis0.error") == "0"
