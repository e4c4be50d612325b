"""The ODrive as the port sees it: bytes in, bytes out."""

from __future__ import annotations

from patrol_emulators.emulator import Snapshot
from patrol_emulators.odrive.axis import RATE_HZ
from patrol_emulators.odrive.board import Board
from patrol_emulators.odrive.commands import obey
from patrol_emulators.odrive.flags import (
    AxisError,
    BoardError,
    ControllerError,
    MotorError,
    names,
)
from patrol_emulators.odrive.lines import Line, LineParser, answer
from patrol_emulators.odrive.settings import OdriveParams
from patrol_emulators.ticks import Ticks

NO_ESTOP = "e-stop pressed: an ODrive v3 has no input for it"


class Odrive:
    """Implements `patrol_emulators.emulator.Emulator`."""

    def __init__(self, params: OdriveParams, now_s: float) -> None:
        self._board = Board(params, now_s)
        self._parser = LineParser()
        self._ticks = Ticks(RATE_HZ, now_s)
        self._obeyed = 0
        self._refused = 0
        self.plant = self._board.plant

    def receive(self, data: bytes, now_s: float) -> bytes:
        self.step(now_s)
        answers: list[bytes] = []
        for byte in data:
            if not self._board.answers(now_s):
                self._parser.clear()
                break
            lines = self._parser.feed(bytes((byte,)))
            answers.extend(self._obey(line, now_s) for line in lines)
        return b"".join(answers)

    def _obey(self, line: Line, now_s: float) -> bytes:
        reply = obey(self._board, line.text, now_s)
        self._obeyed += not reply.refused
        self._refused += reply.refused
        return b"".join(answer(text, line.sealed) for text in reply.lines)

    def step(self, now_s: float) -> bytes:
        for step_s in self._ticks.until(now_s):
            self._board.step(step_s)
            if not self._board.answers(step_s):
                self._parser.clear()
        return b""

    def reset(self, now_s: float) -> None:
        self.step(now_s)
        self._parser.clear()
        self._board.reset(now_s)

    def snapshot(self) -> Snapshot:
        board, plant = self._board, self.plant
        first, second = plant.motors
        expired = AxisError.WATCHDOG_TIMER_EXPIRED
        return Snapshot(
            stamp_s=self._ticks.now_s,
            speeds_radps=(first.speed_radps, second.speed_radps),
            currents_a=plant.currents_a,
            supply_v=plant.supply_v,
            temperature_c=plant.temperature_c,
            commanded=board.is_commanded,
            watchdog_s=board.watchdog_s,
            watchdog_tripped=any(axis.error & expired for axis in board.axes),
            conditions=self._conditions(),
            packets=self._obeyed,
            rejected=self._parser.rejected + self._refused,
        )

    def _conditions(self) -> tuple[str, ...]:
        """Errors in the maker's words, and those of an axis with its name."""
        found = names(BoardError, self._board.error)
        for number, axis in enumerate(self._board.axes):
            told = (
                *names(AxisError, axis.error),
                *names(MotorError, axis.motor_error),
                *names(ControllerError, axis.loop.error),
            )
            found += [f"axis{number} {name}" for name in told]
        if self.plant.estop_pressed:
            found.append(NO_ESTOP)
        return tuple(found)
