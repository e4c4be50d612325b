"""Finds packages and their executables in the source tree, as the ament index does when built.

What is not of Ronda (a sensor's driver) is looked for where ROS 2 has installed it.
"""

from __future__ import annotations

import configparser
import difflib
import os
import sys
import xml.etree.ElementTree as ET
from collections.abc import Iterable
from pathlib import Path

from ronda_cli.environment.paths import ROOT

COLCON_FOLDERS = ("ros2_ws/src/*", "launch", "urdf", "sim", "sites", "src")
"""Where packages are, below the root: those of `ros2_ws/colcon_defaults.yaml`."""


class PackageError(Exception):
    """There is no such package or executable. The message says which there are."""


class Packages:
    """The packages in some folders, by the name in their `package.xml`.

    A package's share folder is its source folder: what it installs keeps its place there.
    """

    def __init__(self, folders: Iterable[Path], prefixes: Iterable[Path] = ()) -> None:
        self._prefixes = tuple(prefixes)
        self._folders = {
            str(ET.parse(folder / "package.xml").findtext("name")): folder  # noqa: S314 - our own
            for folder in folders
            if (folder / "package.xml").is_file()
        }

    def share(self, package: str) -> Path:
        """The share folder. Raises PackageError."""
        if package in self._folders:
            return self._folders[package]
        prefix = self._installed(package)
        if prefix is None:
            raise PackageError(_unknown("package", package, self._folders))
        return prefix / "share" / package

    def command(self, package: str, executable: str) -> tuple[str, ...]:
        """The command line of an installed package's executable, or of a console script of a
        Python package. Raises PackageError."""
        prefix = self._installed(package)
        if package not in self._folders and prefix is not None:
            program = prefix / "lib" / package / executable
            if not os.access(program, os.X_OK):
                there = sorted(path.name for path in program.parent.glob("*"))
                raise PackageError(_unknown(f"executable of {package}", executable, there))
            return (str(program),)
        setup = configparser.ConfigParser()
        setup.read(self.share(package) / "setup.cfg", encoding="utf-8")
        entries = setup.get("options.entry_points", "console_scripts", fallback="")
        scripts = dict(_split(line) for line in entries.splitlines() if line.strip())
        if executable not in scripts:
            raise PackageError(_unknown(f"executable of {package}", executable, scripts))
        return (sys.executable, "-m", scripts[executable].partition(":")[0])

    def _installed(self, package: str) -> Path | None:
        """The prefix that the package is installed under: the ament index has a file for it."""
        index = Path("share", "ament_index", "resource_index", "packages", package)
        return next((prefix for prefix in self._prefixes if (prefix / index).is_file()), None)


def source_packages() -> Packages:
    """The packages of this source tree, and behind them those of the ROS that is sourced."""
    prefixes = os.environ.get("AMENT_PREFIX_PATH", "").split(os.pathsep)
    return Packages(
        (folder for pattern in COLCON_FOLDERS for folder in sorted(ROOT.glob(pattern))),
        (Path(prefix) for prefix in prefixes if prefix),
    )


def _split(line: str) -> tuple[str, str]:
    name, _, target = line.partition("=")
    return name.strip(), target.strip()


def _unknown(what: str, name: str, known: Iterable[str]) -> str:
    names = sorted(known)
    close = difflib.get_close_matches(name, names, n=1)
    hint = f"did you mean '{close[0]}'?" if close else f"there are: {', '.join(names) or 'none'}"
    return f"there is no {what} '{name}'; {hint}"
