"""Two VESCs as the port sees them: bytes in, bytes out."""

from __future__ import annotations

from patrol_emulators.emulator import Snapshot
from patrol_emulators.plant import COAST, Plant
from patrol_emulators.ticks import Ticks
from patrol_emulators.vesc.can_bus import EVERYBODY, CanBus, Message
from patrol_emulators.vesc.commands import FORWARD_CAN, obey
from patrol_emulators.vesc.control import TICK_S
from patrol_emulators.vesc.limits import FaultCode
from patrol_emulators.vesc.packets import PacketParser, framed
from patrol_emulators.vesc.params import VescParams
from patrol_emulators.vesc.unit import BOOT_S, Unit


class Vescs:
    """Implements `patrol_emulators.emulator.Emulator`.

    The second hears only what the first forwards (COMM_FORWARD_CAN), and its answers come when
    the CAN bus has brought them. A controller that is not there is not answered for.
    """

    def __init__(self, params: VescParams, now_s: float) -> None:
        self.plant = Plant(params.plant)
        self.plant.drives = [COAST, COAST]
        self.units = tuple(Unit(params, k, self.plant, now_s - BOOT_S) for k in range(2))
        self._parser = PacketParser()
        self._bus = CanBus()
        self._ticks = Ticks(1.0 / TICK_S, now_s)
        self._obeyed = 0
        self._refused = 0

    def receive(self, data: bytes, now_s: float) -> bytes:
        answers = self.step(now_s)
        first = self.units[0]
        if first.answers(now_s):
            for payload in self._parser.feed(data):
                answers += self._obey(payload, now_s)
                if not first.answers(now_s):
                    self._parser.clear()
                    break
        return answers

    def step(self, now_s: float) -> bytes:
        answers = b""
        for tick_s in self._ticks.until(now_s):
            answers += self._carry(tick_s)
            self.plant.step(TICK_S)
            for unit in self.units:
                unit.tick(tick_s)
            if not self.units[0].answers(tick_s):
                self._parser.clear()
        return answers + self._carry(now_s)

    def reset(self, now_s: float) -> None:
        self.step(now_s)
        self._parser.clear()
        self._bus.clear()
        for unit in self.units:
            unit.reset(now_s)
        self.plant.drives = [COAST, COAST]

    def _obey(self, payload: bytes, now_s: float) -> bytes:
        """What comes over the serial line, to the first unit."""
        if payload[0] == FORWARD_CAN and len(payload) > 2:
            self._obeyed += 1
            self._bus.send(payload[2:], payload[1], now_s)
            return b""
        answer = self._count(obey(self.units[0], payload, now_s))
        return framed(answer) if answer else b""

    def _carry(self, now_s: float) -> bytes:
        """Let what is on the CAN bus arrive; what comes back to the serial line."""
        answers = b""
        while (message := self._bus.pop(now_s)) is not None:
            if message.target is None:
                at_home = self.units[0].answers(message.arrives_s)
                answers += framed(message.payload) if at_home else b""
            else:
                self._deliver(message)
        return answers

    def _deliver(self, message: Message) -> None:
        unit, now_s = self.units[1], message.arrives_s
        mine = message.target in {unit.conf.controller_id, EVERYBODY}
        if mine and unit.answers(now_s):
            answer = self._count(obey(unit, message.payload, now_s))
            if answer:
                self._bus.send(answer, None, now_s)

    def _count(self, answer: bytes | None) -> bytes:
        self._obeyed += answer is not None
        self._refused += answer is None
        return answer or b""

    def snapshot(self) -> Snapshot:
        plant = self.plant
        left, right = plant.motors
        timeouts_s = [unit.conf.timeout_ms / 1000.0 for unit in self.units]
        return Snapshot(
            stamp_s=self._ticks.now_s,
            speeds_radps=(left.speed_radps, right.speed_radps),
            currents_a=plant.currents_a,
            supply_v=plant.supply_v,
            temperature_c=plant.temperature_c,
            commanded=any(unit.is_commanded for unit in self.units),
            watchdog_s=max(timeouts_s) if all(timeouts_s) else 0.0,
            watchdog_tripped=any(unit.stopped_by_timeout for unit in self.units),
            conditions=tuple(self._conditions()),
            packets=self._obeyed,
            rejected=self._parser.rejected + self._refused,
        )

    def _conditions(self) -> list[str]:
        """Faults in the firmware's words, and whose they are."""
        found = []
        for name, unit in zip(("first", "second"), self.units, strict=True):
            if unit.fault is not FaultCode.NONE:
                found.append(f"{name}: FAULT_CODE_{unit.fault.name}")
            if unit.kill_switch_on:
                found.append(f"{name}: kill switch")
        return found
