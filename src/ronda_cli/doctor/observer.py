"""Watches the running graph for a while."""

from __future__ import annotations

import os
import stat
import struct
import time
from collections.abc import Iterable
from functools import partial
from pathlib import Path
from typing import Any

import rclpy
from rclpy.experimental.events_executor import EventsExecutor
from rclpy.node import Node
from rclpy.signals import SignalHandlerOptions
from rclpy.utilities import try_shutdown
from rosgraph_msgs.msg import Clock

from patrol_core import topics
from patrol_core.topics import CLOCK_TOPIC, TOPICS, Topic
from patrol_core.types.motion import Transforms
from patrol_core.types.status import Health
from patrol_host_ros.conversions import conversion_of
from patrol_host_ros.conversions.common import ConversionError
from patrol_host_ros.host import CLOCK_QOS
from patrol_host_ros.qos import qos_of
from ronda_cli.doctor.observation import Observation

_STAMP = struct.Struct("<iI")
_CDR_HEADER_BYTES = 4
_DISCOVERY_S = 1.5


class Observer:
    """Subscribes to every row of the table that others than perception may read.

    Messages are decoded only where words are needed.
    """

    def __init__(self, namespace: str = "") -> None:
        rclpy.init(signal_handler_options=SignalHandlerOptions.NO)
        self._node: Any = Node("ronda_doctor", namespace=namespace, enable_rosout=False)
        self._executor = EventsExecutor()
        self._executor.add_node(self._node)
        self.seen = Observation()
        self._arrived_s: dict[str, float] = {}
        self._clock_s: float | None = None
        self._node.create_subscription(Clock, CLOCK_TOPIC, self._on_clock, CLOCK_QOS, raw=True)
        for topic in TOPICS:
            if topic in topics.UNBLURRED:
                continue
            if topic in (topics.TF, topics.TF_STATIC):
                self._listen(topic, partial(self._on_transforms, topic))
            elif topic is topics.DIAGNOSTICS:
                self._listen(topic, self._on_health)
            else:
                kind = conversion_of(topic).message_type
                is_stamped = "stamp_s" in topic.value_type.__dataclass_fields__
                take = partial(self._on_bytes if is_stamped else self._on_unstamped, topic)
                self._node.create_subscription(kind, topic.name, take, qos_of(topic), raw=True)
        self._listen(topics.LOCALIZATION_STATUS, partial(setattr, self.seen, "localization"))
        self._listen(topics.GATE_STATUS, partial(setattr, self.seen, "gate"))

    def close(self) -> None:
        """Leave the graph."""
        self._node.destroy_node()
        try_shutdown()

    def watch(self, duration_s: float, ports: Iterable[Path] = ()) -> Observation | None:
        """Look for some seconds of wall time; None where no part of Ronda is running."""
        self.spin(_DISCOVERY_S)
        if not any(self._publishers(topic) for topic in TOPICS):
            return None
        simulated = bool(self._node.count_publishers(CLOCK_TOPIC))
        self.seen.health.clear()
        for row in self.seen.rows.values():
            row.count = row.count if row.count == 0 else 1
        counted = {name: row.count for name, row in self.seen.rows.items()}
        start_s, wall_s = self._now_s(), time.monotonic()
        self.spin(duration_s)
        end_s = self._now_s()
        self.seen.window_s = end_s - start_s
        self.seen.time_stands_still = simulated and end_s <= start_s
        pace = self.seen.window_s / (time.monotonic() - wall_s)
        for topic in TOPICS:
            row = self.seen.rows[topic.name]
            row.publishers = self._publishers(topic)
            is_latched_before = topic.latched and counted.get(topic.name, 0)
            row.count -= 0 if is_latched_before else counted.get(topic.name, 0)
            if topic.name in self._arrived_s:
                row.silent_s = (time.monotonic() - self._arrived_s[topic.name]) * pace
        self.seen.ports = {str(path): port_problem(path) for path in ports}
        return self.seen

    def spin(self, duration_s: float) -> None:
        """Take in what arrives for a while of wall time; `seen` grows."""
        end_s = time.monotonic() + duration_s
        while (left_s := end_s - time.monotonic()) > 0.0:
            self._executor.spin_once(timeout_sec=left_s)

    def _publishers(self, topic: Topic[Any]) -> int:
        return int(self._node.count_publishers(self._node.resolve_topic_name(topic.name)))

    def _now_s(self) -> float:
        return time.time() if self._clock_s is None else self._clock_s

    def _listen(self, topic: Topic[Any], take: Any) -> None:
        conversion = conversion_of(topic)

        def received(message: Any) -> None:
            try:
                value = conversion.from_ros(message)
            except ConversionError:
                return
            take(value)

        self._node.create_subscription(
            conversion.message_type, topic.name, received, qos_of(topic)
        )

    def _count(self, topic: Topic[Any]) -> None:
        self.seen.rows[topic.name].count += 1
        self._arrived_s[topic.name] = time.monotonic()

    def _on_clock(self, data: bytes) -> None:
        seconds, nanoseconds = _STAMP.unpack_from(data, _CDR_HEADER_BYTES)
        self._clock_s = seconds + nanoseconds * 1e-9

    def _on_bytes(self, topic: Topic[Any], data: bytes) -> None:
        """Such a message begins with its stamp."""
        self._count(topic)
        seconds, nanoseconds = _STAMP.unpack_from(data, _CDR_HEADER_BYTES)
        self.seen.rows[topic.name].age_s = self._now_s() - (seconds + nanoseconds * 1e-9)

    def _on_unstamped(self, topic: Topic[Any], _: bytes) -> None:
        self._count(topic)

    def _on_transforms(self, topic: Topic[Any], said: Transforms) -> None:
        self._count(topic)
        self.seen.frames |= {(part.parent, part.child) for part in said.transforms}

    def _on_health(self, health: Health) -> None:
        self._count(topics.DIAGNOSTICS)
        self.seen.health[health.name].append(health)


def port_problem(path: Path) -> str:
    """What keeps a serial port from being used; empty where nothing does."""
    try:
        mode = path.stat().st_mode
    except OSError as error:
        return f"the port is not there ({error.strerror}): is the cable in, and the device on?"
    if not stat.S_ISCHR(mode):
        return "this is no serial port"
    if not os.access(path, os.R_OK | os.W_OK):
        return "no permission to use the port: add this user to the group 'dialout'"
    return ""
