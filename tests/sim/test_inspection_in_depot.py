"""What the depot's checks read in the embedded simulator: its gate, the tag on it, the gauge."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from patrol_core import topics
from patrol_core.geometry import Pose2
from patrol_core.site.map_file import load_map
from patrol_core.types.sensors import CameraInfo
from patrol_perception.background import Background
from patrol_perception.inspection.inspector import watcher_of
from patrol_perception.inspection.params import InspectionParams
from patrol_perception.inspection.shot import Shot
from patrol_perception.inspection.weighing import Reading
from patrol_perception.params import PerceptionParams
from patrol_perception.view import View, camera_mount
from patrol_sim.errors import CameraUnavailableError
from patrol_sim.scenario import Scenario, Start
from patrol_sim.simulator import Simulator
from ronda_cli.setting import Setting, load_setting


@pytest.fixture(scope="module")
def depot() -> Setting:
    return load_setting("depot")


def readings(depot: Setting, checkpoint_id: str) -> dict[str, Reading]:
    """All checks of a checkpoint, by a robot that believes itself 3 cm and 0.5 degrees off."""
    pose = depot.site.checkpoint(checkpoint_id).pose
    believed = pose.compose(Pose2(0.02, -0.02, 0.009))
    scenario = Scenario("dwell", (Start(pose),), (), ())
    try:
        simulator = Simulator(depot.world, [depot.setup()], scenario, 0, camera=True)
    except CameraUnavailableError as error:
        pytest.skip(str(error))
    checks = [check for check in depot.site.checks if check.checkpoint_id == checkpoint_id]
    watchers = {c.check_id: watcher_of(c.reader, InspectionParams()) for c in checks}
    ground = Background(
        load_map(depot.site.map_file), depot.site.outline_m, (), PerceptionParams()
    )
    mount = camera_mount(depot.robot.camera)
    lidar = believed.compose(depot.robot.lidar.transform().pose2())
    info: CameraInfo | None = None
    for _ in range(60):
        simulator.step(0.02)
        said = simulator.robot().outputs()
        info = next(iter(said.of(topics.CAMERA_INFO)), info)
        for scan in said.of(topics.SCAN):
            look = ground.look(scan, lidar, 0.05)
            for watcher in watchers.values():
                watcher.take(Shot(scan.stamp_s, look=look))
        for raw in said.of(topics.CAMERA_RAW):
            assert info is not None
            data = np.frombuffer(raw.data, np.uint8)
            image = np.asarray(cv2.imdecode(data, cv2.IMREAD_COLOR), np.uint8)
            view = View(raw.stamp_s, info, mount, believed)
            depth = next(iter(said.of(topics.CAMERA_DEPTH)), None)
            for watcher in watchers.values():
                watcher.take(Shot(raw.stamp_s, image, view, depth=depth))
    simulator.close()
    return {name: watcher.reading() for name, watcher in watchers.items()}


def test_the_gate_is_closed_and_its_tag_is_read(depot: Setting) -> None:
    read = readings(depot, "gate")
    assert {name: (r.words, r.fault) for name, r in read.items()} == {
        "gate_closed": ("closed", ""), "gate_tag": ("12", ""),
    }  # fmt: skip
    names = {measure.name for measure in read["gate_closed"].evidence}
    assert "depth that agrees with lidar" in names


def test_the_level_of_the_tank_is_read_from_its_gauge(depot: Setting) -> None:
    read = readings(depot, "east_fence")["tank_level"]
    assert read.fault == ""
    assert read.value == pytest.approx(72.0, abs=1.0)
