"""Whether the patrol waits because somebody talks with the robot."""

from __future__ import annotations

import math
from dataclasses import dataclass

from patrol_core.params import param


@dataclass(frozen=True, slots=True)
class StayingParams:
    """Nobody can keep the robot from its patrol for ever by talking to it."""

    after_word_s: float = param(
        30.0, "The patrol waits so long after a visitor's last word [s]", 5.0, 300.0
    )
    longest_s: float = param(180.0, "No longer than that at a time [s]", 10.0, 3600.0)
    apart_s: float = param(120.0, "Then not again for so long [s]", 0.0, 3600.0)
    emergency_s: float = param(
        900.0, "With somebody who called for help, at most [s]", 60.0, 7200.0
    )


class Staying:
    """Says at each step whether the robot is to stay."""

    def __init__(self, params: StayingParams) -> None:
        self._params = params
        self._since_s: float | None = None
        self._not_before_s = -math.inf
        self._help_s = -math.inf

    def call_for_help(self, now_s: float) -> None:
        """Somebody is in need here."""
        self._help_s = now_s

    def step(self, heard_s: float, now_s: float) -> bool:
        """`heard_s`: when a visitor said something last, minus infinity for never."""
        if now_s - self._help_s < self._params.emergency_s:
            return True
        is_talking = now_s - heard_s < self._params.after_word_s
        if not is_talking or now_s < self._not_before_s:
            self._since_s = None
            return False
        if self._since_s is None:
            self._since_s = now_s
        if now_s - self._since_s < self._params.longest_s:
            return True
        self._since_s, self._not_before_s = None, now_s + self._params.apart_s
        return False
