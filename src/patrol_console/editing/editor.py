"""Changes of one robot's site: checked, kept as versions, told to the log."""

from __future__ import annotations

import json
import logging
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from patrol_console.editing.documents import (
    Documents,
    documents_of,
    element_at,
    read_documents,
    with_documents,
)
from patrol_console.editing.warnings import warnings_of
from patrol_console.station import Robot, Station
from patrol_core.errors import ConfigError, RondaError
from patrol_core.site.history import History, Note, Version
from patrol_core.site.loader import SiteCheck
from patrol_core.site.trial import check_folder, tried
from patrol_core.topics import AMCL_POSE
from patrol_core.whole_file import write_whole

SHOWN = 100
"""So many of the newest versions are listed."""
NAMED = 10
"""So many warnings stand beside the reason of a change."""
_log = logging.getLogger(__name__)


class MistakesError(RondaError):
    """A change that is not made. `problems`: as documents; `warnings`: what was not heeded."""

    def __init__(self, sentence: str, problems: list[Any], warnings: list[str]) -> None:
        super().__init__(sentence)
        self.problems, self.warnings = problems, warnings


@dataclass(frozen=True, slots=True)
class Change:
    """Who asks for it in which role, on which version it stands, and why. `although`: what is
    warned of has been read."""

    who: str
    role: str
    base: int
    words: str
    although: bool


class Editor:
    """All of it waits for the disk: it is called in a thread."""

    def __init__(self, robot: Robot, station: Station) -> None:
        self._robot, self._station = robot, station
        self._folder = robot.site.folder
        self._history = History(self._folder)
        self._told = station.state_folder / f"site-{robot.name}.json"
        self._telling = threading.Lock()

    def document(self) -> dict[str, Any]:
        """The site as it is, its newest versions, and what is wrong with it."""
        version = self._history.newest(self._station.clock())
        self.tell()
        documents: Documents | None = None
        problems = self._problems(version.files, self._check(self._folder))
        try:
            documents = read_documents(version.files, self._folder)
        except ConfigError as error:
            problems = problems or [_problem(error, "")]
        return {
            "version": version.number,
            "documents": None if documents is None else documents.document(),
            "history": [self._entry(n) for n in reversed(self._history.numbers()[-SHOWN:])],
            "problems": problems,
        }

    def check(self, lists: Mapping[str, list[Any]]) -> dict[str, Any]:
        """What would be wrong with the site, and what somebody might not mean."""
        try:
            files = with_documents(self._history.files(), documents_of(lists), self._folder)
        except ConfigError as error:
            return {"problems": [_problem(error, "")], "warnings": []}
        problems, warnings = self._judged(files)
        return {"problems": problems, "warnings": warnings}

    def save(self, change: Change, lists: Mapping[str, list[Any]]) -> Version:
        """Raises ConflictError, MistakesError, ConfigError."""
        now = self._history.newest(self._station.clock())
        try:
            documents = documents_of(lists)
            files = with_documents(now.files, documents, self._folder)
        except ConfigError as error:
            raise MistakesError("This cannot be saved.", [_problem(error, "")], []) from error
        return self._put(change, files)

    def undo(self, change: Change, to: int) -> Version:
        """A new version equal to an older one. Raises as `save`."""
        files = self._history.version(to).files
        return self._put(change, files)

    def tell(self) -> None:
        """Have every version in the log that is not known to be there, whoever made it. What
        cannot be told now is told at the next look."""
        try:
            with self._telling:
                self._tell()
        except (RondaError, OSError) as error:
            _log.warning("changes of the site are not in the log: %s", error)

    def _tell(self) -> None:
        told = _number(self._told)
        for number in self._history.numbers():
            if number <= told:
                continue
            version, name = self._history.version(number), self._robot.name
            self._station.audit(
                version.note.who, version.note.role, "site_changed", f"{name}: version {number}",
                f"{version.note.words}; sha256 {version.digest}",
            )  # fmt: skip
            write_whole(self._told, json.dumps({"version": number}).encode())

    def look(self) -> None:
        """Take in what has come into the files by other ways, once the site has a history."""
        if not self._history.is_begun:
            return
        try:
            self._history.newest(self._station.clock())
        except RondaError as error:
            _log.warning("changes of the site are not taken in: %s", error)
        self.tell()

    def _put(self, change: Change, files: Mapping[str, str]) -> Version:
        # What is wrong with a change on an older version is of no interest to anybody.
        self._history.require(change.base, self._station.clock())
        problems, warnings = self._judged(files)
        if problems:
            raise MistakesError("The site would have mistakes.", problems, warnings)
        if warnings and not change.although:
            raise MistakesError("Read the warnings, then save in spite of them.", [], warnings)
        words = f"{change.words}{_although(warnings)}"
        note = Note(change.who, change.role, self._station.clock(), words)
        version = self._history.save(change.base, files, note)
        self.tell()
        return version

    def _judged(self, files: Mapping[str, str]) -> tuple[list[dict[str, Any]], list[str]]:
        data = {name: text.encode() for name, text in files.items()}
        outcome = tried(self._folder, data, self._check)
        if outcome.site is None:
            return self._problems(files, outcome), []
        robot = self._robot
        estimate = robot.fresh(AMCL_POSE)
        pose = None if estimate is None else estimate.pose
        return [], warnings_of(robot.site, outcome.site, robot.model, pose)

    def _check(self, folder: Path) -> SiteCheck:
        return check_folder(folder, self._robot.model.body.width_m / 2.0)

    def _problems(self, files: Mapping[str, str], outcome: SiteCheck) -> list[dict[str, Any]]:
        return [
            _problem(one, "" if one.place is None else element_at(files, self._folder, one.place))
            for one in outcome.problems
        ]

    def _entry(self, number: int) -> dict[str, Any]:
        try:
            version = self._history.version(number)
        except ConfigError as error:
            return {"version": number, "error": error.problem}
        note = version.note
        return {
            "version": number, "s": note.stamp_s, "who": note.who, "role": note.role,
            "words": note.words, "sha256": version.digest,
        }  # fmt: skip


def _although(warnings: list[str]) -> str:
    """For the history and the log: what was warned of."""
    if not warnings:
        return ""
    more = f"; and {len(warnings) - NAMED} more" if len(warnings) > NAMED else ""
    return f" (although {'; '.join(warnings[:NAMED])}{more})"


def _problem(error: ConfigError, where: str) -> dict[str, Any]:
    """As `./ronda site check` says it. `where`: the element, e.g. `zones/tree`."""
    place = error.place
    return {
        "file": "" if place is None else place.file.name,
        "line": None if place is None else place.line,
        "where": where,
        "words": error.problem,
        "expected": error.expected,
        "remedy": error.remedy,
    }


def _number(path: Path) -> int:
    """The newest version that the log was told of; 0 where that is not known: it is told again."""
    try:
        return int(json.loads(path.read_text(encoding="utf-8"))["version"])
    except (OSError, ValueError, KeyError, TypeError):
        return 0
