"""An intruder who knows the policy, not the draw, picks place and time: is he met?

He needs 10 % to 50 % of a lap. The *watcher* sees the robot at his own place, for months, and
knows all there is to know when it leaves; he begins then or later. The *seer* sees it everywhere
(Agmon, Kraus and Kaminka 2008): below half a lap no robot meets him, so he is given more, too.
Known optimum: against the watcher, of all turning chances of first order the best for just that
stay; against the seer, that of the paper. On its model perimeter, 40 equal segments where turning
costs one, plans are drawn as the executive drives them, with the bound on idleness; the worst
moment is found on plans of seeds from 1000, the chance is measured on others, from 0. Ours is
one policy (level 1) for all stays of the watcher. Beside it the perimeter of a site, with its
stops, where the watcher of the plans knows only whether the last turn is far back: he is met more
often.
"""

from __future__ import annotations

import math
import sys
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path

import matplotlib as mpl
import numpy as np
from _adversaries import Passage, absences, met, passage, seer_shares, worst_moment
from _bench import Bench, Kept, begin, options_parser

from patrol_core.errors import RondaError
from patrol_core.site.loader import load_site
from patrol_core.site.model import Direction
from patrol_mission.plan import draw_plan
from patrol_mission.unpredictable.chain import ring_chain
from patrol_mission.unpredictable.intruder import agmon_chances, seer, watcher
from patrol_mission.unpredictable.params import SEER, PolicyParams
from patrol_mission.unpredictable.perimeter import Perimeter, perimeter_of, perimeter_of_route
from patrol_mission.unpredictable.policy import (
    HORIZON_LAPS,
    STAYS,
    Policy,
    best_of_first_order,
    solve_policy,
)
from patrol_mission.unpredictable.ring import Turning
from ronda_cli.environment.paths import ROOT
from ronda_cli.evaluation.statistics import Row

mpl.use("Agg")
from matplotlib import pyplot as plt
from matplotlib.axes import Axes

SEGMENTS, SEGMENT_S = 40, 10.0
MODEL = PolicyParams(
    level=1.0, cells=SEGMENTS, turn_s=SEGMENT_S, dwell_spread=0.0, start_jitter_s=0.0
)
SEER_STAYS = (0.5, 0.6, 0.75, 0.9)
LAPS, PLANS, QUICK_PLANS, TUNING = 400, 60, 15, 1000
"""Laps a plan, plans a policy for each of both purposes, first seed to find the worst moment."""
NEAR = 0.98
OURS, KNOWN, SITE, FIXED = "#0b6bcb", "#333333", "#2e8b57", "#c8321f"


@dataclass(frozen=True, slots=True)
class Chance:
    """Of meeting someone who needs `stay` of a lap. known: the optimum of the model; computed and
    seen: ours, with half of its interval of 95 % confidence."""

    against: str
    stay: float
    known: float
    computed: float
    seen: float
    give: float


def model_perimeter() -> Perimeter:
    """The perimeter of the paper."""
    return perimeter_of(SEGMENTS * SEGMENT_S, 1.0, Direction.COUNTERCLOCKWISE, (), MODEL)


def lowest_watched(turning: Turning, perimeter: Perimeter, stay: float) -> float:
    """The chance of meeting the watcher on the model perimeter, computed."""
    chain = ring_chain(perimeter.ring, turning, SEGMENTS)
    steps = round(stay * SEGMENTS)
    horizon = math.ceil(HORIZON_LAPS * SEGMENTS) + steps
    return watcher(chain, [0], [steps], horizon)[0].chance


def drawn(perimeter: Perimeter, policy: Policy, params: PolicyParams, seed: int, plans: int
          ) -> list[Passage]:  # fmt: skip
    return [
        passage(draw_plan(perimeter, policy, params, LAPS, s), perimeter)
        for s in range(seed, seed + plans)
    ]


def interval(hits: int, looked: int) -> tuple[float, float]:
    share = hits / looked
    return share, 1.96 * math.sqrt(max(share * (1.0 - share), 1e-12) / looked)


