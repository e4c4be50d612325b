"""What is driven: the path itself, or a way round what blocks it."""

from __future__ import annotations

import math

import numpy as np

from patrol_core.geometry import FloatArray, Pose2
from patrol_nav.navigator.dead_ends import DeadEnds
from patrol_nav.navigator.detour import find_detour, first_blocked, length_m
from patrol_nav.navigator.fresh_plan import fresh_plan
from patrol_nav.navigator.people import distances_m
from patrol_nav.navigator.politeness import Politeness
from patrol_nav.navigator.reference import Reference
from patrol_nav.navigator.tools import Tools
from patrol_nav.navigator.world import World

LONG_WAY_M = 12.0
"""A detour that adds more than this is taken only after some patience."""
LONG_WAY_ROUND_PEOPLE_M = 6.0
"""The same round people: they walk on in the time that more than this takes."""
PATIENCE_S = 10.0
THINGS_PATIENCE_S = 3.0
"""Things do not walk on: with nobody near it takes the long way sooner."""
NEAR_HOME_M = 0.8
SHORTER_BY_M = 2.0
SHORTEN_PERIOD_S = 1.5
"""While it goes round something it looks this often whether a way shorter by so much is free."""
AFTER_STUCK_S = 30.0
"""Not for so long after it got stuck: the shorter way may be where it did."""
GRID_SLACK_M = 0.1
PEOPLE_NEAR_M = 6.0
"""With people that near it waits or goes round; backing up would only worry them."""
SEARCH_PERIOD_S = 5.0
"""A search of the whole site that found nothing is not repeated sooner."""


