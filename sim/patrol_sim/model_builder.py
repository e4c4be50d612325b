"""One MuJoCo model from a world, robots, people and objects.

Geom groups: 0 solids of world and robots (rays and contacts), 1 what is only seen, 2 both, 3 what
only touches (the convex pieces of meshes, of which rays meet the triangles). Contact
bits: robots meet everything; the world, people and objects never meet each other.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import IntEnum
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from patrol_core.errors import Place
from patrol_core.geometry import Transform3
from patrol_core.robot import RobotModel
from patrol_sim.engine import mujoco
from patrol_sim.errors import RobotDescriptionError, SdfError
from patrol_sim.mesh_geoms import GROUP_TOUCHED, MeshGeoms
from patrol_sim.sdf import (
    Box,
    Collision,
    Cylinder,
    Light,
    Link,
    Mesh,
    Model,
    Plane,
    Primitive,
    World,
)
from patrol_sim.sdf.types import Rgba
from patrol_sim.shapes import Part, leg_parts, torso_parts
from patrol_sim.urdf import urdf_spec

PHYSICS_STEP_S = 0.005
HIDDEN_Z_M = -50.0
"""Where people and objects wait that are not there yet, out of reach of sensors and robots."""
GROUP_SOLID, GROUP_SEEN, GROUP_BOTH = 0, 1, 2
RAY_GROUPS = np.array([1, 0, 1, 0, 0, 0], dtype=np.uint8)
_FIXED_BITS = {"contype": 2, "conaffinity": 1}
_MOVING_BITS = {"contype": 1, "conaffinity": 3}
_NO_BITS = {"contype": 0, "conaffinity": 0}
_ABOUT_X = [0.0, 1.0, 0.0, 0.0]
"""From MuJoCo's camera axes (look along -z) to the optical frame's (look along z)."""
SERVO_GAIN_NMS = 8.0
"""Torque of a wheel's motor for each rad/s that it is too slow."""
ROTOR_INERTIA_KGM2 = 0.04
_MAX_WHEEL_TORQUE_NM = 12.0
_WHEELS = ("left_wheel", "right_wheel")
_NEEDED_LINKS = (
    "base_link",
    *_WHEELS,
    "lidar_link",
    "camera_optical_frame",
    "imu_link",
    "gnss_link",
)


class Category(IntEnum):
    """What a geom belongs to."""

    GROUND = 0
    WORLD = 1
    PERSON = 2
    OBJECT = 3
    ROBOT = 4


