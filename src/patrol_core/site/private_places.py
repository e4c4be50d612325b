"""Where nothing is recorded: the privacy zones in force now."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from shapely.geometry import Polygon

from patrol_core.geometry import FloatArray, Points, points_in_polygon
from patrol_core.site.local_time import site_local_time
from patrol_core.site.model import Site, ZoneKind
from patrol_core.site.zone_watch import ZoneWatch


class PrivatePlaces:
    """The privacy zones of a site, by the hour and by what its file says by now."""

    def __init__(self, site: Site, epoch_s: float) -> None:
        """`epoch_s`: Unix time at stamp zero."""
        self.zones = ZoneWatch(site, site_local_time(site.timezone, epoch_s))
        """Refreshed with this."""
        self.polygons_m: tuple[Points, ...] = ()
        """In `map`."""

    def refresh(self, now_s: float) -> bool:
        """Bring `polygons_m` up to date; whether any zone changed."""
        if not self.zones.refresh(now_s):
            return False
        zones = self.zones.zones
        self.polygons_m = tuple(z.polygon_m for z in zones if z.kind is ZoneKind.PRIVACY)
        return True

    def contain(self, points_m: FloatArray) -> npt.NDArray[np.bool_]:
        """Which points (N, 2) of `map` lie in one, shape (N,)."""
        inside = np.zeros(len(points_m), bool)
        for polygon_m in self.polygons_m:
            inside |= points_in_polygon(points_m, polygon_m)
        return inside

    def hold(self, x_m: float, y_m: float) -> bool:
        """Whether one place of `map` lies in one."""
        return bool(self.contain(np.array([[x_m, y_m]]))[0])


def grown(polygon_m: Points, margin_m: float) -> Points:
    """A polygon and what lies within `margin_m` of it, its corners kept sharp."""
    wide = Polygon(polygon_m).buffer(margin_m, join_style="mitre")
    return tuple((float(x), float(y)) for x, y in wide.exterior.coords[:-1])
