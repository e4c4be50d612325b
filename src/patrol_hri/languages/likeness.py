"""Which phrase of a list a badly garbled sentence is most like, letter by letter.

Every word of the phrases is looked for anywhere in the text without its spaces, with slips
(P. Sellers, The Theory and Computation of Evolutionary Distances, 1980), all words at once; the
words of a phrase must come in their order. A letter taken for one that sounds alike is half a
slip, two neighbours swapped are one.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from patrol_hri.languages.folding import fold_kana, is_japanese, split_words
from patrol_hri.languages.phrases import Pattern

LONGEST = 200
_HALF = 2
_FAR = 100
_ALIKE = (
    "bpvfw", "dt", "gkcqjh", "szx", "mn", "lr", "aeèé", "iyej", "ou",
    "طت", "صس", "ضدظ", "قك", "حه", "اعىي", "غخ",
)  # fmt: skip
_SOUNDS = {letter: ord(some[0]) for some in reversed(_ALIKE) for letter in some}

IntArray = npt.NDArray[np.int16]
Rows = npt.NDArray[np.intp]
Codes = npt.NDArray[np.int32]


@dataclass(frozen=True, slots=True)
class Like:
    """`score`: letters of the phrase that were found, less `price` for each slip."""

    pattern: Pattern
    score: float


def _codes(text: str) -> tuple[Codes, Codes]:
    return (
        np.array([ord(letter) for letter in text], np.int32),
        np.array([_SOUNDS.get(letter, ord(letter)) for letter in text], np.int32),
    )


class Likeness:
    """The phrases of one language."""

    def __init__(self, patterns: Sequence[Pattern], price: float) -> None:
        """`price`: letters that a slip takes away."""
        self._patterns = patterns
        self._price = price
        words = sorted({word for one in patterns for part in one.parts for word in part})
        row = {word: number for number, word in enumerate(words)}
        longest = max(map(len, words), default=0)
        self._letters = np.zeros((len(words), longest), np.int32)
        self._sounds = np.zeros((len(words), longest), np.int32)
        self._lengths = np.array([len(word) for word in words])
        for word, at in row.items():
            self._letters[at, : len(word)], self._sounds[at, : len(word)] = _codes(word)
        self._parts: list[tuple[Rows, Rows, Rows]] = []
        for part in range(max((len(one.parts) for one in patterns), default=0)):
            some = [
                (number, row[word])
                for number, one in enumerate(patterns)
                if part < len(one.parts)
                for word in sorted(one.parts[part])
            ]
            numbers, rows = np.array(some, np.intp).T
            starts = np.flatnonzero(np.r_[True, numbers[1:] != numbers[:-1]])
            self._parts.append((numbers, rows, starts))

    def find(self, text: str) -> Like | None:
        """The phrase that a text without spaces is most like."""
        text = text[:LONGEST]
        if not text or not self._patterns:
            return None
        worth = self._lengths[:, None] - self._price / _HALF * self._slips(text)
        best = np.zeros((len(self._patterns), len(text) + 1))
        done = np.full(len(self._patterns), -np.inf)
        places = np.arange(1, len(text) + 1)
        for numbers, rows, starts in self._parts:
            before = np.maximum(places[None] - self._lengths[rows][:, None], 0)
            values = worth[rows] + best[numbers[:, None], before]
            reached = np.maximum.reduceat(values, starts, axis=0)
            who = numbers[starts]
            best[who, 0] = -_FAR
            best[who, 1:] = np.maximum.accumulate(reached, axis=1)
            done[who] = reached.max(axis=1)
        top = int(np.argmax(done))
        return Like(self._patterns[top], float(done[top]))

    def _slips(self, text: str) -> IntArray:
        """Twice the slips of every word (rows) if it ends at each letter of the text."""
        letters, sounds = _codes(text)
        count, longest = self._letters.shape
        steps = np.arange(longest + 1, dtype=np.int16) * _HALF
        column = np.broadcast_to(steps, (count, longest + 1)).astype(np.int16)
        last = column
        found = np.empty((count, len(text)), np.int16)
        every = np.arange(count)
        for at in range(len(text)):
            wrong = self._letters != letters[at]
            cost = wrong.astype(np.int16) + (wrong & (self._sounds != sounds[at]))
            new = np.empty_like(column)
            new[:, 0] = 0
            new[:, 1:] = np.minimum(column[:, :-1] + cost, column[:, 1:] + _HALF)
            if at:
                swapped = (self._letters[:, 1:] == letters[at - 1]) & ~wrong[:, :-1]
                new[:, 2:] = np.where(
                    swapped, np.minimum(new[:, 2:], last[:, :-2] + _HALF), new[:, 2:]
                )
            new = np.minimum.accumulate(new - steps, axis=1) + steps
            last, column = column, new
            found[:, at] = new[every, self._lengths]
        return found


def joined(folded: str) -> str:
    """A folded text without its spaces."""
    if is_japanese(folded):
        return fold_kana(folded)
    return "".join(word for word, _ in split_words(folded))
