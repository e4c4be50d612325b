"""Finds words of a vocabulary in spite of misspelling, and in words written without spaces.

The lookup goes by deletions: two words are within k edits only if they have a word in common
after at most k deletions each (W. Garbe, SymSpell, 2012); candidates are then measured.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from itertools import combinations

LONGEST = 24
_ONE_EDIT, _TWO_EDITS = 4, 8
_SHORTEST_JOINED, _SHORTEST_PIECE, _LONGEST_PIECE = 5, 5, 14
_KNOWN, _KNOWN_SHORT, _MISSPELT, _UNKNOWN_LETTER = 1.0, 1.4, 2.2, 1.6


def allowed_edits(word: str) -> int:
    """How many slips a word may have and still be taken for itself: its length decides."""
    return (len(word) >= _ONE_EDIT) + (len(word) >= _TWO_EDITS)


def distance(a: str, b: str) -> int:
    """Insertions, deletions, replacements and swaps of neighbours from one word to the other.

    Optimal string alignment: no letter is touched twice.
    """
    before: list[int] = []
    row = list(range(len(b) + 1))
    for i, letter in enumerate(a, start=1):
        before, last, row = row, before, [i]
        for j, other in enumerate(b, start=1):
            cost = min(before[j] + 1, row[j - 1] + 1, before[j - 1] + (letter != other))
            if i > 1 and j > 1 and letter == b[j - 2] and a[i - 2] == other:
                cost = min(cost, last[j - 2] + 1)
            row.append(cost)
    return row[-1]


def _deletions(word: str, edits: int) -> Iterator[str]:
    for count in range(edits + 1):
        for gone in combinations(range(len(word)), count):
            yield "".join(letter for at, letter in enumerate(word) if at not in gone)


class Speller:
    """A vocabulary to find misspelt words in.

    `ordinary`: words that are right as they are, and never a misspelt word of the vocabulary.
    """

    def __init__(self, vocabulary: Iterable[str], ordinary: Iterable[str]) -> None:
        self._vocabulary = frozenset(vocabulary)
        self._known = self._vocabulary | frozenset(ordinary)
        self._index: defaultdict[str, list[str]] = defaultdict(list)
        for word in sorted(self._vocabulary):
            for rest in set(_deletions(word, allowed_edits(word))):
                self._index[rest].append(word)

    def find(self, word: str) -> frozenset[str]:
        """The words of the vocabulary that `word` is, or may be misspelt."""
        if word in self._vocabulary:
            return frozenset((word,))
        if word in self._known or not 2 < len(word) <= LONGEST:
            return frozenset()
        return self.near(word, 2 if len(word) >= _TWO_EDITS - 2 else 1)

    def near(self, word: str, edits: int) -> frozenset[str]:
        """The words of the vocabulary within so many edits, and within what they allow."""
        candidates = {
            known for rest in set(_deletions(word, edits)) for known in self._index.get(rest, ())
        }
        return frozenset(
            known
            for known in candidates
            if distance(word, known) <= min(edits, allowed_edits(known))
        )

    def split(self, word: str) -> tuple[str, ...]:
        """The cheapest way to read `word` as several words without spaces; as it is, if none.

        Known words are cheap, misspelt words of the vocabulary dearer, letters of none dearest.
        """
        if len(word) < _SHORTEST_JOINED or word in self._known or len(word) > 5 * LONGEST:
            return (word,)
        costs = [0.0]
        pieces: list[tuple[str, ...]] = [()]
        for end in range(1, len(word) + 1):
            cost, read = costs[-1] + _UNKNOWN_LETTER, pieces[-1]
            for start in range(max(0, end - _LONGEST_PIECE), end):
                price, piece = self._piece(word[start:end])
                if costs[start] + price < cost:
                    cost, read = costs[start] + price, (*pieces[start], piece)
            costs.append(cost)
            pieces.append(read)
        return pieces[-1] or (word,)

    def _piece(self, piece: str) -> tuple[float, str]:
        if piece in self._known:
            return (_KNOWN if len(piece) > 2 else _KNOWN_SHORT), piece
        if len(piece) >= _SHORTEST_PIECE:
            near = self.near(piece, 1)
            if near:
                return _MISSPELT, min(near)
        return float("inf"), piece
