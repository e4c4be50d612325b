"""Who comes near and stays is greeted, once; who goes by or wants to be left alone is not."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

from patrol_core.geometry import Pose2
from patrol_core.site.model import Hours
from patrol_core.types.perception import Track, TrackKind, Tracks
from patrol_hri.greeting import Greeter, Greeting, GreetingParams, Situation

PARAMS = GreetingParams()
HERE = Pose2(10.0, 5.0, math.pi / 2.0)
"""The robot faces north."""
NIGHT = Hours((0, 1, 2, 3, 4, 5, 6), 22 * 3600, 6 * 3600)
FREE = Situation()
Where = Callable[[float], list[tuple[float, float, float, float]]]
"""Positions and velocities of people, in the robot's frame, at a time."""


def greeter(second_of_day: int = 12 * 3600, params: GreetingParams = PARAMS) -> Greeter:
    return Greeter((NIGHT,), lambda now_s: (0, second_of_day), params)


def tracks(
    people: list[tuple[float, float, float, float]], now_s: float, name: str = "a"
) -> Tracks:
    found = []
    for number, (x_m, y_m, vx_mps, vy_mps) in enumerate(people):
        place, ahead = HERE.compose(Pose2(x_m, y_m)), Pose2(0.0, 0.0, HERE.yaw_rad)
        speed = ahead.compose(Pose2(vx_mps, vy_mps))
        found.append(
            Track(f"{name}{number}", TrackKind.PERSON, place.x_m, place.y_m, speed.x_m, speed.y_m,
                  0.4, 0.4, 0.9, now_s, now_s)
        )  # fmt: skip
    return Tracks(now_s, tuple(found))


def play(
    where: Where, seconds: float, subject: Greeter | None = None, start_s: float = 0.0,
    situation: Situation = FREE, pose: Callable[[float], Pose2] = lambda now_s: HERE,
) -> list[Greeting]:  # fmt: skip
    """All greetings while people go where they go, at 10 Hz."""
    subject = subject or greeter()
    steps = [
        subject.step(tracks(where(tick / 10.0), start_s + tick / 10.0), pose(tick / 10.0),
                     situation, start_s + tick / 10.0)
        for tick in range(round(seconds * 10.0))
    ]  # fmt: skip
    return [greeting for greeting in steps if greeting is not None]


def comes(t: float, stop_m: float = 1.5, left_m: float = 0.0) -> tuple[float, float, float, float]:
    """From 6 m at 1.2 m/s, until it stands."""
    ahead = max(stop_m, 6.0 - 1.2 * t)
    return ahead, left_m, -1.2 if ahead > stop_m else 0.0, 0.0


def test_who_comes_and_stays_is_greeted_once() -> None:
    (greeting,) = play(lambda t: [comes(t)], 60.0)
    arrived_s = (6.0 - 1.5) / 1.2
    assert arrived_s + 1.0 <= greeting.stamp_s <= arrived_s + 2.0
    assert (greeting.x_m, greeting.y_m) == pytest.approx((10.0, 6.5))


@pytest.mark.parametrize("speed_mps", [0.7, 1.3, 2.0])
@pytest.mark.parametrize("aside_m", [0.7, 2.0])
def test_passers_by_are_not_addressed(speed_mps: float, aside_m: float) -> None:
    assert play(lambda t: [(aside_m, -6.0 + speed_mps * t, 0.0, speed_mps)], 20.0) == []
    assert play(lambda t: [(6.0 - speed_mps * t, aside_m, -speed_mps, 0.0)], 20.0) == []


def test_people_who_pass_in_file_are_not_taken_for_one_who_stands() -> None:
    def file(t: float) -> list[tuple[float, float, float, float]]:
        return [(1.5, -8.0 - 0.7 * number + 1.2 * t, 0.0, 1.2) for number in range(8)]

    assert play(file, 15.0) == []


def test_a_group_is_one_encounter_and_so_is_who_joins_it() -> None:
    def group(t: float) -> list[tuple[float, float, float, float]]:
        return [comes(t), comes(t - 1.0, 1.8, 0.7), comes(t - 12.0, 1.6, -0.8)]

    assert len(play(group, 40.0)) == 1


def test_who_stands_far_behind_or_at_the_side_is_left_alone() -> None:
    assert play(lambda t: [(3.4, 0.0, 0.0, 0.0)], 20.0) == []
    assert play(lambda t: [(-1.5, 0.0, 0.0, 0.0)], 20.0) == []
    assert play(lambda t: [(0.1, 1.5, 0.0, 0.0)], 20.0) == []


