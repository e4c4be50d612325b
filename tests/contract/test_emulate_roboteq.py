"""What somebody who types `./ronda emulate roboteq` relies on."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest
import serial
from typer.testing import CliRunner

from ronda_cli.app import build


def test_it_serves_what_the_options_say(tmp_path: Path) -> None:
    port = tmp_path / "rq0"
    options = ("--mode", "0", "--max-rpm", "1000", "--ppr", "512", "--fault", "0 estop 60")
    process = subprocess.Popen(
        [sys.executable, "-m", "ronda_cli", "emulate", "roboteq", "--port", str(port), *options],
        stdout=subprocess.PIPE,
        stdin=subprocess.PIPE,
        text=True,
        env=os.environ | {"PYTHONPATH": os.pathsep.join(filter(None, sys.path))},
    )
    try:
        end_s = time.monotonic() + 30.0
        while not port.is_symlink() and process.poll() is None and time.monotonic() < end_s:
            time.sleep(0.05)
        with serial.Serial(str(port), 115200, timeout=5.0) as driver:
            driver.write(b"^ECHOF 1\r")
            assert driver.read_until(b"+\r") == b"^ECHOF 1\r+\r"
            driver.write(b"~MMOD_~MXRPM_~EPPR_?FF\r")
            answer = b"MMOD=0:0\rMXRPM=1000:1000\rEPPR=512:512\rFF=16\r"
            assert driver.read(len(answer)) == answer
    finally:
        process.terminate()
        told, _ = process.communicate(timeout=30.0)
    assert "Roboteq RCB500:HDC2460, mode 0, 1000 RPM, 512 pulses a turn, 115200 baud" in told
    assert not port.is_symlink()


@pytest.mark.parametrize(
    ("options", "words"), [(("--mode", "3"), "0 to 1"), (("--max-rpm", "5"), "10 to 65535")]
)
def test_mistakes_are_told_in_words(tmp_path: Path, options: tuple[str, ...], words: str) -> None:
    arguments = ["emulate", "roboteq", "--port", str(tmp_path / "rq0"), *options]
    result = CliRunner().invoke(build(["emulate"]), arguments)
    assert result.exit_code != 0
    assert words in result.output + str(result.exception)
