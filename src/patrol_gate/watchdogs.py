"""What must be there, and what must not happen: clock, inputs, emergency stops, tilt, stall."""

from __future__ import annotations

import math
from typing import Any

from patrol_core.component import Inputs
from patrol_core.geometry import FloatArray
from patrol_core.robot import RobotModel
from patrol_core.topics import ESTOP, Topic
from patrol_core.types.sensors import Imu
from patrol_gate.params import GateParams
from patrol_gate.reasons import Reason

ESTOP_LATE_S = 2.0
"""A word of an emergency stop that is older than this when it comes shows no life of its source.
One that is younger may have waited for a gate that was itself held up."""

LONGEST_TICK_S = 0.1
"""A gate that did not run for a while cannot say that others were silent meanwhile."""


class ClockWatch:
    """Compares the robot's clock with steady time."""

    def __init__(self, stall_s: float) -> None:
        self._stall_s = stall_s
        self._now_s: float | None = None
        self._advanced_steady_s = 0.0

    def update(self, now_s: float, steady_s: float) -> tuple[float, Reason | None]:
        """Time since the last tick [s] (negative: the clock jumped back), and what is wrong."""
        previous_s, self._now_s = self._now_s, now_s
        if not math.isfinite(now_s):
            self._now_s = previous_s
            return 0.0, Reason("clock", "the clock is not a number")
        dt_s = 0.0 if previous_s is None else now_s - previous_s
        if dt_s != 0.0 or previous_s is None:
            self._advanced_steady_s = steady_s
        if dt_s < 0.0:
            return dt_s, Reason("clock", f"the clock jumped back by {-dt_s:.2f} s")
        stalled_s = steady_s - self._advanced_steady_s
        if stalled_s > self._stall_s:
            return dt_s, Reason("clock", "the clock stands still")
        return dt_s, None


class HoldTimer:
    """Keeps a hold up until nothing has been wrong for `release_s`. Starts up holding."""

    def __init__(self, release_s: float, waiting: Reason) -> None:
        self._release_s = release_s
        self._waiting = waiting
        self._well_s = 0.0

    def restart(self) -> None:
        self._well_s = 0.0

    def update(self, wrong: tuple[Reason, ...], dt_s: float) -> tuple[Reason, ...]:
        """Why to hold now; empty: free to move."""
        if wrong:
            self._well_s = 0.0
            return wrong
        if self._well_s + 1e-9 < self._release_s:
            self._well_s += min(max(dt_s, 0.0), LONGEST_TICK_S)
            return (self._waiting,)
        return ()


def stale_reason(inputs: Inputs, topic: Topic[Any], now_s: float) -> Reason | None:
    """Why the newest sample of a stamped row may not be used, or None.

    Both its arrival and its stamp count: a sensor that repeats itself is as good as silent.
    """
    sample = inputs.sample(topic)
    if sample is None:
        return Reason(f"missing:{topic.name}", f"waiting for {topic.name}")
    stamp_s = float(getattr(sample.value, "stamp_s", math.nan))
    if not math.isfinite(stamp_s):
        return Reason(f"stale:{topic.name}", f"{topic.name} has no stamp")
    age_s = max(now_s - sample.received_s, now_s - stamp_s)
    if not age_s <= topic.stale_s + 1e-9:
        return Reason(f"stale:{topic.name}", f"{topic.name} is {age_s:.1f} s old")
    if stamp_s - now_s > topic.stale_s:
        return Reason(f"stale:{topic.name}", f"{topic.name} is stamped in the future")
    return None


