"""The stopping manoeuvre against closed forms and against step-by-step integration."""

from __future__ import annotations

import math

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from patrol_gate.manoeuvre import STILL, Phase, Ramps, Velocity, stopping_manoeuvre

RAMPS = Ramps(0.8, 1.2, 3.0, 2.4)
SPEEDS = st.floats(-0.5, 1.5)
TURNS = st.floats(-1.5, 1.5)


@pytest.mark.parametrize("speed", [0.1, 0.7, 1.5])
def test_straight_stop_is_reaction_plus_braking_distance(speed: float) -> None:
    motion = stopping_manoeuvre(Velocity(speed, 0.0), (Phase(Velocity(speed, 0.0), 0.3),), RAMPS)
    assert motion.x_m[-1] == pytest.approx(speed * 0.3 + speed**2 / (2 * 1.2), abs=0.002)
    assert motion.speed_mps[-1] == 0.0
    assert motion.duration_s == pytest.approx(0.3 + speed / 1.2)


def test_turn_stop_is_reaction_plus_braking_angle() -> None:
    motion = stopping_manoeuvre(Velocity(0.0, 1.0), (Phase(Velocity(0.0, 1.0), 0.2),), RAMPS)
    assert motion.yaw_rad[-1] == pytest.approx(0.2 + 1.0 / (2 * 2.4), abs=0.002)
    assert motion.duration_s == pytest.approx(0.2 + 1.0 / 2.4)
    assert motion.reach_m() == 0.0


def test_standing_still_goes_nowhere() -> None:
    motion = stopping_manoeuvre(STILL, (), RAMPS)
    assert motion.reach_m() == 0.0
    assert motion.duration_s == 0.0


@settings(max_examples=15, deadline=None)
@given(SPEEDS, TURNS, SPEEDS, TURNS, SPEEDS, TURNS)
@example(1.5, 1.5, 1.5, 1.5, 1.5, 1.5)
@example(1.0, -1.2, 0.5, -1.5, 0.2, 1.5)
def test_agrees_with_integration(
    v0: float, w0: float, v1: float, w1: float, v2: float, w2: float
) -> None:
    phases = (Phase(Velocity(v1, w1), 0.06), Phase(Velocity(v2, w2), 0.25))
    motion = stopping_manoeuvre(Velocity(v0, w0), phases, RAMPS)
    x, y, yaw = integrate(v0, w0, [(v1, w1, 0.06), (v2, w2, 0.25), (0.0, 0.0, 3.0)])
    assert math.hypot(motion.x_m[-1] - x, motion.y_m[-1] - y) < 0.012
    assert motion.yaw_rad[-1] == pytest.approx(yaw, abs=0.012)
    farthest_m = max(map(math.hypot, motion.x_m.tolist(), motion.y_m.tolist()))
    assert motion.reach_m() == pytest.approx(farthest_m)


def test_a_turn_reaches_as_far_to_the_side_as_it_goes() -> None:
    motion = stopping_manoeuvre(Velocity(1.0, 1.2), (Phase(Velocity(1.0, 1.2), 1.5),), RAMPS)
    assert motion.y_m[-1] > motion.x_m[-1] > 0.0
    assert motion.reach_m() == pytest.approx(math.hypot(motion.x_m[-1], motion.y_m[-1]))


@pytest.mark.parametrize("start", [Velocity(1.0, 0.5), Velocity(0.2, 1.5)])
def test_what_rests_at_its_end_stays_where_it_was(start: Velocity) -> None:
    motion = stopping_manoeuvre(start, (Phase(start, 0.3),), RAMPS)
    rested = motion.resting(2.0)
    assert rested.duration_s == pytest.approx(motion.duration_s + 2.0)
    assert (rested.speed_mps[len(motion.times_s) :] == 0.0).all()
    for poses, resting in (
        (motion.x_m, rested.x_m), (motion.y_m, rested.y_m), (motion.yaw_rad, rested.yaw_rad)
    ):  # fmt: skip
        assert (resting[: len(poses)] == poses).all()
        assert (resting[len(poses) :] == poses[-1]).all()


def integrate(
    v: float, w: float, phases: list[tuple[float, float, float]]
) -> tuple[float, float, float]:
    x = y = yaw = 0.0
    dt = 0.001
    for target_v, target_w, duration in phases:
        for _ in range(round(duration / dt)):
            v = towards(v, target_v, RAMPS.speed_up_mps2 * dt, RAMPS.slow_down_mps2 * dt)
            w = towards(w, target_w, RAMPS.yaw_up_radps2 * dt, RAMPS.yaw_down_radps2 * dt)
            x += v * math.cos(yaw) * dt
            y += v * math.sin(yaw) * dt
            yaw += w * dt
    return x, y, yaw


def towards(value: float, target: float, up: float, down: float) -> float:
    goal = 0.0 if value * target < 0.0 else target
    step = up if abs(goal) > abs(value) else down
    return min(max(goal, value - step), value + step)
