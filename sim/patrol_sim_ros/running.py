"""What the simulators' nodes share: what they are started with, and how they run."""

from __future__ import annotations

import signal
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import rclpy
from rclpy.experimental import EventsExecutor
from rclpy.signals import SignalHandlerOptions

from patrol_core.errors import RondaError
from patrol_core.processes import BASE
from patrol_core.site.model import Site
from patrol_host_ros.spinning import leave
from patrol_sim.scenario import Scenario, load_scenario
from patrol_sim.scenario_random import random_scenario
from patrol_sim.sdf import World

NodeT = TypeVar("NodeT", bound=Any)


def needed_file(path: str, name: str) -> Path:
    """The file that a parameter names. Raises RondaError where it names none."""
    if not path:
        raise RondaError(f"parameter '{name}' is not set", remedy="pass it in the launch file")
    return Path(path)


def scenario_of(path: str, world: World, site: Site, seed: int) -> Scenario:
    """A scenario's file, or where none is named the one that belongs to the seed."""
    return load_scenario(Path(path)) if path else random_scenario(world, site, seed)


def run_simulator(
    make: Callable[[], NodeT], turn: Callable[[NodeT, EventsExecutor], None]
) -> None:
    """Turn a node until the process is told to stop (exit status 0) or something is wrong (1)."""
    leave(_run(make, turn))


def _run(make: Callable[[], NodeT], turn: Callable[[NodeT, EventsExecutor], None]) -> int:
    rclpy.init(signal_handler_options=SignalHandlerOptions.NO)
    stopped = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stopped.set())
    node: NodeT | None = None
    try:
        node = make()
        executor = EventsExecutor()
        executor.add_node(node)
        while not stopped.is_set():
            turn(node, executor)
    except RondaError as error:
        print(f"{BASE.name}: {error}", file=sys.stderr, flush=True)
        return 1
    finally:
        if node is not None:
            node.close()
        rclpy.try_shutdown()
    return 0
