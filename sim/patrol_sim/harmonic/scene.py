"""A scenario in Gazebo: who and what is there when, and where it goes at every tick."""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field

from patrol_core.geometry import Transform3
from patrol_sim.cast import LIMBS, Cast, clothes_and_skin, colour_of, limb_places
from patrol_sim.errors import ScenarioError
from patrol_sim.harmonic.solids import model_sdf
from patrol_sim.people import SeenRobot, Walker
from patrol_sim.scenario import PlacedObject, Scenario
from patrol_sim.sdf import Plane, World
from patrol_sim.shapes import Part, leg_parts, object_parts, torso_parts


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
        self.cast = Cast(scenario)
        self._standing: set[str] = set()
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

    def step(
        self, now_s: float, dt_s: float, robots: Sequence[SeenRobot], touched: Collection[str]
    ) -> SceneChange:
        """Everybody walks for `dt_s`, seeing the robots; `touched`: people who feel a robot."""
        spawns = [self._thing(thing) for thing in self.cast.step(now_s, dt_s, robots, touched)]
        moves: dict[str, Transform3] = {}
        for walker in self.cast.walkers:
            if walker.name not in self._standing:
                self._standing.add(walker.name)
                spawns += self._person(walker)
            else:
                moves.update(self._moved(_limbs(walker)))
        return SceneChange(tuple(spawns), moves)

    def _person(self, walker: Walker) -> list[Spawn]:
        torso = torso_parts(*clothes_and_skin(self._seed, walker.name))
        limbs = _limbs(walker)
        self._poses.update(limbs)
        owner = Owner(walker.name, person=True)
        return [
            self._spawn(name, torso if limb == "torso" else leg_parts(), limbs[name], owner)
            for limb in LIMBS
            for name in [_limb_name(walker, limb)]
        ]

    def _thing(self, thing: PlacedObject) -> Spawn:
        parts = object_parts(thing.kind, thing.size_m, colour_of(self._seed, thing))
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
    return {_limb_name(walker, limb): at for limb, at in limb_places(walker).items()}


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
