"""People on drawn ways, as tracks, before the rules of a small site."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

import numpy as np

from patrol_core.site.behaviour import Rule, RuleKind
from patrol_core.site.model import Hours, Zone, ZoneKind
from patrol_core.types.perception import Finding, Incident, Track, TrackKind, Tracks
from patrol_perception.behaviour.params import BehaviourParams
from patrol_perception.behaviour.watch import BehaviourWatch
from patrol_perception.findings import FindingBook
from patrol_perception.params import EvidenceParams

EVERY_DAY = tuple(range(7))
YARD = Zone(
    "yard", ZoneKind.PUBLIC, ((-5.0, -5.0), (5.0, -5.0), (5.0, 5.0), (-5.0, 5.0)),
    hours=(Hours(EVERY_DAY, 6 * 3600, 20 * 3600),),
)  # fmt: skip
LOITERING = Rule("stay", RuleKind.LOITERING, 20.0, radius_m=2.0)
RUNNING = Rule("run", RuleKind.RUNNING, 1.6, speed_mps=2.5)
LYING = Rule("lie", RuleKind.LYING, 3.0)
CROWD = Rule("many", RuleKind.CROWD, 5.0, radius_m=3.0, people=4)
CLOSED = Rule("shut", RuleKind.CLOSED_ZONE, 3.0, zone_ids=("yard",))
RULES = (LOITERING, RUNNING, LYING, CROWD, CLOSED)
NOON_S, NIGHT_S = 12 * 3600, 23 * 3600

Way = Callable[[float], tuple[float, float] | None]
"""Where somebody is at a time; None while nobody sees him."""


def still(x_m: float, y_m: float) -> Way:
    return lambda _: (x_m, y_m)


def walk(x_m: float, y_m: float, vx_mps: float, vy_mps: float = 0.0) -> Way:
    return lambda t: (x_m + vx_mps * t, y_m + vy_mps * t)


class Play:
    """Feeds ten scans a second; tracks end 1.2 s after they were seen, and begin with a new id."""

    def __init__(self, *rules: Rule, hour_s: int = NOON_S, noise_m: float = 0.0) -> None:
        self.book = FindingBook(EvidenceParams(), np.random.default_rng(1000))
        self.watch = BehaviourWatch(
            rules or RULES, lambda _: (0, hour_s), BehaviourParams(), self.book
        )
        self.now_s = 0.0
        self.said: list[Finding] = []
        self.std_m = 0.03
        self._noise_m = noise_m
        self._rng = np.random.default_rng(1001)
        self._ids: dict[int, tuple[str, float]] = {}
        self._last: dict[int, tuple[float, float]] = {}
        self._count = 0

    def run(
        self,
        ways: Sequence[Way],
        seconds: float,
        kind: TrackKind = TrackKind.PERSON,
        size_m: tuple[float, float] = (0.4, 0.2),
    ) -> list[Finding]:
        """Everybody goes their way for so long; what was said meanwhile."""
        before = len(self.said)
        for _ in range(round(seconds * 10.0)):
            self.now_s = round(self.now_s + 0.1, 6)
            tracks = [
                track
                for number, way in enumerate(ways)
                if (track := self._track(number, way(self.now_s), kind, size_m)) is not None
            ]
            now = Tracks(self.now_s, tuple(tracks))
            self.watch.step(now, (), self.std_m, (YARD,), self.now_s)
            for finding in self.book.due(self.now_s):
                self.said.append(finding)
                self.book.acknowledge([stored(finding)])
        return self.said[before:]

    def _track(
        self,
        number: int,
        place: tuple[float, float] | None,
        kind: TrackKind,
        size_m: tuple[float, float],
    ) -> Track | None:
        if place is None:
            return None
        name, seen_s = self._ids.get(number, ("", -math.inf))
        if self.now_s - seen_s > 1.2:
            self._count += 1
            name = f"t{self._count}"
            self._last.pop(number, None)
        x, y = np.asarray(place) + self._rng.normal(0.0, 1.0, 2) * self._noise_m
        old = self._last.get(number, place)
        self._ids[number], self._last[number] = (name, self.now_s), place
        return Track(
            name, kind, float(x), float(y), (place[0] - old[0]) * 10.0, (place[1] - old[1]) * 10.0,
            *size_m, 0.95, 0.0, self.now_s,
        )  # fmt: skip

    def findings(self) -> set[str]:
        return {finding.finding_id for finding in self.said}


def stored(finding: Finding) -> Incident:
    return Incident(
        finding.stamp_s, 1, finding.finding_id, finding.revision, finding.kind, finding.x_m,
        finding.y_m, finding.reason, False,
    )  # fmt: skip
