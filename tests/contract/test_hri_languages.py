"""Every packaged language is complete, and all agree."""

from __future__ import annotations

import string
from itertools import pairwise

import pytest

from patrol_hri.emergency import EmergencyDetector
from patrol_hri.intents import Intent
from patrol_hri.languages.catalogue import EXAMPLES_AT_LEAST, Language, load_languages

LANGUAGES = load_languages()
DETECTOR = EmergencyDetector(LANGUAGES)
NO_EXAMPLES = {Intent.QUESTION, Intent.UNKNOWN, Intent.EMERGENCY}


def placeholders(text: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name is not None}


def test_the_languages_of_the_issue_are_there() -> None:
    assert set(LANGUAGES) == {"en", "de", "fr", "es", "it", "nl", "ar", "ja"}
    assert [code for code, one in LANGUAGES.items() if one.direction == "rtl"] == ["ar"]
    names = [one.name for one in LANGUAGES.values()]
    assert len(set(names)) == len(names)


@pytest.mark.parametrize("language", LANGUAGES.values(), ids=list(LANGUAGES))
def test_it_is_complete(language: Language) -> None:
    assert set(language.examples) == set(Intent) - NO_EXAMPLES
    assert min(map(len, language.examples.values())) >= EXAMPLES_AT_LEAST
    assert all(language.emergency.values()) and language.harmless and language.fillers
    assert set(language.names) == set(LANGUAGES)
    assert len(language.words) >= 25


@pytest.mark.parametrize("language", LANGUAGES.values(), ids=list(LANGUAGES))
def test_its_examples_name_the_languages_as_it_calls_them(language: Language) -> None:
    asked = " ".join(language.examples[Intent.LANGUAGE]).casefold()
    named = {
        code
        for code, names in language.names.items()
        if any(name.casefold() in asked for name in names)
    }
    assert len(named) >= 6


def test_texts_have_the_same_keys_and_placeholders() -> None:
    """In every language that has texts yet."""
    spoken = [one for one in LANGUAGES.values() if one.texts]
    for one, other in pairwise(spoken):
        assert set(one.texts) == set(other.texts), f"{one.code} and {other.code}"
        for key, text in one.texts.items():
            assert placeholders(text) == placeholders(other.texts[key]), f"{key} of {other.code}"


@pytest.mark.parametrize("language", LANGUAGES.values(), ids=list(LANGUAGES))
def test_it_counts(language: Language) -> None:
    assert set(language.counts) == {"metres", "minutes", "days"}
    for forms in language.counts.values():
        assert "{count}" in forms["other"]
        assert all(placeholders(form) <= {"count"} for form in forms.values())


@pytest.mark.parametrize("code", list(LANGUAGES))
def test_no_example_of_an_intent_is_an_emergency(code: str) -> None:
    texts = [text for examples in LANGUAGES[code].examples.values() for text in examples]
    assert [text for text in texts if DETECTOR.detect(text)] == []
