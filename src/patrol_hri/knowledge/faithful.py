"""Whether a text says what another says, and nothing else: decided by its words alone.

Sentences may change their order, words their endings, and words that carry no statement (the
`filler` of a language: articles, politeness) may come and go. Any other word, figure, negation,
comma or question mark that is added, left out or moved makes it another text.
"""

from __future__ import annotations

import re
from collections.abc import Collection

from patrol_hri.knowledge.lexical import inflected
from patrol_hri.understanding.text import MAX_CHARS, normalize, tokens

_SENTENCE = re.compile(r"[.!。]+(?=\s|$)|(?<=。)")
_PIECE = re.compile(r"[^\W_]+(?:'[^\W_]+)*|[^\w\s.!。'\"]")


def says_the_same(text: str, source: str, filler: Collection[str]) -> bool:
    """Whether `text` tells all of `source` and no more."""
    if len(text) > MAX_CHARS or len(source) > MAX_CHARS:
        return False
    left = _sentences(source, filler)
    for sentence in _sentences(text, filler):
        match = next((one for one in left if _same(sentence, one)), None)
        if match is None:
            return False
        left.remove(match)
    return not left


def _sentences(text: str, filler: Collection[str]) -> list[list[str]]:
    """Words and marks of each sentence, without fillers; those that have none are left out."""
    found = []
    for sentence in _SENTENCE.split(normalize(text)):
        pieces = _PIECE.findall(sentence)
        first = 0
        while first < len(pieces) and pieces[first] in filler:
            first += 1
        if 0 < first < len(pieces) and pieces[first] in (",", "、", "،"):
            first += 1  # "Sure, ..."
        kept = [piece for piece in pieces[first:] if piece not in filler]
        if kept:
            found.append(kept)
    return found


def _same(one: list[str], other: list[str]) -> bool:
    return len(one) == len(other) and all(
        a == b or (tokens(a) == [a] and inflected(a, b)) for a, b in zip(one, other, strict=True)
    )
