"""The console's process and the baseline's, what they are told, and pages that look at them."""

from __future__ import annotations

import http.client
import json
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from itertools import cycle
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import numpy as np
from _bench import Bench, free_port
from _console_viewers import CAMERA_HZ, CLOCK, PICTURES, WANT, with_number
from _flight_messages import Source, full_set
from _graph_speaker import CLOCK_TEXT, cpu_s
from _patrol import MeasurementError
from websockets.sync.client import connect

from patrol_console.files import FOLDER as CONSOLE_FOLDER
from patrol_core.geometry import Pose2
from patrol_core.topics import CAMERA_BLURRED, GATE_STATUS
from patrol_core.types.status import Authority, GateState, GateStatus
from patrol_host_ros.wire import RosWire
from ronda_cli.environment.paths import ROOT
from ronda_cli.setting import ROBOT_FILE, Setting

PLACE = Pose2(-40.0, 5.0)
SESSIONS = 5
SAMPLE_S = 2.0
PASSWORD = "quiet harbour lamp 7"  # noqa: S105 - of a console that lives for a few minutes
_NODE = "from patrol_console_ros.console_node import main; main()"


@dataclass
class Phase:
    """`pages`: how many looked, by kind; `seen`: as `_console_viewers` tells it."""

    name: str
    seconds: float
    pages: Mapping[str, int]
    seen: dict[str, Any] = field(default_factory=dict)
    cores: float = 0.0
    rss_mib: list[float] = field(default_factory=list)

    def age_ms(self, kind: str, quantile: float) -> float:
        return 1000.0 * float(np.quantile(self.seen[kind]["ages"], quantile))

    def least_hz(self, kind: str) -> float:
        """Frames a second of the page that got fewest."""
        return float(min(self.seen[kind]["counts"])) / self.seconds


class Server:
    """A process whose cost counts. `address` ends in a slash."""

    def __init__(self, process: subprocess.Popen[str], address: str, cookies: list[str]) -> None:
        self.process, self.address, self.cookies = process, address, cookies

    def rss_mib(self) -> float:
        """Resident memory (proc(5), statm)."""
        pages = Path(f"/proc/{self.process.pid}/statm").read_text(encoding="ascii").split()[1]
        return int(pages) * 4096 / 2**20

    def show(self, bench: Bench, phase: Phase, start_s: float = 0.0) -> Phase:
        """Have pages look for a while. `start_s`: of the first picture [Unix time]."""
        bench.console.print(f"{phase.name}, {phase.seconds:.0f} s")
        command = [sys.executable, str(ROOT / "bench" / "_console_viewers.py")]
        asked = {"address": self.address, "cookies": self.cookies, "seconds": phase.seconds,
                 "pages": dict(phase.pages), "start_s": start_s}  # fmt: skip
        viewers = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        told: list[str] = []
        talking = threading.Thread(
            target=lambda: told.append(viewers.communicate(json.dumps(asked) + "\n")[0])
        )
        talking.start()
        time.sleep(3.0)  # all are there
        began_s, before_s = time.monotonic(), cpu_s(self.process.pid)
        while (left_s := phase.seconds - 2.0 - (time.monotonic() - began_s)) > 0.0:
            phase.rss_mib.append(self.rss_mib())
            time.sleep(min(left_s, SAMPLE_S))
        phase.cores = (cpu_s(self.process.pid) - before_s) / (time.monotonic() - began_s)
        talking.join()
        if viewers.returncode != 0 or self.process.poll() is not None:
            raise MeasurementError(f"{phase.name}: pages or server have ended")
        phase.seen = json.loads(told[0])
        return phase


