"""The model at work: what is no news, and what is noted down to be learnt from."""

from __future__ import annotations

import math
from collections.abc import Iterable
from pathlib import Path

import numpy as np

from patrol_core.site.hours import hours_of
from patrol_core.site.local_time import LocalTime
from patrol_core.types.learning import VerdictKind
from patrol_core.types.perception import Finding
from patrol_perception.claims import Claim
from patrol_perception.learning.places import JudgedPlace
from patrol_perception.learning.places_file import read_places
from patrol_perception.look import Look
from patrol_perception.params import SiteModelParams
from patrol_perception.site_model.model import SiteModel
from patrol_perception.site_model.model_file import (
    OBSERVATIONS,
    append_observations,
    newest_model,
)
from patrol_perception.site_model.observations import (
    PATCH_M,
    Observations,
    Patch,
    Sighting,
    hour_of,
    patch_of,
)

_EVERY_BEAM = 4
_STEP_M = 1.0
LEAST_IGNORED_M = 0.5
"""A place that is to be ignored has at least this radius."""


class Recall:
    """What is known of a claim: by a person's verdict on its place, or by the model."""

    def __init__(
        self,
        model: SiteModel,
        judged: tuple[JudgedPlace, ...],
        clock: LocalTime,
        params: SiteModelParams,
    ) -> None:
        self._model = model
        self._judged = judged
        self._clock = clock
        self._params = params

    def __call__(self, claim: Claim, now_s: float) -> tuple[bool, str]:
        """Whether it is no news, and what was known, in words ("" if nothing)."""
        outline = claim.outline
        thing = Sighting(claim.kind, outline.x_m, outline.y_m, outline.length_m, outline.width_m)
        moment = self._clock(now_s)
        for place in self._judged:
            if covers(place, thing, *moment):
                return True, f" {place.who} said that this is {place.verdict.value}: {place.why}."
        if self._model.version == 0:
            return False, ""
        expected = self._model.expects(thing, *moment)
        known = expected.sure >= self._params.sure
        return known, f" Site model {self._model.version}: {expected.why}."


def covers(place: JudgedPlace, thing: Sighting, weekday: int, second: int) -> bool:
    """Whether a verdict speaks of a thing, at that time of the week.

    KNOWN is said of one thing; IGNORE of everything within half the length of what was found.
    """
    hours = hours_of(place.hours) if place.hours else None
    if hours is not None and not hours.contain(weekday, second):
        return False
    if place.verdict is VerdictKind.KNOWN:
        known = Sighting(place.what, place.x_m, place.y_m, place.length_m, place.width_m)
        return known.is_like(thing)
    away_m = math.hypot(thing.x_m - place.x_m, thing.y_m - place.y_m)
    return away_m <= max(place.length_m / 2.0, LEAST_IGNORED_M)


def recall_from(site_folder: Path, clock: LocalTime, params: SiteModelParams) -> Recall:
    """With what the site has learned and the model that the parameters name.

    Raises ConfigError when either cannot be read.
    """
    folder = params.folder
    model = newest_model(Path(folder), params.version) if folder else SiteModel()
    return Recall(model, read_places(site_folder), clock, params)


def sighting_of(finding: Finding) -> Sighting:
    """A finding as it is noted down."""
    return Sighting(finding.kind, finding.x_m, finding.y_m, finding.length_m, finding.width_m)


class Observer:
    """Notes what is seen and looked at, hour by hour, into the run's folder."""

    def __init__(self, run_folder: Path, clock: LocalTime, reach_m: float) -> None:
        """Beyond `reach_m` nothing counts as looked at. Hours are named after the run's folder."""
        self._name = run_folder.resolve().name
        self._path = run_folder / OBSERVATIONS
        self._clock = clock
        self._reach_m = reach_m
        self._begun: tuple[int, int] | None = None
        self._begun_s = 0.0
        self._things: dict[str, Sighting] = {}
        self._watched: set[Patch] = set()

    def note(self, look: Look, things: Iterable[tuple[str, Sighting]], now_s: float) -> None:
        """A scan that fits, and all findings so far, by their ids."""
        weekday, second = self._clock(now_s)
        hour = (weekday, second // 3600)
        if self._begun is not None and hour != self._begun:
            self.close()
        if self._begun is None:
            self._begun, self._begun_s = hour, now_s
        watched = self._patches(look)
        self._watched |= watched
        for number, thing in things:
            if patch_of(thing.x_m, thing.y_m) in watched:
                self._things[number] = thing

    def _patches(self, look: Look) -> set[Patch]:
        """The squares that beams cross or end in."""
        ranges = np.nan_to_num(look.ranges_m[::_EVERY_BEAM], nan=0.0)
        beams = np.arange(0, len(look.ranges_m), _EVERY_BEAM)
        angles = look.sensor.yaw_rad + look.angle_min_rad + look.angle_increment_rad * beams
        reach = np.minimum(ranges, self._reach_m)
        steps = np.arange(0.0, self._reach_m + _STEP_M, _STEP_M)
        along = np.minimum(steps[:, None], reach)
        x = look.sensor.x_m + along * np.cos(angles)
        y = look.sensor.y_m + along * np.sin(angles)
        squares = np.floor(np.stack((x, y), axis=-1).reshape(-1, 2) / PATCH_M).astype(np.int64)
        return {(int(column), int(row)) for column, row in np.unique(squares, axis=0)}

    def close(self) -> None:
        """Write what the hour has shown."""
        if self._begun is not None and self._watched:
            weekday, hour = self._begun
            name = f"{self._name} {self._begun_s:.0f}"
            things, watched = tuple(self._things.values()), frozenset(self._watched)
            append_observations(
                self._path, Observations(name, hour_of(weekday, hour * 3600), things, watched)
            )
        self._begun = None
        self._things, self._watched = {}, set()
