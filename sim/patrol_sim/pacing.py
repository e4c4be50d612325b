"""How fast simulated time may run."""

from __future__ import annotations

MAX_LAG_S = 0.12
"""Age of the newest command's stamp, in simulated time, from which on commands lag. Below the
0.15 s after which they expire; above the slowest part's period with its way through the gate."""

_LONGEST_HOLD_S = 1.0
_CATCH_UP_S = 0.2


class Pacer:
    """Decides how long to wait (wall time) before the next step.

    With `speed` above zero: so many times real time; what is lost is not made up for. With zero:
    as fast as the commands keep up. Time never stands still for more than 1 s: after that it runs
    as wall time does, until a command is fresh again.
    """

    def __init__(self, speed: float) -> None:
        self._speed = speed
        self._anchor: tuple[float, float] | None = None
        self._held_since_s: float | None = None

    def wait_s(self, now_s: float, command_stamp_s: float | None, wall_s: float) -> float:
        """Wall time to wait before stepping on from `now_s`; ask again when a command arrives."""
        if self._speed > 0.0:
            return self._behind_clock(now_s, wall_s, self._speed)
        if command_stamp_s is not None and now_s - command_stamp_s <= MAX_LAG_S:
            self._held_since_s = self._anchor = None
            return 0.0
        if command_stamp_s is None:
            return self._behind_clock(now_s, wall_s, 1.0)
        if self._held_since_s is None:
            self._held_since_s = wall_s
        left_s = self._held_since_s + _LONGEST_HOLD_S - wall_s
        return left_s if left_s > 0.0 else self._behind_clock(now_s, wall_s, 1.0)

    def _behind_clock(self, now_s: float, wall_s: float, speed: float) -> float:
        if self._anchor is None:
            self._anchor = (now_s, wall_s)
        start_s, start_wall_s = self._anchor
        early_s = start_wall_s + (now_s - start_s) / speed - wall_s
        if early_s < -_CATCH_UP_S:
            self._anchor = (now_s, wall_s)
        return max(early_s, 0.0)
