"""Answers come from visitors.yaml, with their line; what it does not tell is not answered."""

from __future__ import annotations

import ast
import dataclasses
import inspect
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from patrol_core.geometry import FloatArray
from patrol_core.site import SiteError, load_site
from patrol_core.site.hours import hours_of
from patrol_core.site.visitors import Visitors
from patrol_core.site.visitors_file import read_visitors
from patrol_core.site.yaml_tree import Problems, read_yaml
from patrol_hri import knowledge
from patrol_hri.intents import Intent, Understood
from patrol_hri.knowledge import Answer, KnowledgeBase
from patrol_hri.knowledge.asked import FACETS, load_asked
from patrol_hri.knowledge.hours import clock, hours_in_words
from patrol_hri.understanding.places import PlaceFinder

SITES = Path(__file__).parents[3] / "sites"
ASKED = load_asked()
MONDAY_10 = (0, 36000)


class Keys:
    """Says keys and values, in brackets."""

    def say(self, key: str, **values: object) -> str:
        given = " ".join(str(value) for value in values.values())
        return f"[{key.removeprefix('knowledge_')} {given}]".replace(" ]", "]")


LANGUAGES = {code: Keys() for code in ("en", "de", "nl", "ja")}


def visitors_of(site: str) -> Visitors:
    problems = Problems()
    root = read_yaml(SITES / site / "visitors.yaml", "the visitors' file", problems)
    assert root is not None
    return read_visitors(root)


DEPOT, YARD = visitors_of("depot"), visitors_of("yard")


def base_of(visitors: Visitors) -> KnowledgeBase:
    return KnowledgeBase(visitors, PlaceFinder(visitors), LANGUAGES, ASKED, encoders={})


BASES = {"depot": base_of(DEPOT), "yard": base_of(YARD)}


def ask(
    text: str, language: str = "en", site: str = "depot", **understood: object
) -> Answer | None:
    taken = dataclasses.replace(Understood(Intent.QUESTION, 0.9, language), **understood)  # type: ignore[arg-type]
    return BASES[site].answer(text, taken, language, MONDAY_10)


@pytest.mark.parametrize(
    ("text", "language", "entry"),
    [
        ("Where is the office?", "en", "places/office"),
        ("where's the defibrilator", "en", "places/defibrillator"),
        ("Is filming allowed?", "en", "rules/photos"),
        ("Do I need a safty vest?", "en", "rules/safety_gear"),
        ("damaged goods", "en", "contacts/dispatch"),
        ("What are your opening hours?", "en", "opening_hours"),
        ("Wo ist der Empfang?", "de", "places/reception"),
        ("Wo ist die Raucherecke?", "de", "places/smoking_shelter"),
        ("トイレはどこですか", "ja", "places/toilets"),
    ],
)
def test_the_right_entry_answers_and_is_named(text: str, language: str, entry: str) -> None:
    answer = ask(text, language)
    assert answer is not None
    assert answer.source.startswith("visitors.yaml:") and answer.source.endswith(f" {entry}")
    line = int(answer.source.split(":")[1].split()[0])
    lines = (SITES / "depot" / "visitors.yaml").read_text(encoding="utf-8").splitlines()
    assert entry.rpartition("/")[2] in lines[line - 1] or entry == "opening_hours"
    assert answer.language == language


@pytest.mark.parametrize(
    "text",
    [
        "",
        "...",
        "Where is the swimming pool?",
        "How much does a sandwich in the canteen cost?",
        "What's the name of the receptionist?",
        "When does the smoking shelter open?",
        "What's the code of the main gate?",
        "How old is the office?",
        "When is the next patrol at the main gate?",
        "Do the cameras see the car park?",
    ],
)
def test_what_the_file_does_not_tell_is_not_answered(text: str) -> None:
    assert ask(text) is None


def test_places_say_where_and_whether_without_steps() -> None:
    plain = ask("Where is the canteen?")
    assert plain is not None
    about = DEPOT.places[9].about["en"]
    assert plain.text == f"[place Canteen {about}]"
    step_free = ask("Where is the canteen?", slots={"step_free": "yes"})
    steps = ask("Where is the loading bay?", slots={"step_free": "yes"})
    assert step_free is not None and step_free.text.endswith("[step_free Canteen]")
    assert steps is not None and steps.text.endswith("[not_step_free Loading bay]")


def test_contacts_say_for_what_and_where() -> None:
    answer = ask("lost property")
    assert answer is not None
    assert answer.text.startswith("[contact Reception desk visitors, deliveries, lost property")
    assert "during opening hours" in answer.text


