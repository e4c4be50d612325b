"""Meshes: triangles out of OBJ, STL and DAE files, and the convex pieces that they touch with.

Axes are those of the file (Gazebo ignores a DAE's up_axis, too), lengths metres, or what a DAE
says its unit is. Rays meet the triangles themselves. MuJoCo's contacts are between convex solids:
a part of a mesh that is convex and closed is one, any other part touches with its surface, cut
into plates 5 mm thick, so that what is hollow (a room, a frame) can be driven into.
"""

from __future__ import annotations

import io
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import connected_components
from scipy.spatial import ConvexHull, QhullError

from patrol_sim.errors import SdfError
from patrol_sim.sdf.types import Mesh
from patrol_sim.sdf.xml_tree import Notes, parse_xml

SUFFIXES: Final = (".obj", ".stl", ".dae")
PLATE_M: Final = 0.005
_FARTHEST_M = 1e5
_SAME_M = 1e-6
_CONVEX_WITHIN_M = 0.002
_FLAT = 1.0 - 1e-5
_SLIVER_M2 = 1e-8

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


@dataclass(frozen=True, slots=True, eq=False)
class Triangles:
    """Corners (N, 3) [m] in the mesh's frame, none twice, and their numbers by face (M, 3)."""

    corners_m: Floats
    faces: Ints

    def normals(self) -> Floats:
        """Unit normals (M, 3), by the right hand."""
        crossed = self._crossed()
        return np.asarray(crossed / np.linalg.norm(crossed, axis=1, keepdims=True))

    def areas_m2(self) -> Floats:
        return np.asarray(np.linalg.norm(self._crossed(), axis=1) / 2.0)

    def _crossed(self) -> Floats:
        a, b, c = (self.corners_m[self.faces[:, i]] for i in range(3))
        return np.asarray(np.cross(b - a, c - a), dtype=np.float64)


@lru_cache(maxsize=512)
def triangles_of(mesh: Mesh) -> Triangles:
    """The triangles of a mesh, scaled. Raises SdfError at `named_at`."""
    try:
        soup = _read(mesh)
    except SdfError:
        raise
    except Exception as error:  # what readers of meshes raise has no common root
        raise _fail(mesh, f"cannot be read: {error}", "export it anew") from error
    if len(soup) == 0 or not np.all(np.abs(soup) < _FARTHEST_M):
        raise _fail(mesh, "has no triangles, or some that are not finite", "export it anew")
    if mesh.centred:
        flat = soup.reshape(-1, 3)
        soup = soup - (flat.min(axis=0) + flat.max(axis=0)) / 2.0
    soup = soup * np.array(mesh.scale)
    if np.prod(mesh.scale) < 0.0:
        soup = soup[:, ::-1]
    return _merged(mesh, soup)


def _read(mesh: Mesh) -> Floats:
    """Corners of all triangles (M, 3, 3), as the file has them."""
    import trimesh  # late: only worlds with meshes need it

    data = mesh.file.read_bytes()
    wanted = _named(mesh, data) if mesh.submesh else None
    kind = mesh.file.suffix.lower().lstrip(".")
    scene = trimesh.load_scene(io.BytesIO(data), file_type=kind, resolver=None)
    parts = []
    for node in scene.graph.nodes_geometry:
        transform, name = scene.graph[node]
        part = scene.geometry[name]
        if not isinstance(part, trimesh.Trimesh):
            continue
        if wanted is not None and not _is_one_of(str(name), wanted):
            continue
        corners = trimesh.transform_points(part.vertices, transform) * _unit(part)
        parts.append(corners[part.faces])
    return np.concatenate(parts) if parts else np.zeros((0, 3, 3))


def _is_one_of(name: str, wanted: set[str]) -> bool:
    """Whether a part is of one of these geometries; trimesh numbers those with several."""
    first, _, number = name.rpartition("_")
    return name in wanted or (number.isdigit() and first in wanted)


def _named(mesh: Mesh, data: bytes) -> set[str]:
    """Ids of a DAE's geometries that have the name of the submesh, or whose node has it."""
    if mesh.file.suffix.lower() != ".dae":
        raise _fail(mesh, "is no DAE, so its parts have no names", "leave <submesh> out")
    found, nodes = set[str](), [parse_xml(data.decode(), mesh.file, Notes())]
    while nodes:
        node = nodes.pop()
        nodes.extend(node.children)
        if mesh.submesh in (node.attributes.get("name"), node.attributes.get("id")):
            if node.tag == "geometry":
                found.add(node.attributes.get("id", ""))
            used = node.all("instance_geometry") if node.tag == "node" else []
            found.update(use.attributes.get("url", "").lstrip("#") for use in used)
    if not found:
        raise _fail(mesh, f"has no part {mesh.submesh!r}", "name one of the file's own")
    return found


def _unit(part: Any) -> float:
    """Metres in one of a DAE's units, of which trimesh says "0.01 * meters"."""
    factor, found, _ = str(part.metadata.get("units", "")).partition(" * meters")
    return float(factor) if found else 1.0


def _merged(mesh: Mesh, soup: Floats) -> Triangles:
    rounded = np.round(soup.reshape(-1, 3) / _SAME_M).astype(np.int64)
    _, first, numbers = np.unique(rounded, axis=0, return_index=True, return_inverse=True)
    triangles = Triangles(soup.reshape(-1, 3)[first], numbers.reshape(-1, 3))
    kept = triangles.areas_m2() > _SLIVER_M2
    if not kept.any():
        raise _fail(mesh, "has no area", "look at its scale")
    return Triangles(triangles.corners_m, triangles.faces[kept])


