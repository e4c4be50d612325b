"""Which rows a recording may hold: those listed here and no others.

Never pictures that are not blurred, never what is said to or by visitors, never findings (what
people report is in them, and what lies in a privacy zone).
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import Any

from patrol_core.topics import (
    AMCL_POSE,
    BATTERY_STATE,
    BUMPER,
    CAMERA_BLURRED,
    CAMERA_INFO,
    CMD_VEL,
    CMD_VEL_NAV,
    CMD_VEL_TELEOP,
    DEPTH_OBSTACLES,
    DIAGNOSTICS,
    DOCK_APPROACH,
    ESTOP,
    FIX,
    GATE_RESET,
    GATE_STATUS,
    GLOBAL_COSTMAP,
    IMU,
    INCIDENTS,
    JOINT_STATES,
    LOCAL_COSTMAP,
    LOCALIZATION_STATUS,
    MAP,
    MARKERS,
    MOTION_WARNING,
    ODOM,
    OPTIMAL_TRAJECTORY,
    PARTICLE_CLOUD,
    PATROL_EVENTS,
    PATROL_STATUS,
    PLAN,
    ROBOT_DESCRIPTION,
    SCAN,
    SITE_MARKERS,
    TELEOP_LEASE,
    TF,
    TF_STATIC,
    TRACKS,
    TRAJECTORIES,
    Topic,
)

MIB = 2**20


class Tells(Enum):
    """What a row tells of places: nothing; where the robot is or goes; what is around it."""

    NOTHING = "nothing"
    ROBOT = "robot"
    AROUND = "around"


@dataclass(frozen=True, slots=True)
class KeptRow:
    """`max_bytes`: of this row's messages in memory, whatever their time. `is_heard`: kept as it
    travels; else its values are read, freed of people's words, and encoded anew."""

    topic: Topic[Any]
    tells: Tells = Tells.NOTHING
    max_bytes: int = 2 * MIB
    is_heard: bool = True


KEPT: tuple[KeptRow, ...] = (
    KeptRow(TF_STATIC),
    KeptRow(CAMERA_INFO),
    KeptRow(MAP, Tells.ROBOT, 16 * MIB),
    KeptRow(TF, Tells.ROBOT, 4 * MIB),
    KeptRow(ODOM, Tells.ROBOT, 4 * MIB),
    KeptRow(AMCL_POSE, Tells.ROBOT),
    KeptRow(FIX, Tells.ROBOT),
    KeptRow(IMU, max_bytes=4 * MIB),
    KeptRow(JOINT_STATES),
    KeptRow(BATTERY_STATE),
    KeptRow(BUMPER),
    KeptRow(ESTOP),
    KeptRow(SCAN, Tells.AROUND, 8 * MIB),
    KeptRow(CAMERA_BLURRED, Tells.AROUND, 24 * MIB),
    KeptRow(DEPTH_OBSTACLES, Tells.AROUND),
    KeptRow(TRACKS, Tells.AROUND, 4 * MIB),
    KeptRow(LOCAL_COSTMAP, Tells.AROUND, 8 * MIB),
    KeptRow(GLOBAL_COSTMAP, Tells.AROUND, 8 * MIB),
    KeptRow(PLAN, Tells.ROBOT, 4 * MIB),
    KeptRow(OPTIMAL_TRAJECTORY, Tells.ROBOT, 4 * MIB),
    KeptRow(CMD_VEL_NAV),
    KeptRow(CMD_VEL_TELEOP),
    KeptRow(CMD_VEL),
    KeptRow(TELEOP_LEASE),
    KeptRow(GATE_STATUS),
    KeptRow(GATE_RESET),
    KeptRow(MOTION_WARNING),
    KeptRow(LOCALIZATION_STATUS),
    KeptRow(DOCK_APPROACH),
    KeptRow(PATROL_STATUS, Tells.ROBOT, is_heard=False),
    KeptRow(PATROL_EVENTS, Tells.ROBOT, is_heard=False),
    KeptRow(INCIDENTS, is_heard=False),
    KeptRow(DIAGNOSTICS),
)

VIEWED: tuple[KeptRow, ...] = (
    KeptRow(ROBOT_DESCRIPTION),
    KeptRow(SITE_MARKERS, Tells.ROBOT),
    KeptRow(MARKERS, Tells.AROUND),
    KeptRow(TRAJECTORIES, Tells.ROBOT),
    KeptRow(PARTICLE_CLOUD, Tells.ROBOT),
)
"""Shown live, but not recorded: made for viewers, of what is."""

BY_NAME = {row.topic.name: row for row in KEPT}

NAMES_IN: dict[str, str] = {TELEOP_LEASE.name: "holder", GATE_RESET.name: "who"}
"""Rows that name who sits at the robot, and the field with the name."""

WORDED = frozenset(
    topic.name
    for topic in (
        DIAGNOSTICS, GATE_RESET, GATE_STATUS, INCIDENTS, PATROL_EVENTS, PATROL_STATUS, TELEOP_LEASE
    )
)  # fmt: skip
"""Rows with words in them, which may name somebody: read and freed of names before they go on."""

_BY_ITSELF = (SCAN, CAMERA_BLURRED, DEPTH_OBSTACLES)
LOCATED = frozenset(
    row.topic.name
    for row in KEPT
    if row.topic is INCIDENTS or (row.tells is not Tells.NOTHING and row.topic not in _BY_ITSELF)
)
"""In coordinates of the map or the earth: left out of a package without them."""
