"""The versioned JSON form of a patrol report: what pages, replay and console show.

A reader refuses a `version` that it does not know; a field is never given another meaning
without a new version. Stamps are Unix time [s], places metres of the site's map, SI units; what
is not known is null. Every value is made of JSON's own types.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from patrol_core.site.model import Site
from patrol_core.types.mission import PatrolEvent
from patrol_core.types.perception import FindingKind
from patrol_mission.report import periods, words
from patrol_mission.report.summary import PatrolSummary, Visit
from patrol_records.entries import RunSample, StoredIncident

PATROL_FORM, PATROL_VERSION = "ronda.patrol_report", 1
_CHECKS = {"check_passed": "passed", "check_failed": "failed", "check_unread": "unread"}
_OUTCOMES = ("passed", "failed", "unread")


@dataclass(frozen=True, slots=True)
class Policy:
    """A rule that holds everywhere and always; `rule_id` as findings name it."""

    rule_id: str
    words: str


def patrol_form(
    summary: PatrolSummary,
    site: Site,
    policies: Sequence[Policy] = (),
    battery_wh: float | None = None,
) -> dict[str, Any]:
    """One patrol. `battery_wh`: the battery's capacity, where it is known."""
    used = summary.battery_used
    return {
        "format": PATROL_FORM,
        "version": PATROL_VERSION,
        "site": site_form(site),
        "patrol": {
            "patrol_id": summary.patrol_id,
            "route_id": summary.route_id,
            "start_s": summary.start_s,
            "end_s": summary.end_s,
            "ended": summary.ended,
            "outcome": summary.outcome,
            "message": summary.message,
            "laps_wanted": summary.laps_wanted,
        },
        "numbers": {
            "duration_s": summary.duration_s,
            "moving_s": summary.moving_s,
            "held_s": sum(hold.duration_s for hold in summary.holds),
            "distance_m": summary.distance_m,
            "route_covered_fraction": summary.route_covered_fraction,
            "battery_used_fraction": used,
            "energy_wh": None if used is None or battery_wh is None else used * battery_wh,
        },
        "laps": [
            {"number": lap.number, "start_s": lap.start_s, "end_s": lap.end_s}
            for lap in summary.laps
        ],
        "route": _points(summary.route[:, :2].tolist()),
        "track": [_stretch(piece) for piece in periods.stretches(summary.samples)],
        "series": series(summary.samples),
        "visits": [_visit(visit, summary) for visit in summary.visits],
        "checks": [_check(check.check_id, summary, site) for check in site.checks],
        "policies": [_policy(policy, summary.incidents) for policy in policies],
        "incidents": [incident_form(incident) for incident in summary.incidents],
        "holds": [
            {"start_s": h.start_s, "end_s": h.end_s, "latched": h.latched,
             "reasons": list(h.reasons)}
            for h in summary.holds
        ],
        "interventions": [{"stamp_s": s, "words": text} for s, text in summary.interventions],
        "gaps": [
            {"start_s": gap.start_s, "end_s": gap.end_s, "why": gap.why,
             "after": _nearest_event(summary, gap.start_s)}
            for gap in summary.gaps
        ],
        "timeline": [event_form(event) for event in summary.events],
    }  # fmt: skip


def site_form(site: Site) -> dict[str, Any]:
    """What of a site a map shows."""
    return {
        "name": site.name,
        "timezone": site.timezone,
        "outline": _points(site.outline_m),
        "zones": [
            {"id": z.zone_id, "kind": z.kind.value, "polygon": _points(z.polygon_m)}
            for z in site.zones
        ],
        "checkpoints": [
            {"id": c.checkpoint_id, "name": c.name, "x_m": c.pose.x_m, "y_m": c.pose.y_m}
            for c in site.checkpoints
        ],
        "docks": [{"id": d.dock_id, "outline": _points(d.outline_m)} for d in site.docks],
    }


def incident_form(incident: StoredIncident) -> dict[str, Any]:
    """One incident with its evidence; pictures by their names in the photo folder."""
    verdict = incident.verdict
    return {
        "number": incident.incident_id,
        "kind": incident.kind.value,
        "title": words.KINDS[incident.kind],
        "first_seen_s": incident.first_seen_s,
        "opened_s": incident.opened_s,
        "x_m": finite(incident.x_m),
        "y_m": finite(incident.y_m),
        "length_m": incident.length_m,
        "width_m": incident.width_m,
        "confidence": incident.confidence,
        "reason": incident.reason,
        "from_people": incident.kind.from_people,
        "evidence": [
            {"name": m.name, "value": finite(m.value), "threshold": finite(m.threshold),
             "unit": "" if m.unit == "1" else m.unit}
            for m in incident.evidence
        ],
        "photo": incident.photo,
        "before": incident.before,
        "config_hash": incident.config_hash,
        "group": incident.group_id,
        "authority": incident.circumstances.authority,
        "checkpoint_id": incident.circumstances.checkpoint_id,
        "verdict": None if verdict is None else {
            "verdict": verdict.verdict.value, "words": words.VERDICTS.get(verdict.verdict, ""),
            "who": verdict.who, "why": verdict.why, "stamp_s": verdict.stamp_s,
        },
    }  # fmt: skip


