"""Every number that understanding may be tuned by."""

from __future__ import annotations

from dataclasses import dataclass, field

from patrol_core.params import param
from patrol_hri.understanding.classifier import ClassifierParams


@dataclass(frozen=True, slots=True)
class EncoderParams:
    """What turns sentences into vectors. Share and dimensions: chosen on CLINC150's train, val."""

    kind: str = param(
        "minilm",
        "minilm: English with the packaged network, where it is installed; n-grams: without",
        choices=("minilm", "n-grams"),
    )
    share: float = param(0.7, "Of the network beside n-grams, in English", 0.0, 1.0)
    dimensions: int = param(16384, "Of n-grams", 256, 65536)
    of_words: float = param(
        0.35, "Of words among n-grams; pieces of words have the rest", 0.0, 1.0
    )


@dataclass(frozen=True, slots=True)
class UnderstandingParams:
    """From a sentence to an intent. Thresholds: chosen on `bench/visitors/development.yaml`."""

    encoder: EncoderParams = field(default_factory=EncoderParams)
    classifier: ClassifierParams = field(default_factory=ClassifierParams)
    threshold: float = param(0.7, "Less confidence is out of scope", 0.0, 1.0)
    threshold_light: float = param(0.4, "The same where n-grams are all there is", 0.0, 1.0)
    switch_confidence: float = param(
        0.9, "Another language is spoken when it is recognised so surely", 0.0, 1.0
    )
    switch_words: int = param(2, "... and in so many words, where letters are shared", 1, 20)
    bare_place: float = param(
        0.6, "A text of which so much names a place asks for the way there", 0.1, 1.0
    )
    unsure_place: float = param(
        0.35, "... and one that is like nothing else, when it is so much", 0.1, 1.0
    )
