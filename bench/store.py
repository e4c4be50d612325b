"""Ten million rows of records: how fast they are stored and found again, and what a kill loses.

Made-up years of one robot (patrol events, findings, acts) go through the store as the records
process writes them, 500 rows a commit, each commit synced. At every tenth of the way the inbox is
asked for pages: by state and kind, the first page and later ones. Beside it, in the same run: one
commit a row; the same pages without an index; and with states worked out from acts at each query.
Then writers are killed (SIGKILL) at random moments, and what they were told is looked for. An
interrupted run goes on where it was; the database stays in runs/bench.
"""

from __future__ import annotations

import shutil
import sys
import time
from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import asdict, dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import matplotlib as mpl
import numpy as np
import psutil
from _bench import FOLDER, Bench, Kept, begin, options_parser
from _store_kills import KillCount, run_kills
from _store_life import BATCH, EVENT_S, START_S, batch

from patrol_core.errors import RondaError
from patrol_core.types.perception import FindingKind
from patrol_records.life_cycle import IncidentState
from patrol_records.queries_inbox import OPEN, Mark, inbox
from patrol_records.reader import RecordReader
from patrol_records.retention import Limits
from patrol_records.store import RecordStore
from ronda_cli.evaluation.statistics import Row

mpl.use("Agg")
from matplotlib import pyplot as plt

STEPS = 10
PAGE, PAGES, ASKED = 50, 4, 10
"""Lines a page, pages one after the other, and how often all of them are asked for."""
NAIVE_ROWS, NAIVE_ASKED, FORGOTTEN = 300, 5, 40
FILTERS: tuple[tuple[str, tuple[IncidentState, ...], FindingKind | None], ...] = (
    ("open", OPEN, None),
    ("all", tuple(IncidentState), None),
    ("resolved", (IncidentState.RESOLVED,), None),
    ("shelved", (IncidentState.SHELVED,), None),
    ("open behaviour", OPEN, FindingKind.BEHAVIOUR),
    ("open emergencies (there is none)", OPEN, FindingKind.EMERGENCY),
)
Seconds = dict[str, list[float]]
WITHOUT_INDEX = (
    "SELECT * FROM incident_groups NOT INDEXED WHERE state IN ('new', 'acknowledged') "
    "ORDER BY last_seen_s DESC LIMIT 50"
)
FROM_ACTS = """SELECT i.group_id, max(f.stamp_s) AS last_seen_s,
        (SELECT act FROM incident_acts a WHERE a.group_id = i.group_id
         ORDER BY number DESC LIMIT 1) AS act
    FROM incidents i JOIN findings f ON f.finding_id = i.finding_id
    GROUP BY i.group_id HAVING act IS NULL OR act <> 'resolve'
    ORDER BY last_seen_s DESC LIMIT 50"""


@dataclass(frozen=True, slots=True)
class Step:
    """A tenth of the way: rows there are, time to write the new ones, commits [s], memory; time
    of each page of each filter, and what of it was the processor's."""

    rows: int
    written: int
    seconds: float
    commit_p50_s: float
    commit_p99_s: float
    memory_bytes: int
    pages_s: dict[str, list[float]]
    processor_s: dict[str, list[float]]


def write(bench: Bench, folder: Path, end: int, seed: int) -> tuple[int, list[float]]:
    """Add batches until there are `end`; how many rows were new, and the time of each commit."""
    commits = []
    with closing(RecordStore(folder)) as store:
        with closing(RecordReader(folder)) as reader:
            newest = reader.rows("SELECT number FROM patrol_events ORDER BY stamp_s DESC LIMIT 1")
            (known,) = reader.rows("SELECT max(incident_id) AS newest FROM incidents")
        first = newest[0]["number"] // BATCH + 1 if newest else 0
        incidents = known["newest"] or 0
        for number in range(first, end):
            rows = batch(seed, number, incidents)
            started_s = time.perf_counter()
            stored = store.add(rows.findings, rows.events, acts=rows.acts)
            commits.append(time.perf_counter() - started_s)
            incidents = max(incidents, *(incident.incident_id for incident in stored))
            if number % 200 == 0:
                bench.console.print(f"{(number + 1) * BATCH:,} rows, {number / end:.0%}")
    return len(commits) * BATCH, commits


