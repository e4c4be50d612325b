"""Whether a track is somebody on foot, where no map says what stands: by its way and its legs."""

from __future__ import annotations

import math
from collections import deque
from itertools import pairwise

from patrol_perception.clusters import Cluster
from patrol_perception.look import Look, is_seen_through
from patrol_perception.params import WalkParams

_FOLLOW = 0.2
_SIGHTED = 0.3
_WINDOW_S = 1.0
_TOGETHER_S = 2.0


class WalkEvidence:
    """What a track has shown of coming and going.

    Furniture comes into view, but never onto ground that was seen to be free; nor does it go a
    straight way and leave a place that can be seen through. A track that hops along between legs
    of chairs seems to do one or the other at times, but its pieces look little like legs of
    people: the less they do, the more is asked for. Who comes towards the lidar hides where they
    were: then it takes a longer way over free ground, or legs beyond doubt.
    """

    def __init__(self, params: WalkParams) -> None:
        self._params = params
        self._scans = 0
        self._leg = 0.5
        self._came_scans = 0
        self._stood = (0.0, 0.0)
        self._way: deque[tuple[float, float, float]] = deque()
        self._came_s = self._gone_s = self._moved_s = -math.inf

    def note(self, look: Look, cluster: Cluster) -> None:
        """One scan that saw it."""
        now_s, place = look.stamp_s, (cluster.x_m, cluster.y_m)
        self._scans += 1
        self._leg += max(1.0 / (self._scans + 1), _FOLLOW) * (cluster.leg - self._leg)
        self._came_scans = self._came_scans + 1 if cluster.came else max(self._came_scans - 1, 0)
        if self._came_scans == 0:
            self._stood = place
        self._way.append((now_s, *place))
        while now_s - self._way[0][0] > _WINDOW_S:
            self._way.popleft()
        straight_m = self._straight_m()
        if came := self._has_come(place):
            self._came_s = now_s
        if gone := self._has_gone(look, straight_m):
            self._gone_s = now_s
        strides = self._strides(straight_m)
        if came or gone or strides:
            self._stood = place
            both = now_s - min(self._came_s, self._gone_s) < _TOGETHER_S
            if both or strides or self._leg >= self._params.sure_leg:
                self._moved_s = now_s

    def sighted(self) -> None:
        """The camera saw a person here: as good as legs."""
        self._leg += _SIGHTED * (1.0 - self._leg)

    def is_person(self, stamp_s: float) -> bool:
        """Whether, by all that is known at `stamp_s`, it is a person."""
        sure = self._leg >= self._params.sure_leg
        settled_s = self._params.settle_s if sure else self._params.doubt_s
        return self._leg >= self._params.min_leg and stamp_s - self._moved_s < settled_s

    def _has_come(self, place: tuple[float, float]) -> bool:
        """Whether it walks on ground that was free."""
        away_m = math.dist(place, self._stood)
        return self._came_scans >= self._params.came_scans and away_m >= self._params.walked_m

    def _has_gone(self, look: Look, straight_m: float) -> bool:
        """Whether it has gone straight on, and one can see through where it was."""
        return straight_m >= self._params.straight_m and is_seen_through(look, *self._way[0][1:])

    def _strides(self, straight_m: float) -> bool:
        """Whether its way alone tells: long over free ground, or shorter on legs beyond doubt."""
        if self._leg >= self._params.clear_leg and straight_m >= self._params.step_m:
            return True
        on_free_ground = self._came_scans >= self._params.came_scans
        return on_free_ground and straight_m >= self._params.stride_m

    def _straight_m(self) -> float:
        """How far it has gone within the window; 0 where that was not straight, or seen too
        seldom."""
        places = [(x, y) for _, x, y in self._way]
        straight_m = math.dist(places[0], places[-1])
        way_m = sum(math.dist(a, b) for a, b in pairwise(places))
        straight = straight_m >= self._params.straightness * way_m
        return straight_m if straight and len(places) >= self._params.straight_scans else 0.0
