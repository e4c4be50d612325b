"""Readers of every kind: random pictures are never read for sure; drawn gauges are read right."""

from __future__ import annotations

import math

import cv2
import numpy as np
import pytest
from _dials import TUNING_DESIGNS, draw_gauge
from gauges import read_plainly, scale_of
from tests.unit.inspection.scenes import PLACE, view
from tests.unit.perception.rover import INFO

from patrol_core.geometry import Pose2
from patrol_core.site.checks import (
    DoorReader,
    GaugeReader,
    GaugeScale,
    LampReader,
    Reader,
    TagReader,
    ThermalReader,
)
from patrol_core.types.sensors import DepthImage, ThermalImage
from patrol_perception.inspection.gauge import read_gauge
from patrol_perception.inspection.inspector import watcher_of
from patrol_perception.inspection.params import GaugeParams, InspectionParams
from patrol_perception.inspection.shot import Shot
from patrol_perception.look import Look
from patrol_perception.view import Image

SCALE = GaugeScale("bar", 0.0, 10.0, -2.3, 2.3)
READERS: tuple[Reader, ...] = (
    TagReader(PLACE, "aruco", 0.2),
    TagReader(PLACE, "qr", 0.3),
    GaugeReader(PLACE, 0.2, SCALE),
    LampReader(PLACE, 0.03, ("red", "green")),
    DoorReader((2.0, -1.0), (2.0, 1.0)),
    ThermalReader(PLACE, 0.3, 0.3, 0.9, 293.0),
)


def noise(rng: np.random.Generator) -> Image:
    """White noise, blotches, or lines at random."""
    size = (INFO.width_px, INFO.height_px)
    kind = int(rng.integers(3))
    if kind == 0:
        return rng.integers(0, 256, (size[1], size[0], 3)).astype(np.uint8)
    coarse = rng.integers(0, 256, (12, 16, 3)).astype(np.uint8)
    picture = np.asarray(cv2.resize(coarse, size, interpolation=cv2.INTER_CUBIC), np.uint8)
    for _ in range(60 * (kind - 1)):
        ends = rng.integers(0, 640, 4).tolist()
        colour = rng.integers(0, 256, 3).tolist()
        cv2.line(picture, ends[:2], ends[2:], colour, int(rng.integers(1, 8)), cv2.LINE_AA)
    return picture


def random_shot(stamp_s: float, rng: np.random.Generator) -> Shot:
    counts = rng.integers(0, 65536, (256, 320)).astype(np.uint16)
    depth = rng.uniform(0.3, 9.0, (INFO.height_px, INFO.width_px)).astype(np.float32)
    ranges = rng.uniform(0.1, 9.0, 720).astype(np.float32)
    empty = np.zeros(0)
    look = Look(stamp_s, Pose2(0.0, 0.0), ranges, -math.pi, 2.0 * math.pi / 720, 1.0, True,
                empty.astype(np.int64), np.zeros((0, 2)), empty.astype(np.float32))  # fmt: skip
    return Shot(
        stamp_s, noise(rng), view(stamp_s), look, DepthImage(stamp_s, "c", depth),
        ThermalImage(stamp_s, "t", counts),
    )  # fmt: skip


@pytest.mark.parametrize("reader", READERS, ids=lambda reader: type(reader).__name__)
def test_random_pictures_are_never_read_for_sure(reader: Reader) -> None:
    rng = np.random.default_rng(2000)
    for _ in range(2):
        watcher = watcher_of(reader, InspectionParams())
        for index in range(8):
            watcher.take(random_shot(0.25 * index, rng))
        reading = watcher.reading()
        assert not reading.sure and reading.confidence < 0.5


def test_drawn_gauges_are_read_right_or_refused() -> None:
    refused = 0
    for seed in range(1000, 1010):
        gauge = draw_gauge(TUNING_DESIGNS, np.random.default_rng(seed))
        reading = read_gauge(gauge.picture, gauge.about, scale_of(gauge), GaugeParams())
        refused += not reading.sure
        if reading.sure:
            assert abs(reading.value - gauge.value) < 0.02 * gauge.design.max_value
    assert refused <= 3


def test_the_same_picture_gives_the_same_reading_bit_for_bit() -> None:
    gauge = draw_gauge(TUNING_DESIGNS, np.random.default_rng(1003))
    first, again = (
        read_gauge(gauge.picture, gauge.about, scale_of(gauge), GaugeParams()) for _ in range(2)
    )
    assert (first.value, first.evidence) == (again.value, again.evidence)


def test_the_baseline_reads_a_clear_dial() -> None:
    gauge = draw_gauge(TUNING_DESIGNS, np.random.default_rng(1013))
    u, v, w = gauge.about[:, 2]
    value = read_plainly(gauge.picture, (u / w, v / w, gauge.radius_px), scale_of(gauge))
    assert value == pytest.approx(gauge.value, abs=0.05 * gauge.design.max_value)
