"""What the records process costs in the real graph while a full sensor set is said."""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path

import rclpy
from _flight_messages import Source
from _graph_speaker import Speaker, cpu_s

from ronda_cli.session import claimed_domain
from ronda_cli.setting import ROBOT_FILE, URDF_FILE, Setting

SETTLE_S = 6.0
_NODE = "from patrol_records_ros.records_node import main; main()"
_DEAF = "from patrol_records.flight.component import FlightRecorder; FlightRecorder.hears = (); "


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
    with Speaker(sources):
        time.sleep(SETTLE_S)
        began_s, before_s = time.monotonic(), cpu_s(process.pid)
        time.sleep(seconds)
        if process.poll() is not None:
            raise OSError("the records process has ended")
        return (cpu_s(process.pid) - before_s) / (time.monotonic() - began_s)
