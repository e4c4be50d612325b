"""Sentences by the words and letters that they have in common: any language, no weights."""

from __future__ import annotations

import unicodedata
import zlib
from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import pairwise

import numpy as np

from patrol_core.geometry import FloatArray
from patrol_hri.understanding.text import tokens

LETTERS = range(2, 6)
"""Lengths of the pieces of a word, its ends included."""
_VOICING = "\u3099\u309a"  # of kana: another letter, no accent


class NgramEncoder:
    """Words, pairs of words and pieces of words, hashed into so many dimensions with a sign.

    Weights are 1 + ln(count), times how rare it is among the sentences of `fit` (TF-IDF; hashing:
    Weinberger et al. 2009). Words and pairs of words count `of_words` of the whole, pieces of
    words the rest. Accents do not count.
    """

    name = "n-grams"

    def __init__(self, dimensions: int, of_words: float = 0.5) -> None:
        """`of_words`: 0 to 1."""
        self._dimensions = dimensions
        self._shares = (of_words**0.5, (1.0 - of_words) ** 0.5)
        self._rarity: FloatArray = np.ones(2 * dimensions)
        self._learnt: dict[str, list[tuple[int, int]]] = {}

    def fit(self, sentences: Sequence[str]) -> None:
        words = {_plain(word) for sentence in sentences for word in tokens(sentence)}
        self._learnt = {word: self._pieces(word) for word in words}
        seen = np.zeros(2 * self._dimensions)
        for sentence in sentences:
            seen[list({slot for slot, _ in self._slots(sentence)})] += 1.0
        self._rarity = np.log((1.0 + len(sentences)) / (1.0 + seen)) + 1.0

    def encode(self, sentences: Sequence[str]) -> FloatArray:
        vectors = np.zeros((len(sentences), self._dimensions))
        for row, sentence in enumerate(sentences):
            counted = Counter(self._slots(sentence))
            if not counted:
                continue
            slots = np.array([slot for slot, _ in counted])
            signs = np.array([sign for _, sign in counted], float)
            weights = (1.0 + np.log(list(counted.values()))) * self._rarity[slots]
            of_words = slots < self._dimensions
            for part, share in zip((of_words, ~of_words), self._shares, strict=True):
                weights[part] *= share / max(float(np.linalg.norm(weights[part])), 1e-9)
            np.add.at(vectors[row], slots % self._dimensions, signs * weights)
            vectors[row] /= max(float(np.linalg.norm(vectors[row])), 1e-9)
        return vectors

    def _slots(self, sentence: str) -> Iterator[tuple[int, int]]:
        """Where each n-gram counts, and with which sign: words first, pieces of words behind."""
        words = [_plain(word) for word in tokens(sentence)]
        pairs = [f"{one} {other}" for one, other in pairwise(words)]
        for text in (*words, *pairs):
            yield self._slot(text, 0)
        for word in words:
            yield from self._learnt.get(word) or self._pieces(word)

    def _pieces(self, word: str) -> list[tuple[int, int]]:
        return [self._slot(text, self._dimensions) for text in _pieces(f"<{word}>")]

    def _slot(self, text: str, first: int) -> tuple[int, int]:
        code = zlib.crc32(text.encode(), first)
        return first + (code >> 1) % self._dimensions, 1 if code & 1 else -1


def _pieces(word: str) -> Iterator[str]:
    for length in LETTERS:
        for start in range(len(word) - length + 1):
            yield word[start : start + length]


def _plain(word: str) -> str:
    """The word without its accents."""
    apart = unicodedata.normalize("NFKD", word)
    kept = (c for c in apart if c in _VOICING or not unicodedata.combining(c))
    return unicodedata.normalize("NFKC", "".join(kept))
