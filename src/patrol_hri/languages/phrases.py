"""Phrases of `emergency.yaml`, ready to be compared with what was said."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from patrol_hri.languages.catalogue import Language

ALONE, ANYWHERE, HARMLESS = "=", "*", "harmless"
JOINED = 0.1
"""So much of a slip is a space that had to be put in."""
_OR = "|"
_LETTERS_PER_SLIP = {"latin": 5, "arabic": 4, "japanese": 4}


@dataclass(frozen=True, slots=True)
class Pattern:
    """A phrase, ready to be compared: for each part the words that it may be."""

    kind: str
    language: str
    phrase: str
    parts: tuple[frozenset[str], ...]
    mark: str
    letters_per_slip: int


@dataclass(frozen=True, slots=True)
class Found:
    """A word of the vocabulary in the text. `start`, `end`: words, or letters of Japanese.

    `slips`: how misspelt it is; part of one if spaces had to be put in to find it.
    """

    word: str
    start: int
    end: int
    sentence: int
    slips: float


class Patterns:
    """The phrases of some languages, by the words in them."""

    def __init__(self, patterns: Sequence[Pattern], gap: int) -> None:
        self._patterns = patterns
        self._gap = gap
        self._by_word: defaultdict[str, list[tuple[int, int]]] = defaultdict(list)
        for number, pattern in enumerate(patterns):
            for part, words in enumerate(pattern.parts):
                for word in words:
                    self._by_word[word].append((number, part))

    def by_language(self) -> dict[str, list[Pattern]]:
        """Those that tell of an emergency in more than a cry, by the code of their language."""
        found: defaultdict[str, list[Pattern]] = defaultdict(list)
        for one in self._patterns:
            if one.kind != HARMLESS and one.mark != ALONE:
                found[one.language].append(one)
        return dict(found)

    def matches(self, found: Iterable[Found]) -> Iterator[tuple[Pattern, tuple[Found, ...]]]:
        """Every phrase that is there, and where."""
        hits: defaultdict[int, defaultdict[int, list[Found]]] = defaultdict(
            lambda: defaultdict(list)
        )
        for one in found:
            for number, part in self._by_word.get(one.word, ()):
                hits[number][part].append(one)
        for number in sorted(hits):
            pattern, parts = self._patterns[number], hits[number]
            if len(parts) == len(pattern.parts):
                yield from ((pattern, chain) for chain in self._chains(pattern, parts, ()))

    def _chains(
        self, pattern: Pattern, parts: Mapping[int, list[Found]], chain: tuple[Found, ...]
    ) -> Iterator[tuple[Found, ...]]:
        if len(chain) == len(pattern.parts):
            yield chain
            return
        for one in parts[len(chain)]:
            if pattern.kind == HARMLESS and not (
                one.slips <= JOINED and (not chain or one.sentence == chain[-1].sentence)
            ):
                continue
            if not chain or 0 <= one.start - chain[-1].end <= self._gap:
                yield from self._chains(pattern, parts, (*chain, one))


def compile_phrases(language: Language, written: Mapping[str, str]) -> Iterator[Pattern]:
    """The phrases of a language; `written`: how its words are compared."""
    for kind, phrases in (*language.emergency.items(), (HARMLESS, language.harmless)):
        for phrase in phrases:
            mark = phrase[0] if phrase[0] in {ALONE, ANYWHERE} else ""
            parts = phrase[len(mark) :].split()
            words = [frozenset(written[word] for word in part.split(_OR)) for part in parts]
            per_slip = _LETTERS_PER_SLIP[language.script]
            yield Pattern(kind, language.code, phrase, tuple(words), mark, per_slip)


def words_of(phrases: Iterable[str]) -> Iterator[str]:
    for phrase in phrases:
        for part in phrase.lstrip(ALONE + ANYWHERE).split():
            yield from part.split(_OR)


def phrases_of(language: Language) -> list[str]:
    return [*language.harmless, *(one for some in language.emergency.values() for one in some)]
