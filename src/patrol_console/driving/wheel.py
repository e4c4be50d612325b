"""One robot's wheel: one person at a time, and zero whenever that person does not hold on."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

from patrol_console.driving.numbers import Numbers
from patrol_console.driving.params import DrivingParams
from patrol_console.station import Robot
from patrol_core.topics import CMD_VEL_TELEOP, GATE_STATUS, TELEOP_LEASE
from patrol_core.types.motion import VelocityCommand
from patrol_core.types.status import TeleopLease
from patrol_core.web.asking import RefusalError

PERIOD_S = 0.05
_GIVEN_BACK_S = 0.3
"""For so long it is said that nobody has the robot, in case a word is lost on the way."""


@dataclass(slots=True)
class Grip:
    """One line to a page: its numbers, and the command in force."""

    numbers: Numbers
    linear: float = 0.0
    angular: float = 0.0
    came_s: float = -math.inf
    age_s: float = 0.0
    barred: bool = True
    refused: str = ""
    override_until_s: float = -math.inf


class Wheel:
    """Lives in the web's loop; times are steady [s].

    `take` makes a person the holder; a page's `Grip` then says deflections while its dead-man is
    held. What is older than allowed, or comes from anybody else, moves nothing. After a refusal or
    a release the dead-man counts again once it was let go and pressed anew.
    """

    def __init__(self, robot: Robot, params: DrivingParams) -> None:
        self._robot, self._params = robot, params
        self.holder = ""
        self._grip: Grip | None = None
        self._said_holder = ""
        self._lost_s = math.inf
        self._given_back_s = -math.inf

    def take(self, who: str, over: bool, why: str = "") -> tuple[Grip, str]:
        """Become the holder, on a new line; also who had it before, whose page is told `why`.

        Raises RefusalError (409) when another has it and `over` is not set, or when somebody
        drives from outside the console, whom nothing here could tell.
        """
        before = self.holder
        outside = self._outside()
        if outside:
            raise RefusalError(409, f"{outside} drives it, not from this console. It ends there.")
        if before not in ("", who) and not over:
            raise RefusalError(409, f"{before} has the robot. Ask, or take over and say why.")
        if self._grip is not None:
            taken = f"{who} took the robot over: {why}"
            self._grip.refused = taken if before != who else "you drive on another page now"
        self.holder, self._lost_s = who, math.inf
        self._grip = Grip(Numbers())
        self._say(0.0, 0.0, held=False)
        return self._grip, before

    def has(self, grip: Grip) -> bool:
        """Whether a line is the one that drives."""
        return grip is self._grip and bool(self.holder)

    def hear(
        self, grip: Grip, number: int, linear: float, angular: float, held: bool, now_s: float
    ) -> None:
        """A word of a page: deflections from -1 to 1, and whether the dead-man is held."""
        if not self.has(grip):
            return
        self._expire(grip, now_s)
        age_s = grip.numbers.age_s(number, now_s)
        if not held:
            grip.barred, grip.refused = False, ""
            self._release(grip)
            return
        if age_s is None or age_s > self._params.refused_from_s:
            grip.barred = True
            grip.refused = "the link is too slow to drive: let go, and press again"
            self._release(grip)
            return
        if grip.barred:
            return
        grip.linear, grip.angular, grip.came_s, grip.age_s = linear, angular, now_s, age_s
        self._drive(grip, now_s)

    def override(self, grip: Grip, asked: bool, now_s: float) -> bool:
        """Let the holder creep past the fence for a while, or no more; whether it is his to say.

        The gate caps the speed, and lifts nothing but the fence.
        """
        if not self.has(grip):
            return False
        grip.override_until_s = now_s + self._params.override_s if asked else -math.inf
        return True

    def lose(self, grip: Grip, now_s: float) -> None:
        """A line has ended: zero, and the robot stands for its holder a while."""
        if self.has(grip):
            self._grip, self._lost_s = None, now_s
            self._say(0.0, 0.0, held=False)

    def give_back(self, now_s: float) -> None:
        """Nobody holds the robot any more: the mission may go on."""
        self._grip, self.holder, self._lost_s = None, "", math.inf
        self._given_back_s = now_s
        self._say(0.0, 0.0, held=False)

    def tick(self, now_s: float) -> str:
        """Every `PERIOD_S`: say again what is so, and end what has expired.

        Returns the name of who has been away for too long and holds the robot no more, or "".
        """
        away = self.holder if now_s - self._lost_s > self._params.kept_s else ""
        if away:
            self.give_back(now_s)
        if self._grip is not None:
            self._expire(self._grip, now_s)
        is_driving = self._grip is not None and self._grip.came_s > -math.inf
        if not is_driving and (self.holder or now_s - self._given_back_s < _GIVEN_BACK_S):
            self._say(0.0, 0.0, held=False)
        return away

    def state(self) -> dict[str, Any]:
        """For everybody who looks at the robot."""
        return {"holder": self.holder}

    def document(self, grip: Grip, now_s: float) -> dict[str, Any]:
        """What a page is told with each number."""
        gate = self._robot.fresh(GATE_STATUS)
        held = self.has(grip) and now_s - grip.came_s <= self._params.expires_s
        return {
            "n": grip.numbers.give(now_s),
            "holder": self.holder,
            "mine": self.has(grip),
            "driving": held,
            "latency_ms": round(1000.0 * grip.age_s) if held else None,
            "slowed": held and grip.age_s > self._params.slowed_from_s,
            "override_s": round(max(grip.override_until_s - now_s, 0.0), 1),
            "words": grip.refused or ("" if gate else "the gate is not heard"),
        }

    def _drive(self, grip: Grip, now_s: float) -> None:
        share = self._share(grip.age_s)
        self._say(
            grip.linear * share * self._params.speed_mps,
            grip.angular * share * self._params.yaw_rate_radps,
            held=True,
            override=now_s < grip.override_until_s,
        )

    def _share(self, age_s: float) -> float:
        """1 up to `slowed_from_s`, falling to 0 at `refused_from_s`."""
        low, high = self._params.slowed_from_s, self._params.refused_from_s
        return min(max((high - age_s) / max(high - low, 1e-6), 0.0), 1.0)

    def _outside(self) -> str:
        """Who holds the robot that nobody of the console gave it to, or ""."""
        lease = self._robot.fresh(TELEOP_LEASE)
        known = ("", self.holder, self._said_holder)
        return "" if lease is None or lease.holder in known else lease.holder

    def _expire(self, grip: Grip, now_s: float) -> None:
        """End a command that nothing has followed in time."""
        if grip.came_s > -math.inf and now_s - grip.came_s > self._params.expires_s:
            grip.barred = True
            grip.refused = "the link was lost for a moment: let go, and press again"
            self._release(grip)

    def _release(self, grip: Grip) -> None:
        grip.linear = grip.angular = 0.0
        grip.came_s = -math.inf
        self._say(0.0, 0.0, held=False)

    def _say(
        self, linear_mps: float, angular_radps: float, *, held: bool, override: bool = False
    ) -> None:
        stamp_s = self._robot.now_s()
        self._said_holder = self.holder or self._said_holder
        self._robot.say(TELEOP_LEASE, TeleopLease(stamp_s, self.holder, held, override))
        self._robot.say(CMD_VEL_TELEOP, VelocityCommand(stamp_s, linear_mps, angular_radps))
