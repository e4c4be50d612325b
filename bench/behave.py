"""Behaviour by a site's rules: is everybody told who breaks one, once, and nobody else?

In a corner of the depot at night somebody loiters, runs, falls and lies, stands in a crowd, and is
where it is closed, among people who walk, stroll in pairs, hurry and wait; and the same with the
latter alone. The robot stands; perception and navigation run as they are. Seeds 0 and up; what was
tuned was tuned on seeds from 1000. Other rules for the same scene may be given as a file.
"""

from __future__ import annotations

import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

import cv2
import matplotlib as mpl
import numpy as np
from _behave_scene import HERE, RULES_FILE, WANTED, Outcome, Told, play
from _bench import begin, options_parser

from patrol_core.errors import RondaError
from patrol_core.site.model import ZoneKind
from patrol_core.types.sensors import CompressedImage
from patrol_perception.watching.guard import Guard
from patrol_perception.watching.params import GuardParams
from ronda_cli.evaluation.statistics import Row
from ronda_cli.setting import Setting, load_setting

mpl.use("Agg")
from matplotlib import pyplot as plt
from matplotlib.axes import Axes
from matplotlib.patches import Polygon

GUARD_HZ, GUARD_PICTURES = 5.0, 250
INK, QUIET, WRONG = "#22313f", "#9aa5ae", "#c8321f"
COLOURS = {
    "stay": "#0b6bcb", "run": "#d98200", "lie": "#8e2fb5", "many": "#1a8f5a", "shut": "#b3306b",
}  # fmt: skip
WORDS = {
    "stay": "loitering", "run": "running", "lie": "lying", "many": "crowd", "shut": "closed zone",
}  # fmt: skip


def is_found(outcome: Outcome, rule_id: str) -> bool:
    """Whether the one who broke a rule was told of."""
    wanted = WANTED[rule_id]
    return any(
        one.rule_id == rule_id and one.actor and wanted in ("", one.actor) for one in outcome.told
    )


def repeats(outcome: Outcome) -> int:
    """How often one cause was told as another finding."""
    causes = [
        (one.rule_id, "" if one.rule_id == "many" else one.actor)
        for one in outcome.told
        if one.actor
    ]
    return len(causes) - len(set(causes))


def rows(guilty: Sequence[Outcome], innocent: Sequence[Outcome]) -> list[Row]:
    """The figures."""
    count = len(guilty)
    found = [
        Row(f"{WORDS[rule]}: told", sum(is_found(o, rule) for o in guilty), f"of {count}",
            goal=count)
        for rule in WANTED
    ]  # fmt: skip
    told = [one for outcome in guilty for one in outcome.told]
    return [
        *found,
        Row("told of nobody who did it", sum(not one.actor for one in told),
            f"in {count} scenes", goal=0.0, better="lower"),
        Row("one cause told twice", sum(repeats(o) for o in guilty), f"in {count} scenes",
            goal=0.0, better="lower"),
        Row("told where nobody breaks a rule", sum(len(o.told) for o in innocent),
            f"in {len(innocent)} scenes", goal=0.0, better="lower"),
        Row("revisions a finding, most", max((one.revisions for one in told), default=0), "",
            better="lower"),
    ]  # fmt: skip


def guard_cost_ms() -> float:
    """CPU time that a picture takes of a robot that stands guard, its decoding included."""
    rng = np.random.default_rng(0)
    ground = cv2.resize(rng.integers(60, 190, (30, 40, 3), dtype=np.uint8), (640, 480))
    noise = rng.normal(0.0, 2.0, (10, *ground.shape))
    shown = np.clip(ground + noise, 0, 255).astype(np.uint8)
    pictures = [cv2.imencode(".jpg", picture)[1].tobytes() for picture in shown]
    guard = Guard(GuardParams(), GUARD_HZ)
    started_s = 0.0
    for number in range(GUARD_PICTURES):
        if number == GUARD_PICTURES // 5:
            started_s = time.process_time()
        raw = CompressedImage(number / GUARD_HZ, "camera", "jpeg", pictures[number % 10])
        guard.step(raw, HERE)
    measured = GUARD_PICTURES - GUARD_PICTURES // 5
    return 1e3 * (time.process_time() - started_s) / measured


