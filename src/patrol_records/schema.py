"""The SQLite schema. Rows are only ever added, until retention removes them."""

from __future__ import annotations

VERSION = 1

STATEMENTS: tuple[str, ...] = (
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
