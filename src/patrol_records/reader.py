"""Read-only access to the records of one robot, safe while the writer is at work."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from patrol_core.geometry import Pose2
from patrol_core.types.incidents import IncidentAct
from patrol_core.types.learning import Candidate, IncidentVerdict
from patrol_core.types.mission import PatrolEvent
from patrol_core.types.perception import FindingKind, Measure
from patrol_records.database import Database, Row
from patrol_records.entries import Circumstances, RunSample, StoredIncident
from patrol_records.learning_rows import candidate_of, place_of, verdict_of
from patrol_records.sqlite import SqliteDatabase
from patrol_records.store import PHOTOS

_WITH_VERDICTS, _WITH_BEFORE, WITH_GROUPS = 2, 3, 5
"""The versions of the records that first had verdicts, candidates and hashes; `before`; groups,
acts, circumstances and numbers of events."""

_EVENT = "stamp_s, patrol_id, kind, subject, message, x_m, y_m, yaw_rad"


class RecordReader:
    """Queries over the records of one robot."""

    def __init__(self, folder: Path, database: Database | None = None) -> None:
        """Without a `database`, over the file in the folder. Photos are in the folder.

        Raises StoreError when there are no records or they are damaged.
        """
        self.path = folder
        self.photos = folder / PHOTOS
        self._db = database or SqliteDatabase(folder, writable=False)
        self.version = self._db.version
        try:
            self.rows("SELECT incident_id FROM incidents LIMIT 1")
        except BaseException:
            self._db.close()
            raise

    def close(self) -> None:
        self._db.close()

    def rows(self, statement: str, *values: object) -> list[Row]:
        """What a query of one's own answers (`database.py`). Raises StoreError."""
        return self._db.rows(statement, *values)

    def incidents(
        self, start_s: float = -math.inf, end_s: float = math.inf
    ) -> list[StoredIncident]:
        """Every incident opened between two stamps, both included, with its newest revision, in
        order of opening."""
        return self._incidents("i.opened_s BETWEEN ? AND ?", start_s, end_s)

    def incident(self, incident_id: int) -> StoredIncident | None:
        """The incident of that number; None where there is none."""
        return next(iter(self._incidents("i.incident_id = ?", incident_id)), None)

    def has(self, said: IncidentVerdict | IncidentAct) -> bool:
        """Whether what a person has said or done is stored."""
        if isinstance(said, IncidentVerdict):
            where, name = "incident_verdicts WHERE verdict_id = ?", said.verdict_id
        else:
            where, name = "incident_acts WHERE act_id = ?", said.act_id
        return bool(self.rows(f"SELECT 1 FROM {where}", name))

    def finding_row(self, finding_id: str, revision: int) -> Row | None:
        """A finding's revision as it is stored; None where it is not."""
        query = "SELECT * FROM findings WHERE finding_id = ? AND revision = ?"
        return next(iter(self.rows(query, finding_id, revision)), None)

    def _incidents(self, condition: str, *values: object) -> list[StoredIncident]:
        config_hash = "f.config_hash" if self.version >= _WITH_VERDICTS else "''"
        before = "before" if self.version >= _WITH_BEFORE else "NULL"
        grouped = "i.group_id, i.authority, i.patrol_id, i.route_id, i.checkpoint_id"
        if self.version < WITH_GROUPS:
            grouped = "i.incident_id AS group_id"
        rows = self.rows(
            f"""SELECT i.incident_id, i.opened_s, f.finding_id, f.revision, f.stamp_s,
                      f.first_seen_s, f.kind, f.x_m, f.y_m, f.length_m, f.width_m, f.confidence,
                      f.reason, f.evidence, {config_hash} AS config_hash, {grouped},
                      (SELECT photo FROM findings p WHERE p.finding_id = f.finding_id
                       AND p.photo IS NOT NULL ORDER BY p.revision DESC LIMIT 1) AS photo,
                      (SELECT {before} FROM findings p WHERE p.finding_id = f.finding_id
                       AND {before} IS NOT NULL ORDER BY p.revision DESC LIMIT 1) AS before
               FROM incidents i JOIN findings f ON f.finding_id = i.finding_id
               WHERE f.revision = (SELECT max(revision) FROM findings
                                   WHERE finding_id = f.finding_id)
               AND {condition}
               ORDER BY i.incident_id""",
            *values,
        )
        verdicts: dict[int, list[IncidentVerdict]] = {}
        for verdict in self.verdicts() if rows else ():
            verdicts.setdefault(verdict.incident_id, []).append(verdict)
        return [_incident(dict(row), tuple(verdicts.get(row["incident_id"], ()))) for row in rows]

    def verdicts(self, since_s: float = -math.inf) -> list[IncidentVerdict]:
        """Every verdict that was given since a stamp, in order of time."""
        if self.version < _WITH_VERDICTS:
            return []
        rows = self.rows(
            "SELECT * FROM incident_verdicts WHERE stamp_s >= ? ORDER BY stamp_s, verdict_id",
            since_s,
        )
        return [verdict_of(dict(row)) for row in rows]

    def candidates(self) -> list[Candidate]:
        """The newest word of every candidate, in order of time."""
        if self.version < _WITH_VERDICTS:
            return []
        rows = self.rows(
            "SELECT * FROM candidates c WHERE stamp_s = (SELECT max(stamp_s) FROM candidates "
            "WHERE candidate_id = c.candidate_id) ORDER BY stamp_s, candidate_id"
        )
        return [candidate_of(dict(row)) for row in rows]

    def patrol_ids(self) -> list[str]:
        """Patrols in order of their first event."""
        rows = self.rows(
            """WITH RECURSIVE patrols (patrol_id) AS (
                   SELECT min(patrol_id) FROM patrol_events
                   UNION ALL
                   SELECT (SELECT min(e.patrol_id) FROM patrol_events e
                           WHERE e.patrol_id > p.patrol_id)
                   FROM patrols p WHERE p.patrol_id IS NOT NULL)
               SELECT p.patrol_id FROM patrols p WHERE p.patrol_id IS NOT NULL
               ORDER BY (SELECT min(e.stamp_s) FROM patrol_events e
                         WHERE e.patrol_id = p.patrol_id)"""
        )
        return [row["patrol_id"] for row in rows]

    def events(self, patrol_id: str) -> list[PatrolEvent]:
        """The events of one patrol in order of time; an unknown pose is NaN."""
        return self._events("patrol_id = ?", patrol_id)

    def events_between(self, start_s: float, end_s: float) -> list[PatrolEvent]:
        """The events of all patrols between two stamps, both included, in order of time."""
        return self._events("stamp_s BETWEEN ? AND ?", start_s, end_s)

    def _events(self, condition: str, *values: object) -> list[PatrolEvent]:
        number = "number" if self.version >= WITH_GROUPS else "0 AS number"
        rows = self.rows(
            f"SELECT {_EVENT}, {number} FROM patrol_events WHERE {condition} "
            "ORDER BY stamp_s, number",
            *values,
        )
        return [_event(row) for row in rows]

    def samples(self, start_s: float, end_s: float) -> list[RunSample]:
        """The robot's samples between two stamps, both included."""
        rows = self.rows(
            "SELECT * FROM samples WHERE stamp_s BETWEEN ? AND ? ORDER BY stamp_s", start_s, end_s
        )
        return [RunSample(**dict(row)) for row in rows]


