"""What becomes a finding and what does not, on scans of an analytic world."""

from __future__ import annotations

import math

import numpy as np
import pytest

from patrol_core.geometry import Pose2
from patrol_core.types.perception import FindingKind, TrackKind
from tests.unit.perception.ray_world import Person, Watch, box

ALONG_THE_FENCE = Pose2(4.0, 2.0, 0.0)


def test_a_bag_beside_the_fence_is_found_in_its_place() -> None:
    watch = Watch([box(10.0, 0.45, 0.5, 0.35, 0.3)])
    watch.drive(ALONG_THE_FENCE, 1.5, 5.0)
    (finding,) = watch.findings()
    assert finding.kind is FindingKind.OBJECT
    assert math.hypot(finding.x_m - 10.0, finding.y_m - 0.45) < 0.2
    assert 0.35 < finding.length_m < 0.75
    assert finding.first_seen_s < 3.0
    assert "free ground" in finding.reason
    assert {m.name for m in finding.evidence} >= {"standing", "scans", "length"}


@pytest.mark.parametrize("size_m", [0.3, 0.6, 1.1])
def test_things_of_every_size_on_open_ground_are_objects(size_m: float) -> None:
    watch = Watch([box(9.0, 5.0, size_m, 0.8 * size_m, 0.7)])
    watch.drive(ALONG_THE_FENCE, 1.5, 6.0)
    (finding,) = watch.findings()
    assert finding.kind is FindingKind.OBJECT
    assert math.hypot(finding.x_m - 9.0, finding.y_m - 5.0) < 0.2


def test_a_parked_van_is_one_obstruction() -> None:
    watch = Watch([box(11.0, 5.0, 5.2, 2.0, 0.2)])
    said = watch.drive(ALONG_THE_FENCE, 1.5, 6.0)
    (finding,) = watch.findings()
    assert finding.kind is FindingKind.OBSTRUCTION
    assert {f.kind for f in said} == {FindingKind.OBSTRUCTION}
    assert finding.length_m == pytest.approx(5.2, abs=0.4)


def test_a_van_that_comes_into_view_behind_a_wall_is_no_object() -> None:
    watch = Watch([box(14.0, 8.0, 5.2, 2.0)], mapped=[box(9.0, 5.0, 6.0, 0.2)])
    said = watch.drive(ALONG_THE_FENCE, 1.5, 9.0)
    assert said
    assert {f.kind for f in said} == {FindingKind.OBSTRUCTION}
    assert len({f.finding_id for f in said}) == 1


TRAILER = box(11.0, 6.0, 6.0, 2.4, 0.1)


def test_a_bag_where_a_mapped_trailer_has_driven_away_is_found() -> None:
    watch = Watch([box(10.0, 5.8, 0.5, 0.35, 0.3)], gone=[TRAILER])
    watch.drive(ALONG_THE_FENCE, 1.2, 8.0)
    (finding,) = watch.findings()
    assert finding.kind is FindingKind.OBJECT
    assert math.hypot(finding.x_m - 10.0, finding.y_m - 5.8) < 0.2


@pytest.mark.parametrize("seed", range(1000, 1004))
def test_what_stands_as_it_is_mapped_goes_on_explaining(seed: int) -> None:
    watch = Watch(solid=[TRAILER], seed=seed, position_std_m=0.06, yaw_std_rad=0.008)
    watch.drive(ALONG_THE_FENCE, 1.2, 10.0)
    assert watch.findings() == []


def test_a_trailer_that_was_moved_a_little_is_no_object() -> None:
    watch = Watch([box(12.0, 6.6, 6.0, 2.4, 0.1)], gone=[TRAILER])
    said = watch.drive(ALONG_THE_FENCE, 1.2, 8.0)
    assert {f.kind for f in said} <= {FindingKind.OBSTRUCTION}


def test_a_person_who_stops_for_ten_seconds_is_no_finding() -> None:
    walk = [(0.0, 12.0, 7.0), (2.0, 11.5, 5.0), (12.0, 11.5, 5.0), (14.0, 10.0, 8.0)]
    watch = Watch(people=[Person(walk)])
    watch.drive(ALONG_THE_FENCE, 0.5, 14.0)
    assert watch.findings() == []
    kinds = {track.kind for tracks in watch.tracks for track in tracks.tracks}
    assert TrackKind.PERSON in kinds
    assert TrackKind.STANDING not in kinds


@pytest.mark.parametrize("turned", [0.0, 0.9, math.pi / 2.0])
def test_a_person_who_stands_from_the_beginning_is_no_finding(turned: float) -> None:
    place = np.array([10.0, 4.5])
    to = place + 0.011 * np.array([math.cos(turned), math.sin(turned)])
    stand = Person([(0.0, *place), (60.0, float(to[0]), float(to[1]))])
    watch = Watch(people=[stand])
    watch.drive(ALONG_THE_FENCE, 1.5, 6.0)
    assert watch.findings() == []


