"""What stands where nothing may is told of its own finding, usual or not."""

from __future__ import annotations

import math
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from tests.unit.perception.behaviour_play import NIGHT_S, NOON_S, YARD, stored
from tests.unit.perception.test_perception_component import Host

from patrol_core.site.behaviour import Rule, RuleKind
from patrol_core.site.model import Hours, Zone, ZoneKind
from patrol_core.types.perception import Finding, FindingKind, Tracks
from patrol_perception.behaviour.params import BehaviourParams
from patrol_perception.behaviour.watch import BehaviourWatch
from patrol_perception.claims import Claim
from patrol_perception.findings import FindingBook
from patrol_perception.judgement import Verdict
from patrol_perception.outline import Outline
from patrol_perception.params import EvidenceParams
from patrol_perception.spots import Spot

HYDRANT = Rule("hydrant", RuleKind.KEEP_FREE, 5.0, zone_ids=("yard",), length_m=1.0)
AT_NIGHT = Rule(
    "night", RuleKind.KEEP_FREE, 0.0, ("yard",), (Hours(tuple(range(7)), 20 * 3600, 6 * 3600),)
)  # fmt: skip


class Ground:
    """Things on the ground by number, before the rules; each is usual there if `usual`."""

    def __init__(self, *rules: Rule, usual: bool = False) -> None:
        self.book = FindingBook(
            EvidenceParams(), np.random.default_rng(1000), recall=lambda *_: (usual, "")
        )
        self.hour_s = NOON_S
        self.watch = BehaviourWatch(
            rules, lambda _: (0, self.hour_s), BehaviourParams(), self.book
        )
        self.now_s = 0.0

    def put(self, number: int, x_m: float, y_m: float, length_m: float) -> None:
        outline = Outline(x_m, y_m, length_m, 0.5, 0.0)
        verdict = Verdict(FindingKind.OBSTRUCTION, outline, 0.9, 1.0, 4.0, 1.2, ())
        points = np.array([[x_m, y_m], [x_m + 0.1, y_m]])
        self.book.report(Spot(number, self.now_s, points), verdict, self.now_s)

    def watch_for(self, seconds: float, standing: Sequence[int]) -> list[Finding]:
        """What is said in that time; everything is stored at once."""
        said: list[Finding] = []
        for _ in range(round(seconds * 10.0)):
            self.now_s = round(self.now_s + 0.1, 6)
            tracks = Tracks(self.now_s, ())
            self.watch.step(tracks, frozenset(standing), 0.03, (YARD,), self.now_s)
            due = self.book.due(self.now_s)
            self.book.acknowledge([stored(finding) for finding in due])
            said += due
        return said


def test_a_long_thing_in_the_zone_is_told_once_after_its_time() -> None:
    ground = Ground(HYDRANT)
    ground.put(1, 6.0, 0.0, 5.2)  # reaches in with one end
    ground.put(2, 0.0, 0.0, 0.5)  # too short
    ground.put(3, 9.0, 0.0, 5.2)  # outside
    assert len(ground.watch_for(4.9, [1, 2, 3])) == 3, "as things that stand there"
    (told,) = ground.watch_for(20.0, [1, 2, 3])
    assert told.revision == 2 and told.kind is FindingKind.OBSTRUCTION and told.stamp_s < 5.6
    assert "'yard', which is to be kept free (rule 'hydrant')" in told.reason
    stood, length = told.evidence[-2:]
    assert (stood.threshold, length.value, length.threshold) == (5.0, 5.2, 1.0)


def test_what_stands_there_every_day_is_told_by_the_rule_alone() -> None:
    ground = Ground(HYDRANT, usual=True)
    ground.put(1, 0.0, 0.0, 5.2)
    assert ground.watch_for(4.9, [1]) == []
    (told,) = ground.watch_for(5.0, [1])
    assert "(rule 'hydrant')" in told.reason


def test_what_is_not_seen_now_or_not_forbidden_at_this_hour_is_not_told() -> None:
    ground = Ground(AT_NIGHT)
    ground.put(1, 0.0, 0.0, 0.5)
    assert [f.revision for f in ground.watch_for(5.0, [1])] == [1]
    ground.hour_s = NIGHT_S
    assert ground.watch_for(5.0, []) == [], "it may be gone"
    (told,) = ground.watch_for(1.0, [1])
    assert told.revision == 2


def test_what_only_the_camera_claims_is_not_told() -> None:
    ground = Ground(AT_NIGHT)
    ground.hour_s = NIGHT_S
    outline = Outline(0.0, 0.0, 1.0, 1.0, 0.0)
    ground.book.claim(Claim(FindingKind.CHANGE, outline, 0.8, 0.0, "changed", (), "c"), 0.0)
    assert [f.revision for f in ground.watch_for(3.0, [1, 2])] == [1]


def test_the_whole_perception_tells_it_from_scans(tmp_path: Path) -> None:
    (tmp_path / "behaviour.yaml").write_text(
        "rules:\n  - {id: way_out, kind: keep_free, zones: [way_out], for_s: 0.5}\n", "utf-8"
    )
    corners = ((8.0, 3.8), (10.0, 3.8), (10.0, 5.2), (8.0, 5.2))
    zone = Zone("way_out", ZoneKind.KEEP_CLEAR, corners)
    said = Host(camera=False, folder=tmp_path, zones=(zone,)).drive(4.5)
    told = [finding for finding in said if "(rule 'way_out')" in finding.reason]
    assert told and len({finding.finding_id for finding in said}) == 1
    assert math.hypot(told[-1].x_m - 9.0, told[-1].y_m - 4.5) < 0.3
