"""Runs a node's callbacks on one thread, at a third of the cost of rclpy's default executor."""

from __future__ import annotations

import contextlib
import os
import signal
import sys
import threading
import traceback
from collections.abc import Callable, Sequence
from typing import NoReturn, Protocol, TypeVar

import rclpy
from rclpy.experimental import EventsExecutor
from rclpy.node import Node
from rclpy.signals import SignalHandlerOptions

from patrol_core.errors import RondaError

REFUSED = 1
FAILED = 70

_HEED_SIGNALS_EVERY_S = 0.2

_stopped = threading.Event()


def init() -> None:
    """Start rclpy. SIGINT and SIGTERM end `spin` between two callbacks, never within one."""
    rclpy.init(signal_handler_options=SignalHandlerOptions.NO)
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: _stopped.set())


def spin(*nodes: Node) -> None:
    """Until SIGINT or SIGTERM. What a callback raises comes through.

    `spin_once` in a loop, for `spin` of rclpy 7.1 neither runs timers nor heeds signals.
    """
    executor = EventsExecutor()
    for node in nodes:
        executor.add_node(node)
    while not _stopped.is_set():
        executor.spin_once(timeout_sec=_HEED_SIGNALS_EVERY_S)


class ClosingNode(Protocol):
    """A node with something to put right before it ends."""

    def close(self) -> None: ...


NodeT = TypeVar("NodeT", bound=ClosingNode)


def _none(_: ClosingNode) -> Sequence[Node]:
    return ()


def run_node(
    name: str, make: Callable[[], NodeT], beside: Callable[[NodeT], Sequence[Node]] = _none
) -> int:
    """Make a node, spin it until it is told to stop, close it; the exit status. `beside`: nodes
    that it stands for elsewhere, spun with it.

    0: told to stop; `REFUSED`: it cannot start with what it was given (on stderr); `FAILED`: it
    failed on the way, and may be started again. Its stream has stopped, so the robot holds.
    """
    init()
    try:
        node = make()
    except RondaError as error:
        sys.stderr.write(f"{name}: {error}\n")
        rclpy.try_shutdown()
        return REFUSED
    try:
        spin(node, *beside(node))
    except RondaError as error:
        sys.stderr.write(f"{name}: {error}\n")
        return FAILED
    except Exception:  # noqa: BLE001 - whatever it was
        traceback.print_exc()
        return FAILED
    finally:
        node.close()
        rclpy.try_shutdown()
    return 0


def withdraw(node: Node) -> None:
    """Take back the publishers of a node that is about to end: nobody counts them any more."""
    for publisher in list(node.publishers):
        node.destroy_publisher(publisher)


def leave(status: int) -> NoReturn:
    """End the process at once, without the clean-up of Fast DDS.

    Version 2.14 locks itself for ever where several processes remove their participants at once,
    about once in a hundred times that a whole system ends. Others forget this one when its lease
    ends, after 4 s.
    """
    for stream in (sys.stdout, sys.stderr):
        with contextlib.suppress(OSError, ValueError):  # nobody reads any more
            stream.flush()
    os._exit(status)
