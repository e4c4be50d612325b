"""A dock is touched, slowly, when that is wanted, and only then."""

from __future__ import annotations

import pytest
from tests.gate_world import World, make_site

from patrol_core.geometry import Pose2
from patrol_core.site.model import Dock
from patrol_core.topics import DOCK_APPROACH
from patrol_core.types.status import DockApproach, GateState

DOCK = Dock("home", Pose2(2.0, 0.0), ((2.47, -0.3), (2.8, -0.3), (2.8, 0.3), (2.47, 0.3)), 1.2)
DOCK_WALLS = [(2.47, -0.3, 2.47, 0.3), (2.47, 0.3, 2.8, 0.3), (2.47, -0.3, 2.8, -0.3)]


def at_the_dock(approach: bool) -> World:
    world = World(
        walls=DOCK_WALLS, site=make_site(docks=(DOCK,)), pose=Pose2(1.7, 0.0),
        wish=lambda _t: (0.3, 0.0),
    ).settle()  # fmt: skip
    for _ in range(240):
        world.send(DOCK_APPROACH, DockApproach(world.now_s, "home", approach))
        world.tick()
        if world.pose.x_m >= 2.0:
            world.wish = lambda _t: (0.0, 0.0)
    return world


def test_a_dock_is_touched_slowly_when_that_is_wanted() -> None:
    world = at_the_dock(approach=True)
    assert world.pose.x_m == pytest.approx(2.0, abs=0.02)
    assert max(abs(c.linear_mps) for _, c in world.passed) <= 0.1 + 1e-9
    world.pressed = True
    world.run(0.5)
    assert world.status.state is not GateState.LATCHED


def test_a_dock_is_an_obstacle_when_it_is_not_wanted() -> None:
    world = at_the_dock(approach=False)
    assert world.pose.x_m < 1.98
    assert world.contact is None
