"""Parameters of the nav process."""

from __future__ import annotations

from dataclasses import dataclass, field

from patrol_core.params import param
from patrol_nav.localization.params import LocalizerParams


@dataclass(frozen=True, slots=True)
class CostmapParams:
    """What is in the way."""

    planning_resolution_m: float = param(0.1, "Cell of the planner's grid [m]", 0.02, 1.0)
    inflation_m: float = param(1.2, "Obstacles farther than this do not matter [m]", 0.3, 5.0)
    window_m: float = param(10.0, "Side of the controller's window [m]", 4.0, 40.0)
    scan_range_m: float = param(10.0, "Returns beyond this are left out [m]", 2.0, 50.0)
    zone_margin_m: float = param(
        0.15, "Room to outline and keep-outs: more than the gate keeps [m]", 0.0, 2.0
    )
    standing_hits: int = param(3, "Scans that must see a thing before plans heed it", 1, 20)


@dataclass(frozen=True, slots=True)
class FootprintParams:
    """The body as discs; see patrol_nav/costmap/footprint.py."""

    discs: int = param(3, "Discs in a row along the body", 1, 20)
    rows: int = param(1, "Rows of discs side by side", 1, 20)


@dataclass(frozen=True, slots=True)
class PlannerParams:
    """Global planning."""

    margin_m: float = param(0.12, "Room beside the footprint that a plan keeps [m]", 0.0, 1.0)
    obstacle_weight: float = param(3.0, "Extra cost of a metre at that distance", 0.0, 100.0)
    obstacle_decay_m: float = param(0.25, "Distance over which it falls to a third [m]", 0.02, 2.0)
    beside_lanes: float = param(
        2.0, "Where there are preferred zones a metre beside them costs so much more", 1.0, 100.0
    )
    escape_m: float = param(1.0, "Start and goal may lie this far inside inflation [m]", 0.0, 5.0)
    spacing_m: float = param(0.1, "Distance between the poses of a path [m]", 0.02, 1.0)
    smoothing_rounds: int = param(30, "Rounds of corner smoothing", 0, 500)


@dataclass(frozen=True, slots=True)
class MotionParams:
    """What either controller may ask of the drive, within the robot's limits."""

    acceleration_mps2: float = param(0.7, "Speeding up [m/s^2]", 0.05, 5.0)
    deceleration_mps2: float = param(0.9, "Slowing down [m/s^2]", 0.05, 5.0)
    yaw_acceleration_radps2: float = param(2.5, "Change of turn rate [rad/s^2]", 0.1, 20.0)
    yaw_rate_radps: float = param(1.2, "Turn rate [rad/s]", 0.1, 5.0)
    reverse_mps: float = param(0.25, "Backing up [m/s]", 0.0, 1.0)
    lateral_mps2: float = param(0.8, "Sideways acceleration in bends [m/s^2]", 0.05, 5.0)
    room_s: float = param(
        0.0, "Room beside the body by speed on a path; 0: any speed in any room [m per m/s]",
        0.0, 2.0,
    )  # fmt: skip
    tight_mps: float = param(0.4, "Speed on a path where there is hardly any room", 0.05, 2.0)
    approach_m: float = param(
        0.6, "Way to a goal that is driven by the goal approach [m]", 0.1, 3.0
    )
    goal_m: float = param(0.05, "Goal reached within this distance [m]", 0.01, 1.0)
    goal_yaw_rad: float = param(0.05, "Goal reached within this heading error [rad]", 0.01, 3.15)


