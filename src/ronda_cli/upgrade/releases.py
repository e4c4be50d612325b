"""The releases beside a checkout, and which of them is in force."""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from patrol_core.errors import Place, RondaError
from patrol_core.whole_file import sync_folder, write_whole

FOLDER = ".releases"
KEPT = 3
"""So many releases stay, beside the checkout."""
ENTRY = "ronda"
_SHARED = ("sites", "runs")
_MANIFEST, _VERIFIED = ".release.json", ".verified"
_NOT_LISTED = (*_SHARED, "sites_shipped", "runs_shipped", ".venv", _MANIFEST, _VERIFIED)


class UpgradeError(RondaError):
    """Nothing was changed, or all was put back."""


@dataclass(frozen=True, slots=True)
class Entry:
    """A line of `in_force`: the release, since when (ISO 8601), and in words what it is."""

    name: str
    since: str
    words: str


class Releases:
    """Of the checkout at `home`. One process at a time changes anything: see `locked`."""

    def __init__(self, home: Path) -> None:
        self.home, self.folder = home, home / FOLDER
        self._in_force = self.folder / "in_force"

    def in_force(self) -> list[Entry]:
        """The newest last; none: the checkout itself runs."""
        if not self._in_force.is_file():
            return []
        lines = self._in_force.read_text(encoding="utf-8").splitlines()
        parts = [(*line.split(maxsplit=2), "", "") for line in lines if line.strip()]
        return [Entry(part[0], part[1], part[2]) for part in parts]

    def program(self, back: int = 0) -> Path:
        """The folder of the program in force, or of the one so many steps before it."""
        entries = self.in_force()
        return self.path(entries[-1 - back].name) if back < len(entries) else self.home

    def path(self, name: str) -> Path:
        return self.folder / name

    def put_in_force(self, entry: Entry) -> None:
        """In one step, for good when this returns. Raises OSError."""
        self._write([*self.in_force(), entry][-KEPT:])

    def take_back(self) -> None:
        """The one before is in force again. Raises OSError."""
        self._write(self.in_force()[:-1])

    def forget_others(self) -> list[str]:
        """Remove releases that are not in force and that nobody can go back to; their names."""
        kept = {entry.name for entry in self.in_force()}
        found = [path for path in self.folder.iterdir() if path.is_dir() and path.name not in kept]
        for path in found:
            (path / _VERIFIED).unlink(missing_ok=True)
            shutil.rmtree(path)
        return sorted(path.name for path in found)

    @contextmanager
    def locked(self) -> Iterator[None]:
        """While this lasts nobody else upgrades. Raises UpgradeError."""
        self.folder.mkdir(exist_ok=True)
        with (self.folder / "lock").open("w") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError as error:
                raise UpgradeError("another upgrade is under way", remedy="wait for it") from error
            yield

    def _write(self, entries: list[Entry]) -> None:
        lines = (f"{entry.name} {entry.since} {entry.words}\n" for entry in entries)
        write_whole(self._in_force, "".join(lines).encode())


@contextmanager
def unused(runs: Path) -> Iterator[None]:
    """While this lasts no robot starts with these runs. Raises UpgradeError where one runs."""
    runs.mkdir(exist_ok=True)
    handle = os.open(runs, os.O_RDONLY)
    try:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise UpgradeError(
                "a robot or a simulation of this checkout runs", remedy="end it, and try again"
            ) from error
        yield
    finally:
        os.close(handle)


def write_manifest(folder: Path, about: str) -> str:
    """List what the program consists of; the digest of the list. Raises OSError."""
    files = _listed(folder)
    document = {"about": about, "files": files}
    write_whole(folder / _MANIFEST, json.dumps(document, indent=0).encode())
    return hashlib.sha256(json.dumps(files, sort_keys=True).encode()).hexdigest()


def changed_files(folder: Path) -> list[str]:
    """What is missing in a release, or not as it was unpacked. Raises UpgradeError."""
    try:
        known = json.loads((folder / _MANIFEST).read_text(encoding="utf-8"))["files"]
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise UpgradeError("the release has no list of its files", place=Place(folder)) from error
    found = _listed(folder)
    return sorted(name for name in known if known[name] != found.get(name))


def is_verified(folder: Path) -> bool:
    return (folder / _VERIFIED).is_file()


def note_verified(folder: Path) -> None:
    """Raises OSError."""
    write_whole(folder / _VERIFIED, b"")


def use_own_data(folder: Path) -> None:
    """The release has the sites that it came with, and runs of its own: to be tried out."""
    for name in _SHARED:
        own = folder / name
        if own.is_symlink():
            own.unlink()
        shipped = folder / f"{name}_shipped"
        if shipped.is_dir() and not own.exists():
            shipped.rename(own)


def share_data(folder: Path, home: Path) -> list[str]:
    """The release has the checkout's sites and runs; sites that only it had are added there:
    their names. Raises OSError."""
    shutil.rmtree(folder / "runs", ignore_errors=True)  # of the trial
    for name in _SHARED:
        own = folder / name
        if own.is_dir():
            own.rename(folder / f"{name}_shipped")
        own.symlink_to(Path("..", "..", name))
    sync_folder(folder)
    (home / "sites").mkdir(exist_ok=True)
    new = []
    for shipped in sorted((folder / "sites_shipped").glob("*/site.yaml")):
        name = shipped.parent.name
        if not (home / "sites" / name).exists():
            begun = home / FOLDER / f"{name}.site"
            shutil.rmtree(begun, ignore_errors=True)
            shutil.copytree(shipped.parent, begun)
            begun.rename(home / "sites" / name)
            new.append(name)
    return new


def _listed(folder: Path) -> dict[str, str]:
    """SHA-256 of every file of a program by its path; of links, where they lead."""
    found = {}
    for path, folders, names in os.walk(folder):
        at = Path(path)
        top = at == folder
        folders[:] = [
            name
            for name in folders
            if name != "__pycache__"
            and not name.endswith("_cache")
            and not (top and name in _NOT_LISTED)
        ]
        for name in names:
            file = at / name
            if not (top and name in _NOT_LISTED):
                data = os.readlink(file).encode() if file.is_symlink() else file.read_bytes()
                found[str(file.relative_to(folder))] = hashlib.sha256(data).hexdigest()
    return found
