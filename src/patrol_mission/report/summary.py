"""What the records say about one patrol, as plain values."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from patrol_core.errors import ConfigError, Place
from patrol_core.geometry import FloatArray, distance_to_polyline_m
from patrol_core.site.model import Checkpoint, Site
from patrol_core.types.mission import FOR_VISITORS, PatrolEvent
from patrol_mission.report import periods
from patrol_mission.report.periods import Gap, Hold
from patrol_mission.report.words import duration_words
from patrol_mission.route import lap_poses
from patrol_records.entries import RunSample, StoredIncident
from patrol_records.queries_patrols import patrol_starts
from patrol_records.reader import RecordReader

COVERED_M = 1.5
LATER_S = 60.0
"""What is told so long after the end of a patrol still belongs to it."""
_MOVING_MPS = 0.05
_LAPS = re.compile(r"(\d+) laps?\b")
_LEFT_OUT = ("checkpoint_skipped", "leg_failed")


@dataclass(frozen=True, slots=True)
class Visit:
    """A checkpoint to be visited: when it was reached, and when it was left out and why.

    `idleness_s` are the times without a visit, from the start of the patrol to its end.
    """

    checkpoint_id: str
    name: str
    stamps_s: tuple[float, ...]
    left_out: tuple[tuple[float, str], ...]
    idleness_s: tuple[float, ...]

    @property
    def worst_idleness_s(self) -> float:
        return max(self.idleness_s)


@dataclass(frozen=True, slots=True)
class Lap:
    """One lap; `end_s` None: it was not completed."""

    number: int
    start_s: float
    end_s: float | None


@dataclass(frozen=True, slots=True, eq=False)
class PatrolSummary:
    """One patrol. `route` is the planned lap (M, 3), empty where the site has it no more.

    `end_s`: its last event or sample where no end was recorded (`ended` False). `laps_wanted`:
    None where the record does not say. `battery_used`: sum of what the charge fell, as fraction;
    None where it was not recorded.
    """

    patrol_id: str
    route_id: str
    start_s: float
    end_s: float
    ended: bool
    outcome: str
    message: str
    laps_wanted: int | None
    laps: tuple[Lap, ...]
    events: tuple[PatrolEvent, ...]
    incidents: tuple[StoredIncident, ...]
    samples: tuple[RunSample, ...]
    visits: tuple[Visit, ...]
    holds: tuple[Hold, ...]
    interventions: tuple[tuple[float, str], ...]
    gaps: tuple[Gap, ...]
    route: FloatArray
    distance_m: float
    moving_s: float
    battery_used: float | None
    route_covered_fraction: float

    @property
    def duration_s(self) -> float:
        return self.end_s - self.start_s


def summarize(reader: RecordReader, site: Site, patrol_id: str | None = None) -> PatrolSummary:
    """The patrol with that id, or the latest. Raises ConfigError when there is none."""
    known = [start.patrol_id for start in patrol_starts(reader)]
    wanted = patrol_id or (known[-1] if known else "")
    if wanted not in known:
        raise ConfigError(
            f"no patrol '{wanted}' in the records" if wanted else "the records hold no patrol",
            place=Place(reader.path),
            expected=f"one of {', '.join(known)}" if known else "a patrol that has begun",
            remedy="run a patrol first, or give another id",
        )
    events = tuple(reader.events(wanted))
    started = next(e for e in events if e.kind == "patrol_started")
    ended = next((e for e in reversed(events) if e.kind == "patrol_ended"), None)
    start_s = started.stamp_s
    end_s = ended.stamp_s if ended else _last_sign_s(reader, events)
    samples = tuple(reader.samples(start_s, end_s))
    pieces = periods.stretches(samples)
    held = tuple(periods.holds(samples))
    route_id = started.subject
    route = _route_poses(site, route_id)
    return PatrolSummary(
        patrol_id=wanted,
        route_id=route_id,
        start_s=start_s,
        end_s=end_s,
        ended=ended is not None,
        outcome=ended.subject if ended else "not finished",
        message=ended.message
        if ended
        else "the patrol has not ended, or its end was not recorded",
        laps_wanted=_laps_wanted(started.message),
        laps=_laps(events),
        events=events,
        incidents=tuple(reader.incidents(start_s, end_s + LATER_S)),
        samples=samples,
        visits=_visits(site, route_id, events, start_s, end_s),
        holds=held,
        interventions=_interventions(events, held, samples),
        gaps=tuple(periods.gaps(samples, site, start_s, end_s)),
        route=route,
        distance_m=periods.length_m(pieces),
        moving_s=_moving_s(samples),
        battery_used=_battery_used(samples),
        route_covered_fraction=_covered(route, periods.places([s for p in pieces for s in p])),
    )


def _last_sign_s(reader: RecordReader, events: Sequence[PatrolEvent]) -> float:
    """Of a patrol without an end: its last event, or the last sample that names it.

    What is told of its schedule may come days later.
    """
    last = [e for e in events if not e.kind.startswith("schedule_")][-1]
    named = [
        sample.stamp_s
        for sample in reader.samples(last.stamp_s, last.stamp_s + 86400.0)
        if sample.patrol_id == last.patrol_id
    ]
    return max([last.stamp_s, *named])


def _route_poses(site: Site, route_id: str) -> FloatArray:
    """Empty where the site has changed so that it has no such route any more."""
    try:
        return lap_poses(site, site.route(route_id))
    except (KeyError, ConfigError):
        return np.empty((0, 3))


def _laps_wanted(message: str) -> int | None:
    found = _LAPS.search(message)
    return int(found[1]) if found else None


def _laps(events: Sequence[PatrolEvent]) -> tuple[Lap, ...]:
    begun = {e.subject: e.stamp_s for e in events if e.kind == "lap_started"}
    done = {e.subject: e.stamp_s for e in events if e.kind == "lap_completed"}
    laps = [Lap(int(n), s, done.get(n)) for n, s in begun.items() if n.isdecimal()]
    return tuple(sorted(laps, key=lambda lap: lap.number))


def _visits(
    site: Site, route_id: str, events: Sequence[PatrolEvent], start_s: float, end_s: float
) -> tuple[Visit, ...]:
    """Those of the route, then those that were reached or left out besides."""
    checkpoints = {c.checkpoint_id: c for c in site.checkpoints}
    planned = next((r.checkpoint_ids for r in site.routes if r.route_id == route_id), ())
    told = (e.subject for e in events if e.kind in ("checkpoint_reached", *_LEFT_OUT))
    ids = dict.fromkeys((*planned, *(name for name in told if name in checkpoints)))
    return tuple(_visit(checkpoints[name], events, start_s, end_s) for name in ids)


def _visit(
    checkpoint: Checkpoint, events: Sequence[PatrolEvent], start_s: float, end_s: float
) -> Visit:
    mine = [e for e in events if e.subject == checkpoint.checkpoint_id]
    stamps = tuple(e.stamp_s for e in mine if e.kind == "checkpoint_reached")
    left_out = tuple((e.stamp_s, e.message) for e in mine if e.kind in _LEFT_OUT)
    gaps = tuple(np.diff([start_s, *stamps, end_s]).tolist())
    return Visit(checkpoint.checkpoint_id, checkpoint.name, stamps, left_out, gaps)


def _interventions(
    events: Sequence[PatrolEvent], held: Sequence[Hold], samples: Sequence[RunSample]
) -> tuple[tuple[float, str], ...]:
    """What people did: operators' commands, driving by hand, and stops that a person releases."""
    asked = [
        (e.stamp_s, f"{e.subject} {e.message}")
        for e in events
        if e.kind == "operator_command" and not e.message.endswith(FOR_VISITORS)
    ]
    latched = [(h.start_s, f"latched stop: {'; '.join(h.reasons)}") for h in held if h.latched]
    drove = [
        (start_s, f"drove it by hand for {duration_words(end_s - start_s)}")
        for start_s, end_s in periods.driven_by_hand(samples)
    ]
    return tuple(sorted(asked + latched + drove))


def _moving_s(samples: Sequence[RunSample]) -> float:
    """Each sample counts to the next one, but no longer than a hole in the record."""
    if len(samples) < 2:
        return 0.0
    longest_s = max(
        periods.BREAK_PERIODS * periods.sample_period_s(samples), periods.BREAK_LEAST_S
    )
    lasted = np.diff([s.stamp_s for s in samples])
    moving = np.array([abs(s.speed_mps or 0.0) > _MOVING_MPS for s in samples[:-1]])
    return float(lasted[moving & (lasted <= longest_s)].sum())


def _battery_used(samples: Sequence[RunSample]) -> float | None:
    """Falls from minute to minute; what was charged in between does not count against it."""
    charge: dict[int, float] = {}
    for sample in samples:
        if sample.battery_fraction is not None:
            charge[int(sample.stamp_s // 60.0)] = sample.battery_fraction
    if len(charge) < 2:
        return None
    return float(np.maximum(-np.diff(list(charge.values())), 0.0).sum())


def _covered(route: FloatArray, track: FloatArray) -> float:
    if len(track) < 2 or not len(route):
        return 0.0
    return float(np.mean(distance_to_polyline_m(route[:, :2], track) < COVERED_M))
