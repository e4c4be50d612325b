"""What models are made of: shapes, materials, friction; element by element."""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import cast

from patrol_core.errors import Place
from patrol_sim.errors import SdfError
from patrol_sim.sdf.meshes import SUFFIXES, triangles_of
from patrol_sim.sdf.resources import Resources
from patrol_sim.sdf.types import (
    Box,
    Cylinder,
    Material,
    Mesh,
    Plane,
    Rgba,
    Shape,
    Sphere,
    Vector3,
)
from patrol_sim.sdf.xml_tree import Element

DEFAULT_FRICTION = 0.9
BLACK: Rgba = (0.0, 0.0, 0.0, 1.0)
GREY: Rgba = (0.6, 0.6, 0.6, 1.0)
_SHAPES = ("box", "cylinder", "mesh", "plane", "sphere")
_NOT_SIMULATED = {
    "heightmap": "make a mesh (OBJ, STL, DAE) of it",
    "polyline": "make boxes or a mesh of it",
    "image": "make boxes or a mesh of it",
    "capsule": "make a cylinder and two spheres of it",
    "ellipsoid": "make a mesh of it",
    "cone": "make a mesh of it",
}
_CONTACT = "contacts are as hard here as MuJoCo makes them"
_SURFACE = dict.fromkeys(("bounce", "contact", "soft_contact"), _CONTACT)
_OTHER_ENGINE = "it is for another physics engine"
_ODE = dict.fromkeys(("fdir1", "slip1", "slip2"), "friction is the same in all directions here")
_PAINT = dict.fromkeys(
    ("script", "pbr", "lighting", "shader", "double_sided", "render_order", "shininess"),
    "surfaces have one plain colour here",
)


def read_friction(surface: Element) -> float:
    """Coulomb friction; where two directions differ, the mean of both, noted."""
    surface.expect(optional=["friction"], ignored=_SURFACE)
    friction = surface.find("friction")
    if friction is None:
        return DEFAULT_FRICTION
    engines = dict.fromkeys(("bullet", "torsional"), _OTHER_ENGINE)
    friction.expect(optional=["ode"], ignored=engines)
    ode = friction.find("ode")
    if ode is None:
        return DEFAULT_FRICTION
    ode.expect(optional=["mu", "mu2"], ignored=_ODE)
    values = [
        _not_negative(child) for tag in ("mu", "mu2") if (child := ode.find(tag)) is not None
    ]
    if len(set(values)) > 1:
        ode.notes.add(ode.path, ode.line, "<mu2> is taken with <mu>", _ODE["fdir1"])
    return sum(values) / len(values) if values else DEFAULT_FRICTION


def _not_negative(element: Element) -> float:
    value = element.number()
    if value < 0.0:
        raise element.fail("must not be negative", "give 0 or more")
    return value


def read_material(element: Element) -> Material:
    """Colours; what else a material says is noted."""
    element.expect(optional=["ambient", "diffuse", "specular", "emissive"], ignored=_PAINT)
    diffuse = read_colour(element.find("diffuse"), GREY)
    return Material(
        ambient=read_colour(element.find("ambient"), diffuse),
        diffuse=diffuse,
        specular=read_colour(element.find("specular"), BLACK),
        emissive=read_colour(element.find("emissive"), BLACK),
    )


