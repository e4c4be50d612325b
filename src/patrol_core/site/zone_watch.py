"""The zones in force now: by the hour, and by what the site's file says by now."""

from __future__ import annotations

import os
from pathlib import Path

from shapely.geometry import Polygon

from patrol_core.site.crosscheck import check_features
from patrol_core.site.features import Features, read_features
from patrol_core.site.local_time import LocalTime
from patrol_core.site.model import Site, Zone
from patrol_core.site.yaml_tree import Problems, read_json

ZONES_FILE = "zones.geojson"


class ZoneWatch:
    """Looks at the file once a second and at the hour once a minute.

    A file with a mistake changes nothing: the zones read before stay in force, and `problem` says
    what is wrong. The outline is read at the start alone.
    """

    def __init__(self, site: Site, local_time: LocalTime) -> None:
        self._site = site
        self._file = site.folder / ZONES_FILE
        self._local_time = local_time
        self._all = site.zones
        # Read at the first look: the file may have changed since the site was loaded.
        self._stamp: tuple[int, int, int] | None = None
        self._second = self._minute = -1
        self.zones: tuple[Zone, ...] = ()
        self.problem = ""

    @property
    def all_zones(self) -> tuple[Zone, ...]:
        """Those of the file, whatever the hour."""
        return self._all

    def refresh(self, now_s: float) -> bool:
        """Bring `zones` and `problem` up to date; whether `zones` changed."""
        if int(now_s) == self._second:
            return False
        self._second = int(now_s)
        stamp, minute = file_stamp(self._file), int(now_s // 60.0)
        if stamp == self._stamp and minute == self._minute:
            return False
        if stamp != self._stamp:
            self._stamp = stamp
            self._read()
        self._minute = minute
        weekday, second = self._local_time(now_s)
        zones = tuple(zone for zone in self._all if zone.valid_at(weekday, second))
        changed = zones != self.zones
        self.zones = zones
        return changed

    def _read(self) -> None:
        problems = Problems()
        root = read_json(self._file, "the zones", problems)
        features = Features() if root is None else read_features(root)
        if not problems.found:
            check_features(features, Polygon(self._site.outline_m))
        if problems.found:
            first = problems.found[0]
            self.problem = f"{first.place}: {first.problem}; the zones read before stay in force"
            return
        self._all = tuple(zone for zone, _ in features.zones)
        self.problem = self._waits(features)

    def _waits(self, features: Features) -> str:
        """What of the file counts after a restart only."""
        if features.outlines[0][0] == self._site.outline_m:
            return ""
        return f"{self._file}: the new outline counts from the next start on"


def file_stamp(file: Path) -> tuple[int, int, int] | None:
    """Changes when the file does; None without one."""
    try:
        found = os.stat(file)
    except OSError:
        return None
    return found.st_mtime_ns, found.st_size, found.st_ino
