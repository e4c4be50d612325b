from __future__ import annotations

import itertools
import json
from pathlib import Path

import pytest
from tests.console_robot import LinkedRobot
from tests.console_served import wait_for

from patrol_console.acts import ActOutbox
from patrol_core.topics import LOGGED_ACTS, OPERATOR_ACTS
from patrol_core.types.audit import LoggedAct


class Rig:
    def __init__(self, folder: Path) -> None:
        self.robot = LinkedRobot(folder)
        self.robot.serve()
        self.path = folder / "acts.jsonl"
        self.now_s = 0.0

    def opened(self) -> ActOutbox:
        numbers = itertools.count()
        return ActOutbox(self.path, self.robot.link, lambda: f"act {next(numbers)}")

    def said(self, outbox: ActOutbox) -> list[str]:
        """Ids of what is said when it is due again."""
        self.now_s += 10.0
        before = len(self.robot.said_on(OPERATOR_ACTS))
        outbox.say(self.now_s)
        self.robot.tick()
        return [act.act_id for act in self.robot.said_on(OPERATOR_ACTS)[before:]]

    def lines(self) -> list[str]:
        return self.path.read_text().splitlines() if self.path.exists() else []


@pytest.fixture
def rig(tmp_path: Path) -> Rig:
    return Rig(tmp_path)


def test_an_act_is_said_again_until_it_is_logged(rig: Rig) -> None:
    outbox = rig.opened()
    outbox("ada", "operator", "command", "ronda: pause")
    wait_for(lambda: rig.said(outbox) == ["act 0"])
    assert rig.said(outbox) == ["act 0"]
    rig.robot.hear(LOGGED_ACTS, LoggedAct(0.0, "act 0", 7))
    rig.robot.tick()
    assert rig.said(outbox) == []
    outbox.close()


def test_what_was_not_logged_outlives_the_process(rig: Rig) -> None:
    outbox = rig.opened()
    for number in range(50):
        outbox("ada", "operator", "command", f"{number}")
    outbox.close()
    kept = [json.loads(line) for line in rig.lines() if line]
    assert [act["subject"] for act in kept] == [str(number) for number in range(50)]
    again = rig.opened()
    assert rig.said(again) == [f"act {number}" for number in range(20)]
    again.close()


def test_closing_waits_for_no_longer_than_the_disk(rig: Rig) -> None:
    outbox = rig.opened()
    outbox("ada", "operator", "command", "x")
    outbox.close()
    assert not outbox._thread.is_alive()


def test_damaged_lines_are_left_out(rig: Rig) -> None:
    outbox = rig.opened()
    outbox("ada", "operator", "command", "x")
    outbox.close()
    good = rig.lines()[-1]
    wrong = json.dumps(json.loads(good) | {"stamp_s": "now"})
    rig.path.write_text(f"{good[:20]}\n[1]\n{wrong}\n{good}\n\x00")
    assert rig.said(rig.opened()) == ["act 0"]


def test_a_disk_that_refuses_is_said_and_loses_nothing_meanwhile(
    rig: Rig, caplog: pytest.LogCaptureFixture
) -> None:
    rig.path.mkdir()
    outbox = rig.opened()
    outbox("ada", "operator", "command", "x")
    wait_for(lambda: rig.said(outbox) == ["act 0"])
    assert "cannot be kept" in caplog.text
    outbox.close()
