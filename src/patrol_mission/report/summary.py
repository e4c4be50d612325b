"""What the records say about one patrol, as plain numbers."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from patrol_core.errors import ConfigError, Place
from patrol_core.geometry import FloatArray, distance_to_polyline_m
from patrol_core.site.model import Site
from patrol_core.types.mission import PatrolEvent
from patrol_mission.route import lap_poses, path_length_m
from patrol_records.entries import RunSample, StoredIncident
from patrol_records.reader import RecordReader

COVERED_M = 1.5


@dataclass(frozen=True, slots=True)
class Visit:
    """How often a checkpoint was reached, and the gaps between visits [s].

    `idleness_s` are the times without a visit, from the start of the patrol to its end.
    """

    name: str
    stamps_s: tuple[float, ...]
    idleness_s: tuple[float, ...]

    @property
    def worst_idleness_s(self) -> float:
        return max(self.idleness_s)


@dataclass(frozen=True, slots=True, eq=False)
class PatrolSummary:
    """One patrol. `track` is (N, 2) in `map`; `route` is the planned lap (M, 3)."""

    patrol_id: str
    route_id: str
    start_s: float
    end_s: float
    outcome: str
    message: str
    events: tuple[PatrolEvent, ...]
    incidents: tuple[StoredIncident, ...]
    samples: tuple[RunSample, ...]
    visits: tuple[Visit, ...]
    track: FloatArray
    route: FloatArray
    distance_m: float
    route_covered_fraction: float

    @property
    def duration_s(self) -> float:
        return self.end_s - self.start_s


def summarize(reader: RecordReader, site: Site, patrol_id: str | None = None) -> PatrolSummary:
    """The patrol with that id, or the latest. Raises ConfigError when there is none."""
    known = reader.patrol_ids()
    wanted = patrol_id or (known[-1] if known else "")
    if wanted not in known:
        raise ConfigError(
            f"no patrol '{wanted}' in the records" if wanted else "the records hold no patrol",
            place=Place(reader.path),
            expected=f"one of {', '.join(known)}" if known else "a patrol that has begun",
            remedy="run a patrol first, or give another id",
        )
    events = tuple(reader.events(wanted))
    ended = next((event for event in events if event.kind == "patrol_ended"), None)
    start_s, end_s = events[0].stamp_s, (ended or events[-1]).stamp_s
    samples = tuple(reader.samples(start_s, end_s))
    track = np.array([(s.x_m, s.y_m) for s in samples if s.x_m is not None], dtype=np.float64)
    track = track.reshape(-1, 2)
    route = lap_poses(site, site.route(events[0].subject))
    return PatrolSummary(
        patrol_id=wanted,
        route_id=events[0].subject,
        start_s=start_s,
        end_s=end_s,
        outcome=ended.subject if ended else "not finished",
        message=ended.message
        if ended
        else "the patrol has not ended, or its end was not recorded",
        events=events,
        incidents=tuple(i for i in reader.incidents() if start_s <= i.opened_s <= end_s + 60.0),
        samples=samples,
        visits=_visits(site, events, start_s, end_s),
        track=track,
        route=route,
        distance_m=path_length_m(track),
        route_covered_fraction=_covered(route, track),
    )


def _visits(
    site: Site, events: tuple[PatrolEvent, ...], start_s: float, end_s: float
) -> tuple[Visit, ...]:
    visits = []
    for checkpoint_id in site.route(events[0].subject).checkpoint_ids:
        stamps = tuple(
            event.stamp_s
            for event in events
            if event.kind == "checkpoint_reached" and event.subject == checkpoint_id
        )
        gaps = tuple(np.diff([start_s, *stamps, end_s]).tolist())
        visits.append(Visit(site.checkpoint(checkpoint_id).name, stamps, gaps))
    return tuple(visits)


def _covered(route: FloatArray, track: FloatArray) -> float:
    if len(track) < 2:
        return 0.0
    return float(np.mean(distance_to_polyline_m(route[:, :2], track) < COVERED_M))


def format_duration(seconds: float) -> str:
    """Minutes and seconds, or hours and minutes, as a person says them."""
    if not math.isfinite(seconds):
        return "unknown"
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes_left = divmod(minutes, 60)
    return f"{hours} h {minutes_left:02d} min" if hours else f"{minutes}:{rest:02d} min"
