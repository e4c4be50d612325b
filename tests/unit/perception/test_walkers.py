"""People where nothing is mapped, in an analytic world: told from furniture, and kept apart."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
import pytest
from tests.unit.perception.ray_world import BEAMS, REACH_M, Person, Watch, box, cast
from tests.unit.perception.rover import INFO, ROBOT

from patrol_core.geometry import FloatArray, Pose2
from patrol_core.types.maps import FREE, OccupancyGrid
from patrol_core.types.perception import Track, TrackKind
from patrol_perception.look import Look
from patrol_perception.params import PerceptionParams
from patrol_perception.scene import Scene
from patrol_perception.view import Box, View, camera_mount
from patrol_perception.walkers.leg_model import UNKNOWN, LegModel
from patrol_perception.walkers.legs import FEATURES, find_pieces
from patrol_perception.walkers.sightings import note_sightings

NOTHING = OccupancyGrid(0.0, 1.0, 0.0, 0.0, np.full((1, 1), FREE, np.int8))
HERE = Pose2(6.0, 6.0, 0.0)
CROSSING = Person([(0.0, 8.0, 4.6), (0.5, 8.0, 4.6), (3.5, 8.0, 8.2)])


class Unmapped(Watch):
    """The same robot where no map was made; legs of chairs and tables are thin discs."""

    def __init__(
        self,
        extra: Sequence[FloatArray] = (),
        people: Sequence[Person] = (),
        *,
        posts: Sequence[tuple[float, float]] = (),
        seed: int = 1000,
    ) -> None:
        super().__init__(extra, people, seed=seed, position_std_m=0.01, yaw_std_rad=0.001)
        rng = np.random.default_rng(seed)
        self.scene = Scene(NOTHING, (), (), PerceptionParams(), self.book, rng)
        self.walls = np.concatenate([self.walls, *(box(x, y, 0.04, 0.04) for x, y in posts)])

    def people_told(self) -> list[Track]:
        told = [track for tracks in self.tracks for track in tracks.tracks]
        return [track for track in told if track.kind is TrackKind.PERSON]


def crossing(seed: int) -> Unmapped:
    """Somebody walks across before a lidar that stands."""
    watch = Unmapped(people=[CROSSING], seed=seed)
    watch.drive(HERE, 0.0, 2.2)
    return watch


def look_at(*discs: tuple[float, float, float]) -> Look:
    """A noiseless look from the origin at discs alone."""
    ranges = cast(Pose2(0.0, 0.0), np.array([[-90.0, -90.0, -91.0, -91.0]]), discs)
    beams = np.flatnonzero(ranges <= REACH_M)
    angles = -math.pi + beams * math.tau / BEAMS
    points = ranges[beams, None] * np.column_stack((np.cos(angles), np.sin(angles)))
    return Look(
        0.0, Pose2(0.0, 0.0), ranges.astype(np.float32), -math.pi, math.tau / BEAMS, 0.0, True,
        beams, points, np.ones(len(beams), np.float32),
    )  # fmt: skip


def test_two_legs_are_two_pieces_with_the_radius_that_they_have() -> None:
    pieces = find_pieces(look_at((2.0, -0.2, 0.07), (2.0, 0.2, 0.07)))
    assert len(pieces.sizes) == 2 and pieces.features.shape == (2, len(FEATURES))
    named = dict(zip(FEATURES, pieces.features[0].tolist(), strict=True))
    assert named["radius"] == pytest.approx(0.07, abs=0.01)
    assert named["off_circle"] < 0.002
    assert 0.0 < named["bulge"] < named["top"] < 0.07
    assert named["jump_before"] == named["jump_after"] == 1.0


def test_what_has_no_returns_or_too_few_has_no_pieces() -> None:
    assert len(find_pieces(look_at()).sizes) == 0
    far = look_at((25.0, 0.0, 0.07))
    assert len(far.beams) in (1, 2)
    assert find_pieces(far).labels.tolist() == [-1] * len(far.beams)
    assert set(LegModel.load().likeness(far).tolist()) == {UNKNOWN}


def test_a_leg_looks_more_like_one_than_a_post_or_a_pillar() -> None:
    model = LegModel.load()
    leg, post, pillar = (
        float(np.mean(model.likeness(look_at((1.8, 0.0, radius)))))
        for radius in (0.06, 0.015, 0.4)
    )
    assert leg > max(post, pillar)


def test_somebody_who_walks_is_one_person_with_a_velocity() -> None:
    told = crossing(1000).people_told()
    assert len({track.track_id for track in told}) == 1
    last = told[-1]
    assert last.last_seen_s == pytest.approx(2.2)
    assert last.vy_mps == pytest.approx(1.2, abs=0.3) and abs(last.vx_mps) < 0.3


def test_who_walks_at_the_lidar_and_hides_where_they_were_is_told_before_they_are_near() -> None:
    watch = Unmapped(people=[Person([(0.0, 11.5, 6.0), (1.5, 11.5, 6.0), (5.5, 7.5, 6.0)])])
    watch.drive(HERE, 0.0, 3.0)
    assert watch.people_told()


def test_furniture_that_a_robot_drives_past_is_nobody() -> None:
    chairs = [(x + dx, y + dy) for x, y in ((9.0, 7.2), (11.0, 4.5)) for dx in (0.0, 0.4)
              for dy in (0.0, 0.4)]  # fmt: skip
    watch = Unmapped([box(10.0, 8.5, 0.5, 0.4)], posts=chairs)
    watch.drive(HERE, 1.0, 3.5)
    assert watch.people_told() == []


def test_who_is_hidden_for_a_while_is_taken_up_under_the_same_id() -> None:
    walk = Person([(0.0, 9.0, 3.6), (0.5, 9.0, 3.6), (4.1, 9.0, 8.64)])
    watch = Unmapped([box(7.7, 6.1, 0.1, 1.4)], people=[walk])
    watch.drive(HERE, 0.0, 4.1)
    told = watch.people_told()
    seen = sorted({track.last_seen_s for track in told})
    assert max(np.diff(seen)) > 1.2, "the wall has to hide them for longer than a track lasts"
    assert len({track.track_id for track in told}) == 1


def test_ids_are_others_in_another_session_and_the_same_in_a_repeated_one() -> None:
    first, again, other = (crossing(seed) for seed in (1000, 1000, 1001))
    assert first.people_told() and first.tracks == again.tracks
    ids = [{track.track_id for track in watch.people_told()} for watch in (first, other)]
    assert ids[0].isdisjoint(ids[1])


def test_a_detection_of_the_camera_makes_the_track_where_it_points_more_certain() -> None:
    watch = Unmapped(people=[Person([(0.0, 9.0, 4.8), (2.0, 9.0, 6.0), (60.0, 9.0, 6.0)])])
    watch.drive(HERE, 0.0, 2.0)
    follow = min(watch.scene.follows(), key=lambda f: math.dist((f.x_m, f.y_m), (9.0, 6.0)))
    base = HERE.compose(ROBOT.lidar.transform().pose2().inverse())
    view = View(2.0, INFO, camera_mount(ROBOT.camera), base)
    box_there = view.column_box(np.array([[9.0, 5.7], [9.0, 6.3]]), 1.8, 0.0)
    assert box_there is not None
    before = follow.to_track(TrackKind.PERSON)
    aside = Box(0, box_there.top, 40, box_there.bottom)
    note_sightings(view, [aside], watch.scene.follows())
    assert follow.to_track(TrackKind.PERSON) == before
    note_sightings(view, [aside, box_there], watch.scene.follows())
    after = follow.to_track(TrackKind.PERSON)
    assert after.confidence > before.confidence and after.track_id == before.track_id


def test_what_stood_becomes_background_and_what_left_does_not_stay_it() -> None:
    watch = Unmapped([box(9.0, 6.0, 0.5, 0.5)])
    watch.drive(HERE, 0.0, 2.4)
    background = watch.scene.background
    place = np.array([[8.75, 6.0]])
    assert float(background.mapped_distance_m(place)[0]) <= 0.1
    watch.walls = watch.walls[:-4]
    watch.drive(HERE, 0.0, 0.8)
    assert float(background.mapped_distance_m(place)[0]) > 0.3