def draw(setting: Setting, guilty: Outcome, innocent: Outcome, path: Path) -> None:
    """Where everybody went, and what was told where, with somebody guilty and without."""
    figure, axes = plt.subplots(1, 2, figsize=(14, 5.9), layout="constrained")
    titles = ("Somebody breaks each rule", "Nobody breaks a rule")
    for one, outcome, title in zip(axes, (guilty, innocent), titles, strict=True):
        for zone in setting.site.zones:
            public = zone.kind is ZoneKind.PUBLIC
            face = "#f6dfe8" if public else "none"
            one.add_patch(Polygon(zone.polygon_m, fc=face, ec="#d8b4c4" if public else "none"))
        for way in outcome.ways.values():
            _, x, y = np.array(way).T
            one.plot(x, y, color=QUIET, lw=1.2, zorder=2)
            one.plot(x[-1], y[-1], "o", ms=4, color=QUIET, zorder=3)
        one.plot(HERE.x_m, HERE.y_m, ">", ms=13, color=INK, zorder=4)
        one.annotate("robot", (HERE.x_m, HERE.y_m), (0, -16), textcoords="offset points",
                     ha="center", color=INK)  # fmt: skip
        for number, told in enumerate(outcome.told):
            _mark(one, told, number)
        one.set(xlim=(-19, 13), ylim=(-31, -8), aspect="equal", xlabel="x [m]", ylabel="y [m]")
        told_words = f"{len(outcome.told)} told" if outcome.told else "nothing told"
        one.set_title(f"{title}: {told_words} (seed {outcome.seed})", fontsize=11)
    axes[0].annotate("reception,\nclosed at night", (-18.6, -30.5), color="#a05575", fontsize=9)
    axes[1].annotate(
        "lines: where people went", (12.6, -30.5), color=QUIET, ha="right", fontsize=9
    )
    figure.savefig(path, dpi=110)
    plt.close(figure)


def _mark(axes: Axes, told: Told, number: int) -> None:
    colour = COLOURS.get(told.rule_id, INK) if told.actor else WRONG
    axes.plot(told.x_m, told.y_m, "D", ms=9, color=colour, mec="white", zorder=5)
    words = f"{WORDS.get(told.rule_id, told.rule_id)}, {told.stamp_s:.0f} s, {told.confidence:.2f}"
    axes.annotate(
        words, (told.x_m, told.y_m), (9, 7 if number % 2 else -14), textcoords="offset points",
        color=colour, fontsize=9, weight="bold", zorder=6,
        bbox={"fc": "white", "ec": "none", "alpha": 0.75, "pad": 1.0},
    )  # fmt: skip


def main() -> int:
    parser = options_parser()
    parser.add_argument("rules", nargs="?", type=Path, default=RULES_FILE, metavar="RULES",
                        help="a behaviour.yaml with rules of the same ids")  # fmt: skip
    parser.add_argument("--runs", type=int, default=20, help="scenes of either sort")
    parser.add_argument("--seed", type=int, default=0, help="first seed")
    bench = begin("behave", __doc__, parser, "two scenes of either sort")
    options = bench.options
    cv2.setNumThreads(1)
    runs = 2 if options.quick else options.runs
    outcomes: dict[bool, list[Outcome]] = {True: [], False: []}
    try:
        setting = load_setting("depot")
        for seed in range(options.seed, options.seed + runs):
            for guilty, kept in outcomes.items():
                with tempfile.TemporaryDirectory(prefix="ronda-behave-") as folder:
                    kept.append(play(setting, seed, Path(folder), options.rules, guilty=guilty))
                for one in kept[-1].told:
                    right = one.actor or "NOBODY"
                    bench.console.print(f"seed {seed}, {one.stamp_s:.1f} s, {right}: {one.reason}")
    except (RondaError, OSError) as error:
        return bench.fail(error)
    draw(setting, outcomes[True][0], outcomes[False][0], bench.picture)
    cost_ms = guard_cost_ms()
    cores = Row("standing guard, 5 pictures a second", 5e-3 * cost_ms, "cores", better="lower")
    return bench.answer([*rows(outcomes[True], outcomes[False]), cores])


if __name__ == "__main__":
    sys.exit(main())
