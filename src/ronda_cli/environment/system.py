"""What pip cannot install: compiler, headers, and the libraries of off-screen rendering."""

from __future__ import annotations

import os
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

from ronda_cli.environment.paths import SetupError
from ronda_cli.environment.report import Report

_EGL_PACKAGES = ("libegl1", "libopengl0", "libgl1-mesa-dri")
_EGL_LIBRARIES = ("libEGL.so.1", "libOpenGL.so.0", "libEGL_mesa.so.0")
BROWSERS = ("chromium", "chromium-browser", "google-chrome")
"""Programs that the tests of web pages drive, the first that is there."""
SDFORMAT = "ign"
"""libsdformat on the command line: the referee of worlds and of the robot as Gazebo has it."""
_SDFORMAT_PACKAGES = ("libsdformat-dev", "ignition-tools")


def base_python() -> str:
    """The Python that environments are made from: ours links to it."""
    return str(Path(sys.executable).resolve())


def need_system_packages(report: Report) -> None:
    """Install what is missing with apt, or raise SetupError with the line to type."""
    missing = _missing()
    egl = [] if _renders() else list(_EGL_PACKAGES)
    if not missing and not egl:
        return
    typed = apt_install(report, [*missing, *egl])
    if typed is None:
        return
    if missing:
        what = ", ".join(missing)
        raise SetupError(f"{what} missing, and installing needs root.\nType: {typed}")
    report.say(f"without EGL the simulated camera stays off. To have it, type: {typed}")


def want_test_programs(report: Report) -> None:
    """Install what some tests drive and are skipped without, or say what to type."""
    wanted = [] if any(map(shutil.which, BROWSERS)) else ["chromium"]
    wanted += [] if shutil.which("espeak-ng") else ["espeak-ng"]
    _want(report, wanted)
    if not shutil.which(SDFORMAT):  # apart, for not every distribution has it
        _want(report, list(_SDFORMAT_PACKAGES))


def _want(report: Report, wanted: list[str]) -> None:
    if not wanted:
        return
    names = ", ".join(wanted)
    try:
        typed = apt_install(report, wanted)
    except SetupError as error:
        report.say(f"without {names} some tests are skipped: {error}")
        return
    if typed is not None:
        report.say(f"without {names} some tests are skipped. To have them, type: {typed}")


def apt_install(report: Report, names: list[str]) -> str | None:
    """Install Debian packages; where that needs a password, the line to type instead."""
    line = ["apt-get", "install", "-y", "--no-install-recommends", *names]
    become_root = _become_root()
    if become_root is None or not shutil.which("apt-get"):
        return "sudo " + shlex.join(line)
    report.progress("installing " + " ".join(names))
    report.command([*become_root, "apt-get", "update"])
    report.command([*become_root, *line], DEBIAN_FRONTEND="noninteractive")
    return None


def _missing() -> list[str]:
    """The Debian packages without which nothing can be built."""
    missing = [tool for tool in ("g++", "cmake", "make") if not shutil.which(tool)]
    version = f"python3.{sys.version_info.minor}"
    if base_python().startswith("/usr/bin/"):
        if not _runs("import ensurepip"):
            missing.append(f"{version}-venv")
        if not Path("/usr/include", version, "Python.h").exists():
            missing.append(f"{version}-dev")
    return missing


def _become_root() -> list[str] | None:
    """The words to put before a command to run it as root; None if that needs a password."""
    if os.geteuid() == 0:
        return []
    if not shutil.which("sudo"):
        return None
    allowed = subprocess.run(["sudo", "-n", "true"], capture_output=True, check=False)
    return ["sudo", "-n", "--preserve-env=DEBIAN_FRONTEND"] if allowed.returncode == 0 else None


def _renders() -> bool:
    """Whether the software renderer is there: the loader's libraries, and Mesa's driver."""
    driver = any(Path("/usr/lib").glob("*/dri/*swrast*"))
    return driver and all(map(_loads, _EGL_LIBRARIES))


def _loads(library: str) -> bool:
    return _runs(f"import ctypes; ctypes.CDLL({library!r})")


def _runs(code: str) -> bool:
    probe = [base_python(), "-I", "-c", code]
    return subprocess.run(probe, capture_output=True, check=False).returncode == 0
