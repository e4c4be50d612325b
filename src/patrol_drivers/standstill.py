"""Wheels that stand though they shall turn: held fast, or with an encoder that no longer counts.

A controller that controls the speed by such an encoder drives its motor harder and harder. With
the wheel held it runs on when it is let go; with the encoder dead it runs away. So both wheels are
stopped by other means than the control of their speed, until the command is zero once.
"""

from __future__ import annotations

import math

from patrol_drivers.motors import EventKind, MotorEvent, Sides, WheelSpeeds

STANDS = MotorEvent(
    EventKind.FAULT,
    "a wheel, or its encoder, stands though it shall turn: both stop until the command is zero",
)

LEAST_RADPS = 1.0
"""Slower commands are not judged: friction may hold a wheel now and then."""

MOVED_RAD = 0.02

GOING_S = 0.12
"""A wheel that turned the way it shall does not stand still for this long by itself."""

FROM_REST_S = 1.0
"""One that has to begin, or to turn round along a slow ramp, may stand for this long."""

UNSEEN_S = 0.1
"""After a longer time without a reading everything begins anew."""


class Standstill:
    """Watches both wheels. `holds`: one stood, and no zero was commanded since."""

    def __init__(self) -> None:
        self.holds = False
        self._wanted = Sides(0.0, 0.0)
        self._wheels = (_Wheel(), _Wheel())
        self._seen_s = -math.inf

    def wants(self, sent: WheelSpeeds | None) -> None:
        """What the wheels were told."""
        self._wanted = Sides(sent.left_radps, sent.right_radps) if sent else Sides(0.0, 0.0)

    def see(self, positions_rad: Sides, command: WheelSpeeds | None, now_s: float) -> bool:
        """Take a reading; whether both wheels have to be stopped."""
        if now_s - self._seen_s > UNSEEN_S:
            self._wheels = (_Wheel(), _Wheel())
        self._seen_s = now_s
        if command is None or command.is_stop:
            self.holds = False
        triples = zip(self._wheels, positions_rad, self._wanted, strict=True)
        stands = [wheel.stands(position, wanted, now_s) for wheel, position, wanted in triples]
        self.holds = self.holds or any(stands)
        return self.holds


class _Wheel:
    def __init__(self) -> None:
        self._at_rad = math.nan
        self._since_s = 0.0
        self._is_going = False

    def stands(self, position_rad: float, wanted_radps: float, now_s: float) -> bool:
        moved_rad = position_rad - self._at_rad
        if not abs(moved_rad) <= MOVED_RAD or abs(wanted_radps) < LEAST_RADPS:
            self._is_going = moved_rad * wanted_radps > MOVED_RAD * LEAST_RADPS
            self._at_rad, self._since_s = position_rad, now_s
            return False
        return now_s - self._since_s > (GOING_S if self._is_going else FROM_REST_S)
