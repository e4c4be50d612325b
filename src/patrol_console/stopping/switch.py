"""One robot's software stop: pressed at once by anybody, cleared by a second, deliberate act."""

from __future__ import annotations

import asyncio
import math
from collections.abc import Callable
from typing import Any

from patrol_console.station import Robot
from patrol_core.topics import ESTOP, GATE_RESET, GATE_STATUS
from patrol_core.types.status import Authority, EstopState, GateReset, GateState, GateStatus
from patrol_core.web.asking import RefusalError

SOURCE = "console"
"""Under this name the gate hears it."""
EVERY_S = 0.1
RESET_AFTER_S = 0.3
"""From the word that it is let go to the reset, which would be refused before."""
ANSWER_S = 3.0
_SILENT_S = 1.0


class StopSwitch:
    """Lives in the web's loop. While it is pressed that is said ten times a second (`run`).

    What a page shows of it follows from the gate's own word (`document`): `asked` is not yet
    `stopped`. Clearing lets it go and asks the gate for a reset; nothing moves by that.
    """

    def __init__(self, robot: Robot, steady: Callable[[], float]) -> None:
        self._robot = robot
        self._steady = steady
        self._who = ""
        self._pressed_s = self._cleared_s = -math.inf
        self._clearing: asyncio.Task[None] | None = None
        self._others: dict[str, float] = {}
        robot.listen(ESTOP, self._hear)

    @property
    def is_pressed(self) -> bool:
        return bool(self._who)

    def press(self, who: str) -> None:
        """At once: the word goes out at the robot's next tick."""
        if not self._who:
            self._who, self._pressed_s = who, self._steady()
        if self._clearing is not None:
            self._clearing.cancel()
            self._clearing = None
        self._say(pressed=True)

    def clear(self, who: str, why: str) -> None:
        """Let go, then ask the gate to end what is latched.

        Raises RefusalError when nothing is.
        """
        gate = self._robot.fresh(GATE_STATUS)
        if gate is None:
            raise RefusalError(409, "The gate is not heard: nothing can be cleared.")
        if not self._who and gate.state is not GateState.LATCHED:
            raise RefusalError(409, "Nothing is stopped: there is nothing to clear.")
        pressed = self._pressed_elsewhere()
        if pressed:
            raise RefusalError(409, f"Still pressed: {', '.join(pressed)}. Let go there first.")
        self._who, self._cleared_s = "", self._steady()
        self._say(pressed=False)
        if self._clearing is not None:
            self._clearing.cancel()
        self._clearing = asyncio.get_running_loop().create_task(self._reset(who, why))

    async def run(self) -> None:
        """Say it again and again while it is pressed, until cancelled."""
        while True:
            if self._who:
                self._say(pressed=True)
            await asyncio.sleep(EVERY_S)

    def document(self) -> dict[str, Any]:
        """`state`: clear, asked (pressed, not yet in force), unanswered, stopped (in force),
        latched (in force for another reason), clearing; with sources, and the gate's words.
        """
        gate = self._robot.fresh(GATE_STATUS)
        sources = self._pressed_elsewhere()
        return {
            "state": self._state(gate),
            "by": self._who,
            "sources": sources + ([SOURCE] if self._who else []),
            "words": "the gate is not heard" if gate is None else "; ".join(gate.reasons),
        }

    def _state(self, gate: GateStatus | None) -> str:
        now_s = self._steady()
        latched = gate is not None and gate.state is GateState.LATCHED
        if self._who:
            if latched and gate is not None and gate.authority is Authority.ESTOP:
                return "stopped"
            return "asked" if now_s - self._pressed_s < ANSWER_S else "unanswered"
        if latched and now_s - self._cleared_s < ANSWER_S:
            return "clearing"
        if latched and gate is not None:
            return "stopped" if gate.authority is Authority.ESTOP else "latched"
        return "clear"

    async def _reset(self, who: str, why: str) -> None:
        await asyncio.sleep(RESET_AFTER_S)
        self._robot.say(GATE_RESET, GateReset(self._robot.now_s(), who, why))

    def _say(self, *, pressed: bool) -> None:
        self._robot.say(ESTOP, EstopState(self._robot.now_s(), SOURCE, pressed))

    def _hear(self, state: EstopState) -> None:
        if state.source == SOURCE:
            return
        if state.pressed:
            self._others[state.source] = self._steady()
        else:
            self._others.pop(state.source, None)

    def _pressed_elsewhere(self) -> list[str]:
        now_s = self._steady()
        return sorted(s for s, heard_s in self._others.items() if now_s - heard_s < _SILENT_S)
