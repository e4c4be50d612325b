"""The baseline of `bench/grounding.py`: BM25 as in Robertson and Zaragoza 2009, nothing else."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence

import numpy as np

from patrol_core.geometry import FloatArray
from patrol_hri.understanding.text import tokens

K1, B = 1.2, 0.75


class Bm25:
    """Documents, each a list of texts."""

    def __init__(self, documents: Sequence[Sequence[str]]) -> None:
        self._counts = [Counter(w for text in texts for w in tokens(text)) for texts in documents]
        lengths = np.array([sum(count.values()) for count in self._counts], float)
        self._norms = K1 * (1.0 - B + B * lengths / max(float(lengths.mean()), 1.0))
        seen = Counter(word for count in self._counts for word in count)
        total = len(documents)
        self._rarity = {
            word: math.log(1.0 + (total - df + 0.5) / (df + 0.5)) for word, df in seen.items()
        }

    def scores(self, text: str) -> FloatArray:
        """(N,) of every document."""
        found = np.zeros(len(self._counts))
        for word in tokens(text):
            if word in self._rarity:
                times = np.array([count[word] for count in self._counts], float)
                found += self._rarity[word] * times * (K1 + 1.0) / (times + self._norms)
        return found
