"""Says on the graph what a bag holds, in its time."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

import rclpy
from rclpy.node import Node
from rclpy.qos import (
    QoSDurabilityPolicy,
    QoSHistoryPolicy,
    QoSProfile,
    QoSReliabilityPolicy,
)
from rclpy.signals import SignalHandlerOptions
from rclpy.utilities import try_shutdown
from rosgraph_msgs.msg import Clock

from patrol_core.errors import RondaError
from patrol_core.processes import BASE, GATE
from patrol_core.topics import CLOCK_TOPIC
from patrol_records.bags.metadata import OfferedQos
from patrol_records.bags.reading import Bag, Said
from ronda_cli.bags.rows import message_class

CLOCK_EVERY_S = 0.025
_SETTLE_S = 1.0
_LOOK_EVERY_S = 0.2


@dataclass(frozen=True, slots=True)
class PlayOptions:
    """`topics` empty: all. `remaps`: new names by old ones, with slashes. `clock`: publish time
    where the bag has none of its own."""

    rate: float = 1.0
    topics: frozenset[str] = frozenset()
    remaps: Mapping[str, str] = field(default_factory=dict)
    namespace: str = ""
    clock: bool = True

    def name_of(self, topic: str) -> str:
        """Where a topic of the bag is played; `/clock` is everybody's."""
        if topic in self.remaps:
            return self.remaps[topic]
        prefix = self.namespace.strip("/")
        return f"/{prefix}{topic}" if prefix and topic != CLOCK_TOPIC else topic


class Player:
    """Publishers are made when a topic comes first, latched ones at the start of the bag."""

    def __init__(self, options: PlayOptions, say: Callable[[str], None] = print) -> None:
        rclpy.init(args=[], signal_handler_options=SignalHandlerOptions.NO)
        self._node: Any = Node("ronda_play", enable_rosout=False)
        self._options, self._say = options, say
        self._publishers: dict[str, Any] = {}
        self._left_out: set[str] = set()
        self._clock: Any = None
        self._looked_s = 0.0
        self.played = 0

    def close(self) -> None:
        """Leave the graph."""
        self._node.destroy_node()
        try_shutdown()

    def prepare(self, bag: Bag) -> None:
        """Announce all topics, so that nobody misses the first message.

        Raises StoreError, and RondaError where a robot would hear the bag.
        """
        time.sleep(_SETTLE_S)
        self._refuse_robot()
        for _ in bag.messages():
            pass
        for name in bag.channels:
            self._publisher(bag, name)
        has_clock = CLOCK_TOPIC in bag.channels and self._is_wanted(CLOCK_TOPIC)
        if self._options.clock and not has_clock:
            self._clock = self._node.create_publisher(Clock, CLOCK_TOPIC, 1)
        time.sleep(_SETTLE_S)

    def _refuse_robot(self) -> None:
        """A bag has commands, leases and resets in it: no gate and no base may hear them.

        Raises RondaError, also where one comes later.
        """
        self._looked_s = time.monotonic()
        home = f"/{self._options.namespace.strip('/')}"
        nodes = self._node.get_node_names_and_namespaces()
        if any(name in (BASE.name, GATE.name) and folder == home for name, folder in nodes):
            raise RondaError(
                "a robot runs here, and would take the bag's commands for its own",
                expected="a graph without a gate and a base",
                remedy="play into another ROS_DOMAIN_ID, or below a name of its own (--namespace)",
            )

    def play(
        self, bag: Bag, is_stopped: Callable[[], bool], is_paused: Callable[[], bool]
    ) -> None:
        """Once, from its start to its end. Raises StoreError, and RondaError as `prepare` does."""
        pace = _Pace(self._options.rate, time.monotonic())
        for said in self._wanted(bag.messages()):
            while (left_s := pace.left_s(said.at_ns, time.monotonic())) > 0.0 or is_paused():
                if is_stopped():
                    return
                if is_paused():
                    time.sleep(CLOCK_EVERY_S)
                    pace.stand(time.monotonic())
                    continue
                self._say_time(pace.now_ns(time.monotonic()))
                time.sleep(min(left_s, CLOCK_EVERY_S))
            if is_stopped():
                return
            if time.monotonic() - self._looked_s > _LOOK_EVERY_S:
                self._refuse_robot()
            publisher = self._publisher(bag, said.topic)
            if publisher is not None:
                publisher.publish(said.data)
                self.played += 1
            self._say_time(said.at_ns)

    def _wanted(self, messages: Iterable[Said]) -> Iterable[Said]:
        return (said for said in messages if self._is_wanted(said.topic))

    def _is_wanted(self, topic: str) -> bool:
        return not self._options.topics or topic in self._options.topics

    def _say_time(self, now_ns: int) -> None:
        if self._clock is not None:
            message = Clock()
            message.clock.sec, message.clock.nanosec = divmod(now_ns, 10**9)
            self._clock.publish(message)

    def _publisher(self, bag: Bag, topic: str) -> Any:
        if topic in self._left_out or not self._is_wanted(topic):
            return None
        if topic not in self._publishers:
            about = bag.channels[topic].topic
            kind = message_class(about.ros_type)
            if kind is None:
                self._left_out.add(topic)
                self._say(f"'{topic}' is not played: no package with {about.ros_type} is there")
                return None
            name, qos = self._options.name_of(topic), _profile(about.offers)
            self._publishers[topic] = self._node.create_publisher(kind, name, qos)
        return self._publishers[topic]


class _Pace:
    """When a message is due. All by a monotonic clock of the caller."""

    def __init__(self, rate: float, steady_s: float) -> None:
        self._rate, self._began_s = rate, steady_s
        self._looked_s = steady_s
        self._first_ns: int | None = None

    def left_s(self, at_ns: int, steady_s: float) -> float:
        """Seconds to wait."""
        self._looked_s = steady_s
        if self._first_ns is None:
            self._first_ns = at_ns
        due_s = self._began_s + (at_ns - self._first_ns) * 1e-9 / self._rate
        return due_s - steady_s

    def now_ns(self, steady_s: float) -> int:
        """The time in the bag."""
        assert self._first_ns is not None, "asked for after the first message is known"
        return self._first_ns + round((steady_s - self._began_s) * self._rate * 1e9)

    def stand(self, steady_s: float) -> None:
        """Time since the last look does not count."""
        self._began_s += steady_s - self._looked_s
        self._looked_s = steady_s


def _profile(offers: tuple[OfferedQos, ...]) -> Any:
    """The least that all publishers of the bag offered: whoever heard them hears this."""
    offers = offers or (OfferedQos(),)
    make: Any = QoSProfile
    reliable = all(offer.reliability == "reliable" for offer in offers)
    latched = all(offer.durability == "transient_local" for offer in offers)
    return make(
        history=QoSHistoryPolicy.KEEP_LAST,
        depth=max(offer.depth for offer in offers),
        reliability=QoSReliabilityPolicy.RELIABLE
        if reliable else QoSReliabilityPolicy.BEST_EFFORT,
        durability=QoSDurabilityPolicy.TRANSIENT_LOCAL
        if latched else QoSDurabilityPolicy.VOLATILE,
    )  # fmt: skip
