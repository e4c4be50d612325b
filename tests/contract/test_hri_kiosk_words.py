"""What the page's buttons say in the visitor's name is taken for what it means."""

from __future__ import annotations

import pytest

from patrol_core.site import load_site
from patrol_hri.emergency import EmergencyDetector
from patrol_hri.intents import Intent
from patrol_hri.languages.catalogue import load_languages
from patrol_hri.languages.recognition import LanguageRecognizer
from patrol_hri.understanding.params import UnderstandingParams
from patrol_hri.understanding.understander import Understander
from ronda_cli.environment.paths import ROOT

LANGUAGES = load_languages()
SPOKEN = [code for code, language in LANGUAGES.items() if "kiosk_title" in language.texts]
MEANT = {
    "human": Intent.HUMAN, "recorded": Intent.WHAT_IS_RECORDED, "report": Intent.REPORT,
    "language": Intent.LANGUAGE,
}  # fmt: skip


@pytest.fixture(scope="module")
def understander() -> Understander:
    visitors = load_site(ROOT / "sites" / "depot").visitors
    recognizer = LanguageRecognizer(LANGUAGES)
    return Understander(LANGUAGES, visitors, UnderstandingParams(), recognizer)


@pytest.mark.parametrize("code", SPOKEN)
def test_every_emergency_that_can_be_touched_is_heard(code: str) -> None:
    detector = EmergencyDetector(LANGUAGES)
    for kind in ("fire", "medical", "violence", "danger"):
        heard = detector.detect(LANGUAGES[code].texts[f"kiosk_say_{kind}"])
        assert heard is not None and heard.kind == kind


@pytest.mark.parametrize("code", SPOKEN)
def test_every_button_is_understood(understander: Understander, code: str) -> None:
    texts = LANGUAGES[code].texts
    for button, intent in MEANT.items():
        understood = understander.understand(texts[f"kiosk_say_{button}"], code)
        assert understood.intent is intent, button
        assert understood.language == code
    spoken = understander.understand(texts["kiosk_say_language"], "en")
    assert spoken.slots["language"] == code


def test_every_place_that_can_be_touched_is_found(understander: Understander) -> None:
    visitors = load_site(ROOT / "sites" / "depot").visitors
    assert visitors is not None and visitors.places
    for place in visitors.places:
        text = LANGUAGES["en"].texts["kiosk_say_way"].format(place=place.names["en"])
        assert understander.understand(text, "en").place_id == place.place_id
