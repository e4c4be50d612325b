"""Every package.xml says what its package needs, by keys that rosdep has, and nothing else."""

from __future__ import annotations

import ast
import configparser
import re
import sys
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest
import yaml

from ronda_cli.environment.paths import ROOT
from ronda_cli.launcher.packages import COLCON_FOLDERS

KEYS = yaml.safe_load(Path(__file__).with_name("rosdep_keys.yaml").read_text(encoding="utf-8"))
FOLDERS = sorted(
    path.parent for folder in COLCON_FOLDERS for path in ROOT.glob(f"{folder}/package.xml")
)
OWNERS = {
    module.name: str(ET.parse(folder / "package.xml").findtext("name"))
    for folder in FOLDERS
    for module in folder.iterdir()
    if (module / "__init__.py").is_file()
} | {"patrol_interfaces": "patrol_interfaces"}
WITH_PYTHON = [folder for folder in FOLDERS if (folder / "setup.cfg").is_file()]
DEPENDS = ("depend", "exec_depend", "build_depend", "buildtool_depend")
ABOVE = {"ronda": {"patrol_gate_ros", "patrol_host_ros", "patrol_sim", "patrol_interfaces"}}
"""What the command line in `ronda` uses lies above it: said there, it would be a cycle."""


def manifest(folder: Path) -> ET.Element:
    return ET.parse(folder / "package.xml").getroot()


def declared(folder: Path) -> set[str]:
    root = manifest(folder)
    return {str(element.text) for tag in DEPENDS for element in root.findall(tag)}


def imported(folder: Path) -> set[str]:
    """Top-level names of what the package imports, the standard library left out."""
    modules = [
        path for path in folder.rglob("*.py") if path.name != "setup.py" or path.parent != folder
    ]
    names: set[str] = set()
    for path in modules:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Import):
                names |= {alias.name.partition(".")[0] for alias in node.names}
            elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
                names.add(node.module.partition(".")[0])
    return names - set(sys.stdlib_module_names)


def key_of(module: str) -> str:
    """The package or rosdep key that brings a module; fails for one that is in no table."""
    if module in KEYS["by_hand"]:
        return ""
    key = (
        OWNERS.get(module)
        or KEYS["python"].get(module)
        or (module if module in KEYS["jazzy"] else "")
    )
    assert key, f"no rosdep key is known for '{module}': tests/contract/rosdep_keys.yaml"
    return str(key)


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda path: path.name)
def test_a_manifest_is_whole_and_its_keys_exist(folder: Path) -> None:
    root = manifest(folder)
    assert root.get("format") == "3"
    for tag in ("version", "description", "license", "maintainer"):
        assert root.findtext(tag), tag
    assert root.findtext("license") == "Apache-2.0"
    email = root.find("maintainer").get("email", "")  # type: ignore[union-attr]
    assert re.fullmatch(r"[\w.]+@[\w.]+\.\w+", email), "colcon skips the package without a word"
    known = {*OWNERS.values(), *KEYS["python"].values(), *KEYS["jazzy"], *KEYS["unseen"]}
    known |= {str(manifest(other).findtext("name")) for other in FOLDERS}
    assert declared(folder) <= known
    kind = root.findtext("export/build_type")
    assert (folder / ("setup.cfg" if kind == "ament_python" else "CMakeLists.txt")).is_file()


@pytest.mark.parametrize("folder", WITH_PYTHON, ids=lambda path: path.name)
def test_a_python_package_declares_what_it_imports(folder: Path) -> None:
    name = str(manifest(folder).findtext("name"))
    used = {key_of(module) for module in imported(folder)} - {name, ""}
    # A package found by its share folder, and what others import.
    unseen = {"patrol_description", *KEYS["unseen"]} & declared(folder)
    assert used - ABOVE.get(name, set()) == declared(folder) - unseen


def test_interfaces_declare_the_messages_that_they_are_made_of() -> None:
    folder = ROOT / "ros2_ws" / "src" / "patrol_interfaces"
    texts = [
        path.read_text() for kind in ("msg", "srv", "action") for path in folder.glob(f"{kind}/*")
    ]
    used = set(re.findall(r"^([a-z_0-9]+)/[A-Z]", "\n".join(texts), re.MULTILINE))
    assert used <= declared(folder)


def test_the_bringup_declares_what_its_launch_files_name() -> None:
    named = {
        package
        for path in (ROOT / "launch").glob("*.launch.xml")
        for package in re.findall(r'pkg="(\w+)"|find-pkg-share (\w+)', path.read_text())
        for package in package
        if package
    }
    assert named - {"patrol_bringup"} <= declared(ROOT / "launch")


@pytest.mark.parametrize("folder", WITH_PYTHON, ids=lambda path: path.name)
def test_what_lies_beside_the_modules_is_installed(folder: Path) -> None:
    setup = configparser.ConfigParser()
    setup.read(folder / "setup.cfg", encoding="utf-8")
    listed = setup.get("options.package_data", "*", fallback="")
    patterns = ["*.py", *listed.replace(" ", "").split(",")]
    packages = [path.parent for path in folder.rglob("__init__.py")]
    below = [path for top in folder.iterdir() if top in packages for path in top.rglob("*.*")]
    left = {path for path in below if path.is_file() and path.parent.name != "__pycache__"}
    for package in packages:
        left -= {path for pattern in patterns if pattern for path in package.glob(pattern)}
    assert not left


def test_modules_without_a_key_are_named_to_whoever_builds_a_workspace() -> None:
    words = (ROOT / "launch" / "README.md").read_text(encoding="utf-8").split()
    assert set(KEYS["by_hand"].values()) <= set(words)
