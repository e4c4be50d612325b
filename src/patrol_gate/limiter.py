"""How much of a wanted velocity may pass: collision gate, geofence and speed limits."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np

from patrol_core.geometry import FloatArray
from patrol_core.robot import RobotModel
from patrol_gate.collision import (
    Approach,
    Margins,
    body_distances_m,
    direction_words,
    first_moving_conflict,
    first_still_conflict,
    near_path,
    touches,
)
from patrol_gate.geofence import Bounds, Geofence
from patrol_gate.manoeuvre import STILL, Manoeuvre, Phase, Ramps, Velocity, stopping_manoeuvre
from patrol_gate.monitor import Observation
from patrol_gate.movers import Movers
from patrol_gate.nearby import Nearby, nearby
from patrol_gate.params import GateParams
from patrol_gate.reasons import Reason
from patrol_gate.surroundings import NEAR_M, Surroundings

HALVINGS = 4
LEAST = Velocity(0.02, 0.05)
LEAST_TO_START = Velocity(0.08, 0.15)
"""A limit below this is standing; above `LEAST`, the noise of scans would make it twitch."""

TOWARDS_MPS = 0.1
OVERRIDDEN = "past the fence by hand"
SLACK_M = 0.3
REUSE_S = 0.05


@dataclass(frozen=True, slots=True)
class Limited:
    """What may pass, why not more, and the distance to the nearest obstacle [m]."""

    velocity: Velocity
    speed_limit_mps: float
    clearance_m: float
    reasons: tuple[Reason, ...] = ()


@dataclass(frozen=True, slots=True, eq=False)
class _Scene:
    """What a motion is tried against at one tick; points in base_link.

    `blind`: the lidar does not see there, so that the motion must stay on the trail. `sight_m`: a
    motion that reaches farther ends where nothing has been looked for.
    """

    seen: Observation
    previous: Velocity
    ramps: Ramps
    sight_m: float
    near_m: FloatArray
    near_now_m: FloatArray
    movers: Movers
    bounds: Bounds | None
    blind: Reason | None


class Limiter:
    """Scales velocities down, curvature kept, until the robot can stop short of all it sees."""

    def __init__(self, params: GateParams, robot: RobotModel, fence: Geofence) -> None:
        self._params = params
        self._drive = robot.drive
        self._body = robot.body
        self._fence = fence
        drive, trust = robot.drive, params.braking_fraction
        self._ramps = Ramps(
            drive.max_acceleration_mps2,
            drive.max_deceleration_mps2 * trust,
            drive.max_yaw_acceleration_radps2,
            drive.max_yaw_acceleration_radps2 * trust,
        )
        self._best_ramps = Ramps(
            drive.max_acceleration_mps2,
            drive.max_deceleration_mps2,
            drive.max_yaw_acceleration_radps2,
            drive.max_yaw_acceleration_radps2,
        )
        self._margins = Margins(params.margin_m, params.margin_growth_s)
        corners = np.asarray(robot.footprint_m())
        self._radius_m = float(np.max(np.hypot(corners[:, 0], corners[:, 1])))
        self._yield_until_s = -math.inf
        self._unstoppable_s = 0.0
        self._clear = False
        self._found: tuple[Velocity, Surroundings | None, float] = (STILL, None, -math.inf)
        self._measured: Surroundings | None = None
        self._clearance_m = 0.0

    def limit(
        self, wanted: Velocity, previous: Velocity, seen: Observation, now_s: float, *,
        creep: bool = False, override: bool = False,
    ) -> Limited:  # fmt: skip
        """What of `wanted` may pass after `previous`. `creep`: it does not know where it is;
        `override`: a person takes it past the fence, creeping.

        What was found clear stays so until there is another scan or wish, for `REUSE_S` at most.
        """
        if not override and self._still_clear(wanted, seen, now_s):
            return Limited(wanted, self._drive.max_speed_mps, self._clearance_m)
        self._clear = False
        self._found = (wanted, seen.surroundings, now_s)
        if wanted.is_zero():
            if seen.surroundings is not self._measured:
                self._look(seen)
            return Limited(STILL, self._drive.max_speed_mps, self._clearance_m)
        limited = self._limit(wanted, previous, seen, now_s, creep, override)
        self._clear = not limited.reasons
        return limited

    def _still_clear(self, wanted: Velocity, seen: Observation, now_s: float) -> bool:
        before, surroundings, found_s = self._found
        return (
            self._clear
            and wanted == before
            and seen.surroundings is surroundings
            and now_s - found_s <= REUSE_S
        )

    def _look(self, seen: Observation) -> Nearby:
        near = nearby(seen, self._body, self._params.dock_tolerance_m)
        self._measured, self._clearance_m = seen.surroundings, near.clearance_m()
        return near

    def _limit(
        self, wanted: Velocity, previous: Velocity, seen: Observation, now_s: float, creep: bool,
        override: bool,
    ) -> Limited:  # fmt: skip
        around = self._look(seen)
        blind = _blind(wanted, seen, self._radius_m)
        if blind is not None and not self._may_retrace(wanted, seen):
            return Limited(STILL, 0.0, self._clearance_m, (blind,))
        braking_mps2 = self._ramps.slow_down_mps2 - _pulled_mps2(wanted, seen)
        if braking_mps2 <= 0.0:
            steep = Reason("slope", "the slope takes all of the braking: standing")
            return Limited(STILL, 0.0, self._clearance_m, (steep,))
        ramps = replace(self._ramps, slow_down_mps2=braking_mps2)
        top = self._drive.max_speed_mps
        full = self._motion(wanted, previous, seen, ramps)
        reach = full.reach_m() + SLACK_M
        bounds = None if seen.pose is None else self._fence.around(seen.pose, reach, now_s)
        factor, cap_mps, reasons = self._caps(wanted, seen, creep, override, bounds, full)
        wanted = wanted.scaled(factor)
        widest = self._margins.still_m + self._margins.growth_s * top
        near = near_path(full, around.points_m, self._radius_m + widest + SLACK_M)
        scene = _Scene(
            seen,
            previous,
            ramps,
            NEAR_M - self._radius_m - widest - seen.scan_age_s * abs(seen.velocity.linear_mps),
            around.points_m[near],
            around.distances_m[near],
            around.movers,
            None if override else bounds,
            blind,
        )
        if factor < 1.0:
            full = self._motion(wanted, previous, seen, ramps)
        scale, conflict = self._largest_clear(wanted, full, scene)
        passed = wanted.scaled(scale)
        if conflict is not None:
            least = LEAST_TO_START if previous.is_zero() else LEAST
            passed, reason = self._slowed(passed, least, conflict, now_s)
            cap_mps = min(cap_mps, abs(passed.linear_mps))
            reasons = (reason, *reasons)
        elif now_s < self._yield_until_s:
            way = Reason("moving", "giving way to something that moves: standing")
            passed, cap_mps, reasons = STILL, 0.0, (way, *reasons)
        return Limited(passed, min(cap_mps, top), self._clearance_m, reasons)

    def _may_retrace(self, wanted: Velocity, seen: Observation) -> bool:
        """Whether backing up may be vouched for by where the body has just been."""
        retraces = self._params.retrace_m > 0.0 and wanted.linear_mps < 0.0
        return retraces and seen.surroundings is not None

    def _slowed(
        self, passed: Velocity, least: Velocity, conflict: Reason, now_s: float
    ) -> tuple[Velocity, Reason]:
        """A limited velocity, or standing where next to nothing of it is left; and why."""
        if (
            abs(passed.linear_mps) >= least.linear_mps
            or abs(passed.angular_radps) >= least.angular_radps
        ):
            text = f"{conflict.text} limits to {abs(passed.linear_mps):.1f} m/s"
            return passed, Reason(conflict.key, text)
        if conflict.key == "moving":
            self._yield_until_s = now_s + self._params.hold_release_s
        return STILL, Reason(conflict.key, f"{conflict.text}: standing")

    def unstoppable(self, seen: Observation, dt_s: float) -> Reason | None:
        """The alarm when full braking has fallen short of an obstacle for a while.

        Where the last tick found the way clear at the wanted speed, braking cannot fall short.
        """
        falls_short = False
        if not self._clear and abs(seen.velocity.linear_mps) > TOWARDS_MPS:
            braking = stopping_manoeuvre(seen.velocity, (), self._best_ramps)
            points = self._look(seen).points_m
            points = points[near_path(braking, points, self._radius_m)]
            falls_short = touches(braking, points, self._body)
        self._unstoppable_s = self._unstoppable_s + max(dt_s, 0.0) if falls_short else 0.0
        if self._unstoppable_s <= self._params.unstoppable_s:
            return None
        return Reason(
            "unstoppable", "the robot moved towards something inside its protective field"
        )

    def _motion(
        self, target: Velocity, previous: Velocity, seen: Observation, ramps: Ramps
    ) -> Manoeuvre:
        phases = (
            Phase(previous, self._params.actuation_delay_s + seen.age_s),
            Phase(target, self._params.reaction_time_s),
        )
        return stopping_manoeuvre(seen.velocity, phases, ramps)

    def _caps(
        self,
        wanted: Velocity,
        seen: Observation,
        creep: bool,
        override: bool,
        bounds: Bounds | None,
        full: Manoeuvre,
    ) -> tuple[float, float, tuple[Reason, ...]]:
        """Factor on the wanted velocity from speed limits, the lowest limit, and the reasons."""
        params, caps = self._params, []
        creeping = Velocity(params.creep_speed_mps, params.creep_yaw_rate_radps)
        if creep:
            caps.append((creeping, Reason("lost", "localisation lost: creeping by hand only")))
        if override:
            caps.append((creeping, Reason("override", OVERRIDDEN)))
        if self._clearance_m < params.margin_m:
            caps.append(
                (creeping, Reason("margin", f"obstacle at {max(self._clearance_m, 0.0):.2f} m"))
            )
        if bounds is not None and bounds.breached() and not override:
            name = next(iter(bounds.depths_m))
            caps.append((creeping, Reason("fence", f"leading back from {name}")))
        if seen.dock is not None:
            slow = Velocity(params.dock_speed_mps, params.creep_yaw_rate_radps)
            caps.append((slow, Reason("dock", f"docking at '{seen.dock.dock_id}'")))
        if seen.degraded:
            slow = Velocity(params.degraded_speed_mps, math.inf)
            caps.append((slow, Reason("degraded", "localisation is degraded")))
        if bounds is not None:
            limit, name = bounds.speed_limit_mps(full)
            caps.append((Velocity(limit, math.inf), Reason("zone", name)))
        factor, reasons = 1.0, []
        for cap, reason in caps:
            cap_factor = min(
                cap.linear_mps / max(abs(wanted.linear_mps), 1e-9),
                cap.angular_radps / max(abs(wanted.angular_radps), 1e-9),
            )
            if cap_factor < 1.0:
                text = f"{reason.text}: limited to {cap.linear_mps:.1f} m/s"
                reasons.append(Reason(reason.key, text))
                factor = min(factor, cap_factor)
        if override and all(reason.key != "override" for reason in reasons):
            reasons.append(Reason("override", OVERRIDDEN))
        lowest = min((cap.linear_mps for cap, _ in caps), default=math.inf)
        return factor, lowest, tuple(reasons)

    def _largest_clear(
        self, wanted: Velocity, full: Manoeuvre, scene: _Scene
    ) -> tuple[float, Reason | None]:
        """The largest factor found clear by bisection, and what is in the way of the whole."""
        conflict = self._conflict(full, scene)
        if conflict is None:
            return 1.0, None
        clear, blocked = 0.0, 1.0
        for _ in range(HALVINGS):
            middle = 0.5 * (clear + blocked)
            part = self._motion(wanted.scaled(middle), scene.previous, scene.seen, scene.ramps)
            if self._conflict(part, scene) is None:
                clear = middle
            else:
                blocked = middle
        return clear, conflict

    def _conflict(self, motion: Manoeuvre, scene: _Scene) -> Reason | None:
        """What is in the way of one motion, or None."""
        if scene.blind is not None and not scene.seen.trail.covers(motion, scene.seen.odom):
            return scene.blind
        if motion.reach_m() > scene.sight_m:
            return Reason("sight", f"a stop within the {NEAR_M:.0f} m that are looked at")
        index = first_still_conflict(
            motion, scene.near_m, scene.near_now_m, self._body, self._margins
        )
        if index is not None:
            return _obstacle("obstacle", scene.near_m[index], float(scene.near_now_m[index]))
        approach = Approach(
            self._params.walking_speed_mps,
            self._params.straying_mps,
            scene.seen.scan_age_s,
            self._params.rest_before_touch_s,
        )
        index = first_moving_conflict(motion, scene.movers, self._body, self._margins, approach)
        if index is not None:
            point = scene.movers.points_m[index]
            distance = float(body_distances_m(point[None, :], self._body)[0])
            return _obstacle("moving", point, distance)
        name = None if scene.bounds is None else scene.bounds.conflict(motion)
        return None if name is None else Reason("fence", name)


def _obstacle(key: str, point_m: FloatArray, distance_m: float) -> Reason:
    x, y = point_m.tolist()
    what = "something that moves" if key == "moving" else "obstacle"
    return Reason(key, f"{what} {max(distance_m, 0.0):.1f} m {direction_words(x, y)}")


def _blind(wanted: Velocity, seen: Observation, radius_m: float) -> Reason | None:
    """Why the lidar cannot vouch for the way of a motion."""
    if seen.surroundings is None:
        return Reason("missing:scan", "waiting for scan")
    return seen.surroundings.unseen(wanted, radius_m)


def _pulled_mps2(wanted: Velocity, seen: Observation) -> float:
    """What gravity takes from the braking of a motion down a slope [m/s^2]."""
    ways = [wanted.linear_mps]
    if abs(seen.velocity.linear_mps) > TOWARDS_MPS:
        ways.append(seen.velocity.linear_mps)
    pulls = [math.copysign(seen.downhill_mps2, seen.downhill_mps2 * way) for way in ways if way]
    return max([0.0, *pulls])
