"""`./ronda sim` and `up`: a whole patrol in the ROS graph, and how it ends otherwise."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil
import pytest

from patrol_core.processes import PROCESSES
from ronda_cli.environment.paths import ROOT
from ronda_cli.runs import RUNS

LIMIT_S = 600.0
CALM = """
name: calm
starts: [{pose: {x_m: -2.3, y_m: -0.85, yaw_rad: 1.5707963}}]
objects:
  - {name: box, kind: box, size_m: [0.4, 0.3, 0.35], planted: true,
     pose: {x_m: -4.5, y_m: 4.55, yaw_rad: 0.2}}
"""
"""Nobody about: what happens between people and robot is decided in closed loop, not here."""
DOWN_WITHIN_S = 30.0


@contextmanager
def ronda(command: str, *options: str) -> Iterator[subprocess.Popen[str]]:
    """`./ronda` on the yard, in a ROS domain of its own; a test that passes removes its runs."""
    profile = str(ROOT / "launch" / "config" / "fastdds_loopback.xml")
    names = ("FASTRTPS_DEFAULT_PROFILES_FILE", "FASTDDS_DEFAULT_PROFILES_FILE")
    domain = {"ROS_DOMAIN_ID": str(os.getpid() % 90 + 10), "PYTHONUNBUFFERED": "1"}
    before = set(RUNS.glob("yard-*"))
    words = [sys.executable, "-m", "ronda_cli", command, "--site", "yard", "--headless"]
    process = subprocess.Popen(
        [*words, *options], cwd=ROOT, text=True,
        env=os.environ | dict.fromkeys(names, profile) | domain,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
    )  # fmt: skip
    try:
        yield process
        for folder in set(RUNS.glob("yard-*")) - before:
            shutil.rmtree(folder)
    finally:
        process.kill()
        process.wait()
        assert process.stdout is not None
        process.stdout.close()


def read_until(process: subprocess.Popen[str], words: str) -> str:
    """The output up to the line that holds the words."""
    assert process.stdout is not None
    seen = []
    for line in process.stdout:
        seen.append(line)
        if words in line:
            return "".join(seen)
    raise AssertionError(f"'{words}' did not come:\n{''.join(seen)}")


def wait_until_gone(children: list[psutil.Process]) -> None:
    _, alive = psutil.wait_procs(children, timeout=DOWN_WITHIN_S)
    assert [child.cmdline() for child in alive] == []


def node_of(process: subprocess.Popen[str], name: str) -> psutil.Process:
    children = psutil.Process(process.pid).children()
    return next(child for child in children if f"__node:={name}" in child.cmdline())


def test_a_patrol_ends_well(tmp_path: Path) -> None:
    scenario = tmp_path / "calm.yaml"
    scenario.write_text(CALM)
    options = ("--no-camera", "--speed", "max", "--scenario", str(scenario))
    with ronda("sim", *options) as process:
        start = read_until(process, "patrol started")
        children = psutil.Process(process.pid).children(recursive=True)
        assert len(children) == len(PROCESSES)
        output, _ = process.communicate(timeout=LIMIT_S)
        assert process.returncode == 0, start + output
        assert "Patrol passed" in output
        report = Path(output.rpartition("report: ")[2].strip())
        assert "</html>" in report.read_text(encoding="utf-8")
        wait_until_gone(children)


def test_a_dead_process_comes_back_a_second_run_is_refused_ctrl_c_ends_all() -> None:
    with ronda("sim", "--no-camera") as process:
        read_until(process, "patrol started")
        node_of(process, "perception").kill()
        read_until(process, "perception was ended by SIGKILL; it is started again")
        read_until(process, "perception restarted")
        children = psutil.Process(process.pid).children(recursive=True)
        assert len(children) == len(PROCESSES)
        with ronda("sim", "--no-camera") as second:
            refusal, _ = second.communicate(timeout=LIMIT_S)
            assert second.returncode == 1
            assert "another `./ronda sim` or `./ronda up` runs in ROS domain" in refusal
        node_of(process, "mission").suspend()
        process.send_signal(signal.SIGINT)
        output, _ = process.communicate(timeout=DOWN_WITHIN_S)
        assert process.returncode == 130, output
        assert "everything is down" in output
        wait_until_gone(children)


def test_nothing_outlives_a_launcher_that_is_killed() -> None:
    with ronda("sim", "--no-camera") as process:
        read_until(process, "starting: ")
        while len(children := psutil.Process(process.pid).children()) < len(PROCESSES):
            time.sleep(0.1)
        process.kill()
        wait_until_gone(children)


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (("--speed", "0"), "--speed 0; expected a number above 0"),
        (("--scenario", "no/such.yaml"), "no/such.yaml"),
    ],
)
def test_wrong_options_start_nothing(options: tuple[str, ...], words: str) -> None:
    with ronda("sim", *options) as process:
        output, _ = process.communicate(timeout=LIMIT_S)
        assert process.returncode == 1
        assert words in output


def test_a_simulator_that_refuses_ends_the_run_with_its_sentence(tmp_path: Path) -> None:
    """The scenario is well-formed, but starts a robot that is not there."""
    scenario = tmp_path / "wrong.yaml"
    scenario.write_text(
        "name: wrong\nstarts:\n  - robot: nobody\n    pose: {x_m: 0, y_m: 0, yaw_rad: 0}\n"
    )
    with ronda("sim", "--scenario", str(scenario)) as process:
        output, _ = process.communicate(timeout=LIMIT_S)
        assert process.returncode == 1, output
        assert output.strip().splitlines()[-1].startswith("ronda: base: "), output


def test_without_a_base_nothing_moves_and_the_missing_rows_are_named() -> None:
    with ronda("up", "--no-schedules", "--patience", "2") as process:
        output, _ = process.communicate(timeout=LIMIT_S)
        assert process.returncode == 1, output
        for row in ("scan", "odom", "imu/data", "bumper", "estop"):
            assert f"'{row}'" in output.strip().splitlines()[-1]
