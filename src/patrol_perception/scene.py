"""The lidar pipeline: scan to tracks and findings."""

from __future__ import annotations

import dataclasses
import math

import numpy as np
import numpy.typing as npt

from patrol_core.geometry import Points, Pose2
from patrol_core.types.maps import OCCUPIED, OccupancyGrid
from patrol_core.types.perception import FindingKind, TrackKind, Tracks
from patrol_core.types.sensors import LaserScan
from patrol_perception.absence import Absence
from patrol_perception.background import Background
from patrol_perception.candidates import CandidateBook
from patrol_perception.clusters import Cluster, find_clusters
from patrol_perception.evidence import Component, EvidenceGrid
from patrol_perception.findings import FindingBook
from patrol_perception.groups import groups_of
from patrol_perception.judgement import (
    Verdict,
    could_be_legs,
    is_like_a_person,
    judge,
)
from patrol_perception.look import Look
from patrol_perception.outline import Outline, outline_of
from patrol_perception.params import PerceptionParams
from patrol_perception.spots import Spot
from patrol_perception.tracks import Follow, Tracker
from patrol_perception.walkers.still import StillBackground

_SHAPE_EVERY = 4
_ABSENCE_EVERY = 2
_WINDOW_M = 18.0
_KEEP_S = 60.0
_JUST_S = 0.5
_PIECE_SCANS = 8
_DOUBT_STDS, _MOST_DOUBT_M = 2.0, 0.3
_MOVERS = (TrackKind.PERSON, TrackKind.MOVING)