def ask(folder: Path, now_s: float, times: int) -> tuple[Seconds, Seconds]:
    """Seconds for each page of each filter, asked for again and again: in all, and of the
    processor."""
    seconds: Seconds = {name: [] for name, _, _ in FILTERS}
    processor: Seconds = {name: [] for name, _, _ in FILTERS}
    with closing(RecordReader(folder)) as reader:
        for _ in range(times):
            for name, states, kind in FILTERS:
                after = None
                for _ in range(PAGES):
                    started_s, busy_s = time.perf_counter(), time.process_time()
                    page = inbox(reader, now_s, states, kind, after, PAGE)
                    seconds[name].append(time.perf_counter() - started_s)
                    processor[name].append(time.process_time() - busy_s)
                    if not page:
                        break
                    after = Mark(page[-1].last_seen_s, page[-1].group_id)
    return seconds, processor


def fill(bench: Bench, kept: Kept, folder: Path, rows: int, seed: int) -> list[Step]:
    """The whole way, step by step."""
    steps = []
    for count in range(1, STEPS + 1):
        end = rows // BATCH * count // STEPS
        known = kept.get(f"step {count}")
        if known is None:
            written, commits = write(bench, folder, end, seed)
            now_s = START_S + end * BATCH * EVENT_S
            p50, p99 = np.quantile(commits or [0.0], (0.5, 0.99)).tolist()
            memory = psutil.Process().memory_info().rss
            pages = ask(folder, now_s, ASKED)
            step = Step(end * BATCH, written, sum(commits), p50, p99, memory, *pages)
            known = asdict(step)
            kept.keep(f"step {count}", known)
        steps.append(Step(**known))
    return steps


def timed(times: int, what: Callable[[], object]) -> list[float]:
    """Seconds of each of some calls."""
    seconds = []
    for _ in range(times):
        started_s = time.perf_counter()
        what()
        seconds.append(time.perf_counter() - started_s)
    return seconds


def naive(folder: Path, seed: int) -> dict[str, float]:
    """One commit a row, beside; and pages of the big file without what makes them fast."""
    events = batch(seed, 0, 0).events[:NAIVE_ROWS]
    with (
        TemporaryDirectory(dir=folder.parent) as other,
        closing(RecordStore(Path(other))) as store,
    ):
        one_by_one_s = sum(timed(1, lambda: [store.add(events=[event]) for event in events]))
    with closing(RecordReader(folder)) as reader:
        scan = timed(NAIVE_ASKED, lambda: reader.rows(WITHOUT_INDEX))
        derived = timed(NAIVE_ASKED, lambda: reader.rows(FROM_ACTS))
    return {
        "rate": len(events) / one_by_one_s, "scan_s": float(np.median(scan)),
        "derived_s": float(np.median(derived)),
    }  # fmt: skip


def age(folder: Path) -> dict[str, float]:
    """Time to open the full records to write, and the longest step of retention."""
    started_s = time.perf_counter()
    with closing(RecordStore(folder)) as store:
        opened_s = time.perf_counter() - started_s
        limits = Limits(START_S + FORGOTTEN * BATCH * EVENT_S, 0.0, 0.0)
        steps = timed(FORGOTTEN, lambda: store.forget_some(limits))
    return {"open_s": opened_s, "forget_s": max(steps)}


def quantile(pages: Seconds, share: float) -> float:
    """Of all pages of all filters [s]."""
    return float(np.quantile([s for seconds in pages.values() for s in seconds], share))


def figures(
    steps: Sequence[Step], slow: dict[str, float], aged: dict[str, float], kills: KillCount
) -> list[Row]:
    written, last = [s for s in steps if s.written], steps[-1]
    rate = sum(s.written for s in written) / max(sum(s.seconds for s in written), 1e-9)
    slowest = min(s.written / s.seconds for s in written)
    p50, p99 = (1000.0 * quantile(last.pages_s, q) for q in (0.5, 0.99))
    grown = (last.memory_bytes - steps[0].memory_bytes) / 2**20
    return [
        Row("rows stored", last.rows, ""),
        Row("insert rate, durable", rate, "rows/s", goal=5000.0),
        Row("insert rate, slowest tenth", slowest, "rows/s", goal=5000.0),
        Row("a commit of 500 rows, median", 1000.0 * last.commit_p50_s, "ms"),
        Row("a commit of 500 rows, 99 %", 1000.0 * last.commit_p99_s, "ms"),
        Row("a page of the inbox, median", p50, "ms"),
        Row("a page of the inbox, 99 %", p99, "ms", goal=20.0, better="lower"),
        Row("a page of the inbox, 99 %, processor time",
            1000.0 * quantile(last.processor_s, 0.99), "ms"),
        Row("memory grown from the first tenth on", grown, "MiB", goal=16.0, better="lower"),
        Row("opening the full records to write", 1000.0 * aged["open_s"], "ms"),
        Row("longest step of retention", 1000.0 * aged["forget_s"], "ms"),
        Row("writers killed", kills.kills, ""),
        Row("rows acknowledged to them", kills.acknowledged, ""),
        Row("of those lost", kills.lost, "", goal=0.0, better="lower"),
        Row("writers that could not open after a kill", kills.refused, "", goal=0.0,
            better="lower"),
        Row("file sound afterwards", float(kills.sound), "", goal=1.0),
        Row("naive: one commit a row", slow["rate"], "rows/s"),
        Row("naive: a page without an index", 1000.0 * slow["scan_s"], "ms"),
        Row("naive: states worked out at each query", 1000.0 * slow["derived_s"], "ms"),
    ]  # fmt: skip


