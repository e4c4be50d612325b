"""The records process and the console of a robot, each to be killed at any moment.

Both are what their assemblies build, at their rates, by the clock of the machine. Datagrams on
this machine stand for the middleware: what is said to a process that is dead is lost.
"""

from __future__ import annotations

import functools
import os
import pickle
import socket
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from patrol_console import assembly as console_assembly
from patrol_console.params import ConsoleParams
from patrol_console.web.params import WebParams
from patrol_core.component import ProcessContext
from patrol_core.hosting import HostedProcess
from patrol_core.processes import CONSOLE, RECORDS
from patrol_core.robot import load_robot
from patrol_core.site import load_site
from patrol_core.topics import Topic, topic_named
from patrol_records import assembly as records_assembly
from patrol_records.params import RecordsParams
from ronda_cli.environment.paths import ROOT
from ronda_cli.launcher.bound_child import die_with_parent
from ronda_cli.setting import ROBOT_FILE

RUN = Path("runs") / "run"
_LARGEST, _REST_S = 65507, 0.004
_HOST = "127.0.0.1"


class Post:
    """Values of topics, to and from ports of this machine."""

    def __init__(self, own_port: int, others: Sequence[int]) -> None:
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.bind((_HOST, own_port))
        self._socket.setblocking(False)
        self._others = others

    def send(self, topic: Topic[Any], value: Any) -> None:
        data = pickle.dumps((topic.name, value))
        for port in self._others:
            try:
                self._socket.sendto(data, (_HOST, port))
            except OSError:
                continue

    def take(self) -> Iterator[tuple[Topic[Any], Any]]:
        """All that has come."""
        while True:
            try:
                data = self._socket.recv(_LARGEST)
            except OSError:
                return
            name, value = pickle.loads(data)  # noqa: S301 - from this benchmark alone
            yield topic_named(name), value


def free_ports(count: int, kind: socket.SocketKind) -> list[int]:
    """Ports that nobody has now."""
    sockets = [socket.socket(socket.AF_INET, kind) for _ in range(count)]
    for one in sockets:
        one.bind((_HOST, 0))
    ports = [int(one.getsockname()[1]) for one in sockets]
    for one in sockets:
        one.close()
    return ports


def run_records(folder: Path, own_port: int, others: Sequence[int]) -> None:
    """Until it is killed."""
    _begin(folder, RECORDS.name)
    parts = records_assembly.build(_context(folder), RecordsParams())
    _run(HostedProcess(RECORDS.name, parts), Post(own_port, others), 1.0 / RECORDS.rate_hz)


def run_console(folder: Path, web_port: int, own_port: int, others: Sequence[int]) -> None:
    """Until it is killed."""
    _begin(folder, CONSOLE.name)
    web = WebParams(
        port=web_port, client_requests_per_s=10_000.0, client_requests_burst=10_000
    )  # nobody is to be kept out: that is another benchmark
    parts = console_assembly.build(_context(folder), ConsoleParams(serve=True, web=web))
    _run(HostedProcess(CONSOLE.name, parts), Post(own_port, others), 1.0 / CONSOLE.rate_hz)


def _begin(folder: Path, name: str) -> None:
    die_with_parent()
    told = os.open(folder / f"{name}.txt", os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    os.dup2(told, 1)
    os.dup2(told, 2)


@functools.lru_cache
def _context(folder: Path) -> ProcessContext:
    site, robot = load_site(ROOT / "sites" / "depot"), load_robot(ROBOT_FILE)
    return ProcessContext(site, robot, folder / RUN)


def _run(hosted: HostedProcess, post: Post, period_s: float) -> None:
    """As the ROS host does: what comes is kept, and components tick at their rate."""
    hosted.setup()
    next_s = time.time()
    while True:
        now_s = time.time()
        for topic, value in post.take():
            hosted.store(topic, value, now_s)
        if now_s >= next_s:
            next_s = max(next_s + period_s, now_s)
            for topic, value in hosted.tick(now_s):
                post.send(topic, value)
        time.sleep(_REST_S)
