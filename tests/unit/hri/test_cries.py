"""The second opinion on emergencies: learnt from letters, and the phrase that is most like."""

from __future__ import annotations

import numpy as np
import pytest

from patrol_hri.languages.cries import BITS, CryModel, groups, load_model
from patrol_hri.languages.likeness import Likeness, joined
from patrol_hri.languages.phrases import Pattern

MODEL = load_model()


def _pattern(*parts: str) -> Pattern:
    words = tuple(frozenset(part.split("|")) for part in parts)
    return Pattern("fire", "en", " ".join(parts), words, "", 5)


LIKENESS = Likeness([_pattern("there|theres", "fire"), _pattern("ambulance")], 3.0)


@pytest.mark.parametrize(
    ("cry", "other"),
    [
        ("somebody call an ambulanse", "somebody call my bank"),
        ("das Haus brent", "das Haus ist schön"),
        ("quelqu'un s'étoufe", "quelqu'un vous attend à l'accueil"),
        ("助けてくたさい", "教えてください"),
        ("النجده", "السلام"),
    ],
)
def test_a_cry_is_surer_than_another_sentence(cry: str, other: str) -> None:
    assert MODEL.surety(cry) > MODEL.surety(other) + 1.0


def test_groups_do_not_see_case_accents_and_held_letters() -> None:
    assert np.array_equal(groups("Héééélp me!"), groups("help me"))
    assert not np.array_equal(groups("help me"), groups("helpme"))
    assert groups("help me").max() < 2**BITS


def test_a_text_without_letters_is_as_sure_as_nothing() -> None:
    assert CryModel(np.ones(2**BITS), -2.0).surety("?!") == -2.0


@pytest.mark.parametrize(
    ("text", "phrase", "score"),
    [
        ("there is a fire", "there|theres fire", 9.0),
        ("thereisafire", "there|theres fire", 9.0),
        ("there is a fure", "there|theres fire", 6.0),
        ("there is a frie", "there|theres fire", 6.0),
        ("an ampulance", "ambulance", 7.5),
    ],
)
def test_the_likest_phrase_and_its_letters_less_the_slips(
    text: str, phrase: str, score: float
) -> None:
    found = LIKENESS.find(joined(text))
    assert found is not None
    assert (found.pattern.phrase, found.score) == (phrase, score)


def test_the_words_of_a_phrase_come_in_their_order() -> None:
    right, wrong = LIKENESS.find("therefire"), LIKENESS.find("firethere")
    assert right is not None and wrong is not None
    assert right.score == 9.0 > wrong.score


def test_nothing_is_like_nothing() -> None:
    assert LIKENESS.find("") is None
    assert Likeness([], 3.0).find("fire") is None
