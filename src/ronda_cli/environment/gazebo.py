"""Gazebo Classic 11 in a folder of its own: Debian 11's packages, and our bridge compiled there.

Nothing of it touches this machine's own system: programs in the folder run by chroot. It takes
some minutes and 1.9 GB, once.
"""

from __future__ import annotations

import fcntl
import os
import re
import shutil
import subprocess
from pathlib import Path

from ronda_cli.environment.paths import GAZEBO_NAME, LOG, ROOT, VENV, SetupError, digest, read
from ronda_cli.environment.report import Report
from ronda_cli.environment.system import apt_install

FOLDER = VENV / GAZEBO_NAME
FOLDER_VARIABLE = "RONDA_GAZEBO_CLASSIC"
"""What tells launch files where the folder is. Set by hand: one that was set up before."""
MIRROR_VARIABLE = "RONDA_DEBIAN_MIRROR"
_SUITE = "bullseye"
_SOURCE = ROOT / "sim" / "patrol_gazebo" / "bridge.cc"
_BRIDGE = Path("usr/lib/ronda/libbridge.so")
_PACKAGES_STAMP, _BRIDGE_STAMP = Path("usr/lib/ronda/packages"), Path("usr/lib/ronda/bridge")
_NEEDED_BYTES = 2_500_000_000
_PROGRAMS = ("gazebo", "gazebo-plugin-base", "g++", "libboost1.74-dev", "uuid-dev")
_HEADERS = (
    "libgazebo-dev", "libsdformat-dev", "libignition-common-dev", "libignition-math-dev",
    "libignition-msgs-dev", "libignition-transport-dev", "libprotobuf-dev",
)  # fmt: skip
"""Packages of which the headers are enough: what they depend on is another gigabyte."""
_INCLUDE = (
    "gazebo-11", "gazebo-11/gazebo/msgs", "ignition/common3", "ignition/math6", "ignition/msgs5",
    "ignition/transport8", "sdformat-9.3",
)  # fmt: skip
_DPKG = """force-unsafe-io
path-exclude=/usr/share/doc/*
path-exclude=/usr/share/man/*
path-exclude=/usr/share/locale/*
path-exclude=/usr/share/gazebo-11/media/*
"""
_INSIDE = {
    "DEBIAN_FRONTEND": "noninteractive", "TMPDIR": "/tmp", "HOME": "/root",  # noqa: S108
    "LC_ALL": "C.UTF-8", "PATH": "/usr/sbin:/usr/bin:/sbin:/bin",
}  # fmt: skip