def test_a_question_that_was_understood_is_answered() -> None:
    answer = ask("zzz", question_id="wifi")
    assert answer is not None and answer.source.endswith("questions/wifi")
    assert ask("zzz", question_id="nothing") is None


def test_where_the_language_is_missing_the_site_s_is_told_and_said_to_be() -> None:
    answer = ask("Office", "ja")
    assert answer is not None and answer.language == "en"
    assert "The brick building" in answer.text
    there = ask("受付", "ja")
    assert there is not None and there.language == "ja" and "守衛所" in there.text


def test_a_language_that_the_robot_does_not_speak_has_no_words_of_its_own() -> None:
    answer = ask("Reception", "xx")
    assert answer is not None and answer.language == "en"


def test_the_other_site_does_not_know_it() -> None:
    assert ask("Where is the canteen?", site="yard") is None
    assert ask("Waar is de schuur?", "nl", site="yard") is not None


def hours(texts: Sequence[str], weekday: int, at: str) -> str:
    spans = [span for text in texts if (span := hours_of(text)) is not None]
    assert len(spans) == len(texts)
    hour, minute = at.split(":")
    return hours_in_words(spans, (weekday, int(hour) * 3600 + int(minute) * 60), Keys())


@pytest.mark.parametrize(
    ("texts", "weekday", "at", "said"),
    [
        (["mon-fri 06:00-20:00", "sat 07:00-13:00"], 0, "10:00", "[open 20:00]"),
        (["mon-fri 06:00-20:00", "sat 07:00-13:00"], 0, "20:00", "[opens_day [day_1] 06:00]"),
        (["mon-fri 06:00-20:00", "sat 07:00-13:00"], 4, "21:00", "[opens_day [day_5] 07:00]"),
        (["mon-fri 06:00-20:00", "sat 07:00-13:00"], 5, "13:00", "[opens_day [day_0] 06:00]"),
        (["mon-fri 06:00-20:00"], 0, "05:59", "[opens 06:00]"),
        (["mon-fri 06:00-20:00"], 6, "23:59", "[opens_day [day_0] 06:00]"),
        (["mon 08:00-12:00", "mon 13:00-17:00"], 0, "12:30", "[opens 13:00]"),
        (["mon 08:00-12:00", "mon 12:00-17:00"], 0, "09:00", "[open 17:00]"),
        (["mon 08:00-12:00"], 0, "12:00", "[opens_day [day_0] 08:00]"),
        (["mon 08:00-24:00"], 0, "09:00", "[open 24:00]"),
        (["fri 22:00-06:00"], 4, "23:00", "[open_until_day [day_5] 06:00]"),
        (["fri 22:00-06:00"], 5, "05:00", "[open 06:00]"),
        (["sun 22:00-06:00"], 0, "05:00", "[open 06:00]"),
        (["daily 00:00-24:00"], 3, "12:00", "[open_always]"),
    ],
)
def test_opening_hours_know_the_time(texts: list[str], weekday: int, at: str, said: str) -> None:
    assert hours(texts, weekday, at).startswith(f"{said} [hours ")


def test_opening_hours_are_listed() -> None:
    said = hours(["mon-fri 06:00-20:00", "sat,sun 07:00-13:00"], 0, "10:00")
    assert said.endswith(
        "[hours [span_days [day_0] [day_4] 06:00 20:00][list_parts]"
        "[span_day [day_5][list_and][day_6] 07:00 13:00]]"
    )


def test_without_opening_hours_nothing_is_said_of_them() -> None:
    silent = base_of(dataclasses.replace(DEPOT, opening_hours=()))
    understood = Understood(Intent.QUESTION, 1.0, "en")
    assert silent.answer("What are your opening hours?", understood, "en", MONDAY_10) is None


class Letters:
    """An encoder by what a test says: sentences with the same topic are alike."""

    name = "letters"

    def fit(self, sentences: Sequence[str]) -> None:
        """Nothing to look at."""

    def encode(self, sentences: Sequence[str]) -> FloatArray:
        topics = ("toilet", "loo"), ("dog", "puppy")
        return np.array(
            [[float(any(w in s.lower() for w in topic)) for topic in topics] for s in sentences]
        )


def test_meaning_finds_what_words_do_not() -> None:
    base = KnowledgeBase(DEPOT, PlaceFinder(DEPOT), LANGUAGES, ASKED, {"en": Letters()})
    understood = Understood(Intent.QUESTION, 1.0, "en")
    for text, entry in (("I need the loo", "places/toilets"), ("my puppy", "rules/dogs")):
        answer = base.answer(text, understood, "en", MONDAY_10)
        assert answer is not None and answer.source.endswith(entry)
    assert base.answer("How old is the loo?", understood, "en", MONDAY_10) is None


