"""People and things of a scenario as SDF models for Gazebo.

Static models: they are moved by command and by nothing else, and nothing goes through them, as in
the embedded simulator. (Gazebo's own actors cannot be touched.)
"""

from __future__ import annotations

from collections.abc import Sequence
from xml.etree import ElementTree as ET

from transforms3d import euler

from patrol_core.geometry import Transform3
from patrol_sim.sdf import Box, Cylinder, Sphere
from patrol_sim.sdf.types import Shape
from patrol_sim.shapes import Part

SDF_VERSION = "1.7"


def model_sdf(name: str, parts: Sequence[Part]) -> str:
    """A static model of one link, of which every part is seen and solid."""
    root = ET.Element("sdf", version=SDF_VERSION)
    model = ET.SubElement(root, "model", name=name)
    ET.SubElement(model, "static").text = "true"
    link = ET.SubElement(model, "link", name="link")
    for number, part in enumerate(parts):
        for kind in ("collision", "visual"):
            element = ET.SubElement(link, kind, name=f"{kind}_{number}")
            ET.SubElement(element, "pose").text = _pose(part.pose)
            _add_shape(ET.SubElement(element, "geometry"), part.shape)
            if kind == "visual":
                material = ET.SubElement(element, "material")
                for light in ("ambient", "diffuse"):
                    ET.SubElement(material, light).text = _numbers(part.rgba)
    return ET.tostring(root, encoding="unicode")


def _add_shape(geometry: ET.Element, shape: Shape) -> None:
    if isinstance(shape, Box):
        ET.SubElement(ET.SubElement(geometry, "box"), "size").text = _numbers(shape.size_m)
    elif isinstance(shape, Sphere):
        ET.SubElement(ET.SubElement(geometry, "sphere"), "radius").text = f"{shape.radius_m:g}"
    elif isinstance(shape, Cylinder):
        cylinder = ET.SubElement(geometry, "cylinder")
        ET.SubElement(cylinder, "radius").text = f"{shape.radius_m:g}"
        ET.SubElement(cylinder, "length").text = f"{shape.length_m:g}"
    else:
        raise TypeError(f"nothing of a scenario is a {type(shape).__name__}")


def _pose(pose: Transform3) -> str:
    """x y z roll pitch yaw, about fixed axes as in URDF."""
    x, y, z, w = pose.rotation_xyzw
    return _numbers((*pose.translation_m, *euler.quat2euler((w, x, y, z), axes="sxyz")))


def _numbers(values: Sequence[float]) -> str:
    return " ".join(f"{value:.9g}" for value in values)
