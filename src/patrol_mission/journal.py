"""What the mission has to know after a power cut or a crash, in one file that is always whole."""

from __future__ import annotations

import contextlib
import hashlib
from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import Any

from pydantic import ConfigDict, TypeAdapter, ValidationError
from typing_extensions import TypedDict

from patrol_core.errors import RondaError
from patrol_core.geometry import Pose2
from patrol_core.result import ErrorCode
from patrol_core.site.model import Route, Site
from patrol_core.whole_file import write_whole
from patrol_mission.calls import Calls
from patrol_mission.energy import EnergyModel
from patrol_mission.planned import Planner, plan_legs
from patrol_mission.route import Leg, answer_legs, lap_legs
from patrol_mission.run import Question, Rest, Run, second_legs

_SITE_FILES = ("site.yaml", "zones.geojson", "map.yaml")


class JournalError(ValueError):
    """A journal that cannot be taken up: cut, of another form, or of a route that is no more."""


class _Form(TypedDict):
    """What a journal of any form has."""

    form: int


@dataclass(frozen=True, slots=True)
class KeptRun:
    """A run as it is kept: by names where the site knows the rest. Stamps are Unix time."""

    patrol_id: str
    route_id: str
    laps: int
    started_s: float
    dry_run: bool
    ends_s: float
    not_before_s: float
    is_planned: bool
    lap: int
    leg_index: int
    leg_progress: int
    reached_s: float | None
    apart: bool
    laps_begun: int
    tries: int
    paused_by: str
    question: Question | None
    return_reason: str
    return_code: ErrorCode
    rest: Rest | None
    dock_id: str
    tried_docks: tuple[str, ...]
    failed_legs: int
    skipped: tuple[str, ...]
    missed: tuple[str, ...]
    second: tuple[str, ...]
    came_home_for: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Kept:
    """The journal. `life`: how often the mission was started; `run_name`: of the run of the
    whole system; `site`: see `site_digest`.
    """

    __pydantic_config__ = ConfigDict(ser_json_inf_nan="constants", extra="forbid")

    form: int
    life: int
    stamp_s: float
    run_name: str
    site: str
    pose: Pose2 | None
    per_m: float
    per_s: float
    calls: Calls
    run: KeptRun | None


FORM = 1
_KEPT = TypeAdapter(Kept)
_FORM_ALONE = TypeAdapter(_Form)


