"""The world file that Gazebo Classic loads: the same SDF world, with robots, people and things."""

from __future__ import annotations

import copy
from collections.abc import Iterable, Sequence
from xml.etree import ElementTree as ET
from xml.etree.ElementTree import Element, SubElement

from transforms3d.euler import mat2euler

from patrol_core.geometry import Transform3
from patrol_gazebo.errors import GazeboError
from patrol_sim.body import MAX_WHEEL_TORQUE_NM, ROTOR_INERTIA_KGM2, SERVO_GAIN_NMS
from patrol_sim.cast import HIDDEN_Z_M, LIMBS, clothes_and_skin, colour_of
from patrol_sim.removal import without
from patrol_sim.scenario import Scenario
from patrol_sim.sdf import Box, Cylinder, Plane, Shape, Sphere, World
from patrol_sim.sdf.types import Model
from patrol_sim.shapes import leg_parts, object_parts, torso_parts

BRIDGE_PATH = "/usr/lib/ronda/libbridge.so"
_CASTER = "_caster"
_WHEELS = ("left_wheel", "right_wheel")
_TREAD_WIDTH_M, _TREAD_HEIGHT_M = 0.004, 0.002
_HIDDEN = Transform3((0.0, 0.0, HIDDEN_Z_M))


def world_text(world: World, scenario: Scenario, robots: dict[str, str], seed: int) -> str:
    """The world's own file and what the scenario puts into it; `robots`: their SDF by name.

    What is only seen is left out: nothing is drawn. Raises ScenarioError for a removal of what is
    not there, GazeboError where the file has no world.
    """
    root = ET.parse(world.path).getroot()  # noqa: S314 (a file of ours, read before)
    stage = root.find("world")
    if stage is None:
        raise GazeboError(f"{world.path} has no world")
    _remove(stage, world, scenario)
    for parent in list(stage.iter()):
        for seen in [child for child in parent if child.tag in ("visual", "light")]:
            parent.remove(seen)
    _as_fast_as_asked(stage)
    for name, text in robots.items():
        stage.append(robot_model(text, name))
    for person in scenario.pedestrians:
        torso = torso_parts(*clothes_and_skin(seed, person.name))
        for limb, parts in zip(LIMBS, (torso, leg_parts(), leg_parts()), strict=True):
            solids = [(part.shape, part.pose) for part in parts]
            stage.append(_static_model(f"person/{person.name}/{limb}", solids))
    for thing in scenario.objects:
        made = object_parts(thing.kind, thing.size_m, colour_of(seed, thing))
        solids = [(part.shape, part.pose) for part in made]
        stage.append(_static_model(f"object/{thing.name}", solids))
    stage.append(_bridge(robots))
    return ET.tostring(root, encoding="unicode")


def ground_collisions(text: str) -> set[str]:
    """Full names of the planes in a world: what robots stand on."""
    return {
        f"{model.get('name')}::{link.get('name')}::{collision.get('name')}"
        for model in ET.fromstring(text).iter("model")  # noqa: S314 (our own text)
        for link in model.iterfind("link")
        for collision in link.iterfind("collision")
        if collision.find("geometry/plane") is not None
    }


def robot_model(text: str, name: str) -> Element:
    """A robot as Gazebo's converter made it from the URDF, as our physics needs it.

    Casters slide, wheels carry the inertia of their geared rotors, and sensors and plugins of
    other simulators go: the bridge does their work. Raises GazeboError when a wheel is missing.
    """
    model = ET.fromstring(text).find("model")  # noqa: S314 (Gazebo's own output)
    if model is None:
        raise GazeboError("Gazebo's converter made no model of the robot description")
    model.set("name", name)
    for parent in list(model.iter()):
        for child in list(parent):
            if child.tag in ("visual", "sensor", "plugin"):
                parent.remove(child)
    for collision in model.iter("collision"):
        if _CASTER in collision.get("name", ""):
            _set_friction(collision, 0.0)
    links = {link.get("name"): link for link in model.iterfind("link")}
    for wheel in _WHEELS:
        inertia = links[wheel].find("inertial/inertia/izz") if wheel in links else None
        if inertia is None or inertia.text is None:
            raise GazeboError(f"the robot description has no link {wheel} with a mass")
        inertia.text = repr(float(inertia.text) + ROTOR_INERTIA_KGM2)
        for collision in links[wheel].findall("collision"):
            links[wheel].append(_tread(collision))
    return model


