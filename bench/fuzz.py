"""Damaged answers of motor controllers: does a driver's parser ever break, or believe a wrong one?

Right answers are damaged (bits flipped, bytes lost, put in, cut off, mixed with others, or all of
them random) and given to the parser. What it takes must pass the protocol's check, computed by
other means; that it was not what was sent is left to chance: so often as the protocol itself
allows. A Roboteq has no check sum: there a wrong digit passes, and the table says how many do.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import matplotlib as mpl
import numpy as np
from _bench import Bench, begin, options_parser
from _parsers import SUBJECTS, Subject

from patrol_drivers.errors import DriverError
from patrol_sim.rng import stream
from ronda_cli.evaluation.statistics import Row

mpl.use("Agg")
from matplotlib import pyplot as plt

BATCH = 1000


@dataclass(slots=True)
class Outcome:
    """What became of the answers that were damaged in one way."""

    inputs: int = 0
    as_sent: int = 0
    refused: int = 0
    by_chance: int = 0
    unchecked: int = 0
    expected: float = 0.0
    """By chance, where every place of the answer is tried against the check sum."""
    broken: list[str] = field(default_factory=list)


def flip(data: bytes, _: Subject, rng: np.random.Generator) -> bytes:
    spoilt = bytearray(data)
    for place in rng.integers(0, 8 * len(data), int(rng.integers(1, 6))):
        spoilt[place // 8] ^= 1 << (place % 8)
    return bytes(spoilt)


def lose(data: bytes, _: Subject, rng: np.random.Generator) -> bytes:
    place = int(rng.integers(len(data)))
    return data[:place] + data[place + int(rng.integers(1, 4)) :]


def put_in(data: bytes, _: Subject, rng: np.random.Generator) -> bytes:
    place = int(rng.integers(len(data) + 1))
    return data[:place] + rng.bytes(int(rng.integers(1, 6))) + data[place:]


def mix(data: bytes, subject: Subject, rng: np.random.Generator) -> bytes:
    """Its beginning, and what may be the end of an answer to something that is never asked."""
    other = subject.other(rng)
    return data[: int(rng.integers(len(data)))] + other[int(rng.integers(len(other))) :]


def random_bytes(_: bytes, __: Subject, rng: np.random.Generator) -> bytes:
    return rng.bytes(int(rng.integers(0, 60)))


DAMAGES: dict[str, Callable[[bytes, Subject, np.random.Generator], bytes]] = {
    "bits flipped": flip,
    "bytes lost": lose,
    "bytes put in": put_in,
    "mixed with others": mix,
    "random": random_bytes,
}


def try_one(
    subject: Subject, question: Any, content: object, received: bytes, outcome: Outcome
) -> None:
    """Give one damaged answer to the parser."""
    outcome.inputs += 1
    if subject.chances is not None:
        outcome.expected += subject.chances(question, received)
    try:
        taken = subject.take(question, received)
    except DriverError:
        outcome.refused += 1
        return
    except Exception as error:  # noqa: BLE001 - that is what is looked for
        outcome.broken.append(f"{subject.name} {question} {received.hex()}: {error!r}")
        return
    if taken is None:
        outcome.refused += 1
    elif not taken.checked:
        outcome.unchecked += 1
    elif taken.content == content:
        outcome.as_sent += 1
    else:
        outcome.by_chance += 1


def fuzz(subject: Subject, count: int, seed: int) -> dict[str, Outcome]:
    """`count` damaged answers, shared among the kinds of damage."""
    outcomes = {name: Outcome() for name in DAMAGES}
    for batch in range(count // BATCH):
        rng = stream(seed, f"{subject.name} batch {batch}")
        name = list(DAMAGES)[batch % len(DAMAGES)]
        question = subject.questions[(batch // len(DAMAGES)) % len(subject.questions)]
        for _ in range(BATCH):
            sent, content = subject.answer(question, rng)
            received = DAMAGES[name](sent, subject, rng)
            try_one(subject, question, content, received, outcomes[name])
    return outcomes


def rows(subject: Subject, outcomes: Sequence[Outcome]) -> list[Row]:
    """The figures of one parser."""
    inputs = sum(outcome.inputs for outcome in outcomes)
    chance = sum(outcome.by_chance for outcome in outcomes)
    name = subject.name
    told = [
        Row(f"{name}: damaged answers", inputs, "", goal=1e6),
        Row(f"{name}: exceptions that are not the package's",
            sum(len(o.broken) for o in outcomes), "", goal=0.0, better="lower"),
        Row(f"{name}: taken without passing the check ({subject.check})",
            sum(o.unchecked for o in outcomes), "", goal=0.0, better="lower"),
        Row(f"{name}: taken, as it was sent (the damage lay beside it)",
            sum(o.as_sent for o in outcomes), ""),
        Row(f"{name}: taken, other than sent: it passes the check", chance, ""),
        Row(f"{name}: the same, of all damaged answers", 100.0 * chance / max(inputs, 1), "%"),
    ]  # fmt: skip
    if subject.chances is not None:
        words = f"{name}: as many as {subject.check} let pass at the places tried"
        told.append(Row(words, sum(o.expected for o in outcomes), ""))
    return told


def picture(bench: Bench, found: dict[str, dict[str, Outcome]]) -> None:
    """What becomes of damaged answers, a panel each parser."""
    figure, axes = plt.subplots(
        len(found), figsize=(9, 2.2 * len(found) + 0.6), layout="constrained", sharex=True,
        squeeze=False,
    )  # fmt: skip
    for place, (name, outcomes) in zip(axes[:, 0], found.items(), strict=True):
        left = np.zeros(len(outcomes))
        for what, colour in (
            ("refused", "#8593a3"), ("as_sent", "#2b8a5a"), ("by_chance", "#b97700"),
            ("unchecked", "#c8321f"),
        ):  # fmt: skip
            shares = [100.0 * getattr(o, what) / max(o.inputs, 1) for o in outcomes.values()]
            label = what.replace("_", " ")
            place.barh(list(outcomes), shares, left=left, color=colour, label=label)
            left += shares
        place.set_title(name, fontsize=10)
    axes[-1, 0].set_xlabel("% of the damaged answers")
    handles, labels = axes[0, 0].get_legend_handles_labels()
    figure.legend(handles, labels, loc="outside lower center", ncols=4, fontsize=9)
    figure.savefig(bench.picture, dpi=110)


def main() -> int:
    parser = options_parser()
    parser.add_argument("--inputs", type=int, default=1_000_000, help="damaged answers, each")
    parser.add_argument("--seed", type=int, default=0, help="seed of the damage")
    bench = begin("fuzz", __doc__, parser, quick="50 000 answers to each parser")
    count = 50_000 if bench.options.quick else bench.options.inputs
    found = {subject.name: fuzz(subject, count, bench.options.seed) for subject in SUBJECTS}
    for outcomes in found.values():
        for outcome in outcomes.values():
            for broken in outcome.broken[:3]:
                bench.console.print(broken)
    picture(bench, found)
    figures = [row for one in SUBJECTS for row in rows(one, list(found[one.name].values()))]
    return bench.answer(figures)


if __name__ == "__main__":
    sys.exit(main())
