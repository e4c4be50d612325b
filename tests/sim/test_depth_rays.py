"""The coarse depth camera, and what perception makes of it before a bench."""

from __future__ import annotations

import numpy as np
import pytest
from tests.simulated import ORIGIN, box, drive, make_simulator, rover

from patrol_core.geometry import FloatArray
from patrol_core.topics import CAMERA_DEPTH, CAMERA_INFO, CAMERA_RAW, SCAN
from patrol_perception.depth_obstacles import ObstacleMemory
from patrol_perception.params import DepthParams

NOBODY: FloatArray = np.zeros((0, 2))
BENCH = (
    box("leg_left", "0.5 0.12 0.42", "2.5 -0.7 0.21 0 0 0"),
    box("leg_right", "0.5 0.12 0.42", "2.5 0.7 0.21 0 0 0"),
    box("seat", "0.45 1.8 0.06", "2.5 0 0.45 0 0 0"),
)


def test_it_is_the_pinhole_camera_that_it_says_it_is() -> None:
    simulator = make_simulator(box("wall", "0.2 20 4", "3.5 0 2 0 0 0"))
    simulator.step(0.02)
    outputs = simulator.robot().outputs()
    (info,), (depth,) = outputs.of(CAMERA_INFO), outputs.of(CAMERA_DEPTH)
    assert not outputs.of(CAMERA_RAW)
    assert depth.depth_m.shape == (info.height_px, info.width_px)
    camera = rover().model.camera
    nod_rad = camera.rpy_rad[1]
    row = round(info.cy_px - 0.5 - info.fy_px * np.tan(nod_rad))
    wall_m = 3.4 - camera.xyz_m[0]
    assert depth.depth_m[row, info.width_px // 2] == pytest.approx(
        wall_m * np.cos(nod_rad), abs=0.05
    )
    assert np.isnan(depth.depth_m).mean() < 0.1


def test_a_bench_is_legs_to_the_lidar_and_a_seat_to_depth() -> None:
    simulator = make_simulator(*BENCH)
    memory = ObstacleMemory(rover().model, DepthParams())
    mount = rover().model.lidar.transform().pose2()
    info = None
    for _ in range(60):
        drive(simulator, 0.0, 0.0, 0.02)
        outputs = simulator.robot().outputs()
        info = next(iter(outputs.of(CAMERA_INFO)), info)
        for scan in outputs.of(SCAN):
            lidar_m = mount.transform_points(scan.points_m())
        for depth in outputs.of(CAMERA_DEPTH):
            assert info is not None
            known = memory.step(depth, info, ORIGIN, lidar_m, NOBODY)
    middle = known[np.abs(known[:, 1]) < 0.5]
    assert len(middle) > 15
    assert middle[:, 0].min() == pytest.approx(2.275, abs=0.1)
    beams = lidar_m[np.abs(lidar_m[:, 1]) < 0.5]
    assert not len(beams), "the lidar looks through between the legs"
