"""Make and keep the environment in `.venv`: run by `./ronda` before every command.

Standard library only, on any Python from 3.10 to 3.13. The work is a row of stages. Each has a key
(a digest of what it depends on) that is written to `.venv/stamps` when the stage is done, so a later
start redoes the stages whose inputs changed and nothing else. An environment whose packages were
interrupted halfway, moved or damaged is made anew; downloads are kept in pip's own cache.
"""

from __future__ import annotations

import fcntl
import hashlib
import importlib.metadata
import os
import re
import shlex
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterable
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, TextIO

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).resolve().parents[2]
VENV = ROOT / ".venv"
STAMPS = VENV / "stamps"
LOG = VENV / "log" / "setup.log"
PYTHON = VENV / "bin" / "python"
SYSTEM_ROS = os.environ.get("RONDA_SYSTEM_ROS")

_EGL_PACKAGES = ("libegl1", "libgl1", "libegl-mesa0", "libgl1-mesa-dri")
_EGL_LIBRARIES = ("libEGL.so.1", "libGL.so.1", "libEGL_mesa.so.0")
_HINTS = (
    (
        r"No space left",
        "Free some disk space (the environment takes 1.5 GB), then run ./ronda again.",
    ),
    (
        r"Name or service|Temporary failure|timed out|ConnectionError|NewConnectionError|ProxyError",
        "The package index could not be reached. Check the network, then run ./ronda again: "
        "what was downloaded is kept.",
    ),
    (
        r"No matching distribution",
        "There are wheels for x86-64 Linux and Python 3.10 to 3.13. On other processors install "
        "ROS 2 Jazzy from your distribution; ./ronda then uses it.",
    ),
)


class SetupError(Exception):
    """A stage failed. The message says what, and what to do."""


@dataclass(frozen=True)
class Stage:
    """`key` digests the inputs, `run` does the work and may report progress as text."""

    name: str
    title: str
    key: Callable[[], str]
    run: Callable[[Report], None]

    @property
    def stamp(self) -> Path:
        return STAMPS / self.name

    def is_current(self) -> bool:
        return _read(self.stamp) == self.key()


class Report:
    """Progress on the terminal, detail in a log file."""

    def __init__(self, log: TextIO) -> None:
        self.log = log
        self._live = sys.stderr.isatty()
        self._started_s = time.monotonic()
        self._title = ""

    def begin(self, title: str) -> None:
        self._title, self._started_s = title, time.monotonic()
        self.log.write(f"== {title}\n")
        self._show(f"{title} ...", end="" if self._live else "\n")

    def progress(self, text: str) -> None:
        if self._live:
            self._show(f"{self._title} ... {self._elapsed()}  {text}", end="")

    def end(self) -> None:
        if self._live:
            self._show(f"{self._title}: {self._elapsed()}")
        else:
            print(f"ronda:   done in {self._elapsed()}", file=sys.stderr, flush=True)

    def say(self, text: str) -> None:
        self.log.write(text + "\n")
        self._show(text)

    def _elapsed(self) -> str:
        return f"{time.monotonic() - self._started_s:.0f} s"

    def _show(self, text: str, end: str = "\n") -> None:
        start = "\r\x1b[K" if self._live else ""
        columns = shutil.get_terminal_size().columns - 8 if end == "" else 1000
        print(f"{start}ronda: {text[:columns]}", end=end, file=sys.stderr, flush=True)

    def command(
        self, argv: Iterable[str | Path], on_line: Callable[[str], None] | None = None, **env: str
    ) -> None:
        """Run one command with its output in the log; raise SetupError with the tail on failure."""
        words = [str(word) for word in argv]
        self.log.write(f"$ {shlex.join(words)}\n")
        tail: list[str] = []
        with subprocess.Popen(
            words, cwd=ROOT, env=_clean_environment() | env, text=True, errors="replace",
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        ) as process:  # fmt: skip
            assert process.stdout is not None
            for line in process.stdout:
                self.log.write(line)
                tail = [*tail[-14:], line.rstrip()]
                if on_line:
                    on_line(line.rstrip())
        if process.returncode:
            raise SetupError("\n".join([f"{words[0]} failed:", *("  " + line for line in tail)]))