def against_watcher(
    perimeter: Perimeter, params: PolicyParams, seed: int, plans: int, *, even: bool
) -> list[Chance]:
    """All of STAYS, by one policy."""
    policy = solve_policy(perimeter.ring, params)
    ages = len(perimeter.ring.turn_chances(policy.turning))
    tuning = absences(drawn(perimeter, policy, params, TUNING + seed, plans), ages, even=even)
    figure = absences(drawn(perimeter, policy, params, seed, plans), ages, even=even)
    waits_s = np.arange(round(HORIZON_LAPS * SEGMENTS)) * perimeter.ring.lap_s / SEGMENTS
    out = []
    for stay, (computed, _) in zip(STAYS, policy.chances, strict=True):
        stay_s = stay * perimeter.ring.lap_s
        worst = worst_moment(tuning, stay_s, waits_s)
        share, give = interval(*met(figure, worst, stay_s))
        known = math.nan
        if even:
            score = partial(lowest_watched, perimeter=perimeter, stay=stay)
            _, known = best_of_first_order(perimeter.ring, score)
        out.append(Chance("watcher", stay, known, computed, share, give))
    return out


def against_seer(seed: int, plans: int) -> list[Chance]:
    """Each of SEER_STAYS, by the policy for it."""
    perimeter, out = model_perimeter(), []
    tries = np.geomspace(0.005, 0.3, 200).tolist()
    for stay in SEER_STAYS:
        params = PolicyParams(
            level=1.0,
            against=SEER,
            stay_fraction=stay,
            cells=SEGMENTS,
            turn_s=SEGMENT_S,
            start_jitter_s=0.0,
        )
        policy = solve_policy(perimeter.ring, params)
        chain = ring_chain(perimeter.ring, policy.turning, SEGMENTS)
        steps = round(stay * SEGMENTS)
        computed = seer(chain, [0], [steps])[0]
        known = max(float(agmon_chances(SEGMENTS, q, 1, steps).min()) for q in tries)
        stay_s = stay * perimeter.ring.lap_s
        tuning, _ = seer_shares(
            drawn(perimeter, policy, params, TUNING + seed, plans), SEGMENTS, stay_s
        )
        hits, looked = seer_shares(drawn(perimeter, policy, params, seed, plans), SEGMENTS, stay_s)
        share, give = interval(int(hits[np.argmin(tuning)]), looked)
        out.append(Chance("seer", stay, known, computed, share, give))
    return out


def rows(model: Sequence[Chance], site: Sequence[Chance], name: str) -> list[Row]:
    """The figures: ours by the known optimum first."""
    fixed = draw_fixed()
    out = [
        Row(f"{c.against}, needs {c.stay:.0%} of a lap: met, by the known optimum",
            c.seen / c.known, "", (c.seen - c.give) / c.known, (c.seen + c.give) / c.known,
            goal=NEAR) for c in model
    ]  # fmt: skip
    out.append(Row("fixed lap: watcher who needs 50 % of a lap, met", 100.0 * fixed, "%"))
    for c in model:
        said = f"{c.against}, {c.stay:.0%} of a lap: met"
        out += [
            Row(f"{said}, known optimum", 100.0 * c.known, "%"),
            Row(f"{said}, ours, computed", 100.0 * c.computed, "%"),
            Row(f"{said}, ours, in plans", 100.0 * c.seen, "%", 100.0 * (c.seen - c.give),
                100.0 * (c.seen + c.give)),
        ]  # fmt: skip
    for c in site:
        said = f"{name}, watcher, {c.stay:.0%} of a lap: met"
        out += [
            Row(f"{said}, computed", 100.0 * c.computed, "%"),
            Row(f"{said}, in plans", 100.0 * c.seen, "%", 100.0 * (c.seen - c.give),
                100.0 * (c.seen + c.give)),
        ]  # fmt: skip
    return out


def draw_fixed() -> float:
    """The share of watchers whom a fixed lap meets, where they begin when the robot has gone."""
    params = PolicyParams(level=0.0, cells=SEGMENTS, turn_s=SEGMENT_S)
    perimeter = model_perimeter()
    seen = absences(drawn(perimeter, solve_policy(perimeter.ring, params), params, 0, 1), 1,
                    even=True)  # fmt: skip
    return float(np.mean(seen.span_s <= STAYS[-1] * perimeter.ring.lap_s))


