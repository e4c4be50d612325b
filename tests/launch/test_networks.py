"""How far DDS reaches by each profile: who hears whom, and at which addresses sockets listen."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import psutil
import pytest

from ronda_cli.network import (
    LOOPBACK,
    LOOPBACK_PROFILE,
    PROFILE_VARIABLES,
    use_discovery_server,
    use_network,
)

MULTICAST = "239.255.0.1"
DOMAIN = 87
WAIT_S = 30.0
LONG_ENOUGH_S = 3.0

NODE = """
import sys, rclpy
from std_msgs.msg import String
rclpy.init()
node = rclpy.create_node(sys.argv[1])
heard = {sys.argv[1]}
def hear(message):
    if message.data not in heard:
        heard.add(message.data)
        print(message.data, flush=True)
said = node.create_publisher(String, "names", 1)
node.create_subscription(String, "names", hear, 1)
node.create_timer(0.1, lambda: said.publish(String(data=sys.argv[1])))
print("up", flush=True)
rclpy.spin(node)
"""


class Speaker:
    """A process that says its name ten times a second, and which names it has heard."""

    def __init__(self, name: str, environ: dict[str, str], file: Path) -> None:
        self.name, self._file = name, file
        with file.open("w") as out:
            self._process = subprocess.Popen(
                [sys.executable, "-c", NODE, name], env=environ, stdout=out
            )
        wait_until(lambda: "up" in self.said())

    def said(self) -> list[str]:
        return self._file.read_text().split()

    def heard(self) -> set[str]:
        return set(self.said()) - {"up"}

    def addresses(self) -> set[str]:
        """Local addresses of its sockets."""
        return addresses_of_process(self._process.pid)

    def close(self) -> None:
        self._process.kill()
        self._process.wait()


def addresses_of_process(pid: int) -> set[str]:
    return {found.laddr[0] for found in psutil.Process(pid).net_connections(kind="inet")}


def wait_until(holds: Callable[[], bool]) -> None:
    deadline_s = time.monotonic() + WAIT_S
    while not holds():
        assert time.monotonic() < deadline_s, "it did not happen in time"
        time.sleep(0.05)


def free_port() -> int:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as found:
        found.bind((LOOPBACK, 0))
        return int(found.getsockname()[1])


def environ_of(domain: int = DOMAIN) -> dict[str, str]:
    """Loopback, as `./ronda` sets it, and no server."""
    profile = dict.fromkeys(PROFILE_VARIABLES, str(LOOPBACK_PROFILE))
    kept = {k: v for k, v in os.environ.items() if k != "ROS_DISCOVERY_SERVER"}
    return kept | profile | {"ROS_DOMAIN_ID": str(domain)}


Start = Callable[[str, dict[str, str]], Speaker]


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Start]:
    with ExitStack() as stack:

        def make(name: str, environ: dict[str, str]) -> Speaker:
            speaker = Speaker(name, environ, tmp_path / name)
            stack.callback(speaker.close)
            return speaker

        yield make


def other_interface() -> str:
    """One that has an address and is not loopback; without one the test is left out."""
    for name, entries in psutil.net_if_addrs().items():
        for entry in entries:
            if entry.family.name == "AF_INET" and entry.address != LOOPBACK:
                return name
    pytest.skip("this machine has no network but loopback")


def test_domains_are_apart_and_loopback_hears_a_named_network(
    start: Start, tmp_path: Path
) -> None:
    """One run for both: a wait that proves silence proves it for all."""
    wide = environ_of()
    addresses = use_network(other_interface(), wide, tmp_path)
    local, elsewhere = start("local", environ_of()), start("elsewhere", environ_of(DOMAIN + 1))
    networked = start("networked", wide)
    wait_until(lambda: local.heard() == {"networked"} and networked.heard() == {"local"})
    time.sleep(LONG_ENOUGH_S)
    assert elsewhere.heard() == set()
    assert local.heard() == {"networked"}
    assert local.addresses() <= {LOOPBACK, MULTICAST}
    assert set(addresses) <= networked.addresses() <= {*addresses, MULTICAST}
    assert len(addresses) > 1


def test_a_discovery_server_introduces_without_multicast(start: Start) -> None:
    port = free_port()
    served = environ_of()
    use_discovery_server(f"{LOOPBACK}:{port}", served)
    words = [sys.executable, "-m", "ronda_cli", "network", "server", "--port", str(port)]
    with subprocess.Popen(words, env=environ_of(), stdout=subprocess.PIPE, text=True) as server:
        try:
            assert server.stdout is not None
            assert server.stdout.readline() == f"discovery server at {LOOPBACK}:{port}\n"
            first, second = start("first", served), start("second", served)
            outside = start("outside", environ_of())
            wait_until(lambda: first.heard() == {"second"} and second.heard() == {"first"})
            time.sleep(LONG_ENOUGH_S)
            assert outside.heard() == set()
            assert first.heard() == {"second"}
            assert first.addresses() == second.addresses() == {LOOPBACK}
            assert addresses_of_process(server.pid) <= {LOOPBACK, MULTICAST}
        finally:
            server.terminate()
    assert server.returncode == 0
