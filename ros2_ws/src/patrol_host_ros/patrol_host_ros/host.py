"""The generic host: the components of one row of the process table as a ROS 2 node."""

from __future__ import annotations

import importlib
import json
import struct
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, TextIO

from rclpy.clock import Clock, ClockType
from rclpy.node import Node
from rclpy.qos import QoSProfile, QoSReliabilityPolicy
from rclpy.subscription import Subscription
from rosgraph_msgs.msg import Clock as ClockMessage

from patrol_core.component import Component, Inputs
from patrol_core.errors import RondaError
from patrol_core.hosting import HostedProcess
from patrol_core.processes import Process
from patrol_core.topics import (
    ACTIONS,
    CLOCK_TOPIC,
    DIAGNOSTICS,
    SERVICES,
    TOPICS,
    Action,
    Service,
    Topic,
    topic_named,
)
from patrol_host_ros.actions import ClientAdapter, ServerAdapter
from patrol_host_ros.conversions import conversion_of, interface_type
from patrol_host_ros.conversions.common import ConversionError
from patrol_host_ros.echoes import Echoes
from patrol_host_ros.grid import TickGrid
from patrol_host_ros.health import HealthMeter
from patrol_host_ros.memory import Memory, MemoryFile
from patrol_host_ros.parameters import make_context, read_parameters
from patrol_host_ros.qos import qos_of
from patrol_host_ros.rows import advertised
from patrol_host_ros.services import ServiceAdapter
from patrol_host_ros.spinning import leave, run_node, withdraw
from patrol_host_ros.wire import RosWire

CLOCK_QOS = QoSProfile(depth=1, reliability=QoSReliabilityPolicy.BEST_EFFORT)


_CLOCK_BYTES = struct.Struct("<iI")
_CDR_HEADER_BYTES = 4


