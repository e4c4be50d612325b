"""What questions about a site are made of, by language: `languages/<code>/asked.yaml`."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
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
_FIGURE, _CLOCK = re.compile(r"\d"), re.compile(r"\d:\d\d")


@dataclass(frozen=True, slots=True)
class Facet:
    """`asked`: words that ask for it ("^": at the beginning). `told`: words of a text that tells
    it ("#": a figure, "#:": a time of day); what nothing tells is never answered.
    """

    asked: tuple[str, ...]
    told: tuple[str, ...]


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
        return frozenset(
            name
            for name, facet in self.facets.items()
            if any(_says(text, cue) for cue in facet.asked)
        )

    def tells(self, texts: Iterable[str], facet: str) -> bool:
        """Whether texts tell what is wanted."""
        told = self.facets[facet].told if facet in self.facets else ()
        return any(_says(text, cue) for text in texts for cue in told)

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
    return Facet(*(_list(fields[key]) if key in fields else () for key in ("asked", "told")))


def _list(value: Value) -> tuple[str, ...]:
    return tuple(text for item in value.items() if (text := item.text()) is not None)


def _says(text: str, cue: str) -> bool:
    if cue in ("#", "#:"):
        return bool((_CLOCK if cue == "#:" else _FIGURE).search(text))
    if _UNPARTED.search(cue):
        return cue in normalize(text)
    said, wanted = f" {' '.join(words(text))} ", f" {' '.join(words(cue))} "
    return said.startswith(wanted) if cue.startswith("^") else wanted in said
