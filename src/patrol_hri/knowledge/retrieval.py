"""Which entries answer a question: by words, by names of places, and by meaning where an encoder
knows the language; only those that tell what was asked of them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from patrol_core.geometry import FloatArray
from patrol_core.site.visitors import Visitors
from patrol_hri.intents import Understood
from patrol_hri.knowledge.asked import NOTHING, AskedWords
from patrol_hri.knowledge.entries import HOURS, PLACES, QUESTIONS, RULES, Entry, entries_of
from patrol_hri.knowledge.lexical import Document, LexicalIndex
from patrol_hri.knowledge.params import KnowledgeParams
from patrol_hri.understanding.encoder import Encoder
from patrol_hri.understanding.minilm import MiniLmEncoder, model_folder
from patrol_hri.understanding.places import PlaceFinder
from patrol_hri.understanding.text import MAX_CHARS, normalize

MOST_CLAUSES = 4
MOST_NEAR = 2
_ASKED = frozenset({RULES, QUESTIONS, HOURS})
_SENTENCE = re.compile(r"[.!?;]\s|[.!?;]\Z")
_CLAUSE = re.compile(r"[,.;:!?]\s")


@dataclass(frozen=True, slots=True)
class Found:
    """An entry, and how well it answers, 0 to 1."""

    entry: Entry
    score: float


@dataclass(frozen=True, slots=True, eq=False)
class _Meaning:
    """Vectors (K, D) of all keys and texts, and the entry (K,) of each."""

    vectors: FloatArray
    owners: npt.NDArray[np.int64]


class Retrieval:
    """Entries of one site. `encoders`: by language, fitted; a language may have none."""

    def __init__(
        self,
        visitors: Visitors,
        places: PlaceFinder,
        asked: Mapping[str, AskedWords],
        encoders: Mapping[str, Encoder],
        params: KnowledgeParams,
    ) -> None:
        self.entries = entries_of(visitors, {code: w.opening for code, w in asked.items()})
        self._own = visitors.language
        self._places = places
        self._asked = asked
        self._encoders = encoders
        self._params = params
        self._indexes: dict[str, LexicalIndex] = {}
        self._meanings: dict[str, _Meaning] = {}
        self._told: dict[str, list[frozenset[str]]] = {}

    def find(self, text: str, understood: Understood, language: str) -> tuple[Found, ...]:
        """All that answers, the best first.

        Where the best does not tell what is wanted, only one that is nearly as good can.
        """
        wanted = self._words(language).facets_of(text)
        told = self._tells(language)
        scores = self.scores(text, understood, language)
        enough = self.enough(language)
        least = max(enough, self._params.close * float(scores.max(initial=0.0)))
        return tuple(
            Found(self.entries[index], float(scores[index]))
            for index in np.argsort(-scores, kind="stable").tolist()
            if scores[index] >= least and wanted <= told[index]
        )

    def near(self, text: str, understood: Understood, language: str) -> tuple[Entry, ...]:
        """Questions and rules that may be meant, where none answers: two at most, likeliest first.

        Only what can be asked in the language: an example of it is what is offered.
        """
        params = self._params
        least = params.near if language in self._encoders else params.near_words
        scores = self.scores(text, understood, language)
        found = [
            self.entries[index]
            for index in np.argsort(-scores, kind="stable").tolist()
            if scores[index] >= least and self.entries[index].section in _ASKED
        ]
        return tuple(entry for entry in found if entry.keys_in(language))[:MOST_NEAR]

    def enough(self, language: str) -> float:
        """The least score of an answer in a language."""
        return self._params.enough if language in self._encoders else self._params.enough_words

    def scores(self, text: str, understood: Understood, language: str) -> FloatArray:
        """(N,) of every entry, 0 to 1, whether it tells what is asked or not."""
        content = self._words(language).content(text)
        explained, said = self._index(language).match(content)
        named = self._named(text, content, understood)
        scores = np.maximum(explained * said, named)
        encoder = self._encoders.get(language)
        if encoder is not None:
            # Of what is named in a question, something else may be asked ("is there a lift?").
            explained = np.maximum(explained, named)
            doubt = self._params.unexplained * (1.0 - explained) * (explained > 0.0)
            meaning = self._by_meaning(text, language, encoder) * (1.0 - doubt)
            share = self._params.meaning_share
            joined = share * meaning + (1.0 - share) * scores
            scores = np.maximum(joined, self._params.words_alone * scores)
        return scores

    def _named(self, text: str, content: Sequence[str], understood: Understood) -> FloatArray:
        """Places by how much of what was said is their name; the question that was understood."""
        letters = max(sum(map(len, content)), 1)
        named = {
            (PLACES, match.place_id): min(match.score / letters, 1.0)
            for match in self._places.matches(text)
        }
        if understood.question_id:
            for section in (RULES, QUESTIONS):
                named[section, understood.question_id] = understood.confidence
            if understood.question_id == HOURS:
                named[HOURS, ""] = understood.confidence
        return np.array([named.get((e.section, e.entry_id), 0.0) for e in self.entries])

    def _tells(self, language: str) -> list[frozenset[str]]:
        """What each entry tells, by its texts or by what its examples ask."""
        if language not in self._told:
            self._told[language] = [self._facets(entry, language) for entry in self.entries]
        return self._told[language]

    def _facets(self, entry: Entry, language: str) -> frozenset[str]:
        code = language if language in entry.says or not entry.says else self._own
        told = [self._words(code).told_by(text) for text in entry.says_in(code)]
        asked = [self._words(language).facets_of(key) for key in entry.keys_in(language)]
        return frozenset[str]().union(*told, *asked)

    def _words(self, language: str) -> AskedWords:
        return self._asked.get(language, NOTHING)

    def _index(self, language: str) -> LexicalIndex:
        index = self._indexes.get(language)
        if index is None:
            words = self._words(language)
            documents = [
                Document(
                    tuple(tuple(words.content(key)) for key in self._keys(entry, language)),
                    tuple(w for text in self._says(entry, language) for w in words.content(text)),
                )
                for entry in self.entries
            ]
            index = self._indexes[language] = LexicalIndex(documents)
        return index

    def _keys(self, entry: Entry, language: str) -> tuple[str, ...]:
        """In the language; in the site's own only where the entry says nothing in it."""
        return entry.keys_in(language) or (
            () if language in entry.says else entry.keys_in(self._own)
        )

    def _says(self, entry: Entry, language: str) -> tuple[str, ...]:
        return entry.says_in(language) or entry.says_in(self._own)

    def _sentences(self, entry: Entry, language: str) -> Iterator[str]:
        """What it says, sentence by sentence."""
        for text in self._says(entry, language):
            yield from filter(None, _SENTENCE.split(text))

    def _clauses(self, text: str, language: str) -> list[str]:
        """The parts of a text that say what it is about, where it has several."""
        parts = _CLAUSE.split(text[:MAX_CHARS])
        clauses = [part for part in parts if self._words(language).content(part)]
        return clauses[:MOST_CLAUSES] if len(parts) > 1 else []

    def _by_meaning(self, text: str, language: str, encoder: Encoder) -> FloatArray:
        meaning = self._meanings.get(language)
        if meaning is None:
            pairs = [
                (index, phrase)
                for index, entry in enumerate(self.entries)
                for phrase in (*self._keys(entry, language), *self._sentences(entry, language))
            ]
            vectors = encoder.encode([phrase for _, phrase in pairs])
            owners = np.array([index for index, _ in pairs], np.int64)
            meaning = self._meanings[language] = _Meaning(vectors, owners)
        best = np.full(len(self.entries), -1.0)
        said = encoder.encode([normalize(text)])
        clauses = self._clauses(text, language)
        if clauses:
            said = np.vstack([said, encoder.encode(clauses)])
        np.maximum.at(best, meaning.owners, (meaning.vectors @ said.T).max(axis=1))
        low, high = self._params.meaning_low, self._params.meaning_high
        return np.clip((best - low) / (high - low), 0.0, 1.0)


def encoders_of_meaning() -> dict[str, Encoder]:
    """MiniLM for English, where it is installed."""
    folder = model_folder()
    return {} if folder is None else {"en": MiniLmEncoder(folder)}
