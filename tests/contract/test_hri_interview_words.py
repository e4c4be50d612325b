"""The words of interviews are there in every language, tell no lies, and a bad file is told."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from tests.unit.hri.interviewing import FOLDER, TEXTS, WORDS

from patrol_core.errors import ConfigError
from patrol_hri.statements.words import Cue, Words, load_cues
from patrol_hri.understanding.text import normalize

LANGUAGES = ["ar", "de", "en", "es", "fr", "it", "ja", "nl"]
CUES = load_cues(FOLDER)
TOLD = {
    "en": ("Yesterday there was a van next to the gate, the driver wore a hat.", Cue.WHO),
    "de": ("Gestern stand ein Wagen neben dem Tor, der Fahrer trug einen Hut.", Cue.WHO),
    "fr": ("Hier, un camion était près du portail, le chauffeur portait un chapeau.", Cue.WHO),
    "es": ("Ayer había un camión cerca de la puerta, el conductor llevaba gorra.", Cue.WHO),
    "it": ("Ieri un furgone era vicino al cancello, l'autista indossava un cappello.", Cue.WHO),
    "nl": ("Gisteren stond er een wagen naast de poort, de bestuurder droeg een pet.", Cue.WHO),
    "ar": ("أمس كانت شاحنة بجانب البوابة والسائق يرتدي قبعة", Cue.WHO),
    "ja": ("昨日、門の前にトラックがありました。運転手は帽子をかぶっていました。", Cue.WHO),
}


def test_all_languages_have_them() -> None:
    assert sorted(CUES) == LANGUAGES
    for lists in CUES.values():
        assert all(lists[cue] for cue in Cue)


@pytest.mark.parametrize("language", LANGUAGES)
def test_whole_sentences_mean_one_thing(language: str) -> None:
    for cue in (Cue.ENOUGH, Cue.UNKNOWN, Cue.STOP):
        for sentence in CUES[language][cue]:
            said = [
                other for other in (Cue.ENOUGH, Cue.UNKNOWN, Cue.STOP)
                if WORDS.says(f"{sentence.upper()}!", other)
            ]  # fmt: skip
            assert said == [cue], f"'{sentence}' says {said}"
            assert normalize(sentence) == sentence


@pytest.mark.parametrize("language", LANGUAGES)
def test_an_account_shows_what_it_tells(language: str) -> None:
    text, cue = TOLD[language]
    for told in (Cue.WHEN, Cue.WHERE, cue):
        assert WORDS.mentions(text, told, (language,))
    assert not WORDS.mentions(text, Cue.WITNESSES, (language,))


@pytest.mark.parametrize("language", LANGUAGES)
def test_an_opening_says_nothing_yet(language: str) -> None:
    for opening in CUES[language][Cue.OPENING]:
        assert WORDS.without_opening(opening) == ""


@pytest.mark.parametrize("code", sorted(TEXTS))
def test_choices_come_back_as_they_were_offered(code: str) -> None:
    own = ("choice_statement_", "choice_report_")
    for part in own:
        keys = [key for key in TEXTS[code] if key.startswith(part)]
        for key in keys:
            assert WORDS.chosen(TEXTS[code][key].upper(), keys) == key


def test_without_words_everything_is_asked() -> None:
    words = Words({}, {})
    assert not words.mentions("next to the gate", Cue.WHERE, ("en",))
    assert not words.says("that is all", Cue.ENOUGH)
    assert words.without_opening("Report!") == "report!"
    assert words.numbered("2: x") == (2, "x") and words.numbered("x") == (0, "")


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("unknown:", "unknwon:", "did you mean 'unknown'"),
        ("number: [", "number: 3 #", "is not a list"),
        ("number: [", "number: ['', ", "is not a text"),
    ],
)
def test_a_bad_file_is_told_with_its_line(tmp_path: Path, old: str, new: str, told: str) -> None:
    (tmp_path / "en").mkdir()
    path = tmp_path / "en" / "interview.yaml"
    shutil.copy(FOLDER / "en" / "interview.yaml", path)
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")
    with pytest.raises(ConfigError, match=rf"interview\.yaml:\d+: .*{told}"):
        load_cues(tmp_path)