def event_form(event: PatrolEvent) -> dict[str, Any]:
    """One event of a patrol."""
    return {
        "stamp_s": event.stamp_s,
        "kind": event.kind,
        "words": words.event_words(event.kind),
        "tone": words.event_tone(event.kind, event.subject),
        "subject": event.subject,
        "message": event.message,
        "x_m": finite(event.pose.x_m),
        "y_m": finite(event.pose.y_m),
    }


def finite(value: float | None) -> float | None:
    """JSON has no NaN."""
    return value if value is not None and math.isfinite(value) else None


def sample_state(sample: RunSample) -> str:
    """How the robot was: what the track is coloured by."""
    if sample.localization in ("degraded", "lost"):
        return "unsure"
    if sample.gate_state in periods.HELD:
        return "held"
    return "limited" if sample.gate_state == "limited" else "driving"


def series(samples: Sequence[RunSample], columns: int = 600) -> dict[str, list[float | None]]:
    """Speed and charge over time in at most so many columns: each the fastest and the last."""
    if not samples:
        return {"stamp_s": [], "speed_mps": [], "battery_fraction": []}
    start_s, span_s = samples[0].stamp_s, samples[-1].stamp_s - samples[0].stamp_s
    width_s = max(span_s / columns, 1e-3)
    bins: dict[int, list[RunSample]] = {}
    for sample in samples:
        bins.setdefault(int((sample.stamp_s - start_s) / width_s), []).append(sample)
    speeds = [[s.speed_mps for s in b if s.speed_mps is not None] for b in bins.values()]
    charges = [[s.battery_fraction for s in b] for b in bins.values()]
    return {
        "stamp_s": [b[0].stamp_s for b in bins.values()],
        "speed_mps": [finite(max(some, key=abs, default=None)) for some in speeds],
        "battery_fraction": [finite(some[-1]) for some in charges],
    }


def _stretch(piece: Sequence[RunSample]) -> dict[str, Any]:
    """Places of a stretch, thinned to 5 cm, each with its stamp, state and speed."""
    kept: list[RunSample] = []
    for sample in piece:
        if not kept or _differs(kept[-1], sample):
            kept.append(sample)
    if kept[-1] is not piece[-1]:
        kept.append(piece[-1])
    return {
        "stamp_s": [round(s.stamp_s, 2) for s in kept],
        "points": _points([periods.place(s) for s in kept]),
        "state": [sample_state(s) for s in kept],
        "speed_mps": [finite(s.speed_mps) for s in kept],
    }


def _differs(last: RunSample, sample: RunSample) -> bool:
    moved = math.dist(periods.place(last), periods.place(sample)) > 0.05
    return moved or sample_state(last) != sample_state(sample)


def _visit(visit: Visit, summary: PatrolSummary) -> dict[str, Any]:
    if visit.stamps_s:
        state, why = "done", ""
    elif visit.left_out:
        state, why = "skipped", visit.left_out[-1][1]
    else:
        state, why = "not reached", summary.message
    return {
        "checkpoint_id": visit.checkpoint_id,
        "name": visit.name,
        "state": state,
        "why": why,
        "stamps_s": list(visit.stamps_s),
        "left_out": [{"stamp_s": s, "why": text} for s, text in visit.left_out],
        "worst_idleness_s": visit.worst_idleness_s,
    }


def _check(check_id: str, summary: PatrolSummary, site: Site) -> dict[str, Any]:
    check = next(c for c in site.checks if c.check_id == check_id)
    read = [e for e in summary.events if e.kind in _CHECKS and e.subject == check_id]
    counts = {word: sum(_CHECKS[e.kind] == word for e in read) for word in _OUTCOMES}
    numbers = [
        i.incident_id
        for i in summary.incidents
        if i.kind is FindingKind.CHECK and i.reason.startswith(f"{check.name}:")
    ]
    return {
        "check_id": check_id,
        "name": check.name,
        "checkpoint_id": check.checkpoint_id,
        "outcome": _CHECKS[read[-1].kind] if read else "failed" if numbers else "not read",
        "reason": read[-1].message if read else "",
        "stamp_s": read[-1].stamp_s if read else None,
        "counts": counts,
        "incidents": numbers,
    }


def _policy(policy: Policy, incidents: Sequence[StoredIncident]) -> dict[str, Any]:
    told = [
        i.incident_id
        for i in incidents
        if f"(rule '{policy.rule_id}')" in i.reason and not i.kind.from_people
    ]
    return {"rule_id": policy.rule_id, "words": policy.words, "incidents": told}


def _nearest_event(summary: PatrolSummary, stamp_s: float) -> str:
    """What was last told before a stamp."""
    before = [e for e in summary.events if e.stamp_s <= stamp_s]
    if not before:
        return ""
    last: Mapping[str, Any] = event_form(before[-1])
    return f"{last['words']}: {last['message']}" if last["message"] else str(last["words"])


def _points(points: Sequence[Sequence[float]]) -> list[list[float]]:
    """Rounded to a centimetre."""
    return [[round(float(x), 2), round(float(y), 2)] for x, y in points]
