"""Components' rows on one node: topics, actions and services of one namespace."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from rclpy.node import Node
from rclpy.subscription import Subscription

from patrol_core.actions import ACTIONS, SERVICES, Action, Service
from patrol_core.hosting import HostedProcess
from patrol_core.tick_log import TickLog
from patrol_core.topics import DIAGNOSTICS, TOPICS, Topic, topic_named
from patrol_host_ros.actions import ClientAdapter, ServerAdapter
from patrol_host_ros.conversions import conversion_of, interface_type
from patrol_host_ros.conversions.common import ConversionError
from patrol_host_ros.echoes import Echoes
from patrol_host_ros.qos import qos_of
from patrol_host_ros.rows import advertised, subscribe
from patrol_host_ros.services import ServiceAdapter
from patrol_host_ros.wire import RosWire


class Seat:
    """Subscribes to what `hosted` reads and publishes what it says. Health rows go out, too.

    `arrival_s`: the time at which something arrives now; `run`: ticks the process once, for a
    service that is to be answered; `by_nav2`: goals that Nav2 can drive go to it.
    """

    def __init__(
        self, node: Node, hosted: HostedProcess, arrival_s: Callable[[], float],
        run: Callable[[], None], log: TickLog | None = None, *, by_nav2: bool = False,
    ) -> None:  # fmt: skip
        self.node, self.hosted, self._log, self._by_nav2 = node, hosted, log, by_nav2
        self._arrival_s, self._run = arrival_s, run
        self.puts: dict[str, Callable[[Topic[Any], Any], None]] = {}
        self._action_clients: list[ClientAdapter] = []
        self._heard: dict[str, Subscription] = {}
        self._connect()
        hosted.connect(RosWire())
        self._listen(at_most=len(TOPICS))

    def deliver(self, topic: Topic[Any], value: Any, data: bytes | None = None) -> None:
        """Take in a value; `data`: the message it came in."""
        at_s = self._arrival_s()
        if self._log is not None:
            self._log.arrived(topic, value, at_s, data)
        self.hosted.store(topic, value, at_s)

    def look_after(self) -> None:
        """At every tick: goals that are on their way, and rows that are wanted since."""
        for client in self._action_clients:
            client.poll(time.monotonic())
        self._listen(at_most=1)

    def _connect(self) -> None:
        """Plain rows become topics, rows of an action become its server or client."""
        rows = {topic.name for topic in (*self.hosted.reads, *self.hosted.writes)}
        for action in ACTIONS:
            if rows & {action.goal.name, action.feedback.name, action.result.name}:
                self._connect_action(action)
        for service in SERVICES:
            if service.request.name in rows:
                self._connect_service(service)
        plain = {topic.name for topic in TOPICS}
        written = {topic.name for topic in self.hosted.writes}
        echoes: dict[str, Echoes] = {}
        for topic in self.hosted.reads:
            others_write = topic.name not in written or len(topic.writers) > 1
            if topic.name in plain and others_write:
                echoes[topic.name] = Echoes()
                self._subscribe(topic, echoes[topic.name])
        for name in (written | {DIAGNOSTICS.name}) & plain:
            self._advertise(topic_named(name), echoes.get(name))

    def _connect_action(self, action: Action) -> None:
        if action.server == self.hosted.name:
            server = ServerAdapter(self.node, action, self.deliver)
            self.puts[action.feedback.name] = self.puts[action.result.name] = server.put
            self.puts[action.goal.name] = self.puts[action.cancel.name] = _stays_here
            return
        client = self._client(action)
        self._action_clients.append(client)

        def put(topic: Topic[Any], value: Any) -> None:
            client.put(topic, value, time.monotonic())

        self.puts[action.goal.name] = self.puts[action.cancel.name] = put

    def _client(self, action: Action) -> ClientAdapter:
        if self._by_nav2:
            from patrol_host_ros.nav2 import DRIVEN, Nav2Client

            if action in DRIVEN:
                return Nav2Client(self.node, action, self.deliver)
        return ClientAdapter(self.node, action, self.deliver)

    def _connect_service(self, service: Service) -> None:
        def ask(request: Any) -> None:
            self.deliver(service.request, request)
            self._run()

        adapter = ServiceAdapter(self.node, service, ask)
        self.puts[service.response.name] = adapter.put

    def _subscribe(self, topic: Topic[Any], echoes: Echoes) -> None:
        conversion = conversion_of(topic)

        def received(message: Any, data: bytes | None = None) -> None:
            if echoes.is_one(message):
                return
            try:
                value = conversion.from_ros(message)
            except ConversionError as error:
                self.node.get_logger().warning(f"message on '{topic.name}' refused: {error}")
                return
            self.deliver(topic, value, data)

        subscribe(self.node, topic, received, is_logged=self._log is not None)

    def _listen(self, at_most: int) -> None:
        """To rows of which a component wants the bytes now: to so many new ones, for each takes
        about a millisecond.
        """
        wanted = {topic.name: topic for topic in self.hosted.hears}
        for name in self._heard.keys() - wanted.keys():
            self.node.destroy_subscription(self._heard.pop(name))
        for name in [name for name in wanted if name not in self._heard][:at_most]:
            self._heard[name] = self._hear(wanted[name])

    def _hear(self, topic: Topic[Any]) -> Subscription:
        def received(message: bytes) -> None:
            self.hosted.hear(topic, message, self._arrival_s())

        message_type = interface_type(topic.ros_type)
        return self.node.create_subscription(
            message_type, topic.name, received, qos_of(topic), raw=True
        )

    def _advertise(self, topic: Topic[Any], echoes: Echoes | None) -> None:
        on_sent = None if echoes is None else echoes.sent
        publish = advertised(self.node, topic, on_sent=on_sent, log=self._log)
        self.puts[topic.name] = lambda _, value: publish(value)


def _stays_here(_: Topic[Any], __: Any) -> None:
    """A goal of one component for another of the same process: it has arrived already."""