class Journal:
    """Writes what is under way when it has changed, and reads it back at the start.

    `run_name` tells runs of the system apart; `epoch_s` is the Unix time at stamp zero.
    """

    def __init__(self, path: Path, site: Site, run_name: str, epoch_s: float) -> None:
        self._path, self._site, self._run_name = path, site, run_name
        self._epoch_s = epoch_s
        self._digest = site_digest(site)
        self._written: Kept | None = None
        self._life = 1

    def heed(self, site: Site) -> None:
        """Patrols from now on go by what the site's files say by now."""
        self._site, self._digest = site, site_digest(site)

    def begin_life(self, before: Kept | None) -> int:
        """Which life of the mission this is, from 1, after what was kept last."""
        self._life = 1 if before is None else before.life + 1
        return self._life

    def put_aside(self) -> None:
        """Keep a journal that cannot be read out of the way, for people to look at."""
        with contextlib.suppress(OSError):
            self._path.replace(self._path.with_name(f"{self._path.name}.unreadable"))

    def keep(
        self, run: Run | None, calls: Calls, pose: Pose2 | None, energy: EnergyModel, now_s: float
    ) -> None:
        """Raises OSError; what was kept before is then still there."""
        kept = Kept(
            FORM, self._life, now_s + self._epoch_s, self._run_name, self._digest, pose,
            energy.per_m, energy.per_s, _called(calls, self._epoch_s),
            None if run is None else _kept(run, self._epoch_s),
        )  # fmt: skip
        before = self._written
        if before is not None and kept == replace(before, stamp_s=kept.stamp_s):
            return
        write_whole(self._path, _KEPT.dump_json(kept))
        self._written = kept

    def recall(self) -> Kept | None:
        """What was kept last; None where there is nothing.

        Raises JournalError, and OSError where there is a file that cannot be read.
        """
        try:
            data = self._path.read_bytes()
            form = _FORM_ALONE.validate_json(data)["form"]
            if form != FORM:
                raise JournalError(f"{self._path}: form {form}, and this program reads {FORM}")
            return _KEPT.validate_json(data)
        except FileNotFoundError:
            return None
        except ValidationError as error:
            raise JournalError(f"{self._path}: {error.errors()[0]['msg']}") from error

    def is_of_this_run(self, kept: Kept) -> bool:
        """Whether it is of this run of the system and of the site as it is now."""
        return kept.run_name == self._run_name and kept.site == self._digest

    def run_of(self, kept: KeptRun, planner: Planner | None = None) -> Run:
        """The run, with the legs of its route, or of its plan. Raises JournalError if there are
        none for it any more."""
        try:
            route = None if not kept.route_id else self._site.route(kept.route_id)
            missed = [self._site.checkpoint(name) for name in kept.missed]
            second = [self._site.checkpoint(name) for name in kept.second]
        except KeyError as error:
            raise JournalError(f"the site knows {error} no more") from error
        run = _run(kept, self._epoch_s)
        if route is None:
            run.speed_mps, run.legs = 1.0, answer_legs(self._site)
        else:
            run.speed_mps, run.care = route.speed_mps, route.care
            run.legs = self._legs(run, route, planner)
        run.missed, run.second = missed, second_legs(second)
        on_route = 0 <= run.leg_index < len(run.legs) and 1 <= run.lap <= (run.laps or run.lap)
        if not (on_route and 0 <= run.leg_progress < len(run.leg.poses)):
            raise JournalError(f"the route '{run.route_id}' has changed")
        return run

    def _legs(self, run: Run, route: Route, planner: Planner | None) -> tuple[Leg, ...]:
        if not run.is_planned:
            return lap_legs(self._site, route)
        if planner is None:
            raise JournalError("its plan is not there any more: nobody plans")
        try:
            return plan_legs(self._site, route, planner.recall(run.patrol_id))
        except (OSError, RondaError) as error:
            raise JournalError(f"its plan is not there any more: {error}") from error

    def calls_of(self, kept: Kept) -> Calls:
        """The calls that were open."""
        return _called(kept.calls, -self._epoch_s)


def site_digest(site: Site) -> str:
    """Twelve letters that change with the site's files that a patrol goes by."""
    digest = hashlib.sha256()
    for name in _SITE_FILES:
        path = site.folder / name
        digest.update(path.read_bytes() if path.is_file() else b"")
    return digest.hexdigest()[:12]


def _kept(run: Run, epoch_s: float) -> KeptRun:
    plain = {field.name: getattr(run, field.name) for field in fields(KeptRun)}
    lists = {name: tuple(value) for name, value in plain.items() if isinstance(value, list)}
    names = {
        "missed": tuple(c.checkpoint_id for c in run.missed),
        "second": tuple(leg.checkpoint.checkpoint_id for leg in run.second if leg.checkpoint),
    }
    return KeptRun(**(plain | _moved(plain, epoch_s) | lists | names))


def _run(kept: KeptRun, epoch_s: float) -> Run:
    """Without what the site knows."""
    plain = {field.name: getattr(kept, field.name) for field in fields(KeptRun)}
    lists = {name: list(value) for name, value in plain.items() if isinstance(value, tuple)}
    unknown = {"speed_mps": 0.0, "legs": (), "missed": [], "second": []}
    return Run(**(plain | _moved(plain, -epoch_s) | lists | unknown))


def _moved(plain: dict[str, Any], by_s: float) -> dict[str, Any]:
    """What of a run is a time, or holds one, on another clock; what has no end has none there."""
    stamps = ("started_s", "reached_s", "ends_s", "not_before_s")
    moved = {name: None if plain[name] is None else plain[name] + by_s for name in stamps}
    for name in ("question", "rest"):
        part = plain[name]
        moved[name] = None if part is None else replace(part, until_s=part.until_s + by_s)
    return moved


def _called(calls: Calls, by_s: float) -> Calls:
    moved = [
        replace(c, since_s=c.since_s + by_s, not_before_s=c.not_before_s + by_s)
        for c in calls.open
    ]
    return Calls(moved, list(calls.answered))
