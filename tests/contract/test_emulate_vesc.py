"""What somebody who types `./ronda emulate vesc` relies on."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

from ronda_cli.app import build


def test_it_serves_what_it_was_told_to_and_cleans_up(tmp_path: Path) -> None:
    port = tmp_path / "vesc0"
    done = subprocess.run(
        [
            sys.executable, "-m", "ronda_cli", "emulate", "vesc", "--port", str(port),
            "--firmware", "6.02", "--can-id", "77", "--timeout-ms", "300", "--kill-switch",
            "--fault", "0 overheat 60", "--fault", "0 estop 60", "--seconds", "2.5",
        ],
        stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=30.0, check=True,
        env=os.environ | {"PYTHONPATH": os.pathsep.join(filter(None, sys.path))},
    )  # fmt: skip
    first, *_, last = done.stdout.splitlines()
    assert "two VESCs, firmware 6.02, the second with id 77 on CAN, 115200 baud" in first
    assert "watchdog 0.3 s" in last and "first: FAULT_CODE_OVER_TEMP_FET" in last
    assert "second: kill switch" in last
    assert not port.is_symlink() and done.stderr == ""


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (("--firmware", "5.03"), "6.02, 6.05"),
        (("--can-id", "1"), "1 is the first's own"),
        (("--can-id", "255"), "253"),
    ],
)
def test_mistakes_are_told_in_words(tmp_path: Path, options: tuple[str, ...], words: str) -> None:
    arguments = ["emulate", "vesc", "--port", str(tmp_path / "vesc0"), *options]
    result = CliRunner().invoke(build(["emulate"]), arguments)
    assert result.exit_code != 0
    assert words in result.output + str(result.exception)
