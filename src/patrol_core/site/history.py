"""Versions of a site's files: each kept whole, none ever rewritten.

`history/` of the site has a file for each version, with the text of `site.yaml` and
`zones.geojson`, who made it, when and why. A save first puts the new version there as `pending`,
then the files into the site, and at last gives the version its number: whoever opens the history
after a crash ends what was begun.
"""

from __future__ import annotations

import fcntl
import hashlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from pydantic import TypeAdapter, ValidationError

from patrol_core.errors import ConfigError, Place, RondaError
from patrol_core.site.loader import HALF_WIDTH_M, SITE_FILE, load_site
from patrol_core.site.model import Site
from patrol_core.site.zone_watch import ZONES_FILE
from patrol_core.whole_file import sync_folder, write_whole

HISTORY = "history"
"""Folder of a site; nothing but this module writes in it."""
FILES = (SITE_FILE, ZONES_FILE)
BY_HAND = "by hand"
_PENDING = "pending.json"


class ConflictError(RondaError):
    """The site is not as it was when the change began."""


@dataclass(frozen=True, slots=True)
class Note:
    """Who changed a site, in which role, when (Unix time [s]), and why."""

    who: str
    role: str
    stamp_s: float
    words: str


@dataclass(frozen=True, slots=True)
class Version:
    """`files`: texts by name. Numbers begin at 1."""

    number: int
    note: Note
    files: Mapping[str, str]

    @property
    def digest(self) -> str:
        """SHA-256 of names and texts, in hexadecimal digits."""
        told = hashlib.sha256()
        for name in FILES:
            told.update(f"{name} {len(self.files[name].encode())}\n".encode())
            told.update(self.files[name].encode())
        return told.hexdigest()


_VERSION = TypeAdapter(Version)


def open_site(folder: Path, half_width_m: float = HALF_WIDTH_M) -> Site:
    """As `load_site`, after a change that a crash has left half done is ended: for whoever starts
    a robot. Raises ConfigError."""
    History(folder).settle()
    return load_site(folder, half_width_m=half_width_m)


