"""Taking a statement: consent, an open account, the questions left open, reading back.

The order is that of PEACE (College of Policing, Authorised Professional Practice "Investigative
interviewing": engage and explain, account, clarify and challenge, closure) without its challenge:
whoever talks to the robot is a witness, never a suspect. An uninterrupted account before any
question, and only open questions after it, are what the cognitive interview rests on (Fisher and
Geiselman, "Memory-Enhancing Techniques for Investigative Interviewing", 1992) and what the Mendez
Principles (2021, paragraphs on open questions and active listening) ask for; that it works without
an interviewer who can follow up is shown for the Self-Administered Interview (Gabbert, Hope and
Fisher, Law and Human Behavior 33, 2009). Questions suggest nothing, because what they suggest is
remembered (Loftus and Palmer, 1974): none names a thing, a person or a trait. Consent is one clear
act after plain words on what it is given for (GDPR, articles 4(11), 7 and 13).
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import Enum
from typing import TYPE_CHECKING

from patrol_hri.intents import Intent, Understood
from patrol_hri.statements.params import InterviewParams
from patrol_hri.statements.statement import Piece, Statement, Topic
from patrol_hri.statements.words import Cue, Words, is_brief, own_words

if TYPE_CHECKING:
    from patrol_hri.statements.report import Report

QUESTIONS = {
    Topic.WHAT: "statement_ask_what",
    Topic.WHERE: "statement_ask_where",
    Topic.WHEN: "statement_ask_when",
    Topic.WHO: "statement_ask_who",
    Topic.WITNESSES: "statement_ask_witnesses",
}
"""The text of each question, in the order in which they are asked."""
TOLD_BY = {
    Topic.WHERE: Cue.WHERE,
    Topic.WHEN: Cue.WHEN,
    Topic.WHO: Cue.WHO,
    Topic.WITNESSES: Cue.WITNESSES,
}
YES, NO, STOP = "choice_statement_yes", "choice_statement_no", "choice_statement_stop"
ENOUGH, UNKNOWN = "choice_statement_enough", "choice_statement_unknown"
RIGHT, CHANGE, LEAVE_OUT = (
    "choice_statement_right", "choice_statement_change", "choice_statement_leave_out",
)  # fmt: skip
GO_ON = "choice_statement_go_on"

Say = tuple[str, Mapping[str, object]]
"""The key of a text, and the values in it."""


@dataclass(frozen=True, slots=True)
class Step:
    """What an interview says next. `choices`: keys of texts that may be touched as an answer.

    `done`: it is over; `result` is then what was taken, None where nothing is kept.
    """

    say: tuple[Say, ...]
    choices: tuple[str, ...] = ()
    done: bool = False
    result: Statement | Report | None = None


class Stage(Enum):
    """Where an interview is. CHANGING: a piece is being put into other words."""

    CONSENT = "consent"
    ACCOUNT = "account"
    QUESTION = "question"
    READ_BACK = "read_back"
    CHANGING = "changing"
    OVER = "over"


class StatementInterview:
    """One statement. A state machine without a clock or chance; nothing is kept but in it."""

    def __init__(self, words: Words, params: InterviewParams) -> None:
        self._words = words
        self._params = params
        self._stage = Stage.OVER
        self._stopping = False
        self._language = ""
        self._place = (math.nan, math.nan)
        self._pieces: list[Piece] = []
        self._told: set[Topic] = set()
        self._asked: list[Topic] = []
        self._unclear = 0
        self._corrections = 0
        self._changed = 0
        self._now_s = math.nan
        self._prompt = Step(())

    def begin(
        self,
        language: str,
        retention_days: int,
        x_m: float = math.nan,
        y_m: float = math.nan,
    ) -> Step:
        """Explain and ask for consent. `language`: of the conversation; `x_m`, `y_m`: where the
        robot stands, in `map`.
        """
        self._stage, self._language, self._place = Stage.CONSENT, language, (x_m, y_m)
        days = {"days": retention_days}
        self._prompt = Step((("statement_consent", {}),), (YES, NO))
        return Step((("statement_explain", days), *self._prompt.say), self._prompt.choices)

    def resume(self) -> Step:
        """Take it up again after something else came between."""
        if self._stage is Stage.OVER:
            return Step((), done=True)
        return Step((("statement_resume", {}), *self._prompt.say), self._prompt.choices)

    def hear(self, text: str, understood: Understood, now_s: float) -> Step:
        """The next step after a message. `now_s`: Unix time. Never raises, whatever the text."""
        if self._stage is Stage.OVER:
            return Step((), done=True)
        said, is_cut = own_words(text, self._params.max_message_chars)
        if not said:
            return self._prompt
        self._now_s = now_s
        was_stopping, self._stopping = self._stopping, False
        answer = self._answer(said, understood) if was_stopping else None
        stops = self._words.says(said, Cue.STOP) or self._words.chosen(said, (STOP,))
        if stops or answer:
            return self._stop()
        if answer is False:
            return self.resume()
        leaves = understood.intent in {Intent.STOP, Intent.GOODBYE} and is_brief(said)
        if leaves and not was_stopping:
            return self._ask_whether_to_stop()
        step = self._at_its_stage(said, understood)
        if is_cut and not step.done:
            most = {"characters": self._params.max_message_chars}
            return replace(step, say=(("statement_cut", most), *step.say))
        return step

    def _at_its_stage(self, said: str, understood: Understood) -> Step:
        if self._stage is Stage.CONSENT:
            return self._hear_consent(said, understood)
        if self._stage is Stage.ACCOUNT:
            return self._hear_account(said, understood)
        if self._stage is Stage.QUESTION:
            self._keep(self._asked[-1], said, understood)
            return self._next_question(())
        if self._stage is Stage.CHANGING:
            return self._change(said)
        return self._hear_judgement(said, understood)

    def _ask_whether_to_stop(self) -> Step:
        """Nobody loses a long account by a word that was taken for another."""
        if not self._pieces:
            return self._stop()
        self._stopping = True
        return Step((("statement_stop_question", {}),), (STOP, GO_ON))

    def _answer(self, said: str, understood: Understood) -> bool | None:
        """A clear yes or no; None where it is neither."""
        chosen = self._words.chosen(said, (YES, NO, STOP, GO_ON, RIGHT, CHANGE))
        if chosen:
            return chosen in {YES, STOP, RIGHT}
        if is_brief(said) and understood.intent in {Intent.YES, Intent.NO}:
            return understood.intent is Intent.YES
        return None

    def _hear_consent(self, said: str, understood: Understood) -> Step:
        agreed = self._answer(said, understood)
        if agreed:
            self._stage = Stage.ACCOUNT
            return self._ask((("statement_account", {}),), (ENOUGH, STOP))
        self._unclear += 1
        if agreed is None and self._unclear < 2:
            return self._ask((("statement_consent_clear", {}),), (YES, NO))
        return self._stop()

    def _hear_account(self, said: str, understood: Understood) -> Step:
        if self._words.says(said, Cue.ENOUGH) or self._words.chosen(said, (ENOUGH,)):
            return self._next_question(())
        room = self._params.max_account_chars - sum(len(piece.text) for piece in self._pieces)
        kept, is_cut = own_words(said, room)
        self._keep(Topic.ACCOUNT, kept, understood)
        if is_cut or room - len(kept) < 1 or len(self._pieces) >= self._params.max_messages:
            return self._next_question((("statement_full", {}),))
        return self._ask((("statement_listening", {}),), (ENOUGH, STOP))

    def _hear_judgement(self, said: str, understood: Understood) -> Step:
        if self._answer(said, understood) or self._words.says(said, Cue.ENOUGH):
            return self._close()
        if self._corrections >= self._params.max_corrections:
            return self._ask((("statement_only_confirm", {}),), (RIGHT, STOP))
        if self._words.chosen(said, (CHANGE,)) or (
            understood.intent is Intent.NO and is_brief(said)
        ):
            return self._ask((("statement_what_to_change", {}),), (RIGHT, STOP))
        if understood.intent is Intent.YES and len(said) < self._params.min_account_chars:
            return self._ask((("statement_right", {}),), (RIGHT, CHANGE, STOP))
        number, words = self._words.numbered(said)
        if 1 <= number <= len(self._pieces):
            self._changed = number
            if words:
                return self._change(words)
            self._stage = Stage.CHANGING
            values = {"number": number, "text": self._pieces[number - 1].text}
            return self._ask((("statement_change_piece", values),), (LEAVE_OUT, STOP))
        if number:
            return self._ask((("statement_no_such_piece", {"last": len(self._pieces)}),),
                             (RIGHT, CHANGE, STOP))  # fmt: skip
        self._corrections += 1
        self._keep(Topic.ADDED, said, understood)
        return self._read_back((("statement_changed", {}),))

    def _change(self, said: str) -> Step:
        self._corrections += 1
        index = self._changed - 1
        if self._words.chosen(said, (LEAVE_OUT,)):
            del self._pieces[index]
        else:
            self._pieces[index] = Piece(self._pieces[index].topic, said, corrected=True)
        return self._read_back((("statement_changed", {}),))

    def _keep(self, topic: Topic, said: str, understood: Understood) -> None:
        if said:
            self._pieces.append(Piece(topic, said))
        languages = {self._language, understood.language}
        if understood.place_id:
            self._told.add(Topic.WHERE)
        self._told |= {
            told for told, cue in TOLD_BY.items() if self._words.mentions(said, cue, languages)
        }

    def _next_question(self, first: tuple[Say, ...]) -> Step:
        length = sum(len(piece.text) for piece in self._pieces if piece.topic is Topic.ACCOUNT)
        if length >= self._params.min_account_chars:
            self._told.add(Topic.WHAT)
        for topic, key in QUESTIONS.items():
            if topic not in self._told and topic not in self._asked:
                opening: tuple[Say, ...] = () if self._asked else (("statement_questions", {}),)
                self._stage = Stage.QUESTION
                self._asked.append(topic)
                self._ask(((key, {}),), (UNKNOWN, STOP))
                return replace(self._prompt, say=(*first, *opening, *self._prompt.say))
        return self._read_back(first)

    def _read_back(self, first: tuple[Say, ...]) -> Step:
        self._stage = Stage.READ_BACK
        pieces = tuple(
            (f"statement_piece_{piece.topic.value}", {"number": number, "text": piece.text})
            for number, piece in enumerate(self._pieces, 1)
        )
        choices = (RIGHT, CHANGE, STOP)
        self._ask((("statement_read_back", {}), *pieces, ("statement_right", {})), choices)
        return replace(self._prompt, say=(*first, *self._prompt.say))

    def _close(self) -> Step:
        if not self._pieces:
            return self._stop()
        statement = Statement(self._now_s, self._language, *self._place, tuple(self._pieces))
        self._forget()
        return Step((("statement_confirmed", {}),), done=True, result=statement)

    def _stop(self) -> Step:
        self._forget()
        return Step((("statement_nothing_kept", {}),), done=True)

    def _forget(self) -> None:
        self._stage = Stage.OVER
        self._pieces = []
        self._prompt = Step((), done=True)

    def _ask(self, say: tuple[Say, ...], choices: tuple[str, ...]) -> Step:
        self._prompt = Step(say, choices)
        return self._prompt
