"""The camera's node on a video file: what it publishes, and what it says when the file goes."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
import rclpy
from rclpy.utilities import try_shutdown

from patrol_core.topics import CAMERA_INFO, CAMERA_RAW, DIAGNOSTICS, Topic
from patrol_core.types.status import HealthLevel
from patrol_host_ros.conversions import conversion_of
from patrol_host_ros.qos import qos_of
from ronda_cli.environment.paths import ROOT
from ronda_cli.launcher.evaluate import evaluate
from ronda_cli.launcher.packages import source_packages

DOMAIN = "85"
WAIT_S = 40.0


class Graph:
    """The test's own node beside the camera's."""

    def __init__(self) -> None:
        rclpy.init(domain_id=int(DOMAIN))
        self.node: Any = rclpy.create_node("tester")
        self.heard: dict[str, list[Any]] = {}
        for topic in (CAMERA_RAW, DIAGNOSTICS):
            self.listen(topic)

    def listen(self, topic: Topic[Any]) -> None:
        conversion = conversion_of(topic)
        kept: list[Any] = self.heard.setdefault(topic.name, [])
        self.node.create_subscription(
            conversion.message_type, topic.name,
            lambda message: kept.append(conversion.from_ros(message)), qos_of(topic),
        )  # fmt: skip

    def wait(self, happened: Callable[[], bool]) -> None:
        end_s = time.monotonic() + WAIT_S
        while not happened():
            assert time.monotonic() < end_s, self.heard[DIAGNOSTICS.name][-3:]
            rclpy.spin_once(self.node, timeout_sec=0.05)


@pytest.fixture
def graph() -> Iterator[Graph]:
    made = Graph()
    yield made
    made.node.destroy_node()
    try_shutdown()


def film(path: Path) -> Path:
    writer = cv2.VideoWriter(str(path), cv2.VideoWriter.fourcc(*"MJPG"), 30.0, (64, 48))
    for number in range(90):
        writer.write(np.full((48, 64, 3), 2 * number, np.uint8))
    writer.release()
    return path


def test_a_film_is_published_at_the_rate_and_its_loss_is_told(
    graph: Graph, tmp_path: Path
) -> None:
    path = film(tmp_path / "film.avi")
    arguments = {"device": str(path)}
    launch_file = ROOT / "launch" / "camera.launch.xml"
    (spec,) = evaluate(launch_file, arguments, source_packages(), os.environ)
    env = {**os.environ, **spec.env, "ROS_DOMAIN_ID": DOMAIN}
    process = subprocess.Popen(spec.argv, env=env)
    try:
        pictures, health = graph.heard[CAMERA_RAW.name], graph.heard[DIAGNOSTICS.name]
        graph.wait(lambda: len(pictures) >= 12)
        stamps = [picture.stamp_s for picture in pictures]
        assert np.median(np.diff(stamps)) == pytest.approx(1.0 / CAMERA_RAW.rate_hz, rel=0.2)
        assert abs(stamps[-1] - time.time()) < 1.0
        assert len({picture.data for picture in pictures[:10]}) == 10
        graph.listen(CAMERA_INFO)
        graph.wait(lambda: bool(graph.heard[CAMERA_INFO.name]))
        info = graph.heard[CAMERA_INFO.name][-1]
        assert (info.width_px, info.height_px) == (64, 48)
        graph.wait(lambda: "64 x 48, not 640 x 480" in health[-1].message)
        path.unlink()
        graph.wait(lambda: "is the camera plugged in" in health[-1].message)
        assert health[-1].level is HealthLevel.ERROR
        before = len(pictures)
        film(path)
        graph.wait(lambda: len(pictures) > before)
        process.send_signal(signal.SIGINT)
        assert process.wait(WAIT_S) == 0
    finally:
        process.kill()
        process.wait()
