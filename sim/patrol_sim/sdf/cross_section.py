"""What a horizontal plane cuts out of a world: the map maker's and the lidar test's geometry."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry import Point, Polygon

from patrol_core.geometry import Transform3
from patrol_sim.sdf.meshes import Triangles, triangles_of
from patrol_sim.sdf.types import Box, Collision, Cylinder, Mesh, Plane, Primitive, Sphere, World

CIRCLE_SIDES = 128
_ON_PLANE_M = 1e-12
_GRID_M = 1e-6
_SURFACE_M = 0.002


@dataclass(frozen=True, slots=True)
class Section:
    """One collision shape's cut, in the world frame [m]; round shapes are 128-gons inscribed.

    A mesh has one a piece of its cut; a surface that encloses nothing counts as 2 mm thick.
    """

    model: str
    link: str
    collision: str
    polygon: Polygon


def cross_sections(world: World, z_m: float, *, static_only: bool = True) -> tuple[Section, ...]:
    """Every collision shape's cross-section at height `z_m`, in file order; planes have none."""
    return tuple(
        Section(model.name, link.name, collision.name, polygon)
        for model in world.models
        if model.static or not static_only
        for link in model.links
        for collision in link.collisions
        for polygon in _cuts(model.pose, link.pose, collision, z_m)
    )


def _cuts(
    model: Transform3, link: Transform3, collision: Collision, z_m: float
) -> tuple[Polygon, ...]:
    to_world = model.matrix() @ link.matrix() @ collision.pose.matrix()
    if isinstance(collision.shape, Mesh):
        return _cut_mesh(triangles_of(collision.shape), to_world, z_m)
    polygon = _cut(collision.shape, to_world, z_m)
    return () if polygon is None else (polygon,)


def _cut_mesh(
    triangles: Triangles, to_world: NDArray[np.float64], z_m: float
) -> tuple[Polygon, ...]:
    """The surface's lines at a height, and what closed ones of them enclose."""
    corners = triangles.corners_m @ to_world[:3, :3].T + to_world[:3, 3]
    heights = corners[:, 2] - z_m
    heights[np.abs(heights) <= _ON_PLANE_M] = _ON_PLANE_M
    above = heights > 0.0
    crossed = triangles.faces[(above[triangles.faces].sum(axis=1) % 3) != 0]
    if len(crossed) == 0:
        return ()
    edges = np.sort(crossed[:, [0, 1, 1, 2, 2, 0]].reshape(-1, 2), axis=1)
    edges = edges[above[edges[:, 0]] != above[edges[:, 1]]]
    low, high = heights[edges[:, 0]], heights[edges[:, 1]]
    share = (low / (low - high))[:, None]
    points = corners[edges[:, 0]] + share * (corners[edges[:, 1]] - corners[edges[:, 0]])
    lines = shapely.linestrings(points[:, :2].reshape(-1, 2, 2))
    drawn = shapely.union_all(lines, grid_size=_GRID_M)
    area = shapely.build_area(drawn)
    open_lines = drawn.difference(area.boundary.buffer(_GRID_M, 2))
    whole = shapely.union_all([area, open_lines.buffer(_SURFACE_M / 2.0, 2)])
    return tuple(part for part in shapely.get_parts(whole) if isinstance(part, Polygon))


def _cut(shape: Primitive, to_world: NDArray[np.float64], z_m: float) -> Polygon | None:
    if isinstance(shape, Plane):
        return None
    if isinstance(shape, Sphere):
        height = z_m - to_world[2, 3]
        if abs(height) >= shape.radius_m:
            return None
        radius = math.sqrt(shape.radius_m**2 - height**2)
        return Point(to_world[0, 3], to_world[1, 3]).buffer(radius, CIRCLE_SIDES // 4)
    corners, edges = _box(shape) if isinstance(shape, Box) else _prism(shape)
    return _cut_convex(corners @ to_world[:3, :3].T + to_world[:3, 3], edges, z_m)


def _box(shape: Box) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    signs = np.array([[(i >> axis & 1) * 2 - 1 for axis in range(3)] for i in range(8)])
    edges = np.array(
        [(i, i | 1 << axis) for i in range(8) for axis in range(3) if not i >> axis & 1]
    )
    return signs * np.array(shape.size_m) / 2.0, edges


def _prism(shape: Cylinder) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    angles = np.arange(CIRCLE_SIDES) * (2.0 * math.pi / CIRCLE_SIDES)
    ring = np.stack([np.cos(angles), np.sin(angles)], axis=1) * shape.radius_m
    half = np.full((CIRCLE_SIDES, 1), shape.length_m / 2.0)
    corners = np.concatenate([np.hstack([ring, -half]), np.hstack([ring, half])])
    low = np.arange(CIRCLE_SIDES)
    following = (low + 1) % CIRCLE_SIDES
    high = low + CIRCLE_SIDES
    edges = np.concatenate(
        [
            np.stack([low, high], axis=1),
            np.stack([low, following], axis=1),
            np.stack([high, following + CIRCLE_SIDES], axis=1),
        ]
    )
    return corners, edges


def _cut_convex(
    corners: NDArray[np.float64], edges: NDArray[np.int64], z_m: float
) -> Polygon | None:
    """The convex hull of where the solid's edges meet the plane; None if there is no area."""
    start, end = corners[edges[:, 0]], corners[edges[:, 1]]
    below, above = start[:, 2] - z_m, end[:, 2] - z_m
    crossing = below * above < 0.0
    share = below[crossing] / (below[crossing] - above[crossing])
    points = start[crossing] + share[:, None] * (end[crossing] - start[crossing])
    touching = corners[np.abs(corners[:, 2] - z_m) <= _ON_PLANE_M]
    hull = shapely.MultiPoint(np.concatenate([points, touching])[:, :2]).convex_hull
    return hull if isinstance(hull, Polygon) else None
