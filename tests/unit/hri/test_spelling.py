"""Words in spite of misspelling, and words that are right as they are."""

from __future__ import annotations

import numpy as np
import pytest
from _make_everyday import frequent_words, numbers_of

from patrol_hri.languages.everyday import WORDS, EverydayWords
from patrol_hri.languages.folding import fold, forms
from patrol_hri.languages.spelling import Speller

EVERYDAY = EverydayWords()


def speller(everyday: str, *ordinary: str) -> Speller:
    """Of three words; `everyday`: one that is such in English."""
    return Speller(
        {"blood": 1, "fire": 1, "burning": 1}, {"en": {"fire", *ordinary}},
        lambda word, code: (word, code) == (everyday, "en"),
    )  # fmt: skip


def test_a_slip_is_forgiven() -> None:
    assert speller("").find("blod", ("en",)) == {"blood"}
    assert speller("").find("buring", ("en",)) == {"burning"}
    assert not speller("", "blod").find("blod", ("en",)), "a word of its own"


def test_an_everyday_word_is_no_misspelt_one_where_its_language_is_likely() -> None:
    assert not speller("bloom").find("bloom", ("en",))
    assert speller("bloom").find("bloom", ("de",)) == {"blood"}
    assert speller("bloom").find("bloom", ("en",), loose=True) == {"blood"}


def test_no_spaces_are_looked_for_in_an_everyday_word() -> None:
    assert speller("", "place").split("fireplace", ("en",)) == (("fire", "place"), True)
    assert speller("fireplace", "place").split("fireplace", ("en",)) == (("fireplace",), False)


@pytest.mark.parametrize(
    ("code", "words"),
    [
        ("en", "knowledge rubles i've"), ("de", "blumen abgeschlossen"), ("fr", "fleurs lâche"),
        ("es", "llegado"), ("it", "battuto"), ("nl", "bloemen"), ("ar", "رائحة"),
    ],
)  # fmt: skip
def test_everyday_words_are_known(code: str, words: str) -> None:
    for folded in (fold(word) for word in words.split()):
        assert all(EVERYDAY.has(form, code) for form in forms(folded)), folded
    assert not EVERYDAY.has("fier", "en") and not EVERYDAY.has("blumen", "ja")


def test_the_file_is_what_the_package_and_the_folding_make_of_it() -> None:
    some = numbers_of(frequent_words("es"))
    with np.load(WORDS) as stored:
        assert np.array_equal(np.cumsum(stored["es"], dtype=np.uint32), some)
