"""A world as frozen values, in SI, in the order of the file."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from patrol_core.errors import Place
from patrol_core.geometry import Transform3

Rgba = tuple[float, float, float, float]
Vector3 = tuple[float, float, float]


@dataclass(frozen=True, slots=True)
class Box:
    """Full edge lengths, centred on the pose."""

    size_m: Vector3


@dataclass(frozen=True, slots=True)
class Cylinder:
    """Axis along z, centred on the pose."""

    radius_m: float
    length_m: float


@dataclass(frozen=True, slots=True)
class Sphere:
    radius_m: float


@dataclass(frozen=True, slots=True)
class Plane:
    """Solid below `normal`; `size_m` is what is drawn, the collision plane has no end."""

    normal: Vector3
    size_m: tuple[float, float]


@dataclass(frozen=True, slots=True)
class Mesh:
    """Triangles in a file (OBJ, STL, DAE), scaled along its own axes; `named_at` names it.

    `submesh`: only the part of this name, if it is not empty; `centred`: moved so that the middle
    of its bounding box is the origin. `patrol_sim.sdf.meshes` reads them.
    """

    file: Path
    scale: Vector3
    submesh: str
    centred: bool
    named_at: Place = field(compare=False)


Primitive = Box | Cylinder | Sphere | Plane
Shape = Primitive | Mesh


@dataclass(frozen=True, slots=True)
class Material:
    ambient: Rgba
    diffuse: Rgba
    specular: Rgba
    emissive: Rgba


@dataclass(frozen=True, slots=True)
class Collision:
    name: str
    pose: Transform3
    shape: Shape
    friction: float
    line: int


@dataclass(frozen=True, slots=True)
class Visual:
    name: str
    pose: Transform3
    shape: Shape
    material: Material
    transparency: float
    line: int


@dataclass(frozen=True, slots=True)
class Inertial:
    """`inertia` is (ixx, iyy, izz, ixy, ixz, iyz) [kg m2] about the centre of mass."""

    pose: Transform3
    mass_kg: float
    inertia: tuple[float, float, float, float, float, float]


@dataclass(frozen=True, slots=True)
class Link:
    name: str
    pose: Transform3
    inertial: Inertial | None
    collisions: tuple[Collision, ...]
    visuals: tuple[Visual, ...]
    line: int


@dataclass(frozen=True, slots=True)
class Model:
    name: str
    static: bool
    pose: Transform3
    links: tuple[Link, ...]
    line: int


@dataclass(frozen=True, slots=True)
class Light:
    name: str
    kind: str
    pose: Transform3
    direction: Vector3
    diffuse: Rgba
    specular: Rgba
    cast_shadows: bool
    range_m: float
    line: int


@dataclass(frozen=True, slots=True)
class Physics:
    max_step_size_s: float = 0.001
    real_time_factor: float = 1.0


@dataclass(frozen=True, slots=True)
class Scene:
    ambient: Rgba = (0.4, 0.4, 0.4, 1.0)
    background: Rgba = (0.7, 0.7, 0.7, 1.0)


@dataclass(frozen=True, slots=True)
class SphericalCoordinates:
    """WGS84 datum of the world's origin; `heading_deg` turns x from east towards north."""

    latitude_deg: float
    longitude_deg: float
    elevation_m: float
    heading_deg: float


@dataclass(frozen=True, slots=True)
class World:
    name: str
    path: Path
    gravity_mps2: Vector3
    physics: Physics
    scene: Scene
    spherical_coordinates: SphericalCoordinates | None
    lights: tuple[Light, ...]
    models: tuple[Model, ...]
    notes: tuple[str, ...] = ()
    """What the files say that counts for nothing here: a sentence each, with file and line."""
