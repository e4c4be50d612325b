"""A gate of 4 m across the robot's way, 3 m ahead, by lidar and by depth."""

from __future__ import annotations

import math

import numpy as np
import pytest
from tests.unit.inspection.scenes import view
from tests.unit.perception.rover import INFO

from patrol_core.geometry import Pose2
from patrol_core.site.checks import DoorReader
from patrol_core.types.sensors import DepthImage
from patrol_perception.inspection.door import DoorWatcher
from patrol_perception.inspection.params import DoorParams
from patrol_perception.inspection.shot import Shot
from patrol_perception.inspection.weighing import Reading
from patrol_perception.look import Look

READER = DoorReader((3.0, -2.0), (3.0, 2.0))
SHUT = (-2.0, 2.0)


def look(stamp_s: float, leaf_y_m: tuple[float, float], rng: np.random.Generator) -> Look:
    """A scan of a leaf over a part of the gate, and a wall 5 m behind; NaN: nothing there."""
    angles = np.linspace(-math.pi, math.pi, 721)[:-1]
    ahead = np.cos(angles) > 0.05
    cosine = np.where(ahead, np.cos(angles), 1.0)
    place = 3.0 * np.tan(angles)
    leaf = (place >= leaf_y_m[0]) & (place <= leaf_y_m[1])
    ranges = np.where(leaf, 3.0, 8.0) / cosine + rng.normal(0.0, 0.01, len(angles))
    ranges = np.where(ahead, ranges, math.nan).astype(np.float32)
    none = np.zeros(0)
    return Look(
        stamp_s, Pose2(0.0, 0.0), ranges, -math.pi, 2.0 * math.pi / 720, 1.0, True,
        none.astype(np.int64), np.zeros((0, 2)), none.astype(np.float32),
    )  # fmt: skip


def depth(stamp_s: float, leaf_y_m: tuple[float, float], bars: bool = False) -> DepthImage:
    """The same gate up to 1.9 m; `bars`: of a column of it only a quarter covers."""
    u = np.arange(INFO.width_px)
    left = -(u - INFO.cx_px) / INFO.fx_px * 2.6
    leaf = (left >= leaf_y_m[0]) & (left <= leaf_y_m[1])
    if bars:
        leaf &= (np.abs(left) % 0.25) < 0.06
    row = np.where(leaf, 2.6, 7.6).astype(np.float32)
    rows = np.tile(row, (INFO.height_px, 1))
    v = np.arange(INFO.height_px)[:, None] - INFO.cy_px
    tip = math.tan(0.17)
    forward = 1.0 / (1.0 + tip * v / INFO.fy_px)
    return DepthImage(stamp_s, "camera_optical_frame", (rows * forward).astype(np.float32))


def read(
    leaf: tuple[float, float],
    by_depth: tuple[float, float] | None,
    scans: int = 6,
    bars: bool = False,
) -> Reading:
    watcher = DoorWatcher(READER, DoorParams())
    rng = np.random.default_rng(1002)
    for index in range(scans):
        stamp_s = 0.1 * index
        watcher.take(Shot(stamp_s, look=look(stamp_s, leaf, rng)))
        if by_depth is not None:
            image = depth(stamp_s, by_depth, bars)
            watcher.take(Shot(stamp_s, view=view(stamp_s), depth=image))
    return watcher.reading()


@pytest.mark.parametrize("by_depth", [None, SHUT], ids=["lidar", "lidar and depth"])
def test_a_closed_gate(by_depth: tuple[float, float] | None) -> None:
    reading = read(SHUT, by_depth)
    assert (reading.words, reading.fault) == ("closed", "")
    assert reading.value == 0.0


def test_a_gate_of_bars_is_closed_for_depth_too() -> None:
    assert read(SHUT, SHUT, bars=True).words == "closed"


def test_an_open_gate_and_one_that_is_half_open() -> None:
    assert read((9.0, 9.1), (9.0, 9.1)).words == "open"
    half = read((-2.0, 0.5), (-2.0, 0.5))
    assert (half.words, half.fault) == ("open", "")
    assert half.value == pytest.approx(1.35, abs=0.2)


def test_what_contradicts_or_is_hidden_is_not_said() -> None:
    assert "lidar and depth contradict" in read(SHUT, (9.0, 9.1)).fault
    assert "neither closed nor open" in read((-1.55, 2.0), None).fault
    assert "too few scans" in read(SHUT, None, scans=2).fault
    assert "no scan" in read(SHUT, None, scans=0).fault


def test_a_van_before_the_gate_hides_it() -> None:
    watcher = DoorWatcher(READER, DoorParams())
    rng = np.random.default_rng(1003)
    for index in range(6):
        scan = look(0.1 * index, SHUT, rng)
        scan.ranges_m[:] = np.minimum(scan.ranges_m, 1.2)
        watcher.take(Shot(scan.stamp_s, look=scan))
    assert watcher.reading().fault in ("something hides it", "something stands or moves before it")
