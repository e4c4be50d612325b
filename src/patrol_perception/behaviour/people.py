"""Who is about, by tracks: where they have been, across the gaps that tracks have.

A person here is a number that lives as long as somebody is seen or hidden for a moment.
"""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Iterable

from patrol_core.site.behaviour_file import SHORT_S
from patrol_core.types.perception import Track, TrackKind, Tracks
from patrol_perception.behaviour.params import BehaviourParams

TRAIL_S = 0.5
"""The long trail has a place every so often; the short one every scan."""
_FRESH_S = 0.05
_STANDING_MPS = 0.4
_NEAR_M, _PER_SECOND_M, _FARTHEST_M = 0.8, 1.0, 2.5
_WALKING_GAP_S = 3.0
_WALKED_M = 0.8
_KNOWN_PLACES = 5
"""With fewer places on its trail it may be one leg of somebody who has another track."""


class Somebody:
    """One track and those that went before it. Only who `is_person` now counts as a person.

    `trail` and `recent`: stamp, x, y of where it was seen.
    """

    def __init__(self, number: int, track: Track, keep_s: float) -> None:
        self.number = number
        self.track = track
        self.seen_s = track.last_seen_s
        self._keep_s = keep_s
        self.was_person = False
        self.has_walked = False
        self.trail: deque[tuple[float, float, float]] = deque()
        self.recent: deque[tuple[float, float, float]] = deque()
        self.inside: set[str] = set()
        """Rules in whose zones it is."""

    @property
    def is_person(self) -> bool:
        return self.track.kind is TrackKind.PERSON

    def see(self, track: Track, stamp_s: float) -> None:
        """Its track, as of now; a place is noted when the lidar saw it."""
        self.track = track
        self.was_person = self.was_person or self.is_person
        if stamp_s - track.last_seen_s > _FRESH_S:
            return
        self.seen_s = stamp_s
        self.recent.append((stamp_s, track.x_m, track.y_m))
        while stamp_s - self.recent[0][0] > SHORT_S:
            self.recent.popleft()
        if not self.trail or stamp_s - self.trail[-1][0] >= TRAIL_S - 0.01:
            self.trail.append((stamp_s, track.x_m, track.y_m))
            while stamp_s - self.trail[0][0] > self._keep_s:
                self.trail.popleft()
        if self.is_person and not self.has_walked:
            _, x, y = self.trail[0]
            self.has_walked = math.hypot(track.x_m - x, track.y_m - y) > _WALKED_M

    def go_on_from(self, before: Somebody) -> None:
        """Take over number and past of somebody who was hidden for a moment."""
        self.number = before.number
        self.trail.extendleft(reversed(before.trail))
        self.has_walked = self.has_walked or before.has_walked
        self.inside |= before.inside

    def speed_mps(self) -> float:
        return math.hypot(self.track.vx_mps, self.track.vy_mps)

    def mean_speed_mps(self, from_s: float, to_s: float) -> float | None:
        """From where it was to where it was later, by the time between; None where not seen."""
        start = _place_at(self.recent, from_s)
        end = _place_at(self.recent, to_s)
        if start is None or end is None or end[0] - start[0] < 0.5 * (to_s - from_s):
            return None
        return math.hypot(end[1] - start[1], end[2] - start[2]) / (end[0] - start[0])

    def within_since_s(self, radius_m: float) -> tuple[float, float, float]:
        """Since when all places lie in a box whose half diagonal is `radius_m`, that half
        diagonal, and for how long of that time it was seen."""
        low_x = low_y = math.inf
        high_x = high_y = -math.inf
        since_s, spread_m, seen = self.seen_s, 0.0, 0
        for stamp_s, x, y in reversed(self.trail):
            low_x, high_x = min(low_x, x), max(high_x, x)
            low_y, high_y = min(low_y, y), max(high_y, y)
            half = 0.5 * math.hypot(high_x - low_x, high_y - low_y)
            if half > radius_m:
                break
            since_s, spread_m, seen = stamp_s, half, seen + 1
        return since_s, spread_m, seen * TRAIL_S


def _place_at(
    trail: Iterable[tuple[float, float, float]], at_s: float
) -> tuple[float, float, float] | None:
    """The place that was noted nearest to a moment; None where none was within 0.3 s."""
    near = min(trail, key=lambda place: abs(place[0] - at_s), default=None)
    return near if near is not None and abs(near[0] - at_s) <= 0.3 else None


class People:
    """Everybody, and everything else that has a track, by number."""

    def __init__(self, params: BehaviourParams, keep_s: float) -> None:
        """`keep_s`: for how long trails are kept."""
        self._params = params
        self._keep_s = keep_s
        self._next = 1
        self.all: list[Somebody] = []

    def update(self, tracks: Tracks) -> None:
        """Take in the tracks of one scan."""
        stamp_s = tracks.stamp_s
        ids = {track.track_id for track in tracks.tracks}
        known = {one.track.track_id: one for one in self.all}
        lost = [
            one
            for one in self.all
            if one.was_person and one.track.track_id not in ids and len(one.trail) >= _KNOWN_PLACES
        ]
        for track in tracks.tracks:
            one = known.get(track.track_id)
            if one is None:
                one = Somebody(self._next, track, self._keep_s)
                self._next += 1
                self.all.append(one)
            became_person = track.kind is TrackKind.PERSON and not one.was_person
            one.see(track, stamp_s)
            before = self._hidden_before(one, lost) if became_person else None
            if before is not None:
                lost.remove(before)
                self.all.remove(before)
                one.go_on_from(before)
        keep_s = max(self._params.bridge_s, self._params.clear_s)
        self.all = [one for one in self.all if stamp_s - one.seen_s <= keep_s]

    def _hidden_before(self, one: Somebody, lost: list[Somebody]) -> Somebody | None:
        """Whose track ended not long before this one began, about where it began."""
        begun_s, x, y = one.recent[0] if one.recent else (one.seen_s, one.track.x_m, one.track.y_m)
        best: tuple[float, Somebody] | None = None
        for other in lost:
            gap_s = begun_s - other.seen_s
            walked = other.speed_mps() > _STANDING_MPS
            if not -0.5 <= gap_s <= (_WALKING_GAP_S if walked else self._params.bridge_s):
                continue
            ahead_s = gap_s if walked else 0.0
            away = math.hypot(
                x - other.track.x_m - other.track.vx_mps * ahead_s,
                y - other.track.y_m - other.track.vy_mps * ahead_s,
            )
            reach = min(_NEAR_M + _PER_SECOND_M * ahead_s, _FARTHEST_M)
            if away <= reach and (best is None or away < best[0]):
                best = (away, other)
        return None if best is None else best[1]
