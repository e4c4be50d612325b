"""Clock, age of inputs, emergency stops, tilt and stall, each alone and at its limits."""

from __future__ import annotations

import math

import pytest
from tests.gate_world import ROBOT

from patrol_core.bus import Mailbox
from patrol_core.component import Inputs
from patrol_core.topics import BUMPER, ESTOP
from patrol_core.types.sensors import BumperState, Imu
from patrol_core.types.status import EstopState
from patrol_gate.params import GateParams
from patrol_gate.reasons import Reason
from patrol_gate.watchdogs import (
    ClockWatch,
    EstopWatch,
    HoldTimer,
    StallWatch,
    TiltWatch,
    stale_reason,
)

NOW_S = 50.0
PARAMS = GateParams(required_estop_sources=("robot",))


def heard(*words: EstopState) -> Inputs:
    return Inputs({}, {ESTOP.name: words})


def keys(reasons: tuple[Reason, ...]) -> list[str]:
    return [reason.key for reason in reasons]


# The clock.


def test_the_first_tick_takes_no_time_and_is_well() -> None:
    assert ClockWatch(1.5).update(NOW_S, 7.0) == (0.0, None)


def test_a_clock_that_stands_is_wrong_after_the_limit_and_well_when_it_goes_on() -> None:
    watch = ClockWatch(1.5)
    watch.update(NOW_S, 7.0)
    assert watch.update(NOW_S + 0.02, 7.5) == (pytest.approx(0.02), None)
    assert watch.update(NOW_S + 0.02, 9.0) == (0.0, None)
    dt_s, wrong = watch.update(NOW_S + 0.02, 9.1)
    assert (dt_s, wrong) == (0.0, Reason("clock", "the clock stands still"))
    assert watch.update(NOW_S + 0.04, 9.2) == (pytest.approx(0.02), None)


def test_a_clock_that_jumps_back_says_by_how_much() -> None:
    watch = ClockWatch(1.5)
    watch.update(NOW_S, 7.0)
    dt_s, wrong = watch.update(NOW_S - 2.5, 7.02)
    assert dt_s == -2.5
    assert wrong == Reason("clock", "the clock jumped back by 2.50 s")


@pytest.mark.parametrize("now_s", [math.nan, math.inf])
def test_a_clock_that_is_no_number_is_wrong_and_does_not_count_as_time(now_s: float) -> None:
    watch = ClockWatch(1.5)
    watch.update(NOW_S, 7.0)
    assert watch.update(now_s, 7.02) == (0.0, Reason("clock", "the clock is not a number"))
    assert watch.update(NOW_S + 0.04, 7.04) == (pytest.approx(0.04), None)


# Holds.

WAITING = Reason("release", "waiting")
WRONG = (Reason("wrong", "wrong"),)


def ticks_until_free(timer: HoldTimer, dt_s: float = 0.02) -> int:
    return next(count for count in range(1000) if not timer.update((), dt_s))


def test_a_hold_ends_after_the_release_time_and_begins_anew_with_what_is_wrong() -> None:
    timer = HoldTimer(0.5, WAITING)
    assert timer.update((), 0.02) == (WAITING,)
    assert ticks_until_free(timer) == 24
    assert timer.update(WRONG, 0.02) == WRONG
    assert ticks_until_free(timer) == 25
    assert timer.update((), 0.02) == ()
    timer.restart()
    assert ticks_until_free(timer) == 25


def test_a_gate_that_did_not_run_does_not_know_that_all_was_well() -> None:
    assert ticks_until_free(HoldTimer(0.5, WAITING), 10.0) == 5
    assert HoldTimer(0.5, WAITING).update((), -5.0) == (WAITING,)
    assert ticks_until_free(HoldTimer(0.0, WAITING)) == 0


# Age.


def bumper(age_s: float, late_s: float) -> Inputs:
    mailbox = Mailbox((BUMPER,))
    mailbox.store(BUMPER, BumperState(NOW_S - age_s, False), NOW_S - late_s)
    return mailbox.snapshot()