def _fail(mesh: Mesh, problem: str, remedy: str) -> SdfError:
    return SdfError(f"the mesh {mesh.file} {problem}", place=mesh.named_at, remedy=remedy)


def parts_of(triangles: Triangles) -> list[Triangles]:
    """The connected parts, faces in the order of the file."""
    groups = _grouped(len(triangles.corners_m), triangles.faces[:, [0, 1, 1, 2]].reshape(-1, 2))
    labels = groups[triangles.faces[:, 0]]
    return [
        Triangles(triangles.corners_m, triangles.faces[labels == g]) for g in np.unique(labels)
    ]


def _grouped(count: int, pairs: Ints) -> Ints:
    """The number of the group of each of `count` things, of which `pairs` (P, 2) hang together."""
    graph = coo_matrix((np.ones(len(pairs)), pairs.T), (count, count))
    return np.asarray(connected_components(graph, directed=False)[1], dtype=np.int64)


@lru_cache(maxsize=512)
def solids_of(mesh: Mesh) -> tuple[Floats, ...]:
    """Corners (N, 3) of convex solids, which together are what a mesh touches with."""
    solids: list[Floats] = []
    for part in parts_of(triangles_of(mesh)):
        if is_convex(part):
            solids.append(part.corners_m[np.unique(part.faces)])
        else:
            solids.extend(_plates(part))
    return tuple(solids)


def hulls_of(mesh: Mesh) -> tuple[Floats, ...]:
    """Corners (N, 3) of each part: convex hulls, what a mesh that moves touches with."""
    parts = parts_of(triangles_of(mesh))
    return tuple(
        plate
        for part in parts
        for plate in ([part.corners_m[np.unique(part.faces)]] if _thick(part) else _plates(part))
    )


def _thick(part: Triangles) -> bool:
    points = part.corners_m[np.unique(part.faces)]
    return len(points) > 3 and float(np.linalg.svd(points - points.mean(axis=0))[1][2]) > _SAME_M


def is_convex(part: Triangles) -> bool:
    """Whether a part is closed, faces outwards and bulges nowhere inwards, within 2 mm."""
    if not is_closed(part):
        return False
    a, b, c = (part.corners_m[part.faces[:, i]] for i in range(3))
    if float(np.einsum("ij,ij->", a, np.cross(b, c))) <= 0.0:
        return False
    try:
        hull = ConvexHull(part.corners_m[np.unique(part.faces)])
    except QhullError:
        return False
    tested = np.concatenate([a, (a + b + c) / 3.0])
    depths = np.max(tested @ hull.equations[:, :3].T + hull.equations[:, 3], axis=1)
    return bool(np.min(depths) > -_CONVEX_WITHIN_M)


def is_closed(part: Triangles) -> bool:
    """Whether every edge is walked once each way."""
    edges = part.faces[:, [0, 1, 1, 2, 2, 0]].reshape(-1, 2)
    there = np.unique(edges, axis=0)
    back = np.unique(edges[:, ::-1], axis=0)
    return len(there) == len(edges) and bool(np.array_equal(there, back))


def _plates(part: Triangles) -> list[Floats]:
    """Flat pieces of a surface, each convex and 5 mm thick; the surface is in their middle."""
    normals, areas = part.normals(), part.areas_m2()
    groups = _grouped(len(part.faces), _flat_neighbours(part, normals))
    plates: list[Floats] = []
    for group in np.unique(groups):
        chosen = np.flatnonzero(groups == group)
        corners = part.corners_m[np.unique(part.faces[chosen])]
        normal = normals[chosen[0]]
        if len(chosen) > 1 and _area_m2(corners, normal) > 1.01 * areas[chosen].sum():
            plates.extend(_plate(part.corners_m[part.faces[i]], normals[i]) for i in chosen)
        else:
            plates.append(_plate(corners, normal))
    return plates


def _flat_neighbours(part: Triangles, normals: Floats) -> Ints:
    """Pairs (P, 2) of faces that share an edge and lie in one plane."""
    edges = np.sort(part.faces[:, [0, 1, 1, 2, 2, 0]].reshape(-1, 2), axis=1)
    owners = np.repeat(np.arange(len(part.faces)), 3)
    order = np.lexsort(edges.T)
    same = np.all(edges[order][1:] == edges[order][:-1], axis=1)
    pairs = np.stack([owners[order][1:][same], owners[order][:-1][same]], axis=1)
    flat = np.einsum("ij,ij->i", normals[pairs[:, 0]], normals[pairs[:, 1]]) > _FLAT
    return np.asarray(pairs[flat])


def _area_m2(corners: Floats, normal: Floats) -> float:
    """The area of the convex hull of points in a plane."""
    first = np.cross(normal, np.eye(3)[np.argmin(np.abs(normal))])
    first /= np.linalg.norm(first)
    flat = np.stack([corners @ first, corners @ np.cross(normal, first)], axis=1)
    return float(ConvexHull(flat).volume)


def _plate(corners: Floats, normal: Floats) -> Floats:
    half = normal * PLATE_M / 2.0
    return np.concatenate([corners - half, corners + half])
