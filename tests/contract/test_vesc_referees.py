"""The emulator of two VESCs before a codec that others wrote: pyvesc 1.0.5.

Where the referee errs, a test says so, with what the maker's firmware (vedderb/bldc) has to say.
It asks for `PyCRC`, which is another project's name by now, so that it is not installed: what it
needs of it is Python's own CRC-16/XMODEM. Its `is` before a number is worth a warning to Python.
"""

from __future__ import annotations

import importlib
import sys
import warnings
from binascii import crc_hqx
from collections.abc import Iterator
from types import ModuleType, SimpleNamespace
from typing import Any

import pytest
from tests.controllers.vesc_emulated import VescBench, values

VERSION, GET_APPCONF = b"\x00", b"\x11"


@pytest.fixture(scope="module")
def pyvesc() -> Iterator[Any]:
    crc = ModuleType("PyCRC.CRCCCITT")
    calculate = SimpleNamespace(calculate=lambda payload: crc_hqx(payload, 0))
    vars(crc).update(CRCCCITT=lambda: calculate)
    with pytest.MonkeyPatch.context() as patch, warnings.catch_warnings():
        warnings.simplefilter("ignore", SyntaxWarning)
        patch.setitem(sys.modules, "PyCRC", ModuleType("PyCRC"))
        patch.setitem(sys.modules, "PyCRC.CRCCCITT", crc)
        yield importlib.import_module("pyvesc")


@pytest.fixture
def bench() -> VescBench:
    return VescBench()


def test_drives(bench: VescBench, pyvesc: Any) -> None:
    def after(message: Any) -> float:
        assert bench.send(pyvesc.encode(message)) == b""
        bench.wait(0.7)
        return bench.speeds_radps[0]

    assert after(pyvesc.SetDutyCycle(20_000)) == pytest.approx(6.0, abs=0.5)
    assert after(pyvesc.SetCurrentBrake(9_000)) == 0.0
    assert after(pyvesc.SetCurrent(-2_000)) < -2.0
    assert after(pyvesc.SetRPM(4_000)) == pytest.approx(6.0, abs=1.0)


def test_asks_and_finds_the_answers(bench: VescBench, pyvesc: Any) -> None:
    codec = pyvesc.packet.codec
    asked = pyvesc.encode_request(pyvesc.GetValues)
    answer = bench.send(asked)
    payload, consumed = codec.unframe(b"\x11" + answer + b"\x02")
    assert consumed == 1 + len(answer) and len(payload) == 74
    bench.send(codec.frame(b"\x22\x02" + payload[:1]))
    payload, _ = codec.unframe(bench.wait(0.02))
    assert values(payload)["controller_id"] == 2.0
    assert codec.unframe(bench.send(codec.frame(VERSION)))[0][:3] == b"\x00\x06\x05"


def test_long_packets_either_way(bench: VescBench, pyvesc: Any) -> None:
    codec = pyvesc.packet.codec
    answer = bench.send(codec.frame(GET_APPCONF))
    settings, consumed = codec.unframe(answer)
    assert answer[0] == 3 and consumed == len(answer) and len(settings) == 279
    assert codec.unframe(bench.send(codec.frame(b"\x95" + settings[1:])))[0] == b"\x95"
    bench.send(codec.frame(b"\x22\x02" + GET_APPCONF))
    assert codec.unframe(bench.wait(0.05))[0][6:10] == settings[6:10]


def test_errs_in_the_values(bench: VescBench, pyvesc: Any) -> None:
    """It knows seven temperatures, as firmware 2.6 sent them.

    Since 3.7 COMM_GET_VALUES begins with that of the power stage and of the motor (commands.c).
    """
    answer = bench.send(pyvesc.encode_request(pyvesc.GetValues))
    message, _ = pyvesc.decode(answer)
    seen = values(answer[2:-3])
    assert message.temp_mos1 == seen["temp_fet_c"] == 25.0
    assert message.v_in != seen["supply_v"] == pytest.approx(25.4, abs=0.1)


def test_errs_in_taking_a_long_header_for_a_short_payload(bench: VescBench, pyvesc: Any) -> None:
    """The firmware wants a shorter header for less than 255 bytes (comm/packet.c)."""
    short = pyvesc.packet.codec.frame(VERSION)
    assert bench.send(short) != b""
    long = b"\x03\x00" + short[1:]
    assert pyvesc.packet.codec.unframe(long)[0] == VERSION
    assert bench.send(long) == b""


def test_errs_in_waiting_for_a_long_packet_that_cannot_be(bench: VescBench, pyvesc: Any) -> None:
    """The firmware knows no payload of more than 512 bytes (comm/packet.h), and looks on."""
    frame = pyvesc.packet.codec.frame
    behind = b"\x03\x02\x01" + frame(VERSION)
    assert pyvesc.packet.codec.unframe(behind) == (None, 0)
    assert bench.send(behind) == bench.send(frame(VERSION)) != b""
