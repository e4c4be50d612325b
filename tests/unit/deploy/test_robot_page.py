"""docs/ROBOT.md names files, options and parameters that there are."""

from __future__ import annotations

import dataclasses
import importlib
import re

import pytest

from patrol_core.robot import RobotModel
from patrol_drivers.base.setup import CONTROLLERS
from ronda_cli.environment.paths import ROOT

TEXT = (ROOT / "docs" / "ROBOT.md").read_text(encoding="utf-8")
COMMANDS = [line.split("   ")[0] for line in re.findall(r"^\./ronda .*$", TEXT, re.MULTILINE)]
ELSEWHERE = {"motors"}
"""Commands whose options are looked after by tests of their own."""


def test_files_that_are_named_are_there() -> None:
    text = TEXT.replace("NAME", "roboclaw")
    paths = re.findall(r"(?:launch|src|urdf|docs)/[\w./-]+\.\w+", text)
    paths += [f"docs/{path}" for path in re.findall(r"\]\(([\w./-]+)\)", TEXT)]
    assert paths
    assert [path for path in paths if not (ROOT / path).exists()] == []


@pytest.mark.parametrize("command", COMMANDS)
def test_options_are_those_of_the_command(command: str) -> None:
    name = command.split()[1]
    if name in ELSEWHERE:
        return
    sources = [ROOT / "src" / "ronda_cli" / "commands" / f"{name}.py"]
    sources.append(ROOT / "src" / "ronda_cli" / "emulation.py")
    code = "".join(path.read_text(encoding="utf-8") for path in sources)
    for option in re.findall(r"--([\w-]+)", command):
        assert f"    {option.replace('-', '_')}: " in code or f'"--{option}"' in code


def test_every_section_of_the_robot_file_is_explained() -> None:
    table = TEXT.split("## The robot file")[1].split("\n## ")[0]
    sections = {field.name for field in dataclasses.fields(RobotModel)} - {"name"}
    assert [name for name in sections if f"`{name}" not in table and name not in table] == []


@pytest.mark.parametrize("controller", CONTROLLERS)
def test_every_controller_has_its_row_and_the_parameters_named_are_its_own(
    controller: str,
) -> None:
    params_name, _ = CONTROLLERS[controller]
    params = getattr(importlib.import_module(f"patrol_drivers.{controller}.params"), params_name)
    rows = [row for row in TEXT.splitlines() if row.lower().startswith(f"| {controller}")]
    assert len(rows) == 1
    own = {field.name for field in dataclasses.fields(params)}
    named = set(re.findall(r"`(\w+_\w+)(?:: \w+)?`", rows[0])) - {"vel_limit"}
    assert named <= own
