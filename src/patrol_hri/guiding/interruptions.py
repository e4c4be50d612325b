"""What matters more than a visitor who is guided, and when nobody is guided at all."""

from __future__ import annotations

import math

from patrol_core.component import Inputs
from patrol_core.geometry import Pose2
from patrol_core.result import ErrorCode, Result
from patrol_core.topics import (
    BATTERY_STATE,
    FINDINGS,
    GATE_STATUS,
    PATROL_COMMAND,
    PATROL_STATUS,
)
from patrol_core.types.mission import VISITOR_GUIDE, PatrolState, PatrolStatus
from patrol_core.types.perception import FindingKind
from patrol_core.types.status import Authority, GateState
from patrol_hri.guiding.params import GuideParams

NO_PATROL = (PatrolState.IDLE, PatrolState.FINISHED, PatrolState.FAILED)
_NOT_NOW = {
    PatrolState.UNDOCKING: "the robot is leaving its dock",
    PatrolState.LOOKING: "the robot is looking at a finding",
    PatrolState.RETURNING: "the robot is on its way to the dock",
    PatrolState.DOCKING: "the robot is docking",
    PatrolState.PAUSED: "the patrol is paused",
}


def interruption(inputs: Inputs, robot: Pose2, params: GuideParams, now_s: float) -> Result | None:
    """Why the robot is wanted elsewhere at this tick, highest authority first; None: it is not."""
    gate = inputs.fresh(GATE_STATUS, now_s)
    if gate is not None and (gate.state is GateState.LATCHED or gate.authority is Authority.ESTOP):
        return Result.failure(ErrorCode.GATE_LATCHED, f"stopped: {', '.join(gate.reasons)}")
    if gate is not None and gate.authority is Authority.TELEOP:
        return Result.failure(ErrorCode.PREEMPTED, "an operator drives by hand")
    for command in inputs.events(PATROL_COMMAND):
        if command.who != VISITOR_GUIDE:
            message = f"{command.verb.value} by {command.who}"
            return Result.failure(ErrorCode.STOPPED_BY_OPERATOR, message)
    battery = inputs.latest(BATTERY_STATE)
    if battery is not None and battery.charge_fraction < params.least_battery_fraction:
        message = f"battery at {battery.charge_fraction:.0%}"
        return Result.failure(ErrorCode.BATTERY_LOW, message)
    for finding in inputs.events(FINDINGS):
        apart_m = math.hypot(finding.x_m - robot.x_m, finding.y_m - robot.y_m)
        if finding.kind is FindingKind.BEHAVIOUR and apart_m <= params.urgent_m:
            return Result.failure(ErrorCode.PREEMPTED, f"needed near by: {finding.reason}")
    return None


def busy(inputs: Inputs) -> Result | None:
    """Why nobody is guided from where the robot is and what it does; None: it is free."""
    status = inputs.latest(PATROL_STATUS)
    if status is not None and status.state in _NOT_NOW:
        return Result.failure(ErrorCode.BUSY, _NOT_NOW[status.state])
    battery = inputs.latest(BATTERY_STATE)
    if battery is not None and battery.charging:
        return Result.failure(ErrorCode.BUSY, "the robot is charging")
    return None


def on_patrol(inputs: Inputs) -> bool:
    """Whether there is a patrol under way."""
    status = inputs.latest(PATROL_STATUS)
    return status is not None and status.state not in NO_PATROL


def paused_for_visitor(status: PatrolStatus | None) -> bool:
    """Whether the patrol stands because a visitor is guided."""
    return (
        status is not None
        and status.state is PatrolState.PAUSED
        and status.message.startswith(f"paused by {VISITOR_GUIDE}")
    )
