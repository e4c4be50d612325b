"""The camera's search for changes on a patrol, and the learning of reference views."""

from __future__ import annotations

import math
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import cv2
import numpy as np

from patrol_core.geometry import FloatArray, Points
from patrol_core.types.perception import Finding, FindingKind, Measure
from patrol_core.types.sensors import CompressedImage, DepthImage
from patrol_perception.change.comparison import compare
from patrol_perception.change.params import ChangeParams
from patrol_perception.change.places import Place, Places
from patrol_perception.change.regions import find_regions
from patrol_perception.change.snapshot import (
    SHRINK,
    Mask,
    half_depth,
    half_mask,
    make_snapshot,
)
from patrol_perception.change.store import INDEX, load_views, save_views
from patrol_perception.change.views import ReferenceView, ReferenceViews, depth_png_of
from patrol_perception.claims import Claim
from patrol_perception.findings import FindingBook
from patrol_perception.params import CameraParams
from patrol_perception.photos import Frame, finding_box, marked
from patrol_perception.privacy.zones import zone_mask
from patrol_perception.site_model.observations import EXPECTABLE
from patrol_perception.view import Box, View

_DAY_S = 86400.0
_TURNED_RAD = 0.35
_SAME_M = 0.4
"""A change so near to a known finding is that finding."""
_COVERED_M = 0.6
_MOST_HIDDEN = 0.2
"""A view of which more is hidden is no reference, and shows no finding as it was."""


