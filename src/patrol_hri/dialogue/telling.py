"""Moves for what visitors tell: statements, reports, words to pass on, and receipts to delete."""

from __future__ import annotations

import re

from patrol_hri.dialogue.authority import State
from patrol_hri.dialogue.care import call
from patrol_hri.dialogue.talk import Answered, Turn
from patrol_hri.errors import StatementStoreError, TooManyTriesError
from patrol_hri.intents import Intent
from patrol_hri.statements.interview import StatementInterview, Step
from patrol_hri.statements.receipt import canonical
from patrol_hri.statements.report import Report, ReportTaking
from patrol_hri.statements.statement import Statement
from patrol_hri.statements.words import is_brief
from patrol_hri.turn import ActKind

_RECEIPT = re.compile(r"(?<!\w)\w{4}[\s-]*\w{4}[\s-]*\w{4}(?!\w)")


def begin_statement(turn: Turn) -> Answered:
    """The taking of a statement begins with the visitor's consent."""
    talk, mind = turn.talk, turn.mind
    if mind.statements is None:
        return Answered(talk.say("statement_not_here"), State.OFFERED_HUMAN, talk.yes_no())
    taking = StatementInterview(mind.words, mind.interviews)
    talk.interview, talk.interview_state = taking, State.STATEMENT
    days = mind.retention.statements_days
    return _said(turn, taking.begin(talk.language.code, days, *turn.stands()))


def begin_report(turn: Turn) -> Answered:
    """A visitor has seen something: two or three questions, and the patrol has a look."""
    talk, heard, mind = turn.talk, turn.heard, turn.mind
    places = {p.place_id: p.at_m for p in mind.visitors.places} if mind.visitors else {}
    taking = ReportTaking(mind.words, places, mind.outline_m, mind.interviews)
    talk.interview, talk.interview_state = taking, State.REPORT
    step = taking.begin(
        heard.text, heard.understood, turn.unix_s, talk.language.code, *turn.stands()
    )
    return _said(turn, step)


def interview(turn: Turn) -> Answered:
    """The next sentence of a statement or report; what only asks to hear the question again, or
    in another language, is no part of it.
    """
    talk, heard = turn.talk, turn.heard
    assert talk.interview is not None, "the states of an interview have one"
    wanted = heard.understood.slots.get("language", "")
    if is_brief(heard.text) and heard.intent is Intent.LANGUAGE and wanted in turn.mind.languages:
        talk.language = turn.mind.languages[wanted]
        return _said(turn, talk.interview.resume())
    if is_brief(heard.text) and heard.intent is Intent.REPEAT:
        return _said(turn, talk.interview.resume())
    return _said(turn, talk.interview.hear(heard.text, heard.understood, turn.unix_s))


def human_meanwhile(turn: Turn) -> Answered:
    """A human comes, and what was begun goes on: no sentence of an account is lost."""
    acts = call(turn, "a visitor asks for a human, while telling something")
    told = interview(turn)
    text = f"{turn.talk.say('human_meanwhile')}\n{told.text}" if acts else told.text
    return Answered(text, told.state, told.choices, (*acts, *told.acts))


def ask_note(turn: Turn) -> Answered:
    """A complaint or something lost: asks for the words that are to be passed on."""
    talk, heard = turn.talk, turn.heard
    talk.note = "complaint" if heard.intent is Intent.COMPLAINT else "lost property"
    key = "note_complaint" if heard.intent is Intent.COMPLAINT else "note_lost_property"
    return Answered(talk.say(key), State.NOTE, (talk.choice("choice_stop"),))


def note(turn: Turn) -> Answered:
    """Passes the words on, as they are."""
    talk, heard = turn.talk, turn.heard
    act = talk.act(ActKind.NOTICE, heard, talk.note, heard.text, turn.where())
    return Answered(talk.say("note_passed_on"), acts=(act,))


def ask_receipt(turn: Turn) -> Answered:
    talk = turn.talk
    return Answered(talk.say("receipt_ask"), State.RECEIPT, (talk.choice("choice_stop"),))


def delete(turn: Turn) -> Answered:
    """Deletes the statement whose receipt number was said; once more asked for, if unknown."""
    talk, heard, statements = turn.talk, turn.heard, turn.mind.statements
    found = _RECEIPT.search(heard.text)
    receipt = canonical(found.group() if found else heard.text)
    try:
        deleted = (
            bool(receipt) and statements is not None and statements.delete(receipt, turn.unix_s)
        )
    except TooManyTriesError:
        return Answered(talk.say("receipt_wait"))
    except StatementStoreError:
        return Answered(talk.say("receipt_failed"), State.OFFERED_HUMAN, talk.yes_no())
    if deleted:
        act = talk.act(ActKind.DELETE, heard)
        return Answered(talk.say("receipt_deleted"), acts=(act,))
    choices = (talk.choice("choice_stop"), talk.choice("choice_human"))
    return Answered(talk.say("receipt_unknown"), State.RECEIPT, choices)


def _said(turn: Turn, step: Step) -> Answered:
    """What an interview says; with its result, when it is done."""
    talk = turn.talk
    text = "\n".join(talk.say(key, **values) for key, values in step.say)
    if not step.done:
        choices = tuple(talk.choice(key) for key in step.choices)
        return Answered(text, choices=choices)
    talk.interview = None
    if isinstance(step.result, Statement):
        return _store(turn, text, step.result)
    if isinstance(step.result, Report):
        report = step.result
        at_m = (report.x_m, report.y_m)
        act = talk.act(ActKind.REPORT, turn.heard, report.place_id, report.text, at_m)
        return Answered(text, acts=(act,))
    return Answered(text)


def _store(turn: Turn, text: str, statement: Statement) -> Answered:
    """Keep a statement; the receipt is given once it is durable."""
    talk, mind = turn.talk, turn.mind
    assert mind.statements is not None, "without a store no statement is begun"
    try:
        receipt = mind.statements.put(statement, turn.unix_s)
    except StatementStoreError:
        return Answered(talk.say("statement_failed"), State.OFFERED_HUMAN, talk.yes_no())
    stored = talk.say("statement_stored", receipt=receipt, days=mind.retention.statements_days)
    act = talk.act(ActKind.STATEMENT, turn.heard, at_m=turn.stands())
    return Answered("\n".join(part for part in (text, stored) if part), acts=(act,))
