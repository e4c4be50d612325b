"""Makes `languages/everyday.npz` anew: `python bench/_make_everyday.py`, some seconds.

From the lists of words in films' subtitles that come with `pyspellchecker` (MIT licence): the most
frequent of each language, folded, each as the difference of its number to the one before.
"""

from __future__ import annotations

import sys

import numpy as np
import numpy.typing as npt
from spellchecker import SpellChecker

from patrol_hri.languages.catalogue import load_languages
from patrol_hri.languages.everyday import WORDS, word_number
from patrol_hri.languages.folding import fold, forms

LEAST_SHARE, MOST = 1e-7, 40_000


def frequent_words(code: str) -> list[str]:
    """The most frequent of a language, most frequent first.

    Words that count least in a list were not heard at all but made up by rules of grammar.
    """
    counts = dict(SpellChecker(code).word_frequency.items())
    least = max(min(counts.values()) + 1, LEAST_SHARE * sum(counts.values()))
    found = sorted(counts, key=lambda word: (-counts[word], word))[:MOST]
    return [word for word in found if counts[word] >= least]


def numbers_of(words: list[str]) -> npt.NDArray[np.uint32]:
    """The numbers of what the words may be written as, in order."""
    found = {word_number(form) for word in words for form in forms(fold(word))}
    return np.array(sorted(found), np.uint32)


def main() -> int:
    known = set(SpellChecker.languages())
    lists = {code: numbers_of(frequent_words(code)) for code in load_languages() if code in known}
    gaps = {code: np.diff(some, prepend=np.uint32(0)) for code, some in lists.items()}
    np.savez_compressed(WORDS, **gaps)  # type: ignore[arg-type]
    print(f"{WORDS}: " + ", ".join(f"{code} {len(some)}" for code, some in lists.items()))
    return 0


if __name__ == "__main__":
    sys.exit(main())
