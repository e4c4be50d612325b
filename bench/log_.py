"""A million entries of the tamper-evident log, and a thousand ways to tamper with one.

Entries as operators' acts make them go into the log in batches, each synced; then one at a time.
Proofs of inclusion are made and checked at random. Beside it, in the same run: a file of JSON
lines without any hash, synced as often. Then copies of a log of 300 entries are tampered with
(edited, deleted from, reordered, cut off, added to), half of them by somebody who makes all hashes
anew afterwards; whether `verify_log` finds it against a checkpoint that was kept before. An
interrupted run begins anew; it takes a few minutes.
"""

from __future__ import annotations

import os
import shutil
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import matplotlib as mpl
import numpy as np
from _bench import FOLDER, Bench, begin, options_parser
from _log_tampering import KINDS, tamper

from patrol_core.errors import RondaError
from patrol_records.log.entries import LogEntry
from patrol_records.log.merkle import leaf_hash, root_from_inclusion
from patrol_records.log.notes import Checkpoint
from patrol_records.log.store import LogStore
from patrol_records.log.verifying import verify_log
from ronda_cli.evaluation.statistics import Row

mpl.use("Agg")
from matplotlib import pyplot as plt

BATCH, ALONE, PROOFS, SMALL = 500, 300, 2000, 300


def entry(number: int) -> LogEntry:
    """As a command of an operator is logged."""
    data = {"who": "ada", "role": "operator", "what": "command", "to": "ronda: pause",
            "details": f"The robot stops where it is and waits there ({number})."}  # fmt: skip
    return LogEntry(1.7e9 + number, f"act:{number:032x}", "act", data)


def fill(bench: Bench, folder: Path, count: int) -> list[tuple[int, float]]:
    """Entries there are after each batch, and how long it took [s]."""
    took = []
    with LogStore(folder, writable=True) as log:
        for start in range(0, count, BATCH):
            entries = [entry(number) for number in range(start, start + BATCH)]
            started_s = time.perf_counter()
            log.append(entries)
            took.append((start + BATCH, time.perf_counter() - started_s))
            if start % (100 * BATCH) == 0:
                bench.console.print(f"{start + BATCH:,} entries")
    return took


def alone(folder: Path, count: int) -> list[float]:
    """Seconds of each entry that is logged by itself."""
    took = []
    with LogStore(folder, writable=True) as log:
        for number in range(ALONE):
            one = entry(count + number)
            started_s = time.perf_counter()
            log.append([one])
            took.append(time.perf_counter() - started_s)
    return took


def plain_lines(folder: Path, count: int) -> list[float]:
    """Seconds of each batch in a file without hashes."""
    took = []
    with (folder / "plain.jsonl").open("w", encoding="utf-8") as file:
        for start in range(0, count, BATCH):
            entries = [entry(number) for number in range(start, start + BATCH)]
            started_s = time.perf_counter()
            file.writelines(one.text() + "\n" for one in entries)
            file.flush()
            os.fsync(file.fileno())
            took.append(time.perf_counter() - started_s)
    return took


def prove(folder: Path, seed: int) -> tuple[list[float], list[float]]:
    """Seconds to make a proof, and to check it. Raises AssertionError where one does not hold."""
    rng, made, checked = np.random.default_rng(seed), [], []
    with LogStore(folder, writable=False) as log:
        size, root = log.size, log.root()
        for number in rng.integers(0, size, PROOFS).tolist():
            [kept] = log.entries(number, number + 1)
            started_s = time.perf_counter()
            proof = log.proof(number, size)
            between_s = time.perf_counter()
            found = root_from_inclusion(leaf_hash(kept.text.encode()), number, size, proof)
            checked.append(time.perf_counter() - between_s)
            made.append(between_s - started_s)
            assert found == root, f"the proof of entry {number} does not hold"
    return made, checked


