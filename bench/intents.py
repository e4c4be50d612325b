"""What did they want, and was it anything we know? Intents on CLINC150, the out-of-scope told.

Ours with the packaged MiniLM and without (n-grams alone), beside TF-IDF + linear SVM in the same
run. The threshold is where, on val and oos_val, as many in scope are kept right as out of scope
are refused. Without --test every other sentence of val and of oos_val chooses it, and the rest is
measured; kernel, ridge and n-grams were chosen on the former, MiniLM's share on the whole of val.
oos_train is not used. Times are of one sentence, in CPU time of one core.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass

import matplotlib as mpl
import numpy as np
from _bench import begin, options_parser
from _clinc import (
    COLOURS,
    LIGHT,
    OURS,
    Labelled,
    Method,
    file_options,
    halves,
    kept_minilm,
    methods,
    read,
)

from patrol_core.errors import RondaError
from patrol_core.geometry import FloatArray
from patrol_hri.understanding.classifier import pick_threshold
from patrol_hri.understanding.minilm import PACKAGE, MiniLmEncoder, model_folder
from patrol_hri.understanding.ngrams import NgramEncoder
from patrol_hri.understanding.params import EncoderParams
from ronda_cli.evaluation.statistics import Row

mpl.use("Agg")
from matplotlib import pyplot as plt
from matplotlib.axes import Axes

QUICK_EXAMPLES, TIMED = 20, 60
ACCURACY = {OURS: 0.95, LIGHT: 0.925}
BEST = {OURS: (0.90, 0.88, 0.96)}


@dataclass(frozen=True, slots=True)
class Data:
    """What is learnt from, what the threshold is chosen on, and what is measured."""

    train: Labelled
    choose: Labelled
    choose_oos: Labelled
    test: Labelled
    test_oos: Labelled


@dataclass(frozen=True, slots=True, eq=False)
class Outcome:
    """Best scores in scope (N,) and whether they were right, out of scope (M,), the threshold."""

    inside: FloatArray
    right: FloatArray
    outside: FloatArray
    threshold: float
    train_s: float

    @property
    def accuracy(self) -> float:
        return float(self.right.mean())

    @property
    def kept(self) -> float:
        """In scope, believed and right, with the threshold."""
        return float((self.right * (self.inside >= self.threshold)).mean())

    @property
    def recall(self) -> float:
        """Out of scope and refused."""
        return float((self.outside < self.threshold).mean())

    @property
    def area(self) -> float:
        """Under the ROC: how often one in scope scores higher than one out of scope."""
        order = np.sort(self.outside)
        below = np.searchsorted(order, self.inside, "left")
        equal = np.searchsorted(order, self.inside, "right") - below
        return float((below + 0.5 * equal).mean() / len(order))


def measure(method: Method, data: Data) -> Outcome:
    """Learn, choose the threshold, then look at the rest."""
    start_s = time.process_time()
    method.fit(data.train.sentences, data.train.labels)
    train_s = time.process_time() - start_s
    chosen, right = _judged(method, data.choose)
    outside = method.scores(data.choose_oos.sentences).max(axis=1)
    threshold = pick_threshold(chosen, right > 0.0, outside)
    inside, right = _judged(method, data.test)
    outside = method.scores(data.test_oos.sentences).max(axis=1)
    return Outcome(inside, right, outside, threshold, train_s)


def _judged(method: Method, part: Labelled) -> tuple[FloatArray, FloatArray]:
    scores = method.scores(part.sentences)
    labels = np.array(method.labels)[scores.argmax(axis=1)]
    return scores.max(axis=1), (labels == np.array(part.labels)).astype(float)


def fewer(train: Labelled, examples: int) -> Labelled:
    """The first examples of each intent."""
    return train.take([row for rows in train.by_label().values() for row in rows[:examples]])


def times_ms(sentences: Sequence[str], light: Method) -> dict[str, float]:
    """CPU time of one sentence at a time, by step (median)."""
    folder = model_folder()
    assert folder is not None
    minilm = MiniLmEncoder(folder)
    ngrams = NgramEncoder(EncoderParams().dimensions)
    steps = {
        "MiniLM": minilm.encode,
        "n-grams": ngrams.encode,
        "n-grams and classifier": light.scores,
    }
    taken: dict[str, float] = {}
    for name, step in steps.items():
        step(sentences[:1])
        spent = []
        for sentence in sentences[:TIMED]:
            start_s = time.process_time()
            step([sentence])
            spent.append(time.process_time() - start_s)
        taken[name] = 1000.0 * float(np.median(spent))
    return taken


def rows(outcomes: dict[str, Outcome], data: Data, taken: dict[str, float]) -> list[Row]:
    """The figures."""
    found = [
        Row("sentences to learn from", len(data.train.labels), ""),
        Row("sentences measured, in scope", len(data.test.labels), ""),
        Row("sentences measured, out of scope", len(data.test_oos.labels), ""),
    ]
    for name, one in outcomes.items():
        kept, recall, area = BEST.get(name, (None, None, None))
        found += [
            Row(f"{name}: accuracy, no threshold", one.accuracy, "", goal=ACCURACY.get(name)),
            Row(f"{name}: in scope, with threshold", one.kept, "", goal=kept),
            Row(f"{name}: out of scope refused", one.recall, "", goal=recall),
            Row(f"{name}: area under ROC", one.area, "", goal=area),
            Row(f"{name}: learning", one.train_s, "s", better="lower"),
        ]
    for name, spent in taken.items():
        found.append(Row(f"time of a sentence: {name}", spent, "ms", better="lower"))
    return found


def draw_roc(axes: Axes, outcomes: dict[str, Outcome]) -> None:
    """In scope and right over out of scope and believed, with the threshold that was chosen."""
    for name, one in outcomes.items():
        at = np.quantile(np.concatenate([one.inside, one.outside]), np.linspace(0.0, 1.0, 600))
        kept = [(one.right * (one.inside >= level)).mean() for level in at]
        wrong = [(one.outside >= level).mean() for level in at]
        label = f"{name}: area {one.area:.3f}"
        axes.plot(wrong, kept, color=COLOURS[name], lw=2.0, label=label)
        axes.plot(1.0 - one.recall, one.kept, "o", ms=9, color=COLOURS[name], mec="white", mew=1.5)
    axes.plot([0.12, 0.12, 0.0], [1.0, 0.90, 0.90], color="#c8321f", lw=1.0, ls="--")
    axes.text(0.003, 0.903, "goal", color="#c8321f", fontsize=9, va="bottom")
    axes.set(
        xlim=(0.0, 0.5), ylim=(0.6, 1.0), xlabel="out of scope, but believed",
        ylabel="in scope, believed and right", title="Dots: the threshold chosen on val",
    )  # fmt: skip
    axes.legend(loc="lower right", frameon=False)


def draw_scores(axes: Axes, one: Outcome) -> None:
    """What is known and what is not, by its best score."""
    bins = np.linspace(0.0, max(1.1, float(one.inside.max())), 45)
    for values, colour, label in (
        (one.inside[one.right > 0.0], COLOURS[OURS], "in scope, right"),
        (one.inside[one.right == 0.0], "#8593a3", "in scope, wrong"),
        (one.outside, "#c8321f", "out of scope"),
    ):
        weights = np.full(len(values), 1.0 / max(len(values), 1))
        axes.hist(values, bins.tolist(), weights=weights, color=colour, alpha=0.6, label=label)
    axes.axvline(one.threshold, color="black", lw=1.2)
    axes.annotate(
        " believed",
        (one.threshold, 0.97),
        xycoords=("data", "axes fraction"),
        fontsize=9,
        va="top",
    )
    axes.set(xlabel="best score", ylabel="share of each", title=f"{OURS}: what the scores tell")
    axes.legend(loc="upper right", frameon=False)


def main() -> int:
    parser = options_parser()
    file_options(parser)
    bench = begin("intents", __doc__, parser, quick=f"{QUICK_EXAMPLES} examples an intent")
    options = bench.options
    folder = model_folder()
    if folder is None:
        return bench.fail(f"{PACKAGE} is not installed (requirements/runtime.txt)")
    try:
        known = read(options.train, ("train", "val", "oos_val"))
        if options.test is None:
            choose, test = halves(known["val"])
            choose_oos, test_oos = halves(known["oos_val"])
        else:
            choose, choose_oos = known["val"], known["oos_val"]
            tested = read(options.test, ("test", "oos_test"))
            test, test_oos = tested["test"], tested["oos_test"]
    except RondaError as error:
        return bench.fail(error)
    train = fewer(known["train"], QUICK_EXAMPLES) if options.quick else known["train"]
    data = Data(train, choose, choose_oos, test, test_oos)
    bench.console.print("sentences into vectors (minutes, the first time)")
    encoder = kept_minilm(folder, train, choose, choose_oos, test, test_oos)
    outcomes: dict[str, Outcome] = {}
    light: Method | None = None
    for name, method in methods(encoder, EncoderParams()).items():
        bench.console.print(f"{name} ...")
        outcomes[name] = measure(method, data)
        light = method if name == LIGHT else light
    assert light is not None
    taken = times_ms(test.sentences, light)
    figure, axes = plt.subplots(1, 2, figsize=(14, 6), layout="constrained")
    draw_roc(axes[0], outcomes)
    draw_scores(axes[1], outcomes[OURS])
    for one in axes:
        one.spines[["top", "right"]].set_visible(False)
    figure.savefig(bench.picture, dpi=90)
    return bench.answer(rows(outcomes, data, taken))


if __name__ == "__main__":
    sys.exit(main())
