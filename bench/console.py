"""What a console costs while many look: age of what they see, processor, memory.

The real console process in the real graph at real time, which is told a full sensor set (scan,
tracks, plans, a camera of 10 pictures a second) by another process. Pages in a third process: 50
with the map, 5 with the camera. A frame's age runs from its saying in the graph to a page's
receipt. Then, beside the same pages, some on a slow link, some that ask for everything and never
read, and some that say that they have drawn what they never read. Baseline in the same run: each
page its own document, made and compressed for it alone.
"""

from __future__ import annotations

import sys
import time
from pathlib import Path
from tempfile import TemporaryDirectory

import matplotlib as mpl
import numpy as np
import rclpy
from _bench import FOLDER, Bench, begin, options_parser
from _console_rig import SAMPLE_S, Phase, console, naive, said, whole_document
from _graph_speaker import Speaker

from patrol_core.errors import RondaError
from ronda_cli.evaluation.statistics import Row
from ronda_cli.session import claimed_domain
from ronda_cli.setting import load_setting

mpl.use("Agg")
from matplotlib import pyplot as plt

CROWD = {"map": 50, "camera": 5}
BAD = {"slow": 3, "mute": 5, "liar": 5}
OURS, OTHER, CAMERA, GOAL = "#0b6bcb", "#e0912f", "#3a8f5c", "#c8321f"


def measure(bench: Bench, seconds: float, apart_s: float, folder: Path) -> list[Phase]:
    """Nobody, one page, many, many and bad ones; then the baseline."""
    setting = load_setting("depot")
    with claimed_domain():
        rclpy.init()
        try:
            with console(setting, folder) as server, Speaker(said(bench.options.seed)) as speaker:
                time.sleep(3.0)
                phases = [
                    server.show(bench, Phase(name, length, pages), speaker.start_s)
                    for name, length, pages in (
                        ("nobody", apart_s, {}),
                        ("one page", apart_s, {"map": 1}),
                        ("many", seconds, CROWD),
                        ("many, and bad ones", max(60.0, apart_s), CROWD | BAD),
                    )
                ]
                document = whole_document(server)
        finally:
            rclpy.shutdown()
    with naive(document) as server:
        phases.append(server.show(bench, Phase("baseline", apart_s, {"map": CROWD["map"]})))
    return phases


def draw(phases: list[Phase], path: Path) -> None:
    """Processor by phase, ages, and memory over time."""
    figure, (cores, ages, memory) = plt.subplots(
        1, 3, figsize=(14, 4.2), layout="constrained", width_ratios=(1.2, 1.4, 1.4)
    )
    names = [phase.name.replace(", ", ",\n") for phase in phases]
    colours = [OURS] * (len(phases) - 1) + [OTHER]
    bars = cores.bar(names, [phase.cores for phase in phases], color=colours, width=0.65)
    cores.bar_label(bars, fmt="%.2f", padding=2)
    cores.axhline(0.5, color=GOAL, ls="--")
    cores.set(ylabel="cores", title="processor (dashed: goal)")
    cores.tick_params("x", labelsize=8)
    for phase, style in zip(phases[2:4], ("-", ":"), strict=True):
        for kind, colour in (("map", OURS), ("camera", CAMERA)):
            found = np.sort(phase.seen[kind]["ages"]) * 1000.0
            older = 1.0 - np.arange(len(found)) / len(found)
            ages.plot(found, older, style, color=colour, label=f"{kind}: {phase.name}")
    ages.axvline(200.0, color=GOAL, ls="--")
    ages.axhline(0.01, color="#8593a3", lw=0.8)
    ages.set(yscale="log", ylim=(1e-4, 1.1), xlim=(0.0, None), xlabel="age of a frame [ms]",
             ylabel="share that is older", title="age of what they see (line: 1 %)")  # fmt: skip
    ages.legend(frameon=False, fontsize=8)
    many, bad = phases[2], phases[3]
    count = len(many.rss_mib)
    memory.plot(np.arange(count) * SAMPLE_S, many.rss_mib, color=OURS, label=many.name)
    after = np.arange(count, count + len(bad.rss_mib)) * SAMPLE_S
    memory.plot(after, bad.rss_mib, color=GOAL, label=bad.name)
    most = 1.2 * max(*many.rss_mib, *bad.rss_mib)
    memory.set(xlabel="seconds", ylabel="MiB", title="memory of the console", ylim=(0.0, most))
    memory.legend(frameon=False, loc="lower right")
    for axis in (cores, ages, memory):
        axis.spines[["top", "right"]].set_visible(False)
    figure.savefig(path, dpi=110)
    plt.close(figure)


def rows(phases: list[Phase]) -> list[Row]:
    nobody, one, many, bad, base = phases
    half = many.rss_mib[len(many.rss_mib) // 2 :]
    slope = float(np.polyfit(np.arange(len(half)) * SAMPLE_S / 3600.0, half, 1)[0])
    table = [
        Row("nobody looks", nobody.cores, "cores"),
        Row("one page with the map", one.cores, "cores"),
        Row("50 with the map, 5 with the camera", many.cores, "cores", goal=0.5, better="lower"),
        Row("baseline: 50 with the map alone", base.cores, "cores"),
    ]
    for phase in (many, bad):
        for kind in CROWD:
            table += [
                Row(f"{phase.name}: {kind}, age, median", phase.age_ms(kind, 0.5), "ms"),
                Row(f"{phase.name}: {kind}, age, 99 %", phase.age_ms(kind, 0.99), "ms",
                    goal=200.0, better="lower"),
                Row(f"{phase.name}: {kind}, slowest page", phase.least_hz(kind), "frames/s",
                    goal=9.5, better="higher"),
            ]  # fmt: skip
    return [
        *table,
        Row("memory grown, second half of 'many'", slope, "MiB/h", goal=4.0, better="lower"),
        Row("memory grown by bad pages", max(bad.rss_mib) - many.rss_mib[-1], "MiB"),
        Row("with bad pages", bad.cores, "cores"),
        Row("pages that lie, cut off", bad.seen["liar"]["cut"], f"of {BAD['liar']}"),
        Row("slow link: camera, age, 99 %", bad.age_ms("slow", 0.99), "ms"),
        Row("slow link: camera", float(np.mean(bad.seen["slow"]["counts"])) / bad.seconds,
            "frames/s"),
    ]  # fmt: skip


def main() -> int:
    parser = options_parser()
    parser.add_argument("--seconds", type=float, default=900.0, help="of 50 and 5 pages")
    parser.add_argument("--seed", type=int, default=0, help="of messages")
    bench = begin("console", __doc__, parser, "20 s of many pages, 10 s of the others")
    seconds, apart_s = (20.0, 10.0) if bench.options.quick else (bench.options.seconds, 30.0)
    FOLDER.mkdir(parents=True, exist_ok=True)
    try:
        with TemporaryDirectory(dir=FOLDER) as folder:
            phases = measure(bench, seconds, apart_s, Path(folder))
    except (RondaError, OSError) as error:
        return bench.fail(error)
    draw(phases, bench.picture)
    return bench.answer(rows(phases))


if __name__ == "__main__":
    sys.exit(main())
