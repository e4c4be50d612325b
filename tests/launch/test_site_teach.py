"""`./ronda site teach` on a pseudo-terminal: what was driven outlives the command."""

from __future__ import annotations

import contextlib
import fcntl
import os
import pty
import select
import shutil
import struct
import subprocess
import sys
import termios
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

pytest.importorskip("rclpy")

from ronda_cli.environment.paths import ROOT
from ronda_cli.launcher.evaluate import declared_arguments, evaluate
from ronda_cli.launcher.packages import source_packages
from ronda_cli.teaching.finish import Task
from ronda_cli.teaching.lesson import Act

DOMAIN = "84"
WAIT_S = 180.0
REPEAT_S = 0.04


@pytest.fixture
def task(tmp_path: Path) -> Iterator[Task]:
    folder = Path(shutil.copytree(ROOT / "sites" / "yard", tmp_path / f"yard_{os.getpid()}"))
    made = Task(folder, "evening", 0.6, 2.0)
    yield made
    made.forget()


@pytest.fixture
def robot(task: Task, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Simulator, gate and localisation: the robot stands in its dock."""
    profile = str(ROOT / "launch" / "config" / "fastdds_loopback.xml")
    for name in ("FASTRTPS_DEFAULT_PROFILES_FILE", "FASTDDS_DEFAULT_PROFILES_FILE"):
        monkeypatch.setenv(name, profile)
    monkeypatch.setenv("ROS_DOMAIN_ID", DOMAIN)
    given = {
        "site": str(task.folder),
        "world": str(ROOT / "sim" / "worlds" / "yard.sdf"),
        "scenario": str(ROOT / "sim" / "scenarios" / "yard.yaml"),
        "run_folder": str(tmp_path),
        "camera": "false",
        "use_sim_time": "true",
    }
    running = []
    for file in ("sim_embedded.launch.xml", "gate.launch.xml", "nav.launch.xml"):
        path = ROOT / "launch" / file
        known = {argument.name for argument in declared_arguments(path)}
        arguments = {name: value for name, value in given.items() if name in known}
        running += [
            subprocess.Popen(spec.argv, env={**os.environ, **spec.env})
            for spec in evaluate(path, arguments, source_packages(), os.environ)
        ]
    yield
    for child in running:
        child.kill()
        child.wait()


class Desk:
    """A person at a terminal of 150 columns."""

    def __init__(self, *words: str) -> None:
        self.terminal, far = pty.openpty()
        fcntl.ioctl(far, termios.TIOCSWINSZ, struct.pack("HHHH", 40, 150, 0, 0))
        self.process = subprocess.Popen(
            [sys.executable, "-m", "ronda_cli", "site", "teach", *words],
            stdin=far, stdout=far, stderr=far,
            env=os.environ
            | {"PYTHONPATH": os.pathsep.join(filter(None, sys.path)), "TERM": "xterm-256color"},
        )  # fmt: skip
        os.close(far)
        self.shown = ""

    def until(self, holds: Callable[[], bool], key: bytes = b"") -> None:
        """Wait for something, with a key held down."""
        end_s = time.monotonic() + WAIT_S
        while not holds():
            assert time.monotonic() < end_s, self.shown[-3000:]
            if key:
                os.write(self.terminal, key)
            time.sleep(REPEAT_S)
            while select.select([self.terminal], [], [], 0.0)[0]:
                try:
                    self.shown += os.read(self.terminal, 65536).decode(errors="replace")
                except OSError:  # the program has left
                    break

    def press(self, key: bytes) -> None:
        os.write(self.terminal, key)

    def close(self) -> None:
        self.process.kill()
        self.process.wait()
        with contextlib.suppress(OSError):
            os.close(self.terminal)


def test_a_drive_outlives_the_command(task: Task, robot: None) -> None:
    words = (str(task.folder), "--route", "evening")
    first = Desk(*words)
    try:
        first.until(lambda: "taken down as you drive" in first.shown)
        first.until(lambda: task.lesson().length_m > 0.5, b"s")
        first.press(b"c")
        first.until(lambda: "marked: checkpoint 1" in first.shown)
    finally:
        first.close()
    assert [mark.act for mark in task.lesson().marks] == [Act.CHECKPOINT]
    driven_m = task.lesson().length_m

    second = Desk(*words)
    try:
        second.until(lambda: "1 checkpoint" in second.shown)
        second.until(lambda: task.lesson().length_m > driven_m + 0.3, b"s")
        second.press(b"f")
        second.until(lambda: second.process.poll() is not None)
    finally:
        second.close()
    assert second.process.returncode == 1
    assert "m of the route were driven, away from docks" in second.shown
    assert task.lesson().length_m > driven_m + 0.2
