"""The visitors' process in the graph: its page, its service, its action, and an operator."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import time
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("rclpy")

from patrol_interfaces.srv import Ask

from patrol_core.actions import ASK, GUIDE_VISITOR
from patrol_core.result import ErrorCode
from patrol_core.topics import DIALOGUE, FINDINGS, OPERATOR_LINES
from patrol_core.types.dialogue import DialogueKind, GuideGoal, OperatorLine, OperatorVerb
from patrol_core.types.mission import GoalResult
from patrol_core.types.perception import FindingKind
from patrol_host_ros.actions import ClientAdapter
from ronda_cli.environment.paths import ROOT
from ronda_cli.launcher.evaluate import evaluate
from ronda_cli.launcher.packages import source_packages
from ronda_cli.live.watcher import RobotWatcher

DOMAIN = "86"
WAIT_S = 90.0


class Visit:
    """A running process, what it says, and the address of its page."""

    def __init__(self, port: int) -> None:
        self.page = f"http://127.0.0.1:{port}"
        self.watcher = RobotWatcher()
        self.events: list[Any] = []
        self.findings: list[Any] = []
        self.watcher.on(DIALOGUE, self.events.append)
        self.watcher.on(FINDINGS, self.findings.append)
        self.node: Any = self.watcher._node

    def wait(self, happened: Callable[[], Any]) -> Any:
        end_s = time.monotonic() + WAIT_S
        while not (found := happened()):
            assert time.monotonic() < end_s
            self.watcher.spin(0.1)
        return found

    def post(self, path: str, session: str = "", **body: object) -> Any:
        headers = {"Content-Type": "application/json", "Authorization": f"Bearer {session}"}
        request = urllib.request.Request(self.page + path, json.dumps(body).encode(), headers)
        with urllib.request.urlopen(request, timeout=20.0) as response:
            return json.load(response)

    def is_served(self) -> bool:
        try:
            with urllib.request.urlopen(self.page, timeout=5.0) as response:
                return int(response.status) == 200
        except OSError:
            return False


@pytest.fixture(scope="module")
def visit(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Visit]:
    folder = tmp_path_factory.mktemp("visitors")
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    patch = pytest.MonkeyPatch()
    profile = str(ROOT / "launch" / "config" / "fastdds_loopback.xml")
    for name in ("FASTRTPS_DEFAULT_PROFILES_FILE", "FASTDDS_DEFAULT_PROFILES_FILE"):
        patch.setenv(name, profile)
    patch.setenv("ROS_DOMAIN_ID", DOMAIN)
    patch.setenv("HOME", str(folder))
    arguments = {
        "site": str(ROOT / "sites" / "yard"), "run_folder": str(folder / "run"),
        "kiosk_port": str(port),
    }  # fmt: skip
    (folder / "run").mkdir()
    path = ROOT / "launch" / "hri.launch.xml"
    (spec,) = evaluate(path, arguments, source_packages(), os.environ)
    with subprocess.Popen(spec.argv, env={**os.environ, **spec.env}) as process:
        made = Visit(port)
        made.wait(made.is_served)
        yield made
        made.watcher.close()
        process.kill()
    patch.undo()


def test_another_front_end_asks_and_is_answered_with_the_source(visit: Visit) -> None:
    client = visit.node.create_client(Ask, ASK.name)
    visit.wait(client.service_is_ready)
    future = client.call_async(Ask.Request(language="en", text="Is there a tool shed here?"))
    visit.wait(future.done)
    answer = future.result()
    assert answer.session_id and answer.language == "en"
    assert "visitors.yaml" in answer.source
    assert "shed" in answer.text.lower()


def test_a_walk_that_cannot_be_is_refused_with_its_reason(visit: Visit) -> None:
    ended: list[Any] = []
    client = ClientAdapter(visit.node, GUIDE_VISITOR, lambda _, value: ended.append(value))
    client.put(GUIDE_VISITOR.goal, GuideGoal("a" * 32, "shed", "s1"), time.monotonic())

    def result() -> GoalResult | None:
        client.poll(time.monotonic())
        return next((value for value in ended if isinstance(value, GoalResult)), None)

    refused = visit.wait(result)
    assert refused.result.code is ErrorCode.LOCALIZATION_LOST, "no navigator runs here"
    assert refused.result.message


def test_a_visitor_calls_for_help_and_an_operator_speaks(visit: Visit) -> None:
    opened = visit.post("/api/open", front_end="kiosk", language="en")
    session = opened["session"]
    said = visit.post("/api/say", session, text="Help! My husband has collapsed!")
    assert "alerting" in said["reply"]["text"]
    event = visit.wait(
        lambda: next((e for e in visit.events if e.kind is DialogueKind.EMERGENCY), None)
    )
    assert event.session_id == session and "collapsed" in event.text
    finding = visit.wait(lambda: visit.findings and visit.findings[0])
    assert finding.kind is FindingKind.EMERGENCY and "collapsed" not in finding.reason
    speak = visit.watcher.publisher(OPERATOR_LINES)
    visit.watcher.spin(1.0)
    speak(OperatorLine(0.0, session, OperatorVerb.SAY, "anna", "An ambulance is on its way."))

    def heard() -> bool:
        update = visit.post("/api/say", session, text="thank you")
        return any(line["text"] == "An ambulance is on its way." for line in update["lines"])

    visit.wait(lambda: any(e.text == "An ambulance is on its way." for e in visit.events))
    assert heard()
    assert all("anna" not in event.text for event in visit.events)


def test_a_visitor_who_leaves_frees_the_conversation(visit: Visit) -> None:
    session = visit.post("/api/open", front_end="phone", language="nl")["session"]
    visit.post("/api/leave", session)
    closed = visit.wait(
        lambda: [
            e for e in visit.events if e.kind is DialogueKind.CLOSED and e.session_id == session
        ]
    )
    assert closed[0].text == "left"


def test_what_was_said_is_nowhere_on_the_disk(visit: Visit, tmp_path_factory: Any) -> None:
    folder = next(tmp_path_factory.getbasetemp().glob("visitors*"))
    kept = [path for path in Path(folder).rglob("*") if path.is_file()]
    assert kept, "the key of the statements at least"
    assert not [path for path in kept if b"collapsed" in path.read_bytes()]
