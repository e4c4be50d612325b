from __future__ import annotations

import math
from pathlib import Path

import pytest
from tests.console_robot import LinkedRobot

from patrol_console.talking.switchboard import Switchboard
from patrol_core.topics import DIALOGUE, OPERATOR_LINES
from patrol_core.types.dialogue import DialogueEvent, DialogueKind, OperatorVerb
from patrol_core.web.asking import RefusalError


class Rig:
    def __init__(self, folder: Path) -> None:
        self.robot = LinkedRobot(folder)
        self.robot.serve()
        self.board = Switchboard(self.robot.link)

    def event(self, kind: DialogueKind, text: str = "", session: str = "s") -> None:
        self.robot.hear(DIALOGUE, DialogueEvent(
            self.robot.now_s, session, kind, "de", "visitor", text, math.nan, math.nan
        ))  # fmt: skip
        self.robot.tick()


@pytest.fixture
def rig(tmp_path: Path) -> Rig:
    return Rig(tmp_path)


def test_who_wants_a_person_comes_first(rig: Rig) -> None:
    rig.event(DialogueKind.OPENED, session="first")
    rig.event(DialogueKind.OPENED, session="second")
    rig.event(DialogueKind.HUMAN_WANTED, "help me", session="second")
    assert [one["id"] for one in rig.board.document()] == ["second", "first"]
    assert rig.board.document()[0]["wanted"] and "text" not in rig.board.document()[0]


def test_words_are_heard_only_where_a_person_is_wanted(rig: Rig) -> None:
    rig.event(DialogueKind.OPENED)
    rig.event(DialogueKind.LINE, "not for you")
    with pytest.raises(RefusalError, match="not yours"):
        rig.board.lines("s", "ada")
    rig.event(DialogueKind.HUMAN_WANTED, "help me")
    assert [line["text"] for line in rig.board.lines("s", "ada")] == ["help me"]


def test_a_conversation_is_taken_spoken_in_and_given_back(rig: Rig) -> None:
    rig.event(DialogueKind.HUMAN_WANTED, "help me")
    rig.board.take("s", "ada")
    rig.board.say("s", "ada", "  I am\n here ")
    rig.board.release("s", "ada")
    rig.robot.tick()
    said = rig.robot.said_on(OPERATOR_LINES)
    assert [one.verb for one in said] == [
        OperatorVerb.TAKE, OperatorVerb.SAY, OperatorVerb.RELEASE
    ]  # fmt: skip
    assert said[1].text == "I am here"


def test_nobody_speaks_in_anothers_conversation(rig: Rig) -> None:
    rig.event(DialogueKind.HUMAN_WANTED, "help me")
    rig.board.take("s", "ada")
    with pytest.raises(RefusalError, match="ada speaks"):
        rig.board.take("s", "bo")
    with pytest.raises(RefusalError, match="Take the conversation first"):
        rig.board.say("s", "bo", "hello")
    with pytest.raises(RefusalError, match="not yours"):
        rig.board.lines("s", "bo")


def test_words_are_forgotten_with_the_conversation(rig: Rig) -> None:
    rig.event(DialogueKind.HUMAN_WANTED, "help me")
    rig.event(DialogueKind.CLOSED)
    assert rig.board.document() == []
    with pytest.raises(RefusalError, match="has ended"):
        rig.board.lines("s", "ada")


@pytest.mark.parametrize("text", ["", "  \n ", "x" * 501])
def test_a_line_has_words_and_an_end(rig: Rig, text: str) -> None:
    with pytest.raises(RefusalError, match="1 to 500"):
        rig.board.announce("ada", text)