def test_where_nothing_answers_questions_that_may_be_meant_are_offered() -> None:
    base = KnowledgeBase(DEPOT, PlaceFinder(DEPOT), LANGUAGES, ASKED, {"en": Letters()})
    understood = Understood(Intent.QUESTION, 1.0, "en")
    assert base.answer("How old is the puppy?", understood, "en", MONDAY_10) is None
    ((label, meaning),) = base.near("How old is the puppy?", understood, "en")
    assert label == next(r.examples["en"][0] for r in DEPOT.rules if r.question_id == "dogs")
    answer = base.answer(label, meaning, "en", MONDAY_10)
    assert answer is not None and answer.source.endswith("rules/dogs")
    assert base.near("xyzzy", understood, "en") == ()


def test_a_model_may_say_it_in_other_words_but_keeps_source_and_language() -> None:
    class Shouts:
        def phrase(self, answer: str, language: str) -> str:
            return f"{language}: {answer.upper()}"

    base = KnowledgeBase(
        DEPOT, PlaceFinder(DEPOT), LANGUAGES, ASKED, encoders={}, phrasing=Shouts()
    )
    understood = Understood(Intent.QUESTION, 1.0, "de")
    answer = base.answer("Darf ich fotografieren?", understood, "de", MONDAY_10)
    assert answer is not None and answer.source.endswith("rules/photos")
    assert answer.text.startswith("de: FOTOS UND VIDEOS") and answer.language == "de"


def test_it_is_given_what_may_be_told_and_nothing_else_of_the_site() -> None:
    """No part of the package takes a Site, so no round, checkpoint, zone or schedule is in it."""
    parameters = list(inspect.signature(KnowledgeBase.__init__).parameters)
    assert parameters[1:] == [
        "visitors", "places", "languages", "asked", "encoders", "params", "phrasing"
    ]  # fmt: skip
    assert list(inspect.signature(PlaceFinder.__init__).parameters) == ["self", "visitors"]
    taken = {
        name.name
        for file in Path(inspect.getfile(knowledge)).parent.glob("*.py")
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8")))
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("patrol_core.site")
        for name in node.names
    }
    assert taken == {
        "Hours", "Problems", "SiteError", "Texts", "VISITORS_FILE", "Value", "VisitorPlace",
        "Visitors", "read_yaml",
    }  # fmt: skip


def test_no_round_checkpoint_zone_or_schedule_is_ever_told() -> None:
    site = load_site(SITES / "depot", with_map=False)
    assert site.visitors == DEPOT
    file = (SITES / "depot" / "visitors.yaml").read_text(encoding="utf-8")
    secrets = {checkpoint.name for checkpoint in site.checkpoints}
    secrets |= {zone.zone_id for zone in site.zones} | {dock.dock_id for dock in site.docks}
    secrets |= {plan.schedule_id for plan in site.schedules}
    secrets |= {clock(start_s) for plan in site.schedules for start_s in plan.starts_s}
    hidden = {secret for secret in secrets if secret.lower() not in file.lower()}
    assert len(hidden) > 10
    for secret in secrets:
        for text in (secret, f"When does the patrol go to {secret}?"):
            answer = ask(text)
            assert answer is None or not any(other in answer.text for other in hidden)


@settings(max_examples=20, deadline=None)
@given(st.text(max_size=60) | st.sampled_from(["\ud800", "a" * 100_000, "\u202e\x00", "'" * 99]))
def test_any_text_is_answered_from_the_file_or_not_at_all(text: str) -> None:
    answer = ask(text)
    assert answer is None or answer.source.startswith("visitors.yaml:")


def test_every_language_has_words_for_the_same_things() -> None:
    assert set(ASKED) == {"en", "de", "fr", "es", "it", "nl", "ar", "ja"}
    for code, words in ASKED.items():
        assert set(words.facets) >= set(FACETS) - {"measure"}, code
        assert words.common and words.opening and words.filler, code
        assert all(words.content(example) for example in words.opening), code


def test_a_mistake_in_the_words_is_told_with_file_and_line(tmp_path: Path) -> None:
    (tmp_path / "xx").mkdir()
    file = tmp_path / "xx" / "asked.yaml"
    file.write_text("common: a\nfiller: b\nopening: c\nfacets: {price: {asked: [d], tell: []}}\n")
    with pytest.raises(SiteError) as caught:
        load_asked(tmp_path)
    assert [p.place.line for p in caught.value.problems if p.place] == [3, 4, 4]
