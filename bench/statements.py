"""Statements: are questions asked that the account left open, and only those; what storing costs.

Accounts in eight languages, as people give them, with what each already tells (where, when, who,
who else saw it). A question left out although the account does not answer it loses a fact; one
asked again costs a sentence. The words by which accounts are read were chosen on other accounts
(`bench/statements/development.yaml`). Beside it: asking everything. Then the store: statements
put and deleted by receipt on this disk, and every slip of one character in a receipt number.
"""

from __future__ import annotations

import itertools
import os
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import matplotlib as mpl
import numpy as np
import yaml
from _bench import begin, options_parser

import patrol_hri
from patrol_core.errors import RondaError
from patrol_hri.intents import Intent, Understood
from patrol_hri.statements.interview import QUESTIONS, StatementInterview
from patrol_hri.statements.params import InterviewParams
from patrol_hri.statements.receipt import ALPHABET, canonical, new_receipt
from patrol_hri.statements.statement import Piece, Statement, Topic
from patrol_hri.statements.store import StatementStore
from patrol_hri.statements.words import Words, load_cues
from ronda_cli.environment.paths import ROOT
from ronda_cli.evaluation.statistics import Row

mpl.use("Agg")
from matplotlib import pyplot as plt
from matplotlib.figure import Figure

ACCOUNTS = ROOT / "bench" / "statements" / "accounts.yaml"
LANGUAGES = Path(next(iter(patrol_hri.__path__))) / "languages"
TOPICS = (Topic.WHERE, Topic.WHEN, Topic.WHO, Topic.WITNESSES)
PUTS, QUICK_PUTS, RECEIPTS, QUICK_RECEIPTS = 100, 20, 200, 20
NOW_S = 1.8e9
RIGHT, AGAIN, LOST = "#1a8f5a", "#d9a441", "#c8321f"


@dataclass(frozen=True, slots=True)
class Case:
    """An account, what it tells, and what was asked after it."""

    language: str
    text: str
    tells: frozenset[Topic]
    asked: frozenset[Topic]

    @property
    def lost(self) -> frozenset[Topic]:
        """What was neither told nor asked."""
        return frozenset(TOPICS) - self.tells - self.asked

    @property
    def again(self) -> frozenset[Topic]:
        """What was told and asked."""
        return self.tells & self.asked


def questions_after(text: str, language: str, words: Words) -> frozenset[Topic]:
    """What an interview asks after an account, when every answer is that nobody knows."""
    topics = {key: topic for topic, key in QUESTIONS.items()}
    interview = StatementInterview(words, InterviewParams())
    interview.begin(language, 30)
    interview.hear("yes", Understood(Intent.YES, 1.0, language), NOW_S)
    heard = Understood(Intent.UNKNOWN, 1.0, language)
    interview.hear(text, heard, NOW_S)
    step = interview.hear("that is all", heard, NOW_S)
    asked = set()
    while step.say[-1][0] in topics:
        asked.add(topics[step.say[-1][0]])
        step = interview.hear("?", heard, NOW_S)
    return frozenset(asked) & frozenset(TOPICS)


def read_accounts(path: Path, words: Words) -> list[Case]:
    """All accounts of a file, with what is asked after each."""
    document = yaml.safe_load(path.read_text(encoding="utf-8"))
    return [
        Case(language, account["text"], frozenset(Topic(name) for name in account["tells"]),
             questions_after(account["text"], language, words))
        for language, accounts in document.items()
        for account in accounts
    ]  # fmt: skip


