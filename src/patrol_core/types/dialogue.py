"""What goes between visitors and the rest of the robot. Nobody is identified in it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum


class DialogueKind(Enum):
    """What happened in a conversation.

    OPENED and CLOSED: its ends. HUMAN_WANTED: the operator is to take over, `text` is what was
    said so far. LINE: something said while an operator has it. EMERGENCY, REPORT: also findings.
    STATEMENT, DELETED: one was stored, or deleted; the receipt is the visitor's alone. NOTICE: for
    the operator to know.
    GUIDING: on the way to a place, or no longer.
    """

    OPENED = "opened"
    CLOSED = "closed"
    HUMAN_WANTED = "human_wanted"
    LINE = "line"
    EMERGENCY = "emergency"
    REPORT = "report"
    STATEMENT = "statement"
    DELETED = "deleted"
    NOTICE = "notice"
    GUIDING = "guiding"


@dataclass(frozen=True, slots=True)
class DialogueEvent:
    """One event of a conversation. `session_id` is random and new for every conversation.

    `speaker`: "visitor", "robot" or "operator", of a LINE. `x_m`, `y_m` in `map`: where it is
    about, NaN where that is nowhere.
    """

    stamp_s: float
    session_id: str
    kind: DialogueKind
    language: str
    speaker: str
    text: str
    x_m: float
    y_m: float


class OperatorVerb(Enum):
    """What an operator does with a conversation. ANNOUNCE goes to everybody, in no session."""

    TAKE = "take"
    SAY = "say"
    RELEASE = "release"
    ANNOUNCE = "announce"


@dataclass(frozen=True, slots=True)
class OperatorLine:
    """An operator's part in a conversation, with who it is (never told to the visitor)."""

    stamp_s: float
    session_id: str
    verb: OperatorVerb
    who: str
    text: str


@dataclass(frozen=True, slots=True)
class AskRequest:
    """A question from another front end. An empty `session_id` opens a conversation."""

    request_id: str
    session_id: str
    language: str
    text: str


@dataclass(frozen=True, slots=True)
class AskResponse:
    """The answer to the request of that id; `source` as in the reply, `choices` to be offered."""

    request_id: str
    session_id: str
    language: str
    intent: str
    text: str
    source: str
    choices: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class GuideGoal:
    """Walk a visitor to a place of the site, ahead of them.

    `language`: code of the language to speak; empty for that of the site.
    """

    goal_id: str
    place_id: str
    session_id: str
    step_free: bool = False
    language: str = ""


@dataclass(frozen=True, slots=True)
class GuideFeedback:
    """Progress of a guided walk; `waiting_s`: since when the robot waits for the visitor."""

    goal_id: str
    distance_remaining_m: float
    waiting_s: float
    message: str
