"""A bag is said on the graph again, and never into the ears of a robot."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import rclpy
from rclpy.context import Context
from rclpy.executors import SingleThreadedExecutor
from std_msgs.msg import String
from tests.contract.test_ros2_bags import write

DOMAIN = "87"


@pytest.fixture
def context() -> Iterator[Any]:
    made: Any = Context()
    rclpy.init(context=made, domain_id=int(DOMAIN))
    yield made
    made.try_shutdown()


def play(bag: Path, *words: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "ronda_cli", "play", str(bag), *words],
        env=os.environ | {"ROS_DOMAIN_ID": DOMAIN}, text=True,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
    )  # fmt: skip


def test_what_is_in_a_bag_is_heard_under_its_new_names(tmp_path: Path, context: Any) -> None:
    write(tmp_path / "bag")
    node: Any = rclpy.create_node("ear", context=context)
    heard: dict[str, list[str]] = {"/lab/robot/kept": [], "/other": []}
    for name, found in heard.items():
        node.create_subscription(
            String, name, lambda message, found=found: found.append(message.data), 100
        )
    executor = SingleThreadedExecutor(context=context)
    executor.add_node(node)
    options = ("--rate", "10", "--namespace", "lab", "--remap", "/said:=/other")
    with play(tmp_path / "bag", *options) as program:
        end_s = time.monotonic() + 60.0
        while program.poll() is None and time.monotonic() < end_s:
            executor.spin_once(timeout_sec=0.1)
        said = program.communicate()[0]
    assert program.returncode == 0 and "20 messages played" in said, said
    assert heard["/other"][-1] == "word 19" and len(heard["/other"]) >= 10
    node.destroy_node()


@pytest.mark.parametrize("name", ["gate", "base"])
def test_no_bag_is_played_where_a_robot_would_hear_it(
    name: str, tmp_path: Path, context: Any
) -> None:
    write(tmp_path / "bag")
    node: Any = rclpy.create_node(name, context=context)
    with play(tmp_path / "bag") as program:
        said = program.communicate(timeout=60.0)[0]
    assert program.returncode == 1 and "a robot runs here" in said, said
    node.destroy_node()


def test_a_robot_that_comes_ends_it(tmp_path: Path, context: Any) -> None:
    write(tmp_path / "bag")
    with play(tmp_path / "bag", "--rate", "0.1") as program:
        time.sleep(4.0)
        assert program.poll() is None, "20 s of it are left"
        node: Any = rclpy.create_node("gate", context=context)
        said = program.communicate(timeout=60.0)[0]
    assert program.returncode == 1 and "a robot runs here" in said, said
    node.destroy_node()
