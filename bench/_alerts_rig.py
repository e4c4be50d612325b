"""A console and records that can be killed, and who talks to them: over HTTP, or as perception."""

from __future__ import annotations

import http.client
import json
import multiprocessing
import socket
import threading
import time
from collections.abc import Callable, Iterable, Sequence
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import Any

from _alerts_processes import RUN, Post, free_ports, run_console, run_records

from patrol_core.topics import FINDINGS, INCIDENTS
from patrol_core.types.perception import Finding
from patrol_core.unstored import REPEAT_S

STARTS_WITHIN_S = 60.0
PASSWORD = "quiet harbour lamp 7"  # noqa: S105 - of a console that lives for a few minutes


class Rig:
    """The two processes, and whoever talks to them."""

    def __init__(self, folder: Path) -> None:
        (folder / RUN).mkdir(parents=True)
        self.folder = folder
        (self._web_port,) = free_ports(1, socket.SOCK_STREAM)
        records, console, robot = free_ports(3, socket.SOCK_DGRAM)
        # Processes are forked from one that has loaded everything and has no threads.
        context = multiprocessing.get_context("forkserver")
        context.set_forkserver_preload(["_alerts_rig"])
        self._made: dict[str, Callable[[], BaseProcess]] = {
            "records": lambda: context.Process(
                target=run_records, args=(folder, records, (console, robot)), daemon=True
            ),
            "console": lambda: context.Process(
                target=run_console, args=(folder, self._web_port, console, (records,)), daemon=True
            ),
        }
        self._alive: dict[str, BaseProcess] = {}
        self._post = Post(robot, (records,))
        self._lock = threading.Lock()
        self._stored: dict[str, int] = {}
        self.cookie = ""
        self.start(self._made)

    def start(self, names: Iterable[str]) -> None:
        for name in names:
            self._alive[name] = self._made[name]()
            self._alive[name].start()

    def kill(self, names: Sequence[str]) -> None:
        """SIGKILL, to all of them at once."""
        for name in names:
            self._alive[name].kill()
        for name in names:
            self._alive[name].join()

    def close(self) -> None:
        self.kill(tuple(self._alive))

    def sign_in(self) -> None:
        """As the first administrator; the session outlives the console."""
        code = self.folder / RUN.parent / "console" / "first-start.txt"
        self.until(lambda: code.exists() and bool(code.read_text("utf-8")))
        body = {"code": code.read_text("utf-8").strip(), "user": "ada", "password": PASSWORD}
        self.until(lambda: self.ask("POST", "/first-user", body)[0] == 200)

    def ask(self, method: str, path: str, body: Any = None) -> tuple[int, Any]:
        """Status and document of an answer; 0 where there is none."""
        line = http.client.HTTPConnection("127.0.0.1", self._web_port, timeout=30.0)
        headers = {"X-Ronda": "1", "Cookie": self.cookie, "Content-Type": "application/json"}
        try:
            line.request(method, f"/api{path}", json.dumps(body) if body else None, headers)
            answer = line.getresponse()
            text = answer.read()
        except (OSError, http.client.HTTPException):
            return 0, None
        finally:
            line.close()
        if cookie := answer.headers.get("Set-Cookie", ""):
            self.cookie = cookie.partition(";")[0]
        return answer.status, json.loads(text)

    def until(self, holds: Callable[[], bool]) -> None:
        """Raises TimeoutError."""
        end_s = time.monotonic() + STARTS_WITHIN_S
        while not holds():
            if time.monotonic() > end_s:
                raise TimeoutError(f"the processes do not answer: see {self.folder}/*.txt")
            time.sleep(0.02)

    def see(self, finding: Finding) -> int:
        """Say a finding until it is stored, as perception does; its incident."""
        said_s = -REPEAT_S
        while True:
            with self._lock:
                for topic, value in self._post.take():
                    if topic is INCIDENTS:
                        self._stored[value.finding_id] = value.incident_id
                if finding.finding_id in self._stored:
                    return self._stored.pop(finding.finding_id)
                if time.monotonic() - said_s >= REPEAT_S:
                    said_s = time.monotonic()
                    self._post.send(FINDINGS, finding)
            time.sleep(0.005)
