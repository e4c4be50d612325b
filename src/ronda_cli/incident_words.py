"""Incidents and what became of them, in words."""

from __future__ import annotations

from datetime import datetime

from patrol_core.types.incidents import ActKind, IncidentAct
from patrol_core.types.learning import IncidentVerdict
from patrol_core.types.perception import Measure, place_words
from patrol_records.entries import InboxLine, StoredIncident
from patrol_records.life_cycle import IncidentState
from patrol_records.queries_inbox import acts_of, group_of, incidents_of
from patrol_records.reader import RecordReader

STYLES = {
    IncidentState.NEW: "bold",
    IncidentState.SHELVED: "dim",
    IncidentState.RESOLVED: "dim",
}
_ACTS = {
    ActKind.ACKNOWLEDGE: "acknowledged",
    ActKind.RESOLVE: "resolved",
    ActKind.SHELVE: "shelved",
    ActKind.REOPEN: "opened again",
}


def line_words(line: InboxLine) -> tuple[str, ...]:
    """A group of incidents in a row of words."""
    seen = _clock(line.last_seen_s)[:-3]
    if line.incidents > 1:
        seen = f"{line.incidents} times, last {seen}"
    words = (
        f"{line.group_id:4}", f"{line.state.value:12}", line.kind.value,
        place_words(line.x_m, line.y_m), seen, "photo" if line.photo else "",
        f"said to be {line.verdict.value}" if line.verdict else "",
    )  # fmt: skip
    return tuple(filter(None, words))


def state_words(line: InboxLine) -> str:
    """How a group stands."""
    if line.state is IncidentState.SHELVED:
        return f"shelved until {_clock(line.shelved_until_s)}"
    return f"{line.state.value} since {_clock(line.since_s)}"


def incident_words(
    reader: RecordReader, incident: StoredIncident, now_s: float
) -> list[tuple[str, str]]:
    """All that is known of an incident, as names and texts."""
    there, at = incident.circumstances, place_words(incident.x_m, incident.y_m)
    words = [
        ("incident", f"{incident.incident_id} ({incident.kind.value})"),
        ("first seen", _clock(incident.first_seen_s)),
        ("place", f"{at} on the site's map"),
        ("size", f"{incident.length_m:.2f} x {incident.width_m:.2f} m"),
        ("confidence", f"{incident.confidence:.0%}"),
        ("reason", incident.reason),
    ]
    words += [("evidence", _measured(measure)) for measure in incident.evidence]
    photos = {"photo": incident.photo, "before": incident.before}
    facts = {
        "judged by": incident.config_hash and f"configuration {incident.config_hash}",
        "authority": there.authority,
        "patrol": there.patrol_id and f"{there.patrol_id} on route {there.route_id}",
        "checkpoint": there.checkpoint_id,
        **{name: photo and str(reader.photos / photo) for name, photo in photos.items()},
    }
    words += [(name, text) for name, text in facts.items() if text]
    words.append(("state", state_words(group_of(reader, incident.group_id, now_s))))
    return words


def history_of(reader: RecordReader, incident: StoredIncident) -> list[str]:
    """What happened with the group of an incident, in order: found, judged, acted upon."""
    numbers = incidents_of(reader, incident.group_id)
    told = [_found(found) for n in numbers if (found := reader.incident(n)) is not None]
    told += [_judged(v) for v in reader.verdicts() if v.incident_id in numbers]
    told += [_done(act) for act in acts_of(reader, incident.group_id)]
    return [f"{_clock(stamp_s)}  {text}" for stamp_s, text in sorted(told, key=lambda t: t[0])]


def _found(incident: StoredIncident) -> tuple[float, str]:
    return incident.opened_s, f"incident {incident.incident_id}: found"


def _judged(verdict: IncidentVerdict) -> tuple[float, str]:
    hours = f", {verdict.hours}" if verdict.hours else ""
    said = f"said to be {verdict.verdict.value}{hours} by {verdict.who}: {verdict.why}"
    return verdict.stamp_s, f"incident {verdict.incident_id}: {said}"


def _done(act: IncidentAct) -> tuple[float, str]:
    until = f" until {_clock(act.stamp_s + act.for_s)}" if act.act is ActKind.SHELVE else ""
    return (
        act.stamp_s,
        f"incident {act.incident_id}: {_ACTS[act.act]}{until} by {act.who}: {act.why}",
    )


def _measured(measure: Measure) -> str:
    value, threshold = f"{measure.value:.3g}", f"{measure.threshold:.3g}"
    return f"{measure.name}: {value} {measure.unit} (threshold {threshold} {measure.unit})"


def _clock(stamp_s: float) -> str:
    return datetime.fromtimestamp(stamp_s).astimezone().strftime("%Y-%m-%d %H:%M:%S")
