"""The cable between a driver and a device: bytes take their time, and faults work on them."""

from __future__ import annotations

import math
from collections import deque

import numpy as np

from patrol_emulators.emulator import Emulator
from patrol_emulators.faults import Fault, FaultBoard, FaultKind

BITS_PER_BYTE = 10
"""8N1: start bit, eight bits, stop bit."""


class SerialLine:
    """One direction. A byte is there when its stop bit has passed."""

    def __init__(self, baud: int) -> None:
        self._byte_s = BITS_PER_BYTE / baud
        self._free_s = -math.inf
        self._moving: deque[tuple[float, int]] = deque()

    def push(self, data: bytes, at_s: float, pause_s: float = 0.0) -> None:
        """Send `data` from `at_s` on, after what is still being sent."""
        for byte in data:
            self._free_s = max(self._free_s, at_s) + self._byte_s
            self._moving.append((self._free_s, byte))
            self._free_s += pause_s

    def pop(self, now_s: float) -> list[tuple[float, int]]:
        """The bytes that have arrived, each with the time when it did."""
        arrived = []
        while self._moving and self._moving[0][0] <= now_s:
            arrived.append(self._moving.popleft())
        return arrived

    def clear(self) -> None:
        self._moving.clear()
        self._free_s = -math.inf

    @property
    def busy(self) -> bool:
        return bool(self._moving)


class Link:
    """An emulator at the end of a cable. `faults` may be added to at any time."""

    def __init__(
        self, emulator: Emulator, baud: int, faults: FaultBoard, rng: np.random.Generator
    ) -> None:
        self.emulator = emulator
        self.faults = faults
        self._rng = rng
        self._to_device = SerialLine(baud)
        self._to_driver = SerialLine(baud)
        self._now_s: float | None = None

    @property
    def busy(self) -> bool:
        """Whether bytes are on their way."""
        return self._to_device.busy or self._to_driver.busy

    def exchange(self, data: bytes, sent_s: float, now_s: float) -> bytes:
        """Let time pass until `now_s`; the bytes that the driver receives by then.

        `data` was sent by the driver at `sent_s`, which is not before the last call's `now_s`.
        Faults are those that are on at the beginning of this time.
        """
        self.faults.update(self.emulator, sent_s if self._now_s is None else self._now_s)
        if self.faults.on(FaultKind.ECHO):
            self._answer(data, sent_s)
        self._to_device.push(self._spoil(data), sent_s)
        self._add_noise(now_s)
        for arrived_s, byte in self._to_device.pop(now_s):
            if not self._cut:
                answer = self.emulator.receive(bytes((byte,)), arrived_s)
                self._answer(answer, arrived_s)
        self._answer(self.emulator.step(now_s), now_s)
        if self._cut:
            self._to_driver.clear()
        received = bytes(byte for _, byte in self._to_driver.pop(self._release_s(now_s)))
        self._now_s = now_s
        return received

    @property
    def _cut(self) -> bool:
        return bool(self.faults.on(FaultKind.SILENCE) or self.faults.on(FaultKind.UNPLUG))

    def _answer(self, data: bytes, at_s: float) -> None:
        late_s = _amount(self.faults.on(FaultKind.DELAY))
        pause_s = _amount(self.faults.on(FaultKind.SPLIT))
        self._to_driver.push(self._spoil(data), at_s + late_s, pause_s)

    def _release_s(self, now_s: float) -> float:
        """Until when bytes are let through: with MERGE, until the last full interval."""
        every_s = _amount(self.faults.on(FaultKind.MERGE))
        return math.floor(now_s / every_s) * every_s if every_s else now_s

    def _spoil(self, data: bytes) -> bytes:
        """Lose and damage bytes."""
        if data and (share := _amount(self.faults.on(FaultKind.DROP))):
            data = bytes(byte for byte in data if self._rng.random() >= share)
        if data and (share := _amount(self.faults.on(FaultKind.FLIP))):
            data = bytes(
                byte ^ (1 << int(self._rng.integers(8))) if self._rng.random() < share else byte
                for byte in data
            )
        return data

    def _add_noise(self, now_s: float) -> None:
        rate_hz = _amount(self.faults.on(FaultKind.NOISE))
        if not rate_hz or self._now_s is None:
            return
        for line in (self._to_device, self._to_driver):
            count = int(self._rng.poisson(rate_hz * (now_s - self._now_s)))
            line.push(self._rng.bytes(count), self._now_s)


def _amount(fault: Fault | None) -> float:
    return fault.amount if fault else 0.0
