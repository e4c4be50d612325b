"""`./ronda gate` on a gate that runs: its word, a stop that latches, and resets."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from ronda_cli.environment.paths import ROOT
from ronda_cli.launcher.evaluate import evaluate
from ronda_cli.launcher.packages import source_packages

DOMAIN = "82"
ENV = {**os.environ, "ROS_DOMAIN_ID": DOMAIN}
START_S = 30.0


def gate(*words: str) -> tuple[int, str]:
    done = subprocess.run(
        [sys.executable, "-m", "ronda_cli", "gate", *words],
        env=ENV, capture_output=True, text=True, check=False, timeout=60.0,
    )  # fmt: skip
    return done.returncode, done.stdout + done.stderr


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    folder = tmp_path_factory.mktemp("latches")
    arguments = {
        "site": str(ROOT / "sites" / "yard"), "run_folder": str(folder),
        "state_folder": str(folder),
    }  # fmt: skip
    path = ROOT / "launch" / "gate.launch.xml"
    (spec,) = evaluate(path, arguments, source_packages(), os.environ)
    with subprocess.Popen(spec.argv, env={**ENV, **spec.env}) as process:
        end_s = time.monotonic() + START_S
        while gate("status")[0] != 0:
            assert time.monotonic() < end_s
        yield folder
        process.kill()


def test_its_word_is_the_state_with_what_it_waits_for(running: Path) -> None:
    status, said = gate("status")
    assert status == 0
    assert said.startswith("hold, none: at most 0.00 m/s")
    assert "waiting for scan" in said


def test_a_stop_latches_until_somebody_resets_it_and_says_why(running: Path) -> None:
    status, said = gate("reset", "--why", "tried")
    assert (status, said.strip()) == (1, "ronda: nothing is latched: there is nothing to reset")
    status, said = gate("stop")
    assert status == 0
    assert said.startswith("latched, estop")
    assert "emergency stop 'command line' is pressed" in said
    assert any("command line" in path.read_text() for path in running.rglob("*latched*"))
    assert gate("status")[1].startswith("latched, estop")
    assert gate("reset")[0] == 2, "without a reason there is no reset"
    status, said = gate("reset", "--why", "looked around", "--who", "anna")
    assert status == 0, said
    assert said.startswith("hold, none")


def test_without_a_gate_it_says_so() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "ronda_cli", "gate", "stop"],
        env={**ENV, "ROS_DOMAIN_ID": "81"}, capture_output=True, text=True, check=False,
        timeout=60.0,
    )  # fmt: skip
    assert done.returncode == 1
    assert "no gate runs here" in done.stderr
