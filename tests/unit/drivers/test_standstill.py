"""Wheels that stand though they shall turn."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from patrol_drivers.motors import Sides, WheelSpeeds
from patrol_drivers.standstill import FROM_REST_S, GOING_S, Standstill

PERIOD_S = 0.02


class Watched:
    """A watch, wheels that follow `moves`, and a command."""

    def __init__(self) -> None:
        self.watch = Standstill()
        self.now_s = 10.0
        self.at = Sides(0.0, 0.0)

    def run(
        self, wanted_radps: float, seconds: float, moves: Callable[[float], Sides]
    ) -> float | None:
        """After how long both wheels were stopped; `moves` gives the speeds [rad/s] at a time."""
        start_s, stopped_s = self.now_s, None
        while self.now_s < start_s + seconds:
            command = WheelSpeeds(self.now_s, wanted_radps, wanted_radps, 5.0)
            self.watch.wants(command)
            left, right = moves(self.now_s - start_s)
            self.at = Sides(self.at.left + left * PERIOD_S, self.at.right + right * PERIOD_S)
            if self.watch.see(self.at, command, self.now_s) and stopped_s is None:
                stopped_s = self.now_s - start_s
            self.now_s += PERIOD_S
        return stopped_s


def at(speed_radps: float) -> Callable[[float], Sides]:
    return lambda _: Sides(speed_radps, speed_radps)


@pytest.mark.parametrize("speed_radps", [1.0, -3.0, 12.0])
def test_a_wheel_that_turns_is_left_alone(speed_radps: float) -> None:
    assert Watched().run(speed_radps, 5.0, at(speed_radps)) is None


def test_one_wheel_that_stops_is_noticed_soon() -> None:
    watched = Watched()
    assert watched.run(3.0, 1.0, at(3.0)) is None
    stopped_s = watched.run(3.0, 1.0, lambda _: Sides(3.0, 0.0))
    assert stopped_s == pytest.approx(GOING_S, abs=2 * PERIOD_S)


def test_one_that_never_begins_is_given_more_time() -> None:
    stopped_s = Watched().run(3.0, 2.0, at(0.0))
    assert stopped_s == pytest.approx(FROM_REST_S, abs=2 * PERIOD_S)


def test_a_slow_ramp_and_a_turn_round_are_no_standstill() -> None:
    watched = Watched()
    assert watched.run(3.0, 6.0, lambda t_s: Sides(*[min(0.5 * t_s, 3.0)] * 2)) is None
    assert watched.run(-3.0, 12.0, lambda t_s: Sides(*[max(3.0 - 0.5 * t_s, -3.0)] * 2)) is None


def test_slow_commands_are_not_judged() -> None:
    assert Watched().run(0.5, 5.0, at(0.0)) is None


def test_it_lasts_until_the_command_is_zero_once() -> None:
    watched = Watched()
    watched.run(3.0, 2.0, at(0.0))
    assert watched.run(3.0, 0.5, at(3.0)) == 0.0
    assert watched.run(0.0, 0.1, at(0.0)) is None
    assert watched.run(3.0, 2.0, at(3.0)) is None


def test_a_time_without_readings_does_not_count() -> None:
    watched = Watched()
    watched.run(3.0, 1.0, at(3.0))
    watched.now_s += 5.0
    assert watched.run(3.0, 0.1, at(0.0)) is None
