"""The RoboClaw as the port sees it: bytes in, bytes out."""

from __future__ import annotations

from patrol_emulators.emulator import Snapshot
from patrol_emulators.roboclaw.commands import obey
from patrol_emulators.roboclaw.encoder import TICK_RATE_HZ
from patrol_emulators.roboclaw.packets import PacketParser
from patrol_emulators.roboclaw.unit import TIMEOUT_UNIT_S, RoboclawParams, Unit
from patrol_emulators.ticks import Ticks


class Roboclaw:
    """Implements `patrol_emulators.emulator.Emulator`."""

    def __init__(self, params: RoboclawParams, now_s: float) -> None:
        self._unit = Unit(params, now_s)
        self._parser = PacketParser(params.address)
        self._ticks = Ticks(TICK_RATE_HZ, now_s)
        self._obeyed = 0
        self._refused = 0
        self.plant = self._unit.plant

    def receive(self, data: bytes, now_s: float) -> bytes:
        self.step(now_s)
        if not self._unit.answers(now_s) or not data:
            return b""
        self._unit.heard(now_s)
        answers = []
        for packet in self._parser.feed(data, now_s):
            answers.append(obey(self._unit, packet))
            self._obeyed += bool(answers[-1])
            self._refused += not answers[-1]
        return b"".join(answers)

    def step(self, now_s: float) -> bytes:
        for tick_s in self._ticks.until(now_s):
            self._unit.tick(tick_s)
            if not self._unit.answers(tick_s):
                self._parser.clear()
        return b""

    def reset(self, now_s: float) -> None:
        self.step(now_s)
        self._parser.clear()
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
            watchdog_s=unit.timeout * TIMEOUT_UNIT_S,
            watchdog_tripped=unit.watchdog_tripped,
            conditions=tuple(sorted(c.value for c in unit.protection.conditions)),
            packets=self._obeyed,
            rejected=self._parser.rejected + self._refused,
        )
