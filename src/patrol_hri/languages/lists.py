"""What the lists of `emergency.yaml` say of a sentence; what follows: `patrol_hri.emergency`."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from patrol_hri.languages.catalogue import Language
from patrol_hri.languages.everyday import EverydayWords
from patrol_hri.languages.folding import fold, fold_kana, forms, split_words
from patrol_hri.languages.phrases import (
    ALONE,
    ANYWHERE,
    HARMLESS,
    JOINED,
    Found,
    Pattern,
    Patterns,
    compile_phrases,
    phrases_of,
    words_of,
)
from patrol_hri.languages.sounds import SoundIndex
from patrol_hri.languages.spelling import Speller, allowed_edits, distance

LIKELY = 0.01
_POSSIBLE, _PLAIN_LETTERS = 0.001, 8
_GAP_WORDS, _GAP_LETTERS = 3, 8
_PARTLY_JOINED = 0.3
_SOUNDS_ALIKE = 0.5
"""So many slips at most has a word that sounds like another."""
_LOOSE_LETTERS_PER_SLIP = 3
_FIRST_KANJI = "\u4e00"
_CLEAR_KANA = 4
"""Fewer without any kanji sound like the end of one word and the beginning of another."""
_PARTICLES = re.compile("(?<!^)[がをは](?!$)")
_EXCLAIMED = re.compile(r"\b(?:oh|ah|ay|o) (?:no|non|nein|ne)\b")
"""Folded: says no to nothing, and ends a sentence."""


@dataclass(frozen=True, slots=True)
class Told:
    """The phrase of an emergency with how misspelt it is, or that all of them are taken back."""

    pattern: Pattern | None = None
    slips: float = 0.0
    harmless: bool = False


_Reading = list[dict[str, float]]
"""For each word what it may be, and by how many slips."""


def _verdict(
    matches: Iterable[tuple[Pattern, tuple[Found, ...]]],
    alone: Mapping[str, bool],
    scores: Mapping[str, float],
    loose: bool,
) -> Told:
    """The first emergency that nothing harmless takes back; one that is spelt right, if any.

    `alone`: whether nothing but fillers is said, `scores`: how likely it is that language, both by
    code. What is misspelt counts in likely languages only, what is short
    in possible ones.
    """
    quiet: set[int] = set()
    quiet_sentences: set[tuple[str, int]] = set()
    alarms = []
    for pattern, chain in matches:
        slips, letters = sum(one.slips for one in chain), sum(len(one.word) for one in chain)
        score = scores.get(pattern.language, 0.0)
        if loose:
            least, per_slip = _POSSIBLE, _LOOSE_LETTERS_PER_SLIP
        else:
            least = LIKELY if slips else _POSSIBLE if letters < _PLAIN_LETTERS else 0.0
            per_slip = pattern.letters_per_slip
        if pattern.mark != ALONE and (score < least or slips * per_slip > letters):
            continue
        places = {place for one in chain for place in range(one.start, one.end)}
        if pattern.kind != HARMLESS:
            if pattern.mark != ALONE or alone.get(pattern.language, False):
                alarms.append((pattern, chain, places))
        elif pattern.mark == ANYWHERE:
            quiet_sentences.add((pattern.language, chain[0].sentence))
        else:
            quiet |= places
    best: Told | None = None
    for pattern, chain, places in alarms:
        told = {(pattern.language, one.sentence) for one in chain}
        if places & quiet or told & quiet_sentences:
            continue
        slips = sum(one.slips for one in chain)
        if best is None or slips < best.slips:
            best = Told(pattern, slips)
    return best or Told(harmless=bool(alarms))


class SpacedLists:
    """Languages that are written with spaces."""

    def __init__(self, languages: Sequence[Language]) -> None:
        patterns: list[Pattern] = []
        vocabulary: dict[str, int] = {}
        groups: dict[str, set[str]] = {}
        self._sounds: dict[str, SoundIndex] = {}
        self._fillers: dict[str, frozenset[str]] = {}
        for one in languages:
            written = {word: forms(fold(word))[0] for word in words_of(phrases_of(one))}
            patterns += compile_phrases(one, written)
            alone = [phrase for phrase in phrases_of(one) if phrase.startswith(ALONE)]
            fillers = {form for text in one.fillers for form in _all_forms(text)}
            self._fillers[one.code] = frozenset(
                fillers | {written[word] for word in words_of(alone)}
            )
            vocabulary |= dict.fromkeys(fillers, 1)
            vocabulary |= {same: allowed_edits(len(word)) for word, same in written.items()}
            examples = [text for some in one.examples.values() for text in some]
            texts = (*examples, *one.words, *one.ordinary)
            ordinary = {form for text in texts for form in _all_forms(text)}
            groups[one.code] = ordinary | fillers | set(written.values())
            same = set(written.values())
            self._sounds[one.code] = SoundIndex(one.sounds, zip(same, same, strict=True))
        self._patterns = Patterns(patterns, _GAP_WORDS)
        self._speller = Speller(vocabulary, groups, EverydayWords().has)

    def by_language(self) -> dict[str, list[Pattern]]:
        """The phrases of each language."""
        return self._patterns.by_language()

    def detect(self, folded: str, scores: Mapping[str, float], loose: bool) -> Told:
        """`loose`: misspelt words count more easily, also if they are others spelt right."""
        likely = [code for code, score in scores.items() if score >= LIKELY]
        words = split_words(_EXCLAIMED.sub(r"\g<0>!", folded))
        read = [
            (self._whole(word, likely, loose), self._pieces(word, likely, loose), at)
            for word, at in words
        ]
        found = self._verdict(((whole or pieces, at) for whole, pieces, at in read), scores, loose)
        if found.pattern is None and any(whole and len(some) > 1 for whole, some, _ in read):
            other = self._verdict(((pieces, at) for _, pieces, at in read), scores, loose)
            return other if other.pattern or not found.harmless else found
        return found

    def is_spelt_right(self, folded: str, scores: Mapping[str, float]) -> bool:
        """Whether every word is one of a likely language, of its phrases, or a number."""
        likely = [code for code, score in scores.items() if score >= LIKELY]
        return all(
            any(form.isdigit() or self._speller.is_right(form, likely) for form in forms(word))
            for word, _ in split_words(folded)
        )

    def _verdict(
        self, reading: Iterable[tuple[_Reading, int]], scores: Mapping[str, float], loose: bool
    ) -> Told:
        found: list[Found] = []
        read: list[set[str]] = []
        for pieces, sentence in reading:
            for words in pieces:
                at = len(read)
                read.append(set(words))
                found += [Found(one, at, at + 1, sentence, words[one]) for one in sorted(words)]
        alone = {
            code: all(words & fillers for words in read) for code, fillers in self._fillers.items()
        }
        return _verdict(self._patterns.matches(found), alone, scores, loose)

    def _whole(self, word: str, likely: Sequence[str], loose: bool) -> _Reading:
        """What a word may be; nothing, if it is none of the vocabulary."""
        may_be = {
            one: _slips(word, one)
            for form in forms(word)
            for one in self._speller.find(form, likely, loose)
        }
        may_be |= {
            one: min(_slips(word, one), _SOUNDS_ALIKE)
            for form in forms(word)
            if loose or not self._speller.is_right(form, likely)
            for code in self._sounds.keys() & set(likely)
            for one in self._sounds[code].find(form)
        }
        return [may_be] if may_be else []

    def _pieces(self, word: str, likely: Sequence[str], loose: bool) -> _Reading:
        """What the words in it may be, if spaces are missing."""
        pieces, is_whole = self._speller.split(forms(word)[0], likely)
        doubt = 0.0 if pieces[:1] == forms(word)[:1] else JOINED if is_whole else _PARTLY_JOINED
        return [
            {one: doubt + _slips(piece, one) for one in self._speller.find(piece, likely, loose)}
            for piece in pieces or (word,)
        ]


def _slips(written: str, word: str) -> float:
    return float(min(distance(form, word) for form in forms(written)))


def _all_forms(text: str) -> Iterator[str]:
    for word, _ in split_words(fold(text)):
        yield from forms(word)


class JoinedLists:
    """Languages that are written without spaces: pieces of text, a slip from four letters on."""

    def __init__(self, languages: Sequence[Language]) -> None:
        patterns: list[Pattern] = []
        self._fillers: dict[str, tuple[str, ...]] = {}
        vocabulary: dict[str, int] = {}
        for one in languages:
            written = {word: fold_kana(fold(word)) for word in words_of(phrases_of(one))}
            patterns += compile_phrases(one, written)
            vocabulary |= {same: allowed_edits(len(same)) for same in written.values()}
            alone = [phrase for phrase in phrases_of(one) if phrase.startswith(ALONE)]
            pieces = {fold_kana(fold(word)) for text in one.fillers for word in text.split()}
            pieces |= {written[word] for word in words_of(alone)}
            self._fillers[one.code] = tuple(sorted(pieces - {""}, key=len, reverse=True))
        self._sounds = [
            SoundIndex(one.sounds, _as_it_is_said(words_of(phrases_of(one)))) for one in languages
        ]
        self._patterns = Patterns(patterns, _GAP_LETTERS)
        ordinary = {fold_kana(fold(word)) for one in languages for word in words_of(one.ordinary)}
        self._speller = Speller(vocabulary, {"": ordinary})
        self._longest = max((len(word) for word in vocabulary), default=0) + 1

    def by_language(self) -> dict[str, list[Pattern]]:
        """The phrases of each language."""
        return self._patterns.by_language()

    def detect(self, letters: str, scores: Mapping[str, float], loose: bool) -> Told:
        found = []
        for start in range(len(letters)):
            for end in range(start + 1, min(len(letters), start + self._longest) + 1):
                piece = letters[start:end]
                may_be = {
                    word: float(distance(piece, word))
                    for word in self._speller.find(piece, loose=loose)
                    if word == piece or _has_its_kanji(piece, word)
                }
                is_clear = len(piece) >= _CLEAR_KANA or _kanji(piece)
                for sounds in self._sounds if is_clear else ():
                    for word in sounds.find(piece):
                        may_be[word] = min(may_be.get(word, _SOUNDS_ALIKE), _SOUNDS_ALIKE)
                found += [Found(word, start, end, 0, may_be[word]) for word in sorted(may_be)]
        alone = {code: self._is_filled(letters, some) for code, some in self._fillers.items()}
        return _verdict(self._patterns.matches(found), alone, scores, loose)

    @staticmethod
    def _is_filled(letters: str, fillers: Sequence[str]) -> bool:
        for filler in fillers:
            letters = letters.replace(filler, " ")
        return len(letters.replace(" ", "")) <= 1


def _as_it_is_said(words: Iterable[str]) -> Iterator[tuple[str, str]]:
    """Pieces of Japanese, whole and without the particles that are often left out in them."""
    for word in words:
        written = fold_kana(fold(word))
        yield written, written
        yield fold_kana(fold(_PARTICLES.sub("", word))), written


def _kanji(letters: str) -> list[str]:
    return [letter for letter in letters if letter >= _FIRST_KANJI]


def _has_its_kanji(piece: str, word: str) -> bool:
    """Whether a misspelt piece has no kanji of its own, and at most one of three is missing."""
    kanji, left = _kanji(word), _kanji(piece)
    return set(left) <= set(kanji) and len(left) >= len(kanji) - (len(kanji) > 2)
