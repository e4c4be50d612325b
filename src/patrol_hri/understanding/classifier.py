"""Which class a sentence belongs to, learnt from a few examples of each, and how sure that is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy.linalg import cho_factor, cho_solve
from scipy.optimize import minimize
from scipy.sparse import csr_array, issparse

from patrol_core.geometry import FloatArray
from patrol_core.params import param
from patrol_hri.understanding.encoder import Encoder

ROUNDS = 15
"""More changes next to nothing on CLINC150's train and val."""
NEWTON, TINY = 4, np.float32(1e-12)
SPARSE = 0.02
"""Vectors of which less is not zero are kept without the zeros."""

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

    Targets are 1 for examples of the class and 0 for the others, and a score beyond its target is
    no mistake (squared hinge). From regularised least squares (Rifkin 2002) it goes on by
    conjugate gradients, preconditioned by the same factor. Far from all examples every score
    falls to 0: that is what tells the out-of-scope. The same every time; 4 N^2 bytes for N
    examples.
    """

    def __init__(self, encoder: Encoder, params: ClassifierParams) -> None:
        self._encoder = encoder
        self._params = params
        self._slope, self._offset = 1.0, 0.0
        self._examples: Single | csr_array = np.zeros((0, 0), np.float32)
        self._weights: Single = np.zeros((0, 0), np.float32)
        self._targets: Single = np.zeros((0, 0), np.float32)
        self.labels: tuple[str, ...] = ()

    def fit(self, sentences: Sequence[str], labels: Sequence[str]) -> None:
        """Learn from N examples, one at least."""
        self.labels = tuple(sorted(set(labels)))
        self._encoder.fit(sentences)
        vectors = self._encoder.encode(sentences).astype(np.float32)
        is_sparse = np.count_nonzero(vectors) < SPARSE * vectors.size
        self._examples = csr_array(vectors) if is_sparse else vectors
        kernel = self._kernel(self._examples)
        kernel[np.diag_indices(len(kernel))] += np.float32(self._params.ridge)
        factor = cho_factor(kernel, lower=True, overwrite_a=True, check_finite=False)
        wanted = self._wanted(labels)
        self._targets, self._weights = _descend(factor, wanted, np.float32(self._params.ridge))

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

    def _kernel(self, vectors: Single | csr_array) -> Single:
        """Likeness 0 to 1 of vectors (N, D) of length 1 to the examples."""
        product: Any = vectors @ self._examples.T
        likeness: Single = product.toarray() if issparse(product) else product
        likeness -= 1.0
        likeness *= 2.0 * self._params.sharpness
        kernel: Single = np.exp(likeness, out=likeness)
        return kernel

    def _wanted(self, labels: Sequence[str]) -> Single:
        places = {label: index for index, label in enumerate(self.labels)}
        targets = np.zeros((len(labels), len(places)), np.float32)
        targets[np.arange(len(labels)), [places[label] for label in labels]] = 1.0
        return targets


def _descend(
    factor: tuple[Single, bool], wanted: Single, ridge: np.float32
) -> tuple[Single, Single]:
    """Targets and weights (N, C) of the squared hinge, from those wanted at first.

    `factor`: Cholesky's, of the kernel with the ridge. Every column is a problem of its own, with
    its own step (Newton on the piecewise quadratic) and direction (Polak and Ribiere 1969). A
    target moves by d, and the scores with it by `H d`, for `H = 1 - ridge (K + ridge)^-1`.
    """
    own = wanted > 0.0
    targets = wanted.copy()
    weights = cho_solve(factor, targets, check_finite=False)
    scores = targets - ridge * weights
    step, along, by_weight, by_score = (np.zeros_like(wanted) for _ in range(4))
    last = np.ones(wanted.shape[1], np.float32)
    for _ in range(ROUNDS):
        new = scores - _missing(scores, own) - targets
        new_weight = cho_solve(factor, new, check_finite=False)
        new_score = new - ridge * new_weight
        now = (new * new_score).sum(axis=0)
        keep = np.fmax(0.0, (now - (step * new_score).sum(axis=0)) / last)
        step, last = new, np.fmax(now, TINY)
        along = new + keep * along
        by_weight = new_weight + keep * by_weight
        by_score = new_score + keep * by_score
        slope = ridge * (weights * by_score).sum(axis=0)
        bend = ridge * (by_weight * by_score).sum(axis=0)
        far = np.ones_like(last)
        for _ in range(NEWTON):
            missing = _missing(scores + far * by_score, own)
            down = (missing * by_score).sum(axis=0) + slope + far * bend
            far -= down / np.fmax(
                (np.square(by_score) * (missing != 0.0)).sum(axis=0) + bend, TINY
            )
        targets += far * along
        weights += far * by_weight
        scores += far * by_score
    return targets, weights


def _missing(scores: Single, own: BoolArray) -> Single:
    """How far scores are above 0, or below 1 where it is the example's own class (negative)."""
    return np.where(own, np.fmin(scores - 1.0, 0.0), np.fmax(scores, 0.0))


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
