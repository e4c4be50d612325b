"""What the behaviours share: this tick's inputs and outputs, and the patrol's progress."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from patrol_core.action_client import ActionClient
from patrol_core.component import Inputs, Outputs
from patrol_core.geometry import FloatArray, Pose2
from patrol_core.result import ErrorCode
from patrol_core.site.model import Checkpoint, Dock, Site
from patrol_core.topics import (
    AMCL_POSE,
    BATTERY_STATE,
    DOCK,
    FOLLOW_ROUTE,
    NAVIGATE_TO_POSE,
    PATROL_EVENTS,
)
from patrol_core.types.mission import PatrolEvent, PatrolState
from patrol_mission.blocked_ways import BlockedWays
from patrol_mission.params import ExecutiveParams
from patrol_mission.route import Leg

ON_ROUTE_M = 3.0
PROGRESS_WINDOW = 80
"""Poses ahead (20 m) in which the robot is looked for."""


@dataclass(slots=True)
class Run:
    """One patrol under way. `lap` counts from 1; `return_reason` non-empty: go home.

    `reached_s`: since when the leg's checkpoint counts as reached, None before that; `apart`: it
    is watched from beside it. `missed`: checkpoints of this lap that could not be reached; at its
    end they become `second`, each a leg of one pose, which is tried once.
    """

    patrol_id: str
    route_id: str
    speed_mps: float
    laps: int
    legs: tuple[Leg, ...]
    started_s: float
    lap: int = 1
    leg_index: int = 0
    leg_progress: int = 0
    reached_s: float | None = None
    apart: bool = False
    laps_begun: int = 0
    paused_by: str = ""
    return_reason: str = ""
    return_code: ErrorCode = ErrorCode.NONE
    failed_legs: int = 0
    skipped: list[str] = field(default_factory=list)
    missed: list[Checkpoint] = field(default_factory=list)
    second: list[Leg] = field(default_factory=list)
    state: PatrolState = PatrolState.IDLE
    message: str = ""

    @property
    def leg(self) -> Leg:
        return self.second[0] if self.second else self.legs[self.leg_index]

    @property
    def leg_left(self) -> FloatArray:
        """The poses of the leg that have not been driven yet, at least one."""
        return self.leg.poses[self.leg_progress :]

    def note_progress(self, pose: Pose2) -> None:
        """Move on along the leg to the pose nearest to the robot, if near and not far ahead."""
        ahead = self.leg_left[:PROGRESS_WINDOW]
        distances = np.hypot(ahead[:, 0] - pose.x_m, ahead[:, 1] - pose.y_m)
        nearest = int(np.argmin(distances))
        if distances[nearest] < ON_ROUTE_M:
            self.leg_progress += nearest

    def skip(self) -> str:
        """Note that the leg's checkpoint is left out, once; its id."""
        checkpoint = self.leg.checkpoint
        subject = checkpoint.checkpoint_id if checkpoint else "end of lap"
        if not self.second:
            self.skipped.append(subject)
        return subject

    def advance(self) -> None:
        """Go to the next leg; after the last one to what was missed, to the next lap, or home."""
        self.leg_progress = 0
        self.reached_s = None
        self.apart = False
        if self.second:
            self.second.pop(0)
        elif self.leg_index + 1 < len(self.legs):
            self.leg_index += 1
            return
        else:
            self.second = [Leg(_as_array(c.pose), c) for c in self.missed]
            self.missed = []
        if self.second:
            return
        if self.lap >= self.laps:
            self.return_reason = "all laps done"
            return
        self.leg_index, self.lap = 0, self.lap + 1

    def fraction_done(self) -> float:
        """Legs behind the robot, of all laps."""
        if self.return_reason and self.return_code is ErrorCode.NONE:
            return 1.0
        done = (self.lap - 1) * len(self.legs) + self.leg_index
        return done / (self.laps * len(self.legs))


@dataclass(frozen=True, slots=True)
class LookTarget:
    """A finding that still has no picture."""

    finding_id: str
    x_m: float
    y_m: float
    since_s: float


class Board:
    """The blackboard. `begin` is called before every tick of the tree."""

    def __init__(self, site: Site, params: ExecutiveParams, prefix: str) -> None:
        self.site = site
        self.params = params
        self.follow = ActionClient(FOLLOW_ROUTE, prefix)
        self.navigate = ActionClient(NAVIGATE_TO_POSE, prefix)
        self.dock = ActionClient(DOCK, prefix)
        self.run: Run | None = None
        self.look_targets: dict[str, LookTarget] = {}
        self.blocked = BlockedWays()
        self.now_s = 0.0
        self.inputs = Inputs({}, {})
        self.outputs = Outputs()

    def begin(self, inputs: Inputs, outputs: Outputs, now_s: float) -> None:
        self.inputs, self.outputs, self.now_s = inputs, outputs, now_s
        for client in (self.follow, self.navigate, self.dock):
            client.update(inputs, outputs, now_s, self.params.goal_timeout_s)
        self.blocked.step(inputs, outputs, now_s)

    @property
    def pose(self) -> Pose2 | None:
        """Where the robot is in `map`, if known."""
        estimate = self.inputs.latest(AMCL_POSE)
        return None if estimate is None else estimate.pose

    @property
    def charging(self) -> bool:
        battery = self.inputs.latest(BATTERY_STATE)
        return battery is not None and battery.charging

    @property
    def home(self) -> Dock:
        return self.site.docks[0]

    def at_dock(self) -> bool:
        """Whether the robot stands on the dock, by charging current or by place."""
        pose = self.pose
        near = pose is not None and pose.distance_to(self.home.pose) < 0.35
        return self.charging or near

    def record(self, kind: str, subject: str, message: str) -> None:
        """Write one patrol event."""
        assert self.run is not None
        pose = self.pose or Pose2(float("nan"), float("nan"), float("nan"))
        event = PatrolEvent(self.now_s, self.run.patrol_id, kind, subject, message, pose)
        self.outputs.put(PATROL_EVENTS, event)


def _as_array(pose: Pose2) -> FloatArray:
    return np.array([[pose.x_m, pose.y_m, pose.yaw_rad]])
