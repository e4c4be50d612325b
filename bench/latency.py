"""How long does a visitor wait for an answer? Mixed dialogue through all parts, on one core.

Turns are drawn from the packaged examples of all intents and languages, each with a letter wrong,
from questions and ways of the site, touched answers and nonsense, in conversations of two to eight
turns, with many others open. Time is that of `Reception.hear` (language, emergency, intent,
knowledge, way, statement), CPU time of this process: other programs on this machine do not count.
By the clock it stands beside it. Start-up (all languages are learnt, all ways searched) and memory
are those of a process of its own. Beside it: what understanding alone takes.
"""

from __future__ import annotations

import itertools
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import matplotlib as mpl
import numpy as np
from _bench import begin, options_parser

from patrol_core.errors import RondaError
from patrol_core.geometry import Pose2
from patrol_core.site import Site, load_site
from patrol_hri.dialogue.building import make_mind
from patrol_hri.dialogue.memory import Memory, site_date
from patrol_hri.dialogue.mind import Mind, Surroundings
from patrol_hri.dialogue.params import DialogueParams
from patrol_hri.dialogue.reception import Reception
from patrol_hri.languages.catalogue import load_languages
from patrol_hri.statements.store import StatementStore
from patrol_hri.wayfinding import WayFinder
from ronda_cli.environment.paths import ROOT
from ronda_cli.evaluation.statistics import Row

mpl.use("Agg")
from matplotlib import pyplot as plt

TURNS, QUICK = 1000, 200
OTHERS = 100
WARM_UP = 20
MEDIAN_MS, HIGH_MS = 15.0, 60.0
KINDS = ("intent", "question", "way", "touched", "nonsense")
SHARES = (0.45, 0.2, 0.15, 0.15, 0.05)
COLOURS = ("#0b6bcb", "#2e8b57", "#d9a441", "#8593a3", "#7b4fa3")


@dataclass(frozen=True, slots=True)
class Turn:
    """One turn: what kind; CPU time of the answer, of understanding alone, and the answer's time
    by the clock [ms].
    """

    kind: str
    text: str
    answer_ms: float
    clock_ms: float
    understanding_ms: float


class Sentences:
    """Draws what a visitor says next."""

    def __init__(self, mind: Mind, rng: np.random.Generator) -> None:
        self._rng = rng
        self._examples = {
            code: [text for texts in language.examples.values() for text in texts]
            for code, language in load_languages().items()
        }
        self.codes = list(self._examples)
        visitors = mind.visitors
        assert visitors is not None
        self._questions = [
            text
            for question in (*visitors.questions, *visitors.rules)
            for texts in question.examples.values()
            for text in texts
        ]
        self._places = [name for place in visitors.places for name in place.names.values()]

    def draw(self, code: str, choices: Sequence[str]) -> tuple[str, str]:
        """Kind and words."""
        kind = str(self._rng.choice(KINDS, p=SHARES))
        if kind == "touched" and choices:
            return kind, str(self._rng.choice(choices))
        if kind == "question" and self._questions:
            return kind, self._mistyped(str(self._rng.choice(self._questions)))
        if kind == "way":
            return kind, f"How do I get to {self._rng.choice(self._places)}?"
        if kind == "nonsense":
            letters = self._rng.choice(list("abcdefghij klmno"), 40)
            return kind, "".join(letters)
        return "intent", self._mistyped(str(self._rng.choice(self._examples[code])))

    def _mistyped(self, text: str) -> str:
        """With two neighbours swapped: no example comes as it was learnt."""
        at = int(self._rng.integers(max(len(text) - 1, 1)))
        return text[:at] + text[at : at + 2][::-1] + text[at + 2 :]


def begin_mind(site: Site, folder: Path) -> Mind:
    """As on the robot, with a store of statements that is thrown away."""
    store = StatementStore.open(folder, folder / "key", site.retention.statements_days)
    ways = WayFinder(site)
    ways.prepare((0, 0))
    return make_mind(site, ways, store)


def measure(site: Site, mind: Mind, count: int, seed: int) -> list[Turn]:
    """So many turns, after some that are not counted."""
    rng = np.random.default_rng(seed)
    ids = itertools.count()
    memory = Memory(None, 1, site_date(site.timezone))
    reception = Reception(mind, DialogueParams(), lambda: f"s{next(ids)}", memory)
    assert site.visitors is not None
    pose = Pose2(*site.visitors.places[0].at_m)
    reception.set_surroundings(Surroundings(pose, can_guide=True))
    for number in range(OTHERS):
        reception.open("bench", float(number))
    sentences, now_s = Sentences(mind, rng), float(OTHERS)
    done: list[Turn] = []
    while len(done) < count + WARM_UP:
        code = str(rng.choice(sentences.codes))
        session = reception.open("bench", now_s, code)
        choices: tuple[str, ...] = ()
        for _ in range(int(rng.integers(2, 9))):
            now_s += 5.0
            kind, text = sentences.draw(code, choices)
            started = time.process_time()
            mind.understander.understand(text, code)
            between, clock = time.process_time(), time.perf_counter()
            reply = reception.hear(session, text, now_s)
            clock, ended = time.perf_counter() - clock, time.process_time()
            spent = ended - between, clock, between - started
            done.append(Turn(kind, text, *(1e3 * seconds for seconds in spent)))
            choices = reply.choices
            reception.step(now_s)
            reception.take_acts()
            reception.take_events()
            if reply.ends:
                break
    return done[WARM_UP : WARM_UP + count]


