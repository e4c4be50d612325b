"""Renders the page."""

from __future__ import annotations

import base64
import math
from dataclasses import dataclass
from datetime import datetime
from importlib import resources
from pathlib import Path
from zoneinfo import ZoneInfo

import jinja2

from patrol_core.site.map_file import load_map
from patrol_core.site.model import Site
from patrol_core.types.learning import VerdictKind
from patrol_core.types.perception import FindingKind
from patrol_core.whole_file import write_whole
from patrol_mission.report import figures
from patrol_mission.report.summary import PatrolSummary, format_duration, summarize
from patrol_records.entries import StoredIncident
from patrol_records.reader import RecordReader

REPORT = "report.html"
_KIND_WORDS = {
    FindingKind.OBJECT: "Unknown object",
    FindingKind.OBSTRUCTION: "Obstruction",
    FindingKind.BLOCKED: "Blocked way",
    FindingKind.CHANGE: "Change",
    FindingKind.BEHAVIOUR: "Behaviour",
    FindingKind.MISSING: "Missing or open",
    FindingKind.CHECK: "Failed check",
    FindingKind.INSPECTION: "Inspection",
    FindingKind.REPORT: "Visitor's report",
    FindingKind.EMERGENCY: "Call for help",
}
_VERDICT_WORDS = {
    VerdictKind.TRUE: "should not be there",
    VerdictKind.FALSE: "false alarm",
    VerdictKind.KNOWN: "belongs there",
    VerdictKind.IGNORE: "nothing here is to be told",
}
_EVENT_WORDS = {
    "patrol_started": "Patrol started",
    "patrol_ended": "Patrol ended",
    "lap_started": "Lap started",
    "lap_completed": "Lap completed",
    "join_failed": "Route not reached",
    "checkpoint_reached": "Checkpoint reached",
    "checkpoint_skipped": "Checkpoint skipped",
    "leg_failed": "Way not passable",
    "goal_resent": "Navigation restarted",
    "battery_low": "Battery low",
    "operator_command": "Operator",
    "picture_taken": "Picture taken",
    "no_picture": "No picture possible",
    "return_failed": "Return failed",
    "dock_failed": "Docking failed",
    "undock_failed": "Undocking failed",
}


@dataclass(frozen=True, slots=True)
class _Card:
    """One incident as the page shows it."""

    number: int
    title: str
    when: str
    where: str
    size: str
    incident: StoredIncident
    picture: str | None
    verdict: str
    before: str | None


def write_report(records: Path, site: Site, patrol_id: str | None = None) -> Path:
    """Write the report of a patrol (by default the latest) into the records folder.

    Returns its path. Raises ConfigError or StoreError when there is nothing to report.
    """
    reader = RecordReader(records)
    try:
        summary = summarize(reader, site, patrol_id)
        html = render(summary, site, reader.photos)
    finally:
        reader.close()
    target = records / REPORT
    write_whole(target, html.encode())
    return target


def render(summary: PatrolSummary, site: Site, photos: Path) -> str:
    """The page as a string."""
    zone = ZoneInfo(site.timezone)

    def clock(stamp_s: float, form: str = "%H:%M:%S") -> str:
        return datetime.fromtimestamp(stamp_s, zone).strftime(form)

    source = resources.files("patrol_mission.report").joinpath("page.html.j2")
    environment = jinja2.Environment(autoescape=True, undefined=jinja2.StrictUndefined)
    template = environment.from_string(source.read_text(encoding="utf-8"))
    cards = [
        _card(incident, clock(incident.first_seen_s), photos) for incident in summary.incidents
    ]
    return template.render(
        site=site,
        summary=summary,
        date=clock(summary.start_s, "%A %d %B %Y, %H:%M"),
        duration=format_duration(summary.duration_s),
        finds=_of_kind(cards, FindingKind.OBJECT),
        obstructions=_of_kind(cards, FindingKind.OBSTRUCTION),
        blocked=_of_kind(cards, FindingKind.BLOCKED),
        changes=_of_kind(cards, FindingKind.CHANGE),
        behaviour=_of_kind(cards, FindingKind.BEHAVIOUR),
        missing=_of_kind(cards, FindingKind.MISSING),
        checks=_of_kind(cards, FindingKind.CHECK),
        calls=_of_kind(cards, FindingKind.EMERGENCY),
        reports=_of_kind(cards, FindingKind.REPORT),
        visited=sum(bool(visit.stamps_s) for visit in summary.visits),
        map_svg=figures.map_figure(summary, site, load_map(site.map_file)),
        drive_svg=figures.drive_figure(summary),
        idleness_svg=figures.idleness_figure(summary),
        timeline=[
            (clock(event.stamp_s), _EVENT_WORDS.get(event.kind, event.kind), event.message)
            for event in summary.events
        ],
    )


def _of_kind(cards: list[_Card], kind: FindingKind) -> list[_Card]:
    return [card for card in cards if card.incident.kind is kind]


def _card(incident: StoredIncident, when: str, photos: Path) -> _Card:
    size = f"{incident.length_m:.1f} × {incident.width_m:.1f} m" if incident.length_m else ""
    where = "place unknown"
    if math.isfinite(incident.x_m):
        east, north = incident.x_m >= 0, incident.y_m >= 0
        where = f"{abs(incident.x_m):.1f} m {'east' if east else 'west'}, "
        where += f"{abs(incident.y_m):.1f} m {'north' if north else 'south'} of the datum"
    return _Card(
        incident.incident_id, _KIND_WORDS[incident.kind], when, where, size, incident,
        _inlined(photos, incident.photo), _verdict_words(incident),
        _inlined(photos, incident.before),
    )  # fmt: skip


def _verdict_words(incident: StoredIncident) -> str:
    """What a person has said of it; empty where nobody has."""
    verdict = incident.verdict
    if verdict is None:
        return ""
    return f"{_VERDICT_WORDS[verdict.verdict]} ({verdict.who}: {verdict.why})"


def _inlined(photos: Path, name: str | None) -> str | None:
    """A stored picture as a link that holds it; None where there is none any more."""
    if name is None or not (photos / name).is_file():
        return None
    return (
        f"data:image/jpeg;base64,{base64.b64encode((photos / name).read_bytes()).decode('ascii')}"
    )
