"""What the robot does while it does not hear its operators: a ladder of steps, each told.

No step needs the link. Source of the idea: the lost-link procedures of unmanned aircraft (ICAO
Doc 10019, 2015, chapter 11): known beforehand, told, and ended by itself when the link is back.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from patrol_core.params import param


class LinkStep(Enum):
    """On which step of the ladder the robot is."""

    HEARD = "heard"
    LOST = "lost"
    RETURN = "return"
    STAND = "stand"


@dataclass(frozen=True, slots=True)
class LinkParams:
    """What the robot does while no operator is heard."""

    watch: bool = param(False, "Whether operators' silence changes what the robot does")
    lost_after_s: float = param(5.0, "Silence that is told and recorded [s]", 1.0, 600.0)
    act_after_s: float = param(60.0, "Silence after which `then` is done [s]", 1.0, 86400.0)
    then: str = param(
        "go_on", "Go on by itself, or back along the way come to the dock",
        choices=("go_on", "return"),
    )  # fmt: skip
    stand_after_s: float = param(
        3600.0, "Silence after which the robot stands where it is, unless it is docked [s]",
        1.0, 864000.0,
    )  # fmt: skip


class LinkLadder:
    """Says the step for the time since operators were last heard; the start counts as heard."""

    def __init__(self, params: LinkParams) -> None:
        self._params = params
        self._heard_s: float | None = None

    def step(self, heard_s: float | None, now_s: float) -> LinkStep:
        """`heard_s`: stamp of the newest sign of an operator's end, None if there was none."""
        if self._heard_s is None or self._heard_s > now_s:
            self._heard_s = now_s
        if heard_s is not None and heard_s <= now_s:
            self._heard_s = max(self._heard_s, heard_s)
        if not self._params.watch:
            return LinkStep.HEARD
        silent_s = now_s - self._heard_s
        if silent_s >= self._params.stand_after_s:
            return LinkStep.STAND
        if silent_s >= self._params.act_after_s and self._params.then == "return":
            return LinkStep.RETURN
        return LinkStep.LOST if silent_s >= self._params.lost_after_s else LinkStep.HEARD
