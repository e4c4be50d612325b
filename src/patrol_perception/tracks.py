"""Clusters followed over time: constant-velocity Kalman filters and gated assignment.

What has moved is told by contradiction: the place where it was is seen through afterwards. So a
vehicle that comes into view bit by bit does not count as moving, and a person does.
"""

from __future__ import annotations

import math

import numpy as np
from scipy.optimize import linear_sum_assignment

from patrol_core.types.perception import Track, TrackKind
from patrol_perception.clusters import Cluster
from patrol_perception.look import Look, is_seen_through
from patrol_perception.params import TrackParams, WalkParams
from patrol_perception.walkers.evidence import WalkEvidence
from patrol_perception.walkers.hidden import HiddenPeople

_MEASURE_STD_M = 0.08
_START_SPEED_MPS = 1.0
_FAR_COST = 1e6
_YOUNG_SCANS, _YOUNG_COST_M = 5.0, 0.4
_SMALL_M = 0.6
_CREEP_M, _CREEP_SHARE = 0.2, 0.4
_MIN_LEG_SCANS = 4
_MOVERS = (TrackKind.PERSON, TrackKind.MOVING)
_SOLID_SCANS = 8
_NEAR_MEMORY_M = 1.5
_NEW_SCANS = 5
_SIGHTING_SCANS = 4.0
"""One agreeing detection of the camera is worth so many scans."""


class Follow:
    """One track. `cluster` is the newest one that fed it; `walk`: what it has shown without a map,
    None with one."""

    def __init__(self, track_id: str, cluster: Cluster, stamp_s: float) -> None:
        self.track_id = track_id
        self.first_seen_s = self.last_seen_s = stamp_s
        self.x_m, self.y_m = cluster.x_m, cluster.y_m
        self.vx_mps = self.vy_mps = 0.0
        self._variances = (_MEASURE_STD_M**2, 0.0, _START_SPEED_MPS**2)
        self.predicted_s = stamp_s
        self.scans = 0
        self.leg_scans = 0
        self._solid_scans = 0
        self._sightings = 0
        self.walk: WalkEvidence | None = None
        self.moved_s: float | None = None
        self.remembered_s: float | None = None
        self.cluster = cluster
        self.extent_m = cluster.extent_m
        self.anchor = (cluster.x_m, cluster.y_m)
        self._note(cluster)

    def predict(self, stamp_s: float, acceleration_mps2: float) -> None:
        """Move the estimate to `stamp_s` (white-noise acceleration, Bar-Shalom 2001, 6.2.2).

        Both axes have the same noise, so that they share one covariance of place and speed.
        """
        dt = stamp_s - self.predicted_s
        if dt <= 0.0:
            return
        place, both, speed = self._variances
        noise = acceleration_mps2**2
        self._variances = (
            place + dt * (2.0 * both + dt * speed) + noise * dt**4 / 4.0,
            both + dt * speed + noise * dt**3 / 2.0,
            speed + noise * dt * dt,
        )
        self.x_m += dt * self.vx_mps
        self.y_m += dt * self.vy_mps
        self.predicted_s = stamp_s

    def update(self, cluster: Cluster, stamp_s: float) -> None:
        """Take in the cluster that was assigned to it."""
        place, both, speed = self._variances
        spread = place + _MEASURE_STD_M**2
        gain_place, gain_speed = place / spread, both / spread
        off_x, off_y = cluster.x_m - self.x_m, cluster.y_m - self.y_m
        self.x_m += gain_place * off_x
        self.y_m += gain_place * off_y
        self.vx_mps += gain_speed * off_x
        self.vy_mps += gain_speed * off_y
        self._variances = (
            place * (1.0 - gain_place),
            both * (1.0 - gain_place),
            speed - gain_speed * both,
        )
        self.last_seen_s = stamp_s
        self._note(cluster)

    def _note(self, cluster: Cluster) -> None:
        self.cluster = cluster
        self.scans += 1
        self.leg_scans += cluster.legs
        self._solid_scans += cluster.solid
        self.extent_m += 0.2 * (cluster.extent_m - self.extent_m)

    def go_on_as(self, known: Follow) -> None:
        """Be the same as a track of before: its id, and what it has shown without a map."""
        self.track_id, self.first_seen_s = known.track_id, known.first_seen_s
        self.walk = known.walk

    def sighted(self) -> None:
        """The camera saw a person here."""
        self._sightings += 1
        if self.walk is not None:
            self.walk.sighted()

    def distance_m(self, cluster: Cluster) -> float:
        """From the predicted place to the cluster's middle or, if large, its nearest point."""
        middle = math.hypot(cluster.x_m - self.x_m, cluster.y_m - self.y_m)
        if cluster.extent_m < _SMALL_M:
            return middle
        away = cluster.points_m - (self.x_m, self.y_m)
        return min(middle, float(np.min(np.hypot(away[:, 0], away[:, 1]))))

    def away_m(self) -> float:
        """How far its newest cluster is from the place where it is known to have been."""
        x, y = self.anchor
        return math.hypot(self.cluster.x_m - x, self.cluster.y_m - y)

    def has_legs(self, params: TrackParams) -> bool:
        return (
            self.leg_scans >= _MIN_LEG_SCANS
            and self.leg_scans > params.leg_share * self.scans
            and self.extent_m < params.person_extent_m
        )

    def kind(self, now_s: float, params: TrackParams, *, standing: bool) -> TrackKind:
        """What it is; `standing` says that the evidence for a standing thing is complete."""
        small = self.extent_m < params.person_extent_m
        if self.walk is not None:
            walks = small and self.walk.is_person(now_s)
            return TrackKind.PERSON if walks else TrackKind.UNKNOWN
        if self.has_legs(params):
            return TrackKind.PERSON
        if self.moved_s is not None and now_s - self.moved_s < params.settle_s:
            return TrackKind.PERSON if small else TrackKind.MOVING
        if self._may_be_remembered(now_s, params):
            return TrackKind.PERSON
        return TrackKind.STANDING if standing else TrackKind.UNKNOWN

    def _may_be_remembered(self, now_s: float, params: TrackParams) -> bool:
        """Whether it may be a person who was lost from sight here: not what is one solid piece."""
        if self.remembered_s is None or now_s - self.remembered_s > params.memory_s:
            return False
        return self.leg_scans > 0 or self._solid_scans < _SOLID_SCANS

    def to_track(self, kind: TrackKind) -> Track:
        """As published. The middle of a standing thing creeps while it comes into view bit by bit:
        what is unknown has no velocity until it has left its place."""
        moves = kind in (TrackKind.PERSON, TrackKind.MOVING) or (
            kind is TrackKind.UNKNOWN and self.away_m() > _CREEP_M + _CREEP_SHARE * self.extent_m
        )
        vx, vy = (self.vx_mps, self.vy_mps) if moves else (0.0, 0.0)
        seen = self.scans + _SIGHTING_SCANS * self._sightings
        confidence = 1.0 - math.exp(-seen / 8.0)
        size = np.ptp(self.cluster.points_m, axis=0)
        return Track(
            self.track_id, kind, self.x_m, self.y_m, vx, vy, float(size.max()), float(size.min()),
            confidence, self.first_seen_s, self.last_seen_s,
        )  # fmt: skip


