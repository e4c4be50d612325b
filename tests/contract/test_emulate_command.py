"""What somebody who types `./ronda emulate` relies on."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
import serial
from tests.controllers.roboclaw_emulated import question
from typer.testing import CliRunner

from patrol_emulators.faults import FaultKind
from ronda_cli.app import build

COMMAND = (sys.executable, "-m", "ronda_cli", "emulate")


def start(port: Path, *options: str, controller: str = "roboclaw") -> subprocess.Popen[str]:
    """The command in a process of its own, as soon as it serves."""
    process = subprocess.Popen(
        [*COMMAND, controller, "--port", str(port), *options],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=os.environ | {"PYTHONPATH": os.pathsep.join(filter(None, sys.path))},
    )
    end_s = time.monotonic() + 30.0
    while not port.is_symlink() and process.poll() is None and time.monotonic() < end_s:
        time.sleep(0.05)
    return process


def test_it_serves_says_what_happens_and_cleans_up(tmp_path: Path) -> None:
    port = tmp_path / "rc0"
    process = start(port, "--firmware", "16", "--fault", "0 overheat 60 90")
    assert process.stdin is not None and process.stdout is not None
    lines = [process.stdout.readline() for _ in range(2)]
    assert "RoboClaw, address 0x80, 16-bit status, 115200 baud" in lines[0]
    with serial.Serial(str(port), 115200, timeout=5.0) as driver:
        driver.write(question(90))
        assert driver.read(4)[:2] == b"\x10\x00"
    process.stdin.write("estop 60\nhum 3\n")
    process.stdin.flush()
    while "fault estop" not in (line := process.stdout.readline()):
        assert line
    assert "fault overheat" in line and "watchdog off" in line and "rad/s" in line
    process.send_signal(signal.SIGINT)
    _, err = process.communicate(timeout=30.0)
    assert process.returncode == 130
    assert "not a fault: 'hum 3'" in err and "Traceback" not in err
    assert not port.is_symlink()


def test_it_ends_by_itself_and_when_it_is_terminated(tmp_path: Path) -> None:
    process = start(tmp_path / "rc0", "--seconds", "0.2")
    assert process.communicate(timeout=30.0)[1] == ""
    assert process.returncode == 0
    process = start(tmp_path / "rc1")
    process.terminate()
    process.communicate(timeout=30.0)
    assert process.returncode == 0 and not (tmp_path / "rc1").is_symlink()


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (("--firmware", "8"), "16 or 32"),
        (("--address", "0x99"), "128 to 135"),
        (("--address", "x"), "not a number"),
        (("--fault", "noise 2"), "not a time"),
        ((), "exists already"),
    ],
)
def test_mistakes_are_told_in_words(tmp_path: Path, options: tuple[str, ...], words: str) -> None:
    taken = tmp_path / "rc0"
    taken.touch()
    arguments = ["emulate", "roboclaw", "--port", str(taken), *options]
    result = CliRunner().invoke(build(["emulate"]), arguments)
    assert result.exit_code != 0
    assert words in result.output + str(result.exception)


def test_an_odrive_is_served(tmp_path: Path) -> None:
    port = tmp_path / "od0"
    process = start(port, "--from-factory", controller="odrive")
    assert process.stdin is not None and process.stdout is not None
    assert "ODrive v3.6, firmware 0.5.6, ASCII protocol" in process.stdout.readline()
    with serial.Serial(str(port), 115200, timeout=5.0) as driver:
        driver.write(b"r axis0.motor.is_calibrated\n")
        assert driver.read(3) == b"0\r\n"
    process.stdin.write("estop 60\n")
    process.stdin.flush()
    while "fault estop" not in (line := process.stdout.readline()):
        assert line
    assert "an ODrive v3 has no input for it" in line
    process.send_signal(signal.SIGINT)
    assert "Traceback" not in process.communicate(timeout=30.0)[1]
    assert process.returncode == 130


@pytest.mark.parametrize("controller", ["roboclaw", "roboteq", "vesc", "sabertooth", "odrive"])
def test_the_help_names_every_fault(controller: str) -> None:
    told = CliRunner().invoke(build(["emulate"]), ["emulate", controller, "--help"]).output
    assert [kind.value for kind in FaultKind if kind.value not in told] == []