class Way:
    """A path of poses (N, 3), and how far along it the robot is; looked at now and then.

    `may_replace`: only its end matters, a better way to there may take its place. `blocked` is
    the index of the pose at which what is driven is blocked, or None; `goal_occupied` and
    `goal_crowded`: things, or people, leave no room at its end.
    """

    def __init__(
        self, tools: Tools, poses: FloatArray, politeness: Politeness, *, may_replace: bool
    ) -> None:
        self._tools = tools
        self._may_replace = may_replace
        self._politeness = politeness
        self._home = Reference(poses)
        self.reference = self._home
        self.blocked: int | None = None
        self.goal_occupied = False
        self.goal_crowded = False
        self._kept_from: FloatArray = np.empty((0, 3))
        self._dead_ends = DeadEnds()
        self._searched_s = -math.inf
        self._shortened_s = -math.inf

    @property
    def goes_round(self) -> bool:
        """Whether it is not the path itself."""
        return self.reference is not self._home

    def note_dead_end(self, world: World) -> None:
        """The robot has to go back."""
        if self._may_replace:
            self._dead_ends.note(world.pose, self.reference.ahead(), world.now_s)

    def look(
        self, world: World, off_m: float, waited_s: float, *, approaching: bool, stuck: bool
    ) -> str:
        """See whether it is free; plan round what blocks it. What was in vain, in words.

        The robot is `off_m` away from it and has made no headway for `waited_s`.
        """
        params, footprint = self._tools.params, self._tools.body.footprint
        self._kept_from = self._politeness.discs(world)
        paced = self._politeness.paced(world)
        shunned = self._dead_ends.discs(world.now_s)
        _keep_out(world, np.vstack((self._kept_from, paced, shunned)))
        self._return_home(world)
        if len(paced) and not approaching:
            self._go_round(world)
            _keep_out(world, self._kept_from)
        reference, field = self.reference, world.costmap.planning_field
        self.blocked = first_blocked(reference, field, footprint, params.look_ahead_m)
        self.goal_occupied = self.goal_crowded = False
        if self._may_replace and self._renew(world, needed=self.blocked is not None or stuck):
            return ""
        if off_m > params.off_path_m and self.blocked is None:
            return self._replan(world, reference.index_ahead(1.0), waited_s)
        if self.blocked is not None:
            return self._replan(world, self.blocked, waited_s)
        if stuck:
            self._shortened_s = world.now_s + AFTER_STUCK_S
            return self._replan(world, reference.index_ahead(1.5), waited_s)
        return ""

    def _detour(
        self, world: World, reference: Reference, beyond: int, *, wide: bool = False
    ) -> FloatArray | None:
        tools = self._tools
        return find_detour(
            world.pose, reference, beyond, world.costmap.planning_field, tools.body.footprint,
            tools.planner, tools.params, wide=wide,
        )  # fmt: skip

    def _first_blocked(self, world: World, reference: Reference) -> int | None:
        tools, field = self._tools, world.costmap.planning_field
        return first_blocked(reference, field, tools.body.footprint, tools.params.look_ahead_m)

    def _return_home(self, world: World) -> None:
        """Leave a detour once the path itself is free again and near, or shorter by much."""
        if not self.goes_round:
            return
        home = self._home
        home.update(world.pose)
        blocked = self._first_blocked(world, home)
        if blocked is None and home.pose(home.index).distance_to(world.pose) < NEAR_HOME_M:
            self.reference = home
        elif world.now_s - self._shortened_s >= SHORTEN_PERIOD_S:
            self._shortened_s = world.now_s
            poses = self._detour(
                world, home, home.index_ahead(1.0) if blocked is None else blocked
            )
            if poses is not None and length_m(poses) < self.reference.remaining_m - SHORTER_BY_M:
                self.reference = Reference(poses)

    def _go_round(self, world: World) -> None:
        """Leave it for a short way round those who pace across it, if there is one."""
        crossed = self._first_blocked(world, self.reference)
        poses = None if crossed is None else self._detour(world, self.reference, crossed)
        if poses is None:
            return
        if length_m(poses) - self.reference.remaining_m < LONG_WAY_ROUND_PEOPLE_M:
            self.reference = Reference(poses)

    def _renew(self, world: World, *, needed: bool) -> bool:
        """Take a new plan to the goal if the old one is blocked, leads nowhere, or is worse."""
        tools = self._tools
        poses = fresh_plan(world, self.reference, tools.planner, tools.params, needed=needed)
        if poses is None:
            if needed:
                self._dead_ends.forget()
            return False
        self._home = self.reference = Reference(poses)
        self.blocked = None
        return True

    def _replan(self, world: World, blocked: int, waited_s: float) -> str:
        reference, footprint = self.reference, self._tools.body.footprint
        wide = waited_s > PATIENCE_S and world.now_s - self._searched_s > SEARCH_PERIOD_S
        poses = self._detour(world, reference, blocked, wide=wide)
        if poses is None:
            self._searched_s = world.now_s if wide else self._searched_s
            field = world.costmap.planning_field
            if field.clearances(footprint, reference.poses[-1:])[0] < 0.0:
                self.goal_crowded = self._people_are_near(reference.goal)
                self.goal_occupied = not self.goal_crowded
            return "the way ahead is blocked and there is no way round"
        extra_m = length_m(poses) - reference.remaining_m
        alone = is_alone(world)
        long_m = LONG_WAY_M if alone else LONG_WAY_ROUND_PEOPLE_M
        patience_s = THINGS_PATIENCE_S if alone else PATIENCE_S
        if extra_m > long_m and waited_s < patience_s:
            return f"the way ahead is blocked; the way round is {extra_m:.0f} m longer"
        self.reference = Reference(poses)
        self.blocked = None
        return ""

    def _people_are_near(self, goal: Pose2) -> bool:
        """Whether it is for people, who will walk on, that there is no room at the goal."""
        discs = self._kept_from
        reach = discs[:, 2] + self._tools.body.footprint.circumscribed_m + GRID_SLACK_M
        away = np.hypot(discs[:, 0] - goal.x_m, discs[:, 1] - goal.y_m)
        return bool((away < reach).any())


def is_alone(world: World) -> bool:
    """Whether nobody is near the robot."""
    return not (distances_m(world.people, world.pose) < PEOPLE_NEAR_M).any()


def _keep_out(world: World, discs: FloatArray) -> None:
    world.costmap.refresh_planning(world.pose)
    world.costmap.keep_from(discs)
