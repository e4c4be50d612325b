"""Tells an emergency from anything else, before anything else looks at a sentence.

All languages are tried at once, whatever the conversation is in: people cry for help in their
own. Phrases stand in `languages/<code>/emergency.yaml`:

    there|a fire      words in this order, up to three others in between; `|` is "or"
    = help            the whole of what is said, apart from `fillers`

In languages that are written without spaces, the parts are pieces of text. A misspelt word counts
(one slip from four letters on, two from eight, one in five letters of a phrase; what sounds like
another word is half a slip, `languages/sounds.py`), unless it is a word of its own (`ordinary`,
the words and examples of the languages, `languages/everyday.py`), and so do words without spaces
between them: both in languages only that the sentence is likely to be in. Phrases that are spelt
right count in any, short ones where that is possible.

`harmless` has what takes an emergency back: a phrase over the same words ("no fire", "fire exit"),
or, after `*`, anything in the same sentence ("* yesterday", "* what if"), spelt right. Where it is
unclear it tells: "help" alone, "there was a fire", "no! fire!", a misspelt "there is no fier".
Negations, questions, the past and the hypothetical are harmless only in the forms of the files.

What is misspelt needs a second opinion, `languages/cries.py`, learnt from letters: it may doubt a
misspelt phrase; more slips count, and words of their own as misspelt, if it agrees; and if it is
very sure, a sentence tells that is only like a phrase (`languages/likeness.py`). It must be surer
where every word is right as it stands. Phrases that are spelt right, and what is harmless, need
none.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from patrol_hri.languages.catalogue import Language
from patrol_hri.languages.cries import load_model
from patrol_hri.languages.folding import fold, fold_kana, is_japanese
from patrol_hri.languages.likeness import Like, Likeness, joined
from patrol_hri.languages.lists import LIKELY, JoinedLists, SpacedLists, Told
from patrol_hri.languages.phrases import JOINED, Pattern
from patrol_hri.languages.recognition import LanguageRecognizer

MAX_LETTERS = 1000
_LANGUAGES, _MOST_ALIKE = 2, 10.0
_PRICE, _PRICE_JOINED = 3.0, 2.0
_WEIGHT = 0.5


@dataclass(frozen=True, slots=True)
class _Bounds:
    """How sure the learnt opinion must be, alone and together with the likeness to a phrase.

    `surety`: logarithm of odds; `together`: that, and `_WEIGHT` for each letter alike. Chosen on
    sentences left out of the learning: a quarter of those in bench/emergency, twice (their cries
    garbled as the benchmark does, on seeds from 777), and of CLINC150's train, of which fewer
    than one in a thousand may alarm.
    """

    surety: float
    together: float


_MISSPELT = _Bounds(-6.0, -1.4)
_LOOSE, _LOOSE_BUT_RIGHT = _Bounds(-0.5, 1.0), _Bounds(-0.5, 3.0)
_ALONE, _ALONE_BUT_RIGHT = _Bounds(-1.5, 3.0), _Bounds(1.0, 5.5)


@dataclass(frozen=True, slots=True)
class Emergency:
    """`kind`: "fire", "medical", "violence" or "danger"; `phrase`: that of the list."""

    kind: str
    language: str
    phrase: str


class EmergencyDetector:
    """Compiled from the lists of all languages. Keeps nothing of what it is asked."""

    def __init__(self, languages: Mapping[str, Language]) -> None:
        spaced = [one for one in languages.values() if one.script != "japanese"]
        japanese = [one for one in languages.values() if one.script == "japanese"]
        self._spaced, self._joined = SpacedLists(spaced), JoinedLists(japanese)
        self._recognizer = LanguageRecognizer(languages)
        self._cries = load_model()
        self._likeness = {
            code: Likeness(patterns, price)
            for part, price in ((self._spaced, _PRICE), (self._joined, _PRICE_JOINED))
            for code, patterns in part.by_language().items()
        }

    def detect(self, text: str) -> Emergency | None:
        """The emergency that `text` tells of, or None. Of a long text the beginning counts."""
        text = text[:MAX_LETTERS]
        folded = fold(text)
        scores = self._recognizer.scores(text)
        told = self._told(folded, scores)
        if told.harmless:
            return None
        if told.pattern and told.slips < JOINED:
            return _emergency(told.pattern)
        surety = self._cries.surety(text)
        bounds = _MISSPELT
        if told.pattern is None:
            if surety <= min(_LOOSE.surety, _ALONE.surety):
                return None
            told = self._told(folded, scores, loose=True)
            if told.harmless:
                return None
            if self._spaced.is_spelt_right(folded, scores):
                bounds = _LOOSE_BUT_RIGHT if told.pattern else _ALONE_BUT_RIGHT
            else:
                bounds = _LOOSE if told.pattern else _ALONE
        if surety <= bounds.surety:
            return None
        like = self._like(folded, scores)
        if like is None or surety + _WEIGHT * min(like.score, _MOST_ALIKE) <= bounds.together:
            return None
        return _emergency(told.pattern or like.pattern)

    def _told(self, folded: str, scores: Mapping[str, float], loose: bool = False) -> Told:
        told = self._spaced.detect(folded, scores, loose)
        if told.pattern is None and is_japanese(folded):
            other = self._joined.detect(fold_kana(folded), scores, loose)
            return other if other.pattern or not told.harmless else told
        return told

    def _like(self, folded: str, scores: Mapping[str, float]) -> Like | None:
        """The phrase of the likeliest languages that it is most like."""
        likely = sorted((-score, code) for code, score in scores.items() if score >= LIKELY)
        found = [
            like
            for _, code in likely[:_LANGUAGES]
            if (like := self._likeness[code].find(joined(folded))) is not None
        ]
        return max(found, key=lambda like: like.score, default=None)


def _emergency(pattern: Pattern) -> Emergency:
    return Emergency(pattern.kind, pattern.language, pattern.phrase)
