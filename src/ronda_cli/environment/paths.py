"""Where the environment is, and how its state is read."""

from __future__ import annotations

import hashlib
import os
import sys
from collections.abc import Iterable
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]
VENV = ROOT / ".venv"
STAMPS = VENV / "stamps"
LOG = VENV / "log" / "setup.log"
PYTHON = VENV / "bin" / "python"
GAZEBO_NAME = "gazebo_classic"
"""The folder in .venv that has Gazebo: it does not depend on what else is there, and stays."""
SITE_PACKAGES = VENV / "lib" / f"python3.{sys.version_info.minor}" / "site-packages"

SYSTEM_ROS = os.environ.get("RONDA_SYSTEM_ROS", "")
"""The prefix of an installed ROS 2 (`/opt/ros/jazzy`); empty where the wheels are used."""


class SetupError(Exception):
    """The environment cannot be made. The message says why, and what to do."""


def site_folder(site: str) -> Path:
    """The folder of a site given by name or by path."""
    named = ROOT / "sites" / site
    return named if not Path(site).exists() and named.is_dir() else Path(site)


def read(path: Path) -> str:
    """The text of a file; empty where there is none."""
    try:
        return path.read_text()
    except (FileNotFoundError, NotADirectoryError):
        return ""


def digest(files: Iterable[Path], *words: str) -> str:
    """One hash of words, and of the names and contents of files below the root."""
    hasher = hashlib.sha256("\0".join(words).encode())
    for path in sorted(files):
        hasher.update(f"\0{path.relative_to(ROOT)}\0".encode())
        hasher.update(path.read_bytes())
    return hasher.hexdigest()
