from __future__ import annotations

import dataclasses

import numpy as np
import pytest
from tests.unit.inspection.scenes import PLACE, view

from patrol_core.site.checks import ThermalReader
from patrol_core.types.sensors import ThermalImage
from patrol_core.units import kelvin
from patrol_perception.inspection.params import ThermalParams
from patrol_perception.inspection.shot import Shot
from patrol_perception.inspection.thermal import ThermalWatcher, own_temperature_k
from patrol_perception.inspection.weighing import Reading

READER = ThermalReader(PLACE, 0.3, 0.3, 1.0, kelvin(20.0))
SHAPE = (256, 320)


def read(
    spot_c: float, size_px: int, pictures: int = 4, reader: ThermalReader = READER,
    drift_k: float = 0.0,
) -> Reading:  # fmt: skip
    """A wall of 20 degrees with a square hot spot, a dead pixel, and noise of 0.05 K."""
    rng = np.random.default_rng(1004)
    watcher = ThermalWatcher(reader, ThermalParams())
    for index in range(pictures):
        kelvins = np.full(SHAPE, kelvin(20.0)) + rng.normal(0.0, 0.05, SHAPE)
        row, column = 45, 138
        kelvins[row : row + size_px, column : column + size_px] += spot_c - 20.0 + drift_k * index
        kelvins[row + 10, column - 8] = 600.0
        counts = np.rint(kelvins / 0.01).clip(1, 65535).astype(np.uint16)
        image = ThermalImage(0.2 * index, "thermal", counts)
        watcher.take(Shot(0.2 * index, view=view(0.2 * index), thermal=image))
    return watcher.reading()


def test_a_hot_spot_is_measured_and_a_dead_pixel_is_not() -> None:
    hot = read(71.0, 7)
    assert hot.fault == ""
    assert hot.value == pytest.approx(kelvin(71.0), abs=0.3)
    assert hot.words == "71.0 degrees C"
    assert read(20.0, 7).value == pytest.approx(kelvin(20.0), abs=0.5)


def test_a_shiny_surface_is_hotter_than_it_looks() -> None:
    shiny = dataclasses.replace(READER, emissivity=0.6)
    own_k = kelvin(90.0)
    seen_k = (0.6 * own_k**4 + 0.4 * READER.surroundings_k**4) ** 0.25
    assert own_temperature_k(seen_k, shiny) == pytest.approx(own_k, abs=1e-6)
    assert read(71.0, 7, reader=shiny).value > kelvin(71.0) + 10.0


def test_what_cannot_be_measured_is_not_said() -> None:
    assert "too few" in read(71.0, 7, pictures=2).fault
    assert "contradict" in read(71.0, 7, drift_k=2.0).fault
    assert "smaller than" in read(71.0, 2).fault
    far = dataclasses.replace(PLACE, x_m=9.0)
    small = dataclasses.replace(READER, width_m=0.01, height_m=0.01, place=far)
    assert "too small" in read(71.0, 7, reader=small).fault
    assert "no thermal picture" in read(71.0, 7, pictures=0).fault
    assert "beyond what" in read(400.0, 7, pictures=3).fault
