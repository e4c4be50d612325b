"""Reads the languages: a folder each, named by its ISO 639-1 code.

`language.yaml`: its names, direction, script, what the other languages are called in it, words
that are everywhere in it, and how letters sound (`languages/sounds.py`). `intents.yaml`: examples
of every built-in intent but QUESTION, UNKNOWN and EMERGENCY, at least twelve each; those of
LANGUAGE name the language that is asked for as the people say it ("do you speak German"), and
`Language.names` tells which one that is. `emergency.yaml`: see `patrol_hri.emergency`.
`texts.yaml`, where it is there: what the robot says, by key. `counts.yaml`, where it is there:
how what is counted is said.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import yaml

from patrol_core.errors import Place
from patrol_core.site.yaml_tree import Problems, Value, read_yaml
from patrol_hri.errors import UnknownTextError
from patrol_hri.intents import Intent

FOLDER = Path(__file__).parent
EMERGENCY_KINDS = ("fire", "medical", "violence", "danger")
EXAMPLES_AT_LEAST = 12
_SCRIPTS = ("latin", "arabic", "japanese")
_DIRECTIONS = ("ltr", "rtl")
_UNITS = ("metres", "minutes", "days")
_OTHER = "other"
_FORM = re.compile(r"(\d+)(?:-(\d+))?\Z")
_WITH_EXAMPLES = tuple(
    intent.value
    for intent in Intent
    if intent not in {Intent.QUESTION, Intent.UNKNOWN, Intent.EMERGENCY}
)


@dataclass(frozen=True, slots=True)
class Language:
    """One language. `name`: in itself; `direction`: "ltr" or "rtl", of its writing.

    `emergency`: phrases by kind; `harmless`: phrases that make no emergency of one of these;
    `fillers`: words around a cry that change nothing; `ordinary`: words that look like
    misspelt words of emergencies and are not. `sounds`: letters of folded words, and what they
    sound like. `names`: what languages are called in it, by code.
    `counts`: by unit, what is said of so many: by number ("2"), by range of the last two digits
    ("3-10"), or "other".
    """

    code: str
    name: str
    direction: str
    examples: Mapping[Intent, tuple[str, ...]]
    emergency: Mapping[str, tuple[str, ...]]
    texts: Mapping[str, str]
    english_name: str = ""
    script: str = "latin"
    names: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    words: tuple[str, ...] = ()
    harmless: tuple[str, ...] = ()
    fillers: tuple[str, ...] = ()
    ordinary: tuple[str, ...] = ()
    sounds: tuple[tuple[re.Pattern[str], str], ...] = ()
    counts: Mapping[str, Mapping[str, str]] = field(default_factory=dict)

    def say(self, key: str, **values: object) -> str:
        """The text under `key`, with the values filled in; whole numbers of metres, minutes and
        days (`metres`, `photo_days`) with their unit.

        Raises UnknownTextError when there is none, or when it needs a value that is not given.
        """
        if key not in self.texts:
            raise UnknownTextError(
                f"'{self.code}' has no text '{key}'",
                remedy=f"add it to languages/{self.code}/texts.yaml",
            )
        try:
            return self.texts[key].format(
                **{name: self._counted(name, value) for name, value in values.items()}
            )
        except (KeyError, IndexError) as error:
            raise UnknownTextError(
                f"text '{key}' of '{self.code}' needs {error}",
                expected=f"one of {', '.join(values)}" if values else "no values",
                remedy="mend the placeholder, or give the value",
            ) from error

    def _counted(self, name: str, value: object) -> object:
        forms = self.counts.get(name.rpartition("_")[2], {})
        if not forms or not isinstance(value, int):
            return value
        form = forms.get(str(value)) or next(
            (form for key, form in forms.items() if _in_range(value % 100, key)), forms[_OTHER]
        )
        return form.format(count=value)


def _in_range(digits: int, key: str) -> bool:
    first, _, last = key.partition("-")
    return bool(last) and int(first) <= digits <= int(last)


def load_languages(folder: Path = FOLDER) -> dict[str, Language]:
    """Every language in `folder`, by code, in alphabetical order.

    Raises ConfigError for the first mistake, with file and line; a folder without languages is
    one, too.
    """
    problems = Problems()
    codes = [path.parent.name for path in sorted(folder.glob("*/language.yaml"))]
    if not codes:
        problems.add(
            Place(folder), "there is no language", "folders with a language.yaml", "check the path"
        )
    languages = {code: _language(folder / code, codes, problems) for code in codes}
    if problems.found:
        raise problems.found[0]
    return languages


def _language(folder: Path, codes: Sequence[str], problems: Problems) -> Language:
    root = read_yaml(folder / "language.yaml", "a language", problems)
    keys = ("name", "english_name", "direction", "script", "names", "words")
    fields = root.fields(keys, ("sounds",)) if root else {}
    names = fields["names"].fields(codes, _keys(fields["names"])) if "names" in fields else {}
    emergency = _lists(
        folder / "emergency.yaml", (*EMERGENCY_KINDS, "harmless", "fillers", "ordinary"), problems
    )
    examples = _lists(folder / "intents.yaml", _WITH_EXAMPLES, problems, EXAMPLES_AT_LEAST)
    return Language(
        code=folder.name,
        name=_text(fields, "name"),
        direction=(fields["direction"].one_of(_DIRECTIONS) if "direction" in fields else "") or "",
        examples={Intent(key): texts for key, texts in examples.items()},
        emergency={kind: emergency.get(kind, ()) for kind in EMERGENCY_KINDS},
        texts=_texts(folder / "texts.yaml", problems),
        english_name=_text(fields, "english_name"),
        script=(fields["script"].one_of(_SCRIPTS) if "script" in fields else "") or "",
        names={code: _all_texts(value) for code, value in names.items()},
        words=tuple(_text(fields, "words").split()),
        harmless=emergency.get("harmless", ()),
        fillers=emergency.get("fillers", ()),
        ordinary=emergency.get("ordinary", ()),
        sounds=tuple(_sounds(fields["sounds"])) if "sounds" in fields else (),
        counts=_counts(folder / "counts.yaml", problems),
    )


def _text(fields: Mapping[str, Value], key: str) -> str:
    return (fields[key].text() if key in fields else "") or ""


def _all_texts(value: Value) -> tuple[str, ...]:
    return tuple(text for item in value.items() if (text := item.text()) is not None)


def _sounds(value: Value) -> Iterator[tuple[re.Pattern[str], str]]:
    for item in value.items():
        letters, _, sound = (item.text() or "").partition(" ")
        try:
            yield re.compile(letters), sound
        except re.error as error:
            item.wrong(
                f"{item.name} has '{letters}': {error}",
                "a regular expression, a space, and what it sounds like",
                "mend it",
            )


def _lists(
    file: Path, keys: Sequence[str], problems: Problems, at_least: int = 1
) -> dict[str, tuple[str, ...]]:
    """A file of lists of texts; the same text twice in it is a mistake."""
    root = read_yaml(file, "lists of sentences", problems)
    first: dict[str, int] = {}
    found: dict[str, tuple[str, ...]] = {}
    for key, value in (root.fields(keys) if root else {}).items():
        items = value.items()
        found[key] = _all_texts(value) if items else ()
        if items and len(items) < at_least:
            value.wrong(f"{value.name} has {len(items)}", f"{at_least} or more", "add some")
        for item in items:
            text = item.text() or ""
            if text.casefold() in first:
                item.wrong(
                    f"'{text}' stands there twice (first in line {first[text.casefold()]})",
                    "every sentence once",
                    "remove one of the two",
                )
            first.setdefault(text.casefold(), item.place.line or 0)
    return found


def _texts(file: Path, problems: Problems) -> dict[str, str]:
    if not file.exists():
        return {}
    root = read_yaml(file, "what the robot says", problems)
    if root is None:
        return {}
    return {key: value.text() or "" for key, value in root.fields(_keys(root)).items()}


def _counts(file: Path, problems: Problems) -> dict[str, dict[str, str]]:
    root = read_yaml(file, "how what is counted is said", problems) if file.exists() else None
    found: dict[str, dict[str, str]] = {}
    for unit, value in (root.fields(_UNITS) if root else {}).items():
        keys = [key for key in _keys(value) if key != _OTHER]
        for key in keys:
            if not _FORM.match(key):
                value.wrong(f"{value.name} has '{key}'", "2, 3-10 or other", "mend it")
        fields = value.fields((_OTHER,), [key for key in keys if _FORM.match(key)])
        found[unit] = {key: one.text() or "" for key, one in fields.items()}
    return found


def _keys(value: Value) -> list[str]:
    """Those that a mapping has, whatever they are."""
    pairs = value.node.value if isinstance(value.node, yaml.MappingNode) else []
    return [str(key.value) for key, _ in pairs]
