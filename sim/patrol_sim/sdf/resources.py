"""Files that world files name by URI: included models and meshes."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from pathlib import Path

from patrol_core.errors import Place
from patrol_sim.errors import SdfError
from patrol_sim.sdf.xml_tree import Element, parse_xml

VARIABLES = (
    "GZ_SIM_RESOURCE_PATH",
    "IGN_GAZEBO_RESOURCE_PATH",
    "SDF_PATH",
    "GAZEBO_MODEL_PATH",
)
VERSIONS = tuple(f"1.{minor}" for minor in range(4, 13))
_BY_NAME = ("model://", "package://")
_MOST_INCLUDES = 5000
_WELL_KNOWN = {
    "ground_plane": """<sdf version="1.7"><model name="ground_plane"><static>true</static>
        <link name="link"><collision name="collision"><geometry><plane><normal>0 0 1</normal>
        <size>100 100</size></plane></geometry></collision><visual name="visual"><geometry>
        <plane><normal>0 0 1</normal><size>100 100</size></plane></geometry><material>
        <diffuse>0.8 0.8 0.8 1</diffuse></material></visual></link></model></sdf>""",
    "sun": """<sdf version="1.7"><light name="sun" type="directional"><pose>0 0 10 0 0 0</pose>
        <diffuse>0.8 0.8 0.8 1</diffuse><specular>0.2 0.2 0.2 1</specular>
        <direction>-0.5 0.1 -0.9</direction></light></sdf>""",
}
"""Models that worlds take for granted, where the search path does not have them."""
_PARTS = ("name", "static", "pose", "placement_frame")


def search_path(environment: Mapping[str, str]) -> tuple[Path, ...]:
    """The folders in which Gazebo would look for models, in order."""
    words = [word for name in VARIABLES for word in environment.get(name, "").split(os.pathsep)]
    return tuple(Path(word) for word in words if word)


def read_text(path: Path) -> str:
    """The text of a file. Raises SdfError."""
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError, ValueError) as error:
        raise SdfError(
            f"the file cannot be read: {error}",
            place=Place(path),
            remedy="give the path of an SDF file in UTF-8",
        ) from error


def check_version(root: Element) -> None:
    """Raise SdfError unless it is an <sdf> of a version whose elements are known."""
    if root.tag != "sdf":
        raise root.fail("the outermost element must be <sdf>", "give an SDF file")
    version = root.attributes.get("version", "")
    if version not in VERSIONS:
        raise root.fail(
            f"version {version!r} is not supported", f"use {VERSIONS[0]} to {VERSIONS[-1]}"
        )


class Resources:
    """Finds files by URI, and puts what is included in the place of <include>."""

    def __init__(self, search: Sequence[Path]) -> None:
        self._search = tuple(search)
        self._included = 0

    def find(self, uri: Element) -> Path:
        """The file or folder that an element's text names. Raises SdfError."""
        uri.expect()
        text = uri.text.strip()
        folder = uri.path.parent
        for scheme in _BY_NAME:
            if text.startswith(scheme):
                rest = text[len(scheme) :]
                places = [*self._search, folder, folder.parent, folder.parent.parent]
                places += [folder.parent / "models"]
                return self._first(uri, [place / rest for place in places])
        if text.startswith("file://"):
            text = text[len("file://") :]
        elif "://" in text:
            name = text.rstrip("/").rpartition("/")[2]
            for place in (p / n for p in self._search for n in (name, _plain(name))):
                if place.exists():
                    uri.notes.add(
                        uri.path, uri.line, f"{text} is not fetched", f"{place} is taken"
                    )
                    return place
            raise uri.fail(
                f"{text!r} is on the network, and nothing is fetched from there",
                "download it, name it by model://, and put its folder on the search path "
                f"({VARIABLES[0]})",
            )
        if not text:
            raise uri.fail("names nothing", "write model://NAME or a path")
        return self._first(uri, [place / text for place in (folder, *self._search)])

    def _first(self, uri: Element, candidates: Sequence[Path]) -> Path:
        for candidate in candidates:
            try:
                if candidate.exists():
                    return candidate
            except (OSError, ValueError):
                break
        raise uri.fail(
            f"there is no {uri.text.strip()!r}",
            f"put the folder that holds it on the search path ({VARIABLES[0]})",
        )

    def expand(self, element: Element, opened: tuple[Path, ...]) -> None:
        """Replace every <include> below an element; `opened` are the files that lead here."""
        for number, child in enumerate(element.children):
            if child.tag == "include":
                element.children[number] = self._include(child, opened)
            elif child.tag == "model":
                self.expand(child, opened)

    def _include(self, include: Element, opened: tuple[Path, ...]) -> Element:
        include.expect(
            required=["uri"],
            optional=_PARTS,
            optional_attributes=["merge"],
            ignored={"plugin": "plugins do not run here"},
        )
        for child in include.children:
            if child.tag == "experimental:params":
                raise child.fail("changes to a model are not supported", "change its own file")
        if include.attributes.get("merge") in ("true", "1"):
            raise include.fail("merge is not supported", "include it as a model of its own")
        uri = include.get("uri")
        file, text = self._sdf_text(uri)
        self._included += 1
        if file.resolve() in opened or self._included > _MOST_INCLUDES:
            raise include.fail(f"{file.name} includes itself", "leave one include out")
        root = parse_xml(text, file, include.notes)
        check_version(root)
        parts = [c for c in root.children if c.tag in ("model", "light", "actor")]
        if len(parts) != 1:
            raise uri.fail(f"{file} holds no single model", "name a file with one model")
        (part,) = parts
        self.expand(part, (*opened, file.resolve()))
        return _override(part, include)

    def _sdf_text(self, uri: Element) -> tuple[Path, str]:
        """A file and its text; a well-known model's, where there is no such file."""
        name = uri.text.strip().rstrip("/").rpartition("/")[2]
        try:
            file = self._sdf_file(uri)
        except SdfError:
            if _plain(name) in _WELL_KNOWN:
                return Path(_plain(name)), _WELL_KNOWN[_plain(name)]
            raise
        return file, read_text(file)

    def _sdf_file(self, uri: Element) -> Path:
        """The file itself, or what a folder's model.config says is for the latest SDF."""
        found = self.find(uri)
        if found.is_file():
            return found
        config = found / "model.config"
        if not config.exists():
            return found / "model.sdf"
        root = parse_xml(read_text(config), config, uri.notes)
        versions = {
            child.attributes.get("version", VERSIONS[0]): child.text.strip()
            for child in root.all("sdf")
        }
        known = [version for version in VERSIONS if version in versions]
        if not known:
            raise root.fail("names no SDF file of a known version", "add <sdf version=...>")
        return found / versions[known[-1]]


def _plain(name: str) -> str:
    """A name as folders of models are named."""
    return name.lower().replace(" ", "_")


def _override(part: Element, include: Element) -> Element:
    """The included element with what the <include> says about it, on the line of that."""
    placed = Element(part.tag, dict(part.attributes), include.path, include.line, part.notes)
    placed.children = list(part.children)
    name, frame = include.find("name"), include.find("placement_frame")
    if name is not None:
        placed.attributes["name"] = name.text.strip()
    if frame is not None:
        placed.attributes["placement_frame"] = frame.text.strip()
    for tag in ("static", "pose"):
        given = include.find(tag)
        if given is not None:
            placed.children = [child for child in placed.children if child.tag != tag]
            placed.children.append(given)
    return placed
