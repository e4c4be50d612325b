"""Under which numbers something was decided: one short digest."""

from __future__ import annotations

import hashlib
import importlib
import json
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from patrol_core.learned import PLACES_FILE, file_in_force
from patrol_core.robot import RobotModel
from patrol_core.site.checks_file import CHECKS_FILE
from patrol_core.site.loader import SITE_FILE
from patrol_core.site.model import Site
from patrol_core.site.zone_watch import ZONES_FILE

_DIGITS = 12


def config_hash(
    params: Any,
    site: Site,
    robot: RobotModel,
    packages: Sequence[str],
    files: Sequence[Path] = (),
) -> str:
    """Twelve letters that change with parameters (a dataclass), site files, map, robot and code.

    `files`: what else decides. Computed once, at the start; the same on every machine. Files that
    are not there count as such.
    """
    digest = hashlib.sha256()
    for value in (params, robot):
        digest.update(json.dumps(asdict(value), sort_keys=True).encode())
    for path in (*_site_files(site), *files):
        _add_file(digest, path, path.name)
    for package in packages:
        digest.update(code_digest(package).encode())
    return digest.hexdigest()[:_DIGITS]


@cache
def code_digest(package: str) -> str:
    """Digest of a package's code and numbers; they cannot change while the process runs."""
    digest = hashlib.sha256()
    folder = Path(importlib.import_module(package).__path__[0])
    for path in sorted((*folder.rglob("*.py"), *folder.rglob("*.yaml"))):
        _add_file(digest, path, path.relative_to(folder).as_posix())
    return digest.hexdigest()[:_DIGITS]


def _site_files(site: Site) -> Iterator[Path]:
    yield site.folder / SITE_FILE
    yield site.folder / ZONES_FILE
    yield site.folder / CHECKS_FILE
    yield site.map_file
    if site.map_file.is_file():
        document = yaml.safe_load(site.map_file.read_text(encoding="utf-8"))
        yield site.map_file.parent / str(document["image"])
    places = file_in_force(site.folder, PLACES_FILE)
    if places is not None:
        yield places


def _add_file(digest: Any, path: Path, name: str) -> None:
    digest.update(f"\0{name}\0".encode())
    digest.update(path.read_bytes() if path.is_file() else b"\0absent")
