"""Reference views of a site: blurred pictures of places, by where and in which light."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import cv2
import numpy as np

from patrol_perception.change.params import ViewsParams
from patrol_perception.change.snapshot import Mask, Plane, Snapshot, make_snapshot
from patrol_perception.view import View

Key = tuple[int, int, int, int]

_HIDDEN = 65535
_PER_M = 100.0


@dataclass(frozen=True, slots=True, eq=False)
class ReferenceView:
    """A place as it was at `stamp_s` (Unix time), in a part of the day (`light`).

    `view`: the camera in `map`. `jpeg`: the blurred picture. `depth_png`: its depth and what is
    hidden in it (`depth_png_of`). Both stay encoded, for a site has many.
    """

    stamp_s: float
    light: int
    view: View
    jpeg: bytes
    depth_png: bytes

    def planes(self) -> tuple[Plane, Mask]:
        """Depth and what is blurred or private and never compared, both of half the size."""
        data = np.frombuffer(self.depth_png, np.uint8)
        image = np.asarray(cv2.imdecode(data, cv2.IMREAD_UNCHANGED))
        hidden = image == _HIDDEN
        depth = np.where((image == 0) | hidden, np.nan, image / _PER_M)
        return depth.astype(np.float32), hidden

    def snapshot(self) -> Snapshot:
        """As it is compared."""
        picture = cv2.imdecode(np.frombuffer(self.jpeg, np.uint8), cv2.IMREAD_COLOR)
        return make_snapshot(np.asarray(picture, np.uint8), *self.planes(), self.view)


def depth_png_of(depth_m: Plane, hidden: Mask) -> bytes:
    """16 bits a pixel: depth in centimetres, 0 where unknown, 65535 where hidden."""
    known = np.nan_to_num(depth_m.astype(np.float64) * _PER_M, nan=0.0, posinf=0.0, neginf=0.0)
    image = np.clip(np.rint(known), 0, _HIDDEN - 1).astype(np.uint16)
    image[hidden] = _HIDDEN
    return bytes(cv2.imencode(".png", image)[1])


class ReferenceViews:
    """One view for each cell of the way, direction and light: what is newer replaces it."""

    def __init__(self, params: ViewsParams, views: Iterable[ReferenceView] = ()) -> None:
        self._params = params
        self._views: dict[Key, ReferenceView] = {}
        for view in views:
            self.add(view)

    def __iter__(self) -> Iterator[ReferenceView]:
        return iter(self._views.values())

    def __len__(self) -> int:
        return len(self._views)

    def key(self, view: View, light: int) -> Key:
        """The place of a view among all."""
        sector = math.tau / self._params.headings
        x, y = (math.floor(value / self._params.cell_m) for value in view.position_m[:2].tolist())
        return x, y, round(_heading_rad(view) / sector) % self._params.headings, light

    def add(self, view: ReferenceView) -> None:
        """Take in a view; of two with the same key the newer one is kept."""
        key = self.key(view.view, view.light)
        known = self._views.get(key)
        if known is None or view.stamp_s >= known.stamp_s:
            self._views[key] = view

    def near(self, view: View) -> list[ReferenceView]:
        """What to compare with: the nearest of each light, nearest first."""
        near_m, turn_rad, heading = self._params.near_m, self._params.turn_rad, _heading_rad(view)
        found = []
        for known in self._views.values():
            away_m = _apart_m(known.view, view)
            turn = abs(math.remainder(_heading_rad(known.view) - heading, math.tau))
            if away_m <= near_m and turn <= turn_rad:
                found.append((away_m / near_m + turn / turn_rad, known.stamp_s, known))
        chosen: dict[int, ReferenceView] = {}
        for _, _, known in sorted(found, key=lambda one: one[:2]):
            chosen.setdefault(known.light, known)
        return list(chosen.values())[: self._params.most]

    def by_distance(self, view: View) -> list[ReferenceView]:
        """All, whatever their direction, those taken from nearest first."""
        known = self._views.values()
        return sorted(known, key=lambda one: (_apart_m(one.view, view), one.stamp_s))


def _apart_m(one: View, other: View) -> float:
    return math.dist(one.position_m[:2].tolist(), other.position_m[:2].tolist())


def _heading_rad(view: View) -> float:
    """Direction of the optical axis on the ground."""
    return math.atan2(float(view.to_map[1, 2]), float(view.to_map[0, 2]))
