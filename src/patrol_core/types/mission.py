"""Goals, feedback and results of long actions, and the state of the patrol."""

from __future__ import annotations

import math
from dataclasses import dataclass
from enum import Enum

from patrol_core.geometry import FloatArray, Pose2
from patrol_core.result import Result


@dataclass(frozen=True, slots=True)
class GoalCancel:
    """Ends a goal early."""

    goal_id: str


@dataclass(frozen=True, slots=True)
class GoalResult:
    """The end of a goal, on every `<action>/result` row."""

    goal_id: str
    result: Result


@dataclass(frozen=True, slots=True)
class NavigateGoal:
    """Drive to a pose in `map`."""

    goal_id: str
    pose: Pose2


@dataclass(frozen=True, slots=True, eq=False)
class NavigateThroughGoal:
    """Drive by poses (N, 3) of x, y, yaw in `map`, in their order, and stop at the last one."""

    goal_id: str
    poses: FloatArray


@dataclass(frozen=True, slots=True, eq=False)
class FollowWaypointsGoal:
    """Drive to poses (N, 3) of x, y, yaw in `map` one after the other, and stop at each.

    `first`: with which pose to begin; `loops`: how many times more from the first to the last.
    """

    goal_id: str
    poses: FloatArray
    loops: int = 0
    first: int = 0


@dataclass(frozen=True, slots=True, eq=False)
class FollowRouteGoal:
    """Drive along poses (N, 3) of x, y, yaw in `map`, no faster than `speed_limit_mps`.

    `corridor_m`: how far a detour may leave them; 0: as far as the navigator's parameters say.
    `keep_off_*`: middle in `map` and radius of a disc that the body keeps out of, as of what
    stands; inside of it, it comes no nearer to the middle. Radius 0: none.
    """

    goal_id: str
    poses: FloatArray
    speed_limit_mps: float
    corridor_m: float = 0.0
    keep_off_x_m: float = 0.0
    keep_off_y_m: float = 0.0
    keep_off_radius_m: float = 0.0


@dataclass(frozen=True, slots=True)
class DockGoal:
    """Drive onto a dock of the site (`undock` false) or back off from it (`undock` true)."""

    goal_id: str
    dock_id: str
    undock: bool = False


@dataclass(frozen=True, slots=True)
class NavigationFeedback:
    """Progress of follow and dock goals."""

    goal_id: str
    distance_remaining_m: float
    blocked_s: float
    message: str = ""


@dataclass(frozen=True, slots=True)
class NavigateFeedback:
    """Progress of a goal to one pose, as Nav2 tells it: where base_link is in `map`, how long the
    goal has been worked on, and how long the rest takes at the speed asked for."""

    goal_id: str
    pose: Pose2
    distance_remaining_m: float
    navigation_time_s: float
    time_remaining_s: float


@dataclass(frozen=True, slots=True)
class NavigateThroughFeedback(NavigateFeedback):
    """The same on the way through poses, with how many of them have not been passed."""

    poses_remaining: int


@dataclass(frozen=True, slots=True)
class WaypointFeedback:
    """Which waypoint is driven to, counted from 0."""

    goal_id: str
    waypoint: int


@dataclass(frozen=True, slots=True)
class ClearCostmapRequest:
    """Forget what was seen and is not on the map; what is in view comes back."""

    request_id: str


@dataclass(frozen=True, slots=True)
class ClearCostmapResponse:
    """It is forgotten."""

    request_id: str


@dataclass(frozen=True, slots=True)
class PatrolGoal:
    """Run a route of the site for a number of laps, then return to the dock.

    `laps` 0: whole laps, and no new one once `for_s` has passed since the start. `dry_run`: by
    every checkpoint, but nothing is done there.
    """

    goal_id: str
    route_id: str
    laps: int
    for_s: float = 0.0
    dry_run: bool = False


@dataclass(frozen=True, slots=True)
class PatrolFeedback:
    """Progress of a patrol."""

    goal_id: str
    lap: int
    fraction_done: float
    message: str = ""


@dataclass(frozen=True, slots=True)
class InspectGoal:
    """Go round an object and look at it from several sides, never nearer than the stand-off.

    `subject`: a finding's id, or a name for what is looked at. `x_m`, `y_m` in `map`, NaN: where
    the finding is; `radius_m` of the circle around it, 0: as the finding says, or not known.
    """

    goal_id: str
    subject: str
    x_m: float = math.nan
    y_m: float = math.nan
    radius_m: float = 0.0


@dataclass(frozen=True, slots=True)
class InspectFeedback:
    """Progress of an inspection."""

    goal_id: str
    views_done: int
    views_wanted: int
    message: str


class PatrolVerb(Enum):
    """What an operator may ask of a running patrol.

    RESUME answers a robot that asks what to do with "try again", SKIP with "go on without it".
    """

    PAUSE = "pause"
    RESUME = "resume"
    STOP = "stop"
    SKIP = "skip"
    LOOK = "look"


VISITOR_GUIDE, VISITOR_TALK = FOR_VISITORS = "visitor guide", "visitor's talk"
"""Who pauses a patrol to guide a visitor, or because somebody talks with the robot, and resumes
it: never what an operator has paused."""


@dataclass(frozen=True, slots=True)
class PatrolCommand:
    """An operator's wish, with who asked; or that of who serves visitors (`FOR_VISITORS`).

    `x_m`, `y_m` in `map`: where to LOOK.
    """

    stamp_s: float
    verb: PatrolVerb
    who: str
    x_m: float = math.nan
    y_m: float = math.nan


@dataclass(frozen=True, slots=True)
class Alarm:
    """A sensor of the site has gone off, as `who` tells."""

    stamp_s: float
    alarm_id: str
    who: str


class PatrolState(Enum):
    """Where the mission is."""

    IDLE = "idle"
    UNDOCKING = "undocking"
    PATROLLING = "patrolling"
    DWELLING = "dwelling"
    LOOKING = "looking"
    PAUSED = "paused"
    ASKING = "asking"
    RETURNING = "returning"
    DOCKING = "docking"
    RESTING = "resting"
    FINISHED = "finished"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class PatrolStatus:
    """The patrol at a glance. `next_checkpoint` is empty where there is none."""

    stamp_s: float
    patrol_id: str
    state: PatrolState
    route_id: str
    lap: int
    laps: int
    next_checkpoint: str
    fraction_done: float
    message: str


@dataclass(frozen=True, slots=True)
class PatrolEvent:
    """Something worth keeping: started, checkpoint reached or skipped, paused, ended...

    `subject` is what it is about (checkpoint id, segment, error code); `message` the reason, in
    words. `number`: counts from 1 what is said again until it is stored; 0: said once.
    """

    stamp_s: float
    patrol_id: str
    kind: str
    subject: str
    message: str
    pose: Pose2
    number: int = 0


@dataclass(frozen=True, slots=True)
class StoredEvent:
    """The acknowledgement that a numbered event is durable."""

    stamp_s: float
    patrol_id: str
    number: int