class ChangeWatch:
    """Compares pictures with reference views, or learns these; see `is_wanted`."""

    def __init__(
        self,
        params: ChangeParams,
        camera: CameraParams,
        site_folder: Path,
        timezone: str,
        epoch_s: float,
    ) -> None:
        """`epoch_s` is the Unix time at stamp zero. Raises ConfigError for a damaged store."""
        self._params, self._camera = params, camera
        self._folder = site_folder / params.folder
        self._zone, self._epoch_s = ZoneInfo(timezone), epoch_s
        known = load_views(self._folder) if (self._folder / INDEX).is_file() else []
        self.views = ReferenceViews(params.views, known)
        self._learnt: dict[tuple[int, int, int, int], float] = {}
        self._places = Places(params.places)
        self._compared: FloatArray | None = None
        self.private_m: tuple[Points, ...] = ()
        """Polygons in `map` that no picture may show, those learnt before them included."""

    @staticmethod
    def is_wanted(params: ChangeParams, site_folder: Path) -> bool:
        """Off where there are no reference views and none are to be learnt."""
        return params.learn or (site_folder / params.folder / INDEX).is_file()

    def step(self, frame: Frame, depth: DepthImage, book: FindingBook, now_s: float) -> None:
        """Take in a blurred picture whose pose can be trusted, with the depth beside it."""
        if self._params.learn:
            self._learn(frame, depth)
        elif self._is_due(frame.view):
            self._look(frame, depth, book, now_s)

    def close(self) -> None:
        """Write what was learnt."""
        if self._learnt:
            save_views(self._folder, self.views)

    def _learn(self, frame: Frame, depth: DepthImage) -> None:
        """Keep, of each place in this light, the view of which least is hidden."""
        light = self._light(frame.view.stamp_s)
        key = self.views.key(frame.view, light)
        hidden = self._hidden(frame)
        share = float(hidden.mean())
        if share >= min(self._learnt.get(key, math.inf), _MOST_HIDDEN):
            return
        self._learnt[key] = share
        stamp_s = frame.view.stamp_s + self._epoch_s
        info = frame.view.info
        png = depth_png_of(half_depth(depth.depth_m, info), half_mask(hidden, info))
        self.views.add(ReferenceView(stamp_s, light, frame.view, frame.jpeg, png))

    def _light(self, stamp_s: float) -> int:
        """The part of the day."""
        moment = self._moment(stamp_s + self._epoch_s)
        second = moment.hour * 3600 + moment.minute * 60 + moment.second
        return int(second * self._params.views.lights // _DAY_S)

    def _moment(self, unix_s: float) -> datetime:
        return datetime.fromtimestamp(unix_s, self._zone)

    def _is_due(self, view: View) -> bool:
        """Whether the robot has gone on since the last comparison."""
        last = self._compared
        if last is None:
            return True
        moved_m = math.dist(view.position_m.tolist(), last[:3, 3].tolist())
        cosine = float(np.sum(view.to_map[:3, 2] * last[:3, 2]))
        return moved_m >= self._params.places.every_m or cosine < math.cos(_TURNED_RAD)

    def _look(self, frame: Frame, depth: DepthImage, book: FindingBook, now_s: float) -> None:
        known = self.views.near(frame.view)
        if not known:
            return
        self._compared = frame.view.to_map
        hidden = self._hidden(frame)
        image = cv2.imdecode(np.frombuffer(frame.jpeg, np.uint8), cv2.IMREAD_COLOR)
        picture = make_snapshot(np.asarray(image, np.uint8), depth.depth_m, hidden, frame.view)
        difference = compare(picture, [view.snapshot() for view in known], self._params)
        if difference is None:
            return
        regions = find_regions(difference, picture, self._params.places)
        for place in self._places.step(regions, difference, picture, frame, known[0]):
            place.told = True
            self._tell(place, book, now_s)

    def _tell(self, place: Place, book: FindingBook, now_s: float) -> None:
        """A finding, unless what is there is one already."""
        outline = place.outline
        middle = np.array([[outline.x_m, outline.y_m]])
        near_m = _SAME_M + outline.length_m / 2.0
        things = [e for e in book.entries if e.finding.kind in EXPECTABLE]
        if any(float(e.outline.distances_m(middle)[0]) <= near_m for e in things):
            return
        photo = marked(place.frame.jpeg, place.frame.view, place.best.box, self._camera)
        claim = Claim(
            FindingKind.CHANGE, outline, round(place.score, 3), place.first_seen_s,
            self._reason(place), self._evidence(place),
        )  # fmt: skip
        book.open(claim, now_s, photo, self._was(place))

    def _reason(self, place: Place) -> str:
        """One plain sentence for a person."""
        outline, was = place.outline, self._moment(place.was.stamp_s)
        return (
            f"Seen by the camera over about {outline.length_m:.1f} m, "
            f"{max(place.best.z_m, 0.0):.1f} m above the ground: {place.words()}. "
            f"{place.hits} of {place.hits + place.misses} pictures show it; it was not so on "
            f"{was:%d %B %Y at %H:%M}."
        )

    def _evidence(self, place: Place) -> tuple[Measure, ...]:
        params = self._params.places
        return (
            Measure("pictures that show it", place.hits, params.hits, "1"),
            Measure("share of pictures that look there", place.share, params.share, "1"),
            Measure("way over which it was seen", round(place.way_m, 3), params.way_m, "m"),
            Measure("score of the difference", round(place.score, 3), params.score, "1"),
            Measure("nearest distance", round(place.near_m, 3), params.near_m, "m"),
        )

    def _was(self, place: Place) -> CompressedImage:
        """The part of the reference view that shows the place as it was."""
        view, box = place.frame.view, place.best.box
        middle = view.to_optical(
            np.array([[place.outline.x_m, place.outline.y_m, place.best.z_m]])
        )
        depth_m = max(float(middle[0, 2]), 0.3)
        info = view.info
        corners = np.array(
            [
                [(u - info.cx_px) / info.fx_px * depth_m, (v - info.cy_px) / info.fy_px * depth_m,
                 depth_m, 1.0]
                for u in (box.left, box.right) for v in (box.top, box.bottom)
            ]
        )  # fmt: skip
        then = place.was.view
        optical = then.to_optical((corners @ view.to_map.T)[:, :3])
        there = None
        if float(optical[:, 2].min()) > 0.1:
            pixels = then.pixels(optical)
            low, high = pixels.min(axis=0), pixels.max(axis=0)
            there = then.clip(float(low[0]), float(low[1]), float(high[0]), float(high[1]))
        return self._picture(place.was, there)

    def before(self, frame: Frame, finding: Finding) -> CompressedImage | None:
        """The place of a finding as it was, seen from as near as can be to where `frame` was
        taken; none from a run that learns, whose views may show the finding itself."""
        if self._params.learn:
            return None
        for known in self.views.by_distance(frame.view):
            box = self._place_in(known, finding)
            if box is not None:
                return self._picture(known, box)
        return None

    def _place_in(self, known: ReferenceView, finding: Finding) -> Box | None:
        """Where a view shows the place of a finding, neither hidden nor covered."""
        x, y = known.view.position_m[:2].tolist()
        reach_m, half_m = self._camera.photo_far_m, finding.length_m / 2.0
        if math.hypot(finding.x_m - x, finding.y_m - y) > reach_m + half_m:
            return None
        box, away_m = finding_box(known.view, finding)
        if box is None or not self._camera.photo_near_m <= away_m <= reach_m + half_m:
            return None
        part = np.s_[
            box.top // SHRINK : box.bottom // SHRINK, box.left // SHRINK : box.right // SHRINK
        ]
        depth_m, hidden = known.planes()
        shown = ~hidden[part] & ~(depth_m[part] < away_m - half_m - _COVERED_M)
        return box if shown.size and float(shown.mean()) >= 1.0 - _MOST_HIDDEN else None

    def _picture(self, known: ReferenceView, box: Box | None) -> CompressedImage:
        """A reference view with a marked part; its stamp is that of this run, 0 if older."""
        picture = marked(self._shown(known), known.view, box, self._camera)
        return replace(picture, stamp_s=max(known.stamp_s - self._epoch_s, 0.0))

    def _shown(self, known: ReferenceView) -> bytes:
        """The picture of a view, black where it has become private since."""
        private = self._private(known.view)
        if not private.any():
            return known.jpeg
        image = cv2.imdecode(np.frombuffer(known.jpeg, np.uint8), cv2.IMREAD_COLOR)
        black = np.asarray(image, np.uint8)
        black[private] = 0
        quality = [cv2.IMWRITE_JPEG_QUALITY, self._camera.jpeg_quality]
        return cv2.imencode(".jpg", black, quality)[1].tobytes()

    def _private(self, view: View) -> Mask:
        """What of a picture (H, W) is private."""
        return zone_mask(view, self.private_m, self._camera.privacy_height_m) > 0

    def _hidden(self, frame: Frame) -> Mask:
        """What of a whole picture is blurred or private (H, W)."""
        hidden = self._private(frame.view)
        for box in frame.hidden:
            hidden[box.top : box.bottom, box.left : box.right] = True
        return hidden
