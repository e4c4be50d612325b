"""How much a sentence sounds like an emergency: a learnt opinion beside the lists.

Logistic regression on groups of two to five letters of the folded text, with and without its
spaces; groups share weights by a hash (K. Weinberger et al., Feature Hashing for Large Scale
Multitask Learning, ICML 2009). Weights: `cries.npz`, made by `bench/_train_emergency.py`.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import numpy.typing as npt

from patrol_core.geometry import FloatArray
from patrol_hri.languages.folding import fold, fold_kana, is_japanese, split_words

MODEL = Path(__file__).with_name("cries.npz")
BITS = 17
_SIZES = (2, 3, 4, 5)
_FACTOR = np.uint64(0x9E3779B97F4A7C15)
_SHIFT = np.uint64(64 - BITS)


def groups(text: str) -> npt.NDArray[np.int64]:
    """Which groups of letters are in a text, each once: numbers below 2**BITS."""
    folded = fold(text)
    words = [fold_kana(folded)] if is_japanese(folded) else [w for w, _ in split_words(folded)]
    if not any(words):
        return np.empty(0, np.int64)
    spaced = _hashed(" " + " ".join(words) + " ", 1)
    return np.unique(np.concatenate((spaced, _hashed("".join(words), 2))))


def _hashed(text: str, salt: int) -> npt.NDArray[np.int64]:
    codes = np.frombuffer(text.encode("utf-32-le", "surrogatepass"), np.uint32).astype(np.uint64)
    found: list[npt.NDArray[np.int64]] = [np.empty(0, np.int64)]
    value = np.full(len(codes), salt, np.uint64)
    for size in range(1, max(_SIZES) + 1):
        if len(codes) < size:
            break
        value = (value[: len(codes) - size + 1] * _FACTOR) ^ (codes[size - 1 :] * _FACTOR)
        value ^= value >> np.uint64(29)
        if size in _SIZES:
            found.append(((value * _FACTOR) >> _SHIFT).astype(np.int64))
    return np.concatenate(found)


class CryModel:
    """The weights, and what they make of a text."""

    def __init__(self, weights: FloatArray, bias: float) -> None:
        """`weights`: (2**BITS,)."""
        self._weights, self._bias = weights, bias

    def surety(self, text: str) -> float:
        """The logarithm of the odds that it is an emergency."""
        found = groups(text)
        if not len(found):
            return self._bias
        return float(self._weights[found].sum() / np.sqrt(len(found)) + self._bias)


def load_model(path: Path = MODEL) -> CryModel:
    """The packaged weights: whole numbers, and the unit that they count in."""
    with np.load(path) as stored:
        weights = stored["weights"].astype(np.float64) * float(stored["unit"])
        return CryModel(weights, float(stored["bias"]))
