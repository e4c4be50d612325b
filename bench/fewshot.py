"""How few examples will do? 5 and 10 of each of CLINC150's 150 intents, five draws of them.

Drawn from train, measured on the whole of val (or of --test), without a threshold. Ours with the
packaged MiniLM and without, beside TF-IDF + linear SVM on the same draws.
"""

from __future__ import annotations

import sys

import matplotlib as mpl
import numpy as np
from _bench import begin, options_parser
from _clinc import COLOURS, OURS, Labelled, Method, file_options, kept_minilm, methods, read
from rich.progress import track

from patrol_core.errors import RondaError
from patrol_hri.understanding.minilm import PACKAGE, model_folder
from patrol_hri.understanding.params import EncoderParams
from ronda_cli.evaluation.statistics import Row

mpl.use("Agg")
from matplotlib import pyplot as plt

EXAMPLES, SEEDS, QUICK_SEEDS = (5, 10), 5, 2
GOAL_EXAMPLES, GOAL = 10, 0.85

Accuracies = dict[tuple[str, int], list[float]]


def draw_examples(train: Labelled, examples: int, seed: int) -> Labelled:
    """So many of each intent, by chance."""
    rng = np.random.default_rng(seed)
    rows = [
        int(row)
        for members in train.by_label().values()
        for row in rng.permutation(members)[:examples]
    ]
    return train.take(rows)


def accuracy(method: Method, train: Labelled, test: Labelled) -> float:
    """Share of the test that is right after learning."""
    method.fit(train.sentences, train.labels)
    best = np.array(method.labels)[method.scores(test.sentences).argmax(axis=1)]
    return float((best == np.array(test.labels)).mean())


def rows(found: Accuracies) -> list[Row]:
    """Mean and spread of each way and number of examples."""
    told = []
    for (name, examples), values in found.items():
        goal = GOAL if name == OURS and examples == GOAL_EXAMPLES else None
        mean, spread = float(np.mean(values)), float(np.std(values))
        told += [
            Row(f"{name}: accuracy at {examples}, mean of {len(values)}", mean, "", goal=goal),
            Row(f"{name}: accuracy at {examples}, spread", spread, "", better="lower"),
        ]
    return told


def main() -> int:
    parser = options_parser()
    file_options(parser)
    bench = begin("fewshot", __doc__, parser, quick=f"{QUICK_SEEDS} draws")
    options = bench.options
    folder = model_folder()
    if folder is None:
        return bench.fail(f"{PACKAGE} is not installed (requirements/runtime.txt)")
    try:
        train = read(options.train, ("train",))["train"]
        if options.test is None:
            test = read(options.train, ("val",))["val"]
        else:
            test = read(options.test, ("test",))["test"]
    except RondaError as error:
        return bench.fail(error)
    bench.console.print("sentences into vectors (minutes, the first time)")
    encoder = kept_minilm(folder, train, test)
    found: Accuracies = {}
    seeds = range(QUICK_SEEDS if options.quick else SEEDS)
    draws = [(examples, seed) for examples in EXAMPLES for seed in seeds]
    for examples, seed in track(draws, "draws", console=bench.console, transient=True):
        few = draw_examples(train, examples, seed)
        for name, method in methods(encoder, EncoderParams()).items():
            found.setdefault((name, examples), []).append(accuracy(method, few, test))
    figure, axes = plt.subplots(figsize=(8, 5.5), layout="constrained")
    for name, colour in COLOURS.items():
        values = np.array([found[name, examples] for examples in EXAMPLES])
        axes.plot(EXAMPLES, values.mean(axis=1), color=colour, lw=2.0, label=name)
        for each in values.T:
            axes.plot(EXAMPLES, each, "o", color=colour, ms=5, alpha=0.5)
    axes.axhline(GOAL, color="#c8321f", lw=1.0, ls="--")
    axes.text(sum(EXAMPLES) / 2, GOAL, f"goal at {GOAL_EXAMPLES}", color="#c8321f", va="top")
    axes.set_xticks(EXAMPLES)
    axes.set(xlabel="examples of each intent", ylabel="accuracy", ylim=(0.4, 1.0))
    axes.set_title("150 intents from a few examples; dots are single draws")
    axes.legend(loc="lower right", frameon=False)
    axes.spines[["top", "right"]].set_visible(False)
    figure.savefig(bench.picture, dpi=90)
    return bench.answer(rows(found))


if __name__ == "__main__":
    sys.exit(main())
