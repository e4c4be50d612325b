"""The Roboteq emulator before two drivers that others wrote, over a real pseudo-terminal.

PyRoboteq 0.1.2 was tried by its author on a SDC2130 and a SBL2360T; the example of roboteq 0.8
opens a FBL2XXX. Where a referee errs, a test says so, with what the manual ("Advanced Digital
Motor Controllers User Manual" V1.8) has to say.

PyRoboteq was made for USB, where an answer comes in one piece: the port holds answers back and
lets them go together, and what is still cut in two is asked again.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from PyRoboteq import RoboteqHandler
from PyRoboteq import roboteq_commands as cmds
from roboteq import RoboteqDevice
from roboteq.roboteq_constants import _G, _MMOD, _MXRPM, _RWD
from tests.controllers.served import served

from patrol_emulators.emulator import Emulator
from patrol_emulators.faults import FaultBoard, parse_fault
from patrol_emulators.roboteq.controller import Roboteq
from patrol_emulators.roboteq.unit import RoboteqParams

PATIENCE_S = 10.0


class Served:
    """An emulator, its faults, and the name of its port."""

    def __init__(self, emulator: Emulator, faults: FaultBoard, name: Path) -> None:
        self.emulator = emulator
        self.faults = faults
        self.name = str(name)

    def wait_for(self, is_so: Callable[[], bool]) -> bool:
        end_s = time.monotonic() + PATIENCE_S
        while not is_so() and time.monotonic() < end_s:
            time.sleep(0.02)
        return is_so()

    def turns(self, first: int, second: int) -> bool:
        """Whether the wheels come to turn in these directions; 0: they stand."""
        return self.wait_for(
            lambda: all(
                speed * sign > 1.0 if sign else speed == 0.0
                for speed, sign in zip(
                    self.emulator.snapshot().speeds_radps, (first, second), strict=True
                )
            )
        )


@pytest.fixture
def unit(tmp_path: Path) -> Iterator[Served]:
    name, params = tmp_path / "rq0", RoboteqParams(mode=0, max_rpm=1000)
    with served(lambda now_s: Roboteq(params, now_s), name) as (emulator, faults):
        yield Served(emulator, faults, name)


@pytest.fixture
def pyroboteq(unit: Served) -> Iterator[Any]:
    unit.faults.add(parse_fault("merge 600 0.02", time.monotonic()))
    driver = RoboteqHandler()
    assert driver.connect(unit.name)
    yield driver
    driver.ser.close()


@pytest.fixture
def roboteq(unit: Served) -> Iterator[Any]:
    driver = RoboteqDevice()
    assert driver.connect(unit.name)
    yield driver
    driver.ser.close()


def read_afresh(driver: Any, *arguments: Any) -> str:
    """What PyRoboteq reads when nothing is left of the answer before."""
    time.sleep(0.05)
    driver.ser.reset_input_buffer()
    return str(driver.read_value(*arguments))


class TestPyRoboteq:
    @pytest.mark.parametrize(
        ("arguments", "answer"),
        [
            ((cmds.READ_VOLTS, 2), "V=255"),
            ((cmds.READ_VOLTS,), "V=135:255:4730"),
            ((cmds.READ_TEMP,), "T=25:25:25"),
            ((cmds.READ_MOTOR_AMPS, 1), "A=0"),
            ((cmds.READ_BATTERY_AMPS,), "BA=0:0"),
            ((cmds.READ_ABSCNTR, 2), "C=0"),
            ((cmds.READ_FLTFLAG,), "FF=0"),
            ((cmds.READ_FID,), "FID=Roboteq v1.6 RCB500 05/01/2016"),
            ((cmds.READ_MOTCMD,), "M=0:0"),
        ],
    )
    def test_reads(
        self, unit: Served, pyroboteq: Any, arguments: tuple[Any, ...], answer: str
    ) -> None:
        assert unit.wait_for(lambda: read_afresh(pyroboteq, *arguments) == answer)

    def test_drives(self, unit: Served, pyroboteq: Any) -> None:
        pyroboteq.send_command(cmds.SET_ACCEL, 1, 50000)
        pyroboteq.dual_motor_control(300, -300)
        assert unit.turns(1, -1)
        pyroboteq.send_command(cmds.GO, 1, 0)
        pyroboteq.send_command(cmds.GO, 2, 0)
        assert unit.turns(0, 0)

    def test_stops_and_releases(self, unit: Served, pyroboteq: Any) -> None:
        pyroboteq.send_command(cmds.EM_STOP)
        assert unit.wait_for(lambda: unit.emulator.snapshot().conditions == ("emergency stop",))
        assert unit.wait_for(lambda: read_afresh(pyroboteq, cmds.READ_FLTFLAG) == "FF=16")
        pyroboteq.send_command(cmds.REL_EM_STOP)
        assert unit.wait_for(lambda: unit.emulator.snapshot().conditions == ())

    def test_its_silence_trips_the_watchdog(self, unit: Served, pyroboteq: Any) -> None:
        pyroboteq.dual_motor_control(300, 300)
        assert unit.turns(1, 1)
        assert unit.wait_for(lambda: unit.emulator.snapshot().watchdog_tripped)
        assert unit.turns(0, 0)

    def test_errs_in_taking_the_first_bytes_for_the_answer(
        self, unit: Served, pyroboteq: Any
    ) -> None:
        """An answer ends with a carriage return (p. 155); it does not wait for that."""
        unit.faults.add(parse_fault("split 600 0.05", time.monotonic()))
        time.sleep(0.1)
        assert "faulty" in read_afresh(pyroboteq, cmds.READ_VOLTS, 2)

    def test_errs_in_needing_the_echo(self, unit: Served, pyroboteq: Any) -> None:
        """The echo can be switched off (ECHOF); it then reads what comes after the answer."""
        pyroboteq.request_handler("^ECHOF 1")
        assert unit.wait_for(lambda: read_afresh(pyroboteq, cmds.READ_VOLTS, 2) == "")

    def test_errs_in_a_name(self, unit: Served, pyroboteq: Any) -> None:
        """Every runtime command begins with "!" (p. 217); its NXT_POS does not."""
        pyroboteq.send_command(cmds.NXT_POS, 1, 1000)
        assert unit.wait_for(lambda: unit.emulator.snapshot().rejected == 1)


class TestRoboteq:
    def test_reads(self, unit: Served, roboteq: Any) -> None:
        roboteq.send_command("?V 2")
        told: list[str] = []

        def is_told() -> bool:
            told.append(roboteq.getdata())
            return "".join(told) == "".join(f"b{char!r}" for char in "?V 2\rV=255\r")

        assert unit.wait_for(is_told)

    def test_configures_and_drives(self, unit: Served, roboteq: Any) -> None:
        roboteq.set_config(_MMOD, 1, 1)
        roboteq.set_config(_MXRPM, 1, 6000)
        roboteq.command_motor(_G, 1, 200)
        roboteq.command_motor(_G, 2, -400)
        assert unit.turns(1, -1)
        assert unit.emulator.snapshot().rejected == 0

    def test_errs_in_configuring_what_is_no_channel_s(self, unit: Served, roboteq: Any) -> None:
        """It sends "^RWD 300 None", as its own example does; RWD takes one number (p. 286)."""
        roboteq.set_config(_RWD, 300)
        assert unit.wait_for(lambda: unit.emulator.snapshot().rejected == 1)
        assert unit.emulator.snapshot().watchdog_s == pytest.approx(1.0)

    def test_errs_in_sending_nothing_that_is_complete(self, unit: Served, roboteq: Any) -> None:
        """Lines end with a carriage return (p. 154); what has one already it keeps to itself."""
        roboteq.send_command("!EX\r")
        roboteq.send_command("?FF")
        assert unit.wait_for(lambda: unit.emulator.snapshot().packets == 1)
        assert unit.emulator.snapshot().conditions == ()
