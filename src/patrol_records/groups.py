"""Which incidents have one cause, and how each such group stands.

A group is found by kind and place, and by when it was last seen; its place is that of its first
incident, so that it does not drift, in any of its revisions: a long thing is first seen from one
end, and each time from the same or from another. The table `incident_groups` is kept within the
transaction that adds a finding or an act, so that a page of it is a look into an index.
"""

from __future__ import annotations

import math

from patrol_core.types.incidents import ActKind, IncidentAct
from patrol_core.types.perception import Finding
from patrol_records.database import Database, Row
from patrol_records.life_cycle import IncidentState, Standing
from patrol_records.params import GroupingParams
from patrol_records.schema import CELL_M

RECORDS = "records"
"""Who reopens what is seen again."""
_CELLS_OFFSET = 1_000_000
_GROWN_M = 4.0
"""Farthest that a later revision lies from the first one and is still looked for."""


class Groups:
    """Keeps the groups of one database; every method is called within a transaction."""

    def __init__(self, database: Database, params: GroupingParams) -> None:
        self._db = database
        self._params = params

    def of(self, finding: Finding) -> int | None:
        """The group that a new incident belongs to: the nearest in reach; None: a new one."""
        radius_m, within_s = self._params.reach(finding.kind)
        if not (radius_m and math.isfinite(finding.x_m) and math.isfinite(finding.y_m)):
            return None
        columns, rows = (_cells(at_m, radius_m) for at_m in (finding.x_m, finding.y_m))
        near = self._db.rows(
            "SELECT group_id, x_m, y_m FROM incident_groups WHERE kind = ? "
            f"AND cell_x IN ({_marks(columns)}) AND cell_y IN ({_marks(rows)}) "
            "AND last_seen_s >= ?",
            finding.kind.value, *columns, *rows, finding.first_seen_s - within_s,
        )  # fmt: skip
        found = [(self._away_m(group, finding), -group["group_id"]) for group in near]
        reached = [(away_m, number) for away_m, number in found if away_m <= radius_m]
        return -min(reached)[1] if reached else None

    def _away_m(self, group: Row, finding: Finding) -> float:
        """From the nearest place at which the group's first incident was ever seen."""
        revised = self._db.rows(
            "SELECT f.x_m, f.y_m FROM findings f JOIN incidents i ON i.finding_id = f.finding_id "
            "WHERE i.incident_id = ? AND f.x_m IS NOT NULL AND f.y_m IS NOT NULL",
            group["group_id"],
        )
        here = finding.x_m, finding.y_m
        return min(math.dist((at["x_m"], at["y_m"]), here) for at in (group, *revised))

    def open(self, incident_id: int, finding: Finding) -> None:
        """Begin a group with its first incident."""
        placed = math.isfinite(finding.x_m) and math.isfinite(finding.y_m)
        self._db.run(
            "INSERT INTO incident_groups VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?)",
            incident_id, finding.kind.value, finding.x_m, finding.y_m,
            _cell(finding.x_m) if placed else None, _cell(finding.y_m) if placed else None,
            IncidentState.NEW.value, finding.stamp_s, 0.0, finding.first_seen_s, finding.stamp_s,
            1, incident_id,
        )  # fmt: skip

    def seen(self, group_id: int, incident_id: int, finding: Finding, *, is_new: bool) -> None:
        """Its cause was seen again, as another incident or as a revision of one.

        Long enough after it was resolved, that opens it again.
        """
        (group,) = self._db.rows("SELECT * FROM incident_groups WHERE group_id = ?", group_id)
        seen_s = finding.first_seen_s if is_new else finding.stamp_s
        self._db.run(
            "UPDATE incident_groups SET first_seen_s = ?, last_seen_s = ?, incidents = ?, "
            "newest_id = ? WHERE group_id = ?",
            min(group["first_seen_s"], finding.first_seen_s),
            max(group["last_seen_s"], finding.stamp_s), group["incidents"] + is_new,
            max(group["newest_id"], incident_id), group_id,
        )  # fmt: skip
        standing = standing_of(group)
        apart_s = seen_s - standing.since_s
        if standing.state is IncidentState.RESOLVED and apart_s >= self._params.reopen_after_s:
            self.act(
                IncidentAct(
                    finding.stamp_s, f"{finding.finding_id}-{finding.revision}-seen-again",
                    incident_id, ActKind.REOPEN, RECORDS, "seen again after it was resolved",
                )
            )  # fmt: skip

    def act(self, act: IncidentAct) -> None:
        """Keep an act, once, and let the group stand as it then does.

        An act on an incident that is not known is kept, and does nothing.
        """
        known = self._db.rows(
            "SELECT g.* FROM incident_groups g JOIN incidents i ON i.group_id = g.group_id "
            "WHERE i.incident_id = ?",
            act.incident_id,
        )
        added = self._db.run(
            "INSERT INTO incident_acts (act_id, stamp_s, incident_id, group_id, act, who, why, "
            "for_s) VALUES (?,?,?,?,?,?,?,?) ON CONFLICT DO NOTHING",
            act.act_id, act.stamp_s, act.incident_id, known[0]["group_id"] if known else 0,
            act.act.value, act.who, act.why, act.for_s,
        )  # fmt: skip
        if not (added and known):
            return
        standing = standing_of(known[0]).after(act)
        self._db.run(
            "UPDATE incident_groups SET state = ?, since_s = ?, shelved_until_s = ? "
            "WHERE group_id = ?",
            standing.state.value, standing.since_s, standing.shelved_until_s, known[0]["group_id"],
        )  # fmt: skip


def standing_of(row: Row) -> Standing:
    """The standing in a row of `incident_groups`."""
    return Standing(IncidentState(row["state"]), row["since_s"], row["shelved_until_s"])


def _cell(at_m: float) -> int:
    return int(at_m / CELL_M + _CELLS_OFFSET)


def _cells(at_m: float, radius_m: float) -> range:
    """Those in which a group begins that may be in reach."""
    reach_m = radius_m + _GROWN_M
    return range(_cell(at_m - reach_m), _cell(at_m + reach_m) + 1)


def _marks(values: range) -> str:
    return ",".join("?" * len(values))