@dataclass(frozen=True, slots=True)
class RobotSetup:
    """A robot to put into the world. `namespace` is empty for a robot alone."""

    namespace: str
    model: RobotModel
    urdf: str
    urdf_path: Path

    @property
    def key(self) -> str:
        """Its name inside the simulator, never empty."""
        return self.namespace.strip("/") or "robot"


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
    """The compiled model; per geom its category and the name of what it belongs to."""

    model: mujoco.MjModel
    categories: NDArray[np.int8]
    owners: tuple[str, ...]

    def body_id(self, name: str) -> int:
        return int(mujoco.mj_name2id(self.model, mujoco.mjtObj.mjOBJ_BODY, name))

    def mocap_id(self, name: str) -> int:
        return int(self.model.body_mocapid[self.body_id(name)])


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
        _add_robot(spec, robot, owners, with_visuals)
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
    return BuiltModel(
        compiled,
        np.array([owners[name][0] for name in names], dtype=np.int8),
        tuple(owners[name][1] for name in names),
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
            pose = _product(model.pose, link.pose)
            _add_link(spec.worldbody, model, link, pose, owners, with_visuals, meshes)
        return
    (link,) = model.links
    pose = _product(model.pose, link.pose)
    body = spec.worldbody.add_body(name=model.name, **_placed(pose))
    body.add_freejoint()
    assert link.inertial is not None
    body.explicitinertial = True
    body.mass = link.inertial.mass_kg
    body.ipos = list(link.inertial.pose.translation_m)
    body.iquat = _wxyz(link.inertial.pose)
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
        bits = _FIXED_BITS if model.static else _MOVING_BITS
        at = _product(pose, solid.pose)
        if isinstance(solid.shape, Mesh):
            geoms = _add_solid_mesh(body, name, solid.shape, at, bits, meshes)
        else:
            geoms = [_add_geom(body, name, solid.shape, at, GROUP_SOLID, bits)]
        for geom in geoms:
            geom.friction = [solid.friction, 0.005, 0.0001]
            owners[geom.name] = (_category(solid), model.name)
    for visual in link.visuals if with_visuals else ():
        name = f"{model.name}/{link.name}/{visual.name}/visual"
        at = _product(pose, visual.pose)
        if isinstance(visual.shape, Mesh):
            asset = meshes.shown(visual.shape)
            geom = _add_mesh(body, name, asset, at, GROUP_SEEN, _NO_BITS)
        else:
            geom = _add_geom(body, name, visual.shape, at, GROUP_SEEN, _NO_BITS)
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
    seen = _add_mesh(body, name, meshes.shown(mesh), pose, GROUP_SOLID, _NO_BITS)
    touched = meshes.touched(mesh, fixed=bits is _FIXED_BITS)
    return [
        seen,
        *(
            _add_mesh(body, f"{name}/{number}", asset, pose, GROUP_TOUCHED, bits)
            for number, asset in enumerate(touched)
        ),
    ]


def _add_mesh(
    body: mujoco.MjsBody,
    name: str,
    asset: str,
    pose: Transform3,
    group: int,
    bits: dict[str, int],
) -> mujoco.MjsGeom:
    kind = mujoco.mjtGeom.mjGEOM_MESH
    return body.add_geom(
        name=name, type=kind, meshname=asset, group=group, **_placed(pose), **bits
    )


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


def _add_robot(
    spec: mujoco.MjSpec,
    robot: RobotSetup,
    owners: dict[str, tuple[Category, str]],
    with_visuals: bool,
) -> None:
    own = urdf_spec(robot.urdf, robot.urdf_path)
    _check_links(own, robot)
    for geom in list(own.geoms):
        if geom.group == GROUP_SEEN and not with_visuals:
            own.delete(geom)
    for number, geom in enumerate(own.geoms):
        geom.name = f"geom{number}"
        if geom.group == GROUP_SOLID:
            _make_solid(geom)
        owners[f"{robot.key}/{geom.name}"] = (Category.ROBOT, robot.key)
    for wheel in _WHEELS:
        _add_servo(own, wheel)
    camera = robot.model.camera
    half_height = math.tan(camera.horizontal_fov_rad / 2.0) * camera.height_px / camera.width_px
    own.body("camera_optical_frame").add_camera(
        name="camera", quat=_ABOUT_X, fovy=math.degrees(2.0 * math.atan(half_height))
    )
    spec.visual.global_.offwidth = max(spec.visual.global_.offwidth, camera.width_px)
    spec.visual.global_.offheight = max(spec.visual.global_.offheight, camera.height_px)
    spec.attach(own, prefix=f"{robot.key}/", frame=spec.worldbody.add_frame())
    spec.body(f"{robot.key}/base_link").add_freejoint(name=f"{robot.key}/free")


def _check_links(own: mujoco.MjSpec, robot: RobotSetup) -> None:
    links = {body.name for body in own.bodies}
    joints = {joint.name for joint in own.joints}
    missing = [link for link in _NEEDED_LINKS if link not in links]
    missing += [f"{wheel}_joint" for wheel in _WHEELS if f"{wheel}_joint" not in joints]
    if missing:
        raise RobotDescriptionError(
            f"the robot description lacks {', '.join(missing)}",
            place=Place(robot.urdf_path),
            remedy="add these links and joints, or correct their names",
        )


def _make_solid(geom: mujoco.MjsGeom) -> None:
    """Contact bits; tyres round across, because a cylinder's two edges scrub when it pivots."""
    geom.contype, geom.conaffinity = _MOVING_BITS["contype"], _MOVING_BITS["conaffinity"]
    link = geom.parent.name
    if link in _WHEELS:
        radius, half_width, _ = geom.size
        geom.type, geom.size = mujoco.mjtGeom.mjGEOM_ELLIPSOID, [radius, radius, half_width]
    elif link.endswith("_caster"):
        geom.friction, geom.condim, geom.priority = [0.0, 0.0, 0.0], 1, 1


def _add_servo(own: mujoco.MjSpec, wheel: str) -> None:
    """A velocity servo with limited torque, as a motor controller with current limit is.

    The gain is stable under explicit integration with the geared rotor's inertia. (Implicit
    integration of a stiffer servo would make the tyres slide: contact forces do not know of it.)
    """
    own.joint(f"{wheel}_joint").armature = ROTOR_INERTIA_KGM2
    servo = own.add_actuator(name=wheel, target=f"{wheel}_joint")
    servo.trntype = mujoco.mjtTrn.mjTRN_JOINT
    servo.gaintype = mujoco.mjtGain.mjGAIN_FIXED
    servo.biastype = mujoco.mjtBias.mjBIAS_AFFINE
    servo.gainprm[0] = SERVO_GAIN_NMS
    servo.biasprm[2] = -SERVO_GAIN_NMS
    servo.forcelimited = True
    servo.forcerange = [-_MAX_WHEEL_TORQUE_NM, _MAX_WHEEL_TORQUE_NM]


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
        geom = _add_geom(body, geom_name, part.shape, part.pose, GROUP_BOTH, _FIXED_BITS)
        geom.rgba = list(part.rgba)
        owners[geom_name] = owner


def _add_geom(
    body: mujoco.MjsBody,
    name: str,
    shape: Primitive,
    pose: Transform3,
    group: int,
    bits: dict[str, int],
) -> mujoco.MjsGeom:
    kinds = mujoco.mjtGeom
    if isinstance(shape, Box):
        kind, size = kinds.mjGEOM_BOX, [edge / 2.0 for edge in shape.size_m]
    elif isinstance(shape, Cylinder):
        kind, size = kinds.mjGEOM_CYLINDER, [shape.radius_m, shape.length_m / 2.0, 0.0]
    elif isinstance(shape, Plane):
        half = [0.0, 0.0] if bits["contype"] else [edge / 2.0 for edge in shape.size_m]
        kind, size = kinds.mjGEOM_PLANE, [*half, 1.0]
        pose = _product(pose, _towards(shape.normal))
    else:
        kind, size = kinds.mjGEOM_SPHERE, [shape.radius_m, 0.0, 0.0]
    return body.add_geom(name=name, type=kind, size=size, group=group, **_placed(pose), **bits)


def _towards(normal: tuple[float, float, float]) -> Transform3:
    """The rotation that takes z to `normal`."""
    quat = np.zeros(4)
    mujoco.mju_quatZ2Vec(quat, np.array(normal) / np.linalg.norm(normal))
    w, x, y, z = quat.tolist()
    return Transform3((0.0, 0.0, 0.0), (x, y, z, w))


def _product(first: Transform3, second: Transform3) -> Transform3:
    return first.compose(second)


def _placed(pose: Transform3) -> dict[str, list[float]]:
    return {"pos": list(pose.translation_m), "quat": _wxyz(pose)}


def _wxyz(pose: Transform3) -> list[float]:
    x, y, z, w = pose.rotation_xyzw
    return [w, x, y, z]
