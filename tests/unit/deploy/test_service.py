"""As a service: what systemd is told, and what it is asked for."""

from __future__ import annotations

import configparser
import shutil
import socket
import subprocess
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import typer
from typer.main import get_command

from patrol_core.processes import PROCESSES
from patrol_core.topics import DIAGNOSTICS
from patrol_core.types.status import Health, HealthLevel
from ronda_cli.commands.up import run as up
from ronda_cli.environment.paths import ROOT
from ronda_cli.live.state import LiveState
from ronda_cli.sd_notify import SOCKET, Notifier
from ronda_cli.service import EVERY_S, FRESH_S, SignsOfLife, silent

UNIT = ROOT / "launch" / "systemd" / "ronda.service"
NAMES = [process.name for process in PROCESSES]


@contextmanager
def listening(address: str) -> Iterator[socket.socket]:
    """systemd's side of the socket."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as listener:
        listener.bind("\0" + address[1:] if address.startswith("@") else address)
        listener.settimeout(1.0)
        yield listener


def heard(listener: socket.socket) -> list[str]:
    listener.setblocking(False)
    words = []
    while True:
        try:
            words.append(listener.recv(1024).decode())
        except BlockingIOError:
            return words


def told(names: list[str], at_s: float, state: LiveState | None = None) -> LiveState:
    """The state after these processes have said that they are well."""
    state = state or LiveState()
    for name in names:
        state.take(DIAGNOSTICS, Health(0.0, name, HealthLevel.OK, "running"), at_s)
    return state


@pytest.mark.parametrize("kind", ["path", "abstract"])
def test_words_arrive_and_children_do_not_inherit_the_socket(kind: str, tmp_path: Path) -> None:
    address = str(tmp_path / "notify") if kind == "path" else f"@ronda-{uuid.uuid4().hex}"
    environ = {SOCKET: address, "HOME": "/"}
    with listening(address) as listener:
        notifier = Notifier(environ)
        notifier.ready()
        notifier.alive()
        notifier.status("silent:\nnav")
        assert heard(listener) == ["READY=1", "WATCHDOG=1", "STATUS=silent: nav"]
    assert environ == {"HOME": "/"}


def test_nobody_listens(tmp_path: Path) -> None:
    environ = {SOCKET: str(tmp_path / "gone")}
    Notifier(environ).ready()
    Notifier({}).ready()
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("quiet", NAMES)
def test_one_process_that_falls_silent_ends_the_signs_of_life(quiet: str, tmp_path: Path) -> None:
    address = str(tmp_path / "notify")
    with listening(address) as listener:
        signs = SignsOfLife(Notifier({SOCKET: address}))
        state = told(NAMES, 100.0)
        signs.step(state, 100.0)
        signs.step(state, 100.0 + EVERY_S / 2.0)
        assert heard(listener) == ["WATCHDOG=1", "STATUS=every process is alive"]
        later_s = 100.0 + FRESH_S + 1.0
        told([name for name in NAMES if name != quiet], later_s, state)
        signs.step(state, later_s)
        signs.step(state, later_s + EVERY_S)
        assert heard(listener) == [f"STATUS=silent: {quiet}"]
        told([quiet], later_s + 2.0 * EVERY_S, state)
        signs.step(state, later_s + 2.0 * EVERY_S)
        assert heard(listener) == ["WATCHDOG=1", "STATUS=every process is alive"]


def test_a_base_that_never_speaks_is_somebody_else_s(tmp_path: Path) -> None:
    others = [name for name in NAMES if name != "base"]
    assert silent(told(others, 10.0), 10.0) == []
    assert silent(LiveState(), 10.0) == others


def read_unit() -> configparser.ConfigParser:
    unit = configparser.ConfigParser(interpolation=None, delimiters=("=",))
    unit.optionxform = str  # type: ignore[assignment]
    unit.read(UNIT, encoding="utf-8")
    return unit


def test_the_unit_fits_what_the_command_does() -> None:
    service = read_unit()["Service"]
    assert service["Type"] == "notify" and service["NotifyAccess"] == "main"
    assert float(service["WatchdogSec"]) >= 2.0 * EVERY_S + FRESH_S
    assert service["User"] not in {"", "root"}
    assert service["ExecStart"].startswith("/opt/ronda/ronda up --headless")
    assert {"AF_UNIX", "AF_INET", "AF_NETLINK"} <= set(service["RestrictAddressFamilies"].split())
    assert not {"PrivateNetwork", "PrivateDevices", "MemoryDenyWriteExecute"} & set(service)


def test_the_environment_s_options_are_those_of_the_command() -> None:
    text = (UNIT.parent / "ronda.env").read_text(encoding="utf-8")
    lines = dict(
        line.split("=", 1) for line in text.splitlines() if line and not line.startswith("#")
    )
    assert set(lines) == {"RONDA_OPTIONS", "ROS_DOMAIN_ID"}
    app = typer.Typer()
    app.command()(up)
    known = {option for parameter in get_command(app).params for option in parameter.opts}
    told = {word for word in lines["RONDA_OPTIONS"].split() if word.startswith("--")}
    assert told and told <= known


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="systemd is not installed")
def test_systemd_has_nothing_to_say_about_the_unit(tmp_path: Path) -> None:
    """Only the program's path is replaced, by one that is there."""
    copy = tmp_path / "ronda.service"
    text = UNIT.read_text(encoding="utf-8").replace("=/opt/ronda/ronda ", "=/bin/true ")
    copy.write_text(text, encoding="utf-8")
    done = subprocess.run(
        ["systemd-analyze", "verify", str(copy)], capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stdout + done.stderr) == (0, "")
