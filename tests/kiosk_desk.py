"""A desk that answers a few sentences, and the page's languages as their files say them."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import yaml

from patrol_core.site import load_site
from patrol_core.site.visitors import VisitorPlace, Visitors
from patrol_hri.errors import UnknownSessionError
from patrol_hri.intents import Intent
from patrol_hri.kiosk.documents import Document
from patrol_hri.kiosk.site_map import map_document
from patrol_hri.turn import Line, Reply, Speaker, Way
from ronda_cli.environment.paths import ROOT

LANGUAGES = ROOT / "src" / "patrol_hri" / "languages"
WAY = Way(
    "office",
    np.array([[-20.0, -24.0], [-38.0, -20.0], [-40.0, -2.0], [-34.5, 9.0]]),
    49.0, 41.0, True, ("Go straight on for 20 m.", "Turn right; the office is ahead of you."),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class PageWords:
    """A language as far as a page needs it."""

    code: str
    name: str
    direction: str
    texts: Mapping[str, str]


def page_languages() -> dict[str, PageWords]:
    """English, German and Arabic."""
    return {
        code: PageWords(code, name, direction, _texts(code))
        for code, name, direction in (
            ("en", "English", "ltr"),
            ("de", "Deutsch", "ltr"),
            ("ar", "العربية", "rtl"),
        )
    }


def _texts(code: str) -> dict[str, str]:
    file = LANGUAGES / code / "texts.yaml"
    texts: dict[str, str] = yaml.safe_load(file.read_text(encoding="utf-8"))
    return texts


def depot_visitors() -> Visitors:
    """Three places of the depot."""
    places = tuple(
        VisitorPlace(place_id, names, at_m, {}, {}, True, 1)
        for place_id, names, at_m in (
            ("reception", {"en": "Reception", "de": "Empfang", "ar": "الاستقبال"}, (-26.0, -29.0)),
            ("office", {"en": "Office", "de": "Büro", "ar": "المكتب"}, (-34.5, 9.0)),
            ("loading_bay", {"en": "Loading bay"}, (26.5, -9.0)),
        )
    )
    return Visitors("en", (), (), places, (), (), (), 1)


def depot_map() -> Document:
    """What the page gets of the depot."""
    return map_document(load_site(ROOT / "sites" / "depot"), depot_visitors())


class FakeDesk:
    """Keeps to the interface of the reception; knows a few words of each language.

    "office" gets a way, "bye" ends it, a human is called by name, `languages` of sentences decide
    the language. A conversation of which `held` is true is an operator's.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._lines: dict[str, list[Line]] = {}
        self._languages: dict[str, str] = {}
        self._held: set[str] = set()
        self.opened: list[tuple[str, str]] = []
        self.closed: list[str] = []
        self.heard: list[str] = []

    def open(self, front_end: str, now_s: float, language: str = "") -> str:
        with self._lock:
            session_id = f"session-{len(self.opened)}"
            self.opened.append((front_end, language))
            self._languages[session_id] = language or "en"
            self._lines[session_id] = []
            self._add(session_id, Speaker.ROBOT, _FIRST[language or "en"])
            return session_id

    def hear(self, session_id: str, text: str, now_s: float) -> Reply:
        with self._lock:
            self._known(session_id)
            self.heard.append(text)
            self._add(session_id, Speaker.VISITOR, text)
            language = self._language(session_id, text)
            if session_id in self._held:
                return Reply("", language, Intent.UNKNOWN)
            reply = _reply(text.casefold(), language)
            self._add(session_id, Speaker.ROBOT, reply.text)
            if reply.ends:
                del self._lines[session_id]
            return reply

    def lines(self, session_id: str, after: int = 0) -> tuple[Line, ...]:
        with self._lock:
            return tuple(self._known(session_id)[after:])

    def holder(self, session_id: str) -> Speaker:
        with self._lock:
            self._known(session_id)
            return Speaker.OPERATOR if session_id in self._held else Speaker.ROBOT

    def close(self, session_id: str, now_s: float) -> None:
        with self._lock:
            self._known(session_id)
            del self._lines[session_id]
            self.closed.append(session_id)

    def take_over(self, session_id: str, text: str) -> None:
        """An operator takes the conversation and says something."""
        with self._lock:
            self._held.add(session_id)
            self._add(session_id, Speaker.OPERATOR, text)

    def release(self, session_id: str) -> None:
        """The operator gives it back."""
        with self._lock:
            self._held.discard(session_id)

    def forget(self) -> None:
        """Every conversation has ended."""
        with self._lock:
            self._lines.clear()

    def _known(self, session_id: str) -> list[Line]:
        if session_id not in self._lines:
            raise UnknownSessionError("no such conversation")
        return self._lines[session_id]

    def _add(self, session_id: str, speaker: Speaker, text: str) -> None:
        lines = self._lines[session_id]
        lines.append(Line(len(lines) + 1, 0.0, speaker, text))

    def _language(self, session_id: str, text: str) -> str:
        for code, sign in (("en", "english"), ("de", "deutsch"), ("ar", "العربية")):
            if sign in text.casefold():
                self._languages[session_id] = code
        return self._languages[session_id]


_FIRST = {
    "en": "Hello. I am a machine that guards this site. My camera records. How can I help?",
    "de": "Guten Tag. Ich bin eine Maschine und bewache dieses Gelände. Meine Kamera zeichnet "
    "auf. Wie kann ich helfen?",
    "ar": "مرحبًا. أنا آلة تحرس هذا الموقع. كاميرتي تسجّل. كيف يمكنني المساعدة؟",
}
_ANSWERS = {
    "en": "The office is the brick building in the north-west. It is 49 m from here.",
    "de": "Das Büro ist das Backsteingebäude im Nordwesten. Es ist 49 m von hier.",
    "ar": "المكتب هو مبنى الطوب في الشمال الغربي. يبعد 49 مترًا من هنا.",
}
_UNSURE = {
    "en": "I don't know. Shall I get somebody?",
    "de": "Das weiß ich nicht. Soll ich jemanden holen?",
    "ar": "لا أعرف. هل أستدعي أحدًا؟",
}
_YES_NO = {"en": ("Yes", "No"), "de": ("Ja", "Nein"), "ar": ("نعم", "لا")}


def _reply(text: str, language: str) -> Reply:
    if any(word in text for word in ("office", "büro", "المكتب")):
        source = "visitors.yaml:10 places/office"
        choices = _YES_NO[language]
        return Reply(_ANSWERS[language], language, Intent.WAY, source, choices, WAY)
    if "bye" in text:
        return Reply("Goodbye.", language, Intent.GOODBYE, ends=True)
    return Reply(_UNSURE[language], language, Intent.UNKNOWN, choices=_YES_NO[language])
