"""The writer of a records folder: `records.db` (SQLite, WAL) and `photos/`.

What a method has returned for is on the disk: photos are written, synced and renamed before the
row that names them is committed with synchronous=FULL. So a crash at any moment loses nothing
that was acknowledged, and leaves at most a photo without a row.
"""

from __future__ import annotations

import fcntl
import json
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, astuple
from pathlib import Path
from typing import IO

from patrol_core.errors import Place
from patrol_core.transactions import transaction
from patrol_core.types.learning import Candidate, IncidentVerdict
from patrol_core.types.mission import PatrolEvent
from patrol_core.types.perception import Finding, Incident
from patrol_core.types.sensors import CompressedImage
from patrol_core.whole_file import write_whole
from patrol_records.entries import RunSample
from patrol_records.errors import StoreError, StoreInUseError
from patrol_records.learning_rows import candidate_row, verdict_row
from patrol_records.schema import STEPS, VERSION

DATABASE = "records.db"
PHOTOS = "photos"
LOCK = "records.lock"


class RecordStore:
    """Owns a records folder. Only one store may be open on a folder at a time."""

    def __init__(self, folder: Path) -> None:
        """Open or create, and bring older records up to date.

        Raises StoreError when the folder or the database is unusable, StoreInUseError when
        another process writes there.
        """
        self.path = folder / DATABASE
        self._photos = folder / PHOTOS
        with self._errors("open"):
            self._photos.mkdir(parents=True, exist_ok=True)
            self._lock = _locked(folder / LOCK)
        try:
            self._open()
        except BaseException:
            self._lock.close()
            raise

    def _open(self) -> None:
        with self._errors("open"):
            self._db = sqlite3.connect(self.path, isolation_level=None, timeout=5.0)
            try:
                self._prepare()
            except BaseException:
                self._db.close()
                raise

    def _prepare(self) -> None:
        self._db.execute("PRAGMA journal_mode=WAL")
        self._db.execute("PRAGMA synchronous=FULL")
        check = self._db.execute("PRAGMA quick_check(1)").fetchone()[0]
        if check != "ok":
            raise sqlite3.DatabaseError(check)
        version = self._db.execute("PRAGMA user_version").fetchone()[0]
        if not 0 <= version <= VERSION:
            raise StoreError(
                f"the records have version {version}",
                place=Place(self.path),
                expected=f"version {VERSION} or older",
                remedy="use the version of Ronda that wrote them, or start a new records folder",
            )
        if version < VERSION:
            with transaction(self._db):
                for step in STEPS[version:]:
                    for statement in step:
                        self._db.execute(statement)
                self._db.execute(f"PRAGMA user_version={VERSION}")

    def close(self) -> None:
        self._db.close()
        self._lock.close()

    def add(
        self,
        findings: Sequence[Finding] = (),
        events: Sequence[PatrolEvent] = (),
        samples: Sequence[RunSample] = (),
        verdicts: Sequence[IncidentVerdict] = (),
        candidates: Sequence[Candidate] = (),
    ) -> list[Incident]:
        """Store all of it or nothing, and return one acknowledgement for each finding.

        Adding the same again changes nothing. Raises StoreError (disk full, damaged database).
        """
        with self._errors("write"):
            pictures = [
                (
                    self._keep_picture(finding, finding.photo, ""),
                    self._keep_picture(finding, finding.before, "-before"),
                )
                for finding in findings
            ]
            with transaction(self._db):
                incidents = [
                    self._add_finding(f, p) for f, p in zip(findings, pictures, strict=True)
                ]
                for event in events:
                    self._add_event(event)
                self._db.executemany(
                    "INSERT OR IGNORE INTO samples VALUES (?,?,?,?,?,?,?,?,?,?,?)",
                    [astuple(sample) for sample in samples],
                )
                self._db.executemany(
                    "INSERT OR IGNORE INTO incident_verdicts VALUES (?,?,?,?,?,?,?,?,?)",
                    [verdict_row(verdict) for verdict in verdicts],
                )
                self._db.executemany(
                    "INSERT OR IGNORE INTO candidates VALUES (?,?,?,?,?,?,?,?)",
                    [candidate_row(candidate) for candidate in candidates],
                )
        return incidents

    def _add_finding(self, finding: Finding, pictures: tuple[str | None, str | None]) -> Incident:
        self._db.execute(
            "INSERT OR IGNORE INTO findings (finding_id, revision, stamp_s, first_seen_s, kind, "
            "x_m, y_m, length_m, width_m, confidence, reason, evidence, photo, before, "
            "config_hash) VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)",
            (
                finding.finding_id, finding.revision, finding.stamp_s, finding.first_seen_s,
                finding.kind.value, finding.x_m, finding.y_m, finding.length_m, finding.width_m,
                finding.confidence, finding.reason,
                json.dumps([asdict(measure) for measure in finding.evidence]), *pictures,
                finding.config_hash,
            ),
        )  # fmt: skip
        self._db.execute(
            "INSERT OR IGNORE INTO incidents (finding_id, opened_s) VALUES (?, ?)",
            (finding.finding_id, finding.stamp_s),
        )
        incident_id = self._db.execute(
            "SELECT incident_id FROM incidents WHERE finding_id = ?", (finding.finding_id,)
        ).fetchone()[0]
        return Incident(
            finding.stamp_s, incident_id, finding.finding_id, finding.revision, finding.kind,
            finding.x_m, finding.y_m, finding.reason, finding.photo is not None,
        )  # fmt: skip

    def _add_event(self, event: PatrolEvent) -> None:
        self._db.execute(
            "INSERT OR IGNORE INTO patrol_events VALUES (?,?,?,?,?,?,?,?)",
            (
                event.patrol_id, event.stamp_s, event.kind, event.subject, event.message,
                event.pose.x_m, event.pose.y_m, event.pose.yaw_rad,
            ),
        )  # fmt: skip

    def _keep_picture(
        self, finding: Finding, picture: CompressedImage | None, ending: str
    ) -> str | None:
        if picture is None:
            return None
        suffix = {"jpeg": "jpg"}.get(picture.encoding, picture.encoding)
        name = f"{finding.finding_id}-{finding.revision}{ending}.{suffix}"
        target = self._photos / name
        if not target.exists():
            write_whole(target, bytes(picture.data))
        return name

    def remove_before(self, incidents_s: float, photos_s: float, samples_s: float) -> None:
        """Apply retention: forget what is older than the given stamps. Photos first, then rows."""
        with self._errors("clean"):
            old = self._db.execute(
                "SELECT photo, before FROM findings WHERE stamp_s < ?", (photos_s,)
            ).fetchall()
            for name in (name for pair in old for name in pair if name is not None):
                (self._photos / name).unlink(missing_ok=True)
            with transaction(self._db):
                self._db.execute(
                    "UPDATE findings SET photo = NULL, before = NULL WHERE stamp_s < ?",
                    (photos_s,),
                )
                self._db.execute(
                    "DELETE FROM findings WHERE finding_id IN "
                    "(SELECT finding_id FROM incidents WHERE opened_s < ?)",
                    (incidents_s,),
                )
                self._db.execute("DELETE FROM incidents WHERE opened_s < ?", (incidents_s,))
                self._db.execute(
                    "DELETE FROM incident_verdicts WHERE stamp_s < ? AND incident_id NOT IN "
                    "(SELECT incident_id FROM incidents)",
                    (incidents_s,),
                )
                self._db.execute("DELETE FROM candidates WHERE stamp_s < ?", (samples_s,))
                self._db.execute("DELETE FROM samples WHERE stamp_s < ?", (samples_s,))
                self._db.execute("DELETE FROM patrol_events WHERE stamp_s < ?", (incidents_s,))

    @contextmanager
    def _errors(self, verb: str) -> Iterator[None]:
        try:
            yield
        except sqlite3.DatabaseError as error:
            raise StoreError(
                f"cannot {verb} the records: {_one_line(error)}",
                place=Place(self.path),
                remedy="free disk space and check permissions; if the file is damaged, move it "
                "away for repair (sqlite3 .recover) and start again",
            ) from error
        except OSError as error:
            raise StoreError(
                f"cannot {verb} the records: {error.strerror}",
                place=Place(self.path),
                remedy="free disk space and check that the folder is writable",
            ) from error


def _locked(path: Path) -> IO[bytes]:
    """A file that one process has; the system lets go of it when that process ends."""
    file = path.open("ab")
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        file.close()
        raise StoreInUseError(
            "another process writes these records", place=Place(path), remedy="let it end first"
        ) from None
    return file


def _one_line(error: Exception) -> str:
    return " ".join(str(error).split())
