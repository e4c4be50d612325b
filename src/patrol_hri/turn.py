"""One turn of a conversation: what the robot answers, and what it is to do."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from patrol_core.geometry import FloatArray
from patrol_hri.intents import Intent


class Speaker(Enum):
    """Who said a line. A visitor always sees whether it was a machine or a human."""

    VISITOR = "visitor"
    ROBOT = "robot"
    OPERATOR = "operator"


class ActKind(Enum):
    """All that a conversation can set off; `dialogue/authority.py` decides who may.

    ALERT: an emergency, at once. CALL_HUMAN: the operator is wanted. REPORT: something to look
    at. STATEMENT: one was stored. DELETE: something stored was deleted. NOTICE: for the operator
    to know (a complaint, something lost, an insult).
    """

    ALERT = "alert"
    CALL_HUMAN = "call_human"
    GUIDE = "guide"
    STOP_GUIDE = "stop_guide"
    REPORT = "report"
    STATEMENT = "statement"
    DELETE = "delete"
    NOTICE = "notice"


@dataclass(frozen=True, slots=True)
class Act:
    """One thing to do, for the component to carry out.

    `subject`: place id of a GUIDE, kind of an ALERT. `text`: what the operator reads. `x_m`,
    `y_m` in `map`, NaN where no place was said. `step_free`: by ways without steps. `language`:
    code of the one that the visitor speaks.
    """

    kind: ActKind
    session_id: str
    stamp_s: float
    subject: str = ""
    text: str = ""
    x_m: float = float("nan")
    y_m: float = float("nan")
    step_free: bool = False
    language: str = ""


@dataclass(frozen=True, slots=True, eq=False)
class Way:
    """How to get to a place of the site.

    `points_m` (N, 2) in `map`, from the robot to the place; `steps`: sentences, in order.
    """

    place_id: str
    points_m: FloatArray
    length_m: float
    duration_s: float
    step_free: bool
    steps: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Reply:
    """What the robot answers.

    `source`: where a statement about the site comes from ("visitors.yaml:12 places/office"), empty
    for what is no statement about it. `choices`: answers to be touched instead of typed.
    `ends`: the conversation is over.
    """

    text: str
    language: str
    intent: Intent
    source: str = ""
    choices: tuple[str, ...] = ()
    way: Way | None = None
    acts: tuple[Act, ...] = ()
    ends: bool = False


@dataclass(frozen=True, slots=True)
class Line:
    """Something said in a conversation; `number` counts from 1."""

    number: int
    stamp_s: float
    speaker: Speaker
    text: str
