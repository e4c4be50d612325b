"""How a process is doing: counted at every tick, told once a second."""

from __future__ import annotations

import os
from pathlib import Path

from patrol_core.types.status import Health, HealthLevel

_REPORT_EVERY_S = 1.0
_FIRST_AFTER_S = 0.2
"""Who waits for a process hears of it as soon as it works."""
_PAGE_BYTES = os.sysconf("SC_PAGE_SIZE")


class HealthMeter:
    """Ticks, their duration and those missed since the last report; memory; age in wall time.

    `settings`: keys and values that every report repeats.
    """

    def __init__(
        self, name: str, rate_hz: float, settings: tuple[tuple[str, str], ...] = ()
    ) -> None:
        self._name, self._rate_hz = name, rate_hz
        self._settings = settings
        self._ticked_s: float | None = None
        self._reported_s = 0.0
        self._missed = 0
        self._durations_s: list[float] = []

    def tick(self, duration_s: float, now_s: float) -> Health | None:
        """Count one tick; return the report when it is due."""
        if self._ticked_s is None:
            self._ticked_s = now_s
            self._reported_s = now_s + _FIRST_AFTER_S - _REPORT_EVERY_S
        self._missed += max(0, round((now_s - self._ticked_s) * self._rate_hz) - 1)
        self._ticked_s = now_s
        self._durations_s.append(duration_s)
        if now_s - self._reported_s < _REPORT_EVERY_S:
            return None
        report = self._report(now_s)
        self._missed, self._reported_s = 0, now_s
        self._durations_s.clear()
        return report

    def _report(self, now_s: float) -> Health:
        ticks, missed = len(self._durations_s), self._missed
        late = missed > 0.1 * ticks
        mean_ms = 1e3 * sum(self._durations_s) / ticks
        values = (
            ("ticks", str(ticks)),
            ("tick_mean_ms", f"{mean_ms:.2f}"),
            ("tick_max_ms", f"{1e3 * max(self._durations_s):.2f}"),
            ("missed", str(missed)),
            ("rss_mib", f"{_resident_bytes() / 2**20:.0f}"),
            ("pid", str(os.getpid())),
            ("age_s", f"{_age_s():.1f}"),
            *self._settings,
        )
        message = f"{missed} ticks missed in the last second" if late else "running"
        level = HealthLevel.WARN if late else HealthLevel.OK
        return Health(now_s, self._name, level, message, values)


def _resident_bytes() -> int:
    return int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1]) * _PAGE_BYTES


def _age_s() -> float:
    """Since the process began: man 5 proc, field 22 of `stat`, and `uptime`."""
    fields = Path("/proc/self/stat").read_text(encoding="ascii").rpartition(")")[2].split()
    up_s = float(Path("/proc/uptime").read_text(encoding="ascii").split()[0])
    return up_s - int(fields[19]) / os.sysconf("SC_CLK_TCK")
