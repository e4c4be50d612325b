"""`./ronda teleop` on a pseudo-terminal, between a person's keys and the simulator's gate."""

from __future__ import annotations

import contextlib
import os
import pty
import select
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("rclpy")

from patrol_core.topics import GATE_STATUS, ODOM, TELEOP_LEASE
from patrol_core.types.motion import Odometry
from patrol_core.types.status import Authority, GateState, GateStatus, TeleopLease
from ronda_cli.environment.paths import ROOT
from ronda_cli.launcher.evaluate import declared_arguments, evaluate
from ronda_cli.launcher.packages import source_packages
from ronda_cli.live.watcher import RobotWatcher

DOMAIN = "85"
WAIT_S = 60.0
REPEAT_S = 0.04
MOVES_MPS = 0.03


@pytest.fixture
def robot(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Simulator and gate: the robot stands in its dock, and backing out of it is free."""
    profile = str(ROOT / "launch" / "config" / "fastdds_loopback.xml")
    for name in ("FASTRTPS_DEFAULT_PROFILES_FILE", "FASTDDS_DEFAULT_PROFILES_FILE"):
        monkeypatch.setenv(name, profile)
    monkeypatch.setenv("ROS_DOMAIN_ID", DOMAIN)
    given = {
        "site": str(ROOT / "sites" / "yard"),
        "world": str(ROOT / "sim" / "worlds" / "yard.sdf"),
        "scenario": str(ROOT / "sim" / "scenarios" / "yard.yaml"),
        "run_folder": str(tmp_path),
        "camera": "false",
        "use_sim_time": "true",
    }
    running = []
    for file in ("sim_embedded.launch.xml", "gate.launch.xml"):
        path = ROOT / "launch" / file
        known = {argument.name for argument in declared_arguments(path)}
        arguments = {name: value for name, value in given.items() if name in known}
        for spec in evaluate(path, arguments, source_packages(), os.environ):
            env = {**os.environ, **spec.env}
            running.append(subprocess.Popen(spec.argv, env=env))
    yield
    for child in running:
        child.kill()
        child.wait()


class Desk:
    """A person at a terminal, who also sees what the robot's rows say."""

    def __init__(self) -> None:
        self.watcher = RobotWatcher()
        self.gate: list[GateStatus] = []
        self.leases: list[TeleopLease] = []
        self.odometry: list[Odometry] = []
        kept: tuple[tuple[Any, list[Any]], ...] = (
            (GATE_STATUS, self.gate), (TELEOP_LEASE, self.leases), (ODOM, self.odometry)
        )  # fmt: skip
        for row, values in kept:
            self.watcher.on(row, values.append)
        self.terminal, far = pty.openpty()
        words = [sys.executable, "-m", "ronda_cli", "teleop", "--speed", "0.15"]
        self.process = subprocess.Popen(
            words, stdin=far, stdout=far, stderr=subprocess.PIPE,
            env=os.environ | {"PYTHONPATH": os.pathsep.join(filter(None, sys.path))},
        )  # fmt: skip
        os.close(far)
        self.shown = b""

    def close(self) -> None:
        self.process.kill()
        self.process.communicate()
        self.hang_up()
        self.watcher.close()

    def hang_up(self) -> None:
        if self.terminal >= 0:
            os.close(self.terminal)
        self.terminal = -1

    def until(self, holds: Callable[[], bool], key: bytes = b"") -> None:
        """Wait for something, with a key held down."""
        end_s = time.monotonic() + WAIT_S
        while not holds():
            assert time.monotonic() < end_s, (self.gate[-1:], self.leases[-1:], self.shown[-400:])
            if key:
                os.write(self.terminal, key)
            self.watcher.spin(REPEAT_S)
            if self.terminal >= 0 and select.select([self.terminal], [], [], 0.0)[0]:
                with contextlib.suppress(OSError):  # the program has left
                    self.shown += os.read(self.terminal, 65536)

    def press(self, key: bytes) -> None:
        os.write(self.terminal, key)

    def moves(self) -> bool:
        return bool(self.odometry) and self.odometry[-1].linear_mps < -MOVES_MPS

    def stands(self) -> bool:
        gate = self.gate[-1]
        passed = gate.passed_linear_mps or gate.passed_angular_radps
        return not passed and abs(self.odometry[-1].linear_mps) < MOVES_MPS

    def is_given_back(self) -> bool:
        return self.leases[-1].holder == "" and not self.leases[-1].dead_man


@pytest.fixture
def desk(robot: None) -> Iterator[Desk]:
    made = Desk()
    yield made
    made.close()


def test_it_drives_stands_stops_and_gives_back(desk: Desk) -> None:
    desk.until(lambda: b"link" in desk.shown and b"gate: " in desk.shown)
    desk.until(desk.moves, b"s")
    assert desk.gate[-1].authority is Authority.TELEOP
    desk.until(desk.stands)
    assert desk.leases[-1].holder == "teleop" and not desk.leases[-1].dead_man
    desk.press(b" ")
    desk.until(lambda: desk.gate[-1].state is GateState.LATCHED)
    assert any("'teleop' is pressed" in reason for reason in desk.gate[-1].reasons)
    desk.until(lambda: b"EMERGENCY STOP" in desk.shown)
    desk.press(b"r")
    desk.until(lambda: desk.gate[-1].state is not GateState.LATCHED)
    desk.until(desk.moves, b"\x1b[B")
    desk.press(b"q")
    desk.until(lambda: desk.process.poll() is not None)
    assert desk.process.returncode == 0
    desk.until(lambda: desk.is_given_back() and desk.stands())


def test_a_terminal_that_is_closed_lets_go(desk: Desk) -> None:
    desk.until(desk.moves, b"s")
    desk.hang_up()
    desk.until(lambda: desk.process.poll() is not None)
    assert desk.process.returncode == 1
    assert (
        desk.process.stderr is not None and b"the terminal is gone" in desk.process.stderr.read()
    )
    desk.until(lambda: desk.is_given_back() and desk.stands())


def test_without_a_terminal_it_says_so() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "ronda_cli", "teleop"], stdin=subprocess.DEVNULL,
        capture_output=True, text=True, timeout=WAIT_S, check=False,
        env=os.environ | {"PYTHONPATH": os.pathsep.join(filter(None, sys.path))},
    )  # fmt: skip
    assert done.returncode == 1 and "standard input is no terminal" in done.stderr
