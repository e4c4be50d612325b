"""A gate whose lidar does not see behind backs up along ground just covered, and no farther."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import pytest
from tests.gate_world import World

from patrol_core.types.sensors import LaserScan
from patrol_gate.params import GateParams


@dataclass
class BlindBehind(World):
    """A robot whose lidar sees 270 degrees."""

    def scan(self) -> LaserScan:
        whole = super().scan()
        return replace(
            whole, angle_min_rad=-0.75 * math.pi, ranges_m=whole.ranges_m[90:630].copy()
        )


def there_and_back(retrace_m: float, back: tuple[float, float] = (-0.3, 0.0)) -> BlindBehind:
    """Two metres ahead, then asked to back up; a wall a metre behind the start."""
    return BlindBehind(
        walls=[(-1.35, -3.0, -1.35, 3.0)],
        params=GateParams(warning_s=0.0, retrace_m=retrace_m),
        wish=lambda t: (0.6, 0.0) if t < 4.5 else (0.0, 0.0) if t < 5.5 else back,
    )


def test_it_does_not_back_up_unseen_by_default() -> None:
    world = there_and_back(0.0).run(7.0)
    assert world.linear_mps == 0.0
    assert "blind behind" in world.status.reasons[0]


def test_it_backs_up_where_it_came_from_and_stops_at_the_beginning() -> None:
    world = there_and_back(5.0).run(5.5)
    there_m = world.pose.x_m
    world.run(2.0)
    assert world.pose.x_m < there_m - 0.3
    world.run(15.0)
    assert world.contact is None
    assert world.pose.x_m > -0.1 and world.linear_mps == 0.0
    assert "blind behind" in world.status.reasons[0]


def test_after_the_clock_jumped_back_no_ground_counts_as_just_covered() -> None:
    world = there_and_back(5.0).run(5.2)
    world.wish = lambda _t: (-0.3, 0.0)
    world.now_s -= 3.0
    world.commands.clear()
    world.run(2.0)
    assert world.linear_mps == 0.0
    assert "blind behind" in world.status.reasons[0]


@pytest.mark.parametrize("turn_radps", [-0.8, 0.8])
def test_it_does_not_back_up_beside_its_trail(turn_radps: float) -> None:
    world = there_and_back(5.0, (-0.3, turn_radps)).run(5.5)
    there = world.pose
    world.run(5.0)
    assert world.pose.distance_to(there) < 0.25
