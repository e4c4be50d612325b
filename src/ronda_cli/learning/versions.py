"""Versions of what a site has learned: written once, never changed; which is in force is a log.

`patrol_core/learned.py` says where they are, and reads them at the start of every process.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

import yaml

from patrol_core.errors import ConfigError, Place
from patrol_core.learned import (
    CARD_FILE,
    FOLDER,
    IN_FORCE,
    PLACES_FILE,
    version_folder,
    versions_in_force,
)
from patrol_core.params import ParamValue
from patrol_core.processes import PERCEPTION
from patrol_core.whole_file import write_whole
from patrol_core.yaml_file import load_yaml
from patrol_perception.learning.places import JudgedPlace, place_to_document

PARAMS_FILE = f"{PERCEPTION.name}.yaml"


def known_versions(site_folder: Path) -> list[int]:
    """The numbers of all versions that are kept, ascending."""
    names = (path.name for path in (site_folder / FOLDER).glob("[0-9]*") if path.is_dir())
    return sorted(int(name) for name in names if name.isdigit())


def read_card(site_folder: Path, version: int) -> dict[str, Any]:
    """A version's model card. Raises ConfigError."""
    path = version_folder(site_folder, version) / CARD_FILE
    card = load_yaml(path, "the card")
    if not isinstance(card, dict):
        raise ConfigError("no card", place=Place(path), expected="a mapping")
    return card


def write_version(
    site_folder: Path,
    thresholds: Mapping[str, ParamValue],
    places: Sequence[JudgedPlace],
    card: Mapping[str, Any],
    now: datetime,
) -> int:
    """Keep a new version and put it in force; its number. It is whole or not there."""
    version = max(known_versions(site_folder), default=0) + 1
    folder = version_folder(site_folder, version)
    partial = folder.with_suffix(".partial")
    partial.mkdir(parents=True, exist_ok=True)
    evidence = {"evidence": dict(thresholds)}
    values = {"/**": {"ros__parameters": evidence if thresholds else {}}}
    params = yaml.safe_dump(values, sort_keys=False)
    head = f"# Learned: version {version}. Not to be edited; {CARD_FILE} says from what.\n"
    hashed = {"version": version, "hash": params_hash(params)}
    texts = {
        PARAMS_FILE: head + params,
        PLACES_FILE: yaml.safe_dump({"places": [place_to_document(place) for place in places]}),
        CARD_FILE: yaml.safe_dump(hashed | dict(card), sort_keys=False, allow_unicode=True),
    }
    for name, text in texts.items():
        write_whole(partial / name, text.encode())
    partial.rename(folder)
    put_in_force(site_folder, version, now)
    return version


def params_hash(text: str) -> str:
    """Twelve letters that name the learned values."""
    return hashlib.sha256(text.encode()).hexdigest()[:12]


def version_before(site_folder: Path) -> int | None:
    """What `--back` returns to: what was in force before the present version was; None at 0."""
    history = versions_in_force(site_folder)
    if history[-1] == 0:
        return None
    earlier = [version for version in history if version < history[-1]]
    return earlier[-1]


def put_in_force(site_folder: Path, version: int, now: datetime) -> None:
    """From the next start on. Raises ConfigError when the folder cannot be written."""
    path = site_folder / FOLDER / IN_FORCE
    line = f'- {{version: {version}, since: "{now:%Y-%m-%dT%H:%M:%S%z}"}}\n'
    try:
        with path.open("a+b") as file:
            file.seek(0)
            file.truncate(file.read().rfind(b"\n") + 1)
            file.write(line.encode())
            file.flush()
            os.fsync(file.fileno())
    except OSError as error:
        raise ConfigError(
            f"cannot write: {error.strerror}", place=Place(path), remedy="check its permissions"
        ) from error
