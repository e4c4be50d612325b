"""The figures of `./ronda bench removed` and `anomalies` from laps that are made up."""

from __future__ import annotations

import math
from typing import Any

import anomalies
import pytest
import removed


def gone(kind: str, found: int) -> dict[str, Any]:
    return {"kind": kind, "model": kind, "x_m": 0.0, "y_m": 0.0, "found": found}


def test_what_was_found_is_counted_kind_by_kind_and_what_was_told_twice_shows() -> None:
    lap = {
        "gone": [gone("gate", 1), gone("fence", 2), gone("fence", 0), gone("fence", 1)],
        "false": [{"x_m": 1.0, "y_m": 2.0, "reason": "no"}],
        "completed": True, "simulated_s": 1800.0,
    }  # fmt: skip
    values = {row.what: row.value for row in removed.rows([lap, lap])}
    assert values["found"] == 0.75
    assert values["found: gate"] == 1.0 and values["found: fence"] == pytest.approx(2 / 3)
    assert values["told although nothing is gone"] == 2
    assert values["incidents for one that was found, mean"] == pytest.approx(4 / 3)
    assert "found: extinguisher" not in values


def thing(height_m: float, error_m: float | None, told: int = 1) -> dict[str, Any]:
    return {
        "kind": "box", "size_m": [0.4, 0.3, height_m], "x_m": 0.0, "y_m": 0.0,
        "found": error_m is not None, "error_m": error_m,
        "after_s": None if error_m is None else 4.0, "told": told,
    }  # fmt: skip


def test_low_things_have_a_figure_of_their_own_and_false_alarms_are_held_against_20_h() -> None:
    lap = {
        "things": [thing(0.2, None), thing(0.2, 0.1), thing(0.5, 0.3, told=2), thing(1.2, 0.05)],
        "false": [], "rain": True, "completed": True, "simulated_s": 500.0,
    }  # fmt: skip
    usual = {"false": [1], "completed": False, "simulated_s": 3600.0 * 10.0}
    values = {row.what: row.value for row in anomalies.rows([lap], [usual])}
    assert values["told, 0.2 m high"] == 0.5 and values["told, of 0.3 m or more"] == 1.0
    assert values["told within 0.2 m"] == pytest.approx(2 / 3)
    assert values["told more than once"] == 1
    assert values["false alarms in 20 h of daily life"] == 2.0
    assert values["laps completed"] == 1
    alone = {row.what: row.value for row in anomalies.rows([lap | {"rain": False}], [])}
    assert math.isnan(alone["told, of 0.3 m or more, in rain"])
    assert "false alarms in 20 h of daily life" not in alone
