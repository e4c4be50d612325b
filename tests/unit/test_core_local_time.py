"""Local time follows the zone, daylight saving included."""

from __future__ import annotations

from datetime import datetime, timezone

from patrol_core.site.local_time import site_local_time


def test_clock_change_and_epoch() -> None:
    before = datetime(2026, 3, 29, 0, 59, 59, tzinfo=timezone.utc).timestamp()
    clock = site_local_time("Europe/Berlin", before)
    assert clock(0.0) == (6, 2 * 3600 - 1)
    assert clock(1.0) == (6, 3 * 3600)
    assert site_local_time("Asia/Tokyo")(0.0) == (3, 9 * 3600)
