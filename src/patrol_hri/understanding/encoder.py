"""What turns sentences into vectors, and how two of them are joined."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

import numpy as np

from patrol_core.geometry import FloatArray


class Encoder(Protocol):
    """Sentences to vectors of length 1 (or 0): the nearer two are, the more alike.

    `name`: for people. `fit`: looks at sentences of the kind that will come, where it has to
    (how rare a word is); called once, before `encode`.
    """

    @property
    def name(self) -> str: ...

    def fit(self, sentences: Sequence[str]) -> None: ...

    def encode(self, sentences: Sequence[str]) -> FloatArray:
        """Vectors (N, D) of N sentences."""


class JoinedEncoder:
    """Two encoders side by side; the inner product is the weighted mean of theirs."""

    def __init__(self, first: Encoder, second: Encoder, share: float) -> None:
        """`share` of the first, 0 to 1."""
        self.name = f"{first.name} + {second.name}"
        self._parts = ((first, share**0.5), (second, (1.0 - share) ** 0.5))

    def fit(self, sentences: Sequence[str]) -> None:
        for encoder, _ in self._parts:
            encoder.fit(sentences)

    def encode(self, sentences: Sequence[str]) -> FloatArray:
        return np.hstack([weight * encoder.encode(sentences) for encoder, weight in self._parts])