class Tracker:
    """All tracks. Ids are random and mean nothing beyond this run."""

    def __init__(
        self, params: TrackParams, rng: np.random.Generator, walk: WalkParams | None = None
    ) -> None:
        """`walk`: where there is no map, by what people are told from furniture."""
        self._params = params
        self._walk = walk
        self._rng = rng
        self._hidden = HiddenPeople(params)
        self._memories: list[tuple[float, float, float]] = []
        self.follows: list[Follow] = []

    def step(self, look: Look, clusters: tuple[Cluster, ...]) -> None:
        """Assign the clusters of one scan, end what is lost, start what is new."""
        params, stamp = self._params, look.stamp_s
        for follow in self.follows:
            follow.predict(stamp, params.acceleration_mps2)
        free = self._assign(clusters, stamp)
        self._end_lost(stamp)
        for cluster in free:
            self.follows.append(self._new(cluster, look))
        for follow in self.follows:
            self._resume(follow, stamp)
            if follow.last_seen_s == stamp:
                self._check_moved(follow, look)

    def _new(self, cluster: Cluster, look: Look) -> Follow:
        follow = Follow(self._rng.bytes(6).hex(), cluster, look.stamp_s)
        if self._remembers(cluster):
            follow.remembered_s = look.stamp_s
        if self._walk is not None:
            follow.walk = WalkEvidence(self._walk)
        return follow

    def _resume(self, young: Follow, stamp_s: float) -> None:
        """Let a new track go on as somebody who was hidden and may have come to where it is."""
        if young.scans <= _NEW_SCANS and young.last_seen_s == stamp_s:
            known = self._hidden.take(young.cluster, stamp_s)
            if known is not None:
                young.go_on_as(known)

    def _assign(self, clusters: tuple[Cluster, ...], stamp_s: float) -> list[Cluster]:
        """Feed every track its cluster; returns the clusters that nobody claims."""
        if not self.follows or not clusters:
            return list(clusters)
        cost = np.array([[f.distance_m(c) for c in clusters] for f in self.follows])
        young = np.array([math.exp(-f.scans / _YOUNG_SCANS) for f in self.follows])
        preferred = cost + _YOUNG_COST_M * young[:, None]
        gated = np.where(cost < self._params.gate_m, preferred, _FAR_COST)
        rows, columns = linear_sum_assignment(gated)
        taken = set()
        for row, column in zip(rows.tolist(), columns.tolist(), strict=True):
            if cost[row, column] < self._params.gate_m:
                self.follows[row].update(clusters[column], stamp_s)
                taken.add(column)
        return [cluster for i, cluster in enumerate(clusters) if i not in taken]

    def _end_lost(self, stamp_s: float) -> None:
        params = self._params
        kept = []
        for follow in self.follows:
            if stamp_s - follow.last_seen_s <= params.lost_s:
                kept.append(follow)
                continue
            kind = follow.kind(stamp_s, params, standing=False)
            if kind in _MOVERS:
                self._memories.append((follow.x_m, follow.y_m, follow.last_seen_s))
            if kind is TrackKind.PERSON:
                self._hidden.add(follow)
        self.follows = kept
        self._memories = [m for m in self._memories if stamp_s - m[2] <= params.memory_s]

    def _remembers(self, cluster: Cluster) -> bool:
        """Whether a person was lost from sight near here not long ago."""
        return cluster.extent_m < self._params.person_extent_m and any(
            math.hypot(cluster.x_m - x, cluster.y_m - y) < _NEAR_MEMORY_M
            for x, y, _ in self._memories
        )

    def _check_moved(self, follow: Follow, look: Look) -> None:
        cluster = follow.cluster
        if follow.walk is not None:
            follow.walk.note(look, cluster)
            return
        wanted_m = self._params.moved_m + 0.5 * max(cluster.extent_m, follow.extent_m)
        if follow.away_m() >= wanted_m and is_seen_through(look, *follow.anchor):
            follow.moved_s = look.stamp_s
            follow.anchor = (cluster.x_m, cluster.y_m)
