"""Findings are repeated until records say that they are stored."""

from __future__ import annotations

import numpy as np
import pytest

from patrol_core.types.perception import Finding, FindingKind, Incident
from patrol_core.types.sensors import CompressedImage
from patrol_perception.claims import Claim
from patrol_perception.findings import FindingBook
from patrol_perception.judgement import Verdict
from patrol_perception.outline import Outline
from patrol_perception.params import EvidenceParams
from patrol_perception.spots import Spot


def verdict(x_m: float, length_m: float = 0.5) -> Verdict:
    kind = FindingKind.OBJECT if length_m < 1.4 else FindingKind.OBSTRUCTION
    return Verdict(kind, Outline(x_m, 0.0, length_m, 0.4, 0.0), 0.9, 1.0, 4.0, 1.2, ())


def spot(number: int, x_m: float) -> Spot:
    return Spot(number, 0.0, np.array([[x_m - 0.2, -0.1], [x_m + 0.2, -0.1], [x_m, 0.2]]))


def book() -> FindingBook:
    return FindingBook(EvidenceParams(repeat_s=1.0), np.random.default_rng(1000))


def incident(finding: Finding, revision: int) -> Incident:
    return Incident(
        0.0, 1, finding.finding_id, revision, finding.kind, finding.x_m, finding.y_m, "", False
    )


def test_a_finding_is_repeated_until_its_revision_is_acknowledged() -> None:
    kept = book()
    kept.report(spot(1, 3.0), verdict(3.0), 5.0)
    (first,) = kept.due(5.0)
    assert kept.due(5.5) == []
    assert kept.due(6.0) == [first]
    kept.acknowledge([incident(first, 1)])
    assert kept.due(9.0) == []


def test_a_revision_keeps_the_id_and_must_be_acknowledged_anew() -> None:
    kept = book()
    kept.report(spot(1, 3.0), verdict(3.0), 5.0)
    (first,) = kept.due(5.0)
    kept.acknowledge([incident(first, 1)])
    kept.report(spot(1, 3.0), verdict(3.3), 20.0)
    (second,) = kept.due(20.0)
    assert (second.finding_id, second.revision) == (first.finding_id, 2)
    assert second.x_m == 3.3
    kept.acknowledge([incident(first, 1)])
    assert kept.due(21.0) == [second]
    kept.acknowledge([incident(second, 2)])
    assert kept.due(22.0) == []


def test_small_changes_are_no_revision() -> None:
    kept = book()
    kept.report(spot(1, 3.0), verdict(3.0), 5.0)
    kept.report(spot(1, 3.0), verdict(3.05), 20.0)
    assert kept.entries[0].finding.revision == 1


def test_what_turns_out_large_becomes_an_obstruction_at_once() -> None:
    kept = book()
    kept.report(spot(1, 3.0), verdict(3.0), 5.0)
    kept.report(spot(1, 3.0), verdict(4.0, length_m=4.0), 5.4)
    (finding,) = kept.due(5.4)
    assert (finding.kind, finding.revision) == (FindingKind.OBSTRUCTION, 2)


def test_what_lies_beside_a_finding_belongs_to_it_and_what_is_apart_does_not() -> None:
    kept = book()
    kept.report(spot(1, 3.0), verdict(3.0), 5.0)
    kept.report(spot(2, 3.6), verdict(3.6), 6.0)
    assert len(kept.entries) == 1
    kept.report(spot(3, 5.0), verdict(5.0), 7.0)
    assert len(kept.entries) == 2
    assert len({entry.finding.finding_id for entry in kept.entries}) == 2


def test_a_photo_is_a_revision() -> None:
    kept = book()
    kept.report(spot(1, 3.0), verdict(3.0), 5.0)
    kept.due(5.0)
    photo = CompressedImage(5.1, "camera_optical_frame", "jpeg", b"x")
    kept.add_photo(kept.entries[0], photo, 0.5, 5.2)
    (finding,) = kept.due(5.2)
    assert (finding.revision, finding.photo) == (2, photo)


