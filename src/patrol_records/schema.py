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

CELL_M = 2.0
"""Side of the squares by which groups are found; never changed."""

_LIFE_CYCLE = (
    "ALTER TABLE incidents ADD COLUMN group_id INTEGER NOT NULL DEFAULT 0",
    "ALTER TABLE incidents ADD COLUMN authority TEXT NOT NULL DEFAULT ''",
    "ALTER TABLE incidents ADD COLUMN patrol_id TEXT NOT NULL DEFAULT ''",
    "ALTER TABLE incidents ADD COLUMN route_id TEXT NOT NULL DEFAULT ''",
    "ALTER TABLE incidents ADD COLUMN checkpoint_id TEXT NOT NULL DEFAULT ''",
    "UPDATE incidents SET group_id = incident_id",
    "CREATE INDEX incidents_by_group ON incidents (group_id, incident_id)",
    "CREATE INDEX incidents_by_time ON incidents (opened_s)",
    """CREATE INDEX findings_with_pictures ON findings (stamp_s)
        WHERE photo IS NOT NULL OR before IS NOT NULL""",
    "CREATE INDEX verdicts_by_incident ON incident_verdicts (incident_id, stamp_s)",
    "CREATE INDEX verdicts_by_time ON incident_verdicts (stamp_s)",
    "CREATE INDEX candidates_by_time ON candidates (stamp_s)",
    """CREATE TABLE incident_acts (
        number INTEGER PRIMARY KEY,
        act_id TEXT NOT NULL UNIQUE,
        stamp_s REAL NOT NULL,
        incident_id INTEGER NOT NULL,
        group_id INTEGER NOT NULL,
        act TEXT NOT NULL,
        who TEXT NOT NULL,
        why TEXT NOT NULL,
        for_s REAL NOT NULL
    )""",
    "CREATE INDEX acts_by_group ON incident_acts (group_id, number)",
    """CREATE TRIGGER acts_stay BEFORE UPDATE ON incident_acts BEGIN
        SELECT RAISE(ABORT, 'an act is never changed');
    END""",
    """CREATE TABLE incident_groups (
        group_id INTEGER PRIMARY KEY,
        kind TEXT NOT NULL,
        x_m REAL,
        y_m REAL,
        cell_x INTEGER,
        cell_y INTEGER,
        state TEXT NOT NULL,
        since_s REAL NOT NULL,
        shelved_until_s REAL NOT NULL,
        first_seen_s REAL NOT NULL,
        last_seen_s REAL NOT NULL,
        incidents INTEGER NOT NULL,
        newest_id INTEGER NOT NULL
    )""",
    f"""INSERT INTO incident_groups
        SELECT i.incident_id, f.kind, f.x_m, f.y_m,
               CAST(f.x_m / {CELL_M} + 1000000 AS INTEGER),
               CAST(f.y_m / {CELL_M} + 1000000 AS INTEGER),
               'new', i.opened_s, 0, f.first_seen_s, f.stamp_s, 1, i.incident_id
        FROM incidents i JOIN findings f ON f.finding_id = i.finding_id
        WHERE f.revision = (SELECT max(revision) FROM findings WHERE finding_id = f.finding_id)
    """,
    "CREATE INDEX groups_by_state ON incident_groups (state, last_seen_s, group_id)",
    "CREATE INDEX groups_by_kind ON incident_groups (kind, state, last_seen_s, group_id)",
    "CREATE INDEX groups_by_shelf ON incident_groups (shelved_until_s)",
    "CREATE INDEX groups_by_place ON incident_groups (kind, cell_x, cell_y, last_seen_s)",
    """CREATE TABLE patrol_events_5 (
        patrol_id TEXT NOT NULL,
        stamp_s REAL NOT NULL,
        number INTEGER NOT NULL,
        kind TEXT NOT NULL,
        subject TEXT NOT NULL,
        message TEXT NOT NULL,
        x_m REAL,
        y_m REAL,
        yaw_rad REAL,
        PRIMARY KEY (patrol_id, stamp_s, number, kind, subject)
    ) WITHOUT ROWID""",
    """INSERT INTO patrol_events_5
        SELECT patrol_id, stamp_s, 0, kind, subject, message, x_m, y_m, yaw_rad
        FROM patrol_events""",
    "DROP TABLE patrol_events",
    "ALTER TABLE patrol_events_5 RENAME TO patrol_events",
    "CREATE INDEX events_by_time ON patrol_events (stamp_s)",
    """CREATE TRIGGER events_stay BEFORE UPDATE ON patrol_events BEGIN
        SELECT RAISE(ABORT, 'an event is never changed');
    END""",
)
"""`incident_groups` follows from incidents, findings and acts, and is kept for speed alone.

An incident that was there before is a group of its own. The number of an event is that of the
process that said it (0: none): where a clock was set back, it tells what came first.
"""

_AUTHORITY = (
    "ALTER TABLE samples ADD COLUMN authority TEXT",
    "CREATE INDEX findings_by_time ON findings (stamp_s)",
    "CREATE INDEX acts_by_time ON incident_acts (stamp_s)",
)

STEPS: tuple[tuple[str, ...], ...] = (
    _FIRST, _LEARNING, _BEFORE, _NOWHERE, _LIFE_CYCLE, _AUTHORITY,
)  # fmt: skip
VERSION = len(STEPS)
