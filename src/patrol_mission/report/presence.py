"""Patrols in time: minutes of every hour of the week, and how long checkpoints were alone."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from statistics import fmean
from zoneinfo import ZoneInfo

import numpy as np

from patrol_core.geometry import FloatArray

DAY = timedelta(days=1)


def week_span(ending: datetime) -> tuple[float, float]:
    """Unix times of the seven local days that end with the day of `ending` (with its zone)."""
    midnight = ending.replace(hour=0, minute=0, second=0, microsecond=0, fold=0)
    return (midnight - 6 * DAY).timestamp(), (midnight + DAY).timestamp()


def presence(
    spans_s: Iterable[tuple[float, float]], start_s: float, end_s: float, timezone: str
) -> FloatArray:
    """Seconds of the spans in each local hour: (days, 24), day 0 the local date of `start_s`.

    Within [start, end). An hour that the clocks repeat holds up to two, one that they skip none.
    """
    zone = ZoneInfo(timezone)
    first = datetime.fromtimestamp(start_s, zone).date()
    last = datetime.fromtimestamp(end_s - 1e-3, zone).date()
    seconds = np.zeros(((last - first).days + 1, 24))
    for from_s, to_s in spans_s:
        now_s, until_s = max(from_s, start_s), min(to_s, end_s)
        while now_s < until_s:
            local = datetime.fromtimestamp(now_s, zone)
            into_s = local.minute * 60 + local.second + local.microsecond * 1e-6
            next_s = min(now_s + max(3600.0 - into_s, 1e-3), until_s)
            seconds[(local.date() - first).days, local.hour] += next_s - now_s
            now_s = next_s
    return seconds


@dataclass(frozen=True, slots=True)
class Idleness:
    """How long a checkpoint was without a visit [s]: at most and on average; counts of visits.

    `on_patrol_s`: at most within one patrol.
    """

    visits: int
    longest_s: float
    mean_s: float
    on_patrol_s: float


def idleness(
    visits_s: Sequence[float], on_patrol_s: Sequence[float], start_s: float, end_s: float
) -> Idleness:
    """Over [start, end], whose ends count as visits; `on_patrol_s`: the longest of each patrol."""
    inside = sorted(stamp for stamp in visits_s if start_s <= stamp <= end_s)
    gaps = np.diff([start_s, *inside, end_s]).tolist()
    return Idleness(len(inside), max(gaps), fmean(gaps), max(on_patrol_s, default=0.0))
