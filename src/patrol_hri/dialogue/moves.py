"""What the robot answers by each move: one function a move, and the plain ones themselves."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from patrol_hri.dialogue import care, telling, ways
from patrol_hri.dialogue.authority import Move
from patrol_hri.dialogue.talk import Answered, Choice, Talk, Turn
from patrol_hri.intents import Intent, Understood
from patrol_hri.turn import ActKind


def first_words(talk: Talk) -> Answered:
    """What everybody hears first: a machine, security, recording, here to help. No name asked."""
    return Answered(talk.say("first_words"), choices=_help_choices(talk))


def _greet(turn: Turn) -> Answered:
    return Answered(turn.talk.say("greeting"), choices=_help_choices(turn.talk))


def _help(turn: Turn) -> Answered:
    return Answered(turn.talk.say("help"), choices=_help_choices(turn.talk))


def _help_choices(talk: Talk) -> tuple[Choice, ...]:
    return (
        talk.choice("choice_way"),
        talk.choice("choice_report"),
        talk.choice("choice_recorded"),
        talk.choice("choice_human"),
    )


def _repeat(turn: Turn) -> Answered:
    """The last answer once more, with all that belonged to it but what it set off."""
    talk = turn.talk
    if talk.last is None:
        return _help(turn)
    last = talk.last
    return Answered(last.text, talk.state, talk.offered, (), last.source, last.way, last.language)


def _language(turn: Turn) -> Answered:
    """Goes on in the language that was asked for; else says which ones it speaks."""
    talk, languages = turn.talk, turn.mind.languages
    wanted = turn.heard.understood.slots.get("language", "")
    if wanted in languages:
        talk.language = languages[wanted]
        return Answered(talk.say("language_now"), choices=_help_choices(talk))
    choices = tuple(
        Choice(
            other.name,
            Understood(Intent.LANGUAGE, 1.0, other.code, slots={"language": other.code}),
        )
        for other in languages.values()
    )
    names = turn.talk.say("list_and").join(other.name for other in languages.values())
    return Answered(
        talk.say("language_unknown" if wanted else "language_which", names=names),
        talk.state, choices,
    )  # fmt: skip


def _recorded(turn: Turn) -> Answered:
    """What is kept and for how long, as the site has set it."""
    talk, retention = turn.talk, turn.mind.retention
    text = talk.say(
        "recorded",
        photo_days=retention.photos_days,
        incident_days=retention.incidents_days,
        statement_days=retention.statements_days,
    )
    return Answered(text, choices=(talk.choice("choice_delete"),))


def _goodbye(turn: Turn) -> Answered:
    talk = turn.talk
    acts = () if talk.guided_s is None else (talk.act(ActKind.STOP_GUIDE, turn.heard),)
    return Answered(talk.say("goodbye"), acts=acts, ends=True)


def _refuse(turn: Turn) -> Answered:
    return Answered(turn.talk.say("command"), choices=(turn.talk.choice("choice_human"),))


def _plain(key: str) -> Callable[[Turn], Answered]:
    return lambda turn: Answered(turn.talk.say(key))


def _ask_what(turn: Turn) -> Answered:
    return Answered(turn.talk.say("ask_what"), choices=_help_choices(turn.talk))


def _silent(turn: Turn) -> Answered:
    """A human has the conversation: the machine says nothing."""
    return Answered("", turn.talk.state)


MOVES: Mapping[Move, Callable[[Turn], Answered]] = {
    Move.GREET: _greet,
    Move.HELP: _help,
    Move.WAY: ways.way,
    Move.OFFER_GUIDE: ways.offer_guide,
    Move.START_GUIDE: ways.start_guide,
    Move.STAY_ON_GUIDE: ways.stay_on_guide,
    Move.STOP: ways.stop,
    Move.REPEAT: _repeat,
    Move.LANGUAGE: _language,
    Move.WHO: _plain("who"),
    Move.RECORDED: _recorded,
    Move.ASK_RECEIPT: telling.ask_receipt,
    Move.DELETE: telling.delete,
    Move.BEGIN_REPORT: telling.begin_report,
    Move.BEGIN_STATEMENT: telling.begin_statement,
    Move.INTERVIEW: telling.interview,
    Move.HUMAN_MEANWHILE: telling.human_meanwhile,
    Move.CHILD: care.child,
    Move.ASK_NOTE: telling.ask_note,
    Move.NOTE: telling.note,
    Move.HUMAN: care.human,
    Move.EMERGENCY: care.emergency,
    Move.THANKS: _plain("thanks"),
    Move.GOODBYE: _goodbye,
    Move.NEVER_MIND: _plain("never_mind"),
    Move.ASK_WHAT: _ask_what,
    Move.CALM: care.calm,
    Move.REFUSE: _refuse,
    Move.KEEP_SECRET: _plain("secret"),
    Move.ANSWER: care.answer,
    Move.RELAY: _silent,
    Move.NOTHING: _silent,
}
