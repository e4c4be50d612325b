"""Words that everybody uses: one of them is meant as it stands, however like another it is.

The file keeps a number for each word, not the word; one word in 10 000 is taken for another's.
It is made by `bench/_make_everyday.py`.
"""

from __future__ import annotations

import zlib
from pathlib import Path

import numpy as np
import numpy.typing as npt

WORDS = Path(__file__).with_name("everyday.npz")


def word_number(folded: str) -> int:
    """The number, below 2**32, by which a folded word is known."""
    return zlib.crc32(folded.encode("utf-8", "surrogatepass"))


class EverydayWords:
    """Those of the languages that the file has a list of."""

    def __init__(self, path: Path = WORDS) -> None:
        self._numbers: dict[str, npt.NDArray[np.uint32]] = {}
        with np.load(path) as stored:
            for code in stored.files:
                self._numbers[code] = np.cumsum(stored[code], dtype=np.uint32)

    def has(self, folded: str, code: str) -> bool:
        """Whether a folded word is an everyday one of the language."""
        numbers = self._numbers.get(code)
        if numbers is None:
            return False
        number = np.uint32(word_number(folded))
        at = int(np.searchsorted(numbers, number))
        return at < len(numbers) and bool(numbers[at] == number)
