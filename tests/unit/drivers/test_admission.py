"""What of a command may reach the wheels."""

from __future__ import annotations

import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from patrol_drivers.admission import FUTURE_TOLERANCE_S, MAX_COMMAND_AGE_S, admitted, stop
from patrol_drivers.motors import DriveLimits, EventKind, WheelSpeeds

LIMITS = DriveLimits(10.0, 8.0, 12.0)
NOW_S = 50.0


def test_a_good_command_passes_unchanged() -> None:
    command = WheelSpeeds(NOW_S, 10.0, -3.0, 8.0)
    assert admitted(command, NOW_S, LIMITS) == (command, None)


def test_a_stop_brakes_as_configured() -> None:
    assert admitted(None, NOW_S, LIMITS) == (WheelSpeeds(NOW_S, 0.0, 0.0, 12.0), None)


@pytest.mark.parametrize(
    ("age_s", "kind"),
    [
        (MAX_COMMAND_AGE_S - 0.001, None),
        (MAX_COMMAND_AGE_S + 0.001, EventKind.COMMAND_STALE),
        (-FUTURE_TOLERANCE_S + 0.001, None),
        (-FUTURE_TOLERANCE_S - 0.001, EventKind.COMMAND_REFUSED),
    ],
)
def test_age(age_s: float, kind: EventKind | None) -> None:
    sent, event = admitted(WheelSpeeds(NOW_S - age_s, 1.0, 1.0, 1.0), NOW_S, LIMITS)
    assert (event.kind if event else None) == kind
    assert (sent.left_radps == 0.0) == (kind is not None)


@pytest.mark.parametrize("acceleration", [0.0, -1.0])
def test_an_acceleration_that_is_not_positive_is_refused(acceleration: float) -> None:
    sent, event = admitted(WheelSpeeds(NOW_S, 1.0, 1.0, acceleration), NOW_S, LIMITS)
    assert sent == stop(NOW_S, LIMITS)
    assert event is not None and event.kind is EventKind.COMMAND_REFUSED


ANY = st.floats(allow_nan=True, allow_infinity=True)


@settings(max_examples=60, deadline=None)
@given(ANY, ANY, ANY, ANY)
def test_whatever_comes_what_goes_is_finite_and_within_the_limits(
    stamp_s: float, left: float, right: float, acceleration: float
) -> None:
    sent, _ = admitted(WheelSpeeds(stamp_s, left, right, acceleration), NOW_S, LIMITS)
    assert max(abs(sent.left_radps), abs(sent.right_radps)) <= LIMITS.max_speed_radps * (1 + 1e-12)
    assert 0.0 < sent.acceleration_radps2 <= 12.0
    assert all(map(math.isfinite, (sent.left_radps, sent.right_radps, sent.stamp_s)))


@settings(max_examples=40, deadline=None)
@given(st.floats(-100.0, 100.0), st.floats(-100.0, 100.0))
def test_lowering_keeps_the_curve(left: float, right: float) -> None:
    sent, _ = admitted(WheelSpeeds(NOW_S, left, right, 1.0), NOW_S, LIMITS)
    assert sent.left_radps * right == pytest.approx(sent.right_radps * left, abs=1e-6)
