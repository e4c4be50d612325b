"""Reading languages, and saying something in one."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from patrol_core.errors import ConfigError
from patrol_hri.errors import UnknownTextError
from patrol_hri.languages.catalogue import FOLDER, Language, load_languages


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """One language to spoil."""
    shutil.copytree(FOLDER / "en", tmp_path / "en")
    return tmp_path


def spoil(file: Path, old: str, new: str) -> int:
    """Replace a text once; the line where it stood."""
    text = file.read_text(encoding="utf-8")
    assert old in text
    file.write_text(text.replace(old, new, 1), encoding="utf-8")
    return text[: text.index(old)].count("\n") + 1


def test_one_language_alone_can_be_read(folder: Path) -> None:
    assert list(load_languages(folder)) == ["en"]


@pytest.mark.parametrize(
    ("name", "old", "new", "problem"),
    [
        ("language.yaml", "direction: ltr", "direction: up", "is 'up'"),
        ("counts.yaml", "other:", "3+:", "has '3+'"),
        ("counts.yaml", "other:", "others:", "has 'others'"),
        ("language.yaml", "script: latin", "skript: latin", "unknown key 'skript'"),
        ("language.yaml", '["^kn n",', '["^(kn n",', "'^(kn': missing )"),
        ("intents.yaml", "greeting:", "greting:", "unknown key 'greting'"),
        ("intents.yaml", "- thank you\n", "- hello\n", "twice"),
        ("emergency.yaml", "violence:", "violent:", "unknown key 'violent'"),
        ("emergency.yaml", "fillers:\n  - ", "fillers: ", "not a list"),
    ],
)
def test_mistakes_are_told_with_file_and_line(
    folder: Path, name: str, old: str, new: str, problem: str
) -> None:
    line = spoil(folder / "en" / name, old, new)
    with pytest.raises(ConfigError) as caught:
        load_languages(folder)
    place = caught.value.place
    assert problem in caught.value.problem
    assert place is not None and place.file.name == name and place.line == line
    assert caught.value.expected and caught.value.remedy


def test_a_missing_intent_and_too_few_examples_are_mistakes(folder: Path) -> None:
    file = folder / "en" / "intents.yaml"
    text = file.read_text(encoding="utf-8")
    rest = text.index("help:\n")
    file.write_text("greeting:\n  - hello\n" + text[rest:], encoding="utf-8")
    with pytest.raises(ConfigError, match="has 1"):
        load_languages(folder)
    file.write_text(text[rest:], encoding="utf-8")
    with pytest.raises(ConfigError, match="'greeting' is missing"):
        load_languages(folder)


def test_a_folder_without_languages_is_a_mistake(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="no language"):
        load_languages(tmp_path)


def test_texts_are_read_where_they_are_there(folder: Path) -> None:
    (folder / "en" / "texts.yaml").write_text("hello: Good day, {who}.\n", encoding="utf-8")
    assert load_languages(folder)["en"].say("hello", who="friend") == "Good day, friend."


def test_an_unknown_text_or_a_missing_value_is_told() -> None:
    language = Language("en", "English", "ltr", {}, {}, {"way": "It is {length_m} m away."})
    assert language.say("way", length_m=12) == "It is 12 m away."
    with pytest.raises(UnknownTextError, match="no text 'gone'"):
        language.say("gone")
    with pytest.raises(UnknownTextError, match="length_m"):
        language.say("way", metres=12)


def test_what_is_counted_is_said_as_the_language_does() -> None:
    texts = {"way": "{metres}", "kept": "{photo_days}"}
    counts = {"metres": {"1": "one", "2": "two", "3-10": "{count} few", "other": "{count} many"}}
    language = Language("xx", "X", "ltr", {}, {}, texts, counts=counts)
    said = [language.say("way", metres=count) for count in (1, 2, 3, 10, 11, 102, 103, 111)]
    assert said == [
        "one", "two", "3 few", "10 few", "11 many", "102 many", "103 few", "111 many"
    ]  # fmt: skip
    assert language.say("kept", photo_days=30) == "30"


def test_days_under_any_name_are_counted(folder: Path) -> None:
    language = load_languages(folder)["en"]
    told = language.say("recorded", photo_days=1, incident_days=30, statement_days=7)
    assert "kept for 1 day," in told and "for 30 days." in told and "for 7 days," in told
