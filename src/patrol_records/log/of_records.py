"""What the log says of stored rows: incidents, what was done about them, verdicts."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from patrol_core.types.incidents import IncidentAct
from patrol_core.types.learning import IncidentVerdict
from patrol_records.log.entries import LogEntry, picture_hashes, row_hash
from patrol_records.queries_inbox import acts_since
from patrol_records.reader import RecordReader

_SINCE = """SELECT f.*, i.incident_id FROM findings f JOIN incidents i
    ON i.finding_id = f.finding_id WHERE f.stamp_s >= ? ORDER BY f.stamp_s, f.revision"""


def incident_entry(
    unix_s: float, run: str, incident_id: int, row: Mapping[str, Any], photos: Path
) -> LogEntry:
    """`row`: of a finding's revision. Raises OSError when a picture cannot be read."""
    finding_id, revision = row["finding_id"], row["revision"]
    return LogEntry(unix_s, f"incident:{run}:{finding_id}:{revision}", "incident", {
        "run": run, "incident": incident_id, "finding": finding_id, "revision": revision,
        "sha256": row_hash(row), "pictures": picture_hashes(row, photos),
    })  # fmt: skip


def incident_act_entry(unix_s: float, run: str, act: IncidentAct) -> LogEntry:
    return LogEntry(unix_s, f"incident_act:{act.act_id}", "incident_act", {
        "run": run, "incident": act.incident_id, "who": act.who, "what": act.act.value,
        "why": act.why, "for_s": act.for_s,
    })  # fmt: skip


def verdict_entry(unix_s: float, run: str, said: IncidentVerdict) -> LogEntry:
    return LogEntry(unix_s, f"verdict:{said.verdict_id}", "verdict", {
        "run": run, "incident": said.incident_id, "who": said.who, "what": said.verdict.value,
        "why": said.why,
    })  # fmt: skip


def entries_since(
    reader: RecordReader, run: str, photos: Path, since_s: float, unix_s: float
) -> Iterator[LogEntry]:
    """Entries for all that was stored since a stamp. Raises StoreError, OSError."""
    for row in reader.rows(_SINCE, since_s):
        finding = {name: row[name] for name in row.keys() if name != "incident_id"}  # noqa: SIM118
        yield incident_entry(unix_s, run, row["incident_id"], finding, photos)
    for act in acts_since(reader, since_s):
        yield incident_act_entry(unix_s, run, act)
    for said in reader.verdicts(since_s):
        yield verdict_entry(unix_s, run, said)
