"""What scans tell: tracks, standing and missing things, behaviour, what is to be learnt from."""

from __future__ import annotations

import math

from patrol_core import topics
from patrol_core.component import Inputs
from patrol_core.site.private_places import PrivatePlaces
from patrol_core.types.perception import Tracks
from patrol_core.types.sensors import LaserScan
from patrol_perception.behaviour.watch import BehaviourWatch
from patrol_perception.findings import FindingBook
from patrol_perception.site_model.observations import EXPECTABLE
from patrol_perception.site_model.recall import Observer, sighting_of
from patrol_perception.surroundings import Surroundings

_OBSERVE_EVERY_S = 1.0


class ByLidar:
    """Lays scans onto the map. `observer`: who notes what the site model can learn from."""

    def __init__(
        self,
        around: Surroundings,
        private: PrivatePlaces,
        behaviour: BehaviourWatch,
        book: FindingBook,
        observer: Observer | None,
    ) -> None:
        self._around = around
        self._private = private
        self._behaviour = behaviour
        self._book = book
        self._observer = observer
        self._observed_s = -math.inf

    def step(self, inputs: Inputs, now_s: float) -> Tracks | None:
        """Tracks of the newest scan; None while map or pose are missing or do not fit."""
        around = self._around
        scan: LaserScan | None = inputs.fresh(topics.SCAN, now_s)
        if scan is None or around.scene is None:
            return None
        base = around.localized(scan.stamp_s, inputs, now_s)
        if base is None:
            return None
        sensor = base.compose(around.lidar)
        tracks = around.scene.step(scan, sensor, around.std_m, now_s, around.trusted)
        if tracks is None:
            return None
        tracks = self._outside(tracks)
        if around.trusted:
            zones = self._private.zones.all_zones
            standing = around.scene.standing()
            self._behaviour.step(tracks, standing, around.std_m, zones, now_s)
            self._observe(now_s)
        return tracks

    def close(self) -> None:
        """Write what can be learnt from."""
        if self._observer is not None:
            self._observer.close()

    def _outside(self, tracks: Tracks) -> Tracks:
        """Those that are not in a privacy zone, into which a prediction may have led."""
        told = (track for track in tracks.tracks if not self._private.hold(track.x_m, track.y_m))
        return Tracks(tracks.stamp_s, tuple(told))

    def _observe(self, now_s: float) -> None:
        """Note once a second what stands and what is looked at."""
        look = self._around.look
        if self._observer is None or look is None or not look.fits:
            return
        if now_s - self._observed_s < _OBSERVE_EVERY_S:
            return
        self._observed_s = now_s
        findings = [e.finding for e in self._book.entries if e.finding.kind in EXPECTABLE]
        self._observer.note(look, ((f.finding_id, sighting_of(f)) for f in findings), now_s)
