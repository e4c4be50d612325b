"""The generic host: the components of one row of the process table as a ROS 2 node."""

from __future__ import annotations

import ctypes
import importlib
import os
import struct
import time
from collections.abc import Callable
from typing import Any

from rclpy.clock import Clock, ClockType
from rclpy.node import Node
from rclpy.qos import QoSProfile, QoSReliabilityPolicy
from rosgraph_msgs.msg import Clock as ClockMessage

from patrol_core.errors import RondaError
from patrol_core.hosting import by_namespace
from patrol_core.processes import Process
from patrol_core.topics import CLOCK_TOPIC, DIAGNOSTICS, Topic
from patrol_host_ros.grid import TickGrid
from patrol_host_ros.health import HealthMeter
from patrol_host_ros.memory import Memory, MemoryFile
from patrol_host_ros.parameters import make_context, open_log, read_parameters
from patrol_host_ros.seat import Seat
from patrol_host_ros.spinning import leave, run_node, withdraw

PATIENT_NICE = 5
"""A third of the weight of the others (sched(7))."""
_M_MMAP_THRESHOLD, _LARGE_BYTES = -3, 1 << 20
CLOCK_QOS = QoSProfile(depth=1, reliability=QoSReliabilityPolicy.BEST_EFFORT)


_CLOCK_BYTES = struct.Struct("<iI")
_CDR_HEADER_BYTES = 4


class ProcessHost(Node):  # type: ignore[misc]
    """Subscribes to what its components read, ticks them, publishes what they say; for those of
    another robot's namespace, by a node there.

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
        self._log = open_log(process.name, settings, params) if settings.log_ticks else None
        self._now_s = 0.0
        self._is_simulated = bool(self.get_parameter("use_sim_time").value)
        self._seats = [
            Seat(
                self._node_in(namespace),
                hosted,
                self._arrival_s,
                self._run,
                self._log,
                by_nav2=context.by_nav2,
            )
            for namespace, hosted in by_namespace(process.name, assembly.build(context, params))
        ]
        self._seat = self._seats[0]
        self._grid = TickGrid(process.rate_hz)
        self._meter = HealthMeter(process.name, process.rate_hz)
        for seat in self._seats:
            seat.hosted.setup()
        if memory is not None:
            self._remember(MemoryFile(memory, context.run_folder, process.name))
        self.by_nav2 = context.by_nav2
        self._start_time(process.rate_hz)

    def close(self) -> None:
        """Release what the components hold, and fall silent."""
        for seat in self._seats:
            withdraw(seat.node)
        for seat in self._seats:
            seat.hosted.close()
        if self._log is not None:
            self._log.close()

    @property
    def elsewhere(self) -> list[Node]:
        """The nodes that stand in other robots' namespaces for it."""
        return [seat.node for seat in self._seats[1:]]

    def _node_in(self, namespace: str) -> Node:
        if not namespace:
            return self
        return Node(
            self.get_name(), namespace=namespace, use_global_arguments=False,
            enable_rosout=False, start_parameter_services=False,
        )  # fmt: skip

    def _arrival_s(self) -> float:
        return self._now_s if self._is_simulated else time.time()

    def _remember(self, file: MemoryFile) -> None:
        """Give back what was remembered, and keep what is said from now on."""
        recalled = file.recalled()
        if recalled is not None:
            self._seat.deliver(file.memory.recall, recalled)
        put = self._seat.puts[file.memory.keep.name]

        def put_and_keep(topic: Topic[Any], value: Any) -> None:
            put(topic, value)
            file.keep(value, self._now_s)

        self._seat.puts[file.memory.keep.name] = put_and_keep

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
        for seat in self._seats:
            seat.look_after()
        self._run()
        duration_s = time.perf_counter() - started_s
        health = self._meter.tick(duration_s, self._now_s)
        if health is not None:
            self._seat.puts[DIAGNOSTICS.name](DIAGNOSTICS, health)
            self._seat.deliver(DIAGNOSTICS, health)  # what it hears from outside is not its own

    def _run(self) -> None:
        """Step the components once, and publish."""
        log = self._log
        for seat in self._seats:
            for topic, value in seat.hosted.tick(self._now_s, None if log is None else log.sees):
                if log is not None:
                    log.saying(topic, value)
                seat.puts[topic.name](topic, value)
        if log is not None:
            log.tick(self._now_s)


def give_large_memory_back() -> None:
    """From now on, freed blocks of a mebibyte and more go back to the system at once.

    By itself glibc, once it has freed a large block, takes those up to that size (32 MiB at most)
    from its heap, and keeps them (mallopt(3), M_MMAP_THRESHOLD): maps and pictures are as large.
    """
    ctypes.CDLL(None).mallopt(_M_MMAP_THRESHOLD, _LARGE_BYTES)


def main(
    process: Process,
    memory: Memory | None = None,
    also: Callable[[ProcessHost], None] | None = None,
) -> None:
    """Run one process until it is told to stop, then exit with the status of `run_node`.

    `also`: what its node serves beside the rows of the table.
    """

    def make() -> ProcessHost:
        host = ProcessHost(process, memory)
        if also is not None:
            also(host)
        return host

    give_large_memory_back()
    if process.patient:
        os.nice(PATIENT_NICE)
    leave(run_node(process.name, make, lambda host: host.elsewhere))
