"""Which class a sentence belongs to, learnt from a few examples of each, and how sure that is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.linalg import cho_factor, cho_solve
from scipy.optimize import minimize

from patrol_core.geometry import FloatArray
from patrol_core.params import param
from patrol_hri.understanding.encoder import Encoder

ROUNDS = 30
"""Chosen on CLINC150's train and val; more changes nothing there."""

BoolArray = npt.NDArray[np.bool_]
Single = npt.NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class ClassifierParams:
    """Chosen on CLINC150's train and val (`./ronda bench intents`)."""

    sharpness: float = param(0.5, "How near an example must be to count: gamma", 0.1, 20.0)
    ridge: float = param(0.2, "How little a single example counts: lambda", 1e-3, 10.0)


@dataclass(frozen=True, slots=True)
class Guess:
    """A class, and the probability 0 to 1 that it is right if the sentence is of any."""

    label: str
    confidence: float


class SentenceClassifier:
    """Support vectors with squared loss on a Gaussian kernel, one class against the rest.

    It begins with regularised least squares (Rifkin 2002): targets of 1 for examples of the class
    and 0 for the others. A score beyond its target is no mistake, so the target follows it there,
    `ROUNDS` times by the same factor, with Nesterov's momentum (1983): the squared hinge, by
    majorisation. Far from all examples every score falls to 0: that is what tells the
    out-of-scope. The same every time. It takes 4 N^2 bytes for N examples.
    """

    def __init__(self, encoder: Encoder, params: ClassifierParams) -> None:
        self._encoder = encoder
        self._params = params
        self._slope, self._offset = 1.0, 0.0
        self._examples: Single = np.zeros((0, 0), np.float32)
        self._weights: Single = np.zeros((0, 0), np.float32)
        self._targets: Single = np.zeros((0, 0), np.float32)
        self.labels: tuple[str, ...] = ()

    def fit(self, sentences: Sequence[str], labels: Sequence[str]) -> None:
        """Learn from N examples, one at least."""
        self.labels = tuple(sorted(set(labels)))
        self._encoder.fit(sentences)
        self._examples = self._encoder.encode(sentences).astype(np.float32)
        kernel = self._kernel(self._examples)
        kernel[np.diag_indices(len(kernel))] += np.float32(self._params.ridge)
        factor = cho_factor(kernel, lower=True, overwrite_a=True, check_finite=False)
        self._targets = self._wanted(labels)
        own = self._targets > 0.0
        reached = self._targets
        for count in range(ROUNDS):
            self._weights = cho_solve(factor, self._targets, check_finite=False)
            scores = self._targets - np.float32(self._params.ridge) * self._weights
            before, reached = reached, np.where(own, np.fmax(scores, 1.0), np.fmin(scores, 0.0))
            momentum = np.float32(count / (count + 3.0))
            self._targets = reached + momentum * (reached - before)
        self._weights = cho_solve(factor, self._targets, check_finite=False)

    def scores(self, sentences: Sequence[str]) -> FloatArray:
        """How much each of N sentences is of each class: (N, C), about 0 to 1, in order of
        `labels`."""
        vectors = self._encoder.encode(sentences).astype(np.float32)
        return np.asarray(self._kernel(vectors) @ self._weights, np.float64)

    def left_out(self) -> FloatArray:
        """The scores that each example would have, had it not been learnt from: (N, C).

        In closed form (Rifkin and Lippert 2007), the targets as they ended up; N^3, for some
        thousands.
        """
        kernel = self._kernel(self._examples).astype(np.float64)
        kernel[np.diag_indices(len(kernel))] += self._params.ridge
        own = np.diag(np.linalg.inv(kernel))[:, None]
        return self._targets - self._weights / own

    def calibrate(self, scores: FloatArray, labels: Sequence[str]) -> None:
        """Learn how sure a score is (Platt 1999) from scores (N, C) and what was right."""
        best = scores.max(axis=1)
        right = self.right(scores, labels)
        # Platt's targets keep it from certainty where everything was right.
        hits, misses = right.sum(), (~right).sum()
        target = np.where(right, (hits + 1.0) / (hits + 2.0), 1.0 / (misses + 2.0))

        def loss(at: FloatArray) -> float:
            z = at[0] * best + at[1]
            return float(np.sum(np.logaddexp(0.0, z) - target * z))

        found = minimize(loss, np.array([5.0, 0.0]), bounds=[(0.1, 100.0), (-50.0, 50.0)])
        self._slope, self._offset = found.x

    def right(self, scores: FloatArray, labels: Sequence[str]) -> BoolArray:
        """Which of the scores (N, C) are highest at their label."""
        return np.asarray(
            np.array(self.labels)[scores.argmax(axis=1)] == np.array(labels), np.bool_
        )

    def confidences(self, scores: FloatArray) -> FloatArray:
        """The probability that the best class is right, of scores (N, C)."""
        z = self._slope * scores.max(axis=1) + self._offset
        return np.asarray(1.0 / (1.0 + np.exp(-z)))

    def guess(self, sentence: str) -> Guess:
        """The likeliest class."""
        scores = self.scores([sentence])
        label = self.labels[int(scores[0].argmax())]
        return Guess(label, float(self.confidences(scores)[0]))

    def _kernel(self, vectors: Single) -> Single:
        """Likeness 0 to 1 of vectors (N, D) of length 1 to the examples."""
        likeness = vectors @ self._examples.T
        likeness -= 1.0
        likeness *= 2.0 * self._params.sharpness
        kernel: Single = np.exp(likeness, out=likeness)
        return kernel

    def _wanted(self, labels: Sequence[str]) -> Single:
        places = {label: index for index, label in enumerate(self.labels)}
        targets = np.zeros((len(labels), len(places)), np.float32)
        targets[np.arange(len(labels)), [places[label] for label in labels]] = 1.0
        return targets


def pick_threshold(inside: FloatArray, right: BoolArray, outside: FloatArray) -> float:
    """The least score to believe, by validation data: where the share of those in scope that are
    believed and right equals the share of those out of scope that are not believed.

    `inside`, `right`: best scores (N,) of sentences in scope and whether their class was right;
    `outside`: best scores (M,) of sentences out of scope. Neither may be empty.
    """
    at = np.unique(np.concatenate([inside, outside]))
    believed = np.sort(inside[right])
    kept = 1.0 - np.searchsorted(believed, at) / len(inside)
    refused = np.searchsorted(np.sort(outside), at) / len(outside)
    return float(at[np.abs(kept - refused).argmin()])
