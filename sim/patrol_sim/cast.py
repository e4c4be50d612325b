"""The people and things of a scenario: who and what is there when, and where, in any simulator."""

from __future__ import annotations

import math
from collections.abc import Collection, Iterable, Sequence

from patrol_core.geometry import Pose2, Transform3
from patrol_sim.errors import ScenarioError
from patrol_sim.people import SeenRobot, Walker
from patrol_sim.rng import stream
from patrol_sim.scenario import PlacedObject, Scenario
from patrol_sim.sdf.types import Rgba
from patrol_sim.shapes import CLOTHES, LEG_SPACING_M, LYING_AXIS_M, SKIN
from patrol_sim.truth import PersonTruth

LIMBS = ("torso", "left_leg", "right_leg")
HIDDEN_Z_M = -50.0
"""Where people and objects wait that are not there yet, out of reach of sensors and robots."""
_FREE_RADIUS_M = 1.0


class Cast:
    """People walk by their scripts; things appear when no robot stands there."""

    def __init__(self, scenario: Scenario) -> None:
        self._walkers = [Walker(person) for person in scenario.pedestrians]
        self._waiting = list(scenario.objects)
        self.appeared: list[PlacedObject] = []

    @property
    def walkers(self) -> list[Walker]:
        """Those who have started."""
        return [walker for walker in self._walkers if walker.started]

    @property
    def people(self) -> tuple[PersonTruth, ...]:
        """The same, as the scorer knows them."""
        return tuple(
            PersonTruth(walker.name, walker.pose, walker.speed_mps, walker.gives_way)
            for walker in self.walkers
        )

    def step(
        self, now_s: float, dt_s: float, robots: Sequence[SeenRobot], touched: Collection[str]
    ) -> list[PlacedObject]:
        """Everybody walks for `dt_s`, seeing the robots; `touched`: people who feel one. The
        things that come now.
        """
        for walker in self._walkers:
            if walker.name in touched:
                walker.touched()
            walker.step(now_s, dt_s, robots)
        poses = [robot.pose for robot in robots]
        coming = [
            thing
            for thing in self._waiting
            if thing.appears_s <= now_s and _clear_of(thing, poses)
        ]
        self._waiting = [thing for thing in self._waiting if thing not in coming]
        self.appeared += coming
        return coming


def limb_places(walker: Walker) -> dict[str, Transform3]:
    """Where torso and legs are in the world, standing, walking or lying."""
    pose, legs, half = walker.pose, walker.legs, LEG_SPACING_M / 2.0
    ahead = (0.0, 0.0) if walker.lies else (legs.left_m, legs.right_m)
    torso = _laid(pose) if walker.lies else Transform3.from_pose2(pose)
    z_m, feet = torso.translation_m[2], zip(ahead, (half, -half), strict=True)
    places = (pose.compose(Pose2(*foot)) for foot in feet)
    legs_at = (Transform3((at.x_m, at.y_m, z_m), torso.rotation_xyzw) for at in places)
    return dict(zip(LIMBS, (torso, *legs_at), strict=True))


def starts_of(scenario: Scenario, robots: Iterable[str]) -> dict[str, Pose2]:
    """Where robots start: those that the scenario names where it says, others at the rest in
    order. Raises ScenarioError when one has no start.
    """
    named = {start.robot: start.pose for start in scenario.starts if start.robot}
    rest = [start.pose for start in scenario.starts if not start.robot]
    found = {}
    for key in robots:
        if key not in named and not rest:
            raise ScenarioError(
                f"the scenario '{scenario.name}' has no start for the robot '{key}'",
                remedy=f"add a start, or one with 'robot: {key}'",
            )
        found[key] = named[key] if key in named else rest.pop(0)
    return found


def clothes_and_skin(seed: int, name: str) -> tuple[Rgba, Rgba]:
    """What a person looks like."""
    rng = stream(seed, "look", name)
    return CLOTHES[rng.integers(len(CLOTHES))], SKIN[rng.integers(len(SKIN))]


def colour_of(seed: int, thing: PlacedObject) -> Rgba:
    """What a thing looks like."""
    rng = stream(seed, "colour", thing.name)
    red, green, blue = rng.uniform(0.1, 0.9, 3).tolist()
    return (red, green, blue, 1.0)


def _laid(pose: Pose2) -> Transform3:
    """What stands on a pose, laid down ahead of it."""
    down = Transform3.from_rpy((0.0, 0.0, 0.0), (0.0, math.pi / 2.0, 0.0))
    return Transform3.from_pose2(pose, LYING_AXIS_M).compose(down)


def _clear_of(thing: PlacedObject, robots: Iterable[Pose2]) -> bool:
    """A thing does not appear on top of a robot."""
    reach = max(thing.size_m) / 2.0 + _FREE_RADIUS_M
    return all(robot.distance_to(thing.pose) > reach for robot in robots)
