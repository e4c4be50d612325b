"""Intervals of time in a record: gaps, holds, stretches of the track. Stamps are Unix time [s]."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from shapely.geometry import Point, Polygon

from patrol_core.geometry import FloatArray
from patrol_core.site.local_time import site_local_time
from patrol_core.site.model import Site, ZoneKind
from patrol_core.types.status import Authority
from patrol_records.entries import RunSample

GAP_S = 60.0
"""A longer time without a record is named."""
BREAK_PERIODS, BREAK_LEAST_S = 2.5, 1.5
"""After so many sample periods without a place (at least so long) the track begins anew."""
JUMP_M = 5.0
HELD = ("hold", "latched")
_NEAR_ZONE_M = 3.0
_NUMBER = re.compile(r"(?<![\w-])-?\d+(?:\.\d+)?(?=\s|%|$)")
_IDLE = "nobody asks for movement"


@dataclass(frozen=True, slots=True)
class Gap:
    """No sample, or none with a place, between two stamps; why, as far as the record tells."""

    start_s: float
    end_s: float
    why: str

    @property
    def duration_s(self) -> float:
        return self.end_s - self.start_s


@dataclass(frozen=True, slots=True)
class Hold:
    """The gate let nothing move. `reasons` without their numbers, in order of appearance."""

    start_s: float
    end_s: float
    latched: bool
    reasons: tuple[str, ...]

    @property
    def duration_s(self) -> float:
        return self.end_s - self.start_s


def silences(
    stamps_s: Sequence[float], start_s: float, end_s: float, limit_s: float = GAP_S
) -> list[tuple[float, float]]:
    """Intervals longer than `limit_s` in [start, end] without a stamp inside."""
    inside = sorted(stamp for stamp in stamps_s if start_s <= stamp <= end_s)
    edges = [start_s, *inside, end_s]
    return [(a, b) for a, b in pairwise(edges) if b - a > limit_s]


def gaps(samples: Sequence[RunSample], site: Site, start_s: float, end_s: float) -> list[Gap]:
    """Times over 60 s without a sample, and with samples that do not know the place."""
    missing = silences([s.stamp_s for s in samples], start_s, end_s)
    placed = [s for s in samples if located(s)]
    found = [Gap(a, b, _why_silent(placed, site, a, b)) for a, b in missing]
    for a, b in silences([s.stamp_s for s in placed], start_s, end_s):
        if not any(a <= gap.start_s and gap.end_s <= b for gap in found):
            found.append(Gap(a, b, "recorded, but the robot did not know its place"))
    return sorted(found, key=lambda gap: gap.start_s)


def _why_silent(placed: Sequence[RunSample], site: Site, start_s: float, end_s: float) -> str:
    before = [s for s in placed if s.stamp_s <= start_s][-1:]
    after = [s for s in placed if s.stamp_s >= end_s][:1]
    if before and after and all(_near_private(s, site) for s in (*before, *after)):
        return "it begins and ends beside a privacy zone, in which nothing is recorded"
    return "nothing was recorded: the records process or the whole robot was down"


def _near_private(sample: RunSample, site: Site) -> bool:
    here, when = Point(place(sample)), site_local_time(site.timezone)(sample.stamp_s)
    zones = (zone for zone in site.zones_of(ZoneKind.PRIVACY) if zone.valid_at(*when))
    return any(Polygon(zone.polygon_m).distance(here) < _NEAR_ZONE_M for zone in zones)


def located(sample: RunSample) -> bool:
    """Whether the sample has a place."""
    return sample.x_m is not None and math.isfinite(sample.x_m)


def sample_period_s(samples: Sequence[RunSample]) -> float:
    """The usual time from one sample to the next; 0 where there are not two."""
    if len(samples) < 2:
        return 0.0
    return float(np.median(np.diff([s.stamp_s for s in samples])))


def stretches(samples: Sequence[RunSample]) -> list[list[RunSample]]:
    """The located samples, cut where the record has a hole or the place jumps.

    What lies between two stretches was not recorded (a privacy zone, perhaps): nothing may be
    drawn or counted there.
    """
    longest_s = max(BREAK_PERIODS * sample_period_s(samples), BREAK_LEAST_S)
    pieces: list[list[RunSample]] = []
    last: RunSample | None = None
    for sample in samples:
        if not located(sample):
            continue
        joined = (
            last is not None
            and sample.stamp_s - last.stamp_s <= longest_s
            and math.dist(place(last), place(sample)) <= JUMP_M
        )
        if joined:
            pieces[-1].append(sample)
        else:
            pieces.append([sample])
        last = sample
    return pieces


def place(sample: RunSample) -> tuple[float, float]:
    """x and y [m] of a located sample."""
    assert sample.x_m is not None and sample.y_m is not None
    return sample.x_m, sample.y_m


def length_m(pieces: Iterable[Sequence[RunSample]]) -> float:
    """The way along stretches [m]."""
    return float(
        sum(np.linalg.norm(np.diff(places(piece), axis=0), axis=1).sum() for piece in pieces)
    )


def places(samples: Sequence[RunSample]) -> FloatArray:
    """Places (N, 2) of located samples."""
    return np.array([place(s) for s in samples], dtype=np.float64).reshape(-1, 2)


def holds(samples: Sequence[RunSample]) -> list[Hold]:
    """Times in which the gate held, each to the first sample that it passes again."""
    return [_hold(*run) for run in _runs(samples, lambda sample: sample.gate_state in HELD)]


def driven_by_hand(samples: Sequence[RunSample]) -> list[tuple[float, float]]:
    """Times in which somebody had the robot, each to the first sample in which nobody has."""
    runs = _runs(samples, lambda sample: sample.authority == Authority.TELEOP.value)
    return [(run[0].stamp_s, end_s) for run, end_s in runs]


def _runs(
    samples: Sequence[RunSample], holds_for: Callable[[RunSample], bool]
) -> Iterator[tuple[list[RunSample], float]]:
    """Samples in a row of which it holds, and when that ended; a hole in the record ends it."""
    longest_s = max(BREAK_PERIODS * sample_period_s(samples), BREAK_LEAST_S)
    open_: list[RunSample] = []
    for sample in samples:
        joined = not open_ or sample.stamp_s - open_[-1].stamp_s <= longest_s
        if open_ and not (joined and holds_for(sample)):
            yield open_, sample.stamp_s if joined else open_[-1].stamp_s
            open_ = []
        if holds_for(sample):
            open_.append(sample)
    if open_:
        yield open_, open_[-1].stamp_s


def _hold(samples: Sequence[RunSample], end_s: float) -> Hold:
    reasons: dict[str, None] = {}
    for sample in samples:
        reasons.update(dict.fromkeys(plain_reasons(sample.gate_reasons or "")))
    latched = any(sample.gate_state == "latched" for sample in samples)
    return Hold(samples[0].stamp_s, end_s, latched, tuple(reasons) or ("no reason given",))


def plain_reasons(text: str) -> list[str]:
    """The reasons of one sample without their numbers, so that the same cause reads the same."""
    parts = (_NUMBER.sub("…", part).strip() for part in text.split(";"))
    return [part for part in parts if part and part != _IDLE]
