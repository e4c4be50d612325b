"""A person's line to the gate of a running robot: its word, a stop, and a reset."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TYPE_CHECKING

from patrol_core.errors import RondaError
from patrol_core.topics import ESTOP, GATE_RESET, GATE_STATUS
from patrol_core.types.status import Authority, EstopState, GateReset, GateState, GateStatus

if TYPE_CHECKING:
    from ronda_cli.live.watcher import RobotWatcher

SOURCE = "command line"
"""Under this name the stop is pressed, and let go before a reset."""
FIRST_WORD_S = 10.0
"""Programs that end without DDS's clean-up leave the next one to find the gate slowly at times."""
ANSWER_S = 3.0
_CALM_S = 0.5
_SPIN_S = 0.05


class GateLine:
    """What is said carries the gate's own time, so that it is neither late nor early there."""

    def __init__(self, watcher: RobotWatcher) -> None:
        self._watcher = watcher
        self._press = watcher.publisher(ESTOP)
        self._reset = watcher.publisher(GATE_RESET)
        self._status: GateStatus | None = None
        watcher.on(GATE_STATUS, self._take)

    def status(self) -> GateStatus:
        """What the gate says now. Raises RondaError when it says nothing."""
        self._status = None
        said = self._wait(lambda _: True, within_s=FIRST_WORD_S)
        if said is None:
            raise RondaError(
                f"no {GATE_STATUS.name} has come for {FIRST_WORD_S:.0f} s: no gate runs here",
                expected="a robot that runs in this ROS domain and namespace",
                remedy="start it (./ronda up, ./ronda sim), or look with ./ronda doctor",
            )
        return said

    def stop(self) -> GateStatus:
        """Press the emergency stop until the gate has latched it. Raises RondaError if not."""
        self.status()
        stopped = self._wait(_is_stopped, self._pressed)
        if stopped is None:
            raise RondaError(
                f"the gate has not latched the stop within {ANSWER_S:.0f} s",
                remedy="press the robot's own button",
            )
        return stopped

    def reset(self, who: str, why: str) -> GateStatus:
        """Let the stop go and end the latched stops; a few seconds.

        Raises RondaError with the gate's reason when it refuses, and when nothing is latched.
        """
        status = self.status()
        if status.state is not GateState.LATCHED:
            raise RondaError("nothing is latched: there is nothing to reset")
        self._press(EstopState(status.stamp_s, SOURCE, pressed=False))
        self._watcher.spin(_CALM_S)
        before = self.status()
        self._reset(GateReset(before.stamp_s, who, why))
        after = self._wait(lambda said: _is_answer(said, before))
        if after is None:
            raise RondaError("the gate has not answered the reset", remedy="try again")
        if after.state is GateState.LATCHED:
            raise RondaError("; ".join(after.reasons), remedy="remove the cause, then reset")
        return after

    def _take(self, status: GateStatus) -> None:
        self._status = status

    def _pressed(self, status: GateStatus) -> None:
        self._press(EstopState(status.stamp_s, SOURCE, pressed=True))

    def _wait(
        self,
        happened: Callable[[GateStatus], bool],
        meanwhile: Callable[[GateStatus], None] = lambda _: None,
        within_s: float = ANSWER_S,
    ) -> GateStatus | None:
        """The word of the gate in which it happened; `meanwhile` is done at each step till then.

        None when it does not happen in time.
        """
        end_s = time.monotonic() + within_s
        while time.monotonic() < end_s:
            self._watcher.spin(_SPIN_S)
            said = self._status
            if said is not None:
                if happened(said):
                    return said
                meanwhile(said)
        return None


def _is_stopped(status: GateStatus) -> bool:
    return status.state is GateState.LATCHED and status.authority is Authority.ESTOP


def _is_answer(said: GateStatus, before: GateStatus) -> bool:
    """An earlier reset may still be shown as refused for a moment."""
    refused = any("refused" in reason for reason in said.reasons)
    later_s = said.stamp_s - before.stamp_s
    return said.state is not GateState.LATCHED or (refused and later_s > _CALM_S)