class Scene:
    """What stands and moves on one map; where nothing is mapped, who walks."""

    def __init__(
        self,
        grid: OccupancyGrid,
        outline_m: Points,
        privacy_m: tuple[Points, ...],
        params: PerceptionParams,
        book: FindingBook,
        rng: np.random.Generator,
    ) -> None:
        self._params = params
        mapped = bool((grid.cells == OCCUPIED).any())
        self.background: Background | StillBackground = StillBackground(params)
        self._absence: Absence | None = None
        if mapped:
            on_map = self.background = Background(grid, outline_m, privacy_m, params)
            self._absence = Absence(grid, on_map.distance_m, on_map.blocks, params.absence)
        self._evidence = EvidenceGrid(grid, params.evidence.cell_m, params.evidence.min_hits)
        self._tracker = Tracker(params.tracks, rng, None if mapped else params.walk)
        self._book = book
        self.candidates = CandidateBook(book)
        self._spots: dict[int, Spot] = {}
        self._next_spot = 0
        self._scans = 0
        self.clusters: tuple[Cluster, ...] = ()
        self.look: Look | None = None

    def step(
        self, scan: LaserScan, sensor: Pose2, position_std_m: float, now_s: float, judge: bool
    ) -> Tracks | None:
        """Take in one scan from about `sensor` (lidar in map).

        Without `judge` (pose not trusted) nothing is learnt about standing things. None when the
        scan does not fit the map at all.
        """
        look = self.background.look(scan, sensor, position_std_m)
        if look is None:
            return None
        self.look = look
        self.clusters = find_clusters(look, self._params.tracks)
        self._tracker.step(look, self.clusters)
        owners = {f.track_id: self._owners(f) for f in self._tracker.follows}
        kinds = {f.track_id: self._kind(f, owners[f.track_id]) for f in self._tracker.follows}
        if isinstance(self.background, StillBackground):
            self.background.learn(look, self._people(look, kinds))
        elif judge and look.fits:
            self._gather(look, kinds, owners)
            self._scans += 1
            if self._scans % _SHAPE_EVERY == 0:
                self.background.forget_gone(look)
                self._shape(look)
                doubt_m = min(_DOUBT_STDS * position_std_m, _MOST_DOUBT_M)
                self._decide(look, kinds, now_s, doubt_m)
            self._miss(self.background, look, position_std_m, now_s)
        confirmed = self._params.tracks.confirm_scans
        return Tracks(
            look.stamp_s,
            tuple(
                follow.to_track(kinds[follow.track_id])
                for follow in self._tracker.follows
                if follow.scans >= confirmed
            ),
        )

    def _miss(
        self, background: Background, look: Look, position_std_m: float, now_s: float
    ) -> None:
        """What the map shows and the lidar looks through."""
        if self._absence is None:
            return
        if self._scans % _ABSENCE_EVERY == 0:
            self._absence.look(look, position_std_m)
        if self._scans % _SHAPE_EVERY == 0:
            for claim in self._absence.claims(look):
                if not background.is_private(claim.outline.x_m, claim.outline.y_m):
                    self._book.claim(claim, now_s)

    def _people(self, look: Look, kinds: dict[str, TrackKind]) -> npt.NDArray[np.bool_]:
        """Which beams of a look (N,) end at people."""
        theirs = np.zeros(len(look.ranges_m), np.bool_)
        for follow in self._tracker.follows:
            if follow.last_seen_s == look.stamp_s and kinds[follow.track_id] is TrackKind.PERSON:
                theirs[follow.cluster.beams] = True
        return theirs

    def standing(self) -> frozenset[int]:
        """Numbers of the spots that were just seen."""
        if self.look is None:
            return frozenset()
        since_s = self.look.stamp_s - _JUST_S
        return frozenset(n for n, spot in self._spots.items() if spot.last_seen_s >= since_s)

    def follows(self) -> list[Follow]:
        return self._tracker.follows

    def kind_of(self, follow: Follow) -> TrackKind:
        """What a track is, with all that is known now."""
        return self._kind(follow, self._owners(follow))

    def _owners(self, follow: Follow) -> list[Spot]:
        """The spots under the newest cluster of a track."""
        numbers = self._evidence.owners_at(follow.cluster.points_m)
        return [self._spots[number] for number in numbers if number in self._spots]

    def _kind(self, follow: Follow, owners: list[Spot]) -> TrackKind:
        standing = any(self._book.is_reported(spot) for spot in owners)
        return follow.kind(follow.last_seen_s, self._params.tracks, standing=standing)

    def _gather(
        self, look: Look, kinds: dict[str, TrackKind], owners: dict[str, list[Spot]]
    ) -> None:
        fed = []
        for follow in self._tracker.follows:
            if follow.last_seen_s != look.stamp_s:
                continue
            cluster = follow.cluster
            if kinds[follow.track_id] in _MOVERS:
                self._forget_person(owners[follow.track_id])
                continue
            fed.append(cluster.points_m)
            for spot in owners[follow.track_id]:
                spot.note(cluster, look.stamp_s)
        if fed:
            self._evidence.add(np.concatenate(fed))
        self._evidence.clear(look, self._params.background.max_range_m)

    def _forget_person(self, owners: list[Spot]) -> None:
        """A person's own evidence, gathered before it was known for one, goes; that of a thing
        beside which a person stands does not."""
        for spot in owners:
            like_a_person = is_like_a_person(spot.numbers(), self._params.evidence)
            if not self._book.is_reported(spot) and like_a_person:
                self.candidates.moved(spot)
                self._evidence.forget(spot.number)
                self._spots.pop(spot.number, None)

    def _shape(self, look: Look) -> None:
        """Gather solid cells into spots; old ones keep their number, grown-together ones merge."""
        components = self._evidence.components(look.sensor.x_m, look.sensor.y_m, _WINDOW_M)
        seen: set[int] = set()
        for component in components:
            spot = self._spot_of(component, seen, look.stamp_s)
            seen.add(spot.number)
            self._evidence.own(component, spot.number)
            spot.shape(component.points_m, look.stamp_s, self._params.evidence.stable_m)
        self._spots = {
            number: spot
            for number, spot in self._spots.items()
            if number in seen
            or look.stamp_s - spot.last_seen_s < _KEEP_S
            or self._book.is_reported(spot)
        }

    def _spot_of(self, component: Component, taken: set[int], stamp_s: float) -> Spot:
        owners, counts = np.unique(component.owners[component.owners >= 0], return_counts=True)
        known = sorted(
            (-count, owner)
            for owner, count in zip(owners.tolist(), counts.tolist(), strict=True)
            if owner in self._spots and owner not in taken
        )
        if not known:
            spot = Spot(self._next_spot, stamp_s, component.points_m)
            self._spots[spot.number] = spot
            self._next_spot += 1
            return spot
        spot = self._spots[known[0][1]]
        for _, owner in known[1:]:
            lost = self._spots.pop(owner)
            spot.absorb(lost)
            self._book.merged(spot, lost)
        return spot

    def _decide(
        self, look: Look, kinds: dict[str, TrackKind], now_s: float, doubt_m: float
    ) -> None:
        held: set[int] = set()
        for follow in self._tracker.follows:
            if kinds[follow.track_id] in _MOVERS:
                held.update(spot.number for spot in self._owners(follow))
        judged: list[tuple[Spot, Verdict]] = []
        for number in sorted(self._spots):
            spot = self._spots[number]
            if number not in held:
                verdict = judge(spot, now_s, self._params)
                if verdict is not None:
                    judged.append((spot, verdict))
        grouped = self._grouped(look, held)
        for spot, verdict in judged:
            if spot.number not in grouped:
                self._book.report(spot, verdict, now_s, doubt_m=doubt_m)
                continue
            outline, pieces = grouped[spot.number]
            large = dataclasses.replace(verdict, kind=FindingKind.OBSTRUCTION, outline=outline)
            self._book.report(spot, large, now_s, pieces, doubt_m)
        self.candidates.step(self._spots, held, now_s)

    def _grouped(self, look: Look, held: set[int]) -> dict[int, tuple[Outline, list[int]]]:
        """Things seen in several pieces: outline and all spots, by the spot of a piece."""
        here = (look.sensor.x_m, look.sensor.y_m)
        spots = [
            spot
            for number, spot in sorted(self._spots.items())
            if number not in held
            and spot.scans >= _PIECE_SCANS
            and spot.legs == 0
            and not could_be_legs(spot.outline)
            and math.dist(here, (spot.outline.x_m, spot.outline.y_m)) <= _WINDOW_M
        ]
        grouped = {}
        for members in groups_of([spot.outline for spot in spots]):
            outline = outline_of(np.concatenate([spots[i].points_m for i in members]))
            numbers = [spots[i].number for i in members]
            grouped.update(dict.fromkeys(numbers, (outline, numbers)))
        return grouped