@pytest.mark.parametrize(
    ("age_s", "late_s", "words"),
    [
        (0.0, 0.0, None),
        (0.5, 0.5, None),
        (-0.5, 0.0, None),
        (0.6, 0.0, "bumper is 0.6 s old"),
        (0.0, 0.6, "bumper is 0.6 s old"),
        (-0.6, 0.0, "bumper is stamped in the future"),
        (math.nan, 0.0, "bumper has no stamp"),
        (-math.inf, 0.0, "bumper has no stamp"),
    ],
)
def test_what_is_old_by_arrival_or_by_stamp_may_not_be_used(
    age_s: float, late_s: float, words: str | None
) -> None:
    reason = stale_reason(bumper(age_s, late_s), BUMPER, NOW_S)
    assert reason == (None if words is None else Reason("stale:bumper", words))


def test_what_was_never_heard_is_missing() -> None:
    reason = stale_reason(Mailbox((BUMPER,)).snapshot(), BUMPER, NOW_S)
    assert reason == Reason("missing:bumper", "waiting for bumper")


# Emergency stops.


def test_each_source_counts_until_it_says_otherwise_itself() -> None:
    watch = EstopWatch(PARAMS)
    pressed = EstopState(NOW_S, "console", True)
    assert keys(watch.update(heard(pressed), NOW_S, 0.02)) == ["estop:console"]
    other = heard(EstopState(NOW_S, "robot", False))
    assert keys(watch.update(other, NOW_S, 0.02)) == ["estop:console"]
    released = heard(EstopState(NOW_S, "console", False))
    assert watch.update(released, NOW_S, 0.02) == ()


def test_a_tap_counts_once() -> None:
    watch = EstopWatch(PARAMS)
    tap = heard(EstopState(NOW_S, "a", True), EstopState(NOW_S, "a", False))
    assert watch.update(tap, NOW_S, 0.02) == (Reason("estop:a", "emergency stop 'a' is pressed"),)
    assert watch.update(heard(), NOW_S, 0.02) == ()


def silent_after(
    watch: EstopWatch, *, says_age_s: float | None = None, dt_s: float = 0.018
) -> int:
    """Ticks until the required source counts as silent, 1000 if never."""
    for count in range(1000):
        now_s = NOW_S + dt_s * (count + 1)
        words = [] if says_age_s is None else [EstopState(now_s - says_age_s, "robot", False)]
        if watch.update(heard(*words), now_s, dt_s):
            return count + 1
    return 1000


def spoken() -> EstopWatch:
    watch = EstopWatch(PARAMS)
    assert watch.update(heard(EstopState(NOW_S, "robot", False)), NOW_S, 0.02) == ()
    return watch


def test_a_required_source_that_falls_silent_counts_as_pressed() -> None:
    assert silent_after(spoken()) == 28
    watch = spoken()
    silent_after(watch)
    assert watch.update(heard(), NOW_S, 0.02) == (
        Reason("estop_silent:robot", "emergency stop 'robot' is silent"),
    )


@pytest.mark.parametrize(
    ("age_s", "ticks"), [(1.99, 1000), (2.01, 28), (-0.49, 1000), (-0.51, 28), (math.nan, 28)]
)
def test_old_words_and_words_from_the_future_do_not_end_the_silence(
    age_s: float, ticks: int
) -> None:
    assert silent_after(spoken(), says_age_s=age_s) == ticks
    assert silent_after(EstopWatch(PARAMS), says_age_s=age_s) in (ticks, ticks + 1)


def test_an_old_word_presses_all_the_same() -> None:
    old = EstopState(NOW_S - 9.0, "console", True)
    assert keys(EstopWatch(PARAMS).update(heard(old), NOW_S, 0.02)) == ["estop:console"]


def test_only_required_sources_may_not_be_silent() -> None:
    watch = EstopWatch(PARAMS)
    for tick in range(100):
        now_s = NOW_S + 0.02 * tick
        words = [EstopState(now_s, "robot", False)]
        if tick == 0:
            words.append(EstopState(now_s, "console", False))
        assert watch.update(heard(*words), now_s, 0.02) == ()


def test_a_gate_that_did_not_run_does_not_know_that_others_were_silent() -> None:
    assert silent_after(spoken(), dt_s=30.0) == 6
    watch = spoken()
    assert watch.update(heard(), NOW_S, -30.0) == ()
    assert silent_after(watch) == 28


