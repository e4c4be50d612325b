"""A console that is really served, with a robot whose words a test decides."""

from __future__ import annotations

import http.client
import json
import shutil
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from websockets.exceptions import ConnectionClosed
from websockets.sync.client import connect
from websockets.sync.connection import Connection

from patrol_console.params import ConsoleParams
from patrol_console.serving import Serving
from patrol_console.web.params import WebParams
from patrol_core.geometry import Pose2
from patrol_core.topics import (
    AMCL_POSE,
    BATTERY_STATE,
    ESTOP,
    GATE_RESET,
    GATE_STATUS,
    LOCALIZATION_STATUS,
    ODOM,
    OPERATOR_ACTS,
    PATROL_STATUS,
    Topic,
)
from patrol_core.types.mission import PatrolState, PatrolStatus
from patrol_core.types.motion import Odometry, PoseEstimate
from patrol_core.types.sensors import BatteryState
from patrol_core.types.status import (
    Authority,
    GateState,
    GateStatus,
    LocalizationLevel,
    LocalizationStatus,
)
from patrol_records.store import RecordStore
from tests.console_robot import LinkedRobot
from tests.simulated import ROOT

PASSWORD, FIRST_PASSWORD = "quiet harbour lamp 7", "one to begin with 3"
TICK_S = 0.02
OPEN_LIMITS = WebParams(port=0, client_requests_per_s=10_000.0, client_requests_burst=10_000)
"""A test is one client that asks a lot."""


class ServedConsole:
    """`robot` ticks in a thread of its own, and so do `others`; a small gate of each latches its
    stop and obeys resets."""

    def __init__(
        self, folder: Path, web: WebParams = OPEN_LIMITS, others: Sequence[str] = ()
    ) -> None:
        runs = [folder / "runs" / name for name in ("run", *others)]
        for run in runs:
            run.mkdir(parents=True, exist_ok=True)
            RecordStore(run).close()
        self.folder = folder
        site = folder / "depot"
        if not site.exists():
            shutil.copytree(ROOT / "sites" / "depot", site)
        self.robot = LinkedRobot(runs[0], site)
        self.others = [
            LinkedRobot(run, site, name) for name, run in zip(others, runs[1:], strict=True)
        ]
        self._robots = (self.robot, *self.others)
        for robot in self._robots:
            robot.now_s = 1000.0
        self.state = PatrolState.IDLE
        self.speaks = True
        self._latched: set[str] = set()
        self._stopping = threading.Event()
        params = ConsoleParams(serve=True, web=web)
        self._serving = Serving(
            self.robot.link, [other.link for other in self.others], folder / "console", params,
            time.time, time.monotonic,
        )  # fmt: skip
        self.url = self._serving.open()
        self._thread = threading.Thread(target=self._tick, daemon=True)
        self._thread.start()

    @property
    def address(self) -> tuple[str, int]:
        parts = urlsplit(self.url)
        assert parts.hostname and parts.port
        return parts.hostname, parts.port

    def code(self) -> str:
        return (self.folder / "console" / "first-start.txt").read_text().strip()

    def said_on(self, topic: Topic[Any]) -> list[Any]:
        return self.robot.said_on(topic)

    def close(self) -> None:
        self._stopping.set()
        self._thread.join()
        self._serving.close()

    def _tick(self) -> None:
        while not self._stopping.is_set():
            for robot in self._robots:
                if self.speaks:
                    self._speak(robot)
                robot.tick(TICK_S)
            self._stopping.wait(TICK_S)

    def _speak(self, robot: LinkedRobot) -> None:
        hear, now_s, name = robot.hear, robot.now_s, robot.link.name
        for pressed in robot.said_on(ESTOP)[-1:]:
            self._latched |= {name} if pressed.pressed else set()
        if robot.said_on(GATE_RESET) and not robot.said_on(ESTOP)[-1].pressed:
            self._latched.discard(name)
        latched = name in self._latched
        state = GateState.LATCHED if latched else GateState.PASSING
        authority = Authority.ESTOP if latched else Authority.NONE
        reasons = ("emergency stop 'console' was pressed",) if latched else ()
        hear(GATE_STATUS, GateStatus(now_s, state, authority, reasons, 1.5, 0, 0, 0, 0, 9.0))
        hear(AMCL_POSE, PoseEstimate(now_s, Pose2(-42.0, 9.0, 0.0)))
        hear(ODOM, Odometry(now_s, Pose2(0.0, 0.0, 0.0), 0.0, 0.0))
        hear(BATTERY_STATE, BatteryState(now_s, 26.0, 0.0, 0.9, False))
        hear(LOCALIZATION_STATUS, LocalizationStatus(
            now_s, LocalizationLevel.GOOD, "the map explains 98% of the scan", 0.02, 0.01, 0.98
        ))  # fmt: skip
        hear(PATROL_STATUS, PatrolStatus(
            now_s, "p", self.state, "perimeter", 1, 1, "", 0.0, "no patrol"
        ))  # fmt: skip


