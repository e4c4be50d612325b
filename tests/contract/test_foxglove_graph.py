"""The engineers' bridge in the real graph: bytes as DDS delivers them, and only while wanted."""

from __future__ import annotations

import os
import re
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

pytest.importorskip("rclpy")

import rclpy
from rclpy.experimental.events_executor import EventsExecutor
from rclpy.node import Node
from rclpy.parameter import Parameter
from rclpy.utilities import try_shutdown
from tests.contract.test_conversions import assert_same, sample
from tests.foxglove_bridge import PATIENCE_S, Client

from patrol_core.processes import CONSOLE
from patrol_core.topics import GATE_STATUS, IMU, MAP, Topic
from patrol_host_ros.conversions import interface_type
from patrol_host_ros.host import ProcessHost
from patrol_host_ros.qos import qos_of
from patrol_host_ros.rows import advertised
from patrol_host_ros.wire import RosWire, definition
from ronda_cli.environment.paths import ROOT

ROWS: tuple[Topic[Any], ...] = (IMU, MAP, GATE_STATUS)
WIRE = RosWire()


class Graph:
    """The console's process with its bridge, and a node that says and hears rows."""

    def __init__(self, folder: Path) -> None:
        given = {
            "site": str(ROOT / "sites" / "yard"), "run_folder": str(folder),
            "robot": str(ROOT / "urdf" / "config" / "rover.yaml"),
            "foxglove.enabled": True, "foxglove.port": 0,
        }  # fmt: skip
        parameter: Any = Parameter
        overrides = [parameter(name, value=value) for name, value in given.items()]
        self.host = ProcessHost(CONSOLE, parameter_overrides=overrides)
        self.other: Any = Node("other", enable_rosout=False)
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._spin)
        self.heard: dict[str, list[bytes]] = {topic.name: [] for topic in ROWS}
        for topic in ROWS:
            self.other.create_subscription(
                interface_type(topic.ros_type), topic.name, self.heard[topic.name].append,
                qos_of(topic), raw=True,
            )  # fmt: skip
        self._say = {topic.name: advertised(self.other, topic) for topic in ROWS}
        self._thread.start()

    def say(self, topic: Topic[Any], value: Any) -> None:
        self._say[topic.name](value)

    def listeners(self, topic: Topic[Any]) -> int:
        """Besides the test's own."""
        return int(self.other.count_subscribers(topic.name)) - 1

    def close(self) -> None:
        self._stopping.set()
        self._thread.join()
        self.host.close()
        self.host.destroy_node()
        self.other.destroy_node()

    def _spin(self) -> None:
        executor = EventsExecutor()
        for node in (self.host, self.other):
            executor.add_node(node)
        while not self._stopping.is_set():
            executor.spin_once(timeout_sec=0.05)


@pytest.fixture
def graph(tmp_path: Path) -> Iterator[Graph]:
    rclpy.init(domain_id=os.getpid() % 90 + 10)
    made = Graph(tmp_path)
    yield made
    made.close()
    try_shutdown()


def wait_for(happened: Callable[[], bool]) -> None:
    end_s = time.monotonic() + PATIENCE_S
    while not happened():
        assert time.monotonic() < end_s, "it did not happen"
        time.sleep(0.02)


def test_rows_are_listened_to_while_somebody_wants_them_and_come_as_they_are(
    graph: Graph, caplog: pytest.LogCaptureFixture
) -> None:
    told = " ".join(record.getMessage() for record in caplog.get_records("setup"))
    found = re.search(r"ws://[\d.:]+", told)
    assert found is not None
    client = Client(found.group())
    rng = np.random.default_rng(4)
    imu, grid, gate = (sample(topic.value_type, rng) for topic in ROWS)
    wait_for(lambda: [graph.listeners(topic) for topic in ROWS] == [0, 1, 1])  # the console's own
    client.subscribe("/imu/data", "/map", "/gate_status")
    wait_for(lambda: [graph.listeners(topic) for topic in ROWS] == [1, 2, 2])
    assert client.channels["/map"]["schema"] == definition(MAP.ros_type)
    for topic, value in zip(ROWS, (imu, grid, gate), strict=True):
        graph.say(topic, value)
    client.until(lambda: {one for one, _, _ in client.messages} == {0, 1, 2})
    data = {one: message for one, _, message in client.messages}
    assert data[0] == bytes(graph.heard[IMU.name][-1])
    assert data[1] == bytes(graph.heard[MAP.name][-1])
    assert_same(WIRE.decode(GATE_STATUS, data[2]), gate)
    late = Client(found.group())
    late.subscribe("/map")
    late.until(lambda: bool(late.messages))
    assert late.messages[0][2] == data[1]
    client.socket.close()
    wait_for(lambda: graph.listeners(IMU) == 0 and graph.listeners(MAP) == 2)
    late.socket.close()
    wait_for(lambda: graph.listeners(MAP) == 1)
    late = Client(found.group())
    late.subscribe("/map")
    late.until(lambda: bool(late.messages))
    late.socket.close()
