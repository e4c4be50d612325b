"""What is gone from a world: a model, or a stretch of one, like a panel of a fence or a leaf."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TypeVar

from patrol_core.geometry import Transform3
from patrol_sim.errors import ScenarioError
from patrol_sim.sdf import Box, Collision, World
from patrol_sim.sdf.types import Link, Model, Visual

_ALIGNED = 1e-3
_SLIVER_M = 0.01

_Solid = TypeVar("_Solid", Collision, Visual)


@dataclass(frozen=True, slots=True)
class Removal:
    """A model that is not there, or what of it lies between two places along its own x axis."""

    model: str
    from_m: float = -math.inf
    to_m: float = math.inf


def without(world: World, removals: Sequence[Removal]) -> World:
    """The world with everything in `removals` gone; boxes along the axis are cut, others go whole
    when their middle lies in the stretch.

    Raises ScenarioError for a model that there is not, or a stretch in which there is nothing.
    """
    models = {model.name: model for model in world.models}
    for removal in removals:
        if removal.model not in models:
            raise ScenarioError(
                f"there is no model '{removal.model}' to be removed",
                expected=f"a model of {world.path.name}",
                remedy="correct the name",
            )
        model = models[removal.model]
        if not model.static:
            raise ScenarioError(
                f"the model '{model.name}' is not static", remedy="remove one that is"
            )
        left = _left_of(model, removal)
        if left == model:
            raise ScenarioError(
                f"nothing of '{model.name}' lies from {removal.from_m:g} m to {removal.to_m:g} m",
                remedy="correct the stretch: it is along the model's own x axis",
            )
        models[model.name] = left
    return dataclasses.replace(world, models=tuple(models.values()))


def _left_of(model: Model, removal: Removal) -> Model:
    links = tuple(
        dataclasses.replace(
            link,
            collisions=tuple(_cut(link, link.collisions, removal)),
            visuals=tuple(_cut(link, link.visuals, removal)),
        )
        for link in model.links
    )
    return dataclasses.replace(model, links=links)


def _cut(link: Link, solids: Sequence[_Solid], removal: Removal) -> Iterator[_Solid]:
    for solid in solids:
        pose = link.pose.compose(solid.pose)
        middle = pose.translation_m[0]
        along = abs(pose.matrix()[0, 0]) > 1.0 - _ALIGNED
        if not isinstance(solid.shape, Box) or not along:
            if not removal.from_m <= middle <= removal.to_m:
                yield solid
            continue
        half = solid.shape.size_m[0] / 2.0
        low, high = middle - half, middle + half
        if removal.to_m <= low or removal.from_m >= high:
            yield solid
            continue
        rests = ((low, removal.from_m, "low"), (removal.to_m, high, "high"))
        for start, end, name in rests:
            if end - start > _SLIVER_M:
                yield _part(link, solid, pose, (start, end), name)


def _part(
    link: Link, solid: _Solid, pose: Transform3, stretch: tuple[float, float], name: str
) -> _Solid:
    """What of a box lies in a stretch of the model's x axis."""
    assert isinstance(solid.shape, Box)
    (start, end), (_, y, z) = stretch, pose.translation_m
    there = Transform3(((start + end) / 2.0, y, z), pose.rotation_xyzw)
    _, width, height = solid.shape.size_m
    return dataclasses.replace(
        solid,
        name=f"{solid.name}_{name}",
        pose=link.pose.inverse().compose(there),
        shape=Box((end - start, width, height)),
    )
