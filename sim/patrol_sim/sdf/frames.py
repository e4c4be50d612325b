"""Poses relative to named frames, as SDF 1.7 and later have them.

Every model and the world is a scope: its links, joints, frames and nested models are frames in it,
`a::b` is b in the nested model a. A pose is relative to what `relative_to` names, else: a frame's
to what it is attached to, a joint's to its child, all others' to the scope. What is in a nested
model's `placement_frame` is placed instead of its own origin.
Source: http://sdformat.org/tutorials?tut=pose_frame_semantics
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Final

from patrol_core.geometry import Transform3
from patrol_sim.sdf.xml_tree import Element

IDENTITY: Final = Transform3((0.0, 0.0, 0.0))
_MEMBERS = ("joint", "frame", "link", "model")
_LONGEST_CHAIN = 50
_POSE = ("relative_to", "frame", "degrees", "rotation_format")


def raw_pose(parent: Element) -> tuple[Transform3, Element | None]:
    """What an element's <pose> says, and that element: x y z [m] and a rotation.

    The rotation is roll, pitch, yaw about fixed axes [rad], in degrees or a quaternion x y z w
    where the attributes say so (SDF 1.9).
    """
    element = parent.find("pose")
    if element is None:
        return IDENTITY, None
    element.expect(optional_attributes=_POSE)
    if element.attributes.get("frame"):
        raise element.fail(
            "the attribute 'frame' of SDF before 1.7 is not supported", "use relative_to"
        )
    form = element.attributes.get("rotation_format", "euler_rpy")
    if form not in ("euler_rpy", "quat_xyzw"):
        raise element.fail(f"rotation_format {form!r} is unknown", "use euler_rpy or quat_xyzw")
    if not element.text.strip():
        return IDENTITY, element
    if form == "quat_xyzw":
        x, y, z, i, j, k, w = element.numbers(7, _POSE)
        norm = math.hypot(i, j, k, w)
        if norm < 1e-9:
            raise element.fail("a quaternion must not be zero", "write x y z 0 0 0 1")
        return Transform3((x, y, z), (i / norm, j / norm, k / norm, w / norm)), element
    x, y, z, *angles = element.numbers(6, _POSE)
    if element.attributes.get("degrees") in ("true", "1"):
        angles = [math.radians(angle) for angle in angles]
    roll, pitch, yaw = angles
    return Transform3.from_rpy((x, y, z), (roll, pitch, yaw)), element


class Frames:
    """The frames of one model or of the world (`root` is its tag: __model__ or world)."""

    def __init__(self, owner: Element) -> None:
        self._root = "world" if owner.tag == "world" else "__model__"
        self._members: dict[str, Element] = {
            child.attributes["name"]: child
            for tag in _MEMBERS
            for child in owner.all(tag)
            if "name" in child.attributes
        }
        self._models = {
            name: Frames(child) for name, child in self._members.items() if child.tag == "model"
        }
        self._known: dict[str, Transform3] = {}
        self._open: list[str] = []

    def inner(self, model: Element) -> Frames:
        """The frames of a nested model."""
        return self._models[model.attributes["name"]]

    def check(self) -> None:
        """Look at every frame and joint, used or not, and at what frames are attached to.

        Raises SdfError for a name that there is not, and for frames that hang on themselves.
        """
        for name, member in self._members.items():
            self.of(name, member)
            passed = set[str]()
            for frame in self._attachments(name):
                if frame in passed:
                    raise member.fail(
                        f"{name!r} is attached to itself by way of {', '.join(sorted(passed))}",
                        "attach one of them to a link",
                    )
                passed.add(frame)

    def _attachments(self, name: str) -> Iterator[str]:
        member = self._members.get(name)
        while member is not None and member.tag == "frame":
            yield name
            name = member.attributes.get("attached_to", "")
            if not name or name == self._root:
                return
            self.of(name, member)
            member = self._members.get(name)

    def of(self, name: str, asking: Element) -> Transform3:
        """A frame's pose in this scope; `asking` is who to blame where there is none."""
        if name == self._root:
            return IDENTITY
        first, _, rest = name.partition("::")
        if first not in self._members or (rest and first not in self._models):
            there = ", ".join([self._root, *sorted(self._members)][:8])
            raise asking.fail(f"there is no frame {name!r} here", f"name one of: {there}")
        if first not in self._known:
            self._known[first] = self._find(first, asking)
        if not rest:
            return self._known[first]
        return self._known[first].compose(self._models[first].of(rest, asking))

    def _find(self, name: str, asking: Element) -> Transform3:
        if name in self._open:
            chain = " -> ".join([*self._open[self._open.index(name) :], name])
            raise asking.fail(f"poses go round in a circle: {chain}", "cut it somewhere")
        if len(self._open) >= _LONGEST_CHAIN:
            raise asking.fail("too many frames hang on each other", "use fewer")
        member = self._members[name]
        self._open.append(name)
        try:
            pose = self.pose(member, self._default(member))
        finally:
            self._open.pop()
        placement = member.attributes.get("placement_frame", "")
        if member.tag == "model" and placement:
            placed = self._models[name].of(placement, member)
            return pose.compose(placed.inverse())
        return pose

    def _default(self, member: Element) -> str:
        if member.tag == "frame":
            return member.attributes.get("attached_to", "") or self._root
        child = member.find("child") if member.tag == "joint" else None
        return self._root if child is None else child.text.strip()

    def pose(self, element: Element, default: str = "") -> Transform3:
        """An element's pose in this scope; without relative_to its pose in the frame `default`."""
        own, pose = raw_pose(element)
        named = "" if pose is None else pose.attributes.get("relative_to", "")
        base = named or default or self._root
        if base == self._root:
            return own
        return self.of(base, element if pose is None else pose).compose(own)

    def pose_in(self, element: Element, link: Element) -> Transform3:
        """The pose of something of a link (collision, visual, inertial), in the link's frame."""
        own, pose = raw_pose(element)
        if pose is None or not pose.attributes.get("relative_to"):
            return own
        at = self.of(link.attributes["name"], link)
        return at.inverse().compose(self.pose(element))
