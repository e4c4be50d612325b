"""Findings are repeated until records say that they are stored."""

from __future__ import annotations

import numpy as np

from patrol_core.types.perception import Finding, FindingKind, Incident
from patrol_core.types.sensors import CompressedImage
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
