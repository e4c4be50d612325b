"""Patrols for other people's tools: CSV tables and GeoJSON. docs/REPORTS.md explains each column.

What lies in privacy zones is not in the records. Beyond that nothing of what visitors say leaves
here, and nobody's name: incidents that people told come without their words, commands without who
gave them. Text that a spreadsheet would take for a formula begins with an apostrophe.
"""

from __future__ import annotations

import csv
import io
import math
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timezone
from typing import Any

from patrol_core.geodesy import LocalFrame
from patrol_core.public_words import public_message
from patrol_core.site.model import Site
from patrol_core.types.mission import PatrolEvent
from patrol_mission.report import periods
from patrol_mission.report.form import sample_state
from patrol_mission.report.summary import PatrolSummary
from patrol_records.entries import StoredIncident

COLUMNS: Mapping[str, Mapping[str, str]] = {
    "patrols": {
        "patrol_id": "the patrol's name in the records",
        "route_id": "route of the site",
        "start_utc": "start, ISO 8601",
        "end_utc": "end, or the last sign of one whose end is not recorded",
        "outcome": "succeeded, failed, canceled, or not finished",
        "message": "how it ended, in words",
        "distance_m": "way driven [m]",
        "moving_s": "time in motion [s]",
        "held_s": "time held by the gate [s]",
        "battery_used": "charge used, as a fraction of the battery",
        "gaps": "gaps over 60 s in the record",
    },
    "visits": {
        "patrol_id": "as in patrols",
        "checkpoint_id": "checkpoint of the site",
        "name": "its name",
        "latitude_deg": "WGS 84",
        "longitude_deg": "WGS 84",
        "time_utc": "when it was reached or left out",
        "state": "reached or left out",
        "why": "why it was left out",
    },
    "events": {
        "patrol_id": "as in patrols",
        "time_utc": "when",
        "kind": "what, as in the records",
        "subject": "what it is about: checkpoint, check, error code",
        "message": "in words",
        "latitude_deg": "where the robot was, WGS 84",
        "longitude_deg": "WGS 84",
    },
    "incidents": {
        "incident": "its number in the run",
        "patrol_id": "as in patrols",
        "kind": "as in the records",
        "first_seen_utc": "when",
        "x_m": "metres of the site's map, east",
        "y_m": "north",
        "latitude_deg": "WGS 84",
        "longitude_deg": "WGS 84",
        "length_m": "extent [m]",
        "width_m": "extent [m]",
        "confidence": "0 to 1",
        "reason": "why it was told",
        "verdict": "what a person said of it: true, false, known, ignore",
    },
    "track": {
        "patrol_id": "as in patrols",
        "stretch": "counts unbroken stretches; between two nothing was recorded",
        "time_utc": "when",
        "x_m": "metres of the site's map, east",
        "y_m": "north",
        "yaw_rad": "heading, counter-clockwise from east",
        "latitude_deg": "WGS 84",
        "longitude_deg": "WGS 84",
        "speed_mps": "forwards [m/s]",
        "state": "driving, limited, held, or unsure of its place",
        "battery": "charge, as a fraction",
    },
}
"""The tables, one file each, and their columns in order."""

TOLD_BY_PEOPLE = "told by a visitor; the words are not exported"
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def csv_tables(summaries: Sequence[PatrolSummary], site: Site) -> dict[str, str]:
    """Each table of `COLUMNS` as text with a line of names, RFC 4180."""
    rows: dict[str, list[Mapping[str, Any]]] = {name: [] for name in COLUMNS}
    for summary in summaries:
        rows["patrols"].append(_patrol(summary))
        rows["visits"] += _visits(summary, site)
        rows["events"] += [_event(event, site.frame) for event in summary.events]
        rows["incidents"] += [_incident(i, summary, site.frame) for i in summary.incidents]
        rows["track"] += _track(summary, site.frame)
    return {name: _table(COLUMNS[name], rows[name]) for name in COLUMNS}


def geojson(summaries: Sequence[PatrolSummary], site: Site) -> dict[str, Any]:
    """Checkpoints, tracks and incidents as a feature collection in WGS 84 (RFC 7946).

    What has no place (a visitor may have told none) is in the tables only.
    """
    frame = site.frame
    features = [
        _feature(
            _point(frame, c.pose.x_m, c.pose.y_m),
            {"type": "checkpoint", "checkpoint_id": c.checkpoint_id, "name": c.name},
        )
        for c in site.checkpoints
    ]
    for summary in summaries:
        lines = [
            [_position(frame, *periods.place(s)) for s in piece]
            for piece in periods.stretches(summary.samples)
            if len(piece) > 1
        ]
        track = {"type": "MultiLineString", "coordinates": lines}
        features.append(_feature(track, {"type": "track", **_patrol(summary)}))
        for incident in summary.incidents:
            if math.isfinite(incident.x_m) and math.isfinite(incident.y_m):
                point = _point(frame, incident.x_m, incident.y_m)
                fields = _incident(incident, summary, frame)
                features.append(_feature(point, {"type": "incident", **fields}))
    return {"type": "FeatureCollection", "features": features}


def _table(columns: Iterable[str], rows: Iterable[Mapping[str, Any]]) -> str:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\r\n")
    names = list(columns)
    writer.writerow(names)
    writer.writerows([_cell(row[name]) for name in names] for row in rows)
    return text.getvalue()


