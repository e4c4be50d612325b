"""Reads a site folder and says everything that is wrong with it, with file, line and remedy."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from shapely.geometry import Polygon

from patrol_core.errors import ConfigError, Place
from patrol_core.site.checks import Check
from patrol_core.site.checks_file import CHECKS_FILE, read_checks
from patrol_core.site.crosscheck import (
    check_alarms,
    check_docks,
    check_features,
    check_map,
    check_routes,
    check_visitors,
)
from patrol_core.site.document import Document, read_document
from patrol_core.site.features import Features, read_features
from patrol_core.site.map_file import read_map
from patrol_core.site.model import Site
from patrol_core.site.site_format import refuse_newer, say_older
from patrol_core.site.visitors import Visitors
from patrol_core.site.visitors_file import VISITORS_FILE, read_visitors
from patrol_core.site.yaml_tree import Problems, read_json, read_yaml
from patrol_core.site.zone_watch import ZONES_FILE

HALF_WIDTH_M = 0.25
SITE_FILE = "site.yaml"


class SiteError(ConfigError):
    """A site that cannot be used; `problems` are all of its mistakes, the first is the text."""

    def __init__(self, problems: tuple[ConfigError, ...]) -> None:
        first = problems[0]
        more = f" (and {len(problems) - 1} more mistakes)" if len(problems) > 1 else ""
        super().__init__(
            first.problem + more,
            place=first.place,
            expected=first.expected,
            remedy=first.remedy,
        )
        self.problems = problems


@dataclass(frozen=True, slots=True)
class SiteCheck:
    """The outcome of a check: the site, or what is wrong with it in the order of the files."""

    site: Site | None
    problems: tuple[ConfigError, ...]


def load_site(path: Path, *, half_width_m: float = HALF_WIDTH_M, with_map: bool = True) -> Site:
    """The site of a folder. Raises SiteError with every mistake."""
    check = check_site(path, half_width_m=half_width_m, with_map=with_map)
    if check.site is None:
        raise SiteError(check.problems)
    return check.site


def check_site(
    path: Path, *, half_width_m: float = HALF_WIDTH_M, with_map: bool = True
) -> SiteCheck:
    """Read the folder `path`; `half_width_m` is the room that the robot needs beside its middle.

    Without `with_map` the map is not looked at: for the command that makes it.
    """
    problems = Problems()
    if not path.is_dir():
        problems.add(
            Place(path), "no such site folder", "a folder with site.yaml", "check the path"
        )
        return SiteCheck(None, tuple(problems.found))
    root = read_yaml(path / SITE_FILE, "the site", problems)
    if root is not None and refuse_newer(root, problems):
        return SiteCheck(None, tuple(problems.found))
    document = Document() if root is None else read_document(root)
    zones = read_json(path / ZONES_FILE, "the zones", problems)
    features = Features() if zones is None else read_features(zones)
    told = read_yaml(path / VISITORS_FILE, "the visitors' file", problems)
    visitors = None if told is None else read_visitors(told)
    checks = _checks(path, features, problems)
    _check_together(document, features)
    if told is not None and visitors is not None and len(features.outlines) == 1:
        check_visitors(visitors, told, Polygon(features.outlines[0][0]))
    _check_lanes(path, document)
    if with_map:
        _check_map(path, document, features, problems, half_width_m)
    if root is not None:
        say_older(root, problems)
    if problems.found:
        return SiteCheck(None, tuple(problems.found))
    return SiteCheck(_site(path, document, features, checks, visitors), ())


def _checks(path: Path, features: Features, problems: Problems) -> tuple[Check, ...]:
    """What to read on a round; nothing without the file."""
    if not (path / CHECKS_FILE).is_file():
        return ()
    root = read_yaml(path / CHECKS_FILE, "the checks", problems)
    checkpoints = [checkpoint for checkpoint, _ in features.checkpoints]
    return () if root is None else read_checks(root, checkpoints)


def _check_together(document: Document, features: Features) -> None:
    if len(features.outlines) == 1:
        outline = Polygon(features.outlines[0][0])
        check_features(features, outline)
        check_docks(document, outline)
        check_routes(document, features, outline)
        check_alarms(document, outline)


def _check_lanes(path: Path, document: Document) -> None:
    """That the file is there; what is in it is for those who use it."""
    name = None if document.lanes is None else document.lanes.text()
    if document.lanes is not None and name is not None and not (path / name).is_file():
        document.lanes.wrong(
            f"the lanes' file '{name}' is missing",
            "a GeoJSON file in the site folder",
            f"add {name}, or remove 'lanes'",
        )


def _check_map(
    path: Path, document: Document, features: Features, problems: Problems, half_width_m: float
) -> None:
    name = None if document.map is None else document.map.text()
    grid = None if name is None else read_map(path / name, problems)
    if grid is not None and document.map is not None and len(features.outlines) == 1:
        outline = Polygon(features.outlines[0][0])
        check_map(grid, document.map, features, document, outline, half_width_m)


def _site(
    path: Path,
    document: Document,
    features: Features,
    checks: tuple[Check, ...],
    visitors: Visitors | None,
) -> Site:
    assert document.map is not None and document.retention is not None
    return Site(
        name=document.name,
        folder=path,
        latitude_rad=document.latitude_rad,
        longitude_rad=document.longitude_rad,
        timezone=document.timezone,
        outline_m=features.outlines[0][0],
        zones=tuple(zone for zone, _ in features.zones),
        checkpoints=tuple(checkpoint for checkpoint, _ in features.checkpoints),
        docks=tuple(dock for dock, _ in document.docks),
        routes=tuple(route for route, _ in document.routes),
        schedules=tuple(schedule for schedule, _ in document.schedules),
        blackouts=tuple(blackout for blackout, _ in document.blackouts),
        retention=document.retention,
        map_file=path / str(document.map.node.value),
        lanes_file=None if document.lanes is None else path / str(document.lanes.node.value),
        checks=checks,
        alarms=tuple(alarm for alarm, _ in document.alarms),
        visitors=visitors,
        paths=tuple(path for path, _ in features.paths),
    )
