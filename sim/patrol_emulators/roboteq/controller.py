"""The Roboteq controller as the port sees it: bytes in, bytes out."""

from __future__ import annotations

from patrol_emulators.emulator import Snapshot
from patrol_emulators.roboteq.commands import NOTHING, REFUSED, obey, query
from patrol_emulators.roboteq.encoder import TICK_RATE_HZ
from patrol_emulators.roboteq.lines import PRESENT, QUERY, LineReader, is_valid, understand
from patrol_emulators.roboteq.unit import RoboteqParams, Unit
from patrol_emulators.ticks import Ticks


class Roboteq:
    """Implements `patrol_emulators.emulator.Emulator`."""

    def __init__(self, params: RoboteqParams, now_s: float) -> None:
        self._unit = Unit(params, now_s)
        self._reader = LineReader()
        self._ticks = Ticks(TICK_RATE_HZ, now_s)
        self._obeyed = 0
        self._refused = 0
        self.plant = self._unit.plant

    def receive(self, data: bytes, now_s: float) -> bytes:
        sent = self.step(now_s)
        for byte in data:
            if self._unit.answers(now_s):
                sent += self._take(byte, now_s)
        return sent

    def _take(self, byte: int, now_s: float) -> bytes:
        """One byte: its echo, and the answer to the line that it ends."""
        if byte == QUERY:
            return PRESENT
        is_echoed = is_valid(byte) and not self._unit.config.get("ECHOF")
        echo = bytes((byte,)) if is_echoed else b""
        line = self._reader.take(byte)
        return echo if line is None or not line.strip() else echo + self._answer(line, now_s)

    def _answer(self, line: str, now_s: float) -> bytes:
        command = understand(line)
        answer = obey(self._unit, command, now_s) if command else REFUSED
        self._obeyed += answer != REFUSED
        self._refused += answer == REFUSED
        return b"" if answer == NOTHING else answer.encode("ascii") + b"\r"

    def step(self, now_s: float) -> bytes:
        sent = b""
        for tick_s in self._ticks.until(now_s):
            self._unit.tick(tick_s)
            if not self._unit.answers(tick_s):
                self._reader.clear()
                continue
            called = self._unit.history.pass_ms()
            if called is not None:
                sent += query(self._unit, called).encode("ascii") + b"\r"
        return sent

    def reset(self, now_s: float) -> None:
        self.step(now_s)
        self._reader.clear()
        self._unit.reset(now_s)

    def snapshot(self) -> Snapshot:
        unit, plant = self._unit, self.plant
        first, second = plant.motors
        return Snapshot(
            stamp_s=self._ticks.now_s,
            speeds_radps=(first.speed_radps, second.speed_radps),
            currents_a=plant.currents_a,
            supply_v=plant.supply_v,
            temperature_c=plant.temperature_c,
            commanded=unit.is_commanded,
            watchdog_s=unit.config.get("RWD") / 1000.0,
            watchdog_tripped=unit.watchdog_tripped,
            conditions=unit.conditions(),
            packets=self._obeyed,
            rejected=self._refused,
        )
