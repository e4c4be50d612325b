"""What somebody may want of the robot: a closed list. Nothing that is said means anything else."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum


class Intent(Enum):
    """The built-in intents; examples of each stand in `languages/<code>/intents.yaml`.

    QUESTION: about the site, answered from its `visitors.yaml`. COMMAND: strangers want it to
    drive, follow, open, patrol. SECRET: rounds, blind spots, codes, cameras, who is where.
    UNKNOWN: nothing of all this.
    """

    GREETING = "greeting"
    HELP = "help"
    WAY = "way"
    GUIDE = "guide"
    STOP = "stop"
    REPEAT = "repeat"
    LANGUAGE = "language"
    WHO_ARE_YOU = "who_are_you"
    WHAT_IS_RECORDED = "what_is_recorded"
    DELETE_MY_DATA = "delete_my_data"
    REPORT = "report"
    STATEMENT = "statement"
    LOST_CHILD = "lost_child"
    LOST_PROPERTY = "lost_property"
    COMPLAINT = "complaint"
    HUMAN = "human"
    EMERGENCY = "emergency"
    THANKS = "thanks"
    GOODBYE = "goodbye"
    YES = "yes"
    NO = "no"
    INSULT = "insult"
    COMMAND = "command"
    SECRET = "secret"  # noqa: S105 - the intent, not one
    QUESTION = "question"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Understood:
    """What a sentence was taken for.

    `language`: code of the language that it is in. `confidence` 0 to 1. `place_id`: the place of
    the site that it names, or empty. `question_id`: which of the site's questions, for QUESTION.
    `slots`: what else was said ("language": "de", "step_free": "yes").
    """

    intent: Intent
    confidence: float
    language: str
    place_id: str = ""
    question_id: str = ""
    slots: Mapping[str, str] = field(default_factory=dict)
