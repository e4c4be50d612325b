"""Sentences in the format of CLINC150, encoders for them, and the baseline beside ours."""

from __future__ import annotations

import argparse
import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt
from _bench import FOLDER

from patrol_core.errors import ConfigError, Place
from patrol_core.geometry import FloatArray
from patrol_hri.understanding.classifier import ClassifierParams, SentenceClassifier
from patrol_hri.understanding.encoder import Encoder, JoinedEncoder
from patrol_hri.understanding.minilm import MiniLmEncoder
from patrol_hri.understanding.ngrams import NgramEncoder
from patrol_hri.understanding.params import EncoderParams
from ronda_cli.environment.paths import ROOT

FILE = ROOT.parent / "shared" / "data" / "clinc150" / "clinc150_train_val.json"
OURS, LIGHT, SVM = "MiniLM + n-grams", "n-grams", "TF-IDF + SVM"
COLOURS = {OURS: "#0b6bcb", LIGHT: "#2a9d6f", SVM: "#d9a441"}


@dataclass(frozen=True, slots=True)
class Labelled:
    """Sentences, and the intent of each."""

    sentences: tuple[str, ...]
    labels: tuple[str, ...]

    def take(self, rows: Sequence[int] | npt.NDArray[np.intp]) -> Labelled:
        chosen = [int(row) for row in rows]
        return Labelled(
            tuple(self.sentences[row] for row in chosen), tuple(self.labels[row] for row in chosen)
        )

    def by_label(self) -> dict[str, list[int]]:
        """The rows of each label, in order."""
        rows: dict[str, list[int]] = {}
        for row, label in enumerate(self.labels):
            rows.setdefault(label, []).append(row)
        return rows


def file_options(parser: argparse.ArgumentParser) -> None:
    """--train and --test."""
    parser.add_argument(
        "--train", type=Path, default=FILE, metavar="F",
        help="JSON with train, val, oos_train, oos_val; default: ../shared/data/clinc150",
    )  # fmt: skip
    parser.add_argument(
        "--test", type=Path, default=None, metavar="F",
        help="JSON with test and oos_test; default: the half of val that chose no threshold",
    )  # fmt: skip


def read(path: Path, keys: Sequence[str]) -> dict[str, Labelled]:
    """Those lists of [sentence, intent] of a JSON file. Raises ConfigError."""
    try:
        document: Any = json.loads(path.read_text(encoding="utf-8"))
        return {key: _labelled(document[key]) for key in keys}
    except OSError as error:
        raise ConfigError(f"cannot be read: {error.strerror}", place=Place(path)) from error
    except (ValueError, KeyError, TypeError) as error:
        raise ConfigError(
            f"not in the format of CLINC150: {error!r}",
            place=Place(path),
            expected=f"an object with lists of [sentence, intent]: {', '.join(keys)}",
            remedy="see BENCHMARKS.md",
        ) from error


def _labelled(pairs: Sequence[tuple[str, str]]) -> Labelled:
    found = [(str(sentence), str(label)) for sentence, label in pairs]
    if not found:
        raise ValueError("a list is empty")
    return Labelled(*(tuple(column) for column in zip(*found, strict=True)))


def halves(labelled: Labelled) -> tuple[Labelled, Labelled]:
    """Every other sentence of each intent, and the rest."""
    first = sorted(row for rows in labelled.by_label().values() for row in rows[::2])
    rest = sorted(set(range(len(labelled.labels))) - set(first))
    return labelled.take(first), labelled.take(rest)


class KeptEncoder:
    """MiniLM, whose vectors outlast the run: they take minutes for 15 000 sentences."""

    def __init__(self, encoder: Encoder) -> None:
        self.name = encoder.name
        self._encoder = encoder
        self._known: dict[str, FloatArray] = {}

    def fit(self, sentences: Sequence[str]) -> None:
        """Nothing to learn."""

    def prepare(self, sentences: Sequence[str]) -> None:
        """Have the vectors of all these at hand."""
        digest = hashlib.sha256("\n".join((self.name, *sentences)).encode()).hexdigest()[:16]
        path = FOLDER / f"vectors-{digest}.npy"
        if path.is_file():
            vectors = np.load(path)
        else:
            vectors = self._encoder.encode(sentences).astype(np.float32)
            path.parent.mkdir(parents=True, exist_ok=True)
            np.save(path, vectors)
        self._known |= dict(zip(sentences, vectors, strict=True))

    def encode(self, sentences: Sequence[str]) -> FloatArray:
        return np.array([self._known[sentence] for sentence in sentences])


class Method(Protocol):
    """Something that learns intents from sentences."""

    @property
    def labels(self) -> tuple[str, ...]: ...

    def fit(self, sentences: Sequence[str], labels: Sequence[str]) -> None: ...

    def scores(self, sentences: Sequence[str]) -> FloatArray:
        """(N, C), in order of `labels`."""


class TfidfSvm:
    """The baseline: TF-IDF of words (1-2) and pieces of words (2-5), and a linear SVM."""

    def __init__(self) -> None:
        from sklearn.feature_extraction.text import TfidfVectorizer
        from sklearn.pipeline import make_pipeline, make_union
        from sklearn.svm import LinearSVC

        self._pipeline = make_pipeline(
            make_union(
                TfidfVectorizer(ngram_range=(1, 2), sublinear_tf=True),
                TfidfVectorizer(analyzer="char_wb", ngram_range=(2, 5), sublinear_tf=True),
            ),
            LinearSVC(),
        )
        self.labels: tuple[str, ...] = ()

    def fit(self, sentences: Sequence[str], labels: Sequence[str]) -> None:
        self._pipeline.fit(sentences, labels)
        self.labels = tuple(self._pipeline.classes_)

    def scores(self, sentences: Sequence[str]) -> FloatArray:
        return np.asarray(self._pipeline.decision_function(sentences))


def methods(encoder: KeptEncoder, encoders: EncoderParams) -> dict[str, Method]:
    """Ours with MiniLM, ours without, and the baseline, all untrained."""
    light, beside = (NgramEncoder(encoders.dimensions, encoders.of_words) for _ in range(2))
    joined = JoinedEncoder(encoder, beside, encoders.share)
    params = ClassifierParams()
    return {
        OURS: SentenceClassifier(joined, params),
        LIGHT: SentenceClassifier(light, params),
        SVM: TfidfSvm(),
    }


def kept_minilm(folder: Path, *parts: Labelled) -> KeptEncoder:
    """MiniLM with the vectors of these sentences."""
    encoder = KeptEncoder(MiniLmEncoder(folder))
    for part in parts:
        encoder.prepare(part.sentences)
    return encoder
