"""The gate itself: the only publisher of `cmd_vel`."""

from __future__ import annotations

import math
from typing import Any

from patrol_core.component import Inputs, Outputs
from patrol_core.robot import RobotModel
from patrol_core.site.local_time import LocalTime
from patrol_core.site.model import Site
from patrol_core.topics import (
    AMCL_POSE,
    BUMPER,
    CMD_VEL,
    CMD_VEL_NAV,
    CMD_VEL_TELEOP,
    DEPTH_OBSTACLES,
    DOCK_APPROACH,
    ESTOP,
    GATE_RESET,
    GATE_STATUS,
    IMU,
    LOCALIZATION_STATUS,
    MOTION_WARNING,
    ODOM,
    SCAN,
    TELEOP_LEASE,
    Topic,
)
from patrol_core.types.motion import VelocityCommand
from patrol_core.types.status import Authority, GateReset, GateState, GateStatus, MotionWarning
from patrol_gate.announce import Announcer
from patrol_gate.authority import Wish, choose, within_drive
from patrol_gate.geofence import Geofence
from patrol_gate.latch import LatchStore
from patrol_gate.limiter import Limited, Limiter
from patrol_gate.manoeuvre import STILL, Velocity
from patrol_gate.monitor import Monitor, Observation
from patrol_gate.params import GateParams
from patrol_gate.reasons import Reason
from patrol_gate.watchdogs import LONGEST_TICK_S, ClockWatch, HoldTimer, StallWatch

STATUS_PERIOD_S = 0.1
RESET_LATE_S, RESET_EARLY_S = 2.0, 0.5
"""A reset that was longer on its way, or is stamped further ahead, means another moment."""