def test_spots_that_grow_together_share_the_finding() -> None:
    kept = book()
    kept.report(spot(1, 3.0), verdict(3.0), 5.0)
    kept.merged(spot(2, 3.4), spot(1, 3.0))
    kept.report(spot(2, 3.4), verdict(3.4, length_m=2.0), 9.0)
    assert len(kept.entries) == 1
    assert kept.entries[0].finding.kind is FindingKind.OBSTRUCTION


def claim(number: int, x_m: float, kind: FindingKind = FindingKind.OBJECT) -> Claim:
    outline = Outline(x_m, 0.0, 0.3, 0.3, 0.0)
    return Claim(kind, outline, 0.8, 1.0, "low", (), f"low {number}")


def test_a_claim_is_one_finding_and_a_spot_in_its_place_takes_it_over() -> None:
    kept = book()
    kept.claim(claim(1, 3.0), 5.0)
    kept.claim(claim(1, 3.2), 8.0)
    kept.report(spot(1, 3.2), verdict(3.3, length_m=0.4), 12.0)
    kept.claim(claim(1, 3.9), 15.0)
    (entry,) = kept.entries
    assert (entry.finding.revision, entry.finding.x_m) == (3, 3.3)


def test_what_is_gone_and_what_stands_in_its_place_are_two() -> None:
    kept = book()
    kept.claim(claim(1, 3.0, FindingKind.MISSING), 5.0)
    kept.report(spot(1, 3.0), verdict(3.0), 6.0)
    assert [e.finding.kind for e in kept.entries] == [FindingKind.MISSING, FindingKind.OBJECT]


def test_an_earlier_pass_with_another_error_of_the_pose_is_no_second_finding() -> None:
    kept = book()
    kept.report(spot(1, 3.0), verdict(3.0), 5.0)
    kept.report(spot(2, 3.8), verdict(3.8), 500.0, doubt_m=0.2)
    assert len(kept.entries) == 1


def test_what_is_known_is_not_said_until_it_changes_into_news() -> None:
    def recall(claim: Claim, now_s: float) -> tuple[bool, str]:
        return claim.outline.x_m < 3.5, f" Known at {now_s:.0f} s."

    kept = FindingBook(EvidenceParams(), np.random.default_rng(1000), recall=recall)
    kept.report(spot(1, 3.0), verdict(3.0), 5.0)
    assert kept.due(5.0) == []
    kept.report(spot(1, 3.0), verdict(4.0), 9.0)
    (finding,) = kept.due(9.0)
    assert finding.reason.endswith("Known at 9 s.")


def test_what_the_camera_saw_first_goes_on_as_what_the_lidar_finds_there() -> None:
    kept = book()
    photo = CompressedImage(4.0, "camera_optical_frame", "jpeg", b"seen")
    outline = Outline(3.1, 0.1, 0.7, 0.5, 0.0)
    seen = Claim(FindingKind.CHANGE, outline, 0.8, 2.0, "changed", ())
    change = kept.open(seen, 4.0, photo, photo).finding
    assert kept.due(4.0) == [change]
    kept.report(spot(1, 3.0), verdict(3.0), 5.0)
    (finding,) = kept.due(5.0)
    assert (finding.finding_id, finding.revision) == (change.finding_id, 2)
    assert (finding.kind, finding.x_m, finding.before) == (FindingKind.OBJECT, 3.0, photo)


@pytest.mark.parametrize("kind", list(FindingKind))
def test_what_people_do_and_what_a_check_reads_is_never_no_news(kind: FindingKind) -> None:
    kept = FindingBook(EvidenceParams(), np.random.default_rng(1000), recall=lambda *_: (True, ""))
    kept.open(Claim(kind, Outline(3.0, 0.0, 0.3, 0.3, 0.0), 0.8, 1.0, "it", ()), 5.0)
    always_news = (
        FindingKind.BEHAVIOUR, FindingKind.CHECK, FindingKind.BLOCKED, FindingKind.INSPECTION,
    )  # fmt: skip
    assert bool(kept.due(5.0)) is (kind in always_news or kind.from_people)