def said(seed: int) -> list[Source]:
    """All that the robot says; the gate's words tell the time, pictures their number."""
    wire, sources = RosWire(), full_set(np.random.default_rng(seed), PLACE)
    gate = GateStatus(
        1.0, GateState.LIMITED, Authority.MISSION, (f"obstacle ahead {CLOCK_TEXT}",), 0.8, 0.8,
        0.1, 0.8, 0.1, 1.8,
    )  # fmt: skip
    made = []
    for source in sources:
        if source.topic is GATE_STATUS:
            made.append(replace(source, messages=(wire.encode(GATE_STATUS, gate),) * 16))
        elif source.topic is CAMERA_BLURRED:
            pictures = [wire.decode(CAMERA_BLURRED, message) for message in source.messages]
            numbered = (
                replace(one, data=with_number(one.data, number))
                for number, one in zip(range(PICTURES), cycle(pictures), strict=False)
            )
            messages = tuple(wire.encode(CAMERA_BLURRED, one) for one in numbered)
            made.append(replace(source, rate_hz=CAMERA_HZ, messages=messages))
        else:
            made.append(source)
    return made


@contextmanager
def console(setting: Setting, folder: Path) -> Iterator[Server]:
    """The console's process, and somebody signed in."""
    port = free_port()
    options = {
        "site": setting.site.folder, "robot": ROBOT_FILE, "run_folder": folder / "runs" / "run",
        "serve": "true", "web.port": port,
    }  # fmt: skip
    words = [word for name, value in options.items() for word in ("-p", f"{name}:={value}")]
    process = subprocess.Popen(
        [sys.executable, "-c", _NODE, "--ros-args", *words],
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, text=True,
    )  # fmt: skip
    address = f"http://127.0.0.1:{port}/"
    code_file = folder / "runs" / CONSOLE_FOLDER / "first-start.txt"
    try:
        for _ in range(600):
            if code_file.is_file() or process.poll() is not None:
                break
            time.sleep(0.1)
        if not code_file.is_file():
            raise MeasurementError("the console is not served")
        time.sleep(1.0)
        code = code_file.read_text().strip()
        first = {"code": code, "user": "ada", "password": PASSWORD}
        cookies = [_sign_in(address, "/api/first-user", first)]
        again = {"user": "ada", "password": PASSWORD}
        cookies += [_sign_in(address, "/api/session", again) for _ in range(SESSIONS - 1)]
        yield Server(process, address, cookies)
    finally:
        process.terminate()
        process.wait(20.0)


@contextmanager
def naive(document: str) -> Iterator[Server]:
    """The baseline's process."""
    process = subprocess.Popen(
        [sys.executable, str(ROOT / "bench" / "_console_naive.py")],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    assert process.stdin is not None and process.stdout is not None
    try:
        process.stdin.write(document + "\n")
        process.stdin.flush()
        yield Server(process, process.stdout.readline().strip(), [""])
    finally:
        process.stdin.close()
        process.wait(20.0)


def _sign_in(address: str, path: str, body: Mapping[str, str]) -> str:
    """The session's cookie."""
    connection = http.client.HTTPConnection(urlsplit(address).netloc, timeout=20.0)
    headers = {"Content-Type": "application/json", "X-Ronda": "1"}
    connection.request("POST", path, json.dumps(body), headers)
    answer = connection.getresponse()
    text, cookie = answer.read().decode(), answer.headers.get("Set-Cookie", "")
    connection.close()
    if answer.status != 200:
        raise MeasurementError(f"{path}: {text}")
    return cookie.partition(";")[0]


def whole_document(server: Server) -> str:
    """All that a page with the map is told in a second, with `CLOCK_TEXT` for the time."""
    url = f"{server.address.replace('http', 'ws', 1)}api/robots/ronda/live"
    origin = server.address.rstrip("/")
    document: dict[str, Any] = {}
    with connect(url, additional_headers={"Cookie": server.cookies[0], "Origin": origin}) as line:
        line.send(WANT)
        for _ in range(10):
            document |= json.loads(line.recv(5.0))
            line.send(f'{{"ack":{document["n"]}}}')
    return CLOCK.sub(CLOCK_TEXT, json.dumps(document))
