"""Retention: what is older than a site's policy is forgotten, a little at a time.

Each call removes a few hundred rows in one short transaction, so that nobody waits for it. The
file does not shrink: what comes next takes the room.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from patrol_records.database import Database

AT_ONCE = 300


@dataclass(frozen=True, slots=True)
class Limits:
    """Unix times before which is forgotten: incidents with all about them, and events; pictures;
    samples and candidates."""

    incidents_s: float
    photos_s: float
    samples_s: float


def forget_some(db: Database, photos: Path, limits: Limits) -> bool:
    """Forget at most about `AT_ONCE` things; whether there may be more. Photos go before rows.

    Raises StoreError, and OSError where a photo cannot be removed.
    """
    return (
        _pictures(db, photos, limits.photos_s)
        or _incidents(db, limits.incidents_s)
        or _rows(db, "incident_verdicts", limits.incidents_s)
        or _rows(db, "patrol_events", limits.incidents_s)
        or _rows(db, "candidates", limits.samples_s)
        or _rows(db, "samples", limits.samples_s)
        or _acts_on_nothing(db, limits.incidents_s)
    )


def _pictures(db: Database, photos: Path, before_s: float) -> bool:
    old = db.rows(
        "SELECT finding_id, revision, photo, before FROM findings "
        "WHERE stamp_s < ? AND (photo IS NOT NULL OR before IS NOT NULL) "
        f"ORDER BY stamp_s LIMIT {AT_ONCE}",
        before_s,
    )
    for row in old:
        for name in filter(None, (row["photo"], row["before"])):
            (photos / name).unlink(missing_ok=True)
    with db.transaction():
        db.run_many(
            "UPDATE findings SET photo = NULL, before = NULL "
            "WHERE finding_id = ? AND revision = ?",
            [(row["finding_id"], row["revision"]) for row in old],
        )
    return bool(old)


def _incidents(db: Database, before_s: float) -> bool:
    """Incidents with their findings; and groups that are then empty, with their acts."""
    old = db.rows(
        "SELECT incident_id, finding_id, group_id FROM incidents WHERE opened_s < ? "
        f"ORDER BY opened_s LIMIT {AT_ONCE}",
        before_s,
    )
    with db.transaction():
        db.run_many(
            "DELETE FROM findings WHERE finding_id = ?", [(row["finding_id"],) for row in old]
        )
        db.run_many(
            "DELETE FROM incidents WHERE incident_id = ?", [(row["incident_id"],) for row in old]
        )
        groups = [(group_id, group_id) for group_id in sorted({row["group_id"] for row in old})]
        db.run_many(
            "UPDATE incident_groups SET (incidents, newest_id) = (SELECT count(*), "
            "coalesce(max(incident_id), 0) FROM incidents WHERE group_id = ?) WHERE group_id = ?",
            groups,
        )
        for table in ("incident_acts", "incident_groups"):
            db.run_many(
                f"DELETE FROM {table} WHERE group_id = ? "
                "AND NOT EXISTS (SELECT 1 FROM incidents i WHERE i.group_id = ?)",
                groups,
            )
    return bool(old)


def _rows(db: Database, table: str, before_s: float) -> bool:
    """The oldest rows of a table that has nothing but its own stamps to go by."""
    (oldest,) = db.rows(
        f"SELECT max(stamp_s) AS end_s FROM (SELECT stamp_s FROM {table} WHERE stamp_s < ? "
        f"ORDER BY stamp_s LIMIT {AT_ONCE}) AS oldest",
        before_s,
    )
    if oldest["end_s"] is None:
        return False
    with db.transaction():
        db.run(f"DELETE FROM {table} WHERE stamp_s <= ?", oldest["end_s"])
    return True


def _acts_on_nothing(db: Database, before_s: float) -> bool:
    with db.transaction():
        db.run("DELETE FROM incident_acts WHERE group_id = 0 AND stamp_s < ?", before_s)
    return False
