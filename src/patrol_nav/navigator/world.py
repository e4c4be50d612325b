"""What a task sees at a tick, and what it answers."""

from __future__ import annotations

from dataclasses import dataclass

from patrol_core.geometry import FloatArray, Pose2
from patrol_core.result import Result
from patrol_core.types.sensors import BatteryState, LaserScan
from patrol_core.types.status import GateState, GateStatus
from patrol_nav.costmap.costmap import Costmap
from patrol_nav.costmap.field import DistanceField


@dataclass(frozen=True, slots=True)
class SeenMarker:
    """A dock's marker as the camera saw it: in base_link, which was at `base` in `map`."""

    stamp_s: float
    pose: Pose2
    base: Pose2


@dataclass(frozen=True, slots=True, eq=False)
class World:
    """The robot and its surroundings now, in `map`. `people` (M, 5): x, y, vx, vy, radius."""

    now_s: float
    dt_s: float
    pose: Pose2
    linear_mps: float
    angular_radps: float
    costmap: Costmap
    field: DistanceField
    people: FloatArray
    gate: GateStatus | None
    battery: BatteryState | None
    scan: LaserScan
    scan_pose: Pose2
    marker: SeenMarker | None = None

    @property
    def held(self) -> bool:
        """Whether the gate lets nothing through, whatever is asked."""
        return self.gate is not None and self.gate.state in (GateState.HOLD, GateState.LATCHED)


@dataclass(frozen=True, slots=True, eq=False)
class TaskStep:
    """A task's answer: velocity, progress, and the end when it has come.

    `path` (N, 3) is what is being followed, `trajectory` (T, 3) what is intended next. `dock_id`
    is being approached; while `touches_dock`, contact with it is wanted. Of several poses:
    `waypoint`, counted from 0, is driven to, `poses_remaining` have not been passed.
    """

    linear_mps: float = 0.0
    angular_radps: float = 0.0
    remaining_m: float = 0.0
    blocked_s: float = 0.0
    message: str = ""
    result: Result | None = None
    path: FloatArray | None = None
    trajectory: FloatArray | None = None
    dock_id: str = ""
    touches_dock: bool = False
    waypoint: int = 0
    poses_remaining: int = 0
