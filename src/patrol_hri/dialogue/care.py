"""Moves that look after people: emergencies, children, insults, and fetching a human."""

from __future__ import annotations

from patrol_hri.dialogue.authority import State
from patrol_hri.dialogue.talk import Answered, Choice, Turn
from patrol_hri.intents import Intent, Understood
from patrol_hri.turn import Act, ActKind

FAILURES = 2
INSULTS = 2
KINDS = ("fire", "medical", "violence", "danger")


def emergency(turn: Turn) -> Answered:
    """Says what it does and alerts at once. What was going on goes on where it was."""
    talk, heard = turn.talk, turn.heard
    kind = heard.kind if heard.kind in KINDS else "danger"
    if talk.wanted_s is None and talk.state is not State.OPERATOR:
        talk.wanted_s = heard.now_s
    act = talk.act(ActKind.ALERT, heard, kind, heard.text, turn.where())
    said = [talk.say(f"emergency_{kind}")]
    if turn.mind.visitors is not None and turn.mind.visitors.emergency_number:
        said.append(talk.say("emergency_number", number=turn.mind.visitors.emergency_number))
    return Answered(" ".join(said), talk.state, talk.offered, (act,))


def human(turn: Turn) -> Answered:
    """Fetches a human, once: who asks again hears that somebody is on the way."""
    acts = call(turn, "a visitor asks for a human")
    return Answered(turn.talk.say("human_called" if acts else "human_coming"), acts=acts)


def child(turn: Turn) -> Answered:
    """A child is lost, or is here alone: a human comes at once, and nothing of the child is said
    aloud or asked.
    """
    acts = call(turn, "a lost child")
    return Answered(turn.talk.say("lost_child"), acts=acts)


def calm(turn: Turn) -> Answered:
    """An insult: once calm, then the end of the conversation and a word to the operator."""
    talk, heard = turn.talk, turn.heard
    talk.insults += 1
    if talk.insults < INSULTS:
        choices = (talk.choice("choice_human"),)
        return Answered(talk.say("insult_first"), choices=choices)
    acts = [talk.act(ActKind.NOTICE, heard, "insult", heard.text, turn.where())]
    if talk.guided_s is not None:
        acts.append(talk.act(ActKind.STOP_GUIDE, heard))
    return Answered(talk.say("insult_ends"), acts=tuple(acts), ends=True)


def answer(turn: Turn) -> Answered:
    """A question about the site, answered with its source. Else, the first time, questions that
    may be meant are offered, or it is said to be unknown.
    """
    mind, talk, heard = turn.mind, turn.talk, turn.heard
    if mind.knowledge is not None:
        told = mind.knowledge.answer(
            heard.text, heard.understood, talk.language.code, mind.local_time(heard.now_s)
        )
        if told is not None:
            place_id = heard.understood.place_id
            if turn.place(place_id) is None:
                return Answered(told.text, source=told.source, language=told.language)
            talk.place_id = place_id
            way = Understood(Intent.WAY, 1.0, talk.language.code, place_id)
            there = (Choice(talk.say("choice_way"), way),)
            return Answered(told.text, None, there, (), told.source, language=told.language)
        if not talk.failures and talk.wanted_s is None:
            near = mind.knowledge.near(heard.text, heard.understood, talk.language.code)
            if near:
                meant = (*(Choice(*one) for one in near), talk.choice("choice_human"))
                return Answered(talk.say("did_you_mean"), choices=meant, failed=True)
    return not_known(turn)


def not_known(turn: Turn) -> Answered:
    """The first time it offers to get somebody; the second time in a row it does."""
    talk = turn.talk
    if talk.wanted_s is not None:
        return Answered(talk.say("unknown_coming"), failed=True)
    if talk.failures + 1 >= FAILURES:
        acts = call(turn, "a visitor was not understood twice")
        return Answered(talk.say("unknown_called"), acts=acts, failed=True)
    return Answered(talk.say("unknown"), State.OFFERED_HUMAN, talk.yes_no(), failed=True)


def call(turn: Turn, why: str) -> tuple[Act, ...]:
    """The call for a human; empty while one is wanted already."""
    talk, heard = turn.talk, turn.heard
    if talk.wanted_s is not None:
        return ()
    talk.wanted_s = heard.now_s
    return (talk.act(ActKind.CALL_HUMAN, heard, text=why, at_m=turn.where()),)
