"""Every number that understanding may be tuned by."""

from __future__ import annotations

from dataclasses import dataclass, field

from patrol_core.params import param
from patrol_hri.understanding.classifier import ClassifierParams


@dataclass(frozen=True, slots=True)
class EncoderParams:
    """What turns sentences into vectors. Share and dimensions: chosen on CLINC150's train, val."""

    kind: str = param(
        "auto",
        "minilm: with the packaged network for English; auto: the same where it is installed",
        choices=("auto", "minilm", "n-grams"),
    )
    share: float = param(0.7, "Of the network beside n-grams, in English", 0.0, 1.0)
    dimensions: int = param(4096, "Of n-grams", 256, 65536)
