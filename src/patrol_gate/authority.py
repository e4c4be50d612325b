"""Who moves the robot, and whether what they ask can be taken seriously."""

from __future__ import annotations

from dataclasses import dataclass, replace

from patrol_core.component import Inputs, Sample
from patrol_core.robot import Drive
from patrol_core.topics import CMD_VEL_NAV, CMD_VEL_TELEOP, TELEOP_LEASE
from patrol_core.types.motion import VelocityCommand
from patrol_core.types.status import Authority
from patrol_gate.params import GateParams
from patrol_gate.reasons import Reason
from patrol_gate.watchdogs import stale_reason

IDLE_S = 1.0
"""A mission that has said nothing for so long wants nothing: that is no lapse."""


@dataclass(frozen=True, slots=True)
class Wish:
    """What the source in charge wants now; without a command: stand still, for `reason`.

    `override`: a person at the robot's controls wants to creep past the fence.
    """

    authority: Authority
    command: VelocityCommand | None = None
    reason: Reason | None = None
    override: bool = False


def choose(
    inputs: Inputs, params: GateParams, drive: Drive, now_s: float, not_before_s: float
) -> Wish:
    """The wish of the highest source that claims the robot; e-stops are judged elsewhere.

    A lease takes the robot from the mission; without the dead-man's grip it stands still.
    Commands decided before `not_before_s` (a reset) do not count.
    """
    lease = inputs.latest(TELEOP_LEASE)
    over = stale_reason(inputs, TELEOP_LEASE, now_s) is not None
    if lease is not None and lease.holder and not over:
        if not lease.dead_man:
            reason = Reason("dead_man", f"{lease.holder} has the robot, dead-man released")
            return Wish(Authority.TELEOP, reason=reason)
        sample = inputs.sample(CMD_VEL_TELEOP)
        wish = _wish(Authority.TELEOP, sample, params, drive, now_s, not_before_s)
        return replace(wish, override=lease.override)
    sample = inputs.sample(CMD_VEL_NAV)
    if sample is None or now_s - sample.received_s > IDLE_S:
        return Wish(Authority.NONE, reason=Reason("no_command", "nobody asks for movement"))
    return _wish(Authority.MISSION, sample, params, drive, now_s, not_before_s)


def _wish(
    authority: Authority,
    sample: Sample[VelocityCommand] | None,
    params: GateParams,
    drive: Drive,
    now_s: float,
    not_before_s: float,
) -> Wish:
    who = authority.value
    if sample is None:
        return Wish(authority, reason=Reason("no_command", f"{who} has sent no command"))
    refusal = refusal_of(sample, params, drive, now_s, not_before_s)
    if refusal is None:
        return Wish(authority, sample.value)
    return Wish(authority, reason=Reason(refusal.key, f"{who} command {refusal.text}"))


def refusal_of(
    sample: Sample[VelocityCommand],
    params: GateParams,
    drive: Drive,
    now_s: float,
    not_before_s: float,
) -> Reason | None:
    """Why a command may not move the robot at `now_s`, or None."""
    command = sample.value
    if not command.is_finite():
        return Reason("command_absurd", "refused: not a finite number")
    top_mps = max(drive.max_speed_mps, drive.max_reverse_mps) * params.absurd_factor
    if (
        abs(command.linear_mps) > top_mps
        or abs(command.angular_radps) > drive.max_yaw_rate_radps * params.absurd_factor
    ):
        return Reason(
            "command_absurd",
            f"refused: {command.linear_mps:.3g} m/s, {command.angular_radps:.3g} rad/s is absurd",
        )
    if not 0.0 <= now_s - sample.received_s <= params.command_expiry_s + 1e-9:
        return Reason("command_expired", "expired")
    age_s = now_s - command.stamp_s
    if age_s > params.command_max_age_s + 1e-9:
        return Reason("command_old", f"refused: decided {age_s:.2f} s ago")
    if age_s < -params.future_tolerance_s - 1e-9:
        return Reason("command_future", f"refused: stamped {-age_s:.2f} s in the future")
    if command.stamp_s < not_before_s:
        return Reason("command_old", "refused: decided before the reset")
    return None


def within_drive(command: VelocityCommand, drive: Drive) -> tuple[float, float]:
    """Forward and yaw velocity scaled down together to what the drive can do: same curvature."""
    linear, angular = command.linear_mps, command.angular_radps
    top_mps = drive.max_speed_mps if linear >= 0.0 else drive.max_reverse_mps
    excess = max(abs(linear) / top_mps, abs(angular) / drive.max_yaw_rate_radps, 1.0)
    return linear / excess, angular / excess
