"""Words that sound alike, however they are written: people write, and speech recognition hears,
"lugt" for "lucht".

A language says in its `language.yaml` how letters sound: pairs of a regular expression over
folded words and what it sounds like, replaced one after the other. As in the phonetic codes of
old (Soundex, Kölner Phonetik) the result is no transcription; it only has to be the same.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Sequence

_HELD = re.compile(r"(.)\1+")
_SHORTEST = 3

Rules = Sequence[tuple[re.Pattern[str], str]]


class SoundIndex:
    """The words of a vocabulary by how they sound."""

    def __init__(self, rules: Rules, words: Iterable[tuple[str, str]]) -> None:
        """`words`: each as it is written, folded, and the word of the vocabulary that it is."""
        self._rules = rules
        self._index: defaultdict[str, set[str]] = defaultdict(set)
        if rules:
            for written, word in words:
                self._index[self.sound(written)].add(word)

    def sound(self, folded: str) -> str:
        """What a folded word sounds like."""
        for letters, sound in self._rules:
            folded = letters.sub(sound, folded)
        return _HELD.sub(r"\1", folded)

    def find(self, folded: str) -> frozenset[str]:
        """The words that sound like `folded`; none for what is very short."""
        if not self._index:
            return frozenset()
        sound = self.sound(folded)
        return frozenset(self._index.get(sound, ()) if len(sound) >= _SHORTEST else ())
