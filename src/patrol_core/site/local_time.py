"""A site's wall clock, from stamps."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from zoneinfo import ZoneInfo

LocalTime = Callable[[float], tuple[int, int]]
"""Weekday (0 Monday) and second of the day on the site's clocks, from a stamp [s]."""


def site_local_time(timezone: str, epoch_s: float = 0.0) -> LocalTime:
    """The local time of an IANA zone; `epoch_s` is the Unix time at stamp zero."""
    zone = ZoneInfo(timezone)

    def local_time(now_s: float) -> tuple[int, int]:
        moment = datetime.fromtimestamp(now_s + epoch_s, zone)
        return moment.weekday(), moment.hour * 3600 + moment.minute * 60 + moment.second

    return local_time
