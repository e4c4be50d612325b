"""Who may what: a fixed table of role, state of the conversation and intent.

It is total: every combination has its rule, and what a rule does not name is not done. No move
drives, follows, opens, watches or tells what is secret, so no sentence can set that off, whoever
its speaker says to be. What operators say goes to the visitor as it is and is never taken for an
intent: whoever writes into their line gains nothing. Conversations look nowhere else.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum

from patrol_hri.intents import Intent
from patrol_hri.turn import ActKind


class Role(Enum):
    """Whose words they are. It comes from the line that they came in by, never from the words."""

    VISITOR = "visitor"
    OPERATOR = "operator"


class State(Enum):
    """What a conversation waits for.

    WHICH_PLACE: asked where to. OFFERED_GUIDE, OFFERED_HUMAN: asked yes or no. NOTE: asked what to
    pass on. RECEIPT: asked for a receipt number. OPERATOR: a human has it. ENDED: over.
    """

    OPEN = "open"
    WHICH_PLACE = "which_place"
    OFFERED_GUIDE = "offered_guide"
    OFFERED_HUMAN = "offered_human"
    GUIDING = "guiding"
    REPORT = "report"
    STATEMENT = "statement"
    NOTE = "note"
    RECEIPT = "receipt"
    OPERATOR = "operator"
    ENDED = "ended"


class Move(Enum):
    """All that the robot can do with a sentence; `moves.py` has a function for each."""

    GREET = "greet"
    HELP = "help"
    WAY = "way"
    OFFER_GUIDE = "offer_guide"
    START_GUIDE = "start_guide"
    STAY_ON_GUIDE = "stay_on_guide"
    STOP = "stop"
    REPEAT = "repeat"
    LANGUAGE = "language"
    WHO = "who"
    RECORDED = "recorded"
    ASK_RECEIPT = "ask_receipt"
    DELETE = "delete"
    BEGIN_REPORT = "begin_report"
    BEGIN_STATEMENT = "begin_statement"
    INTERVIEW = "interview"
    HUMAN_MEANWHILE = "human_meanwhile"
    CHILD = "child"
    ASK_NOTE = "ask_note"
    NOTE = "note"
    HUMAN = "human"
    EMERGENCY = "emergency"
    THANKS = "thanks"
    GOODBYE = "goodbye"
    NEVER_MIND = "never_mind"
    ASK_WHAT = "ask_what"
    CALM = "calm"
    REFUSE = "refuse"
    KEEP_SECRET = "keep_secret"  # noqa: S105 - the move
    ANSWER = "answer"
    RELAY = "relay"
    NOTHING = "nothing"


@dataclass(frozen=True, slots=True)
class Rule:
    """What is done with a sentence, and all that it may set off."""

    move: Move
    acts: frozenset[ActKind]


_ACTS: Mapping[Move, frozenset[ActKind]] = {
    Move.START_GUIDE: frozenset({ActKind.GUIDE}),
    Move.STOP: frozenset({ActKind.STOP_GUIDE}),
    Move.GOODBYE: frozenset({ActKind.STOP_GUIDE}),
    Move.DELETE: frozenset({ActKind.DELETE}),
    Move.INTERVIEW: frozenset({ActKind.REPORT, ActKind.STATEMENT}),
    Move.HUMAN_MEANWHILE: frozenset({ActKind.CALL_HUMAN, ActKind.REPORT, ActKind.STATEMENT}),
    Move.CHILD: frozenset({ActKind.CALL_HUMAN}),
    Move.NOTE: frozenset({ActKind.NOTICE}),
    Move.HUMAN: frozenset({ActKind.CALL_HUMAN}),
    Move.EMERGENCY: frozenset({ActKind.ALERT}),
    Move.CALM: frozenset({ActKind.NOTICE, ActKind.STOP_GUIDE}),
    Move.ANSWER: frozenset({ActKind.CALL_HUMAN}),
    Move.WAY: frozenset({ActKind.CALL_HUMAN}),
}
"""What a move may set off, at the most; moves that are not here set off nothing."""

_OPEN: Mapping[Intent, Move] = {
    Intent.GREETING: Move.GREET,
    Intent.HELP: Move.HELP,
    Intent.WAY: Move.WAY,
    Intent.GUIDE: Move.OFFER_GUIDE,
    Intent.STOP: Move.STOP,
    Intent.REPEAT: Move.REPEAT,
    Intent.LANGUAGE: Move.LANGUAGE,
    Intent.WHO_ARE_YOU: Move.WHO,
    Intent.WHAT_IS_RECORDED: Move.RECORDED,
    Intent.DELETE_MY_DATA: Move.ASK_RECEIPT,
    Intent.REPORT: Move.BEGIN_REPORT,
    Intent.STATEMENT: Move.BEGIN_STATEMENT,
    Intent.LOST_CHILD: Move.CHILD,
    Intent.LOST_PROPERTY: Move.ASK_NOTE,
    Intent.COMPLAINT: Move.ASK_NOTE,
    Intent.HUMAN: Move.HUMAN,
    Intent.EMERGENCY: Move.EMERGENCY,
    Intent.THANKS: Move.THANKS,
    Intent.GOODBYE: Move.GOODBYE,
    Intent.YES: Move.ASK_WHAT,
    Intent.NO: Move.NEVER_MIND,
    Intent.INSULT: Move.CALM,
    Intent.COMMAND: Move.REFUSE,
    Intent.SECRET: Move.KEEP_SECRET,
    Intent.QUESTION: Move.ANSWER,
    Intent.UNKNOWN: Move.ANSWER,
}


def _all(move: Move, **others: Move) -> Mapping[Intent, Move]:
    """The same for every intent but some; an emergency is always one."""
    rows = dict.fromkeys(Intent, move) | {Intent(name): to for name, to in others.items()}
    return rows | {Intent.EMERGENCY: Move.EMERGENCY}


def _open(**others: Move) -> Mapping[Intent, Move]:
    """As in an open conversation but for some intents."""
    return {**_OPEN, **{Intent(name): to for name, to in others.items()}}


_INTERVIEW = _all(Move.INTERVIEW, human=Move.HUMAN_MEANWHILE, lost_child=Move.HUMAN_MEANWHILE)

_VISITOR: Mapping[State, Mapping[Intent, Move]] = {
    State.OPEN: _OPEN,
    State.WHICH_PLACE: _open(
        guide=Move.WAY, question=Move.WAY, unknown=Move.WAY, yes=Move.WAY, stop=Move.NEVER_MIND
    ),
    State.OFFERED_GUIDE: _open(
        yes=Move.START_GUIDE, guide=Move.START_GUIDE, stop=Move.NEVER_MIND
    ),
    State.OFFERED_HUMAN: _open(yes=Move.HUMAN, stop=Move.NEVER_MIND),
    State.GUIDING: _open(guide=Move.STAY_ON_GUIDE, no=Move.ASK_WHAT),
    State.REPORT: _INTERVIEW,
    State.STATEMENT: _INTERVIEW,
    State.NOTE: _all(
        Move.NOTE, human=Move.HUMAN, lost_child=Move.CHILD, stop=Move.NEVER_MIND,
        no=Move.NEVER_MIND, goodbye=Move.GOODBYE, repeat=Move.REPEAT,
    ),
    State.RECEIPT: _open(
        unknown=Move.DELETE, question=Move.DELETE, delete_my_data=Move.DELETE, yes=Move.DELETE,
        stop=Move.NEVER_MIND,
    ),
    State.OPERATOR: _all(Move.RELAY),
    State.ENDED: dict.fromkeys(Intent, Move.NOTHING),
}  # fmt: skip


def decide(role: Role, state: State, intent: Intent) -> Rule:
    """The rule for a sentence. The table is total: there is one for every combination.

    In a conversation that has ended nothing is heard any more; `reception.py` lets no sentence
    get there.
    """
    if role is Role.OPERATOR:
        return Rule(Move.RELAY, frozenset())
    move = _VISITOR[state][intent]
    acts = _ACTS.get(move, frozenset())
    if state is not State.GUIDING:
        acts -= {ActKind.STOP_GUIDE}
    return Rule(move, acts)
