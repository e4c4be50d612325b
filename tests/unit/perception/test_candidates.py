"""The numbers of what was judged are told once it is out of sight, and are few."""

from __future__ import annotations

import math

import numpy as np

from patrol_core.types.learning import Candidate
from patrol_core.types.perception import FindingKind
from patrol_perception.candidates import CandidateBook
from patrol_perception.clusters import Cluster
from patrol_perception.findings import FindingBook
from patrol_perception.judgement import Verdict
from patrol_perception.params import EvidenceParams
from patrol_perception.spots import Spot

SQUARE_M = np.array([[1.0, 1.0], [1.0, 1.4], [1.4, 1.4], [1.4, 1.0]])


class Life:
    """One spot, seen ten times a second and judged at every fourth scan."""

    def __init__(self) -> None:
        self.findings = FindingBook(EvidenceParams(), np.random.default_rng(1), "cafe")
        self.book = CandidateBook(self.findings)
        self.spot = Spot(3, 0.0, SQUARE_M)
        self.now_s = 0.0

    def see(self, scans: int) -> None:
        cluster = Cluster(
            1.2, 1.2, np.arange(len(SQUARE_M)), SQUARE_M, 0.57, 2.0, 0.3, 0.8, legs=False,
            solid=True, whole=True, came=False, leg=0.5,
        )  # fmt: skip
        for _ in range(scans):
            self.now_s = round(self.now_s + 0.1, 6)
            self.spot.note(cluster, self.now_s)
            if self.spot.scans % 4 == 0:
                self.look()

    def look(self, held: bool = False) -> None:
        self.book.step({3: self.spot}, {3} if held else set(), self.now_s)

    def leave(self) -> list[Candidate]:
        self.now_s += 20.0
        self.look()
        return self.book.due()


def test_what_was_judged_is_told_when_it_is_out_of_sight_and_again_when_it_has_grown() -> None:
    life = Life()
    life.see(40)
    assert life.book.due() == []
    (first,) = life.leave()
    assert first.finding_id == "" and not first.moved
    assert [look.scans for look in first.looks] == [8, 16, 32, 40]
    assert first.looks[-1] == life.spot.numbers()
    assert life.leave() == []
    life.see(4)
    assert life.leave() == []
    life.see(8)
    (again,) = life.leave()
    assert again.candidate_id == first.candidate_id and again.stamp_s > first.stamp_s
    assert again.looks[-1].scans == 52


def test_looks_are_few_however_long_it_is_watched() -> None:
    life = Life()
    life.see(4000)
    (candidate,) = life.leave()
    assert len(candidate.looks) <= 8 and candidate.looks[-1].scans == 4000


def test_a_report_is_told_at_once_with_its_finding() -> None:
    life = Life()
    life.see(20)
    verdict = Verdict(FindingKind.OBJECT, life.spot.outline, 0.9, 0.0, 2.0, 0.8, ())
    life.findings.report(life.spot, verdict, life.now_s)
    life.look()
    (candidate,) = life.book.due()
    (finding,) = life.findings.due(life.now_s)
    assert candidate.finding_id == finding.finding_id and finding.config_hash == "cafe"


def test_a_person_is_told_as_moved_and_scraps_of_a_few_scans_are_not_told() -> None:
    life = Life()
    life.see(12)
    life.book.moved(life.spot)
    (candidate,) = life.book.due()
    assert candidate.moved
    brief = Life()
    brief.see(7)
    brief.book.moved(brief.spot)
    assert brief.leave() == []


def test_beside_somebody_it_is_not_judged_and_what_has_merged_is_forgotten() -> None:
    life = Life()
    life.see(20)
    life.now_s += 20.0
    life.look(held=True)
    assert life.book.due() == []
    life.book.step({}, set(), life.now_s)
    assert life.leave()[0].looks[0].scans == 20  # judged anew, from what it is now


def test_no_more_than_twenty_are_told_at_a_tick() -> None:
    life = Life()
    spots = {}
    for number in range(50):
        spots[number] = Spot(number, 0.0, SQUARE_M)
        spots[number].scans, spots[number].near_m = 9, math.pi
    life.book.step(spots, set(), 30.0)
    assert [len(life.book.due()) for _ in range(4)] == [20, 20, 10, 0]
