"""People who went out of sight: kept for a while, and taken up again where they may be by now."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from patrol_perception.clusters import Cluster
from patrol_perception.params import TrackParams

if TYPE_CHECKING:
    from patrol_perception.tracks import Follow

_COAST_S = 1.5
_ROOM_MPS = 0.5
_MOST_M = 2.0


class HiddenPeople:
    """Tracks of people that nothing feeds any more, by the time since when."""

    def __init__(self, params: TrackParams) -> None:
        self._params = params
        self._follows: list[Follow] = []

    def add(self, follow: Follow) -> None:
        """Keep a track that has just ended."""
        self._follows.append(follow)

    def take(self, cluster: Cluster, stamp_s: float) -> Follow | None:
        """The track of before that goes on with a cluster; None: somebody new.

        A hidden person is looked for where they would have come to if they had walked on for a
        moment, in a circle that grows; without a map only what has come onto free ground can be
        them.
        """
        self._follows = [
            follow
            for follow in self._follows
            if stamp_s - follow.last_seen_s <= self._params.hidden_s
        ]
        near = [
            (away_m, number)
            for number, follow in enumerate(self._follows)
            if (away_m := self._away_m(follow, cluster, stamp_s)) <= self._room_m(follow, stamp_s)
            and (follow.walk is None or cluster.came)
        ]
        if not near or cluster.extent_m >= self._params.person_extent_m:
            return None
        return self._follows.pop(min(near)[1])

    def _room_m(self, follow: Follow, stamp_s: float) -> float:
        unseen_s = stamp_s - follow.last_seen_s
        return min(self._params.gate_m + _ROOM_MPS * unseen_s, _MOST_M)

    @staticmethod
    def _away_m(follow: Follow, cluster: Cluster, stamp_s: float) -> float:
        walked_s = min(stamp_s - follow.last_seen_s, _COAST_S)
        x = follow.cluster.x_m + walked_s * follow.vx_mps
        y = follow.cluster.y_m + walked_s * follow.vy_mps
        return math.hypot(cluster.x_m - x, cluster.y_m - y)
