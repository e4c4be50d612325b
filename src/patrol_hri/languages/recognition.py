"""Which language a sentence is in: by its script, then by its words and pieces of words.

Languages that share a script are told apart by naive Bayes over words and over letters in groups
of one to four, learnt at the start from the packaged examples and words; everything counts as
often as it is there (W. Cavnar, J. Trenkle, N-Gram-Based Text Categorization, 1994, compares
such groups by rank). No network, no model file.
"""

from __future__ import annotations

import unicodedata
from collections import Counter
from collections.abc import Iterator, Mapping

import numpy as np

from patrol_core.geometry import FloatArray
from patrol_hri.languages.catalogue import Language
from patrol_hri.languages.folding import split_words

MAX_LETTERS = 500
_LONGEST_GROUP = 4
_SMOOTHING, _TEMPERATURE = 0.3, 2.0
_WORD_WEIGHT, _GROUP_WEIGHT = 2.0, 0.2
_SCRIPTS = {"LATIN": "latin", "ARABIC": "arabic"}
_JAPANESE = ("HIRAGANA", "KATAKANA", "CJK")


def _script(letter: str) -> str:
    kind = unicodedata.name(letter, "").split(" ", 1)[0].split("-", 1)[0]
    return "japanese" if kind in _JAPANESE else _SCRIPTS.get(kind, "")


def _plain(text: str) -> str:
    return unicodedata.normalize("NFKC", text).casefold().replace("’", "'")


def _features(text: str) -> Iterator[tuple[str, float]]:
    """Words, and groups of letters, of a plain text; with how much each weighs."""
    for word, _ in split_words(text):
        for part in word.split("'"):
            yield f"={part}", _WORD_WEIGHT
            framed = f" {part} "
            for size in range(1, _LONGEST_GROUP + 1):
                for at in range(len(framed) - size + 1):
                    yield framed[at : at + size], _GROUP_WEIGHT


class LanguageRecognizer:
    """Learns from the packaged languages. Keeps nothing of what it is asked."""

    def __init__(self, languages: Mapping[str, Language]) -> None:
        self._by_script: dict[str, list[str]] = {}
        for one in languages.values():
            self._by_script.setdefault(one.script, []).append(one.code)
        self._weights: dict[str, dict[str, FloatArray]] = {}
        for script, codes in self._by_script.items():
            if len(codes) > 1:
                self._learn(script, [languages[code] for code in codes])

    def _learn(self, script: str, languages: list[Language]) -> None:
        counts = []
        for one in languages:
            count: Counter[str] = Counter()
            examples = (text for texts in one.examples.values() for text in texts)
            for text in (*examples, *one.words, *one.words, *one.ordinary):
                count.update(feature for feature, _ in _features(_plain(text)))
            counts.append(count)
        known = sorted(set().union(*counts))
        table = np.array([[count[feature] for count in counts] for feature in known])
        shares = np.log((table + _SMOOTHING) / (table + _SMOOTHING).sum(axis=0))
        self._weights[script] = dict(
            zip(known, shares - shares.mean(axis=1)[:, None], strict=True)
        )

    def recognize(self, text: str) -> tuple[str, float]:
        """Code of the language and how sure that is, 0 to 1; ("", 0) when nothing tells.

        Of a long text the beginning counts.
        """
        scores = self.scores(text)
        if not scores:
            return "", 0.0
        best = max(scores, key=lambda code: scores[code])
        return best, scores[best]

    def scores(self, text: str) -> dict[str, float]:
        """How likely each language of the text's script is; empty when nothing tells."""
        plain = _plain(text[:MAX_LETTERS])
        scripts = Counter(script for letter in plain if (script := _script(letter)))
        if not scripts:
            return {}
        # Latin words stand in Japanese and Arabic sentences, never the other way round
        script = max(scripts, key=lambda name: scripts[name] * (1.0 if name == "latin" else 3.0))
        codes = self._by_script.get(script, [])
        if len(codes) < 2:
            return dict.fromkeys(codes, 1.0)
        weights = self._weights[script]
        total = np.zeros(len(codes))
        for feature, weight in _features(plain):
            if feature in weights:
                total += weight * weights[feature]
        if not total.any():
            return {}
        chances = np.exp((total - total.max()) / _TEMPERATURE)
        return dict(zip(codes, (chances / chances.sum()).tolist(), strict=True))
