"""The virtual environment and the exact pins in it."""

from __future__ import annotations

import csv
import importlib.metadata
import os
import re
import shutil
import sys

from ronda_cli.environment.paths import (
    GAZEBO_NAME,
    PYTHON,
    ROOT,
    SITE_PACKAGES,
    STAMPS,
    SYSTEM_ROS,
    VENV,
    digest,
    read,
)
from ronda_cli.environment.report import Report
from ronda_cli.environment.system import base_python, need_system_packages

_SOUND = STAMPS / "sound"
"""Names the root while no installation is half done; absent in an environment to be made anew."""

_CHECKED = STAMPS / "checked"
"""The state of site-packages when its files were last found complete."""


def pins() -> list[str]:
    """Every `name==version` that belongs into the environment of this Python.

    An installed ROS keeps its own packages, and NumPy is then the one that it was built with.
    """
    first = "jazzy" if SYSTEM_ROS else "ros"
    chosen: dict[str, str] = {}
    for name in (first, "build", "runtime", "dev"):
        for line in (ROOT / "requirements" / f"{name}.txt").read_text().splitlines():
            pin, _, marker = line.split("#")[0].partition(";")
            package = pin.partition("==")[0].strip()
            from_ros = SYSTEM_ROS and (package.startswith("ros-") or package == "empy")
            if package and not from_ros and not (marker and sys.version_info >= (3, 11)):
                chosen.setdefault(package, pin.strip())
    return list(chosen.values())


def key() -> str:
    """What the installed packages depend on."""
    return digest([], str(ROOT), SYSTEM_ROS, *pins())


def install(report: Report) -> None:
    """Make the environment where there is no sound one, and bring its packages to the pins."""
    need_system_packages(report)
    if read(_SOUND) != str(ROOT) or not _has_python():
        _make_venv(report)
    _pip_install(report, pins())
    if broken := damaged():
        report.say(f"with files missing, so installed again: {', '.join(broken)}")
        _pip_install(report, broken, "--force-reinstall")
    write_path_file()
    STAMPS.mkdir(exist_ok=True)
    _SOUND.write_text(str(ROOT))


def _pip_install(report: Report, wanted: list[str], *options: str) -> None:
    seen = 0

    def on_line(line: str) -> None:
        nonlocal seen
        if line.startswith(("Collecting ", "Requirement already satisfied")):
            seen += 1
            report.progress(f"{seen} of {len(wanted)}  {line.rsplit(maxsplit=1)[-1]}")
        elif line.startswith("Installing collected"):
            _SOUND.unlink(missing_ok=True)  # from here on it may be left half done
            report.progress("all fetched, unpacking")

    report.command(
        [PYTHON, "-m", "pip", "install", "--disable-pip-version-check", "--no-input", "--no-deps",
         "--only-binary=:all:", "--no-binary=empy,pyvesc", *options, *wanted],
        on_line,
    )  # fmt: skip


def _make_venv(report: Report) -> None:
    report.progress("removing what an earlier run left")
    python = base_python()
    for entry in VENV.iterdir():
        if entry.name in ("log", GAZEBO_NAME):
            continue
        if entry.is_dir() and not entry.is_symlink():
            shutil.rmtree(entry)
        else:
            entry.unlink()
    site = ("--system-site-packages",) if SYSTEM_ROS else ()
    report.command([python, "-m", "venv", *site, VENV])


def write_path_file() -> None:
    """Make src, sim and the node packages importable, also those added since the last start."""
    folders = [ROOT / "src", ROOT / "sim", *sorted((ROOT / "ros2_ws" / "src").glob("*_ros"))]
    text = "".join(f"{folder}\n" for folder in folders)
    path = SITE_PACKAGES / "ronda.pth"
    if read(path) != text:
        path.write_text(text)


def seem_untouched() -> bool:
    """Whether site-packages is as it was when its files were last found complete."""
    return _has_python() and read(_CHECKED) == str(SITE_PACKAGES.stat().st_mtime_ns)


def look_for_damage() -> None:
    """Have packages installed again if files are missing, or all if the Python is another one.

    To be called by who holds the lock: an installation at work looks like damage.
    """
    stamp = STAMPS / "packages"
    if stamp.exists() and (not _has_python() or damaged()):
        stamp.unlink()


def _has_python() -> bool:
    """Whether the environment is of this Python, and the link to it leads somewhere."""
    return PYTHON.exists() and SITE_PACKAGES.exists()


def note_untouched() -> None:
    """The packages are complete as they are now."""
    _CHECKED.write_text(str(SITE_PACKAGES.stat().st_mtime_ns))


def damaged() -> list[str]:
    """The pins of which a file is missing, or that are there in another version."""
    found = {
        _normal(distribution.metadata["Name"]): distribution
        for distribution in importlib.metadata.distributions(path=[str(SITE_PACKAGES)])
    }
    wrong = []
    for pin in pins():
        name, version = pin.split("==")
        distribution = found.get(_normal(name))
        if not distribution or distribution.version != version or not _complete(distribution):
            wrong.append(pin)
    return wrong


def _normal(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def _complete(distribution: importlib.metadata.Distribution) -> bool:
    """Whether every file of its record is there. `Distribution.files` leaves out missing ones."""
    rows = csv.reader((distribution.read_text("RECORD") or "").splitlines())
    files = [row[0] for row in rows if row and not row[0].endswith(".pyc")]
    return all(os.path.lexists(SITE_PACKAGES / file) for file in files)
