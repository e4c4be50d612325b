"""The parts of the ROS host that know nothing of ROS."""

from __future__ import annotations

import os
import time
from typing import Any

import numpy as np
import numpy.typing as npt
import psutil
import pytest

from patrol_core.types.status import Health, HealthLevel
from patrol_host_ros.grid import TickGrid
from patrol_host_ros.health import HealthMeter


@pytest.mark.parametrize("rate_hz", [10.0, 20.0, 50.0])
@pytest.mark.parametrize("clock_hz", [50.0, 100.0])
def test_one_tick_for_every_step_of_the_grid(rate_hz: float, clock_hz: float) -> None:
    grid = TickGrid(rate_hz)
    times = np.arange(1, 10 * clock_hz + 1) / clock_hz
    ticks = [now_s for now_s in times if grid.due(float(now_s))]
    steps = np.floor(np.array(ticks) * rate_hz + 1e-6)
    np.testing.assert_array_equal(steps, np.arange(steps[0], 10 * rate_hz + 1))


def test_what_time_jumped_over_is_left_out() -> None:
    grid = TickGrid(20.0)
    assert grid.due(1.0)
    assert not grid.due(1.02)
    assert grid.due(3.01)
    assert not grid.due(3.04)
    assert grid.due(3.06)


def beat(meter: HealthMeter, times: npt.NDArray[Any], cost_s: float = 0.004) -> list[Health]:
    said = [meter.tick(cost_s, float(now_s)) for now_s in times]
    return [health for health in said if health is not None]


def test_health_is_told_once_a_second() -> None:
    reports = beat(HealthMeter("nav", 20.0), np.linspace(0.0, 5.0, 101))
    assert [report.stamp_s for report in reports] == pytest.approx([0.2, 1.2, 2.2, 3.2, 4.2])
    values = dict(reports[-1].values)
    assert reports[-1].level is HealthLevel.OK
    assert (reports[-1].name, values["ticks"], values["missed"]) == ("nav", "20", "0")
    assert values["tick_mean_ms"] == "4.00"
    assert values["pid"] == str(os.getpid())
    age_s = time.time() - psutil.Process().create_time()
    assert float(values["age_s"]) == pytest.approx(age_s, abs=2.0)
    assert float(values["rss_mib"]) > 1.0


def test_missed_ticks_are_a_warning_and_then_forgotten() -> None:
    meter = HealthMeter("nav", 20.0)
    (first,) = beat(meter, np.arange(0.0, 0.21, 0.05))
    assert first.level is HealthLevel.OK
    late = np.concatenate((np.arange(0.25, 0.7, 0.05), [1.1, 1.15, 1.2]))
    (report,) = beat(meter, late)
    assert report.level is HealthLevel.WARN
    assert dict(report.values)["missed"] == "8"
    (later,) = beat(meter, np.arange(1.25, 2.21, 0.05))
    assert later.level is HealthLevel.OK
