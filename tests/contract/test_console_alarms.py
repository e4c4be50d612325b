"""An alarm system reports over HTTP: by its key alone, and answered by the robot itself."""

from __future__ import annotations

import shutil
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from tests.console_served import Client, ServedConsole, acts, served, wait_for
from tests.simulated import ROOT
from typer.testing import CliRunner

from patrol_core.geometry import Pose2
from patrol_core.topics import ALARMS, OPERATOR_ACTS, PATROL_EVENTS
from patrol_core.types.mission import PatrolEvent
from ronda_cli.app import build

SHED = "/robots/ronda/alarms/shed"


@pytest.fixture
def console(tmp_path: Path) -> Iterator[ServedConsole]:
    """A depot with an alarm."""
    shutil.copytree(ROOT / "sites" / "depot", tmp_path / "depot")
    with (tmp_path / "depot" / "site.yaml").open("a", encoding="utf-8") as file:
        file.write("alarms:\n  - {id: shed, name: Door of the shed, at: [2.0, -2.0]}\n")
    with served(tmp_path) as console:
        yield console


def keys(console: ServedConsole, *words: str) -> tuple[int, str]:
    folder = str(console.folder / "console")
    done = CliRunner().invoke(
        build(["console"]), ["console", "keys", *words, "--folder", folder]
    )  # fmt: skip
    return done.exit_code, done.output.strip()


def report(console: ServedConsole, key: str, path: str = SHED) -> tuple[int, Any]:
    """As a program does: neither cookie nor `X-Ronda`, nor an `Origin`."""
    headers = {"Authorization": f"Bearer {key}", "X-Ronda": "", "Origin": ""}
    return Client(console).ask("POST", path, headers=headers)


def say(console: ServedConsole, kind: str, message: str) -> None:
    """The mission says it of the alarm that was told last, and the console hears it."""
    alarm = console.said_on(ALARMS)[-1]
    subject = f"{alarm.alarm_id}-{alarm.stamp_s:.3f}"
    stamp_s = console.robot.now_s
    heard = threading.Event()
    end = console.robot.link.listen(PATROL_EVENTS, lambda _: heard.set())
    console.robot.hear(
        PATROL_EVENTS, PatrolEvent(stamp_s, "", kind, subject, message, Pose2(0.0, 0.0, 0.0))
    )
    assert heard.wait(20.0)
    end()


def test_an_alarm_is_answered_by_the_robot_and_told_once(console: ServedConsole) -> None:
    status, key = keys(console, "add", "panel-1")
    assert status == 0 and len(key) > 64
    with ThreadPoolExecutor(2) as pool:
        first = pool.submit(report, console, key)
        wait_for(lambda: console.said_on(ALARMS))
        second = pool.submit(report, console, key)
        say(console, "call_taken", "Door of the shed, priority 70")
        taken = {"id": "1", "state": "acknowledged", "answer": "Door of the shed, priority 70"}
        assert first.result() == (200, taken) and second.result() == (200, taken)
        assert [(a.alarm_id, a.who) for a in console.said_on(ALARMS)] == [("shed", "panel-1")]
        say(console, "call_answered", "seen from three sides")
        again = pool.submit(report, console, key)
        wait_for(lambda: len(console.said_on(ALARMS)) == 2)
        say(console, "call_refused", "the battery is too low")
        status, answer = again.result()
        assert status == 409 and "the battery is too low" in answer["error"]
    wait_for(lambda: acts(console).count("command") >= 2 and "key_added" in acts(console))
    told = {(act.who, act.role) for act in console.said_on(OPERATOR_ACTS) if act.kind == "command"}
    assert told == {("panel-1", "key")}


def test_a_key_opens_nothing_else_and_nothing_once_it_is_removed(console: ServedConsole) -> None:
    _, key = keys(console, "add", "panel-1")
    _, elsewhere = keys(console, "add", "panel-2", "--robot", "another")
    for wrong, path, status in (
        ("", SHED, 401), (f"{key}0", SHED, 401), ("\xe9" * 9, SHED, 401), (elsewhere, SHED, 404),
        (key, "/robots/nobody/alarms/shed", 404), (key, "/robots/ronda/alarms/cellar", 404),
        (key, "/robots/ronda/stop", 401), (key, "/robots/ronda/commands", 401),
    ):  # fmt: skip
        assert report(console, wrong, path)[0] == status, (wrong, path)
    bare = Client(console).ask("POST", SHED, headers={"X-Ronda": "", "Origin": ""})
    assert bare[0] == 403, "as another site's form would send it"
    assert keys(console, "add", "panel-1")[0] != 0, "there is one of that name"
    assert "panel-1" in keys(console, "list")[1] and key not in keys(console, "list")[1]
    assert keys(console, "remove", "panel-1")[0] == 0 and keys(console, "remove", "panel-1")[0]
    assert report(console, key)[0] == 401 and console.said_on(ALARMS) == []
