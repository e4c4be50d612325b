"""What questions about a site are made of, by language: `languages/<code>/asked.yaml`."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from patrol_core.site.loader import SiteError
from patrol_core.site.yaml_tree import Problems, Value, read_yaml
from patrol_hri.understanding.text import normalize, tokens

FOLDER = Path(__file__).parents[1] / "languages"
FILE = "asked.yaml"
FACETS = ("price", "time", "person", "phone", "amount", "measure", "clock", "secret")
"""What may be wanted of a thing, beside where and whether it is."""
_UNPARTED = re.compile(r"[\u3040-\u30ff\u3400-\u9fff]")
_HIRAGANA = re.compile(r"[\u3040-\u309f]+\Z")
_FIGURES = {"#": re.compile(r"\d"), "#:": re.compile(r"\d:\d\d")}


@dataclass(frozen=True, slots=True)
class Cue:
    """Words to be found in a text. `pattern`: of the text as it is, else `words` parted by blanks,
    with a blank at either end; `first`: at the beginning only.
    """

    words: str = ""
    first: bool = False
    pattern: re.Pattern[str] | None = None

    def is_in(self, said: str, text: str) -> bool:
        """`said`: the words of `text`, with blanks as here."""
        if self.pattern is not None:
            return self.pattern.search(text) is not None
        return said.startswith(self.words) if self.first else self.words in said


@dataclass(frozen=True, slots=True)
class Facet:
    """`asked`: what asks for it; `told`: what tells it. What nothing tells is never answered."""

    asked: tuple[Cue, ...]
    told: tuple[Cue, ...]


@dataclass(frozen=True, slots=True)
class AskedWords:
    """Of one language. `common`: words that say nothing about what is asked for; `filler`: words
    that say nothing in an answer.
    """

    common: frozenset[str]
    facets: Mapping[str, Facet]
    opening: tuple[str, ...]
    filler: frozenset[str]

    def content(self, text: str) -> list[str]:
        """The words of a text that say what it is about."""
        return [word for word in words(text) if not self._is_common(word)]

    def facets_of(self, text: str) -> frozenset[str]:
        """What a question wants to know."""
        said, plain = _spaced(text), normalize(text)
        return frozenset(
            name
            for name, facet in self.facets.items()
            if any(cue.is_in(said, plain) for cue in facet.asked)
        )

    def told_by(self, text: str) -> frozenset[str]:
        """What a text tells of what may be wanted."""
        said, plain = _spaced(text), normalize(text)
        return frozenset(
            name
            for name, facet in self.facets.items()
            if any(cue.is_in(said, plain) for cue in facet.told)
        )

    def _is_common(self, word: str) -> bool:
        short = len(word) == 1 and not word.isdigit() and not _UNPARTED.match(word)
        return short or word in self.common or bool(_HIRAGANA.match(word))


NOTHING = AskedWords(frozenset(), {}, (), frozenset())
"""Of a language that has no such file."""


def words(text: str) -> list[str]:
    """The words of a text, parted at apostrophes too ("l'accueil")."""
    return [part for word in tokens(text) for part in word.split("'")]


def load_asked(folder: Path = FOLDER) -> dict[str, AskedWords]:
    """The words of every language that has the file. Raises SiteError with every mistake."""
    problems = Problems()
    found: dict[str, AskedWords] = {}
    for file in sorted(folder.glob(f"*/{FILE}")):
        root = read_yaml(file, "the words of questions", problems)
        if root is not None:
            found[file.parent.name] = _read(root)
    if problems.found:
        raise SiteError(tuple(problems.found))
    return found


def _read(root: Value) -> AskedWords:
    fields = root.fields(("common", "facets", "opening", "filler"))
    common, filler = (
        words(fields[key].text() or "") if key in fields else () for key in ("common", "filler")
    )
    facets = fields["facets"].fields((), FACETS) if "facets" in fields else {}
    opening = _list(fields["opening"]) if "opening" in fields else ()
    return AskedWords(
        frozenset(common),
        {name: _facet(value) for name, value in facets.items()},
        opening,
        frozenset(filler),
    )


def _facet(value: Value) -> Facet:
    fields = value.fields(("asked", "told"))
    asked, told = (_list(fields[key]) if key in fields else () for key in ("asked", "told"))
    return Facet(tuple(map(_cue, asked)), tuple(map(_cue, told)))


def _cue(text: str) -> Cue:
    """ "#" is a figure, "#:" a time of day; "^": at the beginning only."""
    if text in _FIGURES:
        return Cue(pattern=_FIGURES[text])
    if _UNPARTED.search(text):
        return Cue(pattern=re.compile(re.escape(normalize(text))))
    return Cue(_spaced(text), text.startswith("^"))


def _list(value: Value) -> tuple[str, ...]:
    return tuple(text for item in value.items() if (text := item.text()) is not None)


def _spaced(text: str) -> str:
    return f" {' '.join(words(text))} "
