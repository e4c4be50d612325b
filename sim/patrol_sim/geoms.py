"""Shapes as MuJoCo's geoms.

Groups: 0 solids of world and robots (rays and contacts), 1 what is only seen, 2 both, 3 what
only touches (the convex pieces of meshes, of which rays meet the triangles). Contact
bits: robots meet everything; the world, people and objects never meet each other.
"""

from __future__ import annotations

import numpy as np

from patrol_core.geometry import Transform3
from patrol_sim.engine import mujoco
from patrol_sim.sdf import Box, Cylinder, Plane, Primitive

GROUP_SOLID, GROUP_SEEN, GROUP_BOTH, GROUP_TOUCHED = 0, 1, 2, 3
RAY_GROUPS = np.array([1, 0, 1, 0, 0, 0], dtype=np.uint8)
FIXED_BITS = {"contype": 2, "conaffinity": 1}
MOVING_BITS = {"contype": 1, "conaffinity": 3}
NO_BITS = {"contype": 0, "conaffinity": 0}


def add_mesh(
    body: mujoco.MjsBody,
    name: str,
    asset: str,
    pose: Transform3,
    group: int,
    bits: dict[str, int],
) -> mujoco.MjsGeom:
    """A mesh of the specification by its name."""
    kind = mujoco.mjtGeom.mjGEOM_MESH
    return body.add_geom(name=name, type=kind, meshname=asset, group=group, **placed(pose), **bits)


def add_geom(
    body: mujoco.MjsBody,
    name: str,
    shape: Primitive,
    pose: Transform3,
    group: int,
    bits: dict[str, int],
) -> mujoco.MjsGeom:
    """A shape of a world. A plane that touches has no end."""
    kinds = mujoco.mjtGeom
    if isinstance(shape, Box):
        kind, size = kinds.mjGEOM_BOX, [edge / 2.0 for edge in shape.size_m]
    elif isinstance(shape, Cylinder):
        kind, size = kinds.mjGEOM_CYLINDER, [shape.radius_m, shape.length_m / 2.0, 0.0]
    elif isinstance(shape, Plane):
        half = [0.0, 0.0] if bits["contype"] else [edge / 2.0 for edge in shape.size_m]
        kind, size = kinds.mjGEOM_PLANE, [*half, 1.0]
        pose = pose.compose(_towards(shape.normal))
    else:
        kind, size = kinds.mjGEOM_SPHERE, [shape.radius_m, 0.0, 0.0]
    return body.add_geom(name=name, type=kind, size=size, group=group, **placed(pose), **bits)


def _towards(normal: tuple[float, float, float]) -> Transform3:
    """The rotation that takes z to `normal`."""
    quat = np.zeros(4)
    mujoco.mju_quatZ2Vec(quat, np.array(normal) / np.linalg.norm(normal))
    w, x, y, z = quat.tolist()
    return Transform3((0.0, 0.0, 0.0), (x, y, z, w))


def placed(pose: Transform3) -> dict[str, list[float]]:
    """As MuJoCo's elements take a pose."""
    return {"pos": list(pose.translation_m), "quat": wxyz(pose)}


def wxyz(pose: Transform3) -> list[float]:
    """Its rotation in MuJoCo's order."""
    x, y, z, w = pose.rotation_xyzw
    return [w, x, y, z]
