"""What a node opens with the profile that `./ronda` sets: sockets on loopback, no more."""

from __future__ import annotations

import os
import subprocess
import sys

import psutil

from ronda_cli.environment.paths import ROOT

LOCAL = ("127.0.0.1", "239.255.0.1")
"""Loopback; and the group of DDS discovery, joined on loopback alone."""

NODE = """
import rclpy
rclpy.init()
node = rclpy.create_node("local")
print("up", flush=True)
input()
node.destroy_node()
rclpy.shutdown()
"""


def test_sockets_are_bound_to_loopback_and_no_memory_is_shared() -> None:
    profile = str(ROOT / "launch" / "config" / "fastdds_loopback.xml")
    names = ("FASTRTPS_DEFAULT_PROFILES_FILE", "FASTDDS_DEFAULT_PROFILES_FILE")
    with subprocess.Popen(
        [sys.executable, "-c", NODE], env=os.environ | dict.fromkeys(names, profile),
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
    ) as process:  # fmt: skip
        assert process.stdout is not None
        assert process.stdout.readline() == "up\n"
        node = psutil.Process(process.pid)
        sockets = node.net_connections(kind="inet")
        mapped = {segment.path for segment in node.memory_maps()}
        process.communicate("\n")
    addresses = {socket.laddr[0] for socket in sockets}
    assert "127.0.0.1" in addresses
    assert addresses <= set(LOCAL)
    shared = [path for path in mapped if path.startswith("/dev/shm/fast")]
    assert shared == [], "a killed process would leave it locked for the others"
