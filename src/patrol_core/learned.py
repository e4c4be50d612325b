"""What a site has learned: numbered versions in the site's folder, of which one is in force.

    sites/<site>/learned/in_force.yaml  one line a change, the last counts; 0: as shipped
    sites/<site>/learned/0001/          a version: perception.yaml, places.yaml, card.yaml

Both harnesses lay the values in force over those of `launch/config` at the start. Nothing but what
`LEARNABLE` names can be learned: the gate, the navigator and what is taken for a person cannot.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

from patrol_core.errors import ConfigError, Place
from patrol_core.params import ParamValue, make_params, read_param_file

FOLDER, IN_FORCE = "learned", "in_force.yaml"
PLACES_FILE, CARD_FILE = "places.yaml", "card.yaml"
LEARNABLE: Mapping[str, str] = {"perception": "evidence."}
"""Processes that have learned values, and how the names of these begin."""


def learned_values(
    site_folder: Path, process: str, params_type: type[Any]
) -> dict[str, ParamValue]:
    """Dotted names and values in force; empty where nothing was learned.

    Raises ConfigError when the file is wrong, or names what cannot be learned.
    """
    if process not in LEARNABLE:
        return {}
    path = file_in_force(site_folder, f"{process}.yaml")
    if path is None:
        return {}
    values = read_param_file(path)
    for name in values:
        if not name.startswith(LEARNABLE[process]):
            raise ConfigError(
                f"'{name}' cannot be learned",
                place=Place(path),
                expected=f"names that begin with '{LEARNABLE[process]}'",
                remedy=f"remove it; what a person sets goes into launch/config/{process}.yaml",
            )
    make_params(params_type, values, Place(path))
    return values


def file_in_force(site_folder: Path, name: str) -> Path | None:
    """A file of the version in force; None where none is, or where it has no such file."""
    version = version_in_force(site_folder)
    path = version_folder(site_folder, version) / name
    return path if version and path.is_file() else None


def version_folder(site_folder: Path, version: int) -> Path:
    """Where a version is kept."""
    return site_folder / FOLDER / f"{version:04d}"


def version_in_force(site_folder: Path) -> int:
    """Its number; 0: as shipped. Raises ConfigError when the file or the version is wrong."""
    return versions_in_force(site_folder)[-1]


def versions_in_force(site_folder: Path) -> list[int]:
    """What was in force, from the beginning (0) to now."""
    path = site_folder / FOLDER / IN_FORCE
    if not path.is_file():
        return [0]
    text = path.read_text(encoding="utf-8")
    versions = [0]
    for number, line in enumerate(text.splitlines(keepends=True), 1):
        if line.endswith("\n"):  # one that was cut off was never in force
            versions.append(_version(site_folder, line, Place(path, number)))
    return versions


def _version(site_folder: Path, line: str, place: Place) -> int:
    try:
        version = yaml.safe_load(line)[0]["version"]
    except (yaml.YAMLError, TypeError, LookupError):
        version = None
    is_number = isinstance(version, int) and not isinstance(version, bool)
    if not is_number or (version and not version_folder(site_folder, version).is_dir()):
        raise ConfigError(
            "no version that is kept",
            place=place,
            expected="lines such as '- {version: 1}', 0 for what was shipped",
            remedy="remove this line, or put the version's folder back",
        )
    return int(version)
