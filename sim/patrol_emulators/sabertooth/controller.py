"""The Sabertooth as the port sees it: bytes in, never any out."""

from __future__ import annotations

from patrol_emulators.emulator import Snapshot
from patrol_emulators.sabertooth.commands import obey
from patrol_emulators.sabertooth.packets import PacketParser
from patrol_emulators.sabertooth.unit import TICK_RATE_HZ, TIMEOUT_UNIT_S, SabertoothParams, Unit
from patrol_emulators.ticks import Ticks


class Sabertooth:
    """Implements `patrol_emulators.emulator.Emulator`."""

    def __init__(self, params: SabertoothParams, now_s: float) -> None:
        self._unit = Unit(params, now_s)
        self._parser = PacketParser(params.address, finds_rate=params.version == 1)
        self._ticks = Ticks(TICK_RATE_HZ, now_s)
        self._obeyed = 0
        self._refused = 0
        self.plant = self._unit.plant

    def receive(self, data: bytes, now_s: float) -> bytes:
        self.step(now_s)
        if self._unit.hears(now_s):
            for packet in self._parser.feed(data):
                if obey(self._unit, packet, now_s):
                    self._unit.heard(now_s)
                    self._obeyed += 1
                else:
                    self._refused += 1
                if not self._unit.hears(now_s):
                    break
        return b""

    def step(self, now_s: float) -> bytes:
        for tick_s in self._ticks.until(now_s):
            self._unit.tick(tick_s)
            if not self._unit.runs(tick_s):
                self._parser.restart()
        return b""

    def reset(self, now_s: float) -> None:
        self.step(now_s)
        self._parser.restart()
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