def _clean_environment() -> dict[str, str]:
    """The caller's environment without what another Python or ROS workspace left in it."""
    names = ("PYTHONPATH", "PYTHONHOME", "VIRTUAL_ENV", "_ROS_WHEELS_BOOTSTRAP_COMPLETE")
    drop = names[:0] if SYSTEM_ROS else names
    return {name: value for name, value in os.environ.items() if name not in drop}


def _read(path: Path) -> str:
    try:
        return path.read_text()
    except (FileNotFoundError, NotADirectoryError):
        return ""


def _digest(files: Iterable[Path], *words: str) -> str:
    digest = hashlib.sha256("\0".join(words).encode())
    for path in sorted(files):
        digest.update(f"\0{path.relative_to(ROOT)}\0".encode())
        digest.update(path.read_bytes())
    return digest.hexdigest()


# Packages: the virtual environment and the exact pins.


def _pins() -> list[str]:
    """Every `name==version` that belongs into the environment of this Python.

    Where the distribution brings ROS, its packages stay away, and NumPy is the one ROS was built with.
    """
    names = (
        ("jazzy", "build", "runtime", "dev") if SYSTEM_ROS else ("ros", "build", "runtime", "dev")
    )
    pins: dict[str, str] = {}
    for name in names:
        for line in (ROOT / "requirements" / f"{name}.txt").read_text().splitlines():
            pin, _, marker = line.split("#")[0].partition(";")
            package = pin.partition("==")[0].strip()
            of_ros = package.startswith("ros-") or package == "empy"
            if (
                package
                and not (marker and sys.version_info >= (3, 11))
                and not (SYSTEM_ROS and of_ros)
            ):
                pins.setdefault(package, pin.strip())
    return list(pins.values())


def _packages_key() -> str:
    return _digest([], str(ROOT), SYSTEM_ROS or "", *_pins())


def _install_packages(report: Report) -> None:
    _need_system_packages(report)
    if VENV.exists():
        report.progress("removing what an earlier run left")
        for entry in VENV.iterdir():
            if entry.name != "log":
                _remove(entry)
    site = ("--system-site-packages",) if SYSTEM_ROS else ()
    report.command([_base_python(), "-m", "venv", *site, VENV])
    pins = _pins()
    seen = 0

    def on_line(line: str) -> None:
        nonlocal seen
        if line.startswith("Collecting "):
            seen += 1
            report.progress(f"{seen} of {len(pins)}  {line.split()[1]}")
        elif line.startswith("Installing collected"):
            report.progress("all fetched, unpacking")

    report.command(
        [PYTHON, "-m", "pip", "install", "--disable-pip-version-check", "--no-input", "--no-deps",
         "--only-binary=:all:", "--no-binary=empy", *pins],
        on_line,
    )  # fmt: skip


def _remove(path: Path) -> None:
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    else:
        path.unlink()


def _base_python() -> str:
    """The Python that environments are made from, also when this one runs inside of one."""
    return str(getattr(sys, "_base_executable", sys.executable))


def _need_system_packages(report: Report) -> None:
    """Install with apt what pip cannot, or say the line to type."""
    minor = sys.version_info.minor
    missing = []
    if not shutil.which("g++"):
        missing.append("g++")
    missing += [tool for tool in ("cmake", "make") if not shutil.which(tool)]
    if _base_python().startswith("/usr/bin/"):
        if not _has_module("ensurepip"):
            missing.append(f"python3.{minor}-venv")
        if not Path(f"/usr/include/python3.{minor}/Python.h").exists():
            missing.append(f"python3.{minor}-dev")
    egl = [] if all(map(_loads, _EGL_LIBRARIES)) else list(_EGL_PACKAGES)
    if not missing and not egl:
        return
    line = ["apt-get", "install", "-y", "--no-install-recommends", *missing, *egl]
    become_root = _become_root()
    if become_root is not None and shutil.which("apt-get"):
        report.progress("installing " + " ".join(line[4:]))
        report.command([*become_root, "apt-get", "update"])
        report.command([*become_root, *line], DEBIAN_FRONTEND="noninteractive")
        return
    typed = "sudo " + shlex.join(line)
    if missing:
        what = ", ".join(missing)
        raise SetupError(f"{what} missing, and installing needs root.\nType: {typed}")
    report.say(f"without EGL the simulated camera stays off. To have it, type: {typed}")


