"""Counters: unwrapping, resets, and what a wheel can have turned."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from patrol_drivers.counter import JITTER_S, Counter, CounterPair


@settings(max_examples=40, deadline=None)
@given(
    st.integers(0, 2**32 - 1),
    st.lists(st.integers(-(2**31) + 1, 2**31 - 1), max_size=20),
)
def test_any_way_is_followed_over_the_wrap(first: int, moves: list[int]) -> None:
    counter = Counter(32)
    place = first
    assert counter.update(place % 2**32, 2.0**31)
    for move in moves:
        place += move
        assert counter.update(place % 2**32, 2.0**31)
    assert counter.total == place - first


def test_wrap_backwards_at_zero() -> None:
    counter = Counter(32)
    counter.update(5, 100.0)
    assert counter.update(2**32 - 5, 100.0)
    assert counter.total == -10


def test_a_jump_is_no_movement_and_the_total_goes_on_from_there() -> None:
    counter = Counter(32)
    counter.update(1000, 10.0)
    assert not counter.update(0, 10.0)
    assert counter.total == 0
    assert counter.update(7, 10.0)
    assert counter.total == 7


def test_half_the_range_is_always_a_jump() -> None:
    counter = Counter(16)
    counter.update(0, 1e9)
    assert not counter.update(32768, 1e9)


def test_forgotten_counters_begin_anew_and_keep_their_totals() -> None:
    pair = CounterPair(32, 1000.0)
    assert pair.update(0, 0, 0.0)
    assert pair.update(100, 50, 0.1)
    pair.forget()
    assert pair.update(123456, 7, 0.2)
    assert pair.totals == (100, 50)


def test_how_far_a_wheel_can_turn_depends_on_the_time() -> None:
    for since_s, far in ((0.02, False), (1.0, True)):
        pair = CounterPair(32, 1000.0)
        pair.update(0, 0, 5.0)
        assert pair.update(500, -500, 5.0 + since_s) == far
    edge = CounterPair(32, 1000.0)
    edge.update(0, 0, 0.0)
    assert edge.update(int(1000.0 * (0.1 + JITTER_S)) - 1, 0, 0.1)


def test_one_counter_that_jumps_is_a_reset_of_both() -> None:
    pair = CounterPair(32, 1000.0)
    pair.update(90000, 3, 0.0)
    assert not pair.update(0, 4, 0.02)
    assert pair.totals == (0, 1)


def test_whether_a_value_follows_is_told_without_taking_it() -> None:
    pair = CounterPair(32, fastest=1000.0)
    pair.update(5, -5, 1.0)
    assert not pair.follows(5, 900, 1.1)
    assert pair.follows(100, -100, 1.1)
    assert pair.totals == (0, 0)
    assert pair.update(6, -6, 1.1) and pair.totals == (1, -1)
