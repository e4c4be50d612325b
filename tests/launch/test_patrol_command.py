"""`./ronda patrol look`, `alarm` and `watch`, against the mission process in the ROS graph."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

pytest.importorskip("rclpy")

from ronda_cli.environment.paths import ROOT
from ronda_cli.launcher.evaluate import evaluate
from ronda_cli.launcher.packages import source_packages

ENV = {**os.environ, "ROS_DOMAIN_ID": "93"}
START_S = 60.0


def patrol(*words: str) -> tuple[int, str]:
    done = subprocess.run(
        [sys.executable, "-m", "ronda_cli", "patrol", *words],
        env=ENV, capture_output=True, text=True, check=False, timeout=60.0,
    )  # fmt: skip
    return done.returncode, done.stdout + done.stderr


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The mission alone, on a yard with an alarm, wanting to hear its operators."""
    folder = tmp_path_factory.mktemp("mission")
    shutil.copytree(ROOT / "sites" / "yard", folder / "yard")
    site = folder / "yard" / "site.yaml"
    alarm = "alarms:\n  - {id: shed, name: Door of the shed, at: [2.0, -2.0], priority: 20}\n"
    site.write_text(site.read_text(encoding="utf-8") + alarm, encoding="utf-8")
    arguments = {
        "site": str(site.parent), "run_folder": str(folder),
        "robot": str(ROOT / "urdf" / "config" / "rover.yaml"),
    }  # fmt: skip
    path = ROOT / "launch" / "mission.launch.xml"
    (spec,) = evaluate(path, arguments, source_packages(), os.environ)
    with subprocess.Popen(spec.argv, env={**ENV, **spec.env}) as process:
        end_s = time.monotonic() + START_S
        while patrol("status")[0] != 0:
            assert time.monotonic() < end_s
        yield folder
        process.kill()


def test_an_operator_calls_it_to_a_place(running: Path) -> None:
    status, said = patrol("look", "1.5", "2.5", "--who", "anna")
    assert status == 0, said
    assert said.strip() == "(1.5, 2.5), asked for by anna at (1.5, 2.5), priority 90"


def test_an_alarm_of_the_site_calls_it_and_another_is_refused(running: Path) -> None:
    status, said = patrol("alarm", "shed")
    assert (status, said.strip()) == (0, "alarm of Door of the shed at (2.0, -2.0), priority 20")
    status, said = patrol("alarm", "sehd")
    assert status == 1 and "refused: 'sehd'" in said and "site.yaml" in said


def test_calls_and_events_are_on_the_disk(running: Path) -> None:
    """Nobody has stored an event here: all are kept, to be said again."""
    time.sleep(3.0)
    kept = json.loads((running / "mission.json").read_bytes())
    assert [call["priority"] for call in kept["calls"]["open"]] == [90, 20]
    lines = (running / "events.jsonl").read_text(encoding="utf-8").splitlines()
    kinds = [json.loads(line)["kind"] for line in lines if line]
    assert kinds.count("call_taken") == 2 and "alarm_unknown" in kinds


def test_who_watches_is_told_what_it_does(running: Path) -> None:
    status, said = patrol("watch", "--for", "3")
    assert (status, said.strip()) == (0, "idle: no patrol")