class Gate:
    """Decides at every tick what reaches the motors (DESIGN section 6).

    A hold ends by itself once all has been well for `hold_release_s`. A latched stop is kept in
    `store` and ends only by a `gate_reset` that finds its cause gone; a reset moves nothing.
    """

    name = "gate"
    rate_hz = 50.0
    reads: tuple[Topic[Any], ...] = (
        CMD_VEL_NAV, CMD_VEL_TELEOP, TELEOP_LEASE, SCAN, ODOM, IMU, BUMPER, ESTOP,
        LOCALIZATION_STATUS, AMCL_POSE, DOCK_APPROACH, GATE_RESET, DEPTH_OBSTACLES,
    )  # fmt: skip
    writes: tuple[Topic[Any], ...] = (CMD_VEL, GATE_STATUS, MOTION_WARNING)

    def __init__(
        self,
        params: GateParams,
        robot: RobotModel,
        site: Site,
        store: LatchStore,
        local_time: LocalTime,
    ) -> None:
        params.check()
        self._params = params
        self._drive = robot.drive
        self._store = store
        self._latched = {reason.key: reason for reason in store.load()}
        self._refused: Reason | None = None
        self._clock = ClockWatch(params.clock_stall_s)
        self._monitor = Monitor(params, robot, site)
        fence = Geofence(site, robot, params.geofence_margin_m, local_time)
        self._limiter = Limiter(params, robot, fence)
        self._stall = StallWatch(params.stall_s)
        self._announcer = Announcer(params)
        again = Reason("release", "all is well again: waiting a moment")
        self._hold = HoldTimer(params.hold_release_s, again)
        self._mission_hold = HoldTimer(params.hold_release_s, again)
        self._not_before_s = -math.inf
        self._authority = Authority.NONE
        self._passed = STILL
        self._told_s = -math.inf
        self._told: tuple[object, ...] = ()

    @property
    def latched(self) -> tuple[Reason, ...]:
        """The stops that only a human ends."""
        return tuple(self._latched.values())

    def step(self, inputs: Inputs, now_s: float, steady_s: float) -> Outputs:
        """One tick. `now_s`: the robot's clock, maybe simulated; `steady_s` never stops."""
        dt_s, clock_wrong = self._clock.update(now_s, steady_s)
        if dt_s < 0.0:
            self._monitor.forget()
            self._not_before_s = -math.inf
            self._told_s = -math.inf
        dt_s = min(max(dt_s, 0.0), LONGEST_TICK_S)
        seen = self._monitor.observe(inputs, now_s, dt_s, self._passed.is_zero())
        alarms = self._alarms(seen, dt_s)
        for reset in inputs.events(GATE_RESET):
            self._reset(reset, seen, alarms, now_s)
        self._latch(alarms)
        wish = choose(inputs, self._params, self._drive, now_s, self._not_before_s)
        self._note_authority(wish.authority)
        wrong = seen.holds if clock_wrong is None else (clock_wrong, *seen.holds)
        holds = self._hold.update(wrong, dt_s)
        lost = self._mission_hold.update(seen.mission_holds, dt_s)
        if wish.authority is not Authority.TELEOP:
            holds = (*holds, *lost)
        wanted, limited = self._limited(wish, seen, holds, bool(lost), now_s, dt_s)
        return self._outputs(wish, wanted, limited, holds, now_s)

    def fault(self, problem: str, now_s: float) -> Outputs:
        """Latch because the gate itself failed; the harness calls this when `step` raises."""
        self._latch((Reason("gate_fault", f"the gate failed: {problem}"),))
        still = Limited(STILL, 0.0, 0.0)
        return self._outputs(Wish(Authority.NONE), STILL, still, (), now_s)

    def _alarms(self, seen: Observation, dt_s: float) -> tuple[Reason, ...]:
        passed = (self._passed.linear_mps, self._passed.angular_radps)
        measured = (seen.velocity.linear_mps, seen.velocity.angular_radps)
        stalled = self._stall.update(passed, measured, dt_s)
        unstoppable = self._limiter.unstoppable(seen, dt_s)
        return (*seen.alarms, *(r for r in (stalled, unstoppable) if r is not None))

    def _latch(self, alarms: tuple[Reason, ...]) -> None:
        new = {alarm.key: alarm for alarm in alarms if alarm.key not in self._latched}
        if new:
            self._latched.update(new)
            self._keep()

    def _keep(self) -> None:
        try:
            self._store.save(self.latched)
        except OSError as error:
            text = f"latched stops cannot be stored: {error.strerror}"
            self._latched["latch_store"] = Reason("latch_store", text)

    def _reset(
        self, reset: GateReset, seen: Observation, alarms: tuple[Reason, ...], now_s: float
    ) -> None:
        """End the latched stops unless a cause of any is still there, or the reset comes late."""
        age_s = now_s - reset.stamp_s
        late = () if -RESET_EARLY_S <= age_s <= RESET_LATE_S else (_late(age_s),)
        touched = tuple(reason for reason in seen.holds if reason.key == "touched")
        there = (*late, *alarms, *touched)
        if there:
            self._refused = Reason("refused", f"reset by {reset.who} refused: {there[0].text}")
            return
        self._refused = None
        self._latched.clear()
        self._keep()
        self._not_before_s = now_s
        self._hold.restart()

    def _note_authority(self, authority: Authority) -> None:
        """A change between operator and mission is a moment's hold."""
        if Authority.NONE not in (authority, self._authority) and authority is not self._authority:
            self._hold.restart()
        self._authority = authority

    def _limited(
        self,
        wish: Wish,
        seen: Observation,
        holds: tuple[Reason, ...],
        creep: bool,
        now_s: float,
        dt_s: float,
    ) -> tuple[Velocity, Limited]:
        """What is wanted within the drive's limits, and what passes of it; sets `_passed`."""
        stopped = bool(holds or self._latched or wish.command is None)
        wanted = (
            STILL if wish.command is None else Velocity(*within_drive(wish.command, self._drive))
        )
        asked = STILL if stopped else wanted
        limited = self._limiter.limit(
            asked, self._passed, seen, now_s, creep=creep, override=wish.override
        )
        passes = not limited.velocity.is_zero()
        if not self._announcer.may_move(passes, dt_s) and passes:
            announcing = Reason("announcing", "announcing the movement")
            limited = Limited(STILL, 0.0, limited.clearance_m, (announcing, *limited.reasons))
        safety = stopped or bool(limited.reasons)
        self._passed = self._ramped(limited.velocity, dt_s, safety)
        return wanted, limited

    def _ramped(self, target: Velocity, dt_s: float, safety: bool) -> Velocity:
        """One tick from what last passed towards `target`, curvature kept while speeding up.

        A stop for safety does not ramp.
        """
        drive, last = self._drive, self._passed
        down = math.inf if safety else drive.max_deceleration_mps2 * dt_s
        turn_up = drive.max_yaw_acceleration_radps2 * dt_s
        turn_down = math.inf if safety else turn_up
        linear = _step(
            last.linear_mps, target.linear_mps, drive.max_acceleration_mps2 * dt_s, down
        )
        turn = target.angular_radps
        if abs(linear) < abs(target.linear_mps):
            turn *= abs(linear / target.linear_mps)
        return Velocity(linear, _step(last.angular_radps, turn, turn_up, turn_down))

    def _outputs(
        self,
        wish: Wish,
        wanted: Velocity,
        limited: Limited,
        holds: tuple[Reason, ...],
        now_s: float,
    ) -> Outputs:
        if self._latched:
            self._passed = STILL
        passed, command = self._passed, wish.command
        stamp_s = now_s if command is None or passed.is_zero() else command.stamp_s
        outputs = Outputs()
        outputs.put(CMD_VEL, VelocityCommand(stamp_s, passed.linear_mps, passed.angular_radps))
        state, reasons = self._judgement(wish, wanted, limited, holds)
        authority = wish.authority
        if any(key.startswith("estop") for key in self._latched):
            authority = Authority.ESTOP
        told = (state, authority, *(r.key for r in reasons), self._announcer.sound)
        if told != self._told or now_s - self._told_s >= STATUS_PERIOD_S - 1e-6:
            self._told, self._told_s = told, now_s
            stopped = state in (GateState.HOLD, GateState.LATCHED)
            outputs.put(
                GATE_STATUS,
                GateStatus(
                    now_s,
                    state,
                    authority,
                    tuple(reason.text for reason in reasons),
                    0.0 if stopped else limited.speed_limit_mps,
                    wanted.linear_mps,
                    wanted.angular_radps,
                    passed.linear_mps,
                    passed.angular_radps,
                    limited.clearance_m,
                ),
            )
            warning = MotionWarning(now_s, self._announcer.light, self._announcer.sound)
            outputs.put(MOTION_WARNING, warning)
        return outputs

    def _judgement(
        self, wish: Wish, wanted: Velocity, limited: Limited, holds: tuple[Reason, ...]
    ) -> tuple[GateState, tuple[Reason, ...]]:
        """What the gate does with the wish, in one word, and why, the most binding first."""
        if self._latched:
            refused = () if self._refused is None else (self._refused,)
            return GateState.LATCHED, (*self.latched, *refused, *holds)
        idle = () if wish.reason is None else (wish.reason,)
        if holds:
            return GateState.HOLD, (*holds, *idle)
        if limited.reasons:
            stands = limited.velocity.is_zero() and not wanted.is_zero()
            return GateState.HOLD if stands else GateState.LIMITED, limited.reasons
        return GateState.PASSING, idle


def _step(value: float, target: float, up: float, down: float) -> float:
    """`target`, or as far towards it as `up` (away from zero) and `down` (towards it) allow."""
    if value * target < 0.0:
        value = 0.0 if abs(value) <= down else value
        target = 0.0 if value != 0.0 else target
    rate = up if abs(target) > abs(value) else down
    return min(max(target, value - rate), value + rate)


def _late(age_s: float) -> Reason:
    return Reason("late", f"it was stamped {age_s:.1f} s ago, on the gate's clock")