def draw(steps: Sequence[Step], slow: dict[str, float], path: Path) -> None:
    """Rate, pages and memory over the number of rows."""
    figure, axes = plt.subplots(1, 3, figsize=(14, 4.5), layout="constrained")
    millions = [step.rows / 1e6 for step in steps]
    rate, pages, memory = axes
    rates = [s.written / s.seconds if s.written else np.nan for s in steps]
    rate.plot(millions, rates, "o-", color="#0b6bcb", label="500 rows a commit")
    rate.axhline(slow["rate"], color="#e0912f", ls="-.", label="one row a commit")
    rate.axhline(5000.0, color="#c8321f", ls="--", label="goal")
    rate.set(ylabel="rows stored a second", yscale="log", ylim=(10.0, None))
    for name in steps[-1].pages_s:
        worst = [1000.0 * float(np.quantile(s.pages_s[name], 0.99)) for s in steps]
        pages.plot(millions, worst, "o-", ms=4, label=name)
    for name, key in (("no index", "scan_s"), ("states worked out", "derived_s")):
        pages.plot(millions[-1], 1000.0 * slow[key], "x", ms=9, label=f"naive: {name}")
    pages.axhline(20.0, color="#c8321f", ls="--")
    pages.set(ylabel="a page of the inbox, 99 % [ms]", yscale="log", ylim=(5e-3, None))
    memory.plot(millions, [s.memory_bytes / 2**20 for s in steps], "o-", color="#0b6bcb")
    most = max(s.memory_bytes for s in steps) / 2**20
    memory.set(ylabel="memory of the writer [MiB]", ylim=(0.0, 1.3 * most))
    for axis in axes:
        axis.set(xlabel="million rows", xlim=(0.0, None))
        axis.grid(alpha=0.3)
    rate.legend(fontsize=8)
    pages.legend(fontsize=7, ncols=2, loc="lower center")
    rate.set_title("stored, each commit on the disk")
    pages.set_title("found again (dashed: goal)")
    memory.set_title("memory")
    figure.savefig(path, dpi=110)
    plt.close(figure)


def once(kept: Kept, key: str, measure: Callable[[], dict[str, float]]) -> dict[str, float]:
    """What was kept, or else measured now and kept."""
    known: dict[str, float] | None = kept.get(key)
    if known is None:
        known = measure()
        kept.keep(key, known)
    return known


def main() -> int:
    parser = options_parser()
    parser.add_argument("--rows", type=int, default=10_000_000, help="rows to store")
    parser.add_argument("--kills", type=int, default=500, help="writers to kill")
    parser.add_argument("--seed", type=int, default=0, help="of all that is made up")
    bench = begin("store", __doc__, parser, "200 000 rows and 30 kills")
    options = bench.options
    rows, kills = (200_000, 30) if options.quick else (options.rows, options.kills)
    kept = bench.kept(rows, options.seed)
    folder = FOLDER / f"store-{rows}-{options.seed}"
    try:
        if kept.get("step 1") is None:
            shutil.rmtree(folder, ignore_errors=True)
        steps = fill(bench, kept, folder, rows, options.seed)
        slow = once(kept, "naive", lambda: naive(folder, options.seed))
        aged = once(kept, "age", lambda: age(folder))
        with TemporaryDirectory(dir=FOLDER) as killed:
            bench.console.print(f"killing {kills} writers")
            count = run_kills(Path(killed), kills, options.seed)
    except (RondaError, OSError) as error:
        return bench.fail(error)
    draw(steps, slow, bench.picture)
    shares = {name: [1000.0 * s for s in seconds] for name, seconds in steps[-1].pages_s.items()}
    worst = {name: float(np.quantile(ms, 0.99)) for name, ms in shares.items()}
    return bench.answer(figures(steps, slow, aged, count), pages_p99_ms=worst)


if __name__ == "__main__":
    sys.exit(main())
