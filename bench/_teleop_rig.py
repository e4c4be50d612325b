"""Somebody drives a simulated robot through the console's page, over a link that can be cut."""

from __future__ import annotations

import asyncio
import http.client
import json
import math
import os
import shutil
import signal
import threading
import time
from contextlib import suppress
from pathlib import Path
from typing import Any

import psutil
from _bench import free_port
from _patrol import MeasurementError
from playwright.sync_api import Browser, Page, Playwright

from patrol_core.topics import CMD_VEL, GATE_STATUS
from patrol_core.types.motion import VelocityCommand
from patrol_core.types.status import GateState, GateStatus
from patrol_sim.truth import RobotTruth, truth_from_json
from ronda_cli.environment.paths import ROOT
from ronda_cli.environment.system import BROWSERS
from ronda_cli.launcher.start import start
from ronda_cli.live.watcher import RobotWatcher
from ronda_cli.scorer import TruthListener
from ronda_cli.setting import Setting

PASSWORD = "quiet harbour lamp 7"  # noqa: S105 - of a console that lives for a few minutes
OPPOSITE = {"ArrowUp": "ArrowDown", "ArrowDown": "ArrowUp"}
START_WITHIN_S = 120.0
_SPIN_S = 0.005


class Relay:
    """Carries bytes between a page and the console until it is told to swallow them. No FIN."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._open = threading.Event()
        self._open.set()
        loop = asyncio.new_event_loop()
        threading.Thread(target=loop.run_forever, daemon=True).start()
        serving = asyncio.start_server(self._serve, "127.0.0.1", 0)
        self._server = asyncio.run_coroutine_threadsafe(serving, loop).result()
        self.port = int(self._server.sockets[0].getsockname()[1])

    def swallow(self, *, swallows: bool) -> None:
        """Whether what comes is kept back from now on."""
        (self._open.clear if swallows else self._open.set)()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            there = await asyncio.open_connection("127.0.0.1", self._port)
        except OSError:
            writer.close()
            return
        await asyncio.gather(self._carry(reader, there[1]), self._carry(there[0], writer))

    async def _carry(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while data := await reader.read(65536):
                await asyncio.to_thread(self._open.wait)
                writer.write(data)
                await writer.drain()
        except OSError:
            pass
        writer.close()


class Cockpit:
    """The graph at real time, and a page that drives. `close` ends everything."""

    def __init__(self, setting: Setting, folder: Path, playwright: Playwright) -> None:
        self.robot: RobotTruth | None = None
        self.stamp_s = 0.0
        self.turning_s = math.inf
        self.gate_ready_s = -math.inf
        self.cleared: list[str] = []
        self._stopping = threading.Event()
        port = free_port()
        self.watcher = RobotWatcher()
        self.launch = start(
            "sim.launch.xml",
            {
                "site": str(setting.site.folder),
                "world": str(setting.world_file),
                "scenario": str(ROOT / "sim" / "scenarios" / f"{setting.site.folder.name}.yaml"),
                "run_folder": str(folder / "runs" / "run"), "seed": "0", "speed": "1.0",
                "camera": "false", "serve_page": "false", "console_port": str(port),
            },
            folder / "logs",
        )  # fmt: skip
        self.watcher.listen()
        self.watcher.on_text(TruthListener.topic, self._hear)
        self.watcher.on(CMD_VEL, self._command)
        self.watcher.on(GATE_STATUS, self._hear_gate)
        self._spinning = threading.Thread(target=self._spin, daemon=True)
        self._spinning.start()
        self._port = port
        self._browser: Browser | None = None
        try:
            self._board(folder, playwright)
        except BaseException:
            self.close()
            raise

    def _board(self, folder: Path, playwright: Playwright) -> None:
        """Wait for the graph, make accounts, open the page."""
        self.until(lambda: not self.watcher.state.missing(), START_WITHIN_S, "it did not start")
        self.relay = Relay(self._port)
        code_file = folder / "runs" / "console" / "first-start.txt"
        self.until(code_file.exists, 20.0, "the console was not served")
        self._cookie = ""
        code = code_file.read_text().strip()
        self.ask("POST", "/first-user", {"code": code, "user": "ada", "password": PASSWORD})
        first = PASSWORD[::-1]
        driver = {"user": "bo", "role": "operator", "robots": ["*"], "password": first}
        self.ask("POST", "/users", driver)
        administrator, self._cookie = self._cookie, ""
        self.ask("POST", "/session", {"user": "bo", "password": first})
        self.ask("POST", "/session/password", {"old": first, "new": PASSWORD})
        self._cookie = administrator
        path = next(filter(None, map(shutil.which, BROWSERS)), None)
        if path is None:
            raise MeasurementError("there is no Chromium here")
        self._browser = playwright.chromium.launch(
            executable_path=path, args=["--no-sandbox", "--disable-dev-shm-usage"]
        )
        self.page = self._sign_in()
        self.ask("POST", "/robots/ronda/commands", {"do": "start"})
        self.until(lambda: self.speed_mps() > 0.5, 60.0, "the patrol did not begin")

    def close(self) -> None:
        self._stopping.set()
        self._spinning.join()
        if self._browser is not None:
            self._browser.close()
        self.launch.stop()
        self.watcher.close()

    def ask(self, method: str, path: str, body: Any) -> None:
        """A request of the administrator. Raises MeasurementError when it is refused."""
        connection = http.client.HTTPConnection("127.0.0.1", self._port, timeout=20.0)
        connection.request(method, f"/api{path}", json.dumps(body), {
            "Content-Type": "application/json", "X-Ronda": "1", "Cookie": self._cookie,
        })  # fmt: skip
        answer = connection.getresponse()
        text = answer.read().decode()
        for cookie in answer.headers.get_all("Set-Cookie", []):
            self._cookie = cookie.partition(";")[0]
        connection.close()
        if answer.status != 200:
            raise MeasurementError(f"{path}: {text}")

    def answers(self) -> bool:
        """Whether the console serves its page."""
        connection = http.client.HTTPConnection("127.0.0.1", self._port, timeout=5.0)
        try:
            connection.request("GET", "/")
            return connection.getresponse().status == 200
        except (OSError, http.client.HTTPException):
            return False
        finally:
            connection.close()

    def take(self) -> None:
        """Open the page for driving anew, and take the robot."""
        page = self.page
        page.goto(f"http://127.0.0.1:{self.relay.port}/#/ronda/drive")
        page.reload()
        if page.get_by_role("button", name="Sign in").count() or not page.url.endswith("drive"):
            self.page = page = self._sign_in()
        if not page.get_by_text("You have the robot").count():
            page.get_by_role("button", name="Take the robot").click()
        page.get_by_text("You have the robot").wait_for()

    def drive(self, key: str) -> str:
        """From standing, hold a key until the robot drives, the opposite one where the gate lets
        it go no further; the one that is held now. A stop that has latched is cleared before, and
        told.
        """
        self.until(lambda: self.speed_mps() < 0.02, 8.0, "the robot does not stand")
        for held in (key, OPPOSITE[key]):
            self._clear_latched()
            self.page.keyboard.down(held)
            with suppress(MeasurementError):
                self.until(lambda: self.speed_mps() > 0.15, 8.0, "")
                return held
            self.page.keyboard.up(held)
        words = self.page.locator(".side").inner_text().replace("\n", ", ")
        raise MeasurementError(f"the robot drives neither way ({self.gate_words()}; {words})")

    def gate_words(self) -> str:
        """Who has the robot, and what limits it."""
        gate = self.watcher.state.gate
        return "" if gate is None else f"{gate.authority.value}: {'; '.join(gate.reasons)}"

    def _clear_latched(self) -> None:
        gate = self.watcher.state.gate
        if gate is None or gate.state is not GateState.LATCHED:
            return
        where = "" if self.robot is None else f" at {self.robot.pose}"
        self.cleared.append("; ".join(gate.reasons) + where)
        self.ask("POST", "/session/confirm", {"password": PASSWORD})
        self.ask("POST", "/robots/ronda/stop/clear", {"why": "between two trials"})

        def is_free() -> bool:
            now = self.watcher.state.gate
            return now is not None and now.state is not GateState.LATCHED

        self.until(is_free, 10.0, "the stop stays latched")

    def speed_mps(self) -> float:
        return 0.0 if self.robot is None else abs(self.robot.linear_mps)

    def browser_processes(self) -> list[psutil.Process]:
        """Every process of the browser."""
        found = psutil.Process(os.getpid()).children(recursive=True)
        return [one for one in found if "chrom" in one.name()]

    def freeze(self, number: signal.Signals) -> None:
        for process in self.browser_processes():
            process.send_signal(number)

    def until(self, condition: Any, limit_s: float, problem: str) -> None:
        """Wait. Raises MeasurementError after the limit."""
        end_s = time.monotonic() + limit_s
        while not condition():
            if time.monotonic() > end_s:
                raise MeasurementError(f"{problem} ({self.gate_words()})")
            self.launch.poll()
            time.sleep(0.01)

    def _sign_in(self) -> Page:
        assert self._browser is not None
        page = self._browser.new_context().new_page()
        page.goto(f"http://127.0.0.1:{self.relay.port}/")
        page.get_by_label("Name").fill("bo")
        page.get_by_label("Password").fill(PASSWORD)
        page.get_by_role("button", name="Sign in").click()
        page.get_by_role("navigation").wait_for()
        page.evaluate("location.hash = '#/ronda/drive'")
        page.get_by_role("button", name="Take the robot").wait_for()
        return page

    def _spin(self) -> None:
        while not self._stopping.is_set():
            self.watcher.spin(_SPIN_S)

    def _hear(self, text: str) -> None:
        truth = truth_from_json(text)
        self.stamp_s, self.robot = truth.stamp_s, truth.robots[0]

    def _hear_gate(self, status: GateStatus) -> None:
        """When it was last said by a gate that has all its inputs."""
        if status.state is not GateState.HOLD or status.reasons[:1] == (
            "announcing the movement",
        ):
            self.gate_ready_s = time.monotonic()

    def _command(self, command: VelocityCommand) -> None:
        """When the gate first passes a turn on, in the time of the system's clock."""
        if command.angular_radps != 0.0:
            self.turning_s = min(self.turning_s, time.time())
        else:
            self.turning_s = math.inf