def start(site_name: str) -> dict[str, float]:
    """Start-up of a process that talks: seconds of CPU and of the clock, memory [MB]."""
    started, cpu = time.perf_counter(), time.process_time()
    with tempfile.TemporaryDirectory(prefix="ronda-latency-") as folder:
        mind = begin_mind(load_site(ROOT / "sites" / site_name), Path(folder))
        mind.understander.understand("Where is the office?", "en")
    return {
        "clock_s": time.perf_counter() - started,
        "cpu_s": time.process_time() - cpu,
        "memory_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024.0,
    }


def start_apart(site_name: str) -> dict[str, float]:
    """The same in a process of its own."""
    command = [sys.executable, __file__, "--site", site_name, "--start"]
    told = subprocess.run(command, capture_output=True, text=True, check=False)
    if told.returncode:
        raise RondaError(f"no start: {told.stderr.strip()[-500:]}")
    found: dict[str, float] = json.loads(told.stdout)
    return found


def rows(turns: Sequence[Turn], began: dict[str, float]) -> list[Row]:
    answer = np.array([turn.answer_ms for turn in turns])
    clock = np.array([turn.clock_ms for turn in turns])
    alone = np.array([turn.understanding_ms for turn in turns])
    return [
        Row("turns", len(turns), ""),
        Row("answer, median", float(np.median(answer)), "ms", goal=MEDIAN_MS, better="lower"),
        Row("answer, 99th percentile", float(np.percentile(answer, 99)), "ms",
            goal=HIGH_MS, better="lower"),
        Row("answer, longest", float(answer.max()), "ms"),
        Row("answer by the clock, median", float(np.median(clock)), "ms"),
        Row("answer by the clock, 99th percentile", float(np.percentile(clock, 99)), "ms"),
        Row("understanding alone, median", float(np.median(alone)), "ms"),
        Row("understanding alone, 99th percentile", float(np.percentile(alone, 99)), "ms"),
        *(Row(f"answer to {kind}, median",
              float(np.median([t.answer_ms for t in turns if t.kind == kind] or [np.nan])), "ms")
          for kind in KINDS),
        Row("start-up, by the clock", began["clock_s"], "s"),
        Row("start-up, CPU", began["cpu_s"], "s"),
        Row("memory", began["memory_mb"], "MB"),
    ]  # fmt: skip


def draw(turns: Sequence[Turn], path: Path) -> None:
    """Every turn as a point by its kind, and how the times are spread."""
    figure, (each, spread) = plt.subplots(
        2, 1, figsize=(10, 6.4), sharex=True, layout="constrained", height_ratios=(3, 2)
    )
    rng = np.random.default_rng(0)
    for level, (kind, colour) in enumerate(zip(KINDS, COLOURS, strict=True)):
        times = np.array([turn.answer_ms for turn in turns if turn.kind == kind])
        heights = level + rng.uniform(-0.3, 0.3, len(times))
        each.plot(times, heights, ".", color=colour, alpha=0.5, ms=5)
        if len(times):
            each.plot([np.median(times)] * 2, [level - 0.4, level + 0.4], color="#222222", lw=2)
    each.set_yticks(range(len(KINDS)), [f"{kind}" for kind in KINDS])
    each.set_xscale("log")
    each.invert_yaxis()
    each.set_title(f"{len(turns)} turns on one core (bar: median of its kind)", loc="left")
    answer = np.array([turn.answer_ms for turn in turns])
    spread.step(np.sort(answer), np.linspace(0.0, 100.0, len(answer)), color="#0b6bcb")
    for limit, share in ((MEDIAN_MS, 50.0), (HIGH_MS, 99.0)):
        spread.plot([limit], [share], "v", color="#c8321f", ms=9)
        spread.annotate(f"goal: {share:.0f} % within {limit:.0f} ms", (limit, share),
                        xytext=(6, -14), textcoords="offset points", color="#c8321f")  # fmt: skip
    spread.set(xlabel="CPU time until the answer [ms]", ylabel="share of turns [%]")
    spread.set_xlim(right=max(4.0 * HIGH_MS, 1.2 * float(answer.max())))
    for axes in (each, spread):
        axes.grid(alpha=0.25)
        axes.spines[["top", "right"]].set_visible(False)
    figure.savefig(path, dpi=110)
    plt.close(figure)


def main() -> int:
    parser = options_parser()
    parser.add_argument("--site", default="depot", help="name of a folder in sites/")
    parser.add_argument("--turns", type=int, default=TURNS, help="how many")
    parser.add_argument("--seed", type=int, default=0, help="of what is said")
    parser.add_argument("--start", action="store_true", help="only start, and say how it was")
    bench = begin("latency", __doc__, parser, f"{QUICK} turns")
    options = bench.options
    os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
    try:
        if options.start:
            print(json.dumps(start(options.site)))
            return 0
        began = start_apart(options.site)
        site = load_site(ROOT / "sites" / options.site)
        with tempfile.TemporaryDirectory(prefix="ronda-latency-") as folder:
            mind = begin_mind(site, Path(folder))
            turns = measure(site, mind, QUICK if options.quick else options.turns, options.seed)
    except RondaError as error:
        return bench.fail(error)
    draw(turns, bench.picture)
    return bench.answer(rows(turns, began), slowest=[
        asdict(turn) for turn in sorted(turns, key=lambda t: -t.answer_ms)[:10]
    ])  # fmt: skip


if __name__ == "__main__":
    sys.exit(main())
