"""A scenario in Gazebo: who and what is there when, and where it goes at every tick."""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field

from patrol_core.geometry import Pose2, Transform3
from patrol_sim.errors import ScenarioError
from patrol_sim.harmonic.solids import model_sdf
from patrol_sim.people import SeenRobot, Walker
from patrol_sim.rng import stream
from patrol_sim.scenario import PlacedObject, Scenario
from patrol_sim.sdf import Plane, World
from patrol_sim.shapes import (
    CLOTHES,
    LEG_SPACING_M,
    LYING_AXIS_M,
    SKIN,
    Part,
    leg_parts,
    object_parts,
    torso_parts,
)
from patrol_sim.truth import PersonTruth

_FREE_RADIUS_M = 1.0


@dataclass(frozen=True, slots=True)
class Spawn:
    """A model that comes into the world."""

    name: str
    sdf: str
    pose: Transform3


@dataclass(frozen=True, slots=True)
class SceneChange:
    """What happens at one tick: models that come, and poses of models in the world."""

    spawns: tuple[Spawn, ...] = ()
    moves: Mapping[str, Transform3] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Owner:
    """Whose a model of Gazebo is; `ground`: what the robot stands on."""

    name: str
    person: bool = False
    ground: bool = False


class Scene:
    """People walk as in the embedded simulator; things appear when nobody stands there.

    Raises ScenarioError for what Gazebo cannot do: take a stretch of a model away.
    """

    def __init__(self, world: World, scenario: Scenario, seed: int) -> None:
        _refuse_stretches(world, scenario)
        self.removed = tuple(dict.fromkeys(removal.model for removal in scenario.removed))
        self._seed = seed
        self._walkers = [Walker(person) for person in scenario.pedestrians]
        self._waiting = list(scenario.objects)
        self._standing: set[str] = set()
        self.appeared: list[PlacedObject] = []
        self._poses: dict[str, Transform3] = {}
        self._owners = {
            model.name: Owner(
                model.name,
                ground=any(
                    isinstance(s.shape, Plane) for li in model.links for s in li.collisions
                ),
            )
            for model in world.models
        }

    def owner(self, model: str) -> Owner:
        """Whose a model is; another robot's is its own."""
        return self._owners.get(model, Owner(model))

    @property
    def people(self) -> tuple[PersonTruth, ...]:
        """Those who have started."""
        return tuple(
            PersonTruth(walker.name, walker.pose, walker.speed_mps, walker.gives_way)
            for walker in self._walkers
            if walker.started
        )

    def step(
        self, now_s: float, dt_s: float, robots: Sequence[SeenRobot], touched: Collection[str]
    ) -> SceneChange:
        """Everybody walks for `dt_s`, seeing the robots; `touched`: people who feel a robot."""
        spawns: list[Spawn] = []
        moves: dict[str, Transform3] = {}
        for walker in self._walkers:
            if walker.name in touched:
                walker.touched()
            walker.step(now_s, dt_s, robots)
            if walker.started and walker.name not in self._standing:
                self._standing.add(walker.name)
                spawns += self._person(walker)
            elif walker.started:
                moves.update(self._moved(_limbs(walker)))
        for thing in list(self._waiting):
            if thing.appears_s <= now_s and _clear_of(thing, robots):
                self._waiting.remove(thing)
                self.appeared.append(thing)
                spawns.append(self._thing(thing))
        return SceneChange(tuple(spawns), moves)

    def _person(self, walker: Walker) -> list[Spawn]:
        rng = stream(self._seed, "look", walker.name)
        clothes, skin = CLOTHES[rng.integers(len(CLOTHES))], SKIN[rng.integers(len(SKIN))]
        parts = {"torso": torso_parts(clothes, skin)}
        parts |= {"left_leg": leg_parts(), "right_leg": leg_parts()}
        limbs = _limbs(walker)
        self._poses.update(limbs)
        return [
            self._spawn(name, shape, limbs[name], Owner(walker.name, person=True))
            for name, shape in ((_limb_name(walker, limb), parts[limb]) for limb in parts)
        ]

    def _thing(self, thing: PlacedObject) -> Spawn:
        red, green, blue = stream(self._seed, "colour", thing.name).uniform(0.1, 0.9, 3).tolist()
        parts = object_parts(thing.kind, thing.size_m, (red, green, blue, 1.0))
        pose = Transform3.from_pose2(thing.pose)
        return self._spawn(f"object_{thing.name}", parts, pose, Owner(thing.name))

    def _spawn(self, name: str, parts: Sequence[Part], pose: Transform3, owner: Owner) -> Spawn:
        self._owners[name] = owner
        return Spawn(name, model_sdf(name, parts), pose)

    def _moved(self, limbs: Mapping[str, Transform3]) -> dict[str, Transform3]:
        """Only what is no longer where it was."""
        moved = {name: pose for name, pose in limbs.items() if self._poses.get(name) != pose}
        self._poses.update(moved)
        return moved


def _limb_name(walker: Walker, limb: str) -> str:
    return f"person_{walker.name}_{limb}"


def _limbs(walker: Walker) -> dict[str, Transform3]:
    """Where torso and legs are, standing, walking or lying."""
    pose, legs, half = walker.pose, walker.legs, LEG_SPACING_M / 2.0
    if walker.lies:
        placed = {"torso": _laid(pose)}
        placed["left_leg"] = _laid(pose.compose(Pose2(0.0, half)))
        placed["right_leg"] = _laid(pose.compose(Pose2(0.0, -half)))
    else:
        placed = {"torso": Transform3.from_pose2(pose)}
        left, right = Pose2(legs.left_m, half), Pose2(legs.right_m, -half)
        placed["left_leg"] = Transform3.from_pose2(pose.compose(left))
        placed["right_leg"] = Transform3.from_pose2(pose.compose(right))
    return {_limb_name(walker, limb): at for limb, at in placed.items()}


def _laid(pose: Pose2) -> Transform3:
    """What stands on a pose, laid down ahead of it."""
    return Transform3.from_pose2(pose, LYING_AXIS_M).compose(
        Transform3.from_rpy((0.0, 0.0, 0.0), (0.0, math.pi / 2.0, 0.0))
    )


def _clear_of(thing: PlacedObject, robots: Sequence[SeenRobot]) -> bool:
    """A thing does not appear on top of a robot."""
    reach = max(thing.size_m) / 2.0 + _FREE_RADIUS_M
    return all(robot.pose.distance_to(thing.pose) > reach for robot in robots)


def _refuse_stretches(world: World, scenario: Scenario) -> None:
    known = {model.name for model in world.models}
    for removal in scenario.removed:
        if removal.model not in known:
            raise ScenarioError(
                f"there is no model '{removal.model}' to be removed",
                expected=f"a model of {world.path.name}",
                remedy="correct the name",
            )
        if math.isfinite(removal.from_m) or math.isfinite(removal.to_m):
            raise ScenarioError(
                f"a stretch of '{removal.model}' is to be removed, which Gazebo cannot do",
                expected="whole models, in Gazebo",
                remedy="use the embedded simulator, or leave out from_m and to_m",
            )
