"""Goals for the navigator in the toy world, and waiting for their end."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from patrol_core import actions, topics
from patrol_core.component import Outputs
from patrol_core.geometry import FloatArray, Pose2
from patrol_core.params import make_params
from patrol_core.result import Result
from patrol_core.site.model import Dock, DockMarker, Zone
from patrol_core.types.mission import (
    GoalResult,
    NavigateGoal,
)
from patrol_nav.navigator.navigator import ACTIONS as NAVIGATION
from patrol_nav.navigator.navigator import Navigator
from patrol_nav.params import NavigatorParams
from patrol_nav.planning.path import with_headings
from tests.nav_world import Cells, ToyWorld, Walker, draw_box, empty_cells, rover, toy_site

DOCK = Dock(
    "bay", Pose2(10.5, 5.0, 0.0), ((10.97, 4.6), (11.3, 4.6), (11.3, 5.4), (10.97, 5.4)), 1.5,
    DockMarker(1, 0.16, 0.45, 0.0, 0.5),
)  # fmt: skip
START = Pose2(2.0, 5.0)
ROUTE = actions.FOLLOW_ROUTE
TO_POSE = actions.NAVIGATE_TO_POSE


def world(
    start: Pose2 = START,
    *,
    controller: str = "pure_pursuit",
    real: Cells | None = None,
    walkers: tuple[Walker, ...] = (),
    docked_at: Pose2 | None = None,
    zones: tuple[Zone, ...] = (),
    params: dict[str, float] | None = None,
) -> ToyWorld:
    """A room of 12 x 10 m with a dock in the east."""
    cells = empty_cells(12.0, 10.0)
    draw_box(cells, 10.97, 4.6, 11.3, 5.4)
    chosen = make_params(NavigatorParams, {"mppi.rollouts": 120, **(params or {})})
    navigator = Navigator(
        chosen,
        toy_site(12.0, 10.0, docks=(DOCK,), zones=zones),
        rover(),
        np.random.default_rng(3),
        controller,
        lambda _: (0, 0),
    )
    return ToyWorld(navigator, cells, start, real=real, walkers=walkers, charging_at=docked_at)


def send(toy: ToyWorld, topic: topics.Topic[Any], value: object) -> None:
    toy.mailbox.store(topic, value, toy.now_s)


def result_of(toy: ToyWorld, goal_id: str) -> Result | None:
    for outputs in toy.outputs:
        for action in NAVIGATION:
            for outcome in outputs.of(action.result):
                assert isinstance(outcome, GoalResult)
                if outcome.goal_id == goal_id:
                    return outcome.result
    return None


def run_to_end(toy: ToyWorld, goal_id: str, limit_s: float = 60.0) -> Result:
    def ended(outputs: Outputs) -> bool:
        return any(
            outcome.goal_id == goal_id
            for action in NAVIGATION
            for outcome in outputs.of(action.result)
        )

    assert toy.run(limit_s, ended), f"no result for '{goal_id}' within {limit_s} s"
    result = result_of(toy, goal_id)
    assert result is not None
    return result


def navigate(toy: ToyWorld, goal: Pose2, goal_id: str = "a") -> None:
    send(toy, TO_POSE.goal, NavigateGoal(goal_id, goal))


def straight_route(x0: float, x1: float, y: float) -> FloatArray:
    xs = np.linspace(x0, x1, int(abs(x1 - x0) / 0.25) + 1)
    return with_headings(np.column_stack((xs, np.full_like(xs, y))), 0.0 if x1 > x0 else math.pi)