def test_who_has_never_spoken_is_waited_for() -> None:
    watch = EstopWatch(PARAMS)
    assert watch.update(heard(), NOW_S, 9.0) == ()
    missing = Reason("missing:estop:robot", "waiting for emergency stop 'robot'")
    assert watch.unheard() == (missing,)
    watch.update(heard(EstopState(NOW_S, "robot", False)), NOW_S, 0.02)
    assert watch.unheard() == ()


# Tilt.


def leaning(stamp_s: float, degrees: float, *, to_the_side: bool = False) -> Imu:
    angle = math.radians(degrees)
    along, up = 9.81 * math.sin(angle), 9.81 * math.cos(angle)
    force = (0.0, along, up) if to_the_side else (-along, 0.0, up)
    return Imu(stamp_s, (0.0, 0.0, 0.0), force)


@pytest.mark.parametrize("to_the_side", [False, True])
@pytest.mark.parametrize(
    ("degrees", "alarm"),
    [(19.9, False), (-19.9, False), (20.2, True), (-20.2, True), (180.0, True)],
)
def test_tilt_beyond_20_degrees_is_wrong(degrees: float, alarm: bool, to_the_side: bool) -> None:
    watch = TiltWatch(PARAMS, ROBOT)
    wrong = watch.update(leaning(NOW_S, degrees, to_the_side=to_the_side), 0.0)
    if not alarm:
        assert wrong is None
        return
    assert wrong == Reason("tilt", f"the robot is tilted by {abs(degrees):.0f} degrees")


def test_a_knock_is_no_tilt_and_lasting_tilt_is_noticed_soon() -> None:
    watch = TiltWatch(PARAMS, ROBOT)
    watch.update(leaning(NOW_S, 0.0), 0.0)
    found = [watch.update(leaning(NOW_S + 0.02 * n, 30.0), 0.0) is not None for n in range(1, 60)]
    assert 20 < found.index(True) < 35
    assert all(found[found.index(True) :])


# Stall.


@pytest.mark.parametrize(
    ("passed", "measured", "stuck"),
    [
        ((0.5, 0.0), (0.0, 0.0), True),
        ((0.5, 0.0), (0.12, 0.0), True),
        ((0.5, 0.0), (0.125, 0.0), False),
        ((-0.5, 0.0), (0.3, 0.0), True),
        ((-0.5, 0.0), (-0.13, 0.0), False),
        ((0.1, 0.0), (0.0, 0.0), True),
        ((0.09, 0.0), (0.0, 0.0), False),
        ((0.0, 0.5), (0.0, 0.1), True),
        ((0.0, -0.5), (0.0, 0.5), True),
        ((0.0, 0.5), (0.0, 0.125), False),
        ((0.0, 0.3), (0.0, 0.0), True),
        ((0.0, 0.29), (0.0, 0.0), False),
        ((0.5, 0.5), (0.5, 0.0), False),
        ((0.05, 0.5), (0.05, 0.0), True),
        ((0.1, 0.5), (0.1, 0.0), False),
    ],
)
def test_wheels_that_do_not_follow_for_a_second(
    passed: tuple[float, float], measured: tuple[float, float], stuck: bool
) -> None:
    watch = StallWatch(1.0)
    found = [watch.update(passed, measured, 0.02) for _ in range(60)]
    assert (found[55] is not None) is stuck
    assert found[48] is None
    if stuck:
        words = "the wheels do not follow: blocked, or the drive is off"
        assert found[55] == Reason("stall", words)
        assert watch.update(passed, passed, 0.02) is None
        assert watch.update(passed, measured, 0.02) is None


def test_time_in_which_the_gate_did_not_run_is_no_stall() -> None:
    watch = StallWatch(1.0)
    assert watch.update((0.5, 0.0), (0.0, 0.0), 60.0) is None
    assert watch.update((0.5, 0.0), (0.0, 0.0), -60.0) is None
    assert all(watch.update((0.5, 0.0), (0.0, 0.0), 60.0) is None for _ in range(8))
