"""Conversations of one robot's visitors: who wants a person, who has one, what is being said.

Words are held in memory only, and only of conversations in which a person is wanted or has taken
over; they are forgotten with the conversation's end.
"""

from __future__ import annotations

from collections import OrderedDict, deque
from dataclasses import dataclass, field
from typing import Any

from patrol_console.station import Robot
from patrol_core.topics import DIALOGUE, OPERATOR_LINES
from patrol_core.types.dialogue import DialogueEvent, DialogueKind, OperatorLine, OperatorVerb
from patrol_core.web.asking import RefusalError

MAX_CONVERSATIONS = 50
MAX_LINES = 200
MAX_TEXT = 500
_TOLD = (DialogueKind.LINE, DialogueKind.HUMAN_WANTED, DialogueKind.NOTICE, DialogueKind.EMERGENCY)


@dataclass(slots=True)
class Conversation:
    """`holder`: the operator who has it; empty: the robot."""

    session_id: str
    language: str
    since_s: float
    wanted: bool = False
    holder: str = ""
    lines: deque[dict[str, Any]] = field(default_factory=lambda: deque(maxlen=MAX_LINES))


class Switchboard:
    """Lives in the web's loop."""

    def __init__(self, robot: Robot) -> None:
        self._robot = robot
        self._open: OrderedDict[str, Conversation] = OrderedDict()
        robot.listen(DIALOGUE, self._hear)

    def document(self) -> list[dict[str, Any]]:
        """Open conversations, those in which a person is wanted first, without their words."""
        order = sorted(self._open.values(), key=lambda c: (not c.wanted, c.since_s))
        return [
            {"id": c.session_id, "language": c.language, "s": round(c.since_s, 1),
             "wanted": c.wanted, "holder": c.holder}
            for c in order
        ]  # fmt: skip

    def lines(self, session_id: str, who: str) -> list[dict[str, Any]]:
        """What was said.

        Raises RefusalError: 404 without such a conversation, 403 when it is held by another, or by
        the robot alone and nobody has asked for a person.
        """
        conversation = self._known(session_id)
        if conversation.holder not in ("", who) or not (
            conversation.wanted or conversation.holder == who
        ):
            raise RefusalError(403, "This conversation is not yours: take it first.")
        return list(conversation.lines)

    def take(self, session_id: str, who: str) -> None:
        """Speak in the robot's place. Raises RefusalError when another does."""
        conversation = self._known(session_id)
        if conversation.holder not in ("", who):
            raise RefusalError(409, f"{conversation.holder} speaks in this conversation.")
        conversation.holder, conversation.wanted = who, False
        self._say(session_id, OperatorVerb.TAKE, who, "")

    def say(self, session_id: str, who: str, text: str) -> None:
        """Say a line. Raises RefusalError when the conversation is not held by `who`."""
        self._held(session_id, who)
        self._say(session_id, OperatorVerb.SAY, who, _checked(text))

    def release(self, session_id: str, who: str) -> None:
        """Give the conversation back to the robot."""
        self._held(session_id, who).holder = ""
        self._say(session_id, OperatorVerb.RELEASE, who, "")

    def announce(self, who: str, text: str) -> None:
        """Say something to everybody around the robot."""
        self._say("", OperatorVerb.ANNOUNCE, who, _checked(text))

    def _hear(self, event: DialogueEvent) -> None:
        if event.kind is DialogueKind.CLOSED:
            self._open.pop(event.session_id, None)
            return
        if not event.session_id:
            return
        conversation = self._open.get(event.session_id)
        if conversation is None:
            conversation = Conversation(event.session_id, event.language, event.stamp_s)
            self._open[event.session_id] = conversation
            if len(self._open) > MAX_CONVERSATIONS:
                self._open.popitem(last=False)
        conversation.language = event.language or conversation.language
        if event.kind in (DialogueKind.HUMAN_WANTED, DialogueKind.EMERGENCY):
            conversation.wanted = not conversation.holder
        if event.kind in _TOLD and (conversation.wanted or conversation.holder):
            conversation.lines.append(
                {"s": round(event.stamp_s, 1), "kind": event.kind.value,
                 "speaker": event.speaker, "text": event.text}
            )  # fmt: skip

    def _known(self, session_id: str) -> Conversation:
        if session_id not in self._open:
            raise RefusalError(404, "This conversation is not known, or it has ended.")
        return self._open[session_id]

    def _held(self, session_id: str, who: str) -> Conversation:
        conversation = self._known(session_id)
        if conversation.holder != who:
            raise RefusalError(409, "Take the conversation first.")
        return conversation

    def _say(self, session_id: str, verb: OperatorVerb, who: str, text: str) -> None:
        line = OperatorLine(self._robot.now_s(), session_id, verb, who, text)
        self._robot.say(OPERATOR_LINES, line)


def _checked(text: str) -> str:
    said = " ".join(text.split())
    if not 0 < len(said) <= MAX_TEXT:
        raise RefusalError(400, f"A line has 1 to {MAX_TEXT} characters.")
    return said
