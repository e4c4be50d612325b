"""Words in spite of misspelling, and words that are right as they are."""

from __future__ import annotations

import numpy as np
import pytest
from _make_everyday import frequent_words, numbers_of

from patrol_hri.emergency import EmergencyDetector
from patrol_hri.languages.catalogue import load_languages
from patrol_hri.languages.everyday import WORDS, EverydayWords
from patrol_hri.languages.folding import fold, forms
from patrol_hri.languages.sounds import SoundIndex
from patrol_hri.languages.spelling import Speller

LANGUAGES = load_languages()
DETECTOR = EmergencyDetector(LANGUAGES)
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


@pytest.mark.parametrize(
    ("code", "word", "heard"),
    [
        ("fr", "brûler", "brulé"), ("fr", "saute", "sote"), ("nl", "lucht", "lugt"),
        ("nl", "bloed", "bloet"), ("de", "feuer", "foier"), ("en", "knife", "nife"),
        ("es", "cuchillo", "kuchilo"), ("it", "acqua", "accua"), ("ar", "صعقته", "سعكته"),
    ],
)  # fmt: skip
def test_what_sounds_alike_is_found(code: str, word: str, heard: str) -> None:
    sounds = SoundIndex(LANGUAGES[code].sounds, [(fold(word), word), (fold("xylofon"), "other")])
    assert sounds.find(fold(heard)) == {word}
    assert not sounds.find("xyz") and not sounds.find("a")


def test_kanji_may_be_written_as_they_are_said() -> None:
    assert DETECTOR.detect("地下でひ災です") is not None
    assert DETECTOR.detect("上着にひついた") is not None
    assert DETECTOR.detect("ほかの人に聞いたほうがよさそうです") is None, "さそう is no 刺そう"


def test_a_language_without_sounds_has_none_alike() -> None:
    assert not SoundIndex((), [("fire", "fire")]).find("fire")