class History:
    """Of one site folder. Any number of processes may use it at the same time."""

    def __init__(self, folder: Path) -> None:
        self._folder, self._history = folder, folder / HISTORY

    @property
    def is_begun(self) -> bool:
        """Whether the site has ever had a version; without one nothing is written."""
        return self._history.is_dir()

    def numbers(self) -> list[int]:
        """Of all versions, the newest last."""
        names = (path.stem for path in self._history.glob("*.json"))
        return sorted(int(name) for name in names if name.isdecimal())

    def version(self, number: int) -> Version:
        """Raises ConfigError where there is none, or it cannot be read."""
        path = self._path(number)
        if not path.is_file():
            known = self.numbers()
            raise ConfigError(
                f"the site has no version {number}", place=Place(self._history),
                expected=f"1 to {known[-1]}" if known else "a site that was changed before",
                remedy="'./ronda site history' lists them",
            )  # fmt: skip
        return _read(path)

    def files(self) -> dict[str, str]:
        """The texts of the site as it is. Raises ConfigError."""
        return {name: _text(self._folder / name) for name in FILES}

    def newest(self, now_s: float) -> Version:
        """The version that the site is at. What has come into the files by other ways becomes a
        version of its own first, and what a crash has left half done is ended. Raises ConfigError.
        """
        with self._locked():
            return self._newest(now_s)

    def require(self, base: int, now_s: float) -> None:
        """Raises ConflictError where the site is not at version `base`, ConfigError."""
        with self._locked():
            self._require(base, now_s)

    def settle(self) -> None:
        """End what a crash has left half done. Raises ConfigError."""
        if (self._history / _PENDING).is_file():
            with self._locked():
                self._settle()

    def save(self, base: int, files: Mapping[str, str], note: Note) -> Version:
        """A new version with these texts, in force when this returns.

        Raises ConflictError where `base` is not what the site is at, ConfigError when the disk
        refuses: then nothing has changed.
        """
        with self._locked():
            newest = self._require(base, note.stamp_s)
            version = Version(newest.number + 1, note, {name: files[name] for name in FILES})
            pending = self._history / _PENDING
            try:
                write_whole(pending, _VERSION.dump_json(version))
                self._lay_ready(version)
            except OSError:
                for begun in (pending, *map(self._ready, FILES)):
                    begun.unlink(missing_ok=True)
                raise
            self._put(version)
            return version

    @contextmanager
    def _locked(self) -> Iterator[None]:
        try:
            self._history.mkdir(exist_ok=True)
            with (self._history / "lock").open("w") as lock:
                fcntl.flock(lock, fcntl.LOCK_EX)
                yield
        except OSError as error:
            raise ConfigError(
                f"the site cannot be changed: {error.strerror}", place=Place(self._folder),
                remedy="free disk space, and check that the folder may be written to",
            ) from error  # fmt: skip

    def _require(self, base: int, now_s: float) -> Version:
        newest = self._newest(now_s)
        if newest.number != base:
            raise ConflictError(_conflict(base, newest))
        return newest

    def _newest(self, now_s: float) -> Version:
        self._settle()
        files, numbers = self.files(), self.numbers()
        if numbers:
            newest = self.version(numbers[-1])
            if newest.files == files:
                return newest
            note = Note(BY_HAND, "", now_s, "changed by other ways than the console")
            found = Version(newest.number + 1, note, files)
        else:
            found = Version(1, Note(BY_HAND, "", now_s, "as it was found"), files)
        write_whole(self._path(found.number), _VERSION.dump_json(found))
        return found

    def _settle(self) -> None:
        pending = self._history / _PENDING
        if not pending.is_file():
            return
        version = _read(pending)
        before = self.version(version.number - 1)
        files = self.files()
        if all(files[name] in (version.files[name], before.files[name]) for name in FILES):
            self._lay_ready(version)
            self._put(version)
        else:
            pending.unlink()  # somebody has gone on by hand since: that counts

    def _lay_ready(self, version: Version) -> None:
        """All texts on the disk, beside those whose places they will take."""
        for name in FILES:
            write_whole(self._ready(name), version.files[name].encode())

    def _put(self, version: Version) -> None:
        files = self.files()
        for name in FILES:
            ready = self._ready(name)
            if files[name] == version.files[name]:
                ready.unlink()  # whoever watches the file need not read it again
            else:
                ready.replace(self._folder / name)
        sync_folder(self._folder)
        (self._history / _PENDING).replace(self._path(version.number))
        sync_folder(self._history)

    def _ready(self, name: str) -> Path:
        return self._folder / f"{name}.new"

    def _path(self, number: int) -> Path:
        return self._history / f"{number:06d}.json"


def _conflict(base: int, newest: Version) -> str:
    note = newest.note
    return (
        f"the site is at version {newest.number} by now, not at {base}: {note.words} ({note.who})"
    )


def _read(path: Path) -> Version:
    try:
        version = _VERSION.validate_json(path.read_bytes())
    except (OSError, ValidationError) as error:
        raise ConfigError(
            "this version of the site cannot be read", place=Place(path),
            expected="a file as it was written", remedy="restore it, or move it out of the folder",
        ) from error  # fmt: skip
    if version.files.keys() != set(FILES):
        raise ConfigError("this version lacks files", place=Place(path), expected=", ".join(FILES))
    return version


def _text(path: Path) -> str:
    """With its line ends as they are."""
    try:
        return path.read_bytes().decode()
    except OSError as error:
        raise ConfigError(
            f"cannot be read: {error.strerror}", place=Place(path), expected="a readable file",
            remedy="check the path and its permissions",
        ) from error  # fmt: skip
    except UnicodeDecodeError as error:
        raise ConfigError(
            "is not UTF-8 text", place=Place(path), expected="UTF-8", remedy="save it as UTF-8"
        ) from error
