"""The visitor who is led: one person among the tracks, known by place alone."""

from __future__ import annotations

import math
from collections.abc import Iterable

from patrol_core.geometry import Pose2
from patrol_core.types.perception import Track, TrackKind, Tracks
from patrol_hri.guiding.params import GuideParams

_COMES_ALONG = (TrackKind.PERSON, TrackKind.MOVING)
_LARGEST_M = 1.2
_SPREAD_MPS = 0.7
"""Where somebody may be who has been out of sight grows by so much a second..."""
_SPREAD_MOST_M = 4.0
"""... up to that."""
_PREDICTED_S = 2.0
"""For so long the velocity last seen says where to look."""


class Companion:
    """Follows the person nearest to the robot at first; who is lost is taken up again nearby."""

    def __init__(self, params: GuideParams) -> None:
        self._params = params
        self._track: Track | None = None
        self.seen_s = -math.inf

    @property
    def met(self) -> bool:
        """Whether there is somebody to lead."""
        return self._track is not None

    @property
    def at_m(self) -> tuple[float, float] | None:
        """Where the visitor was last, in `map`."""
        return None if self._track is None else (self._track.x_m, self._track.y_m)

    def update(self, tracks: Tracks | None, robot: Pose2, now_s: float) -> None:
        """Take in the tracks of this moment; None where there are no fresh ones."""
        if tracks is None:
            return
        people = [
            track
            for track in tracks.tracks
            if track.kind in _COMES_ALONG and track.length_m <= _LARGEST_M
        ]
        found = self._meet(people, robot) if self._track is None else self._again(people, now_s)
        if found is not None:
            self._track, self.seen_s = found, now_s

    def distance_m(self, robot: Pose2) -> float:
        """From the robot to where the visitor was last."""
        if self._track is None:
            return math.inf
        return math.hypot(self._track.x_m - robot.x_m, self._track.y_m - robot.y_m)

    def _meet(self, people: Iterable[Track], robot: Pose2) -> Track | None:
        return _nearest(people, (robot.x_m, robot.y_m), self._params.meet_m)

    def _again(self, people: list[Track], now_s: float) -> Track | None:
        """The same track, or else somebody near where the visitor should be by now."""
        last = self._track
        assert last is not None
        for track in people:
            if track.track_id == last.track_id:
                return track
        since_s = now_s - self.seen_s
        ahead_s = min(since_s, _PREDICTED_S)
        expected = (last.x_m + ahead_s * last.vx_mps, last.y_m + ahead_s * last.vy_mps)
        spread_m = min(self._params.again_m + _SPREAD_MPS * since_s, _SPREAD_MOST_M)
        return _nearest(people, expected, spread_m)


def _nearest(
    people: Iterable[Track], point_m: tuple[float, float], within_m: float
) -> Track | None:
    near = [
        (math.hypot(track.x_m - point_m[0], track.y_m - point_m[1]), track) for track in people
    ]
    near = [(apart_m, track) for apart_m, track in near if apart_m <= within_m]
    return min(near, key=lambda one: one[0])[1] if near else None
