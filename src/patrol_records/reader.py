"""Read-only access to a records folder, safe while the writer is at work."""

from __future__ import annotations

import json
import math
import sqlite3
from pathlib import Path
from typing import Any

from patrol_core.errors import Place
from patrol_core.geometry import Pose2
from patrol_core.types.learning import Candidate, IncidentVerdict
from patrol_core.types.mission import PatrolEvent
from patrol_core.types.perception import FindingKind, Measure
from patrol_records.entries import RunSample, StoredIncident
from patrol_records.errors import StoreError
from patrol_records.learning_rows import candidate_of, place_of, verdict_of
from patrol_records.store import DATABASE, PHOTOS

_WITH_VERDICTS, _WITH_BEFORE = 2, 3
"""The versions of the records that first had verdicts, candidates and hashes; and `before`."""


class RecordReader:
    """Queries over one records folder."""

    def __init__(self, folder: Path) -> None:
        """Raises StoreError when there are no records or they are damaged."""
        self.path = folder / DATABASE
        self.photos = folder / PHOTOS
        if not self.path.is_file():
            raise StoreError(
                "no records here", place=Place(self.path), remedy="give the folder of a run"
            )
        self._db = sqlite3.connect(f"file:{self.path}?mode=ro", uri=True, timeout=5.0)
        self._db.row_factory = sqlite3.Row
        try:
            self._db.execute("SELECT count(*) FROM incidents").fetchone()
            self._version = self._db.execute("PRAGMA user_version").fetchone()[0]
        except sqlite3.DatabaseError as error:
            self._db.close()
            raise self._damaged(error) from error

    def close(self) -> None:
        self._db.close()

    def incidents(
        self, start_s: float = -math.inf, end_s: float = math.inf
    ) -> list[StoredIncident]:
        """Every incident opened between two stamps, both included, with its newest revision, in
        order of opening."""
        config_hash = "f.config_hash" if self._version >= _WITH_VERDICTS else "''"
        before = "before" if self._version >= _WITH_BEFORE else "NULL"
        rows = self.rows(
            f"""SELECT i.incident_id, i.opened_s, f.finding_id, f.revision, f.stamp_s,
                      f.first_seen_s, f.kind, f.x_m, f.y_m, f.length_m, f.width_m, f.confidence,
                      f.reason, f.evidence, {config_hash} AS config_hash,
                      (SELECT photo FROM findings p WHERE p.finding_id = f.finding_id
                       AND p.photo IS NOT NULL ORDER BY p.revision DESC LIMIT 1) AS photo,
                      (SELECT {before} FROM findings p WHERE p.finding_id = f.finding_id
                       AND {before} IS NOT NULL ORDER BY p.revision DESC LIMIT 1) AS before
               FROM incidents i JOIN findings f ON f.finding_id = i.finding_id
               WHERE f.revision = (SELECT max(revision) FROM findings
                                   WHERE finding_id = f.finding_id)
               AND i.opened_s BETWEEN ? AND ?
               ORDER BY i.incident_id""",
            start_s,
            end_s,
        )
        verdicts: dict[int, list[IncidentVerdict]] = {}
        for verdict in self.verdicts():
            verdicts.setdefault(verdict.incident_id, []).append(verdict)
        return [_incident(dict(row), tuple(verdicts.get(row["incident_id"], ()))) for row in rows]

    def verdicts(self) -> list[IncidentVerdict]:
        """Every verdict that was ever given, in order of time."""
        if self._version < _WITH_VERDICTS:
            return []
        rows = self.rows("SELECT * FROM incident_verdicts ORDER BY stamp_s, verdict_id")
        return [verdict_of(dict(row)) for row in rows]

    def candidates(self) -> list[Candidate]:
        """The newest word of every candidate, in order of time."""
        if self._version < _WITH_VERDICTS:
            return []
        rows = self.rows(
            "SELECT * FROM candidates c WHERE stamp_s = (SELECT max(stamp_s) FROM candidates "
            "WHERE candidate_id = c.candidate_id) ORDER BY stamp_s, candidate_id"
        )
        return [candidate_of(dict(row)) for row in rows]

    def patrol_ids(self) -> list[str]:
        """Patrols in order of their first event."""
        rows = self.rows(
            "SELECT patrol_id FROM patrol_events GROUP BY patrol_id ORDER BY min(stamp_s)"
        )
        return [row[0] for row in rows]

    def events(self, patrol_id: str) -> list[PatrolEvent]:
        """The events of one patrol in order of time; an unknown pose is NaN."""
        rows = self.rows(
            "SELECT stamp_s, patrol_id, kind, subject, message, x_m, y_m, yaw_rad "
            "FROM patrol_events WHERE patrol_id = ? ORDER BY stamp_s",
            patrol_id,
        )
        return [_event(dict(row)) for row in rows]

    def samples(self, start_s: float, end_s: float) -> list[RunSample]:
        """The robot's samples between two stamps, both included."""
        rows = self.rows(
            "SELECT * FROM samples WHERE stamp_s BETWEEN ? AND ? ORDER BY stamp_s", start_s, end_s
        )
        return [RunSample(**dict(row)) for row in rows]

    def rows(self, statement: str, *values: object) -> list[sqlite3.Row]:
        """What a query answers, columns by name. Raises StoreError."""
        try:
            return self._db.execute(statement, values).fetchall()
        except sqlite3.DatabaseError as error:
            raise self._damaged(error) from error

    def _damaged(self, error: sqlite3.DatabaseError) -> StoreError:
        return StoreError(
            f"cannot read the records: {error}",
            place=Place(self.path),
            remedy="if the file is damaged, repair a copy of it with sqlite3 .recover",
        )


def _incident(row: dict[str, Any], verdicts: tuple[IncidentVerdict, ...]) -> StoredIncident:
    measures = tuple(Measure(**measure) for measure in json.loads(row.pop("evidence")))
    parts = {"kind": FindingKind(row["kind"]), "evidence": measures, "verdicts": verdicts}
    return StoredIncident(**row | place_of(row) | parts)


def _event(row: dict[str, Any]) -> PatrolEvent:
    x_m, y_m, yaw_rad = (
        math.nan if row[name] is None else row[name] for name in ("x_m", "y_m", "yaw_rad")
    )
    head = {name: row[name] for name in ("stamp_s", "patrol_id", "kind", "subject", "message")}
    return PatrolEvent(**head, pose=Pose2(x_m, y_m, yaw_rad))
