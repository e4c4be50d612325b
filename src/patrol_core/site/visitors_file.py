"""`visitors.yaml`: what the robot may tell visitors about the site, read and checked."""

from __future__ import annotations

import re
from collections.abc import Iterator

import yaml

from patrol_core.site.hours import read_hours
from patrol_core.site.visitors import (
    Texts,
    VisitorContact,
    VisitorPlace,
    VisitorQuestion,
    Visitors,
)
from patrol_core.site.yaml_tree import Value, repeated

VISITORS_FILE = "visitors.yaml"
LANGUAGE = "en"
"""The site's own, where it names none."""
MAX_CHARACTERS = 600
"""Of one text: it is read aloud."""
_CODE = re.compile(r"[a-z]{2}\Z")
_NUMBER = re.compile(r"[+*#]?\d(?:[ *#-]?\d){1,19}#?\Z", re.ASCII)
_Lists = dict[str, tuple[str, ...]]


def read_visitors(root: Value) -> Visitors:
    """All that is right; what is wrong is recorded."""
    fields = root.fields(
        ("opening_hours", "places", "contacts"),
        ("language", "quiet_hours", "rules", "questions", "emergency_number"),
    )
    language = _language(fields["language"]) if "language" in fields else LANGUAGE
    items = {
        key: fields[key].items() if key in fields else []
        for key in ("places", "contacts", "rules", "questions")
    }
    repeated(
        (f"{key}/{name.node.value}", name)
        for key, values in items.items()
        for value in values
        if (name := value.peek("id")) is not None and isinstance(name.node, yaml.ScalarNode)
    )
    _names_apart(items["places"], language)
    places = [_place(value, language) for value in items["places"]]
    contacts = [_contact(value, language) for value in items["contacts"]]
    rules, questions = (
        [_question(value, language) for value in items[key]] for key in ("rules", "questions")
    )
    hours = fields.get("opening_hours")
    return Visitors(
        language=language,
        opening_hours=() if hours is None else read_hours(hours),
        quiet_hours=read_hours(fields["quiet_hours"]) if "quiet_hours" in fields else (),
        places=tuple(place for place in places if place is not None),
        contacts=tuple(contact for contact in contacts if contact is not None),
        rules=tuple(rule for rule in rules if rule is not None),
        questions=tuple(question for question in questions if question is not None),
        hours_line=1 if hours is None else hours.place.line or 1,
        emergency_number=_number(fields["emergency_number"])
        if "emergency_number" in fields
        else "",
    )


def untranslated(visitors: Visitors) -> dict[str, tuple[str, ...]]:
    """By language that the file uses anywhere: the entries ("places/office") that lack it."""
    texts: dict[str, tuple[Texts, ...]] = {}
    for place in visitors.places:
        texts[f"places/{place.place_id}"] = (place.names, place.about)
    for contact in visitors.contacts:
        texts[f"contacts/{contact.contact_id}"] = (contact.names, contact.serves, contact.where)
    for key, asked in (("rules", visitors.rules), ("questions", visitors.questions)):
        texts |= {f"{key}/{one.question_id}": (one.answers,) for one in asked}
    languages = sorted({code for entry in texts.values() for text in entry for code in text})
    return {
        code: tuple(name for name, entry in texts.items() if any(code not in t for t in entry))
        for code in languages
    }


def _language(value: Value) -> str:
    code = value.text() or LANGUAGE
    if not _CODE.match(code):
        value.wrong(f"{value.name} is '{code}'", "a code of ISO 639-1, two letters", "e.g. en")
        return LANGUAGE
    return code


def _number(value: Value) -> str:
    number = " ".join((value.text() or "").split())
    if not _NUMBER.match(number):
        value.wrong(
            f"{value.name} is '{number}'",
            "a number to dial: 2 to 20 digits, with +, *, #, - and spaces between them if needed",
            'e.g. emergency_number: "112"',
        )
        return ""
    return number


