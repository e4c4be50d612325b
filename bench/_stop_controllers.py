"""The emulated motor controllers of `./ronda bench stop`, wired to their drivers, and watched."""

from __future__ import annotations

import math
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from patrol_core.params import make_params
from patrol_core.topics import ESTOP, ODOM, Topic
from patrol_emulators.emulator import Emulator, Snapshot
from patrol_emulators.faults import FaultBoard
from patrol_emulators.link import Link
from patrol_emulators.odrive.controller import Odrive
from patrol_emulators.odrive.settings import OdriveParams
from patrol_emulators.port import PtyPort, Server
from patrol_emulators.roboclaw.controller import Roboclaw
from patrol_emulators.roboclaw.unit import RoboclawParams
from patrol_emulators.roboteq.controller import Roboteq
from patrol_emulators.roboteq.unit import RoboteqParams
from patrol_emulators.sabertooth.controller import Sabertooth
from patrol_emulators.sabertooth.unit import SabertoothParams
from patrol_emulators.vesc.controller import Vescs
from patrol_emulators.vesc.params import VescParams

LOOK_EVERY_S = 0.001
REST_MPS = 0.02


@dataclass(frozen=True, slots=True)
class Wiring:
    """An emulated controller and the driver's parameters that fit it.

    `lacks`: what the base cannot publish with it, so that something else on the robot has to.
    """

    make: Callable[[Mapping[str, Any], float], Emulator]
    emulated: Mapping[str, Any]
    driver: Mapping[str, Any]
    baud: int = 115200
    lacks: tuple[Topic[Any], ...] = ()


WIRINGS: dict[str, Wiring] = {
    "roboclaw": Wiring(
        lambda values, now_s: Roboclaw(make_params(RoboclawParams, values), now_s),
        {},
        {"ticks_per_rev": 9216.0},
    ),
    "roboteq": Wiring(
        lambda values, now_s: Roboteq(make_params(RoboteqParams, values), now_s),
        {},
        {"encoder_ppr": 100, "gear_ratio": 23.04},
    ),
    "odrive": Wiring(
        lambda values, now_s: Odrive(make_params(OdriveParams, values), now_s),
        {},
        {},
        lacks=(ESTOP,),
    ),
    "vesc": Wiring(
        lambda values, now_s: Vescs(make_params(VescParams, values), now_s),
        {"timeout_ms": 150, "timeout_brake_a": 10.0},
        {"can_id": 2, "pole_pairs": 7, "gear_ratio": 10.0},
    ),
    "sabertooth": Wiring(
        lambda values, now_s: Sabertooth(make_params(SabertoothParams, values), now_s),
        {},
        {"full_speed_radps": 30.0, "watchdog_declared": True},
        baud=9600,
        lacks=(ODOM, ESTOP),
    ),
}
"""The VESCs' timeout and its brake are stored in them by a person: 0.15 s, as the driver wants it.

A RoboClaw's QPPS, the counts a second at full power, fits the emulator's own encoder as it comes.
A Sabertooth is open loop: 30 rad/s is what the plant's wheels do at full power, nearly.
"""


class Watched:
    """An emulator that keeps when its motors were told to turn, and how far they went.

    Implements `patrol_emulators.emulator.Emulator`. Bytes are looked at when they have arrived,
    and what the device does by itself every millisecond. `zero_since_s` is infinite while a motor
    is told to turn. `longest_gap_s`: for how long at most nobody looked, as the machine let
    nobody; bytes that came meanwhile count as come at its end.
    """

    def __init__(self, emulator: Emulator, radius_m: float, now_s: float) -> None:
        self._emulator = emulator
        self._radius_m = radius_m
        self.plant = emulator.plant
        self.seen = emulator.snapshot()
        self.zero_since_s = now_s
        self._looked_s = now_s
        self._way: list[tuple[float, float]] = [(now_s, 0.0)]
        self.longest_gap_s = 0.0

    def receive(self, data: bytes, now_s: float) -> bytes:
        sent = self.step(now_s)
        sent += self._emulator.receive(data, now_s)
        self._look(now_s)
        return sent

    def step(self, now_s: float) -> bytes:
        self.longest_gap_s = max(self.longest_gap_s, now_s - self._looked_s)
        sent = b""
        while self._looked_s + LOOK_EVERY_S < now_s:
            looked_s = self._looked_s + LOOK_EVERY_S
            sent += self._emulator.step(looked_s)
            self._look(looked_s)
        return sent + self._emulator.step(now_s)

    def reset(self, now_s: float) -> None:
        self._emulator.reset(now_s)

    def snapshot(self) -> Snapshot:
        return self._emulator.snapshot()

    @property
    def speed_mps(self) -> float:
        """Of the slower wheel."""
        return min(map(abs, self.seen.speeds_radps)) * self._radius_m

    @property
    def stands(self) -> bool:
        return max(map(abs, self.seen.speeds_radps)) * self._radius_m < REST_MPS

    def forget_way(self) -> None:
        """Way and gaps begin anew, so that the record does not grow for ever."""
        self._way = self._way[-1:]
        self.longest_gap_s = 0.0

    def way_since(self, from_s: float) -> float:
        """How far the middle between the wheels has come since then [m]."""
        times_s, way_m = zip(*self._way[:], strict=True)
        return float(way_m[-1] - np.interp(from_s, times_s, way_m))

    def _look(self, now_s: float) -> None:
        self.seen = self._emulator.snapshot()
        if self.seen.commanded:
            self.zero_since_s = math.inf
        elif math.isinf(self.zero_since_s):
            self.zero_since_s = now_s
        gone_m = abs(sum(self.seen.speeds_radps)) / 2.0 * self._radius_m
        gone_m *= now_s - self._looked_s
        self._looked_s = now_s
        way = self._way
        if gone_m > 0.0:
            way.append((now_s, way[-1][1] + gone_m))


@contextmanager
def served(
    name: str, radius_m: float, port: Path, clock: Callable[[], float], seed: int
) -> Iterator[tuple[Watched, FaultBoard]]:
    """The controller on a pseudo-terminal, in real time, in a thread of its own."""
    wiring, start_s = WIRINGS[name], clock()
    watched = Watched(wiring.make(wiring.emulated, start_s), radius_m, start_s)
    faults, over = FaultBoard(), threading.Event()
    link = Link(watched, wiring.baud, faults, np.random.default_rng(seed))
    with PtyPort(port, wiring.baud) as terminal:
        server = Server(terminal, link, clock)
        thread = threading.Thread(target=server.run, args=(over.is_set,))
        thread.start()
        try:
            yield watched, faults
        finally:
            over.set()
            thread.join()