@dataclass(frozen=True, slots=True)
class MppiParams:
    """Model predictive path integral control (Williams et al. 2017)."""

    rollouts: int = param(480, "Sampled trajectories a tick", 32, 10000)
    steps: int = param(30, "Steps of a trajectory", 5, 200)
    step_s: float = param(0.1, "Length of a step [s]", 0.02, 0.5)
    speed_std_mps: float = param(0.25, "Spread of sampled speeds [m/s]", 0.01, 2.0)
    yaw_rate_std_radps: float = param(0.45, "Spread of sampled turn rates [rad/s]", 0.01, 3.0)
    stop_share: float = param(0.0, "Share of trajectories that stop on the way", 0.0, 1.0)
    temperature: float = param(0.1, "Low: the best trajectory alone counts", 0.001, 100.0)
    path_weight: float = param(2.0, "Distance from the path, squared [1/m^2]", 0.0, 1000.0)
    heading_weight: float = param(0.6, "Heading away from the path's", 0.0, 1000.0)
    progress_weight: float = param(3.0, "Every metre not made along the path [1/m]", 0.0, 1000.0)
    obstacle_weight: float = param(6.0, "Touching the obstacle margin fully", 0.0, 1000.0)
    obstacle_margin_m: float = param(0.25, "Room that costs nothing beyond it [m]", 0.0, 2.0)
    least_room_m: float = param(0.03, "Less room counts as a collision [m]", 0.0, 1.0)
    collision_weight: float = param(200.0, "Hitting something", 1.0, 1e6)
    people_weight: float = param(30.0, "Coming close to a person", 0.0, 1000.0)
    people_near_m: float = param(0.6, "Room that people always get [m]", 0.1, 3.0)
    people_far_m: float = param(1.2, "Room that people get where there is some [m]", 0.1, 5.0)
    smooth_weight: float = param(1.0, "Changes of speed and turn rate", 0.0, 1000.0)
    turn_weight: float = param(0.05, "Turning at all", 0.0, 1000.0)
    reverse_weight: float = param(4.0, "Driving backwards [s/m]", 0.0, 1000.0)


@dataclass(frozen=True, slots=True)
class PursuitParams:
    """Regulated pure pursuit (Macenski et al. 2023), which stops before what is in the way."""

    lookahead_s: float = param(0.9, "Look-ahead as time at the current speed [s]", 0.1, 5.0)
    min_lookahead_m: float = param(0.5, "Look-ahead at least [m]", 0.1, 5.0)
    max_lookahead_m: float = param(1.5, "Look-ahead at most [m]", 0.1, 10.0)
    turn_in_place_rad: float = param(0.9, "Turn on the spot beyond this error [rad]", 0.2, 3.2)
    margin_m: float = param(0.05, "Stop this far before an obstacle [m]", 0.0, 2.0)
    people_m: float = param(0.7, "Stop this far before a person [m]", 0.1, 5.0)


@dataclass(frozen=True, slots=True)
class FollowerParams:
    """Following a path and getting out of trouble."""

    replan: str = param(
        "blocked", "New plans to a goal: when the old is blocked, or also when clearly better",
        choices=("blocked", "better"),
    )  # fmt: skip
    better_by: float = param(0.15, "Clearly better: this share of the effort less", 0.0, 1.0)
    replan_period_s: float = param(0.5, "Look at the path ahead this often [s]", 0.05, 10.0)
    look_ahead_m: float = param(8.0, "How far ahead the path must be free [m]", 1.0, 50.0)
    rejoin_m: float = param(1.5, "Free path wanted beyond a blockage to rejoin [m]", 0.1, 20.0)
    detour_reach_m: float = param(25.0, "Rejoin the route at most this far on [m]", 2.0, 500.0)
    corridor_m: float = param(
        10.0, "A detour leaves the route by this much at most [m]", 1.0, 200.0
    )
    off_path_m: float = param(1.5, "Plan back to the path when farther off [m]", 0.2, 20.0)
    stuck_s: float = param(4.0, "No headway for this long: look for another way [s]", 0.5, 60.0)
    back_up_m: float = param(0.6, "Backing up in a tight place [m]", 0.0, 3.0)
    retrace_m: float = param(
        0.0, "Back up unseen along so much of the way come; 0: where it sees [m]", 0.0, 10.0
    )
    give_up_s: float = param(60.0, "Report a blockage after this long [s]", 2.0, 3600.0)
    goal_wait_s: float = param(25.0, "Report an occupied goal after this long [s]", 1.0, 3600.0)
    crowded_goal_wait_s: float = param(
        40.0, "Report a goal where people stand after this long [s]", 1.0, 3600.0
    )
    people_reserve_s: float = param(
        1.1, "Stand still this long before a person who starts walking could touch [s]", 0.0, 5.0
    )
    walkers_reserve_s: float = param(
        0.65, "The same for a person who walks: to turn round takes a moment", 0.0, 5.0
    )
    walking_mps: float = param(1.5, "How fast people walk [m/s]", 0.3, 3.0)
    people_room_m: float = param(2.2, "Room round standing people if possible [m]", 0.3, 5.0)
    people_patience_s: float = param(
        2.5, "Delayed by people for longer, come closer bit by bit [s]", 0.0, 600.0
    )
    lost_s: float = param(30.0, "Give up this long after localisation is lost [s]", 1.0, 3600.0)
    stale_s: float = param(10.0, "Give up when an input is silent this long [s]", 0.5, 3600.0)
    latched_s: float = param(30.0, "Give up after the gate was latched this long [s]", 0.5, 3600.0)


