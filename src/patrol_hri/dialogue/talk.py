"""What one conversation remembers while it lasts, and what a move answers."""

from __future__ import annotations

import math
from dataclasses import dataclass

from patrol_core.site.visitors import VisitorPlace
from patrol_hri.dialogue.authority import State
from patrol_hri.dialogue.mind import Heard, Interview, Mind
from patrol_hri.dialogue.params import DialogueParams
from patrol_hri.intents import Intent, Understood
from patrol_hri.languages.catalogue import Language
from patrol_hri.turn import Act, ActKind, Reply, Way
from patrol_hri.understanding.text import normalize

NOWHERE = (math.nan, math.nan)
STANDING = {
    "choice_way": Intent.WAY,
    "choice_guide": Intent.GUIDE,
    "choice_report": Intent.REPORT,
    "choice_recorded": Intent.WHAT_IS_RECORDED,
    "choice_delete": Intent.DELETE_MY_DATA,
    "choice_human": Intent.HUMAN,
    "choice_stop": Intent.STOP,
    "choice_yes": Intent.YES,
    "choice_no": Intent.NO,
}
"""Answers whose words mean the same whenever they are said."""


@dataclass(frozen=True, slots=True)
class Choice:
    """An answer to be touched: its words, and what they mean."""

    label: str
    meaning: Understood


@dataclass(slots=True)
class Talk:
    """The memory of one conversation: gone with it.

    `wanted_s`: since when a human is wanted and has not come, or None. `guided_s`: since when the
    robot walks with the visitor, or None. `failures`: sentences in a row that were not understood.
    `note`: what the words asked for in NOTE are about. `place_id`: the place talked about.
    `interview`: what is being taken, in the state `interview_state`.
    """

    session_id: str
    params: DialogueParams
    language: Language
    state: State = State.OPEN
    is_child: bool = False
    failures: int = 0
    insults: int = 0
    wanted_s: float | None = None
    guided_s: float | None = None
    place_id: str = ""
    step_free: bool = False
    note: str = ""
    interview: Interview | None = None
    interview_state: State = State.STATEMENT
    offered: tuple[Choice, ...] = ()
    last: Reply | None = None

    @property
    def home(self) -> State:
        """The state to go back to when nothing else is asked."""
        if self.interview is not None:
            return self.interview_state
        return State.OPEN if self.guided_s is None else State.GUIDING

    def say(self, key: str, **values: object) -> str:
        """A sentence in the visitor's language; for a child its simpler form, if it has one."""
        simple = f"{key}_child"
        if self.is_child and simple in self.language.texts:
            key = simple
        return self.language.say(key, **values)

    def choice(self, key: str) -> Choice:
        """A choice with the words of a key; what stands in no list means itself: it is told."""
        intent = STANDING.get(key, Intent.UNKNOWN)
        return Choice(self.language.say(key), Understood(intent, 1.0, self.language.code))

    def yes_no(self) -> tuple[Choice, ...]:
        return (self.choice("choice_yes"), self.choice("choice_no"))

    def chosen(self, plain: str) -> Understood | None:
        """What a normalized sentence means, if it is an answer that is offered or standing."""
        for choice in (*self.offered, *map(self.choice, STANDING)):
            if normalize(choice.label) == plain:
                return choice.meaning
        return None

    def act(
        self,
        kind: ActKind,
        heard: Heard,
        subject: str = "",
        text: str = "",
        at_m: tuple[float, float] = NOWHERE,
    ) -> Act:
        """Something to do on account of a sentence; `authority.py` has the last word on it."""
        return Act(
            kind, self.session_id, heard.now_s, subject, text, at_m[0], at_m[1], self.step_free
        )


@dataclass(frozen=True, slots=True)
class Answered:
    """What a move answers. `state`: what is waited for then; None: nothing in particular.

    `failed`: the sentence was not understood. `language`: of `text`, empty for the visitor's.
    """

    text: str
    state: State | None = None
    choices: tuple[Choice, ...] = ()
    acts: tuple[Act, ...] = ()
    source: str = ""
    way: Way | None = None
    language: str = ""
    failed: bool = False
    ends: bool = False


@dataclass(frozen=True, slots=True)
class Turn:
    """All that a move has before it."""

    mind: Mind
    talk: Talk
    heard: Heard

    @property
    def unix_s(self) -> float:
        """Unix time of the sentence."""
        return self.heard.now_s + self.mind.epoch_s

    def stands(self) -> tuple[float, float]:
        """Where the robot stands, in `map` [m]; NaN where that is not known."""
        pose = self.heard.around.pose
        return NOWHERE if pose is None else (pose.x_m, pose.y_m)

    def where(self) -> tuple[float, float]:
        """The place that the sentence names, else where the robot stands."""
        place = self.place(self.heard.understood.place_id)
        return self.stands() if place is None else place.at_m

    def place(self, place_id: str) -> VisitorPlace | None:
        """A place of the site that visitors may ask for, or None."""
        places = self.mind.visitors.places if self.mind.visitors else ()
        return next((place for place in places if place.place_id == place_id), None)
