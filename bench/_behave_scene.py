"""A corner of the depot at night: each rule is broken by somebody, among people who do nothing.

The robot stands and looks. What is told is held against who really stood there.
"""

from __future__ import annotations

import dataclasses
import math
import shutil
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from patrol_core import topics
from patrol_core.bus import Mailbox
from patrol_core.component import ProcessContext
from patrol_core.geometry import Pose2
from patrol_core.processes import NAV, PERCEPTION
from patrol_core.site.behaviour_file import BEHAVIOUR_FILE
from patrol_core.site.zone_watch import ZONES_FILE
from patrol_core.types.motion import PoseEstimate
from patrol_core.types.perception import Finding, FindingKind
from patrol_sim.scenario import Pedestrian, Scenario, Start
from patrol_sim.simulator import Simulator
from ronda_cli.closed_loop import ClosedLoop
from ronda_cli.environment.paths import ROOT
from ronda_cli.evaluation.trial import EPOCH_S
from ronda_cli.setting import Setting

RULES_FILE = ROOT / "bench" / "behave" / BEHAVIOUR_FILE
HERE = Pose2(-8.0, -17.0, 0.0)
SECONDS = 46.0
WITHIN_M = 1.6
WANTED = {"stay": "loiterer", "run": "runner", "lie": "faller", "shut": "trespasser", "many": ""}
"""Who has to be told of, for each rule; "": anybody of them. Of others it may be told."""
ACTORS = {
    "stay": ("loiterer", "runner"), "run": ("runner",), "lie": ("faller",),
    "shut": ("trespasser",),
    "many": tuple(f"guest_{number}" for number in range(5)),
}  # fmt: skip
_POSE_VARIANCES = (0.01, 0.0, 0.0, 0.0, 0.01, 0.0, 0.0, 0.0, 0.001)


@dataclass(frozen=True, slots=True)
class Told:
    """A finding as it was first told, who broke that rule there ("": nobody), its revisions."""

    rule_id: str
    stamp_s: float
    x_m: float
    y_m: float
    confidence: float
    reason: str
    actor: str
    revisions: int


@dataclass(frozen=True, slots=True)
class Outcome:
    """What was told in one run, and where everybody went: stamp, x, y by name."""

    seed: int
    told: tuple[Told, ...]
    ways: dict[str, list[tuple[float, float, float]]]


def scene(seed: int, *, guilty: bool) -> Scenario:
    """The people of a seed; without `guilty` nobody breaks a rule."""
    rng = np.random.default_rng(seed)

    def person(
        name: str,
        points: list[tuple[float, float]],
        speed_mps: float,
        pause_s: float,
        start_s: float,
        falls_s: float | None = None,
    ) -> Pedestrian:
        shift = rng.uniform(-0.3, 0.3, 2)
        where = tuple((float(x + shift[0]), float(y + shift[1])) for x, y in points)
        speed = speed_mps * float(rng.uniform(0.97, 1.03))
        return Pedestrian(name, where, speed, pause_s, start_s, gives_way=True, falls_s=falls_s)

    people = [
        person("walker", [(5.0, -28.0), (5.0, -11.0)], 1.3, 1.0, 2.0),
        person("pair_a", [(-12.0, -12.0), (10.0, -10.5)], 1.2, 1.0, 4.0),
        person("pair_b", [(-12.0, -11.3), (10.0, -9.8)], 1.2, 1.0, 4.0),
        person("brisk", [(-11.0, -27.0), (12.0, -24.0)], 1.9, 1.0, 6.0),
        person("waits", [(-1.0, -29.0), (-9.0, -27.5), (6.0, -27.0)], 1.1, 9.0, 1.0),
    ]
    if guilty:
        people += [
            person("loiterer", [(2.0, -23.0), (-6.0, -22.0)], 1.2, 200.0, 0.0),
            person("runner", [(-14.0, -13.5), (7.0, -13.5)], 2.9, 200.0, 14.0),
            person("faller", [(-4.6, -13.5), (-4.6, -24.0)], 1.0, 5.0, 1.0, 5.0),
            person("trespasser", [(-15.5, -19.0), (-15.5, -29.0)], 1.0, 2.0, 0.0),
        ]
        for number in range(5):
            place = (0.6 + 0.5 * (number % 2), -19.7 + 1.1 * number)
            away = (place[0] + 5.0, place[1] + 1.5 * (number - 2))
            people.append(person(f"guest_{number}", [away, place], 1.1, 11.0, 8.0))
    return Scenario(f"behave_{seed}", (Start(HERE),), tuple(people))


def play(setting: Setting, seed: int, folder: Path, rules: Path, *, guilty: bool) -> Outcome:
    """One run; `folder` becomes the site's. Raises SiteError for rules that cannot be read."""
    shutil.copy(rules, folder / BEHAVIOUR_FILE)
    shutil.copy(setting.site.folder / ZONES_FILE, folder / ZONES_FILE)
    site = dataclasses.replace(setting.site, folder=folder)
    scenario = scene(seed, guilty=guilty)
    simulator = Simulator(setting.world, [setting.setup()], scenario, seed)
    context = ProcessContext(site, setting.robot, folder, seed, EPOCH_S)
    loop = ClosedLoop(simulator, context, processes=(NAV, PERCEPTION))
    heard = Mailbox((topics.FINDINGS,))
    loop.attach(heard, "cli")
    loop.setup()
    loop.publish(topics.INITIALPOSE, PoseEstimate(0.0, HERE, _POSE_VARIANCES))
    first: dict[str, Told] = {}
    ways: dict[str, list[tuple[float, float, float]]] = {}
    while loop.now_s < SECONDS:
        loop.step()
        for finding in heard.snapshot().events(topics.FINDINGS):
            if finding.kind is FindingKind.BEHAVIOUR:
                known = first.get(finding.finding_id)
                first[finding.finding_id] = _noted(finding, known, loop.now_s, simulator)
        if loop.due(0.2):
            for one in simulator.truth().people:
                ways.setdefault(one.name, []).append((loop.now_s, one.pose.x_m, one.pose.y_m))
    loop.close()
    simulator.close()
    return Outcome(seed, tuple(first.values()), ways)


def _noted(finding: Finding, known: Told | None, now_s: float, simulator: Simulator) -> Told:
    if known is not None:
        return dataclasses.replace(known, revisions=finding.revision)
    rule_id = finding.reason.split("'")[1]
    people = {one.name: one.pose for one in simulator.truth().people}
    near = [
        (math.hypot(people[name].x_m - finding.x_m, people[name].y_m - finding.y_m), name)
        for name in ACTORS.get(rule_id, ())
        if name in people
    ]
    away, actor = min(near, default=(math.inf, ""))
    return Told(
        rule_id, now_s, finding.x_m, finding.y_m, finding.confidence, finding.reason,
        actor if away <= WITHIN_M else "", finding.revision,
    )  # fmt: skip
