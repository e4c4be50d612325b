"""Models: their links, solids and looks, with what is nested in them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from patrol_core.geometry import Transform3
from patrol_sim.sdf.frames import Frames
from patrol_sim.sdf.geometry import (
    BLACK,
    DEFAULT_FRICTION,
    GREY,
    read_friction,
    read_material,
    read_shape,
    refuse_same_names,
)
from patrol_sim.sdf.resources import Resources
from patrol_sim.sdf.types import Collision, Inertial, Link, Material, Model, Shape, Visual
from patrol_sim.sdf.xml_tree import Element

_NO_INERTIAL = Inertial(Transform3((0.0, 0.0, 0.0)), 1.0, (1.0, 1.0, 1.0, 0.0, 0.0, 0.0))
"""What SDF gives a link that says nothing of it."""
_LEAST_KGM2 = 1e-6
_PLUGIN = "plugins do not run here"
_HERE = "the simulator decides this itself"
_IN_MODEL = {
    "plugin": _PLUGIN,
    "joint": "joints are not simulated",
    "gripper": "joints are not simulated",
    "self_collide": _HERE,
    "allow_auto_disable": _HERE,
    "enable_wind": "there is no wind",
}
_IN_LINK = {
    "plugin": _PLUGIN,
    "sensor": "sensors of worlds do not measure here",
    "light": "only the world's own lights shine here",
    "battery": _PLUGIN,
    "projector": "it is not simulated",
    "audio_source": "there is no sound",
    "audio_sink": "there is no sound",
    "particle_emitter": "it is not simulated",
    "velocity_decay": _HERE,
    "self_collide": _HERE,
    "kinematic": _HERE,
    "gravity": "everything that may move falls here",
    "must_be_base_link": _HERE,
    "enable_wind": "there is no wind",
}
_IN_COLLISION = {
    "max_contacts": _HERE,
    "laser_retro": "returns have no strength here",
    "density": "mass and inertia are those of <inertial>",
    "auto_inertia_params": "mass and inertia are those of <inertial>",
}
_IN_VISUAL = {
    "plugin": _PLUGIN,
    "laser_retro": _IN_COLLISION["laser_retro"],
    "meta": "it is for a user interface",
    "visibility_flags": "everything is visible to every camera here",
}


def read_model(element: Element, frames: Frames, resources: Resources) -> Model:
    """A model of the world; `frames` are the world's. Nested models' links become its own.

    What may move has one link. What has more of them, or joints, stands still; that is noted.
    Raises SdfError.
    """
    flag = element.find("static")
    static = flag is not None and flag.flag()
    inner = frames.inner(element)
    links = tuple(_links(element, inner, resources, Transform3((0.0, 0.0, 0.0)), ""))
    if not links:
        raise element.fail("has no <link>", "add a link, or remove the model")
    if not static and (len(links) != 1 or element.find("joint") is not None):
        element.notes.add(
            element.path, element.line, "a model of several links or with joints stands still",
            "only single links move here",
        )  # fmt: skip
        static = True
    if not static and links[0].inertial is None:
        links = (replace(links[0], inertial=_NO_INERTIAL),)
    pose = frames.of(element.attributes["name"], element)
    return Model(element.attributes["name"], static, pose, links, element.line)


def _links(
    element: Element, frames: Frames, resources: Resources, at: Transform3, prefix: str
) -> Iterator[Link]:
    """The links of a model and of those in it; `at` is its pose in the outermost one."""
    element.expect(
        optional=["static", "pose"],
        many=["link", "model", "frame", "joint"],
        attributes=["name"],
        optional_attributes=["canonical_link", "placement_frame"],
        ignored=_IN_MODEL,
    )
    refuse_same_names(c for c in element.children if c.tag in ("link", "frame", "model"))
    refuse_same_names(element.all("joint"))
    for frame in element.all("frame"):
        frame.expect(optional=["pose"], attributes=["name"], optional_attributes=["attached_to"])
    for joint in element.all("joint"):
        joint.note(_IN_MODEL["joint"])
    frames.check()
    for child in element.all("link"):
        link = _link(child, frames, resources)
        pose = link.pose if not prefix else at.compose(link.pose)
        yield replace(link, name=f"{prefix}{link.name}", pose=pose)
    for model in element.all("model"):
        name = model.attributes["name"]
        there = at.compose(frames.of(name, model))
        yield from _links(model, frames.inner(model), resources, there, f"{prefix}{name}::")


def _link(element: Element, frames: Frames, resources: Resources) -> Link:
    element.expect(
        optional=["pose", "inertial"],
        many=["collision", "visual"],
        attributes=["name"],
        ignored=_IN_LINK,
    )
    inertial = element.find("inertial")
    refuse_same_names(element.all("collision"))
    refuse_same_names(element.all("visual"))
    solids = [_collision(c, element, frames, resources) for c in element.all("collision")]
    looks = [_visual(c, element, frames, resources) for c in element.all("visual")]
    return Link(
        name=element.attributes["name"],
        pose=frames.of(element.attributes["name"], element),
        inertial=_inertial(inertial, element, frames) if inertial else None,
        collisions=tuple(solid for solid in solids if solid is not None),
        visuals=tuple(look for look in looks if look is not None),
        line=element.line,
    )


def _inertial(element: Element, link: Element, frames: Frames) -> Inertial:
    added = "water is not simulated"
    element.expect(
        optional=["pose", "mass", "inertia"],
        optional_attributes=["auto"],
        ignored={"fluid_added_mass": added, "density": "give mass and inertia"},
    )
    mass, inertia = element.find("mass"), element.find("inertia")
    moments = _NO_INERTIAL.inertia if inertia is None else _moments(inertia)
    mass_kg = _NO_INERTIAL.mass_kg if mass is None else mass.positive()
    return Inertial(frames.pose_in(element, link), mass_kg, moments)


def _moments(element: Element) -> tuple[float, float, float, float, float, float]:
    """Moments of inertia; if no solid can have them, the same round every axis, noted."""
    diagonal, products = ("ixx", "iyy", "izz"), ("ixy", "ixz", "iyz")
    element.expect(many=[*diagonal, *products])
    given: dict[str, float] = {}
    for child in element.children:
        if given.setdefault(child.tag, child.number()) != child.number():
            child.note("the first of this name counts")
    xx, yy, zz = (given.get(tag, 1.0) for tag in diagonal)
    xy, xz, yz = (given.get(tag, 0.0) for tag in products)
    low, middle, high = np.linalg.eigvalsh([[xx, xy, xz], [xy, yy, yz], [xz, yz, zz]]).tolist()
    if low > 0.0 and low + middle >= high:
        return xx, yy, zz, xy, xz, yz
    mean = max((abs(xx) + abs(yy) + abs(zz)) / 3.0, _LEAST_KGM2)
    element.notes.add(
        element.path, element.line, "<inertia> is none that a solid can have",
        "its mean is taken round every axis",
    )  # fmt: skip
    return mean, mean, mean, 0.0, 0.0, 0.0


def _collision(
    element: Element, link: Element, frames: Frames, resources: Resources
) -> Collision | None:
    element.expect(
        required=["geometry"],
        optional=["pose", "surface"],
        attributes=["name"],
        ignored=_IN_COLLISION,
    )
    surface = element.find("surface")
    shape = read_shape(element.get("geometry"), resources, solid=True)
    friction = read_friction(surface) if surface else DEFAULT_FRICTION
    if shape is None:
        return None
    return Collision(
        name=element.attributes["name"],
        pose=frames.pose_in(element, link),
        shape=shape,
        friction=friction,
        line=element.line,
    )


def _visual(
    element: Element, link: Element, frames: Frames, resources: Resources
) -> Visual | None:
    element.expect(
        required=["geometry"],
        optional=["pose", "material", "cast_shadows", "transparency"],
        attributes=["name"],
        ignored=_IN_VISUAL,
    )
    shadows = element.find("cast_shadows")
    if shadows:
        shadows.flag()
    transparency = element.find("transparency")
    opacity_lost = transparency.number() if transparency else 0.0
    if transparency and not 0.0 <= opacity_lost <= 1.0:
        raise transparency.fail("must lie between 0 and 1", "0 is opaque, 1 invisible")
    material = element.find("material")
    look = read_material(material) if material else Material(GREY, GREY, BLACK, BLACK)
    shape: Shape | None = read_shape(element.get("geometry"), resources, solid=False)
    if shape is None:
        return None
    return Visual(
        name=element.attributes["name"],
        pose=frames.pose_in(element, link),
        shape=shape,
        material=look,
        transparency=opacity_lost,
        line=element.line,
    )
