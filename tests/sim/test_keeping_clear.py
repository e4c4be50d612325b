"""Doors and gates are passed, and not waited in."""

from __future__ import annotations

import numpy as np
import pytest
from tests.nav_goals import ROUTE, run_to_end, send, straight_route, world
from tests.nav_world import Cells, ToyWorld, Walker, draw_box, empty_cells

from patrol_core.geometry import Pose2
from patrol_core.result import ErrorCode
from patrol_core.site.model import Zone, ZoneKind
from patrol_core.types.mission import FollowRouteGoal

DOOR = Zone("door", ZoneKind.KEEP_CLEAR, ((5.0, 3.5), (7.0, 3.5), (7.0, 6.5), (5.0, 6.5)))
GIVES_UP = {"follower.give_up_s": 12.0, "follower.back_up_m": 0.0}


def passage() -> Cells:
    """A wall from south to north with a doorway two metres wide, and as deep as `DOOR`."""
    cells = empty_cells(12.0, 10.0)
    draw_box(cells, 5.0, 0.0, 7.0, 4.0)
    draw_box(cells, 5.0, 6.0, 7.0, 10.0)
    return cells


def drive(toy: ToyWorld, mapped: Cells) -> None:
    toy.grid.cells[:] = mapped
    send(toy, ROUTE.goal, FollowRouteGoal("r", straight_route(2.0, 9.5, 5.0), 1.0))


def seconds_in_door_at_rest(toy: ToyWorld) -> float:
    """Any part of the robot within the doorway, and no motion."""
    trace = toy.array()
    reach = toy.edge[:, 0].max()
    within = (trace[:, 1] + reach > 5.0) & (trace[:, 1] - reach < 7.0)
    return float((within & (np.abs(trace[:, 3]) < 0.01)).sum() * 0.05)


@pytest.mark.parametrize("zones", [(), (DOOR,)])
def test_it_waits_before_a_door_that_it_could_not_leave(zones: tuple[Zone, ...]) -> None:
    """Without the zone it waits within: so the test does test something."""
    real = passage()
    draw_box(real, 7.6, 4.0, 8.0, 6.0)
    draw_box(real, 7.0, 3.8, 8.0, 4.0)
    draw_box(real, 7.0, 6.0, 8.0, 6.2)
    toy = world(real=real, zones=zones, params=GIVES_UP)
    drive(toy, passage())
    assert run_to_end(toy, "r", 60.0).code is ErrorCode.BLOCKED
    assert toy.least_room_m > 0.05
    rested_s = seconds_in_door_at_rest(toy)
    assert rested_s == 0.0 if zones else rested_s > 8.0


def test_it_goes_through_when_it_can_leave() -> None:
    toy = world(real=passage(), zones=(DOOR,))
    drive(toy, passage())
    assert run_to_end(toy, "r", 20.0).ok
    assert seconds_in_door_at_rest(toy) == 0.0


def test_it_waits_before_the_door_for_somebody_beyond_and_then_goes() -> None:
    toy = world(real=passage(), zones=(DOOR,), walkers=(Walker(7.9, 5.0, 0.0, 0.0),))
    drive(toy, passage())
    assert not toy.run(9.0, lambda outputs: bool(outputs.of(ROUTE.result)))
    assert toy.v == 0.0 and toy.pose.x_m + toy.edge[:, 0].max() < 5.0
    toy.walkers = ()
    assert run_to_end(toy, "r", 30.0).ok
    assert seconds_in_door_at_rest(toy) == 0.0


def test_it_backs_out_when_the_way_is_shut_before_it() -> None:
    toy = world(Pose2(2.0, 5.0), real=passage(), zones=(DOOR,), params=GIVES_UP)
    drive(toy, passage())
    assert toy.run(20.0, lambda _: toy.pose.x_m > 5.4)
    draw_box(toy.real, 7.2, 4.0, 7.5, 6.0)
    toy.redraw()
    assert run_to_end(toy, "r", 60.0).code is ErrorCode.BLOCKED
    assert toy.pose.x_m + toy.edge[:, 0].max() < 5.0
    assert seconds_in_door_at_rest(toy) < 5.0
    assert toy.least_room_m > 0.05
