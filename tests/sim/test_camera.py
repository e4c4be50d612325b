from __future__ import annotations

import cv2
import numpy as np
import pytest
from tests.simulated import make_world, rover

from patrol_core import topics
from patrol_core.component import Outputs
from patrol_core.geometry import Pose2
from patrol_sim.errors import CameraUnavailableError
from patrol_sim.params import SimParams, ideal_params
from patrol_sim.scenario import Pedestrian, PlacedObject, Scenario, Start
from patrol_sim.simulator import Simulator

BOX = PlacedObject("box", "box", (0.4, 0.4, 0.6), Pose2(3.6, 0.0), 0.0, planted=True)
SCENARIO = Scenario("t", (Start(Pose2(0.0, 0.0)),), objects=(BOX,))


def photograph(params: SimParams, scenario: Scenario = SCENARIO) -> Outputs:
    """What the robot says during its first 20 ms; skips where there is no EGL."""
    try:
        simulator = Simulator(make_world(), [rover()], scenario, 1, params=params, camera=True)
    except CameraUnavailableError as error:
        pytest.skip(str(error))
    simulator.step(0.02)
    outputs = simulator.robot().outputs()
    simulator.close()
    return outputs


def test_depth_and_pinhole_model_agree_with_the_geometry() -> None:
    outputs = photograph(ideal_params())
    (image,) = outputs.of(topics.CAMERA_DEPTH)
    (info,) = outputs.of(topics.CAMERA_INFO)
    camera = rover().model.camera
    to_base = camera.transform().matrix()
    corner = np.linalg.inv(to_base) @ np.array([3.4, 0.2, 0.6, 1.0])
    column = round(info.cx_px - info.fx_px * corner[1] / corner[0])
    row = round(info.cy_px - info.fy_px * corner[2] / corner[0])
    inside = image.depth_m[row + 4, column + 4]
    outside = image.depth_m[row + 4, column - 4]
    assert inside == pytest.approx(corner[0], abs=0.05)
    assert np.isnan(outside) or outside > inside + 0.5
    assert image.depth_m.shape == (info.height_px, info.width_px)


def test_depth_noise_grows_with_the_distance_and_ends_at_the_reach() -> None:
    exact = photograph(ideal_params()).of(topics.CAMERA_DEPTH)[0].depth_m
    noisy = photograph(SimParams()).of(topics.CAMERA_DEPTH)[0].depth_m
    near, far = (exact > 1.0) & (exact < 2.0), (exact > 6.0) & (exact < 9.0)
    assert np.nanstd((noisy - exact)[far]) > 5.0 * np.nanstd((noisy - exact)[near])
    assert np.nanmax(exact) <= rover().model.camera.depth_max_m


def test_a_person_looks_different_from_the_ground() -> None:
    person = Pedestrian("p", ((3.0, 0.0), (4.0, 0.0)), 1.0, 5.0, 0.0, gives_way=True)
    scenario = Scenario("t", (Start(Pose2(0.0, 0.0)),), (person,))
    (image,) = photograph(ideal_params(), scenario).of(topics.CAMERA_RAW)
    assert image.encoding == "jpeg"
    picture = cv2.imdecode(np.frombuffer(image.data, np.uint8), cv2.IMREAD_COLOR)
    assert picture is not None
    assert picture.shape == (480, 640, 3)
    column = picture[:, 300:340].astype(int)
    assert np.ptp(column.sum(axis=2)) > 100
