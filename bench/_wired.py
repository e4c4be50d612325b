"""A driver's line to an emulator, in made-up time, with the bytes of a real line."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from patrol_drivers.errors import LinkError
from patrol_emulators.emulator import Emulator
from patrol_emulators.faults import FaultBoard, FaultKind
from patrol_emulators.link import Link

STEP_S = 0.001
"""How finely time passes, and how often `watch` looks."""


class Line:
    """A `patrol_drivers.link.Link` to an emulator; time passes only while somebody waits.

    `watch` is called with the time after each step.
    """

    def __init__(
        self,
        emulator: Emulator,
        baud: int,
        rng: np.random.Generator,
        watch: Callable[[float], None] = lambda _: None,
    ) -> None:
        self.now_s = 0.0
        self.faults = FaultBoard()
        self._byte_s = 10.0 / baud
        self._cable = Link(emulator, baud, self.faults, rng)
        self.watch = watch
        self._received = b""

    def clock(self) -> float:
        return self.now_s

    def wait(self, seconds: float) -> None:
        end_s = self.now_s + seconds
        while self.now_s < end_s - 1e-9:
            self._pass(min(STEP_S, end_s - self.now_s))

    def _pass(self, seconds: float, data: bytes = b"") -> None:
        sent_s, self.now_s = self.now_s, self.now_s + seconds
        self._received += self._cable.exchange(data, sent_s, self.now_s)
        self.watch(self.now_s)

    def _need_cable(self) -> None:
        if self.faults.on(FaultKind.UNPLUG):
            self._received = b""
            raise LinkError("the port went away", remedy="put the cable back")

    def open(self) -> None:
        self._need_cable()

    def write(self, data: bytes) -> None:
        self._need_cable()
        self._pass(0.0, data)

    def read(self, count: int, timeout_s: float) -> bytes:
        end_s = self.now_s + timeout_s
        while len(self._received) < count and self.now_s < end_s:
            soonest_s = (count - len(self._received)) * self._byte_s
            self._pass(min(soonest_s, STEP_S, max(end_s - self.now_s, 1e-6)))
            self._need_cable()
        data, self._received = self._received[:count], self._received[count:]
        return data

    def flush_input(self) -> None:
        self._received = b""

    def close(self) -> None:
        self._received = b""