class EstopWatch:
    """The OR of all emergency stops; a required one that falls silent counts as pressed."""

    def __init__(self, params: GateParams) -> None:
        self._limit_s = params.estop_silence_s
        self._required = params.required_estop_sources
        self._pressed: dict[str, bool] = {}
        self._silent_s: dict[str, float] = {}

    def update(self, inputs: Inputs, now_s: float, dt_s: float) -> tuple[Reason, ...]:
        """The emergency stops that count as pressed now, and those pressed in between.

        A word that was old, or from the future, when it came does not end a source's silence.
        """
        silence_s = min(max(dt_s, 0.0), LONGEST_TICK_S)
        for source in self._silent_s:
            self._silent_s[source] += silence_s
        touched = []
        for word in inputs.events(ESTOP):
            self._pressed[word.source] = word.pressed
            if -self._limit_s <= now_s - word.stamp_s <= ESTOP_LATE_S:
                self._silent_s[word.source] = 0.0
            else:
                self._silent_s.setdefault(word.source, 0.0)
            if word.pressed:
                touched.append(word.source)
        reasons = [
            _pressed(source)
            for source, pressed in self._pressed.items()
            if pressed or source in touched
        ]
        for source in self._required:
            if self._silent_s.get(source, 0.0) > self._limit_s:
                key = f"estop_silent:{source}"
                reasons.append(Reason(key, f"emergency stop '{source}' is silent"))
        return tuple(reasons)

    def unheard(self) -> tuple[Reason, ...]:
        """Required sources that have never spoken."""
        return tuple(
            Reason(f"missing:estop:{source}", f"waiting for emergency stop '{source}'")
            for source in self._required
            if source not in self._pressed
        )


def _pressed(source: str) -> Reason:
    return Reason(f"estop:{source}", f"emergency stop '{source}' is pressed")


class TiltWatch:
    """Tilt and slope of base_link from the low-passed specific force.

    `downhill_mps2`: gravity along base_link's x axis, positive with the nose down. Of the force
    along that axis, what the wheels' own change of speed explains is no slope.
    """

    downhill_mps2 = 0.0

    def __init__(self, params: GateParams, robot: RobotModel) -> None:
        self._limit_rad = params.tilt_limit_rad
        self._time_constant_s = params.tilt_filter_s
        self._mount: FloatArray = robot.imu.transform().matrix()[:3, :3]
        self._force: FloatArray | None = None
        self._linear_mps = 0.0
        self._stamp_s = 0.0

    def update(self, imu: Imu, linear_mps: float) -> Reason | None:
        """What is wrong after taking in one finite sample, made at a forward speed."""
        force = self._mount @ imu.linear_acceleration_mps2
        dt_s = imu.stamp_s - self._stamp_s
        self._stamp_s = imu.stamp_s
        if self._force is None or not 0.0 <= dt_s <= 1.0:
            self._force, self._linear_mps = force, linear_mps
            self.downhill_mps2 = -float(force[0])
        elif dt_s > 0.0:
            share = dt_s / (self._time_constant_s + dt_s)
            self._force = self._force + (force - self._force) * share
            gained_mps = (linear_mps - self._linear_mps) * share
            self._linear_mps += gained_mps
            self.downhill_mps2 = gained_mps / dt_s - float(self._force[0])
        x, y, z = self._force.tolist()
        tilt_rad = math.atan2(math.hypot(x, y), z)
        if tilt_rad <= self._limit_rad:
            return None
        return Reason("tilt", f"the robot is tilted by {math.degrees(tilt_rad):.0f} degrees")


class StallWatch:
    """Notices wheels that do not follow what was passed on to them."""

    LINEAR_MPS = 0.1
    ANGULAR_RADPS = 0.3
    FOLLOWING = 0.25

    def __init__(self, stall_s: float) -> None:
        self._stall_s = stall_s
        self._not_following_s = 0.0

    def update(
        self,
        passed: tuple[float, float],
        measured: tuple[float, float],
        dt_s: float,
    ) -> Reason | None:
        """Compare the last passed and the measured (forward, yaw) velocity."""
        linear_stuck = abs(passed[0]) >= self.LINEAR_MPS and measured[0] * math.copysign(
            1.0, passed[0]
        ) < self.FOLLOWING * abs(passed[0])
        angular_stuck = abs(passed[1]) >= self.ANGULAR_RADPS and measured[1] * math.copysign(
            1.0, passed[1]
        ) < self.FOLLOWING * abs(passed[1])
        stuck = linear_stuck or (angular_stuck and abs(passed[0]) < self.LINEAR_MPS)
        step_s = min(max(dt_s, 0.0), LONGEST_TICK_S)
        self._not_following_s = self._not_following_s + step_s if stuck else 0.0
        if self._not_following_s <= self._stall_s:
            return None
        return Reason("stall", "the wheels do not follow: blocked, or the drive is off")