def _tread(tyre: Element) -> Element:
    """A narrow tread to roll on, from a tyre, which becomes a little lower: a tyre of full width
    stands on its two edges, and these scrub when it pivots.
    """
    tread = copy.deepcopy(tyre)
    tread.set("name", f"{tyre.get('name')}_tread")
    radius, width = tyre.find("geometry/cylinder/radius"), tread.find("geometry/cylinder/length")
    if radius is None or radius.text is None or width is None:
        raise GazeboError("a wheel of the robot description is no cylinder")
    radius.text = repr(float(radius.text) - _TREAD_HEIGHT_M)
    width.text = repr(_TREAD_WIDTH_M)
    return tread


def _set_friction(collision: Element, friction: float) -> None:
    for old in collision.findall("surface"):
        collision.remove(old)
    ode = SubElement(SubElement(SubElement(collision, "surface"), "friction"), "ode")
    for direction in ("mu", "mu2"):
        SubElement(ode, direction).text = repr(friction)


def _as_fast_as_asked(stage: Element) -> None:
    """Gazebo does not wait for the clock on the wall: the bridge says when to go on."""
    physics = stage.find("physics")
    if physics is None:
        physics = SubElement(stage, "physics", {"type": "ode"})
    for old in physics.findall("real_time_update_rate"):
        physics.remove(old)
    SubElement(physics, "real_time_update_rate").text = "0"


def _remove(stage: Element, world: World, scenario: Scenario) -> None:
    before = {model.name: model for model in world.models}
    for model in without(world, scenario.removed).models:
        if model != before[model.name]:
            element = next(e for e in stage.iterfind("model") if e.get("name") == model.name)
            stage.remove(element)
            stage.append(_static_model(model.name, _solids(model), model.pose))


def _solids(model: Model) -> list[tuple[Shape, Transform3]]:
    return [
        (solid.shape, link.pose.compose(solid.pose))
        for link in model.links
        for solid in link.collisions
    ]


def _static_model(
    name: str, solids: Sequence[tuple[Shape, Transform3]], pose: Transform3 = _HIDDEN
) -> Element:
    """One static model of one link; without a pose it waits below the ground."""
    model = Element("model", {"name": name})
    SubElement(model, "static").text = "true"
    SubElement(model, "pose").text = _pose_text(pose)
    link = SubElement(model, "link", {"name": "link"})
    for number, (shape, place) in enumerate(solids):
        collision = SubElement(link, "collision", {"name": str(number)})
        SubElement(collision, "pose").text = _pose_text(place)
        SubElement(collision, "geometry").append(_shape(shape))
    return model


def _shape(shape: Shape) -> Element:
    match shape:
        case Box():
            return _element("box", size=shape.size_m)
        case Cylinder():
            return _element("cylinder", radius=(shape.radius_m,), length=(shape.length_m,))
        case Sphere():
            return _element("sphere", radius=(shape.radius_m,))
        case Plane():
            return _element("plane", normal=shape.normal, size=shape.size_m)
        case _:
            raise GazeboError(f"a {type(shape).__name__.lower()} cannot be cut or put down")


def _element(tag: str, **fields: Iterable[float]) -> Element:
    element = Element(tag)
    for name, values in fields.items():
        SubElement(element, name).text = " ".join(map(repr, values))
    return element


def _pose_text(pose: Transform3) -> str:
    roll, pitch, yaw = mat2euler(pose.matrix()[:3, :3], "sxyz")
    return " ".join(f"{value:.9g}" for value in (*pose.translation_m, roll, pitch, yaw))


def _bridge(robots: Iterable[str]) -> Element:
    plugin = Element("plugin", {"name": "ronda_bridge", "filename": BRIDGE_PATH})
    for name in robots:
        SubElement(plugin, "robot").text = name
    SubElement(plugin, "servo_gain").text = repr(SERVO_GAIN_NMS)
    SubElement(plugin, "max_torque").text = repr(MAX_WHEEL_TORQUE_NM)
    return plugin