def _incident(row: dict[str, Any], verdicts: tuple[IncidentVerdict, ...]) -> StoredIncident:
    measures = tuple(Measure(**measure) for measure in json.loads(row.pop("evidence")))
    names = ("authority", "patrol_id", "route_id", "checkpoint_id")
    circumstances = Circumstances(**{name: row.pop(name) for name in names if name in row})
    parts = {"kind": FindingKind(row["kind"]), "evidence": measures, "verdicts": verdicts}
    return StoredIncident(**row | place_of(row) | parts, circumstances=circumstances)


def _event(row: Mapping[str, Any]) -> PatrolEvent:
    x_m, y_m, yaw_rad = (
        math.nan if row[name] is None else row[name] for name in ("x_m", "y_m", "yaw_rad")
    )
    head = {name: row[name] for name in ("stamp_s", "patrol_id", "kind", "subject", "message")}
    return PatrolEvent(**head, pose=Pose2(x_m, y_m, yaw_rad), number=row["number"])


def open_reader(folder: Path, database_url: str = "", robot_id: str = "") -> RecordReader:
    """Over the file in a folder, or a robot's rows of a database by URL. Raises StoreError."""
    if not database_url:
        return RecordReader(folder)
    from patrol_records.postgres import PostgresDatabase

    return RecordReader(folder, PostgresDatabase(database_url, robot_id, writable=False))
