"""From a sentence to a closed intent, in the language that it is in."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Protocol

from patrol_core.site.visitors import Visitors
from patrol_hri.intents import Intent, Understood
from patrol_hri.languages.catalogue import FOLDER, Language
from patrol_hri.understanding.classifier import SentenceClassifier
from patrol_hri.understanding.encoder import Encoder, JoinedEncoder
from patrol_hri.understanding.minilm import MiniLmEncoder, model_folder
from patrol_hri.understanding.ngrams import NgramEncoder
from patrol_hri.understanding.params import EncoderParams, UnderstandingParams
from patrol_hri.understanding.places import PlaceFinder
from patrol_hri.understanding.slots import SlotFinder
from patrol_hri.understanding.text import normalize, tokens

ENGLISH = "en"
"""The language that MiniLM knows."""
LATIN = "latin"
"""The script whose words stand in sentences of the others, too."""
_QUESTION = "question/"
_ENOUGH = 5
"""Classes with fewer examples say nothing about how sure one can be."""


class Recognizer(Protocol):
    """Tells languages apart."""

    def recognize(self, text: str) -> tuple[str, float]:
        """Code and confidence 0 to 1; "" when it cannot be told."""


class _Speaker:
    """What is understood in one language: examples word by word, and what is like them."""

    def __init__(
        self,
        examples: Mapping[str, tuple[str, ...]],
        ways: tuple[str, ...],
        encoder: Encoder,
        params: UnderstandingParams,
    ) -> None:
        """`ways`: what asks for the way to a place of the site, in these words."""
        pairs = [(text, label) for label, texts in examples.items() for text in texts]
        sentences, labels = [normalize(text) for text, _ in pairs], [label for _, label in pairs]
        self._exact: dict[str, set[str]] = {}
        for text, label in pairs:
            self._exact.setdefault(_key(text), set()).add(label)
        for text in ways:
            self._exact.setdefault(_key(text), set()).add(Intent.WAY.value)
        self._classifier = SentenceClassifier(encoder, params.classifier)
        self._classifier.fit(sentences, labels)
        scores = self._classifier.left_out()
        some = [row for row, label in enumerate(labels) if len(examples[label]) >= _ENOUGH]
        if some:
            self._classifier.calibrate(scores[some], [labels[row] for row in some])

    def exactly(self, text: str) -> str:
        """The label of an example in the same words, or "" where none is, or several are."""
        labels = self._exact.get(_key(text), set())
        return min(labels) if len(labels) == 1 else ""

    def guess(self, text: str) -> tuple[str, float]:
        """The likeliest label, and how sure that is."""
        guess = self._classifier.guess(normalize(text))
        return guess.label, guess.confidence


class Understander:
    """Learns the built-in intents and the site's questions at the start, then understands.

    English is understood by MiniLM joined with n-grams where that package is installed; the other
    languages, which it does not know, by n-grams: a classifier for each language. It holds no
    state of conversations and may be used by several threads.
    """

    def __init__(
        self,
        languages: Mapping[str, Language],
        visitors: Visitors | None,
        params: UnderstandingParams,
        recognizer: Recognizer,
        folder: Path = FOLDER,
    ) -> None:
        """`folder`: of the languages. Raises ConfigError for a wrong `slots.yaml` in it."""
        self._params = params
        self._recognizer = recognizer
        self._own = visitors.language if visitors else min(languages, key=lambda c: c != ENGLISH)
        self._places = PlaceFinder(visitors) if visitors else None
        self._slots = SlotFinder(languages, folder)
        self.encoders = {code: make_encoder(params.encoder, code) for code in languages}
        self._light = {
            code for code, one in self.encoders.items() if isinstance(one, NgramEncoder)
        }
        self._scripts = {code: one.script for code, one in languages.items()}
        self._speakers = {
            code: _Speaker(
                dict(_examples(language, visitors, self._slots.unsure[code])),
                _ways(language, visitors),
                self.encoders[code],
                params,
            )
            for code, language in languages.items()
        }

    def understand(self, text: str, language: str) -> Understood:
        """What the text asks for; `language` is that of the conversation so far, or "".

        Never raises, whatever the text; it is cut (`text.MAX_CHARS`). Less sure than the
        threshold is UNKNOWN; then `confidence` is how sure it was of what it did not believe.
        """
        spoken = self._spoken(text, language)
        if not tokens(text):
            return Understood(Intent.UNKNOWN, 0.0, spoken)
        place = self._places.find(text) if self._places else ""
        label, confidence = self._guess(text, spoken, place)
        slots = self._slots.find(text)
        if label.startswith(_QUESTION):
            question = label.removeprefix(_QUESTION)
            return Understood(Intent.QUESTION, confidence, spoken, place, question, slots)
        return Understood(Intent(label), confidence, spoken, place, slots=slots)

    def _guess(self, text: str, spoken: str, place: str) -> tuple[str, float]:
        """The label to believe, and how sure that is. The same words as an example come first,
        in another language too; then a place and nothing but it; then what is like examples."""
        label = self._speakers[spoken].exactly(text)
        elsewhere = {one for speaker in self._speakers.values() if (one := speaker.exactly(text))}
        if label or len(elsewhere) == 1:
            return label or elsewhere.pop(), 1.0
        params = self._params
        named = self._places.share(text) if self._places and place else 0.0
        if named >= params.bare_place:
            return Intent.WAY.value, named
        label, confidence = self._speakers[spoken].guess(text)
        least = params.threshold_light if spoken in self._light else params.threshold
        if confidence >= least:
            return label, confidence
        is_way = named >= params.unsure_place
        return (Intent.WAY if is_way else Intent.UNKNOWN).value, confidence

    def _spoken(self, text: str, language: str) -> str:
        """The language of the text: that of the conversation, unless another is sure. A single
        word in letters that all use does not tell."""
        found, sure = self._recognizer.recognize(text)
        own = self._speakers.get(language)
        if own is not None and own.exactly(text):
            return language
        others = [code for code, speaker in self._speakers.items() if speaker.exactly(text)]
        if own is not None:
            apart = self._scripts.get(found, LATIN) not in {LATIN, self._scripts[language]}
            if not apart and len(tokens(text)) < self._params.switch_words:
                return language
            if found in others or (
                found in self._speakers and sure >= self._params.switch_confidence
            ):
                return found
            return others[0] if len(others) == 1 else language
        if found in self._speakers:
            return found
        return others[0] if len(others) == 1 else self._own


def make_encoder(params: EncoderParams, language: str) -> Encoder:
    """The encoder for a language: MiniLM joined with n-grams for English, n-grams otherwise."""
    ngrams = NgramEncoder(params.dimensions, params.of_words)
    folder = model_folder() if params.kind != "n-grams" else None
    if language != ENGLISH or folder is None:
        return ngrams
    return JoinedEncoder(MiniLmEncoder(folder), ngrams, params.share)


def _examples(
    language: Language, visitors: Visitors | None, unsure: tuple[str, ...]
) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Labels with their examples: who does not know; the built-in intents; the site's rules and
    questions."""
    yield Intent.UNKNOWN.value, unsure
    for intent, texts in language.examples.items():
        yield intent.value, texts
    for question in (*visitors.rules, *visitors.questions) if visitors else ():
        texts = question.examples.get(language.code, ())
        if texts:
            yield f"{_QUESTION}{question.question_id}", texts


def _ways(language: Language, visitors: Visitors | None) -> tuple[str, ...]:
    """What the kiosk says for a visitor who touches a place."""
    names = [one.names.get(language.code, "") for one in visitors.places] if visitors else []
    return tuple(language.say("kiosk_say_way", place=name) for name in names if name)


def _key(text: str) -> str:
    return " ".join(tokens(text))
