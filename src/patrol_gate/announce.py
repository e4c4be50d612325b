"""Light and sound before the first movement after standing; light for as long as it moves.

As ISO 3691-4:2020 asks of driverless trucks: for 2 s after a stop longer than 10 s.
"""

from __future__ import annotations

from patrol_gate.params import GateParams

FORGET_S = 1.0
"""A wish to move that has been gone for so long is announced anew."""


class Announcer:
    """Decides whether a movement may begin now, or is announced first."""

    def __init__(self, params: GateParams) -> None:
        self._standing_limit_s = params.standing_s
        self._warning_s = params.warning_s
        self._standing_s = params.standing_s
        self._announced_s = 0.0
        self._unwanted_s = 0.0
        self.light = False
        self.sound = False

    def may_move(self, wants: bool, dt_s: float) -> bool:
        """Once a tick: `wants` says whether the gate would otherwise let a movement pass."""
        if not wants:
            self._standing_s += dt_s
            self._unwanted_s += dt_s
            if self._unwanted_s >= FORGET_S:
                self._announced_s = 0.0
            self.light = self.sound = False
            return False
        self._unwanted_s = 0.0
        if self._standing_s + 1e-9 < self._standing_limit_s:
            self._standing_s = 0.0
            self.light, self.sound = True, False
            return True
        self._announced_s += dt_s
        if self._announced_s > self._warning_s:
            self._standing_s = self._announced_s = 0.0
            self.light, self.sound = True, False
            return True
        self.light = self.sound = True
        return False
