"""The SQLite schema. Rows are only ever added, until retention removes them.

A database of version n is brought up to date by the steps from the nth on; a step that was ever
shipped is never changed.
"""

from __future__ import annotations

_FIRST = (
    """CREATE TABLE findings (
        finding_id TEXT NOT NULL,
        revision INTEGER NOT NULL,
        stamp_s REAL NOT NULL,
        first_seen_s REAL NOT NULL,
        kind TEXT NOT NULL,
        x_m REAL NOT NULL,
        y_m REAL NOT NULL,
        length_m REAL NOT NULL,
        width_m REAL NOT NULL,
        confidence REAL NOT NULL,
        reason TEXT NOT NULL,
        evidence TEXT NOT NULL,
        photo TEXT,
        PRIMARY KEY (finding_id, revision)
    ) WITHOUT ROWID""",
    """CREATE TABLE incidents (
        incident_id INTEGER PRIMARY KEY,
        finding_id TEXT NOT NULL UNIQUE,
        opened_s REAL NOT NULL
    )""",
    """CREATE TABLE patrol_events (
        patrol_id TEXT NOT NULL,
        stamp_s REAL NOT NULL,
        kind TEXT NOT NULL,
        subject TEXT NOT NULL,
        message TEXT NOT NULL,
        x_m REAL,
        y_m REAL,
        yaw_rad REAL,
        PRIMARY KEY (patrol_id, stamp_s, kind, subject)
    ) WITHOUT ROWID""",
    """CREATE TABLE samples (
        stamp_s REAL PRIMARY KEY,
        x_m REAL,
        y_m REAL,
        yaw_rad REAL,
        speed_mps REAL,
        battery_fraction REAL,
        gate_state TEXT,
        gate_limit_mps REAL,
        gate_reasons TEXT,
        localization TEXT,
        patrol_id TEXT
    )""",
)

_VERDICTS_STAY = """CREATE TRIGGER verdicts_stay BEFORE UPDATE ON incident_verdicts BEGIN
        SELECT RAISE(ABORT, 'a verdict is never changed');
    END"""

_LEARNING = (
    "ALTER TABLE findings ADD COLUMN config_hash TEXT NOT NULL DEFAULT ''",
    """CREATE TABLE incident_verdicts (
        verdict_id TEXT PRIMARY KEY,
        stamp_s REAL NOT NULL,
        incident_id INTEGER NOT NULL,
        verdict TEXT NOT NULL,
        who TEXT NOT NULL,
        why TEXT NOT NULL,
        x_m REAL NOT NULL,
        y_m REAL NOT NULL,
        hours TEXT NOT NULL
    ) WITHOUT ROWID""",
    _VERDICTS_STAY,
    """CREATE TABLE candidates (
        candidate_id TEXT NOT NULL,
        stamp_s REAL NOT NULL,
        finding_id TEXT NOT NULL,
        first_seen_s REAL NOT NULL,
        x_m REAL NOT NULL,
        y_m REAL NOT NULL,
        moved INTEGER NOT NULL,
        looks TEXT NOT NULL,
        PRIMARY KEY (candidate_id, stamp_s)
    ) WITHOUT ROWID""",
)

_BEFORE = ("ALTER TABLE findings ADD COLUMN before TEXT",)

_NOWHERE = (
    """CREATE TABLE findings_4 (
        finding_id TEXT NOT NULL,
        revision INTEGER NOT NULL,
        stamp_s REAL NOT NULL,
        first_seen_s REAL NOT NULL,
        kind TEXT NOT NULL,
        x_m REAL,
        y_m REAL,
        length_m REAL NOT NULL,
        width_m REAL NOT NULL,
        confidence REAL NOT NULL,
        reason TEXT NOT NULL,
        evidence TEXT NOT NULL,
        photo TEXT,
        config_hash TEXT NOT NULL DEFAULT '',
        before TEXT,
        PRIMARY KEY (finding_id, revision)
    ) WITHOUT ROWID""",
    "INSERT INTO findings_4 SELECT * FROM findings",
    "DROP TABLE findings",
    "ALTER TABLE findings_4 RENAME TO findings",
    """CREATE TABLE incident_verdicts_4 (
        verdict_id TEXT PRIMARY KEY,
        stamp_s REAL NOT NULL,
        incident_id INTEGER NOT NULL,
        verdict TEXT NOT NULL,
        who TEXT NOT NULL,
        why TEXT NOT NULL,
        x_m REAL,
        y_m REAL,
        hours TEXT NOT NULL
    ) WITHOUT ROWID""",
    "INSERT INTO incident_verdicts_4 SELECT * FROM incident_verdicts",
    "DROP TABLE incident_verdicts",
    "ALTER TABLE incident_verdicts_4 RENAME TO incident_verdicts",
    _VERDICTS_STAY,
)
"""What people say need not have a place."""

STEPS: tuple[tuple[str, ...], ...] = (_FIRST, _LEARNING, _BEFORE, _NOWHERE)
VERSION = len(STEPS)
