"""Which place of the site is meant, in any of its languages, misspelt or not."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from patrol_core.site.visitors import VisitorPlace, Visitors
from patrol_hri.understanding.text import tokens

MAX_WORDS = 60
"""Words of a text that are looked at."""
HEAD_LAST = frozenset({"en", "de", "nl"})
"""Languages in which the thing itself comes last ("visitors' car park"); first in the others."""
UNPARTED = frozenset({"ja"})
"""Languages written without blanks: names are looked for anywhere."""
LEAST_LETTERS = 4
"""Shorter names, and shorter parts of names, must be written as they are."""


@dataclass(frozen=True, slots=True)
class _Name:
    """A name without blanks: the more of its letters are found, the likelier it is meant.

    `letters`: the set of its letters, as bits; `edits`: how many typing mistakes it bears.
    """

    place_id: str
    text: str
    words: int
    letters: int
    edits: int


@dataclass(frozen=True, slots=True)
class PlaceMatch:
    """A place, and how many of the letters said it explains, less two for each mistake."""

    place_id: str
    score: int


class PlaceFinder:
    """Finds names and aliases of places, and their main parts ("car park" of a longer name).

    Each word may be joined or parted, and longer names have one or two letters wrong (restricted
    Damerau-Levenshtein distance). Figures must be right, and another word
    that begins with a name is not that name. The longest match wins.
    """

    def __init__(self, visitors: Visitors) -> None:
        whole: dict[str, set[str]] = {}
        parts: dict[str, set[str]] = {}
        unparted: dict[str, set[str]] = {}
        for place in visitors.places:
            for language, name in _names(place, visitors.language):
                words = _words(name)
                if language in UNPARTED:
                    unparted.setdefault("".join(words), set()).add(place.place_id)
                    continue
                whole.setdefault(" ".join(words), set()).add(place.place_id)
                for part in _main_parts(words, language):
                    parts.setdefault(part, set()).add(place.place_id)
        every = parts | whole  # what is a whole name of one place is no part of another's
        # What several places are called by tells none of them.
        self._names = {
            name.text: name for name in (_name(*one) for one in every.items() if len(one[1]) == 1)
        }
        self._shared = {"".join(name.split()) for name, ids in every.items() if len(ids) > 1}
        self._unparted = {name: min(ids) for name, ids in unparted.items() if len(ids) == 1}
        self._by_length: dict[int, list[_Name]] = {}
        for one in self._names.values():
            for length in range(len(one.text) - one.edits, len(one.text) + one.edits + 1):
                self._by_length.setdefault(length, []).append(one)
        self._most_words = max((name.words for name in self._names.values()), default=0) + 1

    def find(self, text: str) -> str:
        """The id of the place that is named, or "" where none is, or several equally well."""
        found = self.matches(text)
        best = max((match.score for match in found), default=0)
        ids = [match.place_id for match in found if match.score == best]
        return ids[0] if len(ids) == 1 else ""

    def matches(self, text: str) -> tuple[PlaceMatch, ...]:
        """Every place that the text may name, each with its best score."""
        words = _words(text)[:MAX_WORDS]
        scores: dict[str, int] = {}
        for place_id, score in self._scores(words):
            scores[place_id] = max(score, scores.get(place_id, 0))
        return tuple(PlaceMatch(*one) for one in sorted(scores.items()))

    def share(self, text: str) -> float:
        """How much of the text the best match explains, 0 to 1."""
        letters = len("".join(_words(text)))
        best = max((match.score for match in self.matches(text)), default=0)
        return min(best / letters, 1.0) if letters else 0.0

    def _scores(self, words: Sequence[str]) -> Iterator[tuple[str, int]]:
        whole = "".join(words)
        for part, place_id in self._unparted.items():
            if part in whole:
                yield place_id, 2 * len(part)  # kana and kanji say more than letters do
        for first in range(len(words)):
            for last in range(first + 1, min(first + self._most_words, len(words)) + 1):
                yield from self._near("".join(words[first:last]), last - first)

    def _near(self, said: str, words: int) -> Iterator[tuple[str, int]]:
        exact = self._names.get(said)
        if exact is not None:
            yield exact.place_id, len(said)
            return
        if said in self._shared or len(said) < LEAST_LETTERS:
            return
        letters = _letters(said)
        for name in self._by_length.get(len(said), ()):
            if (
                abs(name.words - words) <= 1
                and (name.letters ^ letters).bit_count() <= 2 * name.edits
                and _figures(name.text) == _figures(said)
                and not _is_other_word(said, name.text)
            ):
                mistakes = distance(name.text, said, name.edits)
                if mistakes <= name.edits:
                    yield name.place_id, len(name.text) - 2 * mistakes


def _is_other_word(said: str, name: str) -> bool:
    """Whether it is the name with an ending: "officer" is no office, but "offices" are, and
    "officee" is a mistake."""
    ending = said.removeprefix(name)
    return len(ending) < len(said) and ending not in {"", "s", name[-1]}


def distance(one: str, other: str, most: int) -> int:
    """Letters to change, add, drop or swap with their neighbour; more than `most`: `most` + 1."""
    before: list[int] = []
    row = list(range(len(other) + 1))
    for i, letter in enumerate(one, 1):
        before, last = row, before
        row = [i]
        for j, against in enumerate(other, 1):
            cost = min(before[j] + 1, row[-1] + 1, before[j - 1] + (letter != against))
            if i > 1 and j > 1 and letter == other[j - 2] and against == one[i - 2]:
                cost = min(cost, last[j - 2] + 1)
            row.append(cost)
        if min(row) > most and (not before or min(before) > most):
            return most + 1
    return min(row[-1], most + 1)


def _names(place: VisitorPlace, own: str) -> Iterator[tuple[str, str]]:
    """Language and name, of every name and alias; the id, too, as a name of the site's own."""
    yield own, place.place_id.replace("_", " ")
    yield from place.names.items()
    for language, aliases in place.aliases.items():
        for alias in aliases:
            yield language, alias


def _words(text: str) -> list[str]:
    """The words of a text; what stands before an apostrophe ("l'accueil") is a word of its own."""
    return [part for word in tokens(text) for part in word.split("'")]


def _main_parts(words: Sequence[str], language: str) -> Iterator[str]:
    """What is left of a name without the words that tell more closely which one."""
    for count in range(1, len(words)):
        part = words[-count:] if language in HEAD_LAST else words[:count]
        if len("".join(part)) >= LEAST_LETTERS and not part[0].isdigit():
            yield " ".join(part)


def _name(part: str, ids: set[str]) -> _Name:
    text = "".join(part.split())
    edits = 0 if len(text) < LEAST_LETTERS else 1 if len(text) < 2 * LEAST_LETTERS else 2
    return _Name(min(ids), text, len(part.split()), _letters(text), edits)


def _letters(text: str) -> int:
    """The set of its letters as bits; letters whose codes are alike modulo 64 share one."""
    bits = 0
    for letter in text:
        bits |= 1 << (ord(letter) & 63)
    return bits


def _figures(text: str) -> str:
    return "".join(letter for letter in text if letter.isdigit())
