"""From a finished drive to the changed files of a site."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from patrol_core.errors import ConfigError, Place, RondaError
from patrol_core.robot import RobotModel
from patrol_core.site import Site, load_site
from patrol_core.site.zone_watch import ZONES_FILE
from ronda_cli.environment.paths import ROOT
from ronda_cli.runs import RUNS
from ronda_cli.teaching.edits import additions, used_ids
from ronda_cli.teaching.journal import read_journal
from ronda_cli.teaching.lesson import SPREAD_M, Lesson
from ronda_cli.teaching.mapping import corrected, make_grid, matched
from ronda_cli.teaching.new_site import BESIDE_M, STARTER_ROUTE_ID, Identity, finished
from ronda_cli.teaching.scans import read_scans
from ronda_cli.teaching.taught import TaughtRoute, taught_route
from ronda_cli.teaching.track import around

TEACHING = RUNS / "teaching"
CLEAR_M = 0.05
"""Ground beside the body that it has passed is free, too, so far."""


@dataclass(frozen=True, slots=True)
class Task:
    """What is to be taught where. `is_new`: map, outline and all else are made from the drive."""

    folder: Path
    route_id: str
    speed_mps: float
    dwell_s: float
    is_new: bool = False

    @property
    def site_name(self) -> str:
        return self.folder.resolve().name

    @property
    def journal(self) -> Path:
        return TEACHING / f"{self.site_name}-{self.route_id}.jsonl"

    @property
    def scans(self) -> Path:
        return TEACHING / f"{self.site_name}-{self.route_id}-scans.jsonl"

    def site(self) -> Site:
        """The site as it is. Raises SiteError; ConfigError where the route is there already, or a
        new site is not new."""
        site = load_site(self.folder)
        ids = [route.route_id for route in site.routes]
        if self.is_new and ids != [STARTER_ROUTE_ID]:
            raise ConfigError(
                "this site is not new: that would overwrite it", place=Place(self.folder),
                remedy="teach it a route without --new, or take another name",
            )  # fmt: skip
        if self.route_id in ids:
            raise ConfigError(
                f"the site has a route '{self.route_id}' already", place=Place(self.folder),
                expected="the name of a route that is not there yet",
                remedy="take another --route, or remove that one and its path first",
            )  # fmt: skip
        return site

    def forget(self) -> None:
        """Leave out what was driven so far."""
        for path in (self.journal, self.scans):
            path.unlink(missing_ok=True)

    def lesson(self) -> Lesson:
        """What was driven so far. Raises ConfigError."""
        lesson = Lesson(max_spread_m=math.inf if self.is_new else SPREAD_M)
        lesson.replay(read_journal(self.journal, site=self.site_name))
        return lesson


Ask = Callable[[TaughtRoute], Sequence[str]]
"""Names for the checkpoints of a route, an empty one to leave it."""


def changed_files(task: Task, lesson: Lesson, ask: Ask) -> tuple[TaughtRoute, dict[str, bytes]]:
    """What was taught, and the files that it changes. Raises RondaError where too little was."""
    site = task.site()
    taken = used_ids(task.folder / ZONES_FILE)
    taught = taught_route(
        lesson, task.route_id, task.speed_mps, task.dwell_s, docks=site.docks, taken=taken
    )
    taught = taught.renamed(ask(taught), taken)
    return taught, additions(task.folder, taught)


def new_files(
    task: Task, robot: RobotModel, progress: Callable[[float], None]
) -> tuple[TaughtRoute, dict[str, bytes]]:
    """The same for a new site: all of its files."""
    site = task.site()
    scans = read_scans(task.scans)
    if not scans:
        raise RondaError(
            "no scans were taken down on this drive: there is nothing to make a map of",
            remedy="drive it with --new while the robot's system runs",
        )
    poses = matched(scans, progress)
    lesson = Lesson(max_spread_m=math.inf)
    entries = read_journal(task.journal, site=task.site_name)
    lesson.replay(corrected(entries, scans, poses))
    taught = taught_route(
        lesson, task.route_id, task.speed_mps, task.dwell_s, docks=site.docks, taken={"site"}
    )
    outline_m = around(lesson.everything, BESIDE_M)
    clear_m = robot.body.width_m / 2.0 + CLEAR_M
    grid = make_grid(scans, poses, outline_m, lesson.everything, clear_m)
    degrees = (math.degrees(site.latitude_rad), math.degrees(site.longitude_rad))
    identity = Identity(site.name, *degrees, site.docks[0].pose.yaw_rad)
    return taught, finished(identity, taught, outline_m, grid)


def shown(path: Path) -> str:
    """A path as a person would type it here."""
    return str(path.relative_to(ROOT)) if path.is_relative_to(ROOT) else str(path)
