"""Reads a world file into `World`; refuses what the subset does not have."""

from __future__ import annotations

import math
from collections.abc import Iterable
from pathlib import Path
from typing import cast

from patrol_core.errors import Place
from patrol_core.geometry import Transform3
from patrol_sim.errors import SdfError
from patrol_sim.sdf.types import (
    Box,
    Collision,
    Cylinder,
    Inertial,
    Light,
    Link,
    Material,
    Model,
    Physics,
    Plane,
    Rgba,
    Scene,
    Shape,
    Sphere,
    SphericalCoordinates,
    Vector3,
    Visual,
    World,
)
from patrol_sim.sdf.xml_tree import Element, parse_xml

DEFAULT_FRICTION = 0.9
_BLACK: Rgba = (0.0, 0.0, 0.0, 1.0)
_GREY: Rgba = (0.6, 0.6, 0.6, 1.0)
_SHAPES = ("box", "cylinder", "sphere", "plane")


def load_world(path: Path) -> World:
    """Read a world file.

    Raises:
        SdfError: the file cannot be read, is not XML, or leaves the subset.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise SdfError(
            f"the world file cannot be read: {error}",
            place=Place(path),
            remedy="give the path of an SDF 1.7 file in UTF-8",
        ) from error
    return parse_world(text, path)


def parse_world(text: str, path: Path) -> World:
    """Parse the text of a world file; `path` is only what errors name."""
    root = parse_xml(text, path)
    if root.tag != "sdf":
        raise root.fail("the outermost element must be <sdf>", "give an SDF world file")
    root.expect(required=["world"], attributes=["version"])
    if root.attributes["version"] != "1.7":
        raise root.fail(
            f"version {root.attributes['version']!r} is not supported", 'use version="1.7"'
        )
    return _world(root.get("world"), path)


def _world(element: Element, path: Path) -> World:
    element.expect(
        optional=["gravity", "physics", "scene", "spherical_coordinates"],
        many=["model", "light"],
        attributes=["name"],
    )
    gravity = element.find("gravity")
    physics = element.find("physics")
    scene = element.find("scene")
    datum = element.find("spherical_coordinates")
    _refuse_same_names(element.all("model"))
    _refuse_same_names(element.all("light"))
    return World(
        name=element.attributes["name"],
        path=path,
        gravity_mps2=_vector3(gravity) if gravity else (0.0, 0.0, -9.8),
        physics=_physics(physics) if physics else Physics(),
        scene=_scene(scene) if scene else Scene(),
        spherical_coordinates=_datum(datum) if datum else None,
        lights=tuple(_light(light) for light in element.all("light")),
        models=tuple(_model(model) for model in element.all("model")),
    )


def _physics(element: Element) -> Physics:
    element.expect(
        optional=["max_step_size", "real_time_factor", "real_time_update_rate"],
        optional_attributes=["name", "type", "default"],
    )
    step = element.find("max_step_size")
    factor = element.find("real_time_factor")
    rate = element.find("real_time_update_rate")
    if rate:
        rate.number()
    return Physics(
        max_step_size_s=step.positive() if step else 0.001,
        real_time_factor=factor.number() if factor else 1.0,
    )


def _scene(element: Element) -> Scene:
    element.expect(optional=["ambient", "background", "shadows", "grid", "sky"])
    for tag in ("shadows", "grid"):
        flag = element.find(tag)
        if flag:
            flag.flag()
    sky = element.find("sky")
    if sky:
        sky.expect()
    return Scene(
        ambient=_colour(element.find("ambient"), Scene().ambient),
        background=_colour(element.find("background"), Scene().background),
    )


def _datum(element: Element) -> SphericalCoordinates:
    element.expect(
        required=["latitude_deg", "longitude_deg"],
        optional=["surface_model", "world_frame_orientation", "elevation", "heading_deg"],
    )
    surface = element.find("surface_model")
    if surface:
        surface.word("EARTH_WGS84")
    orientation = element.find("world_frame_orientation")
    if orientation:
        orientation.word("ENU")
    elevation = element.find("elevation")
    heading = element.find("heading_deg")
    latitude, longitude = element.get("latitude_deg"), element.get("longitude_deg")
    for angle, bound in ((latitude, 90.0), (longitude, 180.0)):
        if abs(angle.number()) > bound:
            raise angle.fail(f"must lie within +-{bound:g}", "give degrees")
    return SphericalCoordinates(
        latitude_deg=latitude.number(),
        longitude_deg=longitude.number(),
        elevation_m=elevation.number() if elevation else 0.0,
        heading_deg=heading.number() if heading else 0.0,
    )


def _light(element: Element) -> Light:
    element.expect(
        optional=["pose", "diffuse", "specular", "direction", "cast_shadows", "attenuation"],
        attributes=["name", "type"],
    )
    kind = element.attributes["type"]
    if kind not in ("directional", "point"):
        raise element.fail(f"type {kind!r} is not supported", "use directional or point")
    direction = element.find("direction")
    shadows = element.find("cast_shadows")
    attenuation = element.find("attenuation")
    range_m = 10.0
    if attenuation:
        attenuation.expect(required=["range"], optional=["constant", "linear", "quadratic"])
        range_m = attenuation.get("range").positive()
        for child in attenuation.children:
            child.number()
    return Light(
        name=element.attributes["name"],
        kind=kind,
        pose=_pose(element),
        direction=_vector3(direction) if direction else (0.0, 0.0, -1.0),
        diffuse=_colour(element.find("diffuse"), (1.0, 1.0, 1.0, 1.0)),
        specular=_colour(element.find("specular"), (0.1, 0.1, 0.1, 1.0)),
        cast_shadows=shadows.flag() if shadows else False,
        range_m=range_m,
        line=element.line,
    )


def _model(element: Element) -> Model:
    element.expect(optional=["static", "pose"], many=["link"], attributes=["name"])
    static = element.find("static")
    is_static = static.flag() if static else False
    _refuse_same_names(element.all("link"))
    links = tuple(_link(link) for link in element.all("link"))
    if not links:
        raise element.fail("has no <link>", "add a link, or remove the model")
    if not is_static and (len(links) != 1 or links[0].inertial is None):
        raise element.fail(
            "a model that is not static needs exactly one link with <inertial>",
            "add <static>true</static>, or one link with mass and inertia",
        )
    return Model(element.attributes["name"], is_static, _pose(element), links, element.line)


def _link(element: Element) -> Link:
    element.expect(
        optional=["pose", "inertial"], many=["collision", "visual"], attributes=["name"]
    )
    inertial = element.find("inertial")
    _refuse_same_names(element.all("collision"))
    _refuse_same_names(element.all("visual"))
    return Link(
        name=element.attributes["name"],
        pose=_pose(element),
        inertial=_inertial(inertial) if inertial else None,
        collisions=tuple(_collision(child) for child in element.all("collision")),
        visuals=tuple(_visual(child) for child in element.all("visual")),
        line=element.line,
    )


def _inertial(element: Element) -> Inertial:
    element.expect(required=["mass", "inertia"], optional=["pose"])
    inertia = element.get("inertia")
    inertia.expect(required=["ixx", "iyy", "izz"], optional=["ixy", "ixz", "iyz"])
    diagonal = [inertia.get(tag).positive() for tag in ("ixx", "iyy", "izz")]
    products = [
        child.number() if (child := inertia.find(tag)) else 0.0 for tag in ("ixy", "ixz", "iyz")
    ]
    moments = cast("tuple[float, float, float, float, float, float]", (*diagonal, *products))
    return Inertial(_pose(element), element.get("mass").positive(), moments)


def _collision(element: Element) -> Collision:
    element.expect(required=["geometry"], optional=["pose", "surface"], attributes=["name"])
    surface = element.find("surface")
    return Collision(
        name=element.attributes["name"],
        pose=_pose(element),
        shape=_shape(element.get("geometry")),
        friction=_friction(surface) if surface else DEFAULT_FRICTION,
        line=element.line,
    )


def _friction(surface: Element) -> float:
    surface.expect(required=["friction"])
    friction = surface.get("friction")
    friction.expect(required=["ode"])
    ode = friction.get("ode")
    ode.expect(required=["mu"], optional=["mu2"])
    mu, mu2 = ode.get("mu"), ode.find("mu2")
    if mu.number() < 0.0:
        raise mu.fail("must not be negative", "give 0 or more")
    if mu2 and mu2.number() != mu.number():
        raise mu2.fail("friction that depends on direction is not supported", "make it equal mu")
    return mu.number()


def _visual(element: Element) -> Visual:
    element.expect(
        required=["geometry"],
        optional=["pose", "material", "cast_shadows", "transparency"],
        attributes=["name"],
    )
    shadows = element.find("cast_shadows")
    if shadows:
        shadows.flag()
    transparency = element.find("transparency")
    opacity_lost = transparency.number() if transparency else 0.0
    if transparency and not 0.0 <= opacity_lost <= 1.0:
        raise transparency.fail("must lie between 0 and 1", "0 is opaque, 1 invisible")
    material = element.find("material")
    return Visual(
        name=element.attributes["name"],
        pose=_pose(element),
        shape=_shape(element.get("geometry")),
        material=_material(material) if material else Material(_GREY, _GREY, _BLACK, _BLACK),
        transparency=opacity_lost,
        line=element.line,
    )


def _material(element: Element) -> Material:
    element.expect(optional=["ambient", "diffuse", "specular", "emissive"])
    diffuse = _colour(element.find("diffuse"), _GREY)
    return Material(
        ambient=_colour(element.find("ambient"), diffuse),
        diffuse=diffuse,
        specular=_colour(element.find("specular"), _BLACK),
        emissive=_colour(element.find("emissive"), _BLACK),
    )


def _shape(element: Element) -> Shape:
    element.expect(optional=_SHAPES)
    if len(element.children) != 1:
        raise element.fail("holds no single shape", f"give one of {', '.join(_SHAPES)}")
    shape = element.children[0]
    if shape.tag == "box":
        shape.expect(required=["size"])
        return Box(cast("Vector3", _positive(shape.get("size"), 3)))
    if shape.tag == "cylinder":
        shape.expect(required=["radius", "length"])
        return Cylinder(shape.get("radius").positive(), shape.get("length").positive())
    if shape.tag == "sphere":
        shape.expect(required=["radius"])
        return Sphere(shape.get("radius").positive())
    shape.expect(required=["normal", "size"])
    normal = _vector3(shape.get("normal"))
    if math.hypot(*normal) < 1e-9:
        raise shape.get("normal").fail("must not be zero", "write 0 0 1")
    return Plane(normal, cast("tuple[float, float]", _positive(shape.get("size"), 2)))


def _positive(element: Element, count: int) -> tuple[float, ...]:
    values = element.numbers(count)
    if min(values) <= 0.0:
        raise element.fail(f"must be positive, got {element.text.strip()}", "give lengths above 0")
    return values


def _pose(parent: Element) -> Transform3:
    """The pose in the parent's frame: x y z [m], roll pitch yaw [rad] about fixed axes."""
    element = parent.find("pose")
    if element is None:
        return Transform3((0.0, 0.0, 0.0))
    x, y, z, roll, pitch, yaw = element.numbers(6)
    return Transform3.from_rpy((x, y, z), (roll, pitch, yaw))


def _vector3(element: Element) -> Vector3:
    return cast("Vector3", element.numbers(3))


def _colour(element: Element | None, default: Rgba) -> Rgba:
    """Three or four components between 0 and 1."""
    if element is None:
        return default
    values = element.numbers(4 if len(element.text.split()) == 4 else 3)
    if not all(0.0 <= value <= 1.0 for value in values):
        raise element.fail("colours lie between 0 and 1", "write r g b a as fractions")
    return cast("Rgba", (*values, 1.0)[:4])


def _refuse_same_names(elements: Iterable[Element]) -> None:
    lines: dict[str, int] = {}
    for element in elements:
        name = element.attributes.get("name", "")
        if name in lines:
            raise element.fail(
                f"the name {name!r} is already used on line {lines[name]}", "rename one of them"
            )
        if not name or "::" in name or "/" in name:
            raise element.fail(f"{name!r} is not a usable name", "avoid '', '::' and '/'")
        lines[name] = element.line
