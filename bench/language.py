"""Which of eight languages is a sentence of 3 to 12 words in? And one of a word or two?

The sentences (bench/language) were frozen before there was a recogniser; it learns from the
packaged examples alone, and its weights were chosen on those, leaving out intents in turn. Beside
it, in the same run: py3langid, told the same eight languages.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import matplotlib as mpl
import numpy as np
import numpy.typing as npt
import py3langid
import yaml
from _bench import begin, options_parser

from patrol_hri.languages.catalogue import load_languages
from patrol_hri.languages.recognition import LanguageRecognizer
from ronda_cli.environment.paths import ROOT
from ronda_cli.evaluation.statistics import Row

mpl.use("Agg")
from matplotlib import pyplot as plt

SENTENCES = ROOT / "bench" / "language" / "sentences.yaml"
GOAL = 0.97
IntArray = npt.NDArray[np.int64]
Recognize = Callable[[str], str]


def confusion(
    recognize: Recognize, spoken: Mapping[str, Sequence[str]], codes: Sequence[str]
) -> IntArray:
    """How many sentences of each language (rows) were taken for which (columns; last: none)."""
    table = np.zeros((len(codes), len(codes) + 1), dtype=np.int64)
    for row, code in enumerate(codes):
        for text in spoken[code]:
            found = recognize(text)
            table[row, codes.index(found) if found in codes else -1] += 1
    return table


def right(table: IntArray) -> float:
    """The share on the diagonal."""
    return float(np.trace(table) / table.sum())


def draw(tables: Mapping[str, IntArray], codes: Sequence[str], path: Path) -> None:
    """What was taken for what, ours and the peer's, long and short."""
    figure, sides = plt.subplots(2, 2, figsize=(11, 10), layout="constrained")
    for side, (name, table) in zip(sides.flat, tables.items(), strict=True):
        shares = table / table.sum(axis=1, keepdims=True)
        side.imshow(shares, cmap="Blues", vmin=0.0, vmax=1.0)
        for (row, column), count in np.ndenumerate(table):
            if count:
                colour = "white" if shares[row, column] > 0.5 else "#20252b"
                side.text(column, row, str(count), ha="center", va="center", color=colour)
        side.set_xticks(range(len(codes) + 1), [*codes, "none"])
        side.set_yticks(range(len(codes)), codes)
        side.set(xlabel="taken for", ylabel="is", title=f"{name}: {100.0 * right(table):.1f} %")
    figure.savefig(path, dpi=110)
    plt.close(figure)


def main() -> int:
    bench = begin("language", __doc__, options_parser(), "the same: it takes seconds")
    languages = load_languages()
    codes = list(languages)
    document = yaml.safe_load(SENTENCES.read_text(encoding="utf-8"))
    long = {code: document[code]["sentences"] for code in codes}
    short = {code: document[code]["short"] for code in codes}
    start = time.perf_counter()
    recognizer = LanguageRecognizer(languages)
    learning_s = time.perf_counter() - start
    py3langid.set_languages(codes)
    seconds = []

    def ours(text: str) -> str:
        begun = time.perf_counter()
        code, _ = recognizer.recognize(text)
        seconds.append(time.perf_counter() - begun)
        return code

    def theirs(text: str) -> str:
        return str(py3langid.classify(text)[0])

    tables = {
        "3 to 12 words": confusion(ours, long, codes),
        "py3langid, 3 to 12 words": confusion(theirs, long, codes),
        "1 or 2 words": confusion(ours, short, codes),
        "py3langid, 1 or 2 words": confusion(theirs, short, codes),
    }
    table = tables["3 to 12 words"]
    rows = [
        *(
            Row(f"recognised, {name}", right(each), f"of {each.sum()}",
                goal=GOAL if each is table else None)
            for name, each in tables.items()
        ),
        *(
            Row(f"recognised, {code}", table[at, at] / table[at].sum(), f"of {table[at].sum()}")
            for at, code in enumerate(codes)
        ),
        Row("time for a sentence, median", 1e3 * float(np.median(seconds)), "ms"),
        Row("learning at the start", learning_s, "s"),
    ]  # fmt: skip
    draw(tables, codes, bench.picture)
    return bench.answer(rows)


if __name__ == "__main__":
    sys.exit(main())
