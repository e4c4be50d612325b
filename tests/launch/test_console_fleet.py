"""One console's process in the graph, with a robot of its own and one in another namespace."""

from __future__ import annotations

import http.client
import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import rclpy
from rclpy.utilities import try_shutdown
from tests.console_served import PASSWORD
from websockets.sync.client import connect

from patrol_core.topics import ESTOP, GATE_STATUS, PATROL_STATUS
from patrol_core.types.mission import PatrolState, PatrolStatus
from patrol_core.types.status import Authority, GateState, GateStatus
from patrol_host_ros.conversions import conversion_of
from patrol_host_ros.qos import qos_of
from patrol_host_ros.rows import advertised
from ronda_cli.environment.paths import ROOT
from ronda_cli.setting import ROBOT_FILE

DOMAIN = "84"
WAIT_S = 60.0
NODE = "from patrol_console_ros.console_node import main; main()"


class Console:
    """The process, somebody signed in, and a node that speaks for the robot in the south."""

    def __init__(self, folder: Path, port: int) -> None:
        rclpy.init(domain_id=int(DOMAIN))
        self.node: Any = rclpy.create_node("tester")
        self._tell_gate = advertised(self.node, GATE_STATUS, "south/")
        self._tell_patrol = advertised(self.node, PATROL_STATUS, "south/")
        self.stops: dict[str, list[Any]] = {"": [], "south/": []}
        for prefix in self.stops:
            self._listen(prefix)
        self._port, self._cookie = port, ""
        (folder / "fleet.yaml").write_text(
            f"robots:\n  south: {{site: {ROOT}/sites/depot, robot: {ROBOT_FILE}, "
            f"run_folder: {folder}/runs/south}}\n"
        )
        options = {
            "site": ROOT / "sites" / "depot", "robot": ROBOT_FILE,
            "run_folder": folder / "runs" / "run", "serve": "true", "web.port": port,
            "fleet": folder / "fleet.yaml",
        }  # fmt: skip
        words = [word for name, value in options.items() for word in ("-p", f"{name}:={value}")]
        self.process = subprocess.Popen(
            [sys.executable, "-c", NODE, "--ros-args", *words],
            env=os.environ | {"ROS_DOMAIN_ID": DOMAIN},
        )
        code = folder / "runs" / "console" / "first-start.txt"
        self.until(code.is_file)
        time.sleep(0.5)
        first = {"code": code.read_text().strip(), "user": "ada", "password": PASSWORD}
        self.ask("POST", "/first-user", first)

    def _listen(self, prefix: str) -> None:
        conversion, kept = conversion_of(ESTOP), self.stops[prefix]

        def heard(message: Any) -> None:
            kept.append(conversion.from_ros(message))

        self.node.create_subscription(
            conversion.message_type, prefix + ESTOP.name, heard, qos_of(ESTOP)
        )

    def close(self) -> None:
        self.process.send_signal(signal.SIGINT)
        self.process.wait(20.0)
        self.node.destroy_node()
        try_shutdown()

    def speak(self) -> None:
        """The robot in the south says how it is."""
        now_s = time.time()
        self._tell_gate(
            GateStatus(now_s, GateState.PASSING, Authority.NONE, (), 1.5, 0, 0, 0, 0, 9.0)
        )
        self._tell_patrol(
            PatrolStatus(now_s, "p", PatrolState.IDLE, "perimeter", 1, 1, "", 0.0, "resting")
        )

    def until(self, happened: Callable[[], bool]) -> None:
        end_s = time.monotonic() + WAIT_S
        while not happened():
            assert self.process.poll() is None, "the console has ended"
            assert time.monotonic() < end_s, "it has not happened"
            self.speak()
            rclpy.spin_once(self.node, timeout_sec=0.05)

    def ask(self, method: str, path: str, body: Any = None) -> Any:
        connection = http.client.HTTPConnection("127.0.0.1", self._port, timeout=20.0)
        headers = {"Content-Type": "application/json", "X-Ronda": "1", "Cookie": self._cookie}
        connection.request(method, f"/api{path}", body and json.dumps(body), headers)
        answer = connection.getresponse()
        text = answer.read()
        for cookie in answer.headers.get_all("Set-Cookie", []):
            self._cookie = cookie.partition(";")[0]
        connection.close()
        assert answer.status == 200, text
        return json.loads(text)

    def seen(self, robot: str) -> dict[str, Any]:
        """What a page is told of a robot at once."""
        url = f"ws://127.0.0.1:{self._port}/api/robots/{robot}/live"
        origin: Any = f"http://127.0.0.1:{self._port}"
        with connect(url, additional_headers={"Cookie": self._cookie}, origin=origin) as line:
            document: dict[str, Any] = json.loads(line.recv(20.0))
            return document


@pytest.fixture
def console(tmp_path: Path) -> Iterator[Console]:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    made = Console(tmp_path, port)
    yield made
    made.close()


def test_each_namespace_is_a_robot(console: Console) -> None:
    robots = [one["name"] for one in console.ask("GET", "/session")["robots"]]
    assert robots == ["ronda", "south"]
    console.until(lambda: console.seen("south")["patrol"] is not None)
    assert console.seen("south")["patrol"]["words"] == "resting"
    assert console.seen("ronda")["patrol"] is None
    console.until(lambda: "console" in [one["name"] for one in console.seen("ronda")["health"]])
    console.ask("POST", "/robots/south/stop", {})
    console.until(lambda: any(stop.pressed for stop in console.stops["south/"]))
    assert not any(stop.pressed for stop in console.stops[""])
