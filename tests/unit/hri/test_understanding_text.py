"""One form of text for all: whatever is typed, short enough and without surprises."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from patrol_hri.understanding.text import MAX_CHARS, normalize, tokens


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("Where's the  OFFICE?!", ["where's", "the", "office"]),
        ("Straße\tnach links", ["strasse", "nach", "links"]),
        ("l’accueil", ["l'accueil"]),
        ("Ｈｅｌｌｏ ①", ["hello", "1"]),
        ("受付はどこですか", ["受付", "はどこですか"]),
        ("トイレは", ["トイレ", "は"]),
        ("أين المكتب؟", ["أين", "المكتب"]),
        ("of\u200bfice\ud800", ["office"]),
        ("_ ... 🙂", []),
    ],
)
def test_words_in_any_script(text: str, words: list[str]) -> None:
    assert tokens(text) == words


@settings(max_examples=50, deadline=None)
@given(st.text(st.characters(exclude_categories=()), max_size=80))
def test_any_text_has_one_form(text: str) -> None:
    once = normalize(text)
    assert normalize(once) == once
    once.encode()
    assert once == once.strip() and "\n" not in once


@pytest.mark.parametrize("letter", ["a", "\ufdfa", "\x00", "\ud800", "🙂", "\u0301", " "])
def test_long_texts_are_cut(letter: str) -> None:
    assert len(normalize(letter * 100_000)) <= MAX_CHARS
