"""What is left of conversations: counts by day, and no word of what was said.

One JSON file, written whole. Days are those of the site's clocks; a day that is older than
`counts_days` is dropped when anything is counted and when the file is read.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from contextlib import suppress
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from patrol_core.errors import ConfigError, Place
from patrol_core.whole_file import write_whole

FILE = "conversations.json"
_GROUPS = ("intents", "languages", "outcomes", "front_ends")
WRITE_PERIOD_S = 10.0
SiteDate = Callable[[float], date]
"""The date on the site's clocks, from a stamp [s]."""


def site_date(timezone: str, epoch_s: float = 0.0) -> SiteDate:
    """Dates of an IANA zone; `epoch_s` is the Unix time at stamp zero."""
    zone = ZoneInfo(timezone)
    return lambda now_s: datetime.fromtimestamp(now_s + epoch_s, zone).date()


class Memory:
    """Counts of conversations, of their intents, languages and outcomes, by day."""

    def __init__(self, folder: Path | None, kept_days: int, date_of: SiteDate) -> None:
        """`folder` None: nothing outlasts this object. Raises ConfigError where the file is not
        one of these.
        """
        self._file = None if folder is None else folder / FILE
        self._kept = timedelta(days=kept_days)
        self._date_of = date_of
        self._is_changed = False
        self._written_s = -WRITE_PERIOD_S
        self._days: dict[str, dict[str, Any]] = {}
        if self._file is not None and self._file.exists():
            self._days = _read(self._file)

    @property
    def days(self) -> Mapping[str, Mapping[str, Any]]:
        """Counts by ISO date: `conversations`, and for every name of a group how often."""
        return self._days

    def count(
        self,
        now_s: float,
        intents: Mapping[str, int],
        language: str,
        outcome: str,
        front_end: str,
    ) -> None:
        """A conversation has ended."""
        today = self._date_of(now_s).isoformat()
        empty = {"conversations": 0, **{group: {} for group in _GROUPS}}
        day = self._days.setdefault(today, empty)
        day["conversations"] += 1
        groups = (intents, {language: 1}, {outcome: 1}, {front_end: 1})
        for group, counts in zip(_GROUPS, groups, strict=True):
            for name, number in counts.items():
                day[group][name] = day[group].get(name, 0) + number
        self._is_changed = True
        self.expire(now_s)

    def expire(self, now_s: float) -> None:
        """Drop the days that are too old."""
        first = (self._date_of(now_s) - self._kept).isoformat()
        kept = {day: counts for day, counts in self._days.items() if day > first}
        self._is_changed |= len(kept) != len(self._days)
        self._days = kept

    def step(self, now_s: float) -> None:
        """Drop what is too old, and write now and then."""
        self.expire(now_s)
        if now_s - self._written_s >= WRITE_PERIOD_S:
            self._written_s = now_s
            self.write()

    def write(self) -> None:
        """Write what has changed. A disk that is full is tried again later: for want of counts no
        visitor is left without an answer.
        """
        if not self._is_changed or self._file is None:
            return
        data = json.dumps({"days": self._days}, indent=1, sort_keys=True).encode()
        with suppress(OSError):
            write_whole(self._file, data)
            self._is_changed = False


def _read(file: Path) -> dict[str, dict[str, Any]]:
    try:
        days = json.loads(file.read_text(encoding="utf-8"))["days"]
        for day, counts in days.items():
            date.fromisoformat(day)
            numbers = [counts["conversations"], *(n for g in _GROUPS for n in counts[g].values())]
            if not all(isinstance(number, int) for number in numbers):
                raise ValueError(day)
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise ConfigError(
            "this is no count of conversations", place=Place(file),
            expected="what was written here before", remedy="move the file away",
        ) from error  # fmt: skip
    else:
        kept: dict[str, dict[str, Any]] = days
        return kept
