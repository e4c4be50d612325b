"""Each rule is told once with its numbers, ends, and is not told of who does nothing."""

from __future__ import annotations

import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.unit.perception.behaviour_play import (
    CLOSED,
    CROWD,
    LOITERING,
    LYING,
    NIGHT_S,
    RUNNING,
    Play,
    Way,
    still,
    walk,
)

from patrol_core.types.perception import Finding, FindingKind, TrackKind
from patrol_perception.claims import Claim
from patrol_perception.outline import Outline

FEW = settings(max_examples=6, deadline=None, derandomize=True)


def measures(finding: Finding) -> dict[str, tuple[float, float]]:
    return {m.name: (m.value, m.threshold) for m in finding.evidence}


def stands_after(way: Way, until_s: float) -> Way:
    """Goes a way, and stands where it led from a moment on."""
    return lambda t: way(min(t, until_s))


def test_who_stays_is_told_once_with_numbers_and_when_it_ends() -> None:
    play = Play(LOITERING, noise_m=0.05)
    (told,) = play.run([stands_after(walk(-6.0, 0.0, 1.0), 6.0)], 60.0)
    assert told.kind is FindingKind.BEHAVIOUR and told.revision == 1
    assert 21.0 < told.stamp_s < 25.0 and math.hypot(told.x_m, told.y_m) < 0.3
    stayed, wanted = measures(told)["stayed"]
    assert stayed >= wanted == 20.0
    for words in ("Loitering (rule 'stay')", "within 2 m", "told after 20 s"):
        assert words in told.reason
    (ended,) = play.run([walk(-60.0, 0.0, 1.0)], 30.0)
    assert (ended.finding_id, ended.revision) == (told.finding_id, 2)
    assert "it has ended" in ended.reason and 70.0 < ended.stamp_s < 75.0


def test_what_was_never_seen_to_walk_does_not_stay_and_in_a_closed_zone_may_be_a_thing() -> None:
    assert Play(LOITERING).run([still(1.0, 1.0)], 25.0) == []
    (told,) = Play(CLOSED, hour_s=NIGHT_S).run([still(1.0, 1.0)], 10.0)
    assert told.confidence < 0.6 and "it may be a thing" in told.reason


@FEW
@given(
    speed=st.floats(0.3, 2.0), heading=st.floats(-3.1, 3.1), noise=st.floats(0.0, 0.08),
    offset=st.floats(-3.0, 3.0),
)  # fmt: skip
def test_who_walks_by_is_told_of_nothing(
    speed: float, heading: float, noise: float, offset: float
) -> None:
    play = Play(noise_m=noise)
    vx, vy = speed * math.cos(heading), speed * math.sin(heading)
    assert play.run([walk(-12.0 * vx - offset * vy, -12.0 * vy + offset * vx, vx, vy)], 24.0) == []


def test_one_after_another_who_walk_past_a_hidden_place_are_nobody_who_stays() -> None:
    """Each is lost at the same place, where the next comes into view a moment later."""

    def way(t: float) -> tuple[float, float] | None:
        turn = t % 10.0
        return (-6.0 + 1.2 * turn, 0.0) if turn < 7.0 else None

    assert Play(LOITERING).run([way], 90.0) == []


def test_legs_that_get_tracks_of_their_own_again_and_again_are_nobody_who_stays() -> None:
    """Somebody paces past a place where each time a second, short-lived track begins."""

    def leg(t: float) -> tuple[float, float] | None:
        since = (t - 2.0) % 15.0
        return (1.0 + 0.9 * since, 0.2) if t > 2.0 and since < 1.1 else None

    assert Play(LOITERING).run([leg], 80.0) == []


def test_two_who_swap_places_are_two_causes_before_and_none_more_after() -> None:
    def swap(sign: float) -> Way:
        """Comes to x = 3 within 5 s, and goes to x = -3 from 30 s on; or the same mirrored."""

        def way(t: float) -> tuple[float, float]:
            x = 3.0 + max(5.0 - t, 0.0) - min(max(t - 30.0, 0.0), 6.0)
            return sign * x, 0.2 * sign

        return way

    play = Play(LOITERING)
    first = play.run([swap(1.0), swap(-1.0)], 30.0)
    assert len({f.finding_id for f in first}) == len(first) == 2
    play.run([swap(1.0), swap(-1.0)], 60.0)
    assert len(play.findings()) == 2
    assert max(f.revision for f in play.said) <= 3


def test_tracks_that_swap_their_ids_are_no_new_cause_and_no_run() -> None:
    """Two who stand 1.5 m apart, whose tracks jump from one to the other again and again."""

    def jumping(sign: float) -> Way:
        return lambda t: (sign * (0.75 if int(t / 3.0) % 2 else -0.75), 0.0)

    play = Play(LOITERING, RUNNING)
    play.run([jumping(1.0), jumping(-1.0)], 60.0)
    assert {f.reason.split(" ")[0] for f in play.said} == {"Loitering"}
    assert len(play.findings()) == len(play.said) == 2


def test_who_is_hidden_for_a_while_is_still_the_same() -> None:
    def way(t: float) -> tuple[float, float] | None:
        return None if t % 12.0 > 8.0 else (max(4.0 - t, 1.0), 0.3 * math.sin(t))

    play = Play(LOITERING)
    (told,) = play.run([way], 80.0)
    assert told.stamp_s < 25.0


