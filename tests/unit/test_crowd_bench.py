"""The figures of patrols among many people."""

from __future__ import annotations

import math
from types import SimpleNamespace
from typing import Any

from crowd import rows


def trial(lap_time_s: float, *, completed: bool = True, contacts: int = 0) -> Any:
    return SimpleNamespace(
        verdict=SimpleNamespace(
            lap_time_s=lap_time_s, completed=completed, contacts=contacts,
            contacts_by_others=0, clearance_moving_m=0.4,
        )
    )  # fmt: skip


def test_a_patrol_that_did_not_end_took_for_ever_and_the_rest_still_has_a_median() -> None:
    laps = [trial(400.0), trial(500.0), trial(600.0), trial(math.nan, completed=False)]
    values = {row.what: row.value for row in rows([*laps, trial(420.0, contacts=1)], 400.0)}
    assert values["lap by the lap without people, median"] == 1.25
    assert values["delay by people, 95th percentile"] == math.inf
    assert values["patrols completed"] == 4 and values["contacts caused"] == 1