def draw(model: Sequence[Chance], site: Sequence[Chance], name: str, path: Path) -> None:
    """Chance by stay: of the watcher, and of the seer."""
    figure, (left, right) = plt.subplots(1, 2, figsize=(13, 5.5), layout="constrained")
    stays = 100.0 * np.array(STAYS)
    watching = [c for c in model if c.against == "watcher"]
    left.plot(stays, stays, ":", color="#8593a3", label="no robot exceeds this")
    _curve(left, watching)
    left.errorbar(
        stays, [100.0 * c.seen for c in site], [100.0 * c.give for c in site], fmt="s-",
        color=SITE, alpha=0.8, capsize=3, label=f"ours, plans of the {name}",
    )  # fmt: skip
    left.plot(stays, 0.0 * stays, "-", color=FIXED, label="a fixed lap")
    left.set(xlabel="he needs [% of a lap]", ylabel="met, at the worst place and time [%]")
    left.set_title("A watcher, who sees the robot at his place")
    _curve(right, [c for c in model if c.against == "seer"])
    right.plot([10.0, 48.0], [0.0, 0.0], "-", color=KNOWN, lw=4, alpha=0.5)
    right.annotate("out of reach of any one robot", (12.0, 1.5))
    right.set(xlabel="he needs [% of a lap]", xlim=(5.0, 95.0))
    right.set_title("A seer, who sees it everywhere; a policy for each stay")
    for panel in (left, right):
        panel.grid(alpha=0.3)
        panel.legend(frameon=False, loc="upper left")
    figure.savefig(path, dpi=110)
    plt.close(figure)


def _curve(axes: Axes, chances: Sequence[Chance]) -> None:
    stays = [100.0 * c.stay for c in chances]
    axes.plot(stays, [100.0 * c.known for c in chances], "k--", label="known optimum")
    axes.plot(stays, [100.0 * c.computed for c in chances], color=OURS, label="ours, computed")
    axes.errorbar(
        stays, [100.0 * c.seen for c in chances], [100.0 * c.give for c in chances], fmt="o",
        color=OURS, capsize=3, label="ours, in plans",
    )  # fmt: skip


def measure(bench: Bench, kept: Kept) -> tuple[list[Chance], list[Chance]]:
    """On the model perimeter and on the site's, each kept."""
    options = bench.options
    seed, plans = options.seed, QUICK_PLANS if options.quick else PLANS
    site = load_site(ROOT / "sites" / options.site)
    params = PolicyParams(level=1.0)
    parts: dict[str, Callable[[], list[Chance]]] = {
        "watcher": lambda: against_watcher(model_perimeter(), MODEL, seed, plans, even=True),
        "seer": lambda: against_seer(seed, max(plans // 4, 5)),
        "site": lambda: against_watcher(
            perimeter_of_route(site, site.perimeter_route("perimeter"), params),
            params,
            seed,
            plans,
            even=False,
        ),
    }
    results = {}
    for name, part in parts.items():
        known = kept.get((name, plans))
        if known is None:
            bench.console.print(f"{name} ...")
            known = [asdict(chance) for chance in part()]
            kept.keep((name, plans), known)
        results[name] = [Chance(**chance) for chance in known]
        for c in results[name]:
            bench.console.print(
                f"{name}, needs {c.stay:.0%} of a lap: known {c.known:.2%}, ours {c.computed:.2%}"
                f", in plans {c.seen:.2%} +- {c.give:.2%}"
            )
    return results["watcher"] + results["seer"], results["site"]


def main() -> int:
    parser = options_parser()
    parser.add_argument("--site", default="depot", help="name of a folder in sites/")
    parser.add_argument("--seed", type=int, default=0, help="first seed of the plans")
    bench = begin("adversary", __doc__, parser, "a quarter of the plans")
    try:
        model, site = measure(bench, bench.kept(bench.options.site, bench.options.seed))
    except RondaError as error:
        return bench.fail(error)
    draw(model, site, bench.options.site, bench.picture)
    return bench.answer(rows(model, site, bench.options.site))


if __name__ == "__main__":
    sys.exit(main())
