"""What is on the wire in a patrol: messages and bytes of every topic, and who needs them.

A patrol in the ROS graph, camera off unless `--camera`, while nobody looks on but this benchmark.
First it counts on the topics that somebody of the system subscribes to; then, as the baseline, on
all there are, as a recorder of everything would have it: rows are published only while somebody
listens, but for those that late readers need. Rates are by simulated time. DDS sends each sample
to every process that listens: on the wire is payload by listeners.
"""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import matplotlib as mpl
from _bench import Bench, begin, options_parser
from _patrol import MeasurementError, RunningPatrol
from _wire_listener import Listener, Topic
from rich.table import Table

from patrol_core.errors import RondaError
from ronda_cli.ending import end
from ronda_cli.evaluation.statistics import Row
from ronda_cli.session import claimed_domain
from ronda_cli.setting import load_setting

mpl.use("Agg")
from matplotlib import pyplot as plt

WALL_LIMIT_S = 300.0
SETTLE_S = 2.0
PLUMBING = ("/rosout", "/parameter_events")
SHOWN = 24


@dataclass(frozen=True, slots=True)
class Load:
    """One topic's traffic, a second of simulated time."""

    topic: Topic
    messages_hz: float
    bytes_ps: float

    @property
    def sent_ps(self) -> float:
        """Bytes sent a second: to each process that listens."""
        return self.bytes_ps * len(self.topic.readers)


def measure(patrol: RunningPatrol, listener: Listener, span_s: float) -> list[Load]:
    """What the topics listened to carry in a span of simulated time."""
    _pass(patrol, listener, SETTLE_S)
    topics = {topic.name: topic for topic in listener.topics()}
    listener.reset()
    start_s = listener.now_s
    _pass(patrol, listener, span_s)
    passed_s = listener.now_s - start_s
    return [
        Load(topics[name], count.messages / passed_s, count.bytes / passed_s)
        for name, count in listener.counts.items()
        if name in topics
    ]


def _pass(patrol: RunningPatrol, listener: Listener, span_s: float) -> None:
    end_s = listener.now_s + span_s
    patrol.until(lambda: listener.now_s >= end_s, WALL_LIMIT_S, "simulated time stands")


def rows(needed: Sequence[Load], everything: Sequence[Load]) -> list[Row]:
    """The totals, with what a recorder of everything would add."""
    unheard = [load for load in everything if not load.topic.readers]
    count = sum(load.messages_hz for load in needed)
    return [
        Row("topics written", len(everything), ""),
        Row("heard by somebody", len(needed), ""),
        Row("messages a second", count, "1/s", better="lower"),
        Row("payload", sum(load.bytes_ps for load in needed) / 1e3, "kB/s", better="lower"),
        Row("sent to all who listen", sum(load.sent_ps for load in needed) / 1e3, "kB/s",
            better="lower"),
        Row("a recorder of everything: messages", sum(load.messages_hz for load in everything),
            "1/s", better="lower"),
        Row("a recorder of everything: payload",
            sum(load.bytes_ps for load in everything) / 1e3, "kB/s", better="lower"),
        Row("of it on rows that nobody else hears", sum(load.bytes_ps for load in unheard) / 1e3,
            "kB/s", better="lower"),
    ]  # fmt: skip


def show(bench: Bench, needed: Sequence[Load], everything: Sequence[Load]) -> None:
    """Every topic: by whom, for whom, how much."""
    table = Table("topic", "from", "for", "1/s", "kB/s", "kB/s to all")
    spoken = [load for load in _by_weight(needed) if load.messages_hz]
    for load in spoken:
        table.add_row(
            load.topic.name, ", ".join(load.topic.writers), ", ".join(load.topic.readers),
            f"{load.messages_hz:.1f}", f"{load.bytes_ps / 1e3:.2f}", f"{load.sent_ps / 1e3:.2f}",
        )  # fmt: skip
    bench.console.print(table, f"and {len(needed) - len(spoken)} on which nothing was said")
    for load in everything:
        if not load.topic.readers and load.topic.name not in PLUMBING:
            why = "kept for late readers" if load.topic.kept else "silent until somebody listens"
            bench.console.print(f"{load.topic.name}: {why}")


def _by_weight(loads: Sequence[Load]) -> list[Load]:
    return sorted(loads, key=lambda load: -load.sent_ps)


def draw(needed: Sequence[Load], target: Path) -> None:
    """The heaviest topics: bytes to all who listen, and messages."""
    loads = _by_weight(needed)[:SHOWN][::-1]
    names = [f"{load.topic.name[1:]}  →  {', '.join(load.topic.readers)}" for load in loads]
    figure, (sent, messages) = plt.subplots(
        1, 2, figsize=(13, 7), sharey=True, layout="constrained"
    )
    sent.barh(names, [load.sent_ps / 1e3 for load in loads], color="#0b6bcb",
              label="to all who listen")  # fmt: skip
    sent.barh(names, [load.bytes_ps / 1e3 for load in loads], color="#8fb8de", height=0.35,
              label="payload")  # fmt: skip
    sent.set(xlabel="kB a second", xscale="log", title="what a patrol puts on the wire")
    sent.legend(loc="lower right")
    messages.barh(names, [load.messages_hz for load in loads], color="#2e7d32")
    messages.set(xlabel="messages a second")
    figure.savefig(target, dpi=120)


def main() -> int:
    parser = options_parser()
    parser.add_argument("--site", default="depot")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--seconds", type=float, default=30.0, help="simulated, for each count")
    parser.add_argument("--camera", action="store_true", help="with pictures")
    bench = begin("wire", __doc__, parser, "5 s for each count")
    options = bench.options
    span_s = 5.0 if options.quick else options.seconds
    try:
        needed, everything = _run(options.site, options.seed, span_s, options.camera)
    except (RondaError, MeasurementError) as error:
        return bench.fail(error)
    show(bench, needed, everything)
    draw(needed, bench.picture)
    loads = [
        {"topic": load.topic.name, "from": load.topic.writers, "for": load.topic.readers,
         "messages_hz": load.messages_hz, "bytes_ps": load.bytes_ps}
        for load in _by_weight(needed)
    ]  # fmt: skip
    return bench.answer(rows(needed, everything), topics=loads)


def _run(site: str, seed: int, span_s: float, camera: bool) -> tuple[list[Load], list[Load]]:
    with tempfile.TemporaryDirectory(prefix="ronda-wire-") as name, claimed_domain():
        patrol = RunningPatrol(load_setting(site), seed, Path(name), camera=camera)
        listener = Listener.begin(["ronda_cli"])
        try:
            patrol.watcher.also_spin(listener.node)
            patrol.drive()
            heard = [topic for topic in listener.topics() if topic.readers]
            listener.listen(heard)
            needed = measure(patrol, listener, span_s)
            listener.listen(t for t in listener.topics() if t.name not in PLUMBING)
            everything = measure(patrol, listener, span_s)
        finally:
            listener.close()
            patrol.close()
    return needed, everything


if __name__ == "__main__":
    end(main())
