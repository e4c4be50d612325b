"""What ends an inspection whatever it is doing, and what keeps one from beginning."""

from __future__ import annotations

from patrol_core.component import Inputs
from patrol_core.result import ErrorCode, Result
from patrol_core.topics import (
    AMCL_POSE,
    BATTERY_STATE,
    GATE_STATUS,
    LOCALIZATION_STATUS,
    PATROL_STATUS,
)
from patrol_core.types.mission import PatrolState
from patrol_core.types.status import Authority, GateState, LocalizationLevel
from patrol_mission.inspecting.params import InspectParams

_DRIVES = (
    PatrolState.UNDOCKING, PatrolState.PATROLLING, PatrolState.DWELLING, PatrolState.RETURNING,
    PatrolState.DOCKING,
)  # fmt: skip


def interruption(inputs: Inputs, params: InspectParams, now_s: float) -> Result | None:
    """Why the inspection ends at this tick, highest authority first; None: it goes on."""
    gate = inputs.fresh(GATE_STATUS, now_s)
    if gate is not None and (gate.state is GateState.LATCHED or gate.authority is Authority.ESTOP):
        return Result.failure(ErrorCode.GATE_LATCHED, f"stopped: {', '.join(gate.reasons)}")
    if gate is not None and gate.authority is Authority.TELEOP:
        return Result.failure(ErrorCode.PREEMPTED, "an operator drives by hand")
    status = inputs.fresh(LOCALIZATION_STATUS, now_s)
    if status is not None and status.level is LocalizationLevel.LOST:
        message = f"the robot does not know where it is: {status.reason}"
        return Result.failure(ErrorCode.LOCALIZATION_LOST, message)
    if inputs.fresh(AMCL_POSE, now_s) is None:
        return Result.failure(ErrorCode.LOCALIZATION_LOST, "the robot has no pose")
    battery = inputs.latest(BATTERY_STATE)
    if battery is not None and battery.charge_fraction < params.least_battery_fraction:
        message = f"battery at {battery.charge_fraction:.0%}"
        return Result.failure(ErrorCode.BATTERY_LOW, message)
    return None


def is_charging(inputs: Inputs) -> bool:
    """Whether the robot stands on its dock."""
    battery = inputs.latest(BATTERY_STATE)
    return battery is not None and battery.charging


def patrol_drives(inputs: Inputs) -> bool:
    """Whether a patrol moves the robot."""
    status = inputs.latest(PATROL_STATUS)
    return status is not None and status.state in _DRIVES
