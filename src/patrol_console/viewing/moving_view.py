"""What changes, as markers: tracks, incidents, and in words what the robot does."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator

from patrol_console.viewing.shapes import body, words
from patrol_core.geometry import Pose2
from patrol_core.types.markers import Color, Marker, Shape
from patrol_core.types.mission import PatrolStatus
from patrol_core.types.perception import REFUSED, Incident, Track, TrackKind
from patrol_core.types.status import GateState, GateStatus

LIFETIME_S = 1.0
"""Drawn anew five times a second; gone when nobody says it any more."""

_TRACKS: dict[TrackKind, Color] = {
    TrackKind.PERSON: (0.95, 0.45, 0.05, 0.8),
    TrackKind.MOVING: (0.85, 0.20, 0.55, 0.8),
    TrackKind.STANDING: (0.45, 0.50, 0.55, 0.8),
    TrackKind.UNKNOWN: (0.45, 0.45, 0.45, 0.35),
}
_GATE: dict[GateState, Color] = {GateState.LATCHED: (0.85, 0.1, 0.1, 1.0)}
_PLAIN: Color = (0.12, 0.16, 0.20, 1.0)
_RED: Color = (0.80, 0.05, 0.15, 0.9)
_HEIGHTS_M = {TrackKind.PERSON: 1.7, TrackKind.MOVING: 0.8}
_LOW_M = 0.3
_MOVES_MPS = 0.15
_WORDS_ABOVE_M = 0.3
_ROBOT_WORDS_M = 1.2


def track_markers(tracks: Iterable[Track], now_s: float) -> Iterator[Marker]:
    """A box along its way for what moves, with an arrow as long as its speed; a column for a
    person and, as wide as it is long, for what stands: how it is turned is not known.
    """
    for number, track in enumerate(tracks):
        color, speed_mps = _TRACKS[track.kind], math.hypot(track.vx_mps, track.vy_mps)
        pose = Pose2(track.x_m, track.y_m, math.atan2(track.vy_mps, track.vx_mps))
        height_m = _HEIGHTS_M.get(track.kind, _LOW_M)
        length_m, width_m = max(track.length_m, 0.1), max(track.width_m, 0.1)
        shape = Shape.CUBE
        if track.kind is TrackKind.PERSON or speed_mps <= _MOVES_MPS:
            shape, width_m = Shape.CYLINDER, length_m
        size_m = (length_m, width_m, height_m)
        yield body(now_s, "tracks", number, shape, pose, size_m, color, LIFETIME_S)
        if speed_mps > _MOVES_MPS:
            arrow = (speed_mps, 0.08, 0.08)
            yield body(now_s, "motion", number, Shape.ARROW, pose, arrow, color, LIFETIME_S)
        at = (track.x_m, track.y_m, height_m + _WORDS_ABOVE_M)
        text = f"{track.kind.value} {track.confidence:.0%}"
        yield words(now_s, "track words", number, at, text, color, LIFETIME_S)


def incident_markers(incidents: Iterable[Incident], now_s: float) -> Iterator[Marker]:
    """A ball where each lies, with kind and number: no words of people."""
    for one in incidents:
        pose, number = Pose2(one.x_m, one.y_m), one.incident_id
        size = (0.3, 0.3, 0.3)
        yield body(now_s, "incidents", number, Shape.SPHERE, pose, size, _RED, LIFETIME_S)
        at, text = (one.x_m, one.y_m, 0.3 + _WORDS_ABOVE_M), f"{one.kind.value} #{number}"
        yield words(now_s, "incident words", number, at, text, _RED, LIFETIME_S)


def has_a_place(incident: Incident) -> bool:
    """Whether it is one to draw: stored, seen by sensors, somewhere."""
    known = incident.incident_id != REFUSED and math.isfinite(incident.x_m + incident.y_m)
    return known and not incident.kind.from_people


def robot_words(
    gate: GateStatus | None, patrol: PatrolStatus | None, now_s: float
) -> Iterator[Marker]:
    """Above the robot: what it is at, and what the gate lets through."""
    told = [] if patrol is None else [patrol.state.value]
    told += [] if gate is None else [f"gate: {gate.state.value}"]
    if told:
        color = _PLAIN if gate is None else _GATE.get(gate.state, _PLAIN)
        at, text = (0.0, 0.0, _ROBOT_WORDS_M), ", ".join(told)
        yield words(now_s, "robot", 0, at, text, color, LIFETIME_S, "base_link")