class Client:
    """Somebody at a browser: sends what a browser sends, keeps its cookie."""

    def __init__(self, console: ServedConsole) -> None:
        self._console = console
        self.cookie = ""

    def ask(
        self, method: str, path: str, body: Any = None, headers: dict[str, str] | None = None
    ) -> tuple[int, Any]:
        """Status and JSON of an answer."""
        host, port = self._console.address
        sent = {"Origin": self._console.url.rstrip("/"), "X-Ronda": "1", "Cookie": self.cookie}
        if body is not None:
            sent["Content-Type"] = "application/json"
        connection = http.client.HTTPConnection(host, port, timeout=20.0)
        data = body if isinstance(body, (str, bytes)) else json.dumps(body)
        connection.request(
            method, f"/api{path}", None if body is None else data,
            {k: v for k, v in (sent | (headers or {})).items() if v},
        )  # fmt: skip
        answer = connection.getresponse()
        text = answer.read()
        for cookie in answer.headers.get_all("Set-Cookie", []):
            self.cookie = cookie.partition(";")[0]
        connection.close()
        kind = answer.headers.get("Content-Type", "")
        return answer.status, json.loads(text) if kind.startswith("application/json") else text

    @contextmanager
    def socket(self, path: str, origin: str | None = None) -> Iterator[Connection]:
        host, port = self._console.address
        with connect(
            f"ws://{host}:{port}/api{path}",
            additional_headers={"Cookie": self.cookie},
            origin=self._console.url.rstrip("/") if origin is None else origin,  # type: ignore[arg-type]
            open_timeout=20.0,
            proxy=None,
        ) as socket:
            yield socket


@contextmanager
def served(
    folder: Path, web: WebParams = OPEN_LIMITS, others: Sequence[str] = ()
) -> Iterator[ServedConsole]:
    console = ServedConsole(folder, web, others)
    try:
        yield console
    finally:
        console.close()


def first_administrator(console: ServedConsole) -> Client:
    client = Client(console)
    body = {"code": console.code(), "user": "ada", "password": PASSWORD}
    status, answer = client.ask("POST", "/first-user", body)
    assert status == 200, answer
    return client


def another(console: ServedConsole, by: Client, name: str, role: str) -> Client:
    """A user of that role, signed in, who has chosen `PASSWORD`."""
    body = {"user": name, "role": role, "robots": ["*"], "password": FIRST_PASSWORD}
    assert by.ask("POST", "/users", body)[0] == 200
    client = Client(console)
    assert client.ask("POST", "/session", {"user": name, "password": FIRST_PASSWORD})[0] == 200
    change = {"old": FIRST_PASSWORD, "new": PASSWORD}
    assert client.ask("POST", "/session/password", change)[0] == 200
    return client


def wait_for(condition: Any, within_s: float = 20.0) -> None:
    """Until it is so; fails if it does not become so."""
    end_s = time.monotonic() + within_s
    while not condition():
        assert time.monotonic() < end_s, "it has not happened"
        time.sleep(0.02)


def acts(console: ServedConsole) -> list[str]:
    """Kinds of all that was told to the log."""
    return [act.kind for act in console.said_on(OPERATOR_ACTS)]


def code_at_the_end(line: Connection) -> int:
    """With which a socket is closed, however much is told before."""
    with suppress(ConnectionClosed):
        while True:
            line.recv(timeout=20.0)
    return line.close_code or 0
