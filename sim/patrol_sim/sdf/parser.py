"""Reads a world file into `World`; refuses what is not simulated, notes what does not count."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

from patrol_sim.sdf.frames import Frames
from patrol_sim.sdf.geometry import read_colour, read_vector3, refuse_same_names
from patrol_sim.sdf.models import read_model
from patrol_sim.sdf.resources import Resources, check_version, read_text, search_path
from patrol_sim.sdf.types import Light, Physics, Scene, SphericalCoordinates, World
from patrol_sim.sdf.xml_tree import Element, Notes, parse_xml

_LIGHTS = ("directional", "point", "spot")
_IN_WORLD = {
    "plugin": "plugins do not run here",
    "gui": "it is for a user interface",
    "state": "the world starts as its models say",
    "actor": "people are put into the world by scenarios",
    "joint": "joints are not simulated",
    "audio": "there is no sound",
    "wind": "there is no wind",
    "atmosphere": "there is no air",
    "magnetic_field": "there is no compass",
    "road": "it is paint only",
    "particle_emitter": "it is not simulated",
}
_IN_PHYSICS = dict.fromkeys(
    ("ode", "bullet", "simbody", "dart", "max_contacts"), "physics is MuJoCo's here"
) | {"gravity": "gravity is the world's own <gravity>"}
_IN_SCENE = dict.fromkeys(
    ("fog", "origin_visual", "shadow_caster_material_name", "shadow_caster_render_back_faces"),
    "it is for another renderer",
)
_IN_LIGHT = dict.fromkeys(("intensity", "visualize", "light_on", "spot"), "lights are plain here")


def load_world(path: Path, search: Sequence[Path] | None = None) -> World:
    """Read a world file.

    `search`: the folders in which `model://NAME` is looked for; by default those that the
    variables of Gazebo name (`resources.VARIABLES`). Raises SdfError: a file cannot be read, is
    not XML, or says what is not simulated.
    """
    return parse_world(read_text(path), path, search)


def parse_world(text: str, path: Path, search: Sequence[Path] | None = None) -> World:
    """Parse the text of a world file; `path` is what errors name and where files are beside."""
    notes = Notes()
    root = parse_xml(text, path, notes)
    check_version(root)
    root.expect(required=["world"], attributes=["version"])
    resources = Resources(search_path(os.environ) if search is None else search)
    return _world(root.get("world"), path, resources)


def _world(element: Element, path: Path, resources: Resources) -> World:
    resources.expand(element, (path.resolve(),))
    element.expect(
        optional=["gravity", "scene", "spherical_coordinates"],
        many=["model", "light", "frame", "physics"],
        attributes=["name"],
        ignored=_IN_WORLD,
    )
    gravity = element.find("gravity")
    physics = sorted(element.all("physics"), key=_by_default)
    scene = element.find("scene")
    datum = element.find("spherical_coordinates")
    refuse_same_names(c for c in element.children if c.tag in ("model", "frame"))
    refuse_same_names(element.all("light"))
    for frame in element.all("frame"):
        frame.expect(optional=["pose"], attributes=["name"], optional_attributes=["attached_to"])
    frames = Frames(element)
    frames.check()
    return World(
        name=element.attributes["name"],
        path=path,
        gravity_mps2=read_vector3(gravity) if gravity else (0.0, 0.0, -9.8),
        physics=_physics(physics[0]) if physics else Physics(),
        scene=_scene(scene) if scene else Scene(),
        spherical_coordinates=_datum(datum) if datum else None,
        lights=tuple(_light(light, frames) for light in element.all("light")),
        models=tuple(read_model(model, frames, resources) for model in element.all("model")),
        notes=element.notes.texts(),
    )


def _by_default(element: Element) -> bool:
    """What is marked as the default comes first."""
    return element.attributes.get("default") not in ("true", "1")


def _physics(element: Element) -> Physics:
    element.expect(
        optional=["max_step_size", "real_time_factor", "real_time_update_rate"],
        optional_attributes=["name", "type", "default"],
        ignored=_IN_PHYSICS,
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
    element.expect(
        optional=["ambient", "background", "shadows", "grid"],
        ignored=_IN_SCENE | {"sky": "the sky is the background's colour"},
    )
    for tag in ("shadows", "grid"):
        flag = element.find(tag)
        if flag:
            flag.flag()
    return Scene(
        ambient=read_colour(element.find("ambient"), Scene().ambient),
        background=read_colour(element.find("background"), Scene().background),
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


def _light(element: Element, frames: Frames) -> Light:
    element.expect(
        optional=["pose", "diffuse", "specular", "direction", "cast_shadows", "attenuation"],
        attributes=["name", "type"],
        ignored=_IN_LIGHT,
    )
    kind = element.attributes["type"]
    if kind not in _LIGHTS:
        raise element.fail(f"type {kind!r} is not supported", f"use {', '.join(_LIGHTS)}")
    direction = element.find("direction")
    shadows = element.find("cast_shadows")
    attenuation = element.find("attenuation")
    range_m = 10.0
    if attenuation:
        attenuation.expect(optional=["range", "constant", "linear", "quadratic"])
        reach = attenuation.find("range")
        range_m = range_m if reach is None else reach.positive()
        for child in attenuation.children:
            child.number()
    return Light(
        name=element.attributes["name"],
        kind=kind,
        pose=frames.pose(element),
        direction=read_vector3(direction) if direction else (0.0, 0.0, -1.0),
        diffuse=read_colour(element.find("diffuse"), (1.0, 1.0, 1.0, 1.0)),
        specular=read_colour(element.find("specular"), (0.1, 0.1, 0.1, 1.0)),
        cast_shadows=shadows.flag() if shadows else False,
        range_m=range_m,
        line=element.line,
    )
