"""The message packages, built with colcon into the environment itself."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from pathlib import Path

from ronda_cli.environment.paths import (
    PYTHON,
    ROOT,
    STAMPS,
    SYSTEM_ROS,
    VENV,
    SetupError,
    digest,
    read,
)
from ronda_cli.environment.report import Report

_BUILT_WITH = re.compile(r"/opt/python/[^/]+/(include/python3\.\d+|lib/[^;\"\s]*/numpy/[^;\"\s]*)")
"""The include folders of Python and NumPy on the machine where the wheels were built."""


def packages() -> list[Path]:
    """The folders to build: ours, and those of the underlay that an installed ROS lacks."""
    underlay = sorted((ROOT / "ros2_ws" / "underlay").iterdir())
    if SYSTEM_ROS:
        underlay = [path for path in underlay if not Path(SYSTEM_ROS, "share", path.name).exists()]
    return [ROOT / "ros2_ws" / "src" / "patrol_interfaces", *underlay]


def key() -> str:
    """What the built packages depend on."""
    files = (path for folder in packages() for path in folder.rglob("*"))
    return digest((path for path in files if path.is_file()), read(STAMPS / "packages"))


def build(report: Report) -> None:
    """Build and install from the beginning: what was made of a message file that is gone stays in
    no library, and what it had installed goes too.
    """
    folders = packages()
    for folder in folders:
        for line in read(VENV / "build" / folder.name / "install_manifest.txt").splitlines():
            Path(line).unlink(missing_ok=True)
        shutil.rmtree(VENV / "build" / folder.name, ignore_errors=True)
    prefix = str(VENV)
    if SYSTEM_ROS:
        prefix += ":" + os.environ["AMENT_PREFIX_PATH"]
    else:
        _point_cmake_to_this_python(report)
    report.command(
        [VENV / "bin" / "colcon", "--log-base", VENV / "log" / "colcon", "build",
         "--base-paths", *folders, "--build-base", VENV / "build", "--install-base", VENV,
         "--merge-install", "--event-handlers", "console_cohesion+", "console_direct-",
         "--cmake-args", "-DBUILD_TESTING=OFF", "-DCMAKE_BUILD_TYPE=None",
         f"-DPython3_EXECUTABLE={PYTHON}"],
        AMENT_PREFIX_PATH=prefix,
        CMAKE_PREFIX_PATH=prefix,
        PATH=f"{VENV / 'bin'}:{os.environ['PATH']}",
        COLCON_DEFAULTS_FILE=os.devnull,
        MAKEFLAGS=f"-j{os.cpu_count()}",
    )  # fmt: skip
    for folder in folders:
        if not (VENV / "share" / folder.name / "package.xml").exists():
            raise SetupError(f"colcon skipped {folder.name}: is its package.xml valid?")


def _point_cmake_to_this_python(report: Report) -> None:
    probe = "import numpy, sysconfig; print(sysconfig.get_path('include'), numpy.get_include())"
    found = subprocess.run([PYTHON, "-c", probe], capture_output=True, text=True, check=True)
    python_include, numpy_include = found.stdout.split()
    for path in (VENV / "share").glob("*/cmake/*.cmake"):
        text = path.read_text()
        here = _BUILT_WITH.sub(
            lambda match: python_include if match[1].startswith("include") else numpy_include, text
        )
        if here != text:
            report.log.write(f"include folders set in {path}\n")
            path.write_text(here)
