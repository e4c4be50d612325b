"""Incidents as values for JSON. Stamps are Unix time."""

from __future__ import annotations

from typing import Any

from patrol_console.alerts.severity import AlertParams, severity_of
from patrol_console.live.documents import metres
from patrol_core.types.incidents import IncidentAct
from patrol_core.types.learning import IncidentVerdict
from patrol_records.entries import InboxLine, StoredIncident
from patrol_records.flight import shelf
from patrol_records.life_cycle import IncidentState
from patrol_records.queries_inbox import acts_of, group_of, incidents_of
from patrol_records.reader import RecordReader

Document = dict[str, Any]
MAX_SAME_CAUSE = 100


def line_document(line: InboxLine, params: AlertParams, now_s: float, root: str) -> Document:
    """One line of the inbox; `root`: the address of the robot's incidents."""
    severity = severity_of(line.kind)
    waiting_s = now_s - line.since_s
    is_new = line.state is IncidentState.NEW
    return {
        "id": line.newest_id,
        "group": line.group_id,
        "mark": f"{line.last_seen_s!r}/{line.group_id}",
        "kind": line.kind.value,
        "state": line.state.value,
        "severity": severity.name.lower(),
        "escalated": is_new and waiting_s > params.limit_s(severity),
        "reason": line.reason,
        "x": metres(line.x_m),
        "y": metres(line.y_m),
        "since_s": round(line.since_s, 1),
        "first_s": round(line.first_seen_s, 1),
        "last_s": round(line.last_seen_s, 1),
        "shelved_until_s": round(line.shelved_until_s, 1),
        "count": line.incidents,
        "verdict": None if line.verdict is None else line.verdict.value,
        "photo": None if line.photo is None else f"{root}/{line.newest_id}/photo",
    }


def incident_document(
    reader: RecordReader, incident: StoredIncident, params: AlertParams, now_s: float, root: str
) -> Document:
    """All that is known of an incident, and of the group it belongs to. Raises StoreError."""
    line = group_of(reader, incident.group_id, now_s)
    there = incident.circumstances
    numbers = incidents_of(reader, incident.group_id)
    pictures = {"photo": incident.photo, "before": incident.before}
    return {
        **line_document(line, params, now_s, root),
        "id": incident.incident_id,
        "reason": incident.reason,
        "opened_s": round(incident.opened_s, 1),
        "size": [metres(incident.length_m), metres(incident.width_m)],
        "confidence": metres(incident.confidence),
        "configuration": incident.config_hash,
        "evidence": [
            {"name": m.name, "value": metres(m.value), "threshold": metres(m.threshold),
             "unit": m.unit}
            for m in incident.evidence
        ],
        "authority": there.authority,
        "patrol": there.patrol_id,
        "route": there.route_id,
        "checkpoint": there.checkpoint_id,
        "same_cause": numbers[-MAX_SAME_CAUSE:],
        "recording": _recording(reader, incident.incident_id),
        "history": _history(reader, incident.group_id, numbers),
        **{
            key: None if name is None else f"{root}/{incident.incident_id}/{key}"
            for key, name in pictures.items()
        },
    }  # fmt: skip


def _recording(reader: RecordReader, incident_id: int) -> str | None:
    """The flight recorder's, once it is finished and while it is kept."""
    try:
        kept = shelf.of_incident(reader.path / shelf.FLIGHT, incident_id)
    except OSError:
        return None
    return None if kept is None else kept.recording_id


def _history(reader: RecordReader, group_id: int, numbers: list[int]) -> list[Document]:
    told = [_act(act) for act in acts_of(reader, group_id)]
    told += [_verdict(one) for one in reader.verdicts() if one.incident_id in numbers]
    return sorted(told, key=lambda one: one["s"])


def _act(act: IncidentAct) -> Document:
    return {"s": round(act.stamp_s, 1), "who": act.who, "what": act.act.value, "why": act.why,
            "for_s": act.for_s}  # fmt: skip


def _verdict(verdict: IncidentVerdict) -> Document:
    what = f"said to be {verdict.verdict.value}"
    return {"s": round(verdict.stamp_s, 1), "who": verdict.who, "what": what, "why": verdict.why,
            "for_s": 0.0}  # fmt: skip
