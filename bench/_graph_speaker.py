"""Says a full sensor set in the graph at its rates, in the place of all other processes."""

from __future__ import annotations

import os
import struct
import threading
import time
from pathlib import Path

from _flight_messages import Source, due
from rclpy.node import Node

from patrol_host_ros.conversions import interface_type
from patrol_host_ros.qos import qos_of
from patrol_host_ros.wire import definition

STEP_S = 0.02
CLOCK_TEXT = "@" * 20
"""Where this stands in a message, the Unix time of its saying stands instead [s]."""
_STAMP = struct.Struct("<iI")
_STAMP_AT = 4
"""After the four bytes that begin every CDR message."""


def clock_text(now_s: float) -> bytes:
    """As long as `CLOCK_TEXT`."""
    return f"{now_s:020.6f}".encode()


def cpu_s(pid: int) -> float:
    """User and system time of a process so far (proc(5), stat)."""
    fields = Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rpartition(") ")[2].split()
    ticks = int(fields[11]) + int(fields[12])
    return ticks / float(os.sysconf("SC_CLK_TCK"))


class Speaker:
    """A context manager: speaks in a thread of its own, from entering to leaving.

    Headers get the time of their saying, and so does `CLOCK_TEXT`. `start_s`: Unix time of the
    first message of every row.
    """

    def __init__(self, sources: list[Source]) -> None:
        self._sources = sources
        self._node = Node("bench_speaker")
        self._publishers = {
            source.topic.name: self._node.create_publisher(
                interface_type(source.topic.ros_type), source.topic.name, qos_of(source.topic)
            )
            for source in sources
        }
        self._stamped = {
            source.topic.name
            for source in sources
            if _begins_with_header(definition(source.topic.ros_type))
        }
        self.start_s = 0.0
        self._ends = threading.Event()
        self._thread = threading.Thread(target=self._speak, daemon=True)

    def __enter__(self) -> Speaker:
        self.start_s = time.time()
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._ends.set()
        self._thread.join()
        self._node.destroy_node()  # type: ignore[no-untyped-call]

    def _speak(self) -> None:
        start_s, said_s = time.monotonic() - (time.time() - self.start_s), 0.0
        while not self._ends.is_set():
            for source, _, message in due(self._sources, said_s, STEP_S):
                self._publishers[source.topic.name].publish(self._now(source, message))
            said_s += STEP_S
            time.sleep(max(start_s + said_s - time.monotonic(), 0.0))

    def _now(self, source: Source, message: bytes) -> bytes:
        now_s = time.time()
        if source.topic.name in self._stamped:
            stamp = _STAMP.pack(int(now_s), int(now_s % 1.0 * 1e9))
            message = message[:_STAMP_AT] + stamp + message[_STAMP_AT + _STAMP.size :]
        return message.replace(CLOCK_TEXT.encode(), clock_text(now_s))


def _begins_with_header(text: str) -> bool:
    lines = (line.partition("#")[0].strip() for line in text.splitlines())
    return next(filter(None, lines)).startswith("std_msgs/Header ")
