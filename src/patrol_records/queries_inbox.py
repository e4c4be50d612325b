"""Groups of incidents as a person goes through them: a page at a time, by state and kind."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from patrol_core.types.incidents import ActKind, IncidentAct
from patrol_core.types.learning import VerdictKind
from patrol_core.types.perception import FindingKind
from patrol_records.database import Row
from patrol_records.entries import InboxLine, StoredIncident
from patrol_records.groups import standing_of
from patrol_records.learning_rows import place_of
from patrol_records.life_cycle import IncidentState
from patrol_records.reader import WITH_GROUPS, RecordReader

OPEN = (IncidentState.NEW, IncidentState.ACKNOWLEDGED)
"""What somebody has to look after now."""
_LINE = """SELECT g.*, f.reason,
        (SELECT photo FROM findings p WHERE p.finding_id = f.finding_id AND p.photo IS NOT NULL
         ORDER BY p.revision DESC LIMIT 1) AS photo,
        (SELECT verdict FROM incident_verdicts v WHERE v.incident_id IN (g.newest_id, g.group_id)
         ORDER BY v.stamp_s DESC, v.verdict_id DESC LIMIT 1) AS verdict
    FROM ({groups}) AS g
    JOIN incidents i ON i.incident_id = g.newest_id
    JOIN findings f ON f.finding_id = i.finding_id
    WHERE f.revision = (SELECT max(revision) FROM findings WHERE finding_id = f.finding_id)
    ORDER BY g.last_seen_s DESC, g.group_id DESC"""


@dataclass(frozen=True, slots=True)
class Mark:
    """Where a page ended: the next one begins after it."""

    last_seen_s: float
    group_id: int


def inbox(
    reader: RecordReader,
    now_s: float,
    states: Sequence[IncidentState] = OPEN,
    kind: FindingKind | None = None,
    after: Mark | None = None,
    count: int = 50,
) -> list[InboxLine]:
    """At most `count` groups that are in one of the states (at least one) at `now_s` (Unix
    time), those seen last first. Raises StoreError."""
    if reader.version < WITH_GROUPS:
        lines = [_of_old(incident) for incident in reader.incidents()]
        fit = [line for line in lines if line.state in states and kind in (None, line.kind)]
        later = sorted(fit, key=_order)
        return [x for x in later if after is None or _order(x) > _mark_order(after)][:count]
    values: list[object] = []
    pages = [_page(now_s, state, kind, after, count, values) for state in states]
    groups = " UNION ALL ".join(
        f"SELECT * FROM ({page}) AS {s.value}" for s, page in zip(states, pages, strict=True)
    )
    groups += f" ORDER BY last_seen_s DESC, group_id DESC LIMIT {int(count)}"
    return [_line(dict(row), now_s) for row in reader.rows(_LINE.format(groups=groups), *values)]


def counts(reader: RecordReader, now_s: float) -> dict[IncidentState, int]:
    """How many groups are in each state at `now_s`. Raises StoreError."""
    found = dict.fromkeys(IncidentState, 0)
    if reader.version < WITH_GROUPS:
        return found | {IncidentState.NEW: len(reader.incidents())}
    for row in reader.rows(
        "SELECT state, shelved, count(*) AS groups FROM (SELECT state, shelved_until_s > ? "
        "AS shelved FROM incident_groups) AS g GROUP BY state, shelved",
        now_s,
    ):
        state = IncidentState.SHELVED if row["shelved"] else IncidentState(row["state"])
        found[state] += row["groups"]
    return found


def group_of(reader: RecordReader, group_id: int, now_s: float) -> InboxLine:
    """A group that there is, as it stands at `now_s`. Raises StoreError."""
    if reader.version < WITH_GROUPS:
        return next(_of_old(i) for i in reader.incidents() if i.incident_id == group_id)
    groups = "SELECT * FROM incident_groups WHERE group_id = ?"
    (row,) = reader.rows(_LINE.format(groups=groups), group_id)
    return _line(dict(row), now_s)


def incidents_of(reader: RecordReader, group_id: int) -> list[int]:
    """The numbers of a group's incidents, in order. Raises StoreError."""
    if reader.version < WITH_GROUPS:
        return [group_id]
    rows = reader.rows(
        "SELECT incident_id FROM incidents WHERE group_id = ? ORDER BY incident_id", group_id
    )
    return [row["incident_id"] for row in rows]


def acts_of(reader: RecordReader, group_id: int) -> list[IncidentAct]:
    """All that was done about a group, in the order in which it was. Raises StoreError."""
    if reader.version < WITH_GROUPS:
        return []
    rows = reader.rows("SELECT * FROM incident_acts WHERE group_id = ? ORDER BY number", group_id)
    return [_act(row) for row in rows]


def acts_since(reader: RecordReader, since_s: float) -> list[IncidentAct]:
    """All that was done since a stamp, in order. Raises StoreError."""
    rows = reader.rows("SELECT * FROM incident_acts WHERE stamp_s >= ? ORDER BY number", since_s)
    return [_act(row) for row in rows]


def _page(
    now_s: float,
    state: IncidentState,
    kind: FindingKind | None,
    after: Mark | None,
    count: int,
    values: list[object],
) -> str:
    """The query of one state's page, a walk along one index; its values are added to `values`."""
    conditions = ["shelved_until_s > ?"]
    if state is not IncidentState.SHELVED:
        conditions = ["state = ?", "shelved_until_s <= ?"]
        values.append(state.value)
    values.append(now_s)
    if kind is not None:
        conditions.append("kind = ?")
        values.append(kind.value)
    if after is not None:
        conditions.append("(last_seen_s, group_id) < (?, ?)")
        values += [after.last_seen_s, after.group_id]
    return (
        f"SELECT * FROM incident_groups WHERE {' AND '.join(conditions)} "
        f"ORDER BY last_seen_s DESC, group_id DESC LIMIT {int(count)}"
    )


def _line(row: dict[str, Any], now_s: float) -> InboxLine:
    state = standing_of(row).at(now_s)
    row = {name: value for name, value in row.items() if name not in ("cell_x", "cell_y")}
    verdict = VerdictKind(row["verdict"]) if row["verdict"] else None
    parts = {"kind": FindingKind(row["kind"]), "state": state, "verdict": verdict}
    return InboxLine(**row | place_of(row) | parts)


def _of_old(incident: StoredIncident) -> InboxLine:
    """Before there were groups every incident was one, and nobody could say more of it."""
    return InboxLine(
        incident.incident_id, incident.kind, incident.x_m, incident.y_m, IncidentState.NEW,
        incident.opened_s, 0.0, incident.first_seen_s, incident.stamp_s, 1, incident.incident_id,
        incident.reason, incident.photo, incident.verdict.verdict if incident.verdict else None,
    )  # fmt: skip


def _act(row: Row) -> IncidentAct:
    return IncidentAct(
        row["stamp_s"], row["act_id"], row["incident_id"], ActKind(row["act"]), row["who"],
        row["why"], row["for_s"],
    )  # fmt: skip


def _order(line: InboxLine) -> tuple[float, int]:
    return -line.last_seen_s, -line.group_id


def _mark_order(mark: Mark) -> tuple[float, int]:
    return -mark.last_seen_s, -mark.group_id