def need_gazebo(report: Report) -> Path:
    """The folder, set up if it is not yet. Raises SetupError with what to do."""
    if _is_ready():
        return FOLDER
    FOLDER.parent.mkdir(parents=True, exist_ok=True)
    with FOLDER.with_suffix(".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not _is_ready():
            _set_up(report)
    return FOLDER


def set_up_gazebo() -> Path:
    """The folder, with progress on the terminal. Raises SetupError."""
    shared = os.environ.get(FOLDER_VARIABLE, "")
    if shared:
        return Path(shared)
    LOG.parent.mkdir(parents=True, exist_ok=True)
    with LOG.open("a", buffering=1) as log:
        return need_gazebo(Report(log))


def _is_ready() -> bool:
    return _has(_PACKAGES_STAMP) and _has(_BRIDGE_STAMP)


def _has(stamp: Path) -> bool:
    return read(FOLDER / stamp) == _wanted(stamp)


def _wanted(stamp: Path) -> str:
    """What the packages, or the bridge, depend on."""
    if stamp == _BRIDGE_STAMP:
        return digest([_SOURCE], *_INCLUDE)
    return digest([], _SUITE, *_PROGRAMS, *_HEADERS, _DPKG)


def _stamp(stamp: Path) -> None:
    (FOLDER / stamp).parent.mkdir(parents=True, exist_ok=True)
    (FOLDER / stamp).write_text(_wanted(stamp))


def _set_up(report: Report) -> None:
    if os.geteuid() != 0:
        raise SetupError(
            "Gazebo Classic is set up in a folder of its own by debootstrap and chroot, which "
            "need root.\nRun it as root or in a container, or use the embedded simulator."
        )
    if not _has(_PACKAGES_STAMP):
        _install(report)
    report.begin("compiling the bridge to Gazebo")
    _compile(report)
    report.end()


def _install(report: Report) -> None:
    """Everything but the bridge; what a run that was cut short left is thrown away first."""
    mirror = _mirror()
    shutil.rmtree(FOLDER, ignore_errors=True)
    free = shutil.disk_usage(VENV).free
    if free < _NEEDED_BYTES:
        raise SetupError(f"Gazebo Classic needs 2.5 GB in {VENV}; {free / 1e9:.1f} GB are free.")
    if not shutil.which("debootstrap"):
        report.begin("installing debootstrap")
        apt_install(report, ["debootstrap"])
        report.end()
    report.begin("Gazebo Classic 11: a Debian 11 in .venv/gazebo_classic (some minutes, 1.9 GB)")
    show = report.progress
    report.command(["debootstrap", "--variant=minbase", _SUITE, FOLDER, mirror], show)
    (FOLDER / "etc/dpkg/dpkg.cfg.d/ronda").write_text(_DPKG)
    (FOLDER / "etc/apt/apt.conf.d/90host").write_text(_ways_out())
    shutil.copy("/etc/hosts", FOLDER / "etc/hosts")
    _inside(report, "apt-get", "update")
    _inside(report, "apt-get", "install", "-y", "--no-install-recommends", *_PROGRAMS)
    _inside(
        report, "sh", "-c",
        "set -e; cd $(mktemp -d); chmod 755 .; apt-get -o APT::Sandbox::User=root download "
        f"{' '.join(_HEADERS)}; for f in *.deb; do dpkg-deb -x $f /; done; rm *.deb; "
        "apt-get clean; rm -rf /var/lib/apt/lists/*",
    )  # fmt: skip
    _stamp(_PACKAGES_STAMP)
    report.end()


def _compile(report: Report) -> None:
    shutil.copy(_SOURCE, FOLDER / _BRIDGE.parent)
    include = [f"-I/usr/include/{folder}" for folder in _INCLUDE]
    source = f"/{_BRIDGE.parent / _SOURCE.name}"
    _inside(
        report, "g++", "-std=c++17", "-O2", "-fPIC", "-shared", *include,
        "-o", f"/{_BRIDGE}", source,
    )  # fmt: skip
    _stamp(_BRIDGE_STAMP)


def _inside(report: Report, *words: str) -> None:
    report.command(["chroot", FOLDER, *words], report.progress, **_INSIDE)


def _mirror() -> str:
    """Where this machine gets Debian's packages from."""
    chosen = os.environ.get(MIRROR_VARIABLE, "")
    return chosen or mirror_of(_asked("apt-get", "indextargets", "--format", _FORMAT, _KIND))


_FORMAT, _KIND = "$(ORIGIN)|$(LABEL)|$(REPO_URI)", "Created-By: Packages"


def mirror_of(targets: str) -> str:
    """The mirror among apt's lines ORIGIN|LABEL|ADDRESS. Raises SetupError where there is none."""
    for line in targets.splitlines():
        origin, label, address = (*line.split("|"), "", "", "")[:3]
        if (origin, label) == ("Debian", "Debian") and address:
            return address
    raise SetupError(
        "Gazebo Classic comes as Debian 11's packages, and apt of this machine names no mirror of "
        f"Debian.\nRun `apt-get update`, or set {MIRROR_VARIABLE} to the address of one."
    )


def _ways_out() -> str:
    """This machine's proxies, and what it thinks of old dates, for apt in the folder."""
    told = _asked("apt-config", "dump", "--format", '%f "%v";%n', "Acquire")
    kept = re.compile(r"Acquire::((https?|ftp)::|Check-)")
    return "".join(line + "\n" for line in told.splitlines() if kept.match(line))


def _asked(*words: str) -> str:
    if not shutil.which(words[0]):
        return ""
    return subprocess.run(words, capture_output=True, text=True, check=False).stdout