def _become_root() -> list[str] | None:
    """The words to put before a command to run it as root; None if that needs a password."""
    if os.geteuid() == 0:
        return []
    if not shutil.which("sudo"):
        return None
    allowed = subprocess.run(["sudo", "-n", "true"], capture_output=True, check=False)
    return ["sudo", "-n", "--preserve-env=DEBIAN_FRONTEND"] if allowed.returncode == 0 else None


def _has_module(name: str) -> bool:
    probe = [_base_python(), "-I", "-c", f"import {name}"]
    return subprocess.run(probe, capture_output=True, check=False).returncode == 0


def _loads(library: str) -> bool:
    probe = [sys.executable, "-S", "-I", "-c", f"import ctypes; ctypes.CDLL({library!r})"]
    return subprocess.run(probe, capture_output=True, check=False).returncode == 0


# Interfaces: the message packages, built with colcon into the environment itself.


def _interface_packages() -> list[Path]:
    folders = [ROOT / "ros2_ws" / "src" / "patrol_interfaces"]
    underlay = sorted((ROOT / "ros2_ws" / "underlay").iterdir())
    have = Path(SYSTEM_ROS, "share") if SYSTEM_ROS else None
    return folders + [
        folder for folder in underlay if not (have and (have / folder.name).exists())
    ]


def _interfaces_key() -> str:
    files = (path for folder in _interface_packages() for path in folder.rglob("*"))
    return _digest((path for path in files if path.is_file()), _read(STAMPS / "packages"))


def _build_interfaces(report: Report) -> None:
    packages = _interface_packages()
    for package in packages:
        _remove_built(package.name)
    _point_cmake_to_this_python(report)
    prefix = str(VENV) + (f":{os.environ['CMAKE_PREFIX_PATH']}" if SYSTEM_ROS else "")
    report.command(
        [VENV / "bin" / "colcon", "--log-base", VENV / "log" / "colcon", "build",
         "--base-paths", *packages, "--build-base", VENV / "build", "--install-base", VENV,
         "--merge-install", "--event-handlers", "console_cohesion+", "console_direct-",
         "--cmake-args", "-DBUILD_TESTING=OFF", "-DCMAKE_BUILD_TYPE=Release",
         f"-DPython3_EXECUTABLE={PYTHON}"],
        AMENT_PREFIX_PATH=prefix,
        CMAKE_PREFIX_PATH=prefix,
        PATH=f"{VENV / 'bin'}:{os.environ['PATH']}",
        COLCON_DEFAULTS_FILE=os.devnull,
    )  # fmt: skip
    for package in packages:
        if not (VENV / "share" / package.name / "package.xml").exists():
            raise SetupError(f"colcon skipped {package.name}: is its package.xml valid?")


def _remove_built(package: str) -> None:
    """Take out what the last build installed: a message that is gone must not linger."""
    for line in _read(VENV / "build" / package / "install_manifest.txt").splitlines():
        Path(line).unlink(missing_ok=True)


def _point_cmake_to_this_python(report: Report) -> None:
    """The wheels name the include folders of the machine they were built on: name this one's."""
    probe = "import numpy, sysconfig; print(sysconfig.get_path('include'), numpy.get_include())"
    found = subprocess.run([PYTHON, "-c", probe], capture_output=True, text=True, check=True)
    python_include, numpy_include = found.stdout.split()
    built_on = re.compile(
        r"/opt/python/[^/]+/(include/python3\.\d+|lib/[^;\"\s]*/numpy/[^;\"\s]*)"
    )
    for path in (VENV / "share").glob("*/cmake/*.cmake"):
        text = path.read_text()
        here = built_on.sub(
            lambda match: python_include if match[1].startswith("include") else numpy_include, text
        )
        if here != text:
            report.log.write(f"include folders set in {path}\n")
            path.write_text(here)


# Kernels: importing a module of numba kernels compiles them into the cache.


def _kernel_modules() -> dict[str, Path]:
    """Every module under src and sim whose file name ends in `kernels.py`, by its dotted name."""
    modules = {}
    for base in (ROOT / "src", ROOT / "sim"):
        for path in base.rglob("*kernels.py"):
            modules[".".join(path.relative_to(base).with_suffix("").parts)] = path
    return modules


