"""What the records process costs in the real graph while a full sensor set is said."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

import rclpy
from _flight_messages import Source, due
from rclpy.node import Node

from patrol_host_ros.conversions import interface_type
from patrol_host_ros.qos import qos_of
from ronda_cli.session import claimed_domain
from ronda_cli.setting import ROBOT_FILE, URDF_FILE, Setting

STEP_S = 0.02
SETTLE_S = 6.0
_NODE = "from patrol_records_ros.records_node import main; main()"
_DEAF = "from patrol_records.flight.component import FlightRecorder; FlightRecorder.hears = (); "


def cpu_s(pid: int) -> float:
    """User and system time of a process so far (proc(5), stat)."""
    fields = Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rpartition(") ")[2].split()
    return (int(fields[11]) + int(fields[12])) / float(os.sysconf("SC_CLK_TCK"))


def records_share(
    sources: list[Source], setting: Setting, seconds: float, folder: Path, *, with_flight: bool
) -> float:
    """Cores that the whole records process takes, with a flight recorder that hears, or not."""
    with claimed_domain():
        options = {
            "site": setting.site.folder, "robot": ROBOT_FILE, "run_folder": folder,
            "flight.description": URDF_FILE,
        }  # fmt: skip
        words = [word for name, value in options.items() for word in ("-p", f"{name}:={value}")]
        code = _NODE if with_flight else _DEAF + _NODE
        command = [sys.executable, "-c", code, "--ros-args", *words]
        process = subprocess.Popen(command)
        rclpy.init()
        try:
            return _measure(process, sources, seconds)
        finally:
            process.terminate()
            process.wait(20.0)
            rclpy.shutdown()


def _measure(process: subprocess.Popen[bytes], sources: list[Source], seconds: float) -> float:
    node = Node("flight_bench")
    publishers = {
        source.topic.name: node.create_publisher(
            interface_type(source.topic.ros_type), source.topic.name, qos_of(source.topic)
        )
        for source in sources
    }
    began_s = before_s = cpu = 0.0
    simulated_s, start_s = 0.0, time.monotonic()
    while simulated_s < SETTLE_S + seconds:
        if simulated_s >= SETTLE_S and not began_s:
            began_s, before_s = time.monotonic(), cpu_s(process.pid)
        for source, _, message in due(sources, simulated_s, STEP_S):
            publishers[source.topic.name].publish(message)
        simulated_s += STEP_S
        time.sleep(max(start_s + simulated_s - time.monotonic(), 0.0))
    if process.poll() is not None:
        raise OSError("the records process has ended")
    cpu = cpu_s(process.pid) - before_s
    node.destroy_node()  # type: ignore[no-untyped-call]
    return cpu / (time.monotonic() - began_s)