def test_a_robot_that_waits_for_a_standing_person_finds_nothing() -> None:
    for turned in (0.8, 1.0):
        to = (8.0 + 0.011 * math.cos(turned), 2.0 + 0.011 * math.sin(turned))
        watch = Watch(people=[Person([(0.0, 8.0, 2.0), (90.0, *to)])])
        watch.drive(ALONG_THE_FENCE, 0.0, 5.0)
        assert watch.findings() == []


@pytest.mark.parametrize("seed", [1000, 1001])
def test_a_jumping_pose_makes_no_finding_of_the_fence(seed: int) -> None:
    watch = Watch(
        mapped=[box(12.0, 9.0, 4.0, 2.0, 0.4)], seed=seed, position_std_m=0.08, yaw_std_rad=0.012
    )
    watch.drive(ALONG_THE_FENCE, 1.5, 6.0)
    assert watch.findings() == []
    published = sum(len(tracks.tracks) for tracks in watch.tracks)
    assert published < 0.05 * len(watch.tracks)


def test_a_pose_that_is_quite_wrong_teaches_nothing() -> None:
    watch = Watch(mapped=[box(12.0, 9.0, 4.0, 2.0, 0.4)])
    scan = watch.scan(Pose2(6.0, 12.0, 0.0))
    assert watch.scene.step(scan, Pose2(9.0, 9.0, 1.0), 0.05, 0.1, judge=True) is None


def test_a_walking_person_has_one_track_with_its_velocity() -> None:
    watch = Watch(people=[Person([(0.0, 12.0, 3.0), (5.0, 12.0, 8.0)])])
    watch.drive(Pose2(6.0, 6.0, 0.0), 0.0, 5.0)
    last = watch.tracks[-1].tracks
    (person,) = [track for track in last if track.kind is TrackKind.PERSON]
    assert person.vy_mps == pytest.approx(1.0, abs=0.25)
    assert abs(person.vx_mps) < 0.25
    ids = {t.track_id for tracks in watch.tracks[20:] for t in tracks.tracks}
    assert ids == {person.track_id}


def test_a_bag_stays_found_while_a_person_walks_past_it() -> None:
    passing = Person([(0.0, 7.0, 4.2), (7.0, 14.0, 4.2)])
    watch = Watch([box(11.0, 5.0, 0.5, 0.4)], people=[passing])
    watch.drive(ALONG_THE_FENCE, 1.2, 7.0)
    (finding,) = watch.findings()
    assert math.hypot(finding.x_m - 11.0, finding.y_m - 5.0) < 0.2


def test_the_same_seed_gives_the_same_findings_and_ids() -> None:
    runs = []
    for _ in range(2):
        watch = Watch([box(9.0, 4.0, 0.5, 0.4)], people=[Person([(0.0, 9, 8), (5.0, 5, 5)])])
        said = watch.drive(ALONG_THE_FENCE, 1.2, 3.5)
        runs.append((said, watch.tracks))
    assert runs[0] == runs[1]
    assert runs[0][0]


def test_ids_change_with_the_seed() -> None:
    ids = set()
    for seed in (1000, 1001):
        watch = Watch([box(9.0, 4.0, 0.5, 0.4)], seed=seed)
        watch.drive(ALONG_THE_FENCE, 1.2, 1.0)
        ids |= {track.track_id for track in watch.tracks[-1].tracks}
    assert len(ids) == 2


def test_a_person_who_stands_beside_a_bag_does_not_hide_it() -> None:
    beside = Person([(0.0, 12.0, 4.0), (2.0, 10.5, 4.4), (20.0, 10.5, 4.4)])
    watch = Watch([box(10.0, 5.4, 0.6, 0.5)], people=[beside])
    watch.drive(ALONG_THE_FENCE, 1.5, 6.0)
    (finding,) = watch.findings()
    assert finding.kind is FindingKind.OBJECT
    assert math.hypot(finding.x_m - 10.0, finding.y_m - 5.4) < 0.2


def test_a_person_and_a_bag_are_not_two_wheels() -> None:
    stand = Person([(0.0, 8.0, 5.0), (60.0, 8.008, 5.008)])
    watch = Watch([box(11.5, 5.0, 0.7, 0.4)], people=[stand])
    watch.drive(ALONG_THE_FENCE, 1.5, 6.0)
    (finding,) = watch.findings()
    assert finding.kind is FindingKind.OBJECT
    assert finding.length_m < 1.0
