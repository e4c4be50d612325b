"""The site folder: everything that differs between sites, loaded and checked."""

from patrol_core.site.loader import SiteCheck, SiteError, check_site, load_site
from patrol_core.site.map_file import load_map, write_map
from patrol_core.site.model import (
    Checkpoint,
    Direction,
    Dock,
    Hours,
    PerimeterRoute,
    Retention,
    Site,
    Zone,
    ZoneKind,
)
from patrol_core.site.schedules import Blackout, Schedule

__all__ = [
    "Blackout",
    "Checkpoint",
    "Direction",
    "Dock",
    "Hours",
    "PerimeterRoute",
    "Retention",
    "Schedule",
    "Site",
    "SiteCheck",
    "SiteError",
    "Zone",
    "ZoneKind",
    "check_site",
    "load_map",
    "load_site",
    "write_map",
]