def _place(value: Value, language: str) -> VisitorPlace | None:
    fields = value.fields(("id", "name", "at", "about"), ("aliases", "step_free"))
    identifier = fields["id"].identifier() if "id" in fields else None
    names, about = _texts(fields.get("name"), language), _texts(fields.get("about"), language)
    at = fields["at"].point() if "at" in fields else None
    aliases = _lists(fields["aliases"], language) if "aliases" in fields else {}
    step_free = "step_free" in fields and fields["step_free"].one_of(("true", "false")) == "true"
    if identifier is None or at is None or not names or not about:
        return None
    return VisitorPlace(identifier, names, at, about, aliases, step_free, _line(value))


def _contact(value: Value, language: str) -> VisitorContact | None:
    fields = value.fields(("id", "name", "for", "where"))
    identifier = fields["id"].identifier() if "id" in fields else None
    names, serves, where = (_texts(fields.get(key), language) for key in ("name", "for", "where"))
    if identifier is None or not names or not serves or not where:
        return None
    return VisitorContact(identifier, names, serves, where, _line(value))


def _question(value: Value, language: str) -> VisitorQuestion | None:
    fields = value.fields(("id", "examples", "answer"))
    identifier = fields["id"].identifier() if "id" in fields else None
    examples = _lists(fields["examples"], language) if "examples" in fields else {}
    answers = _texts(fields.get("answer"), language)
    if "examples" in fields and not any(examples.values()):
        fields["examples"].wrong(
            f"{value.name} has no examples", "one or more", "write how visitors ask it"
        )
        return None
    if identifier is None or not answers:
        return None
    return VisitorQuestion(identifier, examples, answers, _line(value))


def _line(value: Value) -> int:
    return value.place.line or 1


def _by_language(value: Value, required: tuple[str, ...]) -> dict[str, Value]:
    """The values of a mapping whose keys are codes of languages."""
    pairs = value.node.value if isinstance(value.node, yaml.MappingNode) else []
    codes = dict.fromkeys(str(key.value) for key, _ in pairs)
    return value.fields(required, [code for code in codes if _CODE.match(code)])


def _texts(value: Value | None, language: str) -> dict[str, str]:
    """A text: plain, in the site's language, or by language, that of the site among them."""
    if value is None:
        return {}
    if isinstance(value.node, yaml.MappingNode):
        given = _by_language(value, (language,))
    else:
        given = {language: value}
    texts = {code: _text(one) for code, one in given.items()}
    return {code: text for code, text in texts.items() if text is not None}


def _lists(value: Value, language: str) -> _Lists:
    """Several texts: a list, in the site's language, or lists by language."""
    if isinstance(value.node, yaml.MappingNode):
        given = _by_language(value, ())
    else:
        given = {language: value}
    lists = {code: [_text(item) for item in one.items()] for code, one in given.items()}
    return {code: tuple(t for t in texts if t is not None) for code, texts in lists.items()}


def _text(value: Value) -> str | None:
    text = value.text()
    if text is not None and len(text) > MAX_CHARACTERS:
        value.wrong(
            f"{value.name} has {len(text)} characters",
            f"{MAX_CHARACTERS} at most: it is read aloud",
            "shorten it, or make two questions of it",
        )
        return None
    return None if text is None else " ".join(text.split())


def _names_apart(places: list[Value], language: str) -> None:
    """No two places share a name or an alias in a language: nobody could tell which is meant."""
    first: dict[tuple[str, str], tuple[int, int]] = {}
    for index, place in enumerate(places):
        for code, name in _names_of(place, language):
            key = (code, str(name.node.value).strip().casefold())
            line = name.place.line or 1
            owner, known = first.setdefault(key, (index, line))
            if owner != index:
                name.wrong(
                    f"'{name.node.value}' names two places (the other one in line {known})",
                    "names and aliases that differ from place to place",
                    "give one of them another name",
                )


def _names_of(place: Value, language: str) -> Iterator[tuple[str, Value]]:
    """Names and aliases as they stand, each with its language; what has another form is told
    where it is read."""
    for key in ("name", "aliases"):
        value = place.peek(key)
        if value is None:
            continue
        by_code = [(language, value.node)]
        if isinstance(value.node, yaml.MappingNode):
            by_code = [(str(code.value), node) for code, node in value.node.value]
        for code, node in by_code:
            listed = node.value if isinstance(node, yaml.SequenceNode) else [node]
            for one in listed:
                if isinstance(one, yaml.ScalarNode):
                    yield code, Value(value.name, value.file, one, value.problems)
