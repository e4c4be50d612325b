"""`visitors.yaml`: what it says is read whole, and what is wrong is told with line and remedy."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from patrol_core.errors import ConfigError
from patrol_core.site.model import Hours
from patrol_core.site.visitors import Visitors
from patrol_core.site.visitors_file import MAX_CHARACTERS, read_visitors, untranslated
from patrol_core.site.yaml_tree import Problems, read_yaml

GOOD = """\
language: de
opening_hours: [mon-fri 08:00-12:00]
quiet_hours: [daily 22:00-06:00]
places:
  - id: hall
    name: Halle
    at: [1, 2.5]
    about: {de: "Hinter  dem Tor.", en: Behind the gate.}
    aliases: [Lager, Schuppen]
    step_free: true
contacts:
  - {id: desk, name: {de: Pforte}, for: Gäste, where: am Tor}
rules:
  - id: dogs
    examples: {de: [Darf der Hund mit?], en: [May I bring a dog?]}
    answer: Hunde bleiben draußen.
questions:
  - id: wifi
    examples: [Gibt es WLAN?]
    answer: Nein.
"""
QUESTION = "questions:\n  - {id: wifi, examples: [WLAN?], answer: Ja.}"
PLACE = "  - {id: shed, name: Stall, at: [0, 0], about: Dort., aliases: [lager]}\ncontacts:"


def read(folder: Path, text: str | bytes) -> tuple[Visitors | None, list[ConfigError]]:
    problems = Problems()
    file = folder / "visitors.yaml"
    file.write_bytes(text if isinstance(text, bytes) else text.encode())
    root = read_yaml(file, "the visitors' file", problems)
    return None if root is None else read_visitors(root), problems.found


def test_all_of_it_is_read(tmp_path: Path) -> None:
    visitors, problems = read(tmp_path, GOOD)
    assert problems == [] and visitors is not None
    assert visitors.language == "de"
    assert visitors.opening_hours == (Hours((0, 1, 2, 3, 4), 28800, 43200),)
    assert visitors.quiet_hours[0].contain(0, 0)
    (hall,) = visitors.places
    assert hall.names == {"de": "Halle"} and hall.at_m == (1.0, 2.5) and hall.step_free
    assert hall.about == {"de": "Hinter dem Tor.", "en": "Behind the gate."}
    assert hall.aliases == {"de": ("Lager", "Schuppen")}
    assert (hall.line, visitors.hours_line, visitors.contacts[0].line) == (5, 2, 12)
    assert visitors.contacts[0].serves == {"de": "Gäste"}
    assert visitors.rules[0].examples["en"] == ("May I bring a dog?",)
    assert visitors.questions[0].answers == {"de": "Nein."}


def test_what_is_not_said_is_not_promised(tmp_path: Path) -> None:
    visitors, problems = read(tmp_path, "opening_hours: []\nplaces: []\ncontacts: []\n")
    assert problems == [] and visitors is not None
    assert visitors.language == "en" and visitors.rules == () and visitors.quiet_hours == ()
    bare, _ = read(tmp_path, GOOD.replace("    step_free: true\n", ""))
    assert bare is not None and not bare.places[0].step_free


@pytest.mark.parametrize("number", ["112", "+49 30 1234-56", "*21#", "0 112"])
def test_the_number_to_dial_in_an_emergency_is_read_as_it_is(number: str, tmp_path: Path) -> None:
    visitors, problems = read(tmp_path, f'emergency_number: "{number}"\n{GOOD}')
    assert problems == [] and visitors is not None and visitors.emergency_number == number


@pytest.mark.parametrize(
    ("old", "new", "at", "remedy"),
    [
        ("language: de", "language: german", "language", "e.g. en"),
        ("name: Halle", "nome: Halle", "nome", "did you mean 'name'"),
        ("id: hall", "id: Hall", "id: Hall", "rename"),
        ("[1, 2.5]", "[1, 2, 3]", "[1, 2, 3]", "give two"),
        ("about: {de:", "about: {fr:", "about", "add 'de'"),
        ("en: Behind", "english: Behind", "english", "remove it"),
        ("en: Behind the gate.", "en: ''", "about", "write it out"),
        ("en: Behind the gate.", "de: Behind the gate.", "about", "remove one of the two"),
        ("step_free: true", "step_free: maybe", "maybe", "choose one"),
        ("[Lager, Schuppen]", "Lager", "aliases: Lager", "write it as"),
        ("[Lager, Schuppen]", "{de: Lager}", "aliases:", "write it as"),
        ("for: Gäste", "fore: Gäste", "fore", "did you mean 'for'"),
        ("[Gibt es WLAN?]", "[]", "examples: []", "write how visitors ask it"),
        ("answer: Nein.", f"answer: {'x' * (MAX_CHARACTERS + 1)}", "answer: xx", "shorten it"),
        ("mon-fri 08:00-12:00", "mon-fri 8-12", "mon-fri 8", "HH:MM"),
        ("daily 22:00", "nightly 22:00", "nightly", "daily"),
        ("questions:", QUESTION, "id: wifi\n    examples: [Gi", "rename one"),
        ("contacts:", PLACE, "id: shed", "another name"),
        ("rules:\n", "rules: 3\nrulez:\n", "rules: 3", "write it as"),
        ("rules:\n", "emergency_number: 1\nrules:\n", "emergency_number", '"112"'),
        ("rules:\n", "emergency_number: police\nrules:\n", "emergency_number", '"112"'),
    ],
)  # fmt: skip
def test_a_mistake_is_told_with_its_line(
    old: str, new: str, at: str, remedy: str, tmp_path: Path
) -> None:
    assert old in GOOD
    text = GOOD.replace(old, new, 1)
    line = text.count("\n", 0, text.index(at)) + 1
    _, problems = read(tmp_path, text)
    told = [(p.place.line, p.remedy) for p in problems if p.place is not None]
    assert any(number == line and remedy in words for number, words in told), problems
    assert all(problem.expected for problem in problems)


def test_what_lacks_a_language_is_named(tmp_path: Path) -> None:
    visitors, _ = read(tmp_path, GOOD)
    assert visitors is not None
    assert untranslated(visitors) == {
        "de": (),
        "en": ("places/hall", "contacts/desk", "rules/dogs", "questions/wifi"),
    }


@settings(max_examples=25, deadline=None)
@given(
    junk=st.text(st.characters(codec="utf-8"), max_size=40),
    start=st.integers(0, len(GOOD)),
    cut=st.integers(0, 40),
)
def test_any_mutation_is_read_or_refused(
    tmp_path_factory: pytest.TempPathFactory, junk: str, start: int, cut: int
) -> None:
    text = GOOD[:start] + junk + GOOD[start + cut :]
    visitors, problems = read(tmp_path_factory.getbasetemp(), text)
    assert all(p.place is not None and p.expected and p.remedy for p in problems)
    if not problems:
        assert visitors is not None
        assert all(one.answers[visitors.language] for one in visitors.questions)
        assert all(place.names[visitors.language] for place in visitors.places)


@settings(max_examples=25, deadline=None)
@given(data=st.binary(max_size=200))
def test_any_bytes_are_refused(tmp_path_factory: pytest.TempPathFactory, data: bytes) -> None:
    _, problems = read(tmp_path_factory.getbasetemp(), data)
    assert problems
