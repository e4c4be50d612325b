"""Patrols along the outline that nobody can predict: policies solved at the start, a plan drawn
for each patrol, kept in the run's folder, and made into legs."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np

from patrol_core.errors import RondaError
from patrol_core.site.model import Checkpoint, PerimeterRoute, Route, Site
from patrol_core.whole_file import write_whole
from patrol_mission.plan import Plan, draw_plan
from patrol_mission.plan_json import plan_from_json, plan_to_json
from patrol_mission.route import Leg, lap_poses
from patrol_mission.unpredictable.params import PolicyParams
from patrol_mission.unpredictable.perimeter import Perimeter, perimeter_of_route, stretch
from patrol_mission.unpredictable.policy import Policy, solve_policy

FOLDER = "plans"


class Planner:
    """Draws the plans of the site's unpredictable routes.

    `seed` gives a new secret number at each call. A plan is a secret until its patrol has ended:
    it lies in a folder that its owner alone may read.
    """

    def __init__(
        self, site: Site, params: PolicyParams, run_folder: Path, seed: Callable[[], int]
    ) -> None:
        self._site, self._params, self._seed = site, params, seed
        self._folder = run_folder / FOLDER
        self._solved: dict[str, tuple[Perimeter, Policy]] = {}
        self._places: dict[str, tuple[Route, tuple[Checkpoint, ...]]] = {}

    def setup(self) -> None:
        """Solve the policies: about two seconds for each unpredictable route."""
        for route in self._site.routes:
            if self.draws(route):
                assert isinstance(route, PerimeterRoute)
                places = route, tuple(map(self._site.checkpoint, route.checkpoint_ids))
                if self._places.get(route.route_id) == places:
                    continue
                perimeter = perimeter_of_route(self._site, route, self._params)
                policy = solve_policy(perimeter.ring, self._params)
                self._solved[route.route_id] = (perimeter, policy)
                self._places[route.route_id] = places

    def heed(self, site: Site) -> None:
        """Plan on what the site's files say by now: routes that have changed are solved anew."""
        self._site = site
        self.setup()

    def draws(self, route: Route) -> bool:
        """Whether the site wants this route to be unpredictable."""
        return isinstance(route, PerimeterRoute) and route.care.unpredictable

    def draw(self, route: Route, laps: int, patrol_id: str) -> Plan:
        """A plan of about so many laps, kept under the patrol's id. Raises OSError."""
        plan = draw_plan(*self._solved[route.route_id], self._params, laps, self._seed())
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        write_whole(self._folder / f"{patrol_id}.json", plan_to_json(plan).encode())
        return plan

    def recall(self, patrol_id: str) -> Plan:
        """The plan that was drawn for a patrol. Raises OSError, RondaError."""
        return plan_from_json((self._folder / f"{patrol_id}.json").read_text(encoding="utf-8"))


def plan_legs(site: Site, route: Route, plan: Plan) -> tuple[Leg, ...]:
    """A leg for each visit: to its place, in its direction. Raises RondaError where the lap is not
    the one that was planned on."""
    poses = lap_poses(site, route)
    length_m = float(np.hypot(*np.diff(poses[:, :2], axis=0).T).sum())
    if abs(length_m - plan.lap_m) > 1e-3 * length_m:
        raise RondaError(
            f"the lap is {length_m:.1f} m long, the plan is for {plan.lap_m:.1f} m",
            remedy="the site has changed: begin a new patrol",
        )
    legs, at_m = [], 0.0
    for visit in plan.visits:
        onwards = visit.direction is plan.direction
        way = stretch(poses, at_m, visit.along_m, onwards=onwards)
        checkpoint = None
        if visit.checkpoint_id:
            known = site.checkpoint(visit.checkpoint_id)
            checkpoint = replace(known, dwell_s=visit.dwell_s)
        legs.append(Leg(way, checkpoint))
        at_m = visit.along_m
    return tuple(legs)