def _cell(value: Any) -> Any:
    """Empty where nothing is known; text that no spreadsheet reckons with."""
    if value is None:
        return ""
    if isinstance(value, str) and value.startswith(_FORMULA):
        return f"'{value}"
    return value


def _patrol(summary: PatrolSummary) -> dict[str, Any]:
    used = summary.battery_used
    return {
        "patrol_id": summary.patrol_id,
        "route_id": summary.route_id,
        "start_utc": utc(summary.start_s),
        "end_utc": utc(summary.end_s),
        "outcome": summary.outcome,
        "message": public_message(summary.message),
        "distance_m": round(summary.distance_m, 1),
        "moving_s": round(summary.moving_s, 1),
        "held_s": round(sum(hold.duration_s for hold in summary.holds), 1),
        "battery_used": None if used is None else round(used, 4),
        "gaps": len(summary.gaps),
    }


def _visits(summary: PatrolSummary, site: Site) -> list[dict[str, Any]]:
    rows = []
    for visit in summary.visits:
        pose = site.checkpoint(visit.checkpoint_id).pose
        head = {
            "patrol_id": summary.patrol_id,
            "checkpoint_id": visit.checkpoint_id,
            "name": visit.name,
            **_degrees(site.frame, pose.x_m, pose.y_m),
        }
        told = [(stamp_s, "reached", "") for stamp_s in visit.stamps_s]
        told += [(stamp_s, "left out", why) for stamp_s, why in visit.left_out]
        rows += [
            head | {"time_utc": utc(stamp_s), "state": state, "why": public_message(why)}
            for stamp_s, state, why in sorted(told)
        ]
    return rows


def _event(event: PatrolEvent, frame: LocalFrame) -> dict[str, Any]:
    return {
        "patrol_id": event.patrol_id,
        "time_utc": utc(event.stamp_s),
        "kind": event.kind,
        "subject": event.subject,
        "message": event_message(event),
        **_degrees(frame, event.pose.x_m, event.pose.y_m),
    }


def _incident(
    incident: StoredIncident, summary: PatrolSummary, frame: LocalFrame
) -> dict[str, Any]:
    known = math.isfinite(incident.x_m) and math.isfinite(incident.y_m)
    return {
        "incident": incident.incident_id,
        "patrol_id": summary.patrol_id,
        "kind": incident.kind.value,
        "first_seen_utc": utc(incident.first_seen_s),
        "x_m": round(incident.x_m, 2) if known else None,
        "y_m": round(incident.y_m, 2) if known else None,
        **_degrees(frame, incident.x_m, incident.y_m),
        "length_m": round(incident.length_m, 2),
        "width_m": round(incident.width_m, 2),
        "confidence": round(incident.confidence, 3),
        "reason": public_reason(incident),
        "verdict": incident.verdict.verdict.value if incident.verdict else None,
    }


def public_reason(incident: StoredIncident) -> str:
    """The reason, unless people's words are in it."""
    return TOLD_BY_PEOPLE if incident.kind.from_people else incident.reason


def event_message(event: PatrolEvent) -> str:
    """What may be read of an event by anybody."""
    return "" if event.kind == "operator_command" else public_message(event.message)


def _track(summary: PatrolSummary, frame: LocalFrame) -> list[dict[str, Any]]:
    return [
        {
            "patrol_id": summary.patrol_id,
            "stretch": number,
            "time_utc": utc(s.stamp_s),
            "x_m": round(periods.place(s)[0], 3),
            "y_m": round(periods.place(s)[1], 3),
            "yaw_rad": None if s.yaw_rad is None else round(s.yaw_rad, 4),
            **_degrees(frame, *periods.place(s)),
            "speed_mps": None if s.speed_mps is None else round(s.speed_mps, 3),
            "state": sample_state(s),
            "battery": None if s.battery_fraction is None else round(s.battery_fraction, 4),
        }
        for number, piece in enumerate(periods.stretches(summary.samples), 1)
        for s in piece
    ]


def utc(stamp_s: float) -> str:
    """Unix time in ISO 8601, to a millisecond."""
    moment = datetime.fromtimestamp(stamp_s, timezone.utc)
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _degrees(frame: LocalFrame, x_m: float, y_m: float) -> dict[str, float | None]:
    if not (math.isfinite(x_m) and math.isfinite(y_m)):
        return {"latitude_deg": None, "longitude_deg": None}
    longitude, latitude = _position(frame, x_m, y_m)
    return {"latitude_deg": latitude, "longitude_deg": longitude}


def _position(frame: LocalFrame, x_m: float, y_m: float) -> list[float]:
    """Longitude and latitude [deg], to a centimetre."""
    latitude, longitude = frame.to_geodetic(x_m, y_m)
    around = math.remainder(longitude, math.tau)
    return [round(math.degrees(around), 7), round(math.degrees(latitude), 7)]


def _point(frame: LocalFrame, x_m: float, y_m: float) -> dict[str, Any]:
    return {"type": "Point", "coordinates": _position(frame, x_m, y_m)}


def _feature(geometry: dict[str, Any], properties: dict[str, Any]) -> dict[str, Any]:
    return {"type": "Feature", "geometry": geometry, "properties": properties}
