"""Speeds on their way to a target, for controllers that are told no acceleration."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from patrol_drivers.motors import Sides, WheelSpeeds
from patrol_drivers.ramp import LONGEST_STEP_S, Ramp


def begun(now_s: float) -> Ramp:
    ramp = Ramp()
    ramp.forget(now_s)
    return ramp


def test_it_goes_by_the_clock_and_reaches_the_target() -> None:
    ramp, target = begun(1.0), WheelSpeeds(1.0, 1.0, 1.0, 10.0)
    steps = [ramp.step(target, 1.0 + 0.03 * n).left for n in range(1, 6)]
    assert steps == pytest.approx([0.3, 0.6, 0.9, 1.0, 1.0])
    assert ramp.step(target, 1.3) == (1.0, 1.0)


def test_both_arrive_together_so_that_the_curve_is_kept() -> None:
    ramp = begun(0.0)
    for n in range(1, 10):
        at = ramp.step(WheelSpeeds(0.0, 4.0, -2.0, 5.0), 0.02 * n)
        assert at.right == pytest.approx(-at.left / 2.0)
        assert at.left == pytest.approx(0.1 * n)


@pytest.mark.parametrize(
    ("rolling", "first"), [(3.0, 1.0), (0.4, 0.45), (0.0, 0.05), (-2.0, 0.05)]
)
def test_it_begins_at_what_the_wheel_does_but_never_beyond_the_target(
    rolling: float, first: float
) -> None:
    at = begun(0.0).step(WheelSpeeds(0.0, 1.0, 0.0, 5.0), 0.01, Sides(rolling, 9.0))
    assert at == pytest.approx((first, 0.0))


def test_a_late_cycle_does_not_make_up_for_it_nor_a_clock_that_goes_back() -> None:
    ramp, target = begun(0.0), WheelSpeeds(9.0, 5.0, 5.0, 10.0)
    at = ramp.step(target, 9.0)
    assert at.left == pytest.approx(10.0 * LONGEST_STEP_S)
    assert ramp.step(target, 8.0) == at


TARGETS = st.tuples(st.floats(-12.0, 12.0), st.floats(-12.0, 12.0), st.floats(0.0, 0.3))


@settings(max_examples=40, deadline=None)
@given(st.lists(TARGETS, max_size=10))
def test_no_wheel_is_faster_than_the_acceleration_allows(
    steps: list[tuple[float, float, float]],
) -> None:
    ramp, now_s, before = begun(0.0), 0.0, Sides(0.0, 0.0)
    for left, right, since_s in steps:
        now_s += since_s
        after = ramp.step(WheelSpeeds(now_s, left, right, 5.0), now_s)
        most = 5.0 * min(since_s, LONGEST_STEP_S) + 1e-9
        assert abs(after.left - before.left) <= most
        assert abs(after.right - before.right) <= most
        before = after
