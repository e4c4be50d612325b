"""Finds words of a vocabulary in spite of misspelling, and in words written without spaces.

The lookup goes by deletions: two words are within k edits only if they have a word in common
after at most k deletions each (W. Garbe, SymSpell, 2012); candidates are then measured.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import combinations

LONGEST = 24
_ONE_EDIT, _TWO_EDITS = 4, 8
_LOOSE_ONE_EDIT, _LOOSE_TWO_EDITS = 3, 6
_SHORTEST_JOINED, _SHORTEST_PIECE, _LONGEST_PIECE = 4, 4, 14
_KNOWN = {1: 2.0, 2: 1.2}  # by letters; longer ones cost 1
_MISSPELT, _UNKNOWN_LETTER, _SHARED = 2.6, 1.6, 0.3


def allowed_edits(letters: int) -> int:
    """How many slips a word may have and still be taken for itself: its length decides."""
    return (letters >= _ONE_EDIT) + (letters >= _TWO_EDITS)


def _loose_edits(letters: int) -> int:
    """How many, where other things tell what is meant, too."""
    return (letters >= _LOOSE_ONE_EDIT) + (letters >= _LOOSE_TWO_EDITS)


def distance(a: str, b: str) -> int:
    """Insertions, deletions, replacements and swaps of neighbours from one word to the other.

    Optimal string alignment: no letter is touched twice.
    """
    before: list[int] = []
    row = list(range(len(b) + 1))
    for i, letter in enumerate(a, start=1):
        last, before, row = before, row, [i]
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

    `vocabulary`: words with the slips that each may have. `ordinary`: words by language that are
    right as they are, and never a misspelt word of the vocabulary. `is_everyday`: whether a word
    is so at least where that language, a code, is likely.
    """

    def __init__(
        self,
        vocabulary: Mapping[str, int],
        ordinary: Mapping[str, Iterable[str]],
        is_everyday: Callable[[str, str], bool] = lambda _word, _code: False,
    ) -> None:
        self._edits = dict(vocabulary)
        self._is_everyday = is_everyday
        self._groups = {code: frozenset(words) for code, words in ordinary.items()}
        self._known = frozenset(self._edits).union(*self._groups.values())
        self._index: defaultdict[str, list[str]] = defaultdict(list)
        for word, edits in sorted(self._edits.items()):
            for rest in set(_deletions(word, max(edits, _loose_edits(len(word))))):
                self._index[rest].append(word)

    def find(self, word: str, codes: Iterable[str] = (), loose: bool = False) -> frozenset[str]:
        """The words of the vocabulary that `word` is, or may be misspelt.

        `codes`: likely languages. `loose`: shorter words may be misspelt, too, and be like
        ordinary ones.
        """
        if word in self._edits:
            return frozenset((word,))
        if (self.is_right(word, codes) and not loose) or not 2 < len(word) <= LONGEST:
            return frozenset()
        return self._near(word, 1 + (len(word) >= _TWO_EDITS - 2), loose)

    def is_right(self, word: str, codes: Iterable[str]) -> bool:
        """Whether it is a word as it stands, in any language or at least in one of `codes`."""
        return word in self._known or any(self._is_everyday(word, code) for code in codes)

    def _near(self, word: str, edits: int, loose: bool = False) -> frozenset[str]:
        candidates = {
            known for rest in set(_deletions(word, edits)) for known in self._index.get(rest, ())
        }
        return frozenset(
            known
            for known in candidates
            if distance(word, known)
            <= min(edits, _loose_edits(len(known)) if loose else self._edits[known])
        )

    def split(self, word: str, codes: Sequence[str]) -> tuple[tuple[str, ...], bool]:
        """The cheapest way to read `word` as several words of one of the languages.

        Known words are cheap, misspelt words of the vocabulary dearer, letters of none dearest.
        One letter may be the end of a word and the beginning of the next. Also, whether every
        letter of it is of a known word.
        """
        groups = [self._groups[code] for code in sorted(codes) if code in self._groups]
        if not _SHORTEST_JOINED <= len(word) <= 3 * LONGEST or not groups:
            return (word,), False
        if self.is_right(word, codes):
            return (word,), False
        near: dict[str, frozenset[str]] = {}
        for end in range(1, len(word) + 1):
            for start in range(max(0, end - _LONGEST_PIECE), end - _SHORTEST_PIECE + 1):
                piece = word[start:end]
                near[piece] = self._near(piece, 1)
        _, pieces = min(self._read(word, group, near) for group in groups)
        return pieces, sum(map(len, pieces)) >= len(word) and self._known.issuperset(pieces)

    def _read(
        self, word: str, group: frozenset[str], near: Mapping[str, frozenset[str]]
    ) -> tuple[float, tuple[str, ...]]:
        best: list[tuple[float, tuple[str, ...]]] = [(0.0, ())]
        for end in range(1, len(word) + 1):
            cost, read = best[-1]
            found = (cost + _UNKNOWN_LETTER, read)
            for start in range(max(0, end - _LONGEST_PIECE), end):
                piece = word[start:end]
                if piece in group:
                    price = _KNOWN.get(len(piece), 1.0)
                elif near.get(piece) and not near[piece].isdisjoint(group):
                    price = _MISSPELT
                else:
                    continue
                for at, more in ((start, 0.0), (start + 1, _SHARED)):
                    if at == end or (more and not start):
                        continue
                    cost, read = best[at]
                    found = min(found, (cost + price + more, (*read, piece)))
            best.append(found)
        return best[-1]
