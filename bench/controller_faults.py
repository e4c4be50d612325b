"""Faults of every kind on every motor controller: seen, named, survived, and nothing else moves.

Each driver drives its emulator in made-up time, with the bytes of a real line. The seed draws when
a fault comes, how long it lasts, how bad it is, how fast the wheels are, and whether the commands
go on or are zero from the fault on. Seen: the driver told something. Named: it told what it was.
Survived: the wheels did afterwards what was commanded. A dash: the protocol cannot reveal it.

No wheel may ever be faster than it was commanded a moment ago, beside what the controller's own
control overshoots without a fault, and unless it only rolls out. Of an encoder that stands this is
not asked: the controller's own control is blind until the driver has noticed. Where a check
sum is weak (an XOR of 8 bits at the ODrive, 7 bits at the Sabertooth, none at the Roboteq), a
command with several wrong bits may pass, and holds until the next one, or the watchdog.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import matplotlib as mpl
import numpy as np
from _bench import Bench, begin, options_parser
from _controllers import BLIND, PAIRS, TOLD, Joined, Pair
from rich.table import Table

from patrol_drivers.errors import DriverError
from patrol_emulators.faults import FaultKind
from patrol_sim.rng import stream
from ronda_cli.evaluation.statistics import Row

mpl.use("Agg")
from matplotlib import pyplot as plt

RUNS = 20
PATIENCE_S = 10.0
"""How long a driver may take to have the wheels as commanded again: what was held back on the line
comes first."""
AMOUNTS: dict[FaultKind, tuple[float, float]] = {
    FaultKind.NOISE: (100.0, 500.0),
    FaultKind.FLIP: (0.01, 0.05),
    FaultKind.DROP: (0.01, 0.1),
    FaultKind.SPLIT: (0.007, 0.009),
    FaultKind.MERGE: (0.05, 0.2),
    FaultKind.DELAY: (0.03, 0.2),
    FaultKind.BROWNOUT: (1.0, 4.0),
    FaultKind.OVERCURRENT: (100.0, 1000.0),
    FaultKind.OVERHEAT: (126.0, 140.0),
    FaultKind.STUCK: (0.0, 2.0),
}
"""From where to where, in the unit that `faults.MEANINGS` gives; what is not here has none."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """One run. `excess_radps`: how much faster a wheel was than commanded."""

    seen: bool
    named: bool
    survived: bool
    excess_radps: float
    words: str


def run(case: tuple[str, str, int], seed: int) -> dict[str, Any]:
    """One run, as a JSON value; the same arguments give the same run."""
    name, fault, number = case
    (pair,) = (pair for pair in PAIRS if pair.name == name)
    kind, rng = FaultKind(fault), stream(seed, f"{name} {fault} {number}")
    joined = Joined(pair, int(rng.integers(2**31)))
    try:
        joined.start()
        return asdict(_run(joined, kind, rng))
    except DriverError as error:
        return asdict(Outcome(False, False, False, 0.0, f"not started: {error}"))
    except Exception as error:  # noqa: BLE001 - a driver that breaks is what is looked for
        return asdict(Outcome(False, False, False, joined.envelope.worst_radps, repr(error)))


def _run(joined: Joined, kind: FaultKind, rng: np.random.Generator) -> Outcome:
    speeds = [float(rng.uniform(2.5, 6.0) * rng.choice((-1.0, 1.0))) for _ in range(2)]
    joined.run(speeds[0], speeds[1], float(rng.uniform(0.6, 1.5)))
    before = joined.told
    duration_s = float(rng.uniform(0.6, 2.0))
    low, high = AMOUNTS.get(kind, (0.0, 0.0))
    amount = float(rng.uniform(low, high))
    if kind is FaultKind.STUCK:
        amount = float(round(amount))
    goes_on_s = duration_s if kind in BLIND or rng.random() < 0.5 else 0.3
    joined.fault(kind, duration_s, amount)
    joined.run(speeds[0], speeds[1], goes_on_s)
    joined.run(0.0, 0.0, duration_s - goes_on_s + 1.2)
    rests = joined.rests or kind in BLIND
    if kind in joined.pair.latched:
        joined.emulator.reset(joined.line.now_s)
    joined.run(0.0, 0.0, 0.5)
    follows = False
    while not follows and joined.line.now_s < 6.0 + PATIENCE_S:
        joined.run(3.0, -4.0, 0.5)
        follows = joined.keeps(3.0, -4.0)
    told = joined.told - before
    words = ", ".join(sorted(event.value for event in told))
    return Outcome(
        bool(told), bool(told & TOLD[kind]), rests and follows, joined.envelope.worst_radps, words
    )


def table(outcomes: dict[tuple[str, str], list[Outcome]]) -> Table:
    """Fault x controller: seen, named and survived."""
    shown = Table("fault", *(pair.name for pair in PAIRS), title="seen / named / survived")
    for kind in FaultKind:
        cells = []
        for pair in PAIRS:
            found = outcomes[pair.name, kind.value]
            survived = sum(outcome.survived for outcome in found)
            if kind in pair.untold:
                cells.append(f"- / - / {survived}")
                continue
            seen, named = sum(o.seen for o in found), sum(o.named for o in found)
            cells.append(f"{seen} / {named} / {survived}")
        shown.add_row(kind.value, *cells)
    return shown


def picture(bench: Bench, outcomes: dict[tuple[str, str], list[Outcome]]) -> None:
    """Heat maps: share of runs that were named, and that were survived."""
    figure, axes = plt.subplots(1, 2, figsize=(10, 6), layout="constrained", sharey=True)
    for place, what in zip(axes, ("named", "survived"), strict=True):
        shares = np.array([
            [
                np.nan if what == "named" and kind in pair.untold
                else np.mean([getattr(o, what) for o in outcomes[pair.name, kind.value]])
                for pair in PAIRS
            ]
            for kind in FaultKind
        ])  # fmt: skip
        colours = plt.get_cmap("RdYlGn").with_extremes(bad="#e3e6ea")
        image = place.imshow(
            100.0 * shares, cmap=colours, vmin=0.0, vmax=100.0, alpha=0.7, aspect="auto"
        )
        for (row, column), share in np.ndenumerate(shares):
            text = "-" if np.isnan(share) else f"{100.0 * share:.0f}"
            place.text(column, row, text, ha="center", va="center", fontsize=9)
        place.set_xticks(range(len(PAIRS)), [pair.name for pair in PAIRS], rotation=30)
        place.set_yticks(range(len(FaultKind)), [kind.value for kind in FaultKind])
        place.set_title(f"{what} [% of runs]")
    figure.colorbar(image, ax=axes, shrink=0.8)
    figure.suptitle("Faults on motor controllers (-: the protocol cannot reveal it)")
    figure.savefig(bench.picture, dpi=110)


def rows(outcomes: dict[tuple[str, str], list[Outcome]]) -> list[Row]:
    """The figures over all."""
    pairs = {pair.name: pair for pair in PAIRS}
    told = [
        outcome
        for (name, kind), found in outcomes.items()
        if FaultKind(kind) not in pairs[name].untold
        for outcome in found
    ]
    every = [outcome for found in outcomes.values() for outcome in found]
    moved = [
        outcome.excess_radps - pairs[name].overshoot_radps
        for (name, kind), found in outcomes.items()
        if FaultKind(kind) not in BLIND
        for outcome in found
    ]
    blind = [
        outcome.excess_radps
        for (_, kind), found in outcomes.items()
        if FaultKind(kind) in BLIND
        for outcome in found
    ]
    return [
        Row("runs", len(every), ""),
        Row("seen, of what the protocol reveals", _percent([o.seen for o in told]), "%",
            goal=100.0),
        Row("named, of what the protocol reveals", _percent([o.named for o in told]), "%",
            goal=100.0),
        Row("survived", _percent([o.survived for o in every]), "%", goal=100.0),
        Row("runs with a motion that was not commanded", sum(more > 0.0 for more in moved), "",
            goal=0.0, better="lower"),
        Row("fastest beyond what was commanded, overshoot left out", max(0.0, *moved),
            "rad/s"),
        Row("the same with a standing encoder", max(blind), "rad/s"),
    ]  # fmt: skip


def _percent(facts: Sequence[bool]) -> float:
    return 100.0 * sum(facts) / max(len(facts), 1)


def complaints(pair: Pair, kind: FaultKind, found: Sequence[Outcome]) -> list[str]:
    """What did not go as it should, a line each."""
    return [
        f"{pair.name}, {kind.value}, run {number}: {outcome}"
        for number, outcome in enumerate(found)
        if not outcome.survived
        or not (outcome.named or kind in pair.untold)
        or (kind not in BLIND and outcome.excess_radps > pair.overshoot_radps)
    ]


def main() -> int:
    parser = options_parser()
    parser.add_argument("--runs", type=int, default=RUNS, help="runs of each fault")
    parser.add_argument("--seed", type=int, default=0, help="seed of the faults")
    parser.add_argument("--workers", type=int, default=2, help="processes")
    bench = begin("controller-faults", __doc__, parser, quick="2 runs of each fault")
    count = 2 if bench.options.quick else bench.options.runs
    seed = bench.options.seed
    code = [
        Path(__file__).with_name(f"_{name}.py").read_text() for name in ("controllers", "wired")
    ]
    kept = bench.kept(seed, code)
    cases = [(p.name, kind.value, n) for p in PAIRS for kind in FaultKind for n in range(count)]
    known = {case: kept.get(case) for case in cases}
    due = [case for case in cases if known[case] is None]
    with ProcessPoolExecutor(bench.options.workers) as pool:
        for case, made in zip(due, pool.map(run, due, [seed] * len(due)), strict=True):
            kept.keep(case, made)
            known[case] = made
    outcomes = {
        (pair.name, kind.value): [
            Outcome(**known[pair.name, kind.value, number]) for number in range(count)
        ]
        for pair in PAIRS
        for kind in FaultKind
    }
    for pair in PAIRS:
        for kind in FaultKind:
            for line in complaints(pair, kind, outcomes[pair.name, kind.value]):
                bench.console.print(line)
    bench.console.print(table(outcomes))
    picture(bench, outcomes)
    return bench.answer(rows(outcomes))


if __name__ == "__main__":
    sys.exit(main())
