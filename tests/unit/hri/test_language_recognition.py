"""Which language a sentence is in."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from patrol_hri.languages.catalogue import load_languages
from patrol_hri.languages.recognition import LanguageRecognizer

LANGUAGES = load_languages()
RECOGNIZER = LanguageRecognizer(LANGUAGES)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("my brother is waiting over there", "en"),
        ("mein Bruder wartet da drüben", "de"),
        ("mon frère attend là-bas", "fr"),
        ("mi hermano está esperando allí", "es"),
        ("mio fratello aspetta laggiù", "it"),
        ("mijn broer staat daar te wachten", "nl"),
        ("أخي ينتظر هناك", "ar"),
        ("兄があそこで待っています", "ja"),
        ("WO IST DER HAUPTEINGANG", "de"),
        ("Müller GmbH の受付はどこですか", "ja"),
    ],
)
def test_sentences(text: str, code: str) -> None:
    found, confidence = RECOGNIZER.recognize(text)
    assert found == code and confidence > 0.5


@pytest.mark.parametrize("text", ["", "   ", "12:30", "?!", "🙂🙂", "\u200f\u202e", "\ud800"])
def test_nothing_to_go_by(text: str) -> None:
    assert RECOGNIZER.recognize(text) == ("", 0.0)


def test_chances_of_one_script_sum_to_one() -> None:
    scores = RECOGNIZER.scores("la casa")
    assert set(scores) == {"en", "de", "fr", "es", "it", "nl"}
    assert sum(scores.values()) == pytest.approx(1.0)


def test_only_languages_that_are_there_are_told() -> None:
    few = LanguageRecognizer({code: LANGUAGES[code] for code in ("en", "ar")})
    assert few.recognize("wo ist das Büro") == ("en", 1.0)
    assert few.recognize("受付はどこですか") == ("", 0.0)


@settings(max_examples=60, deadline=None)
@given(st.text(st.characters(exclude_categories=()), max_size=80))
def test_no_text_breaks_it(text: str) -> None:
    code, confidence = RECOGNIZER.recognize(text)
    assert (code in LANGUAGES or code == "") and 0.0 <= confidence <= 1.0


def test_of_a_long_text_the_beginning_counts() -> None:
    assert RECOGNIZER.recognize("where is the office " + "où est le bureau " * 10_000)[0] == "fr"
    assert RECOGNIZER.recognize("where is the office " * 30 + "où " * 50_000)[0] == "en"
