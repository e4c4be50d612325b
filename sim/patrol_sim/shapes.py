"""Solids of the things that scenarios put into a world: people, objects, vehicles.

Each is built from the SDF shapes, standing on z = 0 with x forward.
"""

from __future__ import annotations

from dataclasses import dataclass

from patrol_core.geometry import Transform3
from patrol_sim.sdf import Box, Cylinder, Primitive, Sphere
from patrol_sim.sdf.types import Rgba, Vector3

LEG_RADIUS_M = 0.07
LEG_LENGTH_M = 0.82
LEG_SPACING_M = 0.22
PERSON_RADIUS_M = 0.25
"""Half of a person's shoulder width: what clearances to people are measured from."""
LYING_AXIS_M = 0.12
"""Height of the body's axis when a person lies: the chest is 0.22 m high."""

SKIN: tuple[Rgba, ...] = (
    (0.96, 0.82, 0.71, 1.0),
    (0.87, 0.67, 0.52, 1.0),
    (0.62, 0.42, 0.29, 1.0),
    (0.36, 0.23, 0.16, 1.0),
)
CLOTHES: tuple[Rgba, ...] = (
    (0.75, 0.16, 0.15, 1.0),
    (0.13, 0.25, 0.50, 1.0),
    (0.15, 0.42, 0.26, 1.0),
    (0.88, 0.72, 0.25, 1.0),
    (0.30, 0.30, 0.33, 1.0),
    (0.55, 0.33, 0.55, 1.0),
)
_TROUSERS: Rgba = (0.16, 0.17, 0.22, 1.0)
_HAIR: Rgba = (0.15, 0.10, 0.08, 1.0)
_GLASS: Rgba = (0.12, 0.15, 0.18, 1.0)
_TYRE: Rgba = (0.08, 0.08, 0.09, 1.0)


@dataclass(frozen=True, slots=True)
class Part:
    """One solid of a body, with its pose in the body's frame."""

    shape: Primitive
    pose: Transform3
    rgba: Rgba


def _at(x: float, y: float, z: float, roll: float = 0.0) -> Transform3:
    return Transform3.from_rpy((x, y, z), (roll, 0.0, 0.0))


def leg_parts() -> tuple[Part, ...]:
    """One leg, from the ground to the hip."""
    return (Part(Cylinder(LEG_RADIUS_M, LEG_LENGTH_M), _at(0, 0, LEG_LENGTH_M / 2), _TROUSERS),)


def torso_parts(clothes: Rgba, skin: Rgba) -> tuple[Part, ...]:
    """Everything of a person above the hips, 1.74 m tall."""
    return (
        Part(Box((0.20, 0.32, 0.58)), _at(0, 0, 1.11), clothes),
        Part(Cylinder(0.055, 0.56), _at(0, 0.21, 1.10), clothes),
        Part(Cylinder(0.055, 0.56), _at(0, -0.21, 1.10), clothes),
        Part(Cylinder(0.055, 0.12), _at(0, 0, 1.45), skin),
        Part(Sphere(0.115), _at(0, 0, 1.60), skin),
        Part(Sphere(0.112), _at(-0.02, 0, 1.63), _HAIR),
    )


def object_parts(kind: str, size_m: Vector3, rgba: Rgba) -> tuple[Part, ...]:
    """A box, cylinder or ball of the given extents, a bag with a handle, or a vehicle."""
    x, y, z = size_m
    if kind == "box":
        return (Part(Box(size_m), _at(0, 0, z / 2), rgba),)
    if kind == "cylinder":
        return (Part(Cylinder(x / 2, z), _at(0, 0, z / 2), rgba),)
    if kind == "ball":
        return (Part(Sphere(x / 2), _at(0, 0, x / 2), rgba),)
    if kind == "bag":
        body_z = 0.75 * z
        return (
            Part(Box((x, y, body_z)), _at(0, 0, body_z / 2), rgba),
            Part(Box((0.5 * x, 0.1 * y, z - body_z)), _at(0, 0, (z + body_z) / 2), _TYRE),
        )
    return _vehicle_parts(size_m, rgba)


_UNDERBODY_M = 0.17
"""Ground clearance of vans, whatever their height (Transporter, Transit: 0.16 to 0.19 m)."""


def _vehicle_parts(size_m: Vector3, rgba: Rgba) -> tuple[Part, ...]:
    """A parked car: body, cabin and four wheels."""
    length, width, height = size_m
    wheel_radius = 0.22 * height
    clearance = min(0.10 * height, _UNDERBODY_M)
    body_height = 0.48 * height
    cabin_height = height - clearance - body_height
    wheels = tuple(
        Part(
            Cylinder(wheel_radius, 0.2),
            _at(0.31 * length * x, (width / 2 - 0.11) * y, wheel_radius, roll=1.5707963267948966),
            _TYRE,
        )
        for x in (-1, 1)
        for y in (-1, 1)
    )
    return (
        Part(Box((length, width, body_height)), _at(0, 0, clearance + body_height / 2), rgba),
        Part(
            Box((0.55 * length, 0.88 * width, cabin_height)),
            _at(-0.05 * length, 0, height - cabin_height / 2),
            _GLASS,
        ),
        *wheels,
    )
