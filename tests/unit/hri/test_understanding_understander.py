"""Sentences to intents, places and slots, with the packaged languages and without the network."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from patrol_core.errors import ConfigError
from patrol_core.site.visitors import VisitorPlace, VisitorQuestion, Visitors
from patrol_hri.intents import Intent
from patrol_hri.languages.catalogue import load_languages
from patrol_hri.understanding.params import EncoderParams, UnderstandingParams
from patrol_hri.understanding.places import PlaceFinder, distance
from patrol_hri.understanding.slots import SlotFinder
from patrol_hri.understanding.understander import Understander

LANGUAGES = load_languages()


class Recognized:
    """A recogniser that says what it was told to."""

    def __init__(self, code: str = "", confidence: float = 0.0) -> None:
        self.answer = (code, confidence)

    def recognize(self, text: str) -> tuple[str, float]:
        return self.answer


def place(place_id: str, names: dict[str, str], **aliases: tuple[str, ...]) -> VisitorPlace:
    return VisitorPlace(place_id, names, (0.0, 0.0), {}, aliases, True, 1)


VISITORS = Visitors(
    language="en",
    opening_hours=(),
    quiet_hours=(),
    places=(
        place("reception", {"en": "Reception", "fr": "Accueil", "ja": "受付"}, de=("Pforte",)),
        place("office", {"en": "Office", "de": "Büro", "ar": "المكتب"}),
        place("loading_bay", {"en": "Loading bay", "de": "Ladebucht"}),
        place("car_park", {"en": "Visitors' car park", "fr": "Parking des visiteurs"}),
        place("gate_1", {"en": "Gate 1"}),
        place("gate_2", {"en": "Gate 2"}),
        place("north", {"en": "North door"}),
        place("south", {"en": "South door"}),
    ),
    contacts=(),
    rules=(VisitorQuestion("smoking", {"en": ("may I smoke here", "is smoking allowed")}, {}, 1),),
    questions=(
        VisitorQuestion("wifi", {"en": ("is there wifi", "what is the wifi password")}, {}, 2),
    ),
    hours_line=1,
)
FINDER = PlaceFinder(VISITORS)
SLOTS = SlotFinder(LANGUAGES)
LIGHT = replace(UnderstandingParams(), encoder=EncoderParams(kind="n-grams", dimensions=512))


@pytest.fixture(scope="module")
def light() -> Understander:
    return small(Recognized(), tuple(LANGUAGES))


def small(recognized: Recognized, codes: tuple[str, ...]) -> Understander:
    """Learnt from every third packaged example."""
    chosen = {
        code: replace(
            LANGUAGES[code],
            examples={intent: texts[::3] for intent, texts in LANGUAGES[code].examples.items()},
        )
        for code in codes
    }
    return Understander(chosen, VISITORS, LIGHT, recognized)


@pytest.mark.parametrize(
    ("text", "place_id"),
    [
        ("where is the recepton please", "reception"),
        ("zur PFORTE", "reception"),
        ("受付はどこですか", "reception"),
        ("où est l’acceuil", "reception"),
        ("wo ist das Buero oder buro", "office"),
        ("أين المكتب؟", "office"),
        ("the loadingbay", "loading_bay"),
        ("a car park", "car_park"),
        ("parking", "car_park"),
        ("gate 2", "gate_2"),
        ("the office at gate 2", "office"),
        ("gate 1 or gate 2", ""),
        ("gate 3", ""),
        ("gate", ""),
        ("the door", ""),
        ("the sout door", "south"),
        ("the officer", ""),
        ("the offices", "office"),
        ("officee", "office"),
        ("do visitors pay", ""),
        ("", ""),
    ],
)
def test_places_are_found_by_name(text: str, place_id: str) -> None:
    assert FINDER.find(text) == place_id


@pytest.mark.parametrize(
    ("one", "other", "edits"),
    [("", "ab", 2), ("gate", "gaet", 1), ("gate", "gates", 1), ("office", "ofifec", 2),
     ("kitten", "sitting", 3), ("same", "same", 0)],
)  # fmt: skip
def test_distance_counts_typing_mistakes(one: str, other: str, edits: int) -> None:
    assert distance(one, other, 5) == distance(other, one, 5) == edits
    assert distance(one, other, 1) == min(edits, 2)


@pytest.mark.parametrize(
    ("text", "slots"),
    [
        ("Do you speak German?", {"language": "de"}),
        ("from English to Français, please", {"language": "fr"}),
        ("日本語", {"language": "ja"}),
        ("Ich bin im Rollstuhl", {"step_free": "yes"}),
        ("a way with no stairs", {"step_free": "yes"}),
        ("車椅子で行けますか", {"step_free": "yes"}),
        ("sans escaliers, en allemand", {"step_free": "yes", "language": "de"}),
        ("where do I go", {}),
    ],
)
def test_slots_in_any_language(text: str, slots: dict[str, str]) -> None:
    assert SLOTS.find(text) == slots


@pytest.mark.parametrize(
    "content", ["", "step_free: 3", "step_free: [1]\nunsure: [a]", "step_free: [a]", "- a"]
)
def test_wrong_words_of_a_language_are_told_with_the_file(tmp_path: Path, content: str) -> None:
    (tmp_path / "en").mkdir()
    (tmp_path / "en" / "slots.yaml").write_text(content, encoding="utf-8")
    with pytest.raises(ConfigError, match=r"slots\.yaml.*to do: see"):
        SlotFinder({"en": LANGUAGES["en"]}, tmp_path)


def test_what_was_learnt_is_understood_as_what_it_is(light: Understander) -> None:
    for code in ("en", "de", "ja"):
        for intent, texts in LANGUAGES[code].examples.items():
            for text in texts[::3]:
                understood = light.understand(text.upper(), code)
                assert (understood.intent, understood.language) == (intent, code), text


def test_questions_of_the_site_are_classes_too(light: Understander) -> None:
    understood = light.understand("Is smoking allowed?", "en")
    assert (understood.intent, understood.question_id) == (Intent.QUESTION, "smoking")
    assert light.understand("what's the wifi password", "en").question_id == "wifi"


def test_what_is_like_nothing_is_unknown(light: Understander) -> None:
    for text in ("purple monkeys juggle quietly", "", "!!!", "\x00\ud800"):
        understood = light.understand(text, "en")
        assert understood.intent is Intent.UNKNOWN and understood.confidence < 0.4


def test_a_place_alone_asks_for_the_way_there(light: Understander) -> None:
    understood = light.understand("loading bay", "en")
    assert (understood.intent, understood.place_id) == (Intent.WAY, "loading_bay")


@pytest.mark.parametrize(
    ("language", "text"),
    [("en", "I don't know"), ("de", "Ich weiß es nicht."), ("fr", "Je ne sais pas"),
     ("es", "No lo sé"), ("it", "Non lo so!"), ("nl", "ik weet het niet"), ("ar", "لا أعرف"),
     ("ja", "分かりません")],
)  # fmt: skip
def test_who_does_not_know_wants_nothing(light: Understander, language: str, text: str) -> None:
    understood = light.understand(text, language)
    assert (understood.intent, understood.language) == (Intent.UNKNOWN, language)


def test_a_single_word_is_understood_and_switches_nothing() -> None:
    understander = small(Recognized("en", 1.0), ("en", "de", "ar"))
    for text, wanted in (("stop", Intent.STOP), ("Danke", Intent.THANKS)):
        for language in ("en", "de", "ar"):
            understood = understander.understand(text, language)
            assert (understood.intent, understood.language) == (wanted, language)


def test_letters_of_another_script_tell_their_language_at_once() -> None:
    understander = small(Recognized("ja", 1.0), ("en", "ja"))
    assert understander.understand("トイレ", "en").language == "ja"


@pytest.mark.parametrize("language", ["en", "de", "fr", "ar", "ja"])
def test_what_the_kiosk_says_for_the_way_is_that(light: Understander, language: str) -> None:
    for one in VISITORS.places:
        name = one.names.get(language)
        if name is not None:
            for text in (name, LANGUAGES[language].say("kiosk_say_way", place=name)):
                understood = light.understand(text, language)
                assert (understood.intent, understood.place_id) == (Intent.WAY, one.place_id)


def test_the_language_switches_when_another_is_sure() -> None:
    recognized = Recognized("de", 0.95)
    understander = small(recognized, ("en", "de"))
    assert understander.understand("wo ist denn der Ausgang", "en").language == "de"
    assert understander.understand("Ausgang", "en").language == "en"  # one word is not enough
    assert understander.understand("Ausgang", "").language == "de"
    recognized.answer = ("de", 0.5)
    assert understander.understand("wo ist denn der Ausgang", "en").language == "en"
    recognized.answer = ("fr", 1.0)
    assert understander.understand("où est la sortie", "en").language == "en"
    recognized.answer = ("", 0.0)
    thanks = understander.understand("Danke!", "en")
    assert (thanks.intent, thanks.language) == (Intent.THANKS, "en")  # understood, not switched
    assert understander.understand("Danke!", "").language == "de"
    thanks = understander.understand("Danke für die Hilfe", "en")
    assert (thanks.intent, thanks.language) == (Intent.THANKS, "de")
    assert understander.understand("mh", "").language == "en"  # the site's own


@settings(max_examples=40, deadline=None)
@given(
    st.text(st.characters(exclude_categories=()), max_size=60), st.sampled_from(["", "en", "xx"])
)
def test_any_text_is_understood_as_something(
    light: Understander, text: str, language: str
) -> None:
    understood = light.understand(text, language)
    assert 0.0 <= understood.confidence <= 1.0 and understood.language in LANGUAGES


@pytest.mark.parametrize(
    "piece", ["a", "gate 1 ", "where is the office ", "受付", "\x00", "🙂", "\ud800"]
)
def test_long_texts_are_no_trouble(light: Understander, piece: str) -> None:
    whole = piece * (100_000 // len(piece))
    assert light.understand(whole, "en") == light.understand(whole[:5000], "en")
