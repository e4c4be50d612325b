"""The classifier: it learns, says how sure it is, and knows what it does not know."""

from __future__ import annotations

import numpy as np
import pytest

from patrol_hri.understanding.classifier import (
    ClassifierParams,
    SentenceClassifier,
    pick_threshold,
)
from patrol_hri.understanding.ngrams import NgramEncoder

EXAMPLES = {
    "way": ["where is the office", "how do I get to the office", "which way to the gate"],
    "stop": ["stop", "please stop now", "stop it"],
    "thanks": ["thank you", "many thanks", "thanks a lot"],
}
SENTENCES = [text for texts in EXAMPLES.values() for text in texts]
LABELS = [label for label, texts in EXAMPLES.items() for _ in texts]


def learnt(sentences: list[str], labels: list[str]) -> SentenceClassifier:
    classifier = SentenceClassifier(FittedOnce(), ClassifierParams())
    classifier.fit(sentences, labels)
    return classifier


class FittedOnce(NgramEncoder):
    """The rarity of words stays what it is, so that leaving one out changes the classes alone."""

    def __init__(self) -> None:
        super().__init__(512)

    def fit(self, sentences: object) -> None:
        super().fit(SENTENCES)


def test_it_learns_and_takes_misspelt_sentences_for_what_they_are() -> None:
    classifier = learnt(SENTENCES, LABELS)
    assert classifier.labels == ("stop", "thanks", "way")
    scores = classifier.scores(["wher is the ofice", "thansk a lot", "stopp"])
    assert classifier.right(scores, ["way", "thanks", "stop"]).all()


def test_far_from_all_examples_no_class_scores() -> None:
    classifier = learnt(SENTENCES, LABELS)
    assert classifier.scores(["xyzzy qwfp", ""]).max() < 0.3 < classifier.scores(["stop"]).max()


def test_left_out_scores_are_those_of_learning_without() -> None:
    whole = learnt(SENTENCES, LABELS).left_out()
    for row in (0, 4, 8):
        rest = [index for index in range(len(LABELS)) if index != row]
        without = learnt([SENTENCES[i] for i in rest], [LABELS[i] for i in rest])
        np.testing.assert_allclose(whole[row], without.scores([SENTENCES[row]])[0], atol=1e-4)


def test_confidence_follows_how_often_such_a_score_was_right() -> None:
    classifier = learnt(SENTENCES, LABELS)
    rng = np.random.default_rng(0)
    best = rng.uniform(0.0, 1.0, 4000)
    right = rng.uniform(size=4000) < best
    scores = np.stack([best, best - 2.0, best - 2.0], axis=1)
    classifier.calibrate(scores, ["stop" if one else "way" for one in right])
    told = classifier.confidences(scores)
    for low in (0.1, 0.4, 0.7):
        some = (best >= low) & (best < low + 0.2)
        assert told[some].mean() == pytest.approx(right[some].mean(), abs=0.08)


def test_the_same_examples_make_the_same_classifier() -> None:
    one, other = learnt(SENTENCES, LABELS), learnt(SENTENCES, LABELS)
    assert (one.scores(SENTENCES) == other.scores(SENTENCES)).all()


def test_the_threshold_keeps_as_many_as_it_refuses() -> None:
    rng = np.random.default_rng(0)
    inside, outside = rng.uniform(0.3, 1.0, 500), rng.uniform(0.0, 0.5, 500)
    threshold = pick_threshold(inside, np.ones(len(inside), bool), outside)
    assert (inside >= threshold).mean() == pytest.approx((outside < threshold).mean(), abs=0.02)
    assert pick_threshold(np.array([0.9, 0.8]), np.ones(2, bool), np.array([0.1])) > 0.1
