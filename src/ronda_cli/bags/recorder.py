"""Writes what is said on the graph into a bag, as bytes, in the order in which it arrives."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from typing import Any

import rclpy
from rclpy.experimental.events_executor import EventsExecutor
from rclpy.node import Node
from rclpy.qos import (
    QoSDurabilityPolicy,
    QoSHistoryPolicy,
    QoSProfile,
    QoSReliabilityPolicy,
)
from rclpy.signals import SignalHandlerOptions
from rclpy.utilities import try_shutdown

from patrol_core.topics import Qos
from patrol_records.bags.metadata import BagTopic, OfferedQos
from patrol_records.bags.writing import BagWriter
from ronda_cli.bags.rows import IN_TABLE, is_private, message_class

DEPTH = 1000
_LOOK_EVERY_S = 0.5


class Recorder:
    """One robot's graph, below a namespace. `names` empty: all that may be recorded."""

    def __init__(
        self, writer: BagWriter, names: Sequence[str], namespace: str = "",
        say: Callable[[str], None] = print,
    ) -> None:  # fmt: skip
        rclpy.init(args=[], signal_handler_options=SignalHandlerOptions.NO)
        self._node: Any = Node("ronda_record", namespace=namespace, enable_rosout=False)
        self._executor = EventsExecutor()
        self._executor.add_node(self._node)
        self._writer, self._say = writer, say
        self._prefix = f"/{namespace.strip('/')}/" if namespace.strip("/") else "/"
        self._names = frozenset(self._full(name) for name in names)
        self._heard: dict[str, Any] = {}
        self._refused: set[str] = set()
        for row in IN_TABLE.values():  # before anybody speaks, so that the first word is heard
            if self._is_wanted(self._full(row.name)):
                self._hear(
                    self._full(row.name), row.ros_type,
                    is_sensor=row.qos is Qos.SENSOR, is_latched=row.latched,
                )  # fmt: skip
        if not self._names or "/clock" in self._names:
            self._hear("/clock", "rosgraph_msgs/msg/Clock", is_sensor=True)

    def spin(self, duration_s: float) -> None:
        """Take in what arrives for a while of wall time, and look for new topics."""
        end_s = time.monotonic() + duration_s
        while (left_s := end_s - time.monotonic()) > 0.0:
            self._executor.spin_once(timeout_sec=min(left_s, _LOOK_EVERY_S))
        self._look()
        self._writer.flush()

    def close(self) -> None:
        """Leave the graph, and end the bag."""
        self._note_offers()
        self._node.destroy_node()
        try_shutdown()
        self._writer.close()

    def _full(self, name: str) -> str:
        return name if name.startswith("/") else self._prefix + name

    def _is_wanted(self, name: str) -> bool:
        if is_private(name):
            return False
        if self._names:
            return name in self._names
        return name.startswith(self._prefix) and "/_" not in name

    def _look(self) -> None:
        """Others than those of the table are heard from when they are found."""
        for name, types in self._node.get_topic_names_and_types():
            if name in self._heard or name in self._refused or not self._is_wanted(name):
                continue
            offers = self._offers(name)
            if message_class(types[0]) is None:
                self._refused.add(name)
                self._say(f"'{name}' is not recorded: no package with {types[0]} is installed")
            elif offers:
                self._hear(
                    name, types[0],
                    is_sensor=any(offer.reliability == "best_effort" for offer in offers),
                    is_latched=all(offer.durability == "transient_local" for offer in offers),
                )  # fmt: skip

    def _hear(
        self, name: str, ros_type: str, *, is_sensor: bool, is_latched: bool = False
    ) -> None:
        qos = _Profile(
            depth=DEPTH,
            reliability=_BEST_EFFORT if is_sensor else QoSReliabilityPolicy.RELIABLE,
            durability=_TRANSIENT if is_latched else QoSDurabilityPolicy.VOLATILE,
        )

        def received(data: bytes) -> None:
            if name not in self._writer.info.topics:
                self._writer.add_topic(self._described(name, ros_type))
            self._writer.write(name, time.time_ns(), data)

        self._heard[name] = self._node.create_subscription(
            message_class(ros_type), name, received, qos, raw=True
        )

    def _described(self, name: str, ros_type: str) -> BagTopic:
        found = self._node.get_publishers_info_by_topic(name)
        types = [endpoint.topic_type_hash for endpoint in found if endpoint.topic_type_hash]
        return BagTopic(name, ros_type, self._offers(name), _hash_text(types[0]) if types else "")

    def _offers(self, name: str) -> tuple[OfferedQos, ...]:
        found = self._node.get_publishers_info_by_topic(name)
        return tuple(dict.fromkeys(_offer(endpoint.qos_profile) for endpoint in found))

    def _note_offers(self) -> None:
        """Publishers that came later offer what they offer."""
        for name, topic in list(self._writer.info.topics.items()):
            offers = tuple(dict.fromkeys((*topic.offers, *self._offers(name))))
            self._writer.add_topic(BagTopic(name, topic.ros_type, offers, topic.type_hash))


_Profile: Any = QoSProfile
_BEST_EFFORT = QoSReliabilityPolicy.BEST_EFFORT
_TRANSIENT = QoSDurabilityPolicy.TRANSIENT_LOCAL


def _offer(qos: QoSProfile) -> OfferedQos:
    """DDS does not tell depth and history in discovery; rosbag2 stores what rmw says, as here."""
    return OfferedQos(
        "best_effort" if qos.reliability == _BEST_EFFORT else "reliable",
        "transient_local" if qos.durability == _TRANSIENT else "volatile",
        max(qos.depth, 1),
        "keep_all" if qos.history == QoSHistoryPolicy.KEEP_ALL else "keep_last",
    )


def _hash_text(found: Any) -> str:
    """As REP-2016 writes it."""
    return f"RIHS{found.version:02d}_{bytes(found.value).hex()}"
