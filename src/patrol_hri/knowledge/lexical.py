"""Which entries share words with a question: weighed as in BM25, in spite of typing mistakes.

A word weighs by how few entries have it (Robertson and Sparck Jones 1976). An entry scores by the
share of the question that it explains, times how much of one of its names or examples was said:
a share, where BM25 has a sum, so that a threshold means the same for long and short questions.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from patrol_core.geometry import FloatArray
from patrol_hri.understanding.places import distance

WEAK = 0.7
"""Of a word that an entry only says, beside one by which it is asked for."""
ENDINGS = frozenset(("s", "e", "n", "es", "en", "er", "r", "d", "ed", "ing"))
INFLECTED, COMPOUND, MISSPELT, RELATED = 0.95, 0.7, 0.85, 0.5
LEAST_LETTERS = 4
STEM_LETTERS = 6
UNKNOWN = 0.65
"""How much a word that no entry has weighs, beside the rarest one that some have."""
NO_KEYS = 0.8
"""How much counts as said of a text that has no key in the language."""
MOST_WORDS = 40
"""Of a question that are looked at."""


@dataclass(frozen=True, slots=True)
class Document:
    """An entry as words that matter: `keys`, one list for each way to ask for it, and `says`."""

    keys: tuple[tuple[str, ...], ...]
    says: tuple[str, ...]


class LexicalIndex:
    """The documents of one language."""

    def __init__(self, documents: Sequence[Document]) -> None:
        self._documents = documents
        self._fields: list[dict[str, float]] = []
        for document in documents:
            field = dict.fromkeys(document.says, WEAK)
            field |= dict.fromkeys((word for key in document.keys for word in key), 1.0)
            self._fields.append(field)
        count = len(documents)
        seen: dict[str, int] = {}
        for field in self._fields:
            for word in field:
                seen[word] = seen.get(word, 0) + 1
        self._rarity = {
            word: math.log(1.0 + (count - df + 0.5) / (df + 0.5)) for word, df in seen.items()
        }
        self._unknown = math.log(1.0 + (count + 0.5) / 0.5)

    def match(self, asked: Sequence[str]) -> tuple[FloatArray, FloatArray]:
        """(N,) and (N,) of every document, for the words of a question that matter: the share of
        the question that it explains, and how well its names or examples were said (0.5 to 1).
        """
        asked = tuple(dict.fromkeys(asked[:MOST_WORDS]))
        likeness = {word: self._alike(word) for word in asked}
        weights = {word: self._weight(likeness[word]) for word in asked}
        whole = max(sum(weights.values()), 1e-9)
        explained = [self._explained(field, likeness, weights) / whole for field in self._fields]
        said = [self._said(document, likeness) for document in self._documents]
        return np.array(explained), np.array(said)

    def _explained(
        self,
        field: Mapping[str, float],
        likeness: Mapping[str, Mapping[str, float]],
        weights: Mapping[str, float],
    ) -> float:
        return sum(
            weight * max((like * field.get(word, 0.0) for word, like in likeness[q].items()),
                         default=0.0)
            for q, weight in weights.items()
        )  # fmt: skip

    def _said(self, document: Document, likeness: Mapping[str, Mapping[str, float]]) -> float:
        """0.5 to 1: how much of the best key was said."""
        if not document.keys:
            return NO_KEYS
        said: dict[str, float] = {}
        for alike in likeness.values():
            for word, like in alike.items():
                said[word] = max(like, said.get(word, 0.0))
        best = 0.0
        for key in document.keys:
            weight = sum(self._rarity[word] for word in key)
            if weight > 0.0:
                got = sum(self._rarity[word] * said.get(word, 0.0) for word in key)
                best = max(best, got / weight)
        return 0.5 + 0.5 * best

    def _weight(self, alike: Mapping[str, float]) -> float:
        if not alike:
            return UNKNOWN * self._unknown
        return self._rarity[max(alike, key=lambda word: alike[word])]

    def _alike(self, asked: str) -> dict[str, float]:
        """Words of the vocabulary that a word may stand for, with how well."""
        return {word: like for word in self._rarity if (like := alike(asked, word)) > 0.0}


def alike(asked: str, word: str) -> float:
    """0 to 1: the same word, an inflection of it, misspelt, or part of a compound."""
    if asked == word:
        return 1.0
    short, long = sorted((asked, word), key=len)
    if short[0] != long[0]:  # seldom mistyped
        compound = len(short) >= LEAST_LETTERS and long.endswith(short)
        return COMPOUND if compound else 0.0
    if inflected(asked, word):
        return INFLECTED
    if len(short) == len(long) == LEAST_LETTERS:
        return MISSPELT if sorted(short) == sorted(long) else 0.0
    most = 0 if len(short) < 5 else 1 if len(short) < 8 else 2
    near = most > 0 and len(long) - len(short) <= most
    if near and distance(short, long, most) <= most:
        return MISSPELT
    if len(short) >= LEAST_LETTERS and (long.startswith(short) or long.endswith(short)):
        # In compounds the thing itself comes last: a "Bahnhofskiosk" is no "Bahnhof".
        return RELATED if asked == long and long.startswith(short) else COMPOUND
    stem = short[: max(STEM_LETTERS, (len(long) + 1) // 2)]
    return RELATED if len(stem) >= STEM_LETTERS and long.startswith(stem) else 0.0


def inflected(one: str, other: str) -> bool:
    """Whether two words differ by an ending only ("smoke", "smoking")."""
    short, long = sorted((one, other), key=len)
    if long.startswith(short) and len(short) >= 3 and long[len(short) :] in ENDINGS:
        return True
    stem = short.removesuffix("e")
    return len(stem) >= LEAST_LETTERS and long.startswith(stem) and long[len(stem) :] in ENDINGS
