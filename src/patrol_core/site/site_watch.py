"""What a site's files say by now of all that may change while the robot runs."""

from __future__ import annotations

from dataclasses import replace

from patrol_core.site.loader import SITE_FILE, check_site
from patrol_core.site.model import Site
from patrol_core.site.zone_watch import ZONES_FILE, file_stamp

_AT_THE_START = ("outline_m", "docks", "timezone", "latitude_rad", "longitude_rad")


class SiteWatch:
    """Looks at `site.yaml` and `zones.geojson` once a second.

    `site` has the zones, checkpoints, paths, routes, schedules, blackouts and alarms of the files
    as they are; outline, docks and all else are those of the start. Files with a mistake change
    nothing, and `problem` says what is wrong. The map is not looked at.
    """

    def __init__(self, site: Site) -> None:
        self.site = site
        self.problem = ""
        self._files = [site.folder / name for name in (SITE_FILE, ZONES_FILE)]
        self._stamps = self._newest()
        self._second = -1

    def refresh(self, now_s: float) -> bool:
        """Bring `site` and `problem` up to date; whether one of them changed."""
        if int(now_s) == self._second:
            return False
        self._second = int(now_s)
        stamps = self._newest()
        if stamps == self._stamps:
            return False
        self._stamps = stamps
        before = self.site, self.problem
        self._read()
        return before != (self.site, self.problem)

    def _newest(self) -> list[tuple[int, int, int] | None]:
        return [file_stamp(file) for file in self._files]

    def _read(self) -> None:
        old = self.site
        check = check_site(old.folder, with_map=False)
        if check.site is None:
            first = check.problems[0]
            self.problem = f"{first.place}: {first.problem}; what was read before stays in force"
            return
        new = check.site
        self.site = replace(
            old, zones=new.zones, checkpoints=new.checkpoints, paths=new.paths, routes=new.routes,
            schedules=new.schedules, blackouts=new.blackouts, alarms=new.alarms,
        )  # fmt: skip
        waits = any(getattr(new, name) != getattr(old, name) for name in _AT_THE_START)
        self.problem = ""
        if waits:
            self.problem = f"{old.folder}: a new outline, dock or place counts from the next start"
