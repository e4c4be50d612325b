"""The writer of a records folder: a database (`records.db`, or PostgreSQL) and `photos/`.

What a method has returned for is on the disk: photos are written, synced and renamed before the
row that names them is committed durably. So a crash at any moment loses nothing that was
acknowledged, and leaves at most a photo without a row.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, astuple
from pathlib import Path

from patrol_core.types.incidents import IncidentAct
from patrol_core.types.learning import Candidate, IncidentVerdict
from patrol_core.types.mission import PatrolEvent
from patrol_core.types.perception import Finding, Incident
from patrol_core.types.sensors import CompressedImage
from patrol_core.whole_file import sync_folder, write_whole
from patrol_records.database import Database
from patrol_records.entries import Circumstances, RunSample
from patrol_records.errors import file_errors
from patrol_records.groups import Groups
from patrol_records.learning_rows import candidate_row, verdict_row
from patrol_records.params import GroupingParams
from patrol_records.retention import Limits, forget_some
from patrol_records.sqlite import SqliteDatabase

PHOTOS = "photos"


class RecordStore:
    """Owns the records of one robot. Only one store may be open on them at a time."""

    def __init__(
        self,
        folder: Path,
        grouping: GroupingParams | None = None,
        database: Database | None = None,
    ) -> None:
        """Open or create, and bring older records up to date; without a `database`, in a file of
        the folder. Photos are in the folder.

        Raises StoreError when the folder or the database is unusable, StoreInUseError when
        another process writes there.
        """
        self._photos = folder / PHOTOS
        self._db = database or SqliteDatabase(folder, writable=True)
        self._groups = Groups(self._db, grouping or GroupingParams())

    def close(self) -> None:
        self._db.close()

    def add(
        self,
        findings: Sequence[Finding] = (),
        events: Sequence[PatrolEvent] = (),
        samples: Sequence[RunSample] = (),
        verdicts: Sequence[IncidentVerdict] = (),
        candidates: Sequence[Candidate] = (),
        acts: Sequence[IncidentAct] = (),
        circumstances: Circumstances | None = None,
    ) -> list[Incident]:
        """Store all of it or nothing, and return one acknowledgement for each finding.

        `circumstances` are those of incidents that are opened. Adding the same again changes
        nothing. Raises StoreError (disk full, damaged database).
        """
        with file_errors(self._photos, "write"):
            pictures = [
                (
                    self._keep_picture(finding, finding.photo, ""),
                    self._keep_picture(finding, finding.before, "-before"),
                )
                for finding in findings
            ]
        with self._db.transaction():
            incidents = [
                self._add_finding(f, p, circumstances or Circumstances())
                for f, p in zip(findings, pictures, strict=True)
            ]
            for act in acts:
                self._groups.act(act)
            self._add_rows("patrol_events", 9, [_event_row(event) for event in events])
            self._add_rows("samples", 12, [astuple(sample) for sample in samples])
            self._add_rows("incident_verdicts", 9, [verdict_row(v) for v in verdicts])
            self._add_rows("candidates", 8, [candidate_row(c) for c in candidates])
        return incidents

    def _add_rows(self, table: str, width: int, rows: Sequence[Sequence[object]]) -> None:
        if rows:
            values = ",".join("?" * width)
            self._db.run_many(
                f"INSERT INTO {table} VALUES ({values}) ON CONFLICT DO NOTHING", rows
            )

    def _add_finding(
        self,
        finding: Finding,
        pictures: tuple[str | None, str | None],
        circumstances: Circumstances,
    ) -> Incident:
        is_news = self._db.run(
            "INSERT INTO findings (finding_id, revision, stamp_s, first_seen_s, kind, "
            "x_m, y_m, length_m, width_m, confidence, reason, evidence, photo, before, "
            "config_hash) VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?,?,?) ON CONFLICT DO NOTHING",
            finding.finding_id, finding.revision, finding.stamp_s, finding.first_seen_s,
            finding.kind.value, finding.x_m, finding.y_m, finding.length_m, finding.width_m,
            finding.confidence, finding.reason,
            json.dumps([asdict(measure) for measure in finding.evidence]), *pictures,
            finding.config_hash,
        )  # fmt: skip
        known = self._db.rows(
            "SELECT incident_id, group_id FROM incidents WHERE finding_id = ?", finding.finding_id
        )
        if not known:
            incident_id = self._open_incident(finding, circumstances)
        else:
            incident_id = known[0]["incident_id"]
            if is_news:
                self._groups.seen(known[0]["group_id"], incident_id, finding, is_new=False)
        return Incident(
            finding.stamp_s, incident_id, finding.finding_id, finding.revision, finding.kind,
            finding.x_m, finding.y_m, finding.reason, finding.photo is not None,
        )  # fmt: skip

    def _open_incident(self, finding: Finding, circumstances: Circumstances) -> int:
        """An incident of a group that there is, or the first of one; its number."""
        group_id = self._groups.of(finding)
        self._db.run(
            "INSERT INTO incidents (finding_id, opened_s, group_id, authority, patrol_id, "
            "route_id, checkpoint_id) VALUES (?,?,?,?,?,?,?)",
            finding.finding_id, finding.stamp_s, group_id or 0, *astuple(circumstances),
        )  # fmt: skip
        (row,) = self._db.rows(
            "SELECT incident_id FROM incidents WHERE finding_id = ?", finding.finding_id
        )
        incident_id: int = row["incident_id"]
        if group_id is not None:
            self._groups.seen(group_id, incident_id, finding, is_new=True)
        else:
            self._db.run(
                "UPDATE incidents SET group_id = incident_id WHERE incident_id = ?", incident_id
            )
            self._groups.open(incident_id, finding)
        return incident_id

    def _keep_picture(
        self, finding: Finding, picture: CompressedImage | None, ending: str
    ) -> str | None:
        if picture is None:
            return None
        suffix = {"jpeg": "jpg"}.get(picture.encoding, picture.encoding)
        name = f"{finding.finding_id}-{finding.revision}{ending}.{suffix}"
        target = self._photos / name
        if not target.exists():
            if not self._photos.is_dir():
                self._photos.mkdir(parents=True)
                sync_folder(self._photos.parent)
            write_whole(target, bytes(picture.data))
        return name

    def forget_some(self, limits: Limits) -> bool:
        """Apply retention to a few hundred rows; whether there may be more. Raises StoreError."""
        with file_errors(self._photos, "clean"):
            return forget_some(self._db, self._photos, limits)


def _event_row(event: PatrolEvent) -> tuple[object, ...]:
    """In the order of the table's columns."""
    return (
        event.patrol_id, event.stamp_s, event.number, event.kind, event.subject, event.message,
        event.pose.x_m, event.pose.y_m, event.pose.yaw_rad,
    )  # fmt: skip
