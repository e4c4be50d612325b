"""Questions with what was found for them: counted, grouped and drawn for `bench/grounding.py`."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import matplotlib as mpl
import numpy as np
import yaml

mpl.use("Agg")
from matplotlib import pyplot as plt
from matplotlib.axes import Axes
from matplotlib.figure import Figure

RECOGNISED = 0.95
"""The goal: so many of the unanswerable questions."""
RIGHT, WRONG, NONE = "#0b6bcb", "#c8321f", "#c9d1da"
LEAST_GROUP = 12


@dataclass(frozen=True, slots=True)
class Question:
    """`answered_by`: names of entries; empty: unanswerable."""

    site: str
    language: str
    text: str
    answered_by: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Guess:
    """The best entry, empty for none, and how far its score is beyond what is enough."""

    question: Question
    entry: str
    score: float

    def right_at(self, threshold: float) -> bool:
        return self.score >= threshold and self.entry in self.question.answered_by


def read_questions(file: Path) -> list[Question]:
    """All questions of a file."""
    document = yaml.safe_load(file.read_text(encoding="utf-8"))
    return [
        Question(site, language, text, tuple(names))
        for site, languages in document.items()
        for language, asked in languages.items()
        for text, names in asked.items()
    ]


def threshold_of(guesses: Sequence[Guess]) -> float:
    """The least with which so many unanswerable questions are recognised as the goal says."""
    scores = sorted(guess.score for guess in guesses if not guess.question.answered_by)
    return float(np.nextafter(scores[int(np.ceil(RECOGNISED * len(scores))) - 1], np.inf))


def shares(guesses: Sequence[Guess], threshold: float) -> tuple[float, float, float]:
    """Unanswerable recognised; answerable answered rightly, and wrongly."""
    un = [guess for guess in guesses if not guess.question.answered_by]
    able = [guess for guess in guesses if guess.question.answered_by]
    right = sum(guess.right_at(threshold) for guess in able)
    said = sum(guess.score >= threshold for guess in able)
    recognised = sum(guess.score < threshold for guess in un)
    count = max(len(able), 1)
    return recognised / max(len(un), 1), right / count, (said - right) / count


def groups(questions: Sequence[Question]) -> dict[str, Callable[[Question], bool]]:
    """By site and language; languages with few questions together."""
    found: dict[str, Callable[[Question], bool]] = {}
    for site in dict.fromkeys(q.site for q in questions):
        few = set()
        for code in dict.fromkeys(q.language for q in questions if q.site == site):
            if sum(q.site == site and q.language == code for q in questions) < LEAST_GROUP:
                few.add(code)
            else:
                found[f"{site}, {code}"] = _of(site, {code})
        if few:
            found[f"{site}, {' '.join(sorted(few))}"] = _of(site, few)
    return found


def _of(site: str, codes: set[str]) -> Callable[[Question], bool]:
    return lambda question: question.site == site and question.language in codes


def draw(
    ours: Sequence[Guess], light: Sequence[Guess], plain: Sequence[Guess], plain_threshold: float
) -> Figure:
    """What becomes of questions, by site and language, and what a threshold trades for what."""
    figure = plt.figure(figsize=(14, 5.6), layout="constrained")
    left, middle, right = figure.subplots(1, 3, width_ratios=(1.0, 1.0, 1.25))
    _bars(left, ours, answerable=True)
    _bars(middle, ours, answerable=False)
    middle.set_yticklabels([])
    for guesses, threshold, colour, label in (
        (plain, plain_threshold, "#8593a3", "BM25"),
        (light, 0.0, "#d9a441", "words alone"),
        (ours, 0.0, RIGHT, "as it is"),
    ):
        ends = np.unique([-1.0, *(guess.score for guess in guesses), np.inf])
        curve = np.array([shares(guesses, end) for end in ends])
        right.plot(curve[:, 0], curve[:, 1], color=colour, lw=2.0, label=label)
        point = shares(guesses, threshold)
        right.plot(*point[:2], "o", ms=9, color=colour, mec="white")
    right.axvline(RECOGNISED, color=WRONG, lw=1.0, ls="--")
    right.annotate("goal", (RECOGNISED, 0.02), (-4, 0), textcoords="offset points", ha="right",
                   color=WRONG)  # fmt: skip
    right.set(
        xlabel="unanswerable recognised", ylabel="answered rightly", xlim=(0, 1.01), ylim=(0, 1),
        title="what the threshold trades (dots: as chosen)",
    )  # fmt: skip
    right.legend(loc="lower left", frameon=False)
    for axes in (left, middle, right):
        axes.spines[["top", "right"]].set_visible(False)
    return figure


def _bars(axes: Axes, guesses: Sequence[Guess], *, answerable: bool) -> None:
    chosen = groups([guess.question for guess in guesses])
    for row, choose in enumerate(chosen.values()):
        some = [
            g for g in guesses if choose(g.question) and bool(g.question.answered_by) == answerable
        ]
        right = sum(g.right_at(0.0) for g in some)
        silent = sum(g.score < 0.0 for g in some)
        parts = [(right, RIGHT), (silent, NONE), (len(some) - right - silent, WRONG)]
        start = 0.0
        for count, colour in parts if answerable else [(silent, RIGHT), parts[2]]:
            axes.barh(row, count / max(len(some), 1), left=start, color=colour, height=0.62)
            if count:
                where = start + count / len(some) / 2.0
                ink = "black" if colour == NONE else "white"
                axes.text(where, row, str(count), ha="center", va="center", color=ink, fontsize=9)
            start += count / max(len(some), 1)
    axes.set_yticks(range(len(chosen)), list(chosen))
    axes.set(xlim=(0, 1), xlabel="share", ylim=(len(chosen) - 0.4, -0.6))
    what = (
        "answerable: right, silent, wrong" if answerable else "unanswerable: recognised, answered"
    )
    axes.set_title(what)
