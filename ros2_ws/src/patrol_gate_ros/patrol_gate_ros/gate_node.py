"""The gate process, by hand: what decides over the motors depends on as little as possible.

Simulated time ticks the gate at 50 Hz of simulated time, however fast it runs; a steady timer
ticks it too while `/clock` is silent, so that it sees the clock stall and goes on saying zero.
"""

from __future__ import annotations

import struct
import time
import traceback
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

from rclpy.clock import Clock, ClockType
from rclpy.node import Node
from rclpy.qos import QoSProfile, QoSReliabilityPolicy
from rosgraph_msgs.msg import Clock as ClockMessage

from patrol_core.bus import Mailbox
from patrol_core.component import Outputs
from patrol_core.errors import QueueOverflowError
from patrol_core.processes import GATE
from patrol_core.site.local_time import site_local_time
from patrol_core.topics import CLOCK_TOPIC, CMD_VEL, DIAGNOSTICS, Topic
from patrol_gate.gate import Gate
from patrol_gate.latch import FileLatchStore
from patrol_gate_ros.params import GateNodeParams
from patrol_host_ros.conversions import conversion_of
from patrol_host_ros.conversions.common import ConversionError
from patrol_host_ros.grid import TickGrid
from patrol_host_ros.health import HealthMeter
from patrol_host_ros.parameters import make_context, open_log, read_parameters
from patrol_host_ros.rows import advertised, subscribe
from patrol_host_ros.spinning import leave, run_node, withdraw

CLOCK_QOS = QoSProfile(depth=1, reliability=QoSReliabilityPolicy.BEST_EFFORT)
CLOCK_SILENCE_S = 0.03
LATCH_FILE = "latched_stops.json"


_CLOCK_BYTES = struct.Struct("<iI")
_CDR_HEADER_BYTES = 4


class GateNode(Node):  # type: ignore[misc]
    """Subscribes to what the gate reads, ticks it, publishes what it says."""

    def __init__(self) -> None:
        super().__init__(
            GATE.name, enable_rosout=False, automatically_declare_parameters_from_overrides=True
        )
        settings, params = read_parameters(self, GateNodeParams)
        context = make_context(settings)
        folder = Path(params.latch_folder) if params.latch_folder else context.run_folder
        self._log = open_log(GATE.name, settings, params) if settings.log_ticks else None
        self._gate = Gate(
            params,
            context.robot,
            context.site,
            FileLatchStore(folder / LATCH_FILE),
            site_local_time(context.site.timezone, context.epoch_s),
        )
        self._mailbox = Mailbox(self._gate.reads)
        self._grid = TickGrid(GATE.rate_hz)
        required = ("required_inputs", " ".join(params.required_inputs))
        self._meter = HealthMeter(GATE.name, GATE.rate_hz, (required,))
        self._puts: dict[str, Callable[[Any], None]] = {}
        self._now_s = 0.0
        self._ticked_steady_s = 0.0
        self._is_simulated = bool(self.get_parameter("use_sim_time").value)
        for topic in self._gate.reads:
            self._subscribe(topic)
        command = replace(CMD_VEL, ros_type=f"geometry_msgs/msg/{params.cmd_vel_type}")
        for topic in (*self._gate.writes, DIAGNOSTICS):
            row = command if topic is CMD_VEL else topic
            self._puts[topic.name] = advertised(self, row, log=self._log)
        self._start_time()

    def _subscribe(self, topic: Topic[Any]) -> None:
        conversion = conversion_of(topic)

        def received(message: Any, data: bytes | None = None) -> None:
            now_s = self._now_s if self._is_simulated else time.time()
            try:
                value = conversion.from_ros(message)
                if self._log is not None:
                    self._log.arrived(topic, value, now_s, data)
                self._mailbox.store(topic, value, now_s)
            except ConversionError as error:
                self.get_logger().warning(f"message on '{topic.name}' refused: {error}")
            except QueueOverflowError as error:
                self._publish(self._gate.fault(str(error), now_s))

        subscribe(self, topic, received, is_logged=self._log is not None)

    def _start_time(self) -> None:
        """`/clock` is read raw, and only here: rclpy's own reader is three times dearer."""
        if self._is_simulated:
            self._time_source.detach_node()
            self.create_subscription(
                ClockMessage, CLOCK_TOPIC, self._on_clock, CLOCK_QOS, raw=True
            )
        steady = Clock(clock_type=ClockType.STEADY_TIME)
        self.create_timer(1.0 / GATE.rate_hz, self._on_timer, clock=steady)

    def _on_clock(self, data: bytes) -> None:
        seconds, nanoseconds = _CLOCK_BYTES.unpack_from(data, _CDR_HEADER_BYTES)
        now_s = seconds + nanoseconds * 1e-9
        jumped_back = now_s < self._now_s
        if jumped_back:
            self._grid = TickGrid(GATE.rate_hz)
        self._now_s = now_s
        if self._grid.due(now_s):
            self._tick(time.monotonic())

    def _on_timer(self) -> None:
        steady_s = time.monotonic()
        if not self._is_simulated:
            self._now_s = time.time()
            self._tick(steady_s)
        elif steady_s - self._ticked_steady_s > CLOCK_SILENCE_S:
            self._tick(steady_s)

    def _tick(self, steady_s: float) -> None:
        started_s = time.perf_counter()
        self._ticked_steady_s = steady_s
        try:
            outputs = self._gate.step(self._mailbox.snapshot(), self._now_s, steady_s)
        except Exception as error:  # noqa: BLE001 - whatever it is, the robot stops for it
            traceback.print_exc()
            outputs = self._gate.fault(repr(error), self._now_s)
        self._publish(outputs)
        if self._log is not None:
            self._log.tick(self._now_s, steady_s)
        health = self._meter.tick(time.perf_counter() - started_s, self._now_s)
        if health is not None:
            self._puts[DIAGNOSTICS.name](health)

    def _publish(self, outputs: Outputs) -> None:
        for topic, value in outputs:
            if self._log is not None:
                self._log.saying(topic, value)
            self._puts[topic.name](value)

    def close(self) -> None:
        """Fall silent."""
        withdraw(self)
        if self._log is not None:
            self._log.close()


def main() -> None:
    """Run until told to stop, then exit with the status of `run_node`."""
    leave(run_node(GATE.name, GateNode))


if __name__ == "__main__":
    main()