class ProcessHost(Node):  # type: ignore[misc]
    """Subscribes to what its components read, ticks them, publishes what they say.

    Time is the simulator's where `use_sim_time` is set, and then a tick is made when a clock
    message passes it; else it is the system's, paced by a steady timer.
    """

    def __init__(
        self, process: Process, memory: Memory | None = None, **node_options: Any
    ) -> None:
        super().__init__(
            process.name,
            enable_rosout=False,
            automatically_declare_parameters_from_overrides=True,
            **node_options,
        )
        assembly = importlib.import_module(process.assembly)
        settings, params = read_parameters(self, assembly.PARAMS, process.name)
        context = make_context(settings)
        self._hosted = HostedProcess(process.name, assembly.build(context, params))
        self._grid = TickGrid(process.rate_hz)
        self._meter = HealthMeter(process.name, process.rate_hz)
        self._log = _open_log(context.run_folder, process) if settings.log_ticks else None
        self._now_s = 0.0
        self._is_simulated = bool(self.get_parameter("use_sim_time").value)
        self._puts: dict[str, Callable[[Topic[Any], Any], None]] = {}
        self._action_clients: list[ClientAdapter] = []
        self._connect(process)
        self._heard: dict[str, Subscription] = {}
        self._hosted.connect(RosWire())
        self._listen(at_most=len(TOPICS))
        self._hosted.setup()
        if memory is not None:
            self._remember(MemoryFile(memory, context.run_folder, process.name))
        self._start_time(process.rate_hz)

    def close(self) -> None:
        """Release what the components hold, and fall silent."""
        withdraw(self)
        self._hosted.close()
        if self._log is not None:
            self._log.close()

    def _connect(self, process: Process) -> None:
        """Plain rows become topics, rows of an action become its server or client."""
        rows = {topic.name for topic in (*self._hosted.reads, *self._hosted.writes)}
        for action in ACTIONS:
            if rows & {action.goal.name, action.feedback.name, action.result.name}:
                self._connect_action(action, process)
        for service in SERVICES:
            if service.request.name in rows:
                self._connect_service(service)
        plain = {topic.name for topic in TOPICS}
        written = {topic.name for topic in self._hosted.writes}
        echoes: dict[str, Echoes] = {}
        for topic in self._hosted.reads:
            others_write = topic.name not in written or len(topic.writers) > 1
            if topic.name in plain and others_write:
                echoes[topic.name] = Echoes()
                self._subscribe(topic, echoes[topic.name])
        for name in (written | {DIAGNOSTICS.name}) & plain:
            self._advertise(topic_named(name), echoes.get(name))

    def _connect_action(self, action: Action, process: Process) -> None:
        if action.server == process.name:
            server = ServerAdapter(self, action, self._deliver)
            self._puts[action.feedback.name] = self._puts[action.result.name] = server.put
            self._puts[action.goal.name] = self._puts[action.cancel.name] = _stays_here
            return
        client = ClientAdapter(self, action, self._deliver)
        self._action_clients.append(client)

        def put(topic: Topic[Any], value: Any) -> None:
            client.put(topic, value, time.monotonic())

        self._puts[action.goal.name] = self._puts[action.cancel.name] = put

    def _connect_service(self, service: Service) -> None:
        def ask(request: Any) -> None:
            self._deliver(service.request, request)
            self._run()

        adapter = ServiceAdapter(self, service, ask)
        self._puts[service.response.name] = adapter.put

    def _subscribe(self, topic: Topic[Any], echoes: Echoes) -> None:
        conversion = conversion_of(topic)

        def received(message: Any) -> None:
            if echoes.is_one(message):
                return
            try:
                value = conversion.from_ros(message)
            except ConversionError as error:
                self.get_logger().warning(f"message on '{topic.name}' refused: {error}")
                return
            self._deliver(topic, value)

        self.create_subscription(conversion.message_type, topic.name, received, qos_of(topic))

    def _listen(self, at_most: int) -> None:
        """To rows of which a component wants the bytes now: to so many new ones, for each takes
        about a millisecond.
        """
        wanted = {topic.name: topic for topic in self._hosted.hears}
        for name in self._heard.keys() - wanted.keys():
            self.destroy_subscription(self._heard.pop(name))
        for name in [name for name in wanted if name not in self._heard][:at_most]:
            self._heard[name] = self._hear(wanted[name])

    def _hear(self, topic: Topic[Any]) -> Subscription:
        def received(message: bytes) -> None:
            self._hosted.hear(topic, message, self._arrival_s())

        message_type = interface_type(topic.ros_type)
        return self.create_subscription(
            message_type, topic.name, received, qos_of(topic), raw=True
        )

    def _advertise(self, topic: Topic[Any], echoes: Echoes | None) -> None:
        publish = advertised(self, topic, on_sent=None if echoes is None else echoes.sent)
        self._puts[topic.name] = lambda _, value: publish(value)

    def _deliver(self, topic: Topic[Any], value: Any) -> None:
        self._hosted.store(topic, value, self._arrival_s())

    def _arrival_s(self) -> float:
        return self._now_s if self._is_simulated else time.time()

    def _remember(self, file: MemoryFile) -> None:
        """Give back what was remembered, and keep what is said from now on."""
        recalled = file.recalled()
        if recalled is not None:
            self._deliver(file.memory.recall, recalled)
        put = self._puts[file.memory.keep.name]

        def put_and_keep(topic: Topic[Any], value: Any) -> None:
            put(topic, value)
            file.keep(value, self._now_s)

        self._puts[file.memory.keep.name] = put_and_keep

    def _start_time(self, rate_hz: float) -> None:
        """Simulated ticks come from `/clock`, read raw: rclpy's own reader costs thrice."""
        if self._is_simulated:
            self._time_source.detach_node()
            self.create_subscription(
                ClockMessage, CLOCK_TOPIC, self._on_clock, CLOCK_QOS, raw=True
            )
        else:
            steady = Clock(clock_type=ClockType.STEADY_TIME)
            self.create_timer(1.0 / rate_hz, self._on_timer, clock=steady)

    def _on_clock(self, data: bytes) -> None:
        seconds, nanoseconds = _CLOCK_BYTES.unpack_from(data, _CDR_HEADER_BYTES)
        now_s = seconds + nanoseconds * 1e-9
        if now_s < self._now_s - 1.0:
            raise RondaError(
                f"time went back from {self._now_s:.2f} to {now_s:.2f} s",
                remedy="the simulator was started anew: this process starts anew too",
            )
        self._now_s = now_s
        if self._grid.due(now_s):
            self._tick()

    def _on_timer(self) -> None:
        self._now_s = time.time()
        self._tick()

    def _tick(self) -> None:
        started_s = time.perf_counter()
        for client in self._action_clients:
            client.poll(time.monotonic())
        self._run()
        self._listen(at_most=1)
        duration_s = time.perf_counter() - started_s
        health = self._meter.tick(duration_s, self._now_s)
        if health is not None:
            self._puts[DIAGNOSTICS.name](DIAGNOSTICS, health)

    def _run(self) -> None:
        """Step the components once, and publish."""
        on_step = None if self._log is None else self._log_step
        for topic, value in self._hosted.tick(self._now_s, on_step):
            self._puts[topic.name](topic, value)

    def _log_step(self, part: Component, inputs: Inputs) -> None:
        events = {topic.name: len(inputs.events(topic)) for topic in part.reads}
        line = {
            "now_s": self._now_s,
            "component": part.name,
            "sequences": inputs.sequences(),
            "events": {name: count for name, count in events.items() if count},
        }
        assert self._log is not None
        self._log.write(json.dumps(line) + "\n")


def _stays_here(_: Topic[Any], __: Any) -> None:
    """A goal of one component for another of the same process: it has arrived already."""


def _open_log(run_folder: Path, process: Process) -> TextIO:
    return (run_folder / f"ticks-{process.name}.jsonl").open("a", encoding="utf-8", buffering=1)


def main(process: Process, memory: Memory | None = None) -> None:
    """Run one process until it is told to stop, then exit with the status of `run_node`."""
    leave(run_node(process.name, lambda: ProcessHost(process, memory)))
