"""New files into a site folder: checked first, each whole, and the old ones kept."""

from __future__ import annotations

import difflib
import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path

from patrol_core.errors import ConfigError, Place
from patrol_core.site import SiteCheck
from patrol_core.site.loader import SITE_FILE
from patrol_core.site.trial import tried
from patrol_core.whole_file import write_whole
from ronda_cli.site_check import check_all

VERSIONS = "before"
"""Folder of a site that keeps, numbered, the files as they were before each lesson."""


def checked(folder: Path, changed: Mapping[str, bytes]) -> SiteCheck:
    """What `./ronda site check` would say if the files were changed. Nothing is written there."""
    return tried(folder, changed, check_all)


def write(folder: Path, changed: Mapping[str, bytes], drive: Sequence[Path]) -> Path | None:
    """Put the files into the site; where the old ones are now, if there were any.

    `site.yaml`, which names what is in the others, comes last: after a power cut the site is as it
    was, or as it shall be, or has things in it that nobody names. The files of the
    `drive` go to the old ones, as they are done with. Raises ConfigError when the disk refuses.
    """
    old = [name for name in changed if (folder / name).is_file()]
    version = None
    try:
        folder.mkdir(parents=True, exist_ok=True)
        driven = [path for path in drive if path.is_file()]
        if old or driven:
            version = _next_version(folder / VERSIONS)
            for name in old:
                write_whole(version / name, (folder / name).read_bytes())
        for name in sorted(changed, key=lambda name: name == SITE_FILE):
            write_whole(folder / name, changed[name])
        if version is not None:
            for path in driven:
                shutil.move(path, version / path.name)
    except OSError as error:
        raise ConfigError(
            f"cannot write: {error.strerror}", place=Place(folder),
            remedy="free disk space, check that the folder is writable, and give the command "
            "again: the drive is kept",
        ) from error  # fmt: skip
    return version


def differences(folder: Path, changed: Mapping[str, bytes]) -> str:
    """The changes as a unified diff; images as one line."""
    parts = []
    for name, data in changed.items():
        path = folder / name
        before = path.read_bytes() if path.is_file() else b""
        if b"\0" in data or name.endswith(".pgm"):
            parts.append(f"{path}: an image of {len(data)} bytes\n")
            continue
        old, new = (text.decode().splitlines(keepends=True) for text in (before, data))
        parts.extend(difflib.unified_diff(old, new, str(path), f"{path} (new)"))
    return "".join(parts)


def _next_version(versions: Path) -> Path:
    numbers = [int(path.name) for path in versions.glob("*") if path.name.isdigit()]
    version = versions / str(max(numbers, default=0) + 1)
    version.mkdir(parents=True)
    return version