def test_a_track_that_stays_with_a_thing_that_was_left_is_nobody_who_stays() -> None:
    play = Play(LOITERING)
    play.run([stands_after(walk(-5.0, 0.0, 1.0), 5.0)], 8.0)
    place = Outline(0.1, 0.05, 0.4, 0.3, 0.0)
    left = Claim(FindingKind.OBJECT, place, 0.8, 6.0, "It was left behind.", ())
    play.book.open(left, play.now_s)
    said = play.run([still(0.0, 0.0)], 40.0)
    assert {finding.kind for finding in said} == {FindingKind.OBJECT}


def test_a_runner_is_told_once_and_a_walker_is_not() -> None:
    play = Play(RUNNING, noise_m=0.06)
    said = play.run([walk(-20.0, 1.0, 3.2), walk(-8.0, -1.0, 1.8)], 12.0)
    (told,) = said
    speed, threshold = measures(told)["speed"]
    assert speed == pytest.approx(3.2, abs=0.3) and threshold == 2.5
    assert told.stamp_s < 2.5


@FEW
@given(speed=st.floats(0.0, 1.9), noise=st.floats(0.0, 0.08), jump=st.floats(0.0, 0.7))
def test_a_track_that_jumps_does_not_run(speed: float, noise: float, jump: float) -> None:
    def way(t: float) -> tuple[float, float]:
        return -10.0 + speed * t + (jump if t > 5.0 else 0.0), 0.0

    assert Play(RUNNING, noise_m=noise).run([way], 10.0) == []


def test_a_crowd_is_one_finding_whoever_comes_and_goes() -> None:
    ring = [still(1.5 * math.cos(a), 1.5 * math.sin(a)) for a in range(4)]
    play = Play(CROWD)
    assert play.run(ring[:3], 20.0) == []
    (told,) = play.run([*ring, still(9.0, 0.0)], 20.0)
    assert measures(told)["people"] == (4.0, 4.0)
    comes = [*ring[1:], still(0.2, 0.1), still(0.5, -0.4)]
    assert play.run(comes, 20.0) == []
    (ended,) = play.run(ring[:2], 15.0)
    assert ended.finding_id == told.finding_id and "ended" in ended.reason
    (again,) = play.run(ring, 15.0)
    assert (again.finding_id, again.revision) == (told.finding_id, 3)


def test_a_closed_zone_is_told_at_night_and_by_day_it_is_open() -> None:
    visitor = walk(-20.0, 0.0, 1.0)
    assert Play(CLOSED).run([visitor], 50.0) == []
    play = Play(CLOSED, hour_s=NIGHT_S)
    told, ended = play.run([visitor], 50.0)
    assert "zone 'yard', which is closed" in told.reason
    assert -5.0 < told.x_m < 0.0 and told.finding_id == ended.finding_id


def test_at_the_edge_of_a_closed_zone_it_takes_a_sure_pose() -> None:
    """Whoever stands 0.3 m inside is inside for a robot that knows where it is, and may be
    outside for one that does not; and who sways across the edge is one cause."""
    play = Play(CLOSED, hour_s=NIGHT_S)
    play.std_m = 0.2
    assert play.run([still(4.7, 0.0)], 20.0) == []
    play.std_m = 0.02
    assert len(play.run([still(4.7, 0.0)], 20.0)) == 1
    sways = Play(CLOSED, hour_s=NIGHT_S)
    sways.run([lambda t: (4.9 + 0.25 * math.sin(t), 0.0)], 40.0)
    assert len(sways.findings()) <= 1


def test_who_is_hidden_in_a_closed_zone_and_seen_again_elsewhere_is_one_cause() -> None:
    def way(t: float) -> tuple[float, float] | None:
        return None if 8.0 < t < 14.0 else (-4.0 + 0.4 * t, 1.0)

    play = Play(CLOSED, hour_s=NIGHT_S)
    play.run([way], 20.0)
    assert len(play.findings()) == 1


def test_two_in_a_closed_zone_are_one_cause() -> None:
    play = Play(CLOSED, hour_s=NIGHT_S)
    (told,) = play.run([walk(-1.0, 0.0, 0.3), walk(1.0, 2.0, 0.0, -0.3)], 10.0)
    assert "2 people are in zone 'yard'" in told.reason


def test_with_a_bad_pose_nothing_is_judged() -> None:
    play = Play(hour_s=NIGHT_S)
    play.std_m = 0.8
    assert play.run([still(0.0, 0.0)], 60.0) == []


def test_by_the_lidar_alone_who_fell_may_lie_and_a_long_thing_is_not_told() -> None:
    play = Play(LYING)
    play.run([walk(-5.0, 0.0, 1.0)], 5.0)
    fell = stands_after(walk(-5.0, 0.0, 1.0), 5.0)
    (told,) = play.run([fell], 10.0, TrackKind.MOVING, (1.6, 0.4))
    assert told.confidence == pytest.approx(0.3) and "by the lidar alone" in told.reason
    plank = Play(LYING)
    assert plank.run([still(0.0, 0.0)], 10.0, TrackKind.STANDING, (1.6, 0.4)) == []


def test_every_finding_is_said_a_few_times_at_most() -> None:
    """EEMUA 191: an operator bears one alarm in ten minutes; one cause must not be ten."""
    play = Play(hour_s=NIGHT_S, noise_m=0.05)
    play.run([stands_after(walk(-4.0, 0.0, 1.0), 4.0), lambda t: (3.0 + math.sin(t), 2.0)], 50.0)
    assert len(play.findings()) == len(play.said) == 3
