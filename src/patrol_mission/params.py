"""Parameters of the mission process."""

from __future__ import annotations

from dataclasses import dataclass, field

from patrol_core.params import param
from patrol_mission.inspecting.params import InspectParams
from patrol_mission.link import LinkParams
from patrol_mission.schedule.params import SchedulerParams
from patrol_mission.unpredictable.params import PolicyParams


@dataclass(frozen=True, slots=True)
class ExecutiveParams:
    """Patrols: when they break off, how near is near enough, what waits how long."""

    return_battery_fraction: float = param(
        0.25, "Charge at which the patrol breaks off and returns to the dock", 0.05, 0.9
    )
    start_battery_fraction: float = param(0.35, "Charge below which no patrol starts", 0.05, 1.0)
    failed_legs_to_return: int = param(
        3, "Legs that may fail one after another before the robot returns to the dock", 1, 20
    )
    checkpoint_within_m: float = param(
        3.0,
        "Where people or a thing stand at a checkpoint it is watched from so near [m]",
        0.5,
        20.0,
    )
    checkpoint_patience_s: float = param(
        12.0, "So it is, too, where the robot has come no nearer for this long [s]", 3.0, 3600.0
    )
    dock_attempts: int = param(3, "Tries to dock before giving up", 1, 10)
    look_timeout_s: float = param(
        12.0, "Longest time to turn to a finding and take its picture [s]", 1.0, 60.0
    )
    look_facing_s: float = param(
        3.0, "Time to face a finding without a picture until it counts as hidden [s]", 0.5, 60.0
    )
    look_distance_m: float = param(9.0, "Farthest finding to turn to for a picture [m]", 1.0, 30.0)
    photo_patience_s: float = param(
        4.0, "Time a finding may be without picture before the robot turns to it [s]", 0.0, 60.0
    )
    goal_timeout_s: float = param(
        2.0, "Time after which a goal that nobody answers is sent again [s]", 0.5, 30.0
    )
    go_on_battery_fraction: float = param(
        0.8, "Charge at which a patrol that went home to charge goes on; 1: it ends instead",
        0.1, 1.0,
    )  # fmt: skip
    reserve_battery_fraction: float = param(
        0.1, "Charge that is to be left on the dock, by what metres and seconds have cost",
        0.0, 0.5,
    )  # fmt: skip
    retry_later_s: float = param(
        600.0, "Time on the dock before what could not be done is tried again [s]", 0.0, 86400.0
    )
    leave_dock_priority: int = param(
        70, "Calls of this priority (0 to 100) start the robot when no patrol is under way", 0, 101
    )
    call_expires_s: float = param(
        3600.0, "A call that could not be answered for so long is given up [s]", 10.0, 864000.0
    )
    link: LinkParams = field(default_factory=LinkParams)


@dataclass(frozen=True, slots=True)
class MissionParams:
    journal_folder: str = param(
        "", "Where what is under way outlives the process and the run; empty: the run's folder"
    )
    executive: ExecutiveParams = field(default_factory=ExecutiveParams)
    inspecting: InspectParams = field(default_factory=InspectParams)
    policy: PolicyParams = field(default_factory=PolicyParams)
    scheduler: SchedulerParams = field(default_factory=SchedulerParams)