def read_shape(element: Element, resources: Resources, solid: bool) -> Shape | None:
    """The one shape of a <geometry>, None for <empty/>; `solid` meshes are read at once.

    Lengths that are not given are 1 m, as SDF has it.

    Raises SdfError for shapes that are not simulated, and for meshes that cannot be read.
    """
    for child in element.children:
        if child.tag in _NOT_SIMULATED:
            raise child.fail("this shape is not simulated", _NOT_SIMULATED[child.tag])
    element.expect(optional=[*_SHAPES, "empty"])
    if len(element.children) != 1:
        raise element.fail("holds no single shape", f"give one of {', '.join(_SHAPES)}")
    shape = element.children[0]
    if shape.tag == "empty":
        return None
    if shape.tag == "mesh":
        return _mesh(shape, resources, solid)
    if shape.tag == "box":
        shape.expect(optional=["size"])
        edges3 = shape.find("size")
        return Box(cast("Vector3", _positive(edges3, 3)) if edges3 else (1.0, 1.0, 1.0))
    if shape.tag in ("cylinder", "sphere"):
        shape.expect(optional=["radius", "length"] if shape.tag == "cylinder" else ["radius"])
        radius, length = shape.find("radius"), shape.find("length")
        radius_m = radius.positive() if radius else 1.0
        if shape.tag == "sphere":
            return Sphere(radius_m)
        return Cylinder(radius_m, length.positive() if length else 1.0)
    shape.expect(optional=["normal", "size"])
    normal, size = shape.find("normal"), shape.find("size")
    direction = (0.0, 0.0, 1.0) if normal is None else read_vector3(normal)
    if normal is not None and math.hypot(*direction) < 1e-9:
        raise normal.fail("must not be zero", "write 0 0 1")
    edges = (1.0, 1.0) if size is None else _positive(size, 2)
    return Plane(direction, cast("tuple[float, float]", edges))


def _mesh(element: Element, resources: Resources, solid: bool) -> Mesh:
    element.expect(
        required=["uri"],
        optional=["scale", "submesh"],
        optional_attributes=["optimization"],
        ignored={"convex_decomposition": "meshes touch with their own surfaces"},
    )
    uri, scale, part = element.get("uri"), element.find("scale"), element.find("submesh")
    file = resources.find(uri)
    if file.suffix.lower() not in SUFFIXES:
        raise uri.fail(f"{file.name} is no mesh that is read", f"give {', '.join(SUFFIXES)}")
    factors = (1.0, 1.0, 1.0) if scale is None else read_vector3(scale)
    if scale is not None and not all(factors):
        raise scale.fail("must not be zero", "write 1 1 1")
    name, centred = "", False
    if part is not None:
        part.expect(required=["name"], optional=["center"])
        center = part.find("center")
        name, centred = part.get("name").text.strip(), center is not None and center.flag()
    mesh = Mesh(file, factors, name, centred, Place(uri.path, uri.line))
    if solid:
        try:
            triangles_of(mesh)
        except SdfError as error:
            raise uri.fail(error.problem, error.remedy) from error
    return mesh


def _positive(element: Element, count: int) -> tuple[float, ...]:
    values = element.numbers(count)
    if min(values) <= 0.0:
        raise element.fail(f"must be positive, got {element.text.strip()}", "give lengths above 0")
    return values


def read_vector3(element: Element) -> Vector3:
    """Three numbers."""
    return cast("Vector3", element.numbers(3))


def read_colour(element: Element | None, default: Rgba) -> Rgba:
    """Three or four components between 0 and 1."""
    if element is None:
        return default
    values = element.numbers(4 if len(element.text.split()) == 4 else 3)
    if not all(0.0 <= value <= 1.0 for value in values):
        raise element.fail("colours lie between 0 and 1", "write r g b a as fractions")
    return cast("Rgba", (*values, 1.0)[:4])


def refuse_same_names(elements: Iterable[Element]) -> None:
    """Raise SdfError where two have the same name, or one has none that can be used."""
    first: dict[str, Element] = {}
    for element in elements:
        name = element.attributes.get("name", "")
        if name in first:
            where = Place(first[name].path, first[name].line)
            same = where.file == element.path
            raise element.fail(
                f"the name {name!r} is already used on line {where.line}"
                if same
                else f"the name {name!r} is already used at {where}",
                "rename one of them",
            )
        if not name or "::" in name:
            raise element.fail(f"{name!r} is not a usable name", "avoid '' and '::'")
        first[name] = element
