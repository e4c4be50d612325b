"""Consent first, an account without questions, only open questions, reading back, a statement."""

from __future__ import annotations

from dataclasses import dataclass

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.unit.hri.interviewing import ENGLISH, WORDS, understood

from patrol_hri.intents import Intent, Understood
from patrol_hri.languages.catalogue import load_languages
from patrol_hri.statements.interview import StatementInterview, Step
from patrol_hri.statements.params import InterviewParams
from patrol_hri.statements.statement import Piece, Statement, Topic

NOW_S = 1.8e9
SAYING = load_languages()["en"]
FULL = (
    "Yesterday at 15:30 a van hit the fence next to the gate. The driver wore a red cap. "
    "My colleague was with me and saw it too."
)
SHORT = "A van hit the fence and went off."


def interview(params: InterviewParams | None = None) -> StatementInterview:
    taking = StatementInterview(WORDS, params or InterviewParams())
    taking.begin("en", 30, 1.0, 2.0)
    return taking


def hear(taking: StatementInterview, *texts: str, place_id: str = "") -> Step:
    for text in texts:
        step = taking.hear(text, understood(text, place_id=place_id), NOW_S)
    return step


def keys(step: Step) -> list[str]:
    return [key for key, _ in step.say]


def spoken(step: Step) -> str:
    return " ".join(SAYING.say(key, **values) for key, values in step.say)


def test_consent_comes_first_with_what_is_kept_how_long_for_whom_and_how_it_is_deleted() -> None:
    step = StatementInterview(WORDS, InterviewParams()).begin("en", 14)
    told = spoken(step)
    for words in ("own words", "14 days", "security team", "deleted", "receipt number", "stop"):
        assert words in told
    assert told.endswith("Do you agree that I store your statement?")
    assert step.choices == ("choice_statement_yes", "choice_statement_no")


@pytest.mark.parametrize("refusal", ["no", "No, I do not agree", "stop", "Stop, keep nothing"])
def test_without_consent_nothing_is_taken(refusal: str) -> None:
    step = hear(interview(), refusal)
    assert keys(step) == ["statement_nothing_kept"] and step.done and step.result is None


def test_only_a_clear_yes_is_consent() -> None:
    taking = interview()
    assert keys(hear(taking, "yes but who reads it")) == ["statement_consent_clear"]
    assert hear(taking, "well, a man was here").done
    taking = interview()
    hear(taking, "hm")
    assert keys(hear(taking, "yes")) == ["statement_account"]


def test_a_whole_statement() -> None:
    taking = interview()
    said = [
        ("yes", ["statement_account"]),
        (SHORT, ["statement_listening"]),
        ("It was a white van.", ["statement_listening"]),
        ("that is all", ["statement_questions", "statement_ask_where"]),
        ("At the fence", ["statement_ask_when"]),
        ("I don't know", ["statement_ask_who"]),
        ("The driver. I saw no face.", ["statement_ask_witnesses"]),
        ("nobody else", None),
    ]
    for text, expected in said:
        step = hear(taking, text)
        if expected is not None:
            assert keys(step) == expected
    assert spoken(step) == (
        "This is what I have written down: "
        "1. A van hit the fence and went off. 2. It was a white van. 3. Where: At the fence "
        "4. When: I don't know 5. Who was involved: The driver. I saw no face. "
        "6. Who else saw or heard it: nobody else " + ENGLISH["statement_right"]
    )
    step = hear(taking, "yes")
    assert step.done and keys(step) == ["statement_confirmed"]
    assert step.result == Statement(
        NOW_S, "en", 1.0, 2.0,
        (Piece(Topic.ACCOUNT, SHORT), Piece(Topic.ACCOUNT, "It was a white van."),
         Piece(Topic.WHERE, "At the fence"), Piece(Topic.WHEN, "I don't know"),
         Piece(Topic.WHO, "The driver. I saw no face."), Piece(Topic.WITNESSES, "nobody else")),
    )  # fmt: skip


def test_what_the_account_tells_is_not_asked() -> None:
    step = hear(interview(), "yes", FULL, "that's all")
    assert keys(step)[0] == "statement_read_back" and keys(step)[-1] == "statement_right"


def test_a_place_of_the_site_in_the_account_is_where() -> None:
    taking = interview()
    hear(taking, "yes")
    hear(taking, SHORT, place_id="office")
    assert keys(hear(taking, "that is all"))[-1] == "statement_ask_when"


def test_an_account_of_nothing_is_asked_what_happened() -> None:
    assert keys(hear(interview(), "yes", "That is all"))[-1] == "statement_ask_what"


def test_an_answer_that_tells_more_saves_a_question() -> None:
    step = hear(interview(), "yes", SHORT, "that is all", "by the gate, yesterday")
    assert keys(step) == ["statement_ask_who"]


def test_no_question_leads_or_asks_for_traits() -> None:
    asked = [text for key, text in ENGLISH.items() if key.startswith("statement_ask_")]
    assert len(asked) == 5
    for text in asked:
        words = set(text.casefold().replace("?", "").replace(",", "").split())
        assert words & {"what", "where", "when", "who"}, f"'{text}' can be answered by yes or no"
        assert not words & {"man", "woman", "old", "young", "skin", "hair", "foreign", "weapon",
                            "knife", "colour", "tall", "he", "she", "did", "was it"}  # fmt: skip


