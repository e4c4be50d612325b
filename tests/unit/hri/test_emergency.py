"""What is an emergency and what is none, in eight languages."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from patrol_hri.emergency import EmergencyDetector
from patrol_hri.languages.catalogue import EMERGENCY_KINDS, load_languages

CASES: dict[str, Any] = yaml.safe_load(
    (Path(__file__).parent / "emergencies.yaml").read_text(encoding="utf-8")
)
LANGUAGES = load_languages()
DETECTOR = EmergencyDetector(LANGUAGES)
ODD = st.text(st.characters(exclude_categories=()), max_size=80)
"""Any text: controls, lone surrogates, marks of direction, emoji."""


@pytest.mark.parametrize("code", list(CASES["emergencies"]))
def test_emergencies_are_told(code: str) -> None:
    for text in CASES["emergencies"][code]:
        found = DETECTOR.detect(text)
        assert found is not None, text
        assert (
            found.kind in EMERGENCY_KINDS
            and found.phrase in LANGUAGES[found.language].emergency[found.kind]
        )


def test_what_only_sounds_like_one_is_none() -> None:
    assert [text for text in CASES["harmless"] if DETECTOR.detect(text)] == []


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("THERE IS A FIRE!!!", "fire"),
        ("ther is a fier", "fire"),
        ("theres afire", "fire"),
        ("heeeeelp", "danger"),
        ("please call an amublance", "medical"),
        ("callanambulance", "medical"),
        ("el a un cuchilo, tiene un cuchilo", "violence"),
        ("ES BRENNT", "fire"),
        ("au secour", "danger"),
        ("النجدهههه", "danger"),
        ("タスケテ", "danger"),
        ("助けてーーー！！！", "danger"),
    ],
)
def test_misspelt_and_shouted(text: str, kind: str) -> None:
    found = DETECTOR.detect(text)
    assert found is not None and found.kind == kind


def test_a_negation_holds_for_its_own_sentence() -> None:
    assert DETECTOR.detect("there is no fire") is None
    assert DETECTOR.detect("no! there is a fire") is not None
    assert DETECTOR.detect("the fire exit is closed and there is a fire here") is not None


def test_the_beginning_of_a_long_text_counts() -> None:
    assert DETECTOR.detect("there is a fire " + "la " * 30_000) is not None
    assert DETECTOR.detect("x" * 100_000) is None


@settings(max_examples=60, deadline=None)
@given(ODD)
def test_no_text_breaks_it(text: str) -> None:
    found = DETECTOR.detect(text)
    assert found == DETECTOR.detect(text)


@settings(max_examples=30, deadline=None)
@given(ODD)
def test_a_cry_is_told_whatever_comes_after_it(text: str) -> None:
    assert DETECTOR.detect("there is a fire! call an ambulance! " + "!" + text) is not None