def test_flickering_ids_gaps_and_noise_change_nothing() -> None:
    rng = np.random.default_rng(3)
    subject, greetings = greeter(), []
    for tick in range(600):
        now_s = tick / 10.0
        x_m, y_m, vx_mps, vy_mps = comes(now_s)
        jitter = rng.normal(0.0, [0.06, 0.06, 0.15, 0.15])
        seen = [(x_m + jitter[0], y_m + jitter[1], vx_mps + jitter[2], vy_mps + jitter[3])]
        name = str(rng.integers(1000)) if tick % 4 == 0 else "same"
        found = tracks(seen if rng.random() > 0.2 else [], now_s, name)
        greetings.append(subject.step(found, HERE, Situation(), now_s))
    assert sum(greeting is not None for greeting in greetings) == 1


def test_a_guard_who_stands_about_for_hours_is_greeted_once() -> None:
    def guard(t: float) -> list[tuple[float, float, float, float]]:
        return [] if t % 30.0 > 20.0 else [(1.8 + 0.5 * math.sin(t / 60.0), 0.4, 0.0, 0.0)]

    assert len(play(guard, 600.0)) == 1


def test_a_new_encounter_is_greeted_anew_and_after_several_ignored_ones_there_is_a_pause() -> None:
    def visits(t: float) -> list[tuple[float, float, float, float]]:
        return [comes(t % 30.0)] if t % 30.0 < 10.0 else []

    times = [greeting.stamp_s for greeting in play(visits, 1300.0)]
    assert times[:3] == pytest.approx([times[0], times[0] + 30.0, times[0] + 60.0])
    assert 300.0 <= times[3] - times[2] <= 360.0
    assert 600.0 <= times[4] - times[3] <= 660.0


def test_an_answer_ends_the_backing_off() -> None:
    subject = greeter()
    for start_s in (0.0, 40.0):
        assert play(lambda t: [comes(t)] if t < 10.0 else [], 40.0, subject, start_s)
    assert play(lambda t: [comes(t)], 10.0, subject, 80.0)
    talking = Situation(in_conversation=True)
    assert play(lambda t: [comes(9.0)], 5.0, subject, 90.0, talking) == []
    assert play(lambda t: [comes(9.0)], 20.0, subject, 95.0) == [], "they have just talked"
    assert play(lambda t: [], 20.0, subject, 115.0) == []
    assert play(lambda t: [comes(t)], 10.0, subject, 135.0)


@pytest.mark.parametrize(
    "situation",
    [Situation(driven=True), Situation(stopped=True), Situation(in_conversation=True)],
)
def test_it_is_silent_while_it_must_be(situation: Situation) -> None:
    assert play(lambda t: [comes(t)], 20.0, situation=situation) == []


def test_who_waited_until_it_may_speak_is_greeted_then() -> None:
    subject = greeter()
    play(lambda t: [comes(t)], 20.0, subject, situation=Situation(stopped=True))
    assert len(play(lambda t: [comes(9.0)], 5.0, subject, 20.0)) == 1


def test_quiet_hours() -> None:
    for second, silent in ((23 * 3600, True), (5 * 3600, True), (6 * 3600, False)):
        assert (play(lambda t: [comes(t)], 20.0, greeter(second)) == []) == silent


def test_who_the_robot_drives_past_is_not_addressed_but_who_stops_it_is() -> None:
    def past(t: float) -> Pose2:
        return Pose2(10.0, 5.0 + 0.6 * t, HERE.yaw_rad)

    def stands(t: float) -> list[tuple[float, float, float, float]]:
        return [(6.0, -1.2, 0.0, 0.0)]

    assert play(stands, 20.0, pose=past) == []
    stopped = play(stands, 20.0, pose=lambda t: past(min(t, 6.0)))
    assert len(stopped) == 1 and stopped[0].stamp_s > 6.0


def test_what_is_old_missing_or_nonsense_tells_nothing() -> None:
    subject = greeter()
    for tick in range(100):
        now_s = tick / 10.0
        found = tracks([(1.5, 0.0, 0.0, 0.0)], now_s)
        assert subject.step(None, HERE, Situation(), now_s) is None
        assert subject.step(found, None, Situation(), now_s) is None
        assert subject.step(found, Pose2(math.nan, 0.0), Situation(), now_s) is None
        assert subject.step(found, HERE, Situation(), now_s + 1.0) is None
        nowhere = replace(found.tracks[0], x_m=math.nan)
        for other in (nowhere, replace(found.tracks[0], kind=TrackKind.STANDING),
                      replace(found.tracks[0], confidence=0.2)):  # fmt: skip
            others = Tracks(now_s, (other,))
            assert subject.step(others, HERE, Situation(), now_s) is None


def test_a_crowd_and_repeated_samples_do_not_pile_up() -> None:
    subject = greeter()
    crowd = [(20.0, 0.1 * number, 0.0, 0.0) for number in range(40)]
    for tick in range(60):
        found = tracks(crowd, tick / 10.0)
        for _ in range(2):
            subject.step(found, HERE, FREE, tick / 10.0)
    assert len(subject._samples) <= 22
    assert all(len(sample.standing_m) <= 32 for sample in subject._samples)
    subject.step(tracks(crowd, 1.0), HERE, Situation(), 1.0)
    assert len(subject._samples) == 1, "time was set back"
