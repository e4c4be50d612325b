"""What somebody who types `./ronda emulate sabertooth` relies on."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest
import serial
from tests.controllers.sabertooth_emulated import packet
from typer.testing import CliRunner

from ronda_cli.app import build


def test_it_serves_and_says_what_the_device_cannot(tmp_path: Path) -> None:
    port = tmp_path / "st0"
    process = subprocess.Popen(
        [sys.executable, "-m", "ronda_cli", "emulate", "sabertooth", "--port", str(port),
         "--address", "130", "--baud", "38400", "--fault", "0 overheat 60"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env=os.environ | {"PYTHONPATH": os.pathsep.join(filter(None, sys.path))},
    )  # fmt: skip
    assert process.stdout is not None
    assert "Sabertooth 2x25 version 2, address 130, 38400 baud" in process.stdout.readline()
    end_s = time.monotonic() + 30.0
    with serial.Serial(str(port), 38400) as driver:
        driver.write(packet(14, 5, 130) + packet(0, 64, 130))
        while "packets 2" not in (line := process.stdout.readline()):
            assert line and time.monotonic() < end_s
    process.terminate()
    process.communicate(timeout=30.0)
    assert "overheating" in line and "fault overheat" in line and "rejected 0" in line
    assert process.returncode == 0 and not port.is_symlink()


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (("--baud", "115200"), "2400, 9600, 19200 or 38400"),
        (("--address", "127"), "128 to 135"),
        (("--version", "3"), "1 to 2"),
    ],
)
def test_mistakes_are_told_in_words(tmp_path: Path, options: tuple[str, ...], words: str) -> None:
    arguments = ["emulate", "sabertooth", "--port", str(tmp_path / "st0"), *options]
    result = CliRunner().invoke(build(["emulate"]), arguments)
    assert result.exit_code != 0
    assert words in result.output + str(result.exception)
