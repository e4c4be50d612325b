"""The table of authority, over every combination there is."""

from __future__ import annotations

import itertools

import pytest

from patrol_hri.dialogue.authority import Move, Role, State, decide
from patrol_hri.intents import Intent
from patrol_hri.turn import ActKind

TELLING = {State.REPORT, State.STATEMENT}
ALL = list(itertools.product(State, Intent))


def test_what_an_operator_says_is_never_taken_for_an_intent() -> None:
    for state, intent in ALL:
        rule = decide(Role.OPERATOR, state, intent)
        assert rule.move is Move.RELAY and not rule.acts, (state, intent)


def expected_acts(state: State, intent: Intent) -> set[ActKind]:
    """What a visitor may set off: written down a second time, by act instead of by move."""
    if state is State.ENDED:
        return set()
    if intent is Intent.EMERGENCY:
        return {ActKind.ALERT}
    if state is State.OPERATOR:
        return set()
    asks = {Intent.HUMAN, Intent.LOST_CHILD}
    if state in TELLING:
        called = {ActKind.CALL_HUMAN} if intent in asks else set()
        return {ActKind.REPORT, ActKind.STATEMENT} | called
    if state is State.NOTE:
        quiet = {Intent.STOP, Intent.NO, Intent.GOODBYE, Intent.REPEAT}
        if intent in asks:
            return {ActKind.CALL_HUMAN}
        return set() if intent in quiet else {ActKind.NOTICE}
    return expected_where_all_is_open(state, intent, asks)


def expected_where_all_is_open(state: State, intent: Intent, asks: set[Intent]) -> set[ActKind]:
    acts = set()
    if state is State.OFFERED_GUIDE and intent in {Intent.YES, Intent.GUIDE}:
        acts.add(ActKind.GUIDE)
    if state is State.GUIDING and intent in {Intent.STOP, Intent.GOODBYE, Intent.INSULT}:
        acts.add(ActKind.STOP_GUIDE)
    if state is State.RECEIPT and intent in {
        Intent.UNKNOWN, Intent.QUESTION, Intent.DELETE_MY_DATA, Intent.YES,
    }:  # fmt: skip
        return {ActKind.DELETE}
    if intent is Intent.INSULT:
        acts.add(ActKind.NOTICE)
    not_understood = {Intent.QUESTION, Intent.UNKNOWN, Intent.WAY}
    if state is State.WHICH_PLACE:
        not_understood |= {Intent.GUIDE, Intent.YES}
    if intent in asks | not_understood or (state is State.OFFERED_HUMAN and intent is Intent.YES):
        acts.add(ActKind.CALL_HUMAN)
    return acts


def test_a_visitor_sets_off_what_is_granted_and_nothing_else() -> None:
    for state, intent in ALL:
        acts = decide(Role.VISITOR, state, intent).acts
        assert set(acts) == expected_acts(state, intent), (state, intent)


def test_an_emergency_comes_first_in_every_state() -> None:
    for state in set(State) - {State.ENDED}:
        assert decide(Role.VISITOR, state, Intent.EMERGENCY).move is Move.EMERGENCY, state


@pytest.mark.parametrize("intent", [Intent.COMMAND, Intent.SECRET])
def test_what_strangers_may_not_want_sets_off_nothing(intent: Intent) -> None:
    refusals = {Move.REFUSE, Move.KEEP_SECRET, Move.RELAY, Move.NOTHING}
    for state in set(State) - TELLING - {State.NOTE}:
        rule = decide(Role.VISITOR, state, intent)
        assert rule.move in refusals and not rule.acts, state


def test_no_act_drives_opens_or_watches() -> None:
    """A guided walk is all the motion there is, and a visitor has to agree to it first."""
    assert {kind.value for kind in ActKind} == {
        "alert", "call_human", "guide", "stop_guide", "report", "statement", "delete", "notice",
    }  # fmt: skip
