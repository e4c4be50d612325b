"""What the robot may tell, entry by entry: how each is asked for, and what it says."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from patrol_core.site.visitors import Texts, Visitors
from patrol_core.site.visitors_file import VISITORS_FILE

PLACES, CONTACTS, RULES, QUESTIONS, HOURS = (
    "places",
    "contacts",
    "rules",
    "questions",
    "opening_hours",
)


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry of the file. `name`: "places/office". `keys`: names, aliases, purposes and
    examples, how it is asked for; `says`: its texts. Both by language.
    """

    section: str
    entry_id: str
    line: int
    keys: Mapping[str, tuple[str, ...]]
    says: Mapping[str, tuple[str, ...]]

    @property
    def name(self) -> str:
        return f"{self.section}/{self.entry_id}" if self.entry_id else self.section

    @property
    def source(self) -> str:
        return f"{VISITORS_FILE}:{self.line} {self.name}"

    def keys_in(self, language: str) -> tuple[str, ...]:
        return self.keys.get(language, ())

    def says_in(self, language: str) -> tuple[str, ...]:
        return self.says.get(language, ())


def entries_of(visitors: Visitors, opening: Mapping[str, Sequence[str]]) -> tuple[Entry, ...]:
    """Every entry, in the order of the file; `opening`: ways to ask for the opening hours."""
    found: list[Entry] = []
    for place in visitors.places:
        keys = _texts(place.names)
        for code, aliases in place.aliases.items():
            keys[code] = keys.get(code, ()) + aliases
        found.append(Entry(PLACES, place.place_id, place.line, keys, _texts(place.about)))
    for contact in visitors.contacts:
        keys = _texts(contact.names)
        for code, serves in contact.serves.items():
            keys[code] = keys.get(code, ()) + tuple(part.strip() for part in serves.split(","))
        says = _texts(contact.where)
        found.append(Entry(CONTACTS, contact.contact_id, contact.line, keys, says))
    for section, asked in ((RULES, visitors.rules), (QUESTIONS, visitors.questions)):
        found += [
            Entry(section, one.question_id, one.line, one.examples, _texts(one.answers))
            for one in asked
        ]
    if visitors.opening_hours:
        asked_for = {code: tuple(examples) for code, examples in opening.items()}
        found.append(Entry(HOURS, "", visitors.hours_line, asked_for, {}))
    return tuple(found)


def _texts(texts: Texts) -> dict[str, tuple[str, ...]]:
    """Each text as the only one of its language."""
    return {code: (text,) for code, text in texts.items()}