@dataclass(frozen=True)
class Correction:
    said: tuple[str, ...]
    pieces: tuple[str, ...]


@pytest.mark.parametrize(
    "case",
    [
        Correction(("2: It was quiet.",), (FULL, "It was quiet.")),
        Correction(("number 2 quiet",), (FULL, "quiet")),
        Correction(("Nummer 2 war leise",), (FULL, "war leise")),
        Correction(("no", "2", "It was quiet."), (FULL, "It was quiet.")),
        Correction(("2", "Leave it out"), (FULL,)),
        Correction(("2 men ran after it",), (FULL, "It was loud.", "2 men ran after it")),
        Correction(("2.30 it was",), (FULL, "It was loud.", "2.30 it was")),
        Correction(("Change something", "I ran."), (FULL, "It was loud.", "I ran.")),
        Correction(("9: nothing", "2: today"), (FULL, "today")),
        Correction(("yes but not the name", ), (FULL, "It was loud.", "yes but not the name")),
    ],
)  # fmt: skip
def test_corrections(case: Correction) -> None:
    taking = interview()
    hear(taking, "yes", FULL, "It was loud.", "that is all")
    step = hear(taking, *case.said)
    assert not step.done and keys(step)[-1] == "statement_right"
    step = hear(taking, "That is right")
    assert isinstance(step.result, Statement)
    assert tuple(piece.text for piece in step.result.pieces) == case.pieces


def test_it_can_be_stopped_at_any_time_and_then_nothing_is_kept() -> None:
    whole = ("yes", FULL, "that is all", "1")
    for count in range(1, len(whole) + 1):
        taking = interview()
        hear(taking, *whole[:count])
        step = hear(taking, "Stop, keep nothing")
        assert step.done and step.result is None and keys(step) == ["statement_nothing_kept"]
        assert taking._pieces == []
        assert hear(taking, "yes") == Step((), done=True)


def test_what_may_only_sound_like_a_stop_is_asked_about() -> None:
    taking = interview()
    hear(taking, "yes", SHORT)
    step = hear(taking, "bus stop")
    assert keys(step) == ["statement_stop_question"] and not step.done
    assert keys(hear(taking, "no"))[0] == "statement_resume"
    hear(taking, "bye")
    assert keys(hear(taking, "and then it went away")) == ["statement_listening"]
    hear(taking, "hold on stop")
    assert hear(taking, "yes").done


def test_an_interruption_changes_nothing() -> None:
    taking = interview()
    hear(taking, "yes", SHORT, "that is all")
    step = taking.resume()
    assert keys(step) == ["statement_resume", "statement_ask_where"]
    assert keys(hear(taking, "by the gate")) == ["statement_ask_when"]


def test_an_account_is_bounded_and_that_is_said() -> None:
    params = InterviewParams(max_message_chars=100, max_account_chars=1000, max_messages=40)
    taking = interview(params)
    hear(taking, "yes")
    step = hear(taking, "x" * 150)
    assert keys(step) == ["statement_cut", "statement_listening"]
    for _ in range(8):
        step = hear(taking, "y" * 100)
    step = hear(taking, "z" * 100)
    assert keys(step)[0] == "statement_full" and keys(step)[-1] == "statement_ask_where"
    taking = interview(InterviewParams(max_messages=5))
    assert keys(hear(taking, "yes", *"abcde"))[0] == "statement_full"


def test_corrections_come_to_an_end() -> None:
    taking = interview(InterviewParams(max_corrections=2))
    hear(taking, "yes", FULL, "that is all", "and a dog", "and a cat")
    step = hear(taking, "and a mouse")
    assert keys(step) == ["statement_only_confirm"]
    step = hear(taking, "yes")
    assert isinstance(step.result, Statement) and len(step.result.pieces) == 3


texts = st.one_of(
    st.text(max_size=60),
    st.sampled_from(["yes", "no", "that is all", "1", "2: x", "99", "stop?", "bye", "\ud800", "\0",
                     "{text}", "Leave it out", "That is right", "x" * 3000, "\u202eabc"]),
)  # fmt: skip


@settings(max_examples=60, deadline=None)
@given(said=st.lists(st.tuples(texts, st.sampled_from(Intent)), max_size=30))
def test_any_text_is_borne(said: list[tuple[str, Intent]]) -> None:
    params = InterviewParams(max_message_chars=100, max_account_chars=1000, max_messages=5)
    taking = interview(params)
    for text, intent in said:
        step = taking.hear(text, Understood(intent, 0.5, "en"), NOW_S)
        assert spoken(step) or step.done
        assert set(step.choices) <= set(ENGLISH)
        assert sum(len(piece.text) for piece in taking._pieces) <= 1000 + 100 * (5 + 10)
        if isinstance(step.result, Statement):
            assert Statement.from_json(step.result.to_json()) == step.result
