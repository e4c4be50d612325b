"""The rows that the console reads and writes."""

from __future__ import annotations

from typing import Any

from patrol_core import topics as t
from patrol_core.actions import ACTIONS
from patrol_core.topics import Topic

READS: tuple[Topic[Any], ...] = (
    t.AMCL_POSE, t.ODOM, t.BATTERY_STATE, t.GATE_STATUS, t.LOCALIZATION_STATUS, t.ESTOP,
    t.TELEOP_LEASE, t.TRACKS, t.PLAN, t.OPTIMAL_TRAJECTORY, t.SCAN, t.LOCAL_COSTMAP, t.MAP,
    t.CAMERA_BLURRED, t.PATROL_STATUS, t.PATROL_EVENTS, t.INCIDENTS, t.CHECK_RESULTS,
    t.DIAGNOSTICS, t.DIALOGUE, t.OPERATOR_LINK, t.LOGGED_ACTS,
    *(row for action in ACTIONS if "console" in action.goal.writers
      for row in (action.feedback, action.result)),
)  # fmt: skip

WRITES: tuple[Topic[Any], ...] = (
    t.ESTOP, t.CMD_VEL_TELEOP, t.TELEOP_LEASE, t.GATE_RESET, t.INITIALPOSE, t.PATROL_COMMAND,
    t.ALARMS, t.OPERATOR_LINK, t.OPERATOR_LINES, t.INCIDENT_ACTS, t.INCIDENT_VERDICTS,
    t.OPERATOR_ACTS,
    *(row for action in ACTIONS if "console" in action.goal.writers
      for row in (action.goal, action.cancel)),
)  # fmt: skip