def _kernels_key() -> str:
    """As numba's own cache: a kernel is compiled again when its file's time or size changes."""
    stats = ((path, path.stat()) for path in sorted(_kernel_modules().values()))
    words = [f"{path} {stat.st_mtime_ns} {stat.st_size}" for path, stat in stats]
    return _digest([], _read(STAMPS / "packages"), *words)


def _compile_kernels(report: Report) -> None:
    for name in sorted(_kernel_modules()):
        report.progress(name)
        report.command([PYTHON, "-c", f"import {name}"])


STAGES = (
    Stage("packages", "Installing packages into .venv", _packages_key, _install_packages),
    Stage("interfaces", "Building the message packages", _interfaces_key, _build_interfaces),
    Stage("kernels", "Compiling the numerical kernels", _kernels_key, _compile_kernels),
)


def _site_packages() -> Path:
    return VENV / "lib" / f"python3.{sys.version_info.minor}" / "site-packages"


def _write_path_file() -> None:
    """Make src, sim and the node packages importable, also those added since the last start."""
    folders = [ROOT / "src", ROOT / "sim", *sorted((ROOT / "ros2_ws" / "src").glob("*_ros"))]
    text = "".join(f"{folder}\n" for folder in folders)
    path = _site_packages() / "ronda.pth"
    if _read(path) != text:
        path.write_text(text)


def damaged_packages() -> list[str]:
    """The pinned packages of which a file is missing, or that are there in another version."""
    found = {
        _normal(distribution.metadata["Name"]): distribution
        for distribution in importlib.metadata.distributions(path=[str(_site_packages())])
    }
    damaged = []
    for name, version in (pin.split("==") for pin in _pins()):
        distribution = found.get(_normal(name))
        if not distribution or distribution.version != version or not _complete(distribution):
            damaged.append(name)
    return damaged


def _normal(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def _complete(distribution: importlib.metadata.Distribution) -> bool:
    files = (file for file in distribution.files or [] if file.suffix != ".pyc")
    return all(os.path.lexists(str(distribution.locate_file(file))) for file in files)


def _drop_stamps_if_damaged(thorough: bool) -> None:
    """Check the installed files when asked to, or when site-packages changed since last time."""
    stamp = STAMPS / "checked"
    if not _site_packages().exists() or not (STAMPS / "packages").exists():
        return
    state = str(_site_packages().stat().st_mtime_ns)
    if not thorough and _read(stamp) == state:
        return
    if damaged_packages():
        (STAMPS / "packages").unlink()
    else:
        stamp.write_text(state)


@contextmanager
def _only_one() -> Iterator[None]:
    """Hold the lock that two first starts at once share."""
    handle = os.open(ROOT, os.O_RDONLY)
    try:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            print("ronda: waiting for another ./ronda that sets up ...", file=sys.stderr)
            fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)


def _current(thorough: bool) -> bool:
    if not (STAMPS / "packages").exists():
        return False
    _drop_stamps_if_damaged(thorough)
    return all(stage.is_current() for stage in STAGES)


def _run_stages() -> None:
    LOG.parent.mkdir(parents=True, exist_ok=True)
    with LOG.open("w", buffering=1) as log:
        report = Report(log)
        for stage in STAGES:
            if stage.is_current():
                continue
            stage.stamp.unlink(missing_ok=True)
            report.begin(stage.title)
            try:
                stage.run(report)
            except SetupError as error:
                raise SetupError(f"{stage.title} failed.\n{error}\n{_remedy()}") from error
            STAMPS.mkdir(exist_ok=True)
            if stage.name == "packages":
                _write_path_file()
            stage.stamp.write_text(stage.key())
            report.end()


def _remedy() -> str:
    """Where the whole log is, and what to do about it."""
    text = LOG.read_text()
    known = [remedy for pattern, remedy in _HINTS if re.search(pattern, text)]
    remedy = known[0] if known else "Remedy: run ./ronda again; it takes up where it stopped."
    return f"The whole log: {LOG}\n{remedy}"


def main(command: str) -> int:
    """Bring the environment up to date; the exit status is 0 when it is."""
    try:
        if not _current(thorough=command == "setup"):
            with _only_one():
                if not _current(thorough=False):
                    _run_stages()
        _write_path_file()
    except SetupError as error:
        print(f"\nronda: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("\nronda: interrupted. The next ./ronda takes up from here.", file=sys.stderr)
        return 130
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1] if len(sys.argv) > 1 else ""))
