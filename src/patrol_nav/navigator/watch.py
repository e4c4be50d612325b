"""Is all there that driving needs? If not: hold, say why, and give up after a while."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from patrol_core import topics
from patrol_core.component import Inputs
from patrol_core.result import ErrorCode, Result
from patrol_core.types.status import GateState, LocalizationLevel
from patrol_nav.params import FollowerParams

NEEDED: tuple[topics.Topic[Any], ...] = (topics.AMCL_POSE, topics.ODOM, topics.SCAN)


@dataclass(frozen=True, slots=True)
class Trouble:
    """Why the robot must hold."""

    code: ErrorCode
    message: str
    patience_s: float


class Watch:
    """Remembers since when it is so."""

    def __init__(self, params: FollowerParams) -> None:
        self._params = params
        self._code = ErrorCode.NONE
        self._since_s = 0.0

    def look(self, inputs: Inputs, now_s: float) -> Trouble | None:
        """What is wrong at `now_s`, or None."""
        trouble = self._find(inputs, now_s)
        code = ErrorCode.NONE if trouble is None else trouble.code
        if code is not self._code:
            self._code, self._since_s = code, now_s
        return trouble

    def verdict(self, trouble: Trouble, now_s: float) -> Result | None:
        """The end of the goal once the trouble has lasted too long."""
        waited_s = now_s - self._since_s
        if waited_s < trouble.patience_s:
            return None
        return Result.failure(trouble.code, f"{trouble.message}; waited {waited_s:.0f} s")

    def waited_s(self, now_s: float) -> float:
        """How long the present trouble has lasted."""
        return now_s - self._since_s

    def _find(self, inputs: Inputs, now_s: float) -> Trouble | None:
        params = self._params
        if inputs.latest(topics.MAP) is None:
            return Trouble(ErrorCode.INPUT_STALE, "there is no map yet", params.stale_s)
        for topic in NEEDED:
            if inputs.fresh(topic, now_s) is None:
                message = f"nothing fresh on '{topic.name}'"
                return Trouble(ErrorCode.INPUT_STALE, message, params.stale_s)
        status = inputs.fresh(topics.LOCALIZATION_STATUS, now_s)
        if status is not None and status.level is LocalizationLevel.LOST:
            message = f"localisation is lost: {status.reason}"
            return Trouble(ErrorCode.LOCALIZATION_LOST, message, params.lost_s)
        gate = inputs.fresh(topics.GATE_STATUS, now_s)
        if gate is not None and gate.state is GateState.LATCHED:
            message = f"the gate is latched: {', '.join(gate.reasons) or 'no reason given'}"
            return Trouble(ErrorCode.GATE_LATCHED, message, params.latched_s)
        return None
