"""Further robots that a console shows, each in its own namespace: a YAML file says which."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, ConfigDict, StringConstraints, ValidationError

from patrol_core.component import ProcessContext
from patrol_core.errors import ConfigError, Place
from patrol_core.robot import load_robot
from patrol_core.site.history import open_site
from patrol_core.yaml_file import load_yaml

MAX_ROBOTS = 20
_Name = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{0,30}$")]


class _Entry(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)
    site: str
    robot: str
    run_folder: str


class _Fleet(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)
    robots: dict[_Name, _Entry]


@dataclass(frozen=True, slots=True)
class Another:
    """A robot of the file. `name` is its namespace, its name on pages and its records' name."""

    name: str
    context: ProcessContext


def read_fleet(file: Path, own_name: str, own: ProcessContext) -> list[Another]:
    """The robots that a file lists, beside this one; paths in it count from its folder.

    Raises ConfigError that names the file and what is wrong in it.
    """
    try:
        fleet = _Fleet.model_validate(load_yaml(file, "the fleet's file"))
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False, include_context=False)[0]
        where = ".".join(str(part) for part in first["loc"]) or "the file"
        raise ConfigError(
            f"{where}: {first['msg']}", place=Place(file),
            expected="robots: {NAME: {site: FOLDER, robot: FILE, run_folder: FOLDER}}, "
            "a NAME of small letters, digits and _",
        ) from error  # fmt: skip
    if own_name in fleet.robots or len(fleet.robots) > MAX_ROBOTS:
        raise ConfigError(
            f"robots: '{own_name}' is this robot's own name"
            if own_name in fleet.robots
            else f"robots: {len(fleet.robots)} of them",
            place=Place(file),
            expected=f"up to {MAX_ROBOTS} robots with other names",
        )
    return [Another(name, _context(file.parent, one, own)) for name, one in fleet.robots.items()]


def _context(folder: Path, entry: _Entry, own: ProcessContext) -> ProcessContext:
    robot = load_robot(folder / entry.robot)
    site = open_site(folder / entry.site, robot.body.width_m / 2.0)
    return ProcessContext(site, robot, folder / entry.run_folder, own.seed, own.epoch_s)