def tampered(bench: Bench, times: int, seed: int) -> Iterator[tuple[str, bool]]:
    """Each tampering by its name, and whether it was found."""
    rng = np.random.default_rng(seed)
    with TemporaryDirectory(dir=FOLDER) as scratch:
        true = Path(scratch) / "true"
        with LogStore(true, writable=True) as log:
            log.append([entry(number) for number in range(SMALL)])
            kept = Checkpoint("ronda/robot", log.size, log.root())
        for number in range(times):
            kind, mend = KINDS[number % len(KINDS)], number // len(KINDS) % 2 == 1
            copy = Path(scratch) / "copy"
            tamper(true, copy, kind, rng, mend=mend)
            yield f"{kind.__name__}{', hashes anew' if mend else ''}", is_found(copy, kept)
            shutil.rmtree(copy)
            if number % 100 == 0:
                bench.console.print(f"{number} of {times} logs tampered with")


def is_found(folder: Path, kept: Checkpoint) -> bool:
    """Whether the log is refused, or found not to be as it was."""
    try:
        with LogStore(folder, writable=False) as log:
            return bool(verify_log(log, kept).problems)
    except RondaError:
        return True


def draw(took: list[tuple[int, float]], single_s: list[float], path: Path) -> None:
    figure, (rate, one) = plt.subplots(1, 2, figsize=(11, 4), layout="constrained")
    rate.plot([n / 1e6 for n, _ in took], [BATCH / s for _, s in took], ".", ms=2, alpha=0.5)
    rate.axhline(20_000.0, color="#c8321f", ls="--", label="goal")
    rate.set(
        xlabel="million entries", ylabel=f"entries a second, batches of {BATCH}", ylim=(0, None)
    )
    rate.legend()
    one.hist(1000.0 * np.array(single_s), bins=40, color="#0b6bcb")
    one.axvline(20.0, color="#c8321f", ls="--", label="goal (99 %)")
    one.set(xlabel="one entry alone, on the disk [ms]", ylabel="entries")
    one.legend()
    figure.savefig(path, dpi=110)
    plt.close(figure)


def main() -> int:
    parser = options_parser()
    parser.add_argument("--entries", type=int, default=1_000_000, help="entries to log")
    parser.add_argument("--tamperings", type=int, default=1000, help="logs to tamper with")
    parser.add_argument("--seed", type=int, default=0, help="of what is chosen at random")
    bench = begin("log", __doc__, parser, "50 000 entries, 50 tamperings")
    options = bench.options
    count, times = (50_000, 50) if options.quick else (options.entries, options.tamperings)
    try:
        with TemporaryDirectory(dir=FOLDER) as scratch:
            folder = Path(scratch)
            took = fill(bench, folder, count)
            single_s = alone(folder, count)
            plain_s = plain_lines(folder, min(count, 100_000))
            made_s, checked_s = prove(folder, options.seed)
            size = (folder / "log.db").stat().st_size / (count + ALONE)
        found = list(tampered(bench, times, options.seed))
    except (RondaError, OSError) as error:
        return bench.fail(error)
    draw(took, single_s, bench.picture)
    tenth = max(len(took) // 10, 1)
    rates = [tenth * BATCH / sum(s for _, s in took[i : i + tenth])
             for i in range(0, len(took) - tenth + 1, tenth)]  # fmt: skip
    rows = [
        Row("logged in batches", count / sum(s for _, s in took), "1/s", goal=20_000.0),
        Row("slowest tenth", min(rates), "1/s"),
        Row("one alone, 99 %", 1000.0 * float(np.quantile(single_s, 0.99)), "ms", goal=20.0,
            better="lower"),
        Row("a proof made, 99 %", 1000.0 * float(np.quantile(made_s, 0.99)), "ms"),
        Row("a proof checked, 99 %", 1000.0 * float(np.quantile(checked_s, 0.99)), "ms", goal=1.0,
            better="lower"),
        Row("tamperings found", sum(one for _, one in found) / len(found), "", goal=1.0),
        Row("an entry on the disk", size, "bytes", better="lower"),
        Row("plain lines without hashes", BATCH / float(np.mean(plain_s)), "1/s"),
    ]  # fmt: skip
    missed = sorted({kind for kind, one in found if not one})
    return bench.answer(rows, tamperings=len(found), not_found=missed)


if __name__ == "__main__":
    sys.exit(main())
