"""One MuJoCo model from a world, robots, people and objects."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import IntEnum

import numpy as np
from numpy.typing import NDArray

from patrol_core.errors import Place
from patrol_core.geometry import Transform3
from patrol_sim.cast import HIDDEN_Z_M
from patrol_sim.engine import mujoco
from patrol_sim.errors import SdfError
from patrol_sim.geoms import (
    FIXED_BITS,
    GROUP_BOTH,
    GROUP_SEEN,
    GROUP_SOLID,
    GROUP_TOUCHED,
    MOVING_BITS,
    NO_BITS,
    add_geom,
    add_mesh,
    placed,
    wxyz,
)
from patrol_sim.mesh_geoms import MeshGeoms
from patrol_sim.robot_setup import RobotSetup
from patrol_sim.robot_spec import attach_robot
from patrol_sim.sdf import (
    Collision,
    Light,
    Link,
    Mesh,
    Model,
    Plane,
    World,
)
from patrol_sim.sdf.types import Rgba
from patrol_sim.shapes import Part, leg_parts, torso_parts

PHYSICS_STEP_S = 0.005


class Category(IntEnum):
    """What a geom belongs to."""

    GROUND = 0
    WORLD = 1
    PERSON = 2
    OBJECT = 3
    ROBOT = 4


@dataclass(frozen=True, slots=True)
class PersonLook:
    """A person to put into the world."""

    name: str
    clothes: Rgba
    skin: Rgba


@dataclass(frozen=True, slots=True)
class ObjectLook:
    """A thing to put into the world; it waits below the ground until it is moved."""

    name: str
    parts: tuple[Part, ...]


@dataclass(frozen=True, slots=True, eq=False)
class BuiltModel:
    """The compiled model; per geom its category and the name of what it belongs to; the mocap
    number of every body that is put where it is.
    """

    model: mujoco.MjModel
    categories: NDArray[np.int8]
    owners: tuple[str, ...]
    mocaps: Mapping[str, int]

    def body_id(self, name: str) -> int:
        return int(mujoco.mj_name2id(self.model, mujoco.mjtObj.mjOBJ_BODY, name))


def build_model(
    world: World,
    robots: Sequence[RobotSetup],
    people: Sequence[PersonLook] = (),
    objects: Sequence[ObjectLook] = (),
    with_visuals: bool = True,
) -> BuiltModel:
    """Compile everything into one model; without visuals there is nothing but people to see.

    Raises RobotDescriptionError when a robot lacks a link or a wheel joint, SdfError for what
    MuJoCo cannot build.
    """
    spec = mujoco.MjSpec()
    _set_options(spec, world)
    owners: dict[str, tuple[Category, str]] = {}
    meshes = MeshGeoms(spec)
    for model in world.models:
        _add_model(spec, model, owners, with_visuals, meshes)
    for light in world.lights:
        _add_light(spec, light)
    for robot in robots:
        names = attach_robot(spec, robot, with_visuals=with_visuals)
        owners |= dict.fromkeys(names, (Category.ROBOT, robot.key))
    for person in people:
        torso = torso_parts(person.clothes, person.skin)
        named = (("torso", torso), ("left_leg", leg_parts()), ("right_leg", leg_parts()))
        for name, parts in named:
            body = f"person/{person.name}/{name}"
            _add_mocap(spec, body, parts, (Category.PERSON, person.name), owners)
    for thing in objects:
        body = f"object/{thing.name}"
        _add_mocap(spec, body, thing.parts, (Category.OBJECT, thing.name), owners)
    try:
        compiled = spec.compile()
    except ValueError as error:
        raise SdfError(
            f"MuJoCo cannot build the world: {error}",
            place=Place(world.path),
            remedy="mend the model that it names",
        ) from error
    names = [compiled.geom(i).name for i in range(compiled.ngeom)]
    mocaps = {compiled.body(i).name: int(m) for i, m in enumerate(compiled.body_mocapid) if m >= 0}
    return BuiltModel(
        compiled,
        np.array([owners[name][0] for name in names], dtype=np.int8),
        tuple(owners[name][1] for name in names),
        mocaps,
    )


def _set_options(spec: mujoco.MjSpec, world: World) -> None:
    spec.option.timestep = PHYSICS_STEP_S
    spec.option.gravity = list(world.gravity_mps2)
    spec.option.integrator = mujoco.mjtIntegrator.mjINT_EULER
    spec.option.cone = mujoco.mjtCone.mjCONE_PYRAMIDAL
    spec.option.impratio = 10.0
    spec.visual.quality.offsamples = 0
    spec.visual.quality.shadowsize = 0
    spec.visual.quality.numslices = 16
    spec.visual.quality.numstacks = 8
    spec.visual.quality.numquads = 1
    spec.visual.headlight.ambient = list(world.scene.ambient[:3])
    spec.visual.headlight.diffuse = [0.0, 0.0, 0.0]
    spec.visual.headlight.specular = [0.0, 0.0, 0.0]
    spec.visual.rgba.fog = list(world.scene.background)
    spec.visual.map.znear = 0.0005
    spec.visual.map.zfar = 1.0
    spec.stat.extent = 100.0
    spec.stat.center = [0.0, 0.0, 0.0]


def _add_model(
    spec: mujoco.MjSpec,
    model: Model,
    owners: dict[str, tuple[Category, str]],
    with_visuals: bool,
    meshes: MeshGeoms,
) -> None:
    if model.static:
        for link in model.links:
            pose = model.pose.compose(link.pose)
            _add_link(spec.worldbody, model, link, pose, owners, with_visuals, meshes)
        return
    (link,) = model.links
    pose = model.pose.compose(link.pose)
    body = spec.worldbody.add_body(name=model.name, **placed(pose))
    body.add_freejoint()
    assert link.inertial is not None
    body.explicitinertial = True
    body.mass = link.inertial.mass_kg
    body.ipos = list(link.inertial.pose.translation_m)
    body.iquat = wxyz(link.inertial.pose)
    body.fullinertia = list(link.inertial.inertia)
    _add_link(body, model, link, Transform3((0.0, 0.0, 0.0)), owners, with_visuals, meshes)


def _add_link(
    body: mujoco.MjsBody,
    model: Model,
    link: Link,
    pose: Transform3,
    owners: dict[str, tuple[Category, str]],
    with_visuals: bool,
    meshes: MeshGeoms,
) -> None:
    for solid in link.collisions:
        name = f"{model.name}/{link.name}/{solid.name}"
        bits = FIXED_BITS if model.static else MOVING_BITS
        at = pose.compose(solid.pose)
        if isinstance(solid.shape, Mesh):
            geoms = _add_solid_mesh(body, name, solid.shape, at, bits, meshes)
        else:
            geoms = [add_geom(body, name, solid.shape, at, GROUP_SOLID, bits)]
        for geom in geoms:
            geom.friction = [solid.friction, 0.005, 0.0001]
            owners[geom.name] = (_category(solid), model.name)
    for visual in link.visuals if with_visuals else ():
        name = f"{model.name}/{link.name}/{visual.name}/visual"
        at = pose.compose(visual.pose)
        if isinstance(visual.shape, Mesh):
            asset = meshes.shown(visual.shape)
            geom = add_mesh(body, name, asset, at, GROUP_SEEN, NO_BITS)
        else:
            geom = add_geom(body, name, visual.shape, at, GROUP_SEEN, NO_BITS)
        red, green, blue, alpha = visual.material.diffuse
        geom.rgba = [red, green, blue, alpha * (1.0 - visual.transparency)]
        owners[name] = (Category.WORLD, model.name)


def _add_solid_mesh(
    body: mujoco.MjsBody,
    name: str,
    mesh: Mesh,
    pose: Transform3,
    bits: dict[str, int],
    meshes: MeshGeoms,
) -> list[mujoco.MjsGeom]:
    """Rays meet its triangles, contacts its convex solids."""
    seen = add_mesh(body, name, meshes.shown(mesh), pose, GROUP_SOLID, NO_BITS)
    touched = meshes.touched(mesh, fixed=bits is FIXED_BITS)
    return [
        seen,
        *(
            add_mesh(body, f"{name}/{number}", asset, pose, GROUP_TOUCHED, bits)
            for number, asset in enumerate(touched)
        ),
    ]


def _category(solid: Collision) -> Category:
    return Category.GROUND if isinstance(solid.shape, Plane) else Category.WORLD


def _add_light(spec: mujoco.MjSpec, light: Light) -> None:
    kinds = {
        "directional": mujoco.mjtLightType.mjLIGHT_DIRECTIONAL,
        "point": mujoco.mjtLightType.mjLIGHT_POINT,
        "spot": mujoco.mjtLightType.mjLIGHT_SPOT,
    }
    spec.worldbody.add_light(
        name=f"{light.name}/light",
        type=kinds[light.kind],
        pos=list(light.pose.translation_m),
        dir=list(light.direction),
        diffuse=list(light.diffuse[:3]),
        specular=list(light.specular[:3]),
        castshadow=False,
    )


def _add_mocap(
    spec: mujoco.MjSpec,
    name: str,
    parts: Iterable[Part],
    owner: tuple[Category, str],
    owners: dict[str, tuple[Category, str]],
) -> None:
    body = spec.worldbody.add_body(name=name, mocap=True, pos=[0.0, 0.0, HIDDEN_Z_M])
    for number, part in enumerate(parts):
        geom_name = f"{name}/{number}"
        geom = add_geom(body, geom_name, part.shape, part.pose, GROUP_BOTH, FIXED_BITS)
        geom.rgba = list(part.rgba)
        owners[geom_name] = owner