def store_times(count: int) -> tuple[list[float], list[float]]:
    """Seconds that each statement of 2 kB took to be put, and to be deleted by its receipt."""
    puts, deletions, receipts = [], [], []
    statement = Statement(NOW_S, "en", 0.0, 0.0, (Piece(Topic.ACCOUNT, "word " * 400),))
    with tempfile.TemporaryDirectory(dir=ROOT / "runs") as folder:
        store = StatementStore.open(Path(folder) / "data", Path(folder) / "key", 30)
        for _ in range(count):
            start_s = time.perf_counter()
            receipts.append(store.put(statement, NOW_S))
            puts.append(time.perf_counter() - start_s)
        for receipt in receipts[: count // 4]:
            start_s = time.perf_counter()
            store.delete(receipt, NOW_S)
            deletions.append(time.perf_counter() - start_s)
        store.close()
    return puts, deletions


def unseen_slips(count: int) -> tuple[int, int]:
    """How many wrong characters and exchanges of two were tried, and how many not noticed."""
    tried = unseen = 0
    for _ in range(count):
        plain = canonical(new_receipt(os.urandom))
        wrong = {
            plain[:at] + letter + plain[at + 1 :]
            for at, letter in itertools.product(range(len(plain)), ALPHABET)
        }
        for one, other in itertools.combinations(range(len(plain)), 2):
            letters = list(plain)
            letters[one], letters[other] = letters[other], letters[one]
            wrong.add("".join(letters))
        wrong.discard(plain)
        tried += len(wrong)
        unseen += sum(bool(canonical(text)) for text in wrong)
    return tried, unseen


def rows(
    cases: Sequence[Case],
    puts: Sequence[float],
    deletions: Sequence[float],
    slips: tuple[int, int],
) -> list[Row]:
    """The figures."""
    told = sum(len(case.tells) for case in cases)
    untold = len(TOPICS) * len(cases) - told
    lost = sum(len(case.lost) for case in cases)
    again = sum(len(case.again) for case in cases)
    asked = sum(len(case.asked) for case in cases) / len(cases)
    return [
        Row("accounts", len(cases), ""),
        Row("open, and not asked", 100.0 * lost / untold, "%", goal=2.0, better="lower"),
        Row("told, and asked again", 100.0 * again / told, "%", better="lower"),
        Row("questions after an account", asked, "", better="lower"),
        Row("of them needed", untold / len(cases), ""),
        Row("asking everything: told, and asked again", 100.0, "%", better="lower"),
        Row("asking everything: questions", len(TOPICS), "", better="lower"),
        Row("slips in receipt numbers tried", slips[0], ""),
        Row("slips not noticed", slips[1], "", goal=0.0, better="lower"),
        Row("time to store a statement, median", 1000.0 * float(np.median(puts)), "ms",
            better="lower"),
        Row("time to delete one for good, median", 1000.0 * float(np.median(deletions)), "ms",
            better="lower"),
    ]  # fmt: skip


def draw(cases: Sequence[Case]) -> Figure:
    """For each language and question: how often it was rightly asked or left out, or not."""
    languages = sorted({case.language for case in cases})
    figure, all_axes = plt.subplots(
        1, len(TOPICS), figsize=(13, 4.6), sharey=True, layout="constrained"
    )
    for axes, topic in zip(all_axes, TOPICS, strict=True):
        for row, language in enumerate(languages):
            chosen = [case for case in cases if case.language == language]
            lost = sum(topic in case.lost for case in chosen)
            again = sum(topic in case.again for case in chosen)
            start = 0
            for count, colour in (
                (len(chosen) - lost - again, RIGHT), (again, AGAIN), (lost, LOST),
            ):  # fmt: skip
                axes.barh(row, count, left=start, color=colour, height=0.72)
                start += count
        axes.set_title(topic.value)
        axes.set_yticks(range(len(languages)), languages)
        axes.spines[["top", "right"]].set_visible(False)
        axes.xaxis.get_major_locator().set_params(integer=True)
        most = max(sum(case.language == language for case in cases) for language in languages)
        axes.set(xlim=(0, most), xlabel="accounts")
    all_axes[0].invert_yaxis()
    for colour, label in (
        (RIGHT, "asked when open, left out when told"), (AGAIN, "told, asked again"),
        (LOST, "open, not asked"),
    ):  # fmt: skip
        all_axes[0].bar(0, 0, color=colour, label=label)
    figure.legend(loc="outside lower center", ncols=3, frameon=False)
    return figure


def main() -> int:
    parser = options_parser()
    parser.add_argument("--accounts", type=Path, default=ACCOUNTS, help="another file of accounts")
    bench = begin("statements", __doc__, parser, f"{QUICK_PUTS} statements stored")
    quick = bench.options.quick
    try:
        cases = read_accounts(bench.options.accounts, Words(load_cues(LANGUAGES), {}))
    except (RondaError, OSError, yaml.YAMLError, KeyError, ValueError) as error:
        return bench.fail(error)
    puts, deletions = store_times(QUICK_PUTS if quick else PUTS)
    slips = unseen_slips(QUICK_RECEIPTS if quick else RECEIPTS)
    draw(cases).savefig(bench.picture, dpi=90)
    return bench.answer(rows(cases, puts, deletions, slips))


if __name__ == "__main__":
    sys.exit(main())