@dataclass(frozen=True, slots=True)
class DockingParams:
    """Driving onto the dock and off again."""

    speed_mps: float = param(0.25, "Between approach pose and the last stretch [m/s]", 0.05, 0.5)
    final_speed_mps: float = param(0.08, "On the last stretch [m/s]", 0.02, 0.1)
    final_m: float = param(0.35, "Length of the last stretch [m]", 0.1, 2.0)
    overshoot_m: float = param(0.06, "Press on this far beyond the docked pose [m]", 0.0, 0.3)
    press_after_s: float = param(1.5, "Press on when no current has come by then [s]", 0.0, 30.0)
    contact_s: float = param(5.0, "Wait for charging current [s]", 0.5, 30.0)
    attempts: int = param(3, "Tries", 1, 20)
    undock_mps: float = param(0.25, "Backing off [m/s]", 0.05, 0.5)
    timeout_s: float = param(90.0, "One try takes no longer [s]", 5.0, 600.0)


@dataclass(frozen=True, slots=True)
class LaneParams:
    """Lanes, where the site has a graph of them."""

    use_beyond_m: float = param(15.0, "Goals nearer than this are planned to freely [m]", 0.0, 1e4)
    closed_s: float = param(600.0, "A lane found blocked is left out for so long [s]", 0.0, 1e5)
    attempts: int = param(4, "Ways over lanes that are tried to one goal", 1, 20)


@dataclass(frozen=True, slots=True)
class NavigatorParams:
    """Planning, control and docking."""

    speed_mps: float = param(1.2, "Speed of goals that name none [m/s]", 0.1, 3.0)
    footprint: FootprintParams = field(default_factory=FootprintParams)
    costmap: CostmapParams = field(default_factory=CostmapParams)
    planner: PlannerParams = field(default_factory=PlannerParams)
    motion: MotionParams = field(default_factory=MotionParams)
    mppi: MppiParams = field(default_factory=MppiParams)
    pursuit: PursuitParams = field(default_factory=PursuitParams)
    follower: FollowerParams = field(default_factory=FollowerParams)
    docking: DockingParams = field(default_factory=DockingParams)
    lanes: LaneParams = field(default_factory=LaneParams)


@dataclass(frozen=True, slots=True)
class NavParams:
    """The nav process."""

    controller: str = param("mppi", "Local controller", choices=("mppi", "pure_pursuit"))
    use_map: bool = param(
        True, "Localise on the site's map; false: no map, dead reckoning from the start"
    )
    blank_cell_m: float = param(0.05, "Cell of the empty map where there is none [m]", 0.02, 0.5)
    localizer: LocalizerParams = field(default_factory=LocalizerParams)
    navigator: NavigatorParams = field(default_factory=NavigatorParams)
