"""Answers questions about the site from its `visitors.yaml`: its own texts, with their source.

It is given `Visitors` and nothing else of the site, so nothing else can get into an answer.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Protocol

from patrol_core.site.visitors import Texts, VisitorPlace, Visitors
from patrol_hri.intents import Intent, Understood
from patrol_hri.knowledge.asked import AskedWords
from patrol_hri.knowledge.entries import CONTACTS, HOURS, PLACES, RULES, Entry
from patrol_hri.knowledge.hours import Speaks, hours_in_words
from patrol_hri.knowledge.params import KnowledgeParams
from patrol_hri.knowledge.retrieval import Retrieval, encoders_of_meaning
from patrol_hri.understanding.encoder import Encoder
from patrol_hri.understanding.places import PlaceFinder


@dataclass(frozen=True, slots=True)
class Answer:
    """What the site says. `source`: "visitors.yaml:12 places/office". `language`: of the text,
    the site's own where the visitor's is missing.
    """

    text: str
    source: str
    language: str


class Phrases(Protocol):
    """May say an answer in other words; never what the answer does not say."""

    def phrase(self, answer: str, language: str) -> str: ...


class KnowledgeBase:
    """All that may be told. `encoders`: by language, fitted; None takes what is installed.
    In a language without one, words alone decide.

    `asked`: what questions are made of (`asked.load_asked()`). `phrasing`: None says every answer
    as it stands.
    """

    def __init__(
        self,
        visitors: Visitors,
        places: PlaceFinder,
        languages: Mapping[str, Speaks],
        asked: Mapping[str, AskedWords],
        encoders: Mapping[str, Encoder] | None = None,
        params: KnowledgeParams | None = None,
        phrasing: Phrases | None = None,
    ) -> None:
        self._visitors = visitors
        self._languages = languages
        self._phrasing = phrasing
        self._retrieval = Retrieval(
            visitors,
            places,
            asked,
            encoders_of_meaning() if encoders is None else encoders,
            params or KnowledgeParams(),
        )

    def answer(
        self, text: str, understood: Understood, language: str, local_time: tuple[int, int]
    ) -> Answer | None:
        """What the site says to a question; None where it says nothing.

        `language`: of the visitor. `local_time`: weekday (0 Monday) and second of the day.
        """
        found = self._retrieval.find(text, understood, language)
        if not found:
            return None
        answer = self._told(found[0].entry, understood, language, local_time)
        if self._phrasing is None:
            return answer
        return replace(answer, text=self._phrasing.phrase(answer.text, answer.language))

    def near(
        self, text: str, understood: Understood, language: str
    ) -> tuple[tuple[str, Understood], ...]:
        """Questions that may be meant, where nothing answers: how to ask each, and its meaning."""
        return tuple(
            (
                entry.keys_in(language)[0],
                Understood(Intent.QUESTION, 1.0, language, question_id=entry.entry_id or HOURS),
            )
            for entry in self._retrieval.near(text, understood, language)
        )

    def _told(
        self, entry: Entry, understood: Understood, language: str, local_time: tuple[int, int]
    ) -> Answer:
        if entry.section == HOURS:
            code = language if language in self._languages else self._visitors.language
            words = hours_in_words(self._visitors.opening_hours, local_time, self._speaker(code))
            return Answer(words, entry.source, code)
        if entry.section == PLACES:
            place = next(p for p in self._visitors.places if p.place_id == entry.entry_id)
            return self._place(entry, place, understood, language)
        if entry.section == CONTACTS:
            one = next(c for c in self._visitors.contacts if c.contact_id == entry.entry_id)
            code = self._code(language, one.names, one.serves, one.where)
            values = {
                "name": one.names[code],
                "serves": one.serves[code],
                "where": one.where[code],
            }
            words = self._speaker(code).say("knowledge_contact", **values)
            return Answer(words, entry.source, code)
        asked = self._visitors.rules if entry.section == RULES else self._visitors.questions
        answers = next(q.answers for q in asked if q.question_id == entry.entry_id)
        code = self._code(language, answers)
        return Answer(answers[code], entry.source, code)

    def _place(
        self, entry: Entry, place: VisitorPlace, understood: Understood, language: str
    ) -> Answer:
        code = self._code(language, place.names, place.about)
        name, speaker = place.names[code], self._speaker(code)
        said = [speaker.say("knowledge_place", name=name, about=place.about[code])]
        if understood.slots.get("step_free") == "yes":
            key = "knowledge_step_free" if place.step_free else "knowledge_not_step_free"
            said.append(speaker.say(key, name=name))
        return Answer(" ".join(said), entry.source, code)

    def _code(self, language: str, *texts: Texts) -> str:
        """The visitor's language where all texts have it; else the site's own."""
        return language if all(language in text for text in texts) else self._visitors.language

    def _speaker(self, code: str) -> Speaks:
        """Of a language; of the first that the robot speaks where it does not speak the site's."""
        return self._languages.get(code) or next(iter(self._languages.values()))
