"""The topic table: every row that a part of Ronda may read or write (`actions.py` has those of
actions and services).

Names are relative, so that a whole robot moves under a namespace; `clock` alone is global.
A *state* row keeps its newest sample; an *event* row is ordered and bounded, and none is lost.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import Any, Generic, TypeVar

from patrol_core.types import (
    audit,
    dialogue,
    incidents,
    inspection,
    learning,
    maps,
    markers,
    mission,
    motion,
    perception,
    sensors,
    status,
)

T = TypeVar("T")


class TopicKind(Enum):
    STATE = "state"
    EVENT = "event"


class Qos(Enum):
    """SENSOR: best effort, newest few. RELIABLE: kept and resent.

    OFFERED: as RELIABLE for our own readers, to whom an old sample must not look new; others may
    ask for it latched, as Nav2's clients do.
    LATCHED: reliable, and late joiners get the last sample (of an event row: the last `queue`).
    """

    SENSOR = "sensor"
    RELIABLE = "reliable"
    OFFERED = "offered"
    LATCHED = "latched"


@dataclass(frozen=True, slots=True)
class Topic(Generic[T]):
    """One row. `rate_hz` 0: only when something happens. `stale_s`: age that makes it useless.

    `writers` names the processes that may publish it ("cli": a command or tool run by a person).
    """

    name: str
    value_type: type[T]
    ros_type: str
    writers: tuple[str, ...]
    kind: TopicKind = TopicKind.STATE
    qos: Qos = Qos.RELIABLE
    rate_hz: float = 0.0
    stale_s: float = float("inf")
    queue: int = 100
    doc: str = ""

    @property
    def latched(self) -> bool:
        return self.qos is Qos.LATCHED


_SENSOR = Qos.SENSOR
_LATCHED = Qos.LATCHED
_EVENT = TopicKind.EVENT

SCAN = Topic(
    "scan", sensors.LaserScan, "sensor_msgs/msg/LaserScan", ("base",), qos=_SENSOR, rate_hz=10.0,
    stale_s=0.35, doc="Planar lidar in lidar_link",
)  # fmt: skip
IMU = Topic(
    "imu/data", sensors.Imu, "sensor_msgs/msg/Imu", ("base",), qos=_SENSOR, rate_hz=50.0,
    stale_s=0.2, doc="Angular rate and specific force in imu_link",
)  # fmt: skip
ODOM = Topic(
    "odom", motion.Odometry, "nav_msgs/msg/Odometry", ("base",), rate_hz=50.0, stale_s=0.2,
    doc="Wheel odometry: odom -> base_link, velocity in base_link",
)  # fmt: skip
JOINT_STATES = Topic(
    "joint_states", motion.JointStates, "sensor_msgs/msg/JointState", ("base",), qos=_SENSOR,
    rate_hz=10.0, stale_s=1.0, doc="Wheel angles and rates",
)  # fmt: skip
BATTERY_STATE = Topic(
    "battery_state", sensors.BatteryState, "sensor_msgs/msg/BatteryState", ("base",), rate_hz=1.0,
    stale_s=5.0, doc="Pack voltage, current, charge",
)  # fmt: skip
FIX = Topic(
    "fix", sensors.GnssFix, "sensor_msgs/msg/NavSatFix", ("base",), qos=_SENSOR, rate_hz=1.0,
    stale_s=5.0, doc="GNSS position",
)  # fmt: skip
BUMPER = Topic(
    "bumper", sensors.BumperState, "patrol_interfaces/msg/BumperState", ("base",), rate_hz=10.0,
    stale_s=0.5, doc="Contact strip",
)  # fmt: skip
CAMERA_RAW = Topic(
    "camera/image_raw/compressed", sensors.CompressedImage, "sensor_msgs/msg/CompressedImage",
    ("base",), qos=_SENSOR, rate_hz=5.0, stale_s=1.0, doc="Unblurred: for perception alone",
)  # fmt: skip
CAMERA_BLURRED = Topic(
    "camera/image_blurred/compressed", sensors.CompressedImage, "sensor_msgs/msg/CompressedImage",
    ("perception",), qos=_SENSOR, rate_hz=5.0, stale_s=1.0, doc="Blurred: for everybody else",
)  # fmt: skip
CAMERA_DEPTH = Topic(
    "camera/depth/image_raw", sensors.DepthImage, "sensor_msgs/msg/Image", ("base",),
    rate_hz=5.0, stale_s=1.0,
    doc="Depth in camera_optical_frame, privacy zones and all: for perception alone; too large to "
    "be sent unreliably",
)  # fmt: skip
CAMERA_INFO = Topic(
    "camera/camera_info", sensors.CameraInfo, "sensor_msgs/msg/CameraInfo", ("base",),
    qos=_LATCHED, doc="Pinhole model of the camera",
)  # fmt: skip
THERMAL_IMAGE = Topic(
    "thermal/image_raw", sensors.ThermalImage, "sensor_msgs/msg/Image", ("base",), rate_hz=0.0,
    stale_s=1.0, doc="Counts of a radiometric camera beside the colour camera (mono16)",
)  # fmt: skip
ESTOP = Topic(
    "estop", status.EstopState, "patrol_interfaces/msg/EstopState", ("base", "cli", "console"),
    kind=_EVENT, rate_hz=10.0,
    doc="Each source says repeatedly whether it is pressed; the gate takes the OR",
)  # fmt: skip
TF = Topic(
    "tf", motion.Transforms, "tf2_msgs/msg/TFMessage", ("base", "nav", "console"), kind=_EVENT,
    rate_hz=50.0, queue=2000,
    doc="map -> odom (nav), odom -> base_link (base), wheels and the like (console, for viewers)",
)  # fmt: skip
TF_STATIC = Topic(
    "tf_static", motion.Transforms, "tf2_msgs/msg/TFMessage", ("base",), qos=_LATCHED,
    doc="Mounts of the sensors on base_link",
)  # fmt: skip
DIAGNOSTICS = Topic(
    "diagnostics", status.Health, "diagnostic_msgs/msg/DiagnosticArray",
    ("base", "gate", "nav", "perception", "mission", "records", "hri", "console"), kind=_EVENT,
    rate_hz=1.0, queue=1000, doc="Health and load of every process, once a second",
)  # fmt: skip

CMD_VEL_NAV = Topic(
    "cmd_vel_nav", motion.VelocityCommand, "geometry_msgs/msg/TwistStamped", ("nav",),
    stale_s=0.15, doc="What navigation wants; 20 Hz while it has a goal",
)  # fmt: skip
CMD_VEL_TELEOP = Topic(
    "cmd_vel_teleop", motion.VelocityCommand, "geometry_msgs/msg/TwistStamped", ("cli", "console"),
    stale_s=0.15, doc="What an operator wants",
)  # fmt: skip
TELEOP_LEASE = Topic(
    "teleop_lease", status.TeleopLease, "patrol_interfaces/msg/TeleopLease", ("cli", "console"),
    stale_s=0.5, doc="Who drives by hand; dead-man state",
)  # fmt: skip
CMD_VEL = Topic(
    "cmd_vel", motion.VelocityCommand, "geometry_msgs/msg/TwistStamped", ("gate",), rate_hz=50.0,
    stale_s=0.15, doc="What the motors do; the gate is the only publisher",
)  # fmt: skip
GATE_STATUS = Topic(
    "gate_status", status.GateStatus, "patrol_interfaces/msg/GateStatus", ("gate",), rate_hz=10.0,
    stale_s=0.5, doc="What limits the robot and why",
)  # fmt: skip
MOTION_WARNING = Topic(
    "motion_warning", status.MotionWarning, "patrol_interfaces/msg/MotionWarning", ("gate",),
    rate_hz=10.0, stale_s=0.5, doc="Lamp and buzzer: on before the first movement after standing",
)  # fmt: skip
GATE_RESET = Topic(
    "gate_reset", status.GateReset, "patrol_interfaces/msg/GateReset",
    ("cli", "console"), kind=_EVENT,
    doc="A human ends a latched stop",
)  # fmt: skip

MAP = Topic(
    "map", maps.OccupancyGrid, "nav_msgs/msg/OccupancyGrid", ("nav",), qos=_LATCHED,
    doc="The site's map",
)  # fmt: skip
AMCL_POSE = Topic(
    "amcl_pose", motion.PoseEstimate, "geometry_msgs/msg/PoseWithCovarianceStamped", ("nav",),
    qos=Qos.OFFERED, rate_hz=10.0, stale_s=0.5, doc="base_link in map",
)  # fmt: skip
PARTICLE_CLOUD = Topic(
    "particle_cloud", motion.Particles, "geometry_msgs/msg/PoseArray", ("nav",), qos=_SENSOR,
    doc="A few hundred of the poses that the localiser holds possible, once a second",
)  # fmt: skip
LOCALIZATION_STATUS = Topic(
    "localization_status", status.LocalizationStatus, "patrol_interfaces/msg/LocalizationStatus",
    ("nav",), rate_hz=10.0, stale_s=0.5, doc="How far the pose can be trusted",
)  # fmt: skip
INITIALPOSE = Topic(
    "initialpose", motion.PoseEstimate, "geometry_msgs/msg/PoseWithCovarianceStamped",
    ("cli", "console"),
    kind=_EVENT, doc="A person says where the robot is (RViz)",
)  # fmt: skip
GOAL_POSE = Topic(
    "goal_pose", motion.PoseEstimate, "geometry_msgs/msg/PoseStamped", ("cli",), kind=_EVENT,
    doc="A person says where to go (RViz)",
)  # fmt: skip
PLAN = Topic(
    "plan", motion.Path, "nav_msgs/msg/Path", ("nav",), doc="The global path being followed",
)  # fmt: skip
OPTIMAL_TRAJECTORY = Topic(
    "optimal_trajectory", motion.Path, "nav_msgs/msg/Path", ("nav",), qos=_SENSOR,
    doc="What the local controller intends for the next seconds",
)  # fmt: skip
LOCAL_COSTMAP = Topic(
    "local_costmap/costmap", maps.OccupancyGrid, "nav_msgs/msg/OccupancyGrid", ("nav",),
    qos=_SENSOR, doc="Rolling window of obstacles and inflation around the robot",
)  # fmt: skip
GLOBAL_COSTMAP = Topic(
    "global_costmap/costmap", maps.OccupancyGrid, "nav_msgs/msg/OccupancyGrid", ("nav",),
    qos=_LATCHED, doc="What plans are made on: map, zones and what stands, when it has changed",
)  # fmt: skip
KEEPOUT_MASK = Topic(
    "keepout_filter_mask", maps.OccupancyGrid, "nav_msgs/msg/OccupancyGrid", ("nav",),
    qos=_LATCHED, doc="Nav2's keep-out mask: 100 where the zones in force forbid to drive",
)  # fmt: skip
KEEPOUT_INFO = Topic(
    "keepout_costmap_filter_info", maps.MaskInfo, "nav2_msgs/msg/CostmapFilterInfo", ("nav",),
    qos=_LATCHED, doc="What Nav2's keep-out filter has to know of the mask",
)  # fmt: skip
SPEED_MASK = Topic(
    "speed_filter_mask", maps.OccupancyGrid, "nav_msgs/msg/OccupancyGrid", ("nav",), qos=_LATCHED,
    doc="Nav2's speed mask: how fast the zones in force let it drive; 0 is no limit",
)  # fmt: skip
SPEED_INFO = Topic(
    "speed_costmap_filter_info", maps.MaskInfo, "nav2_msgs/msg/CostmapFilterInfo", ("nav",),
    qos=_LATCHED, doc="What Nav2's speed filter has to know of the mask",
)  # fmt: skip
DOCK_APPROACH = Topic(
    "dock_approach", status.DockApproach, "patrol_interfaces/msg/DockApproach", ("nav",),
    stale_s=0.5, doc="Which dock is being approached, and whether contact is wanted now",
)  # fmt: skip
DETECTED_DOCK_POSE = Topic(
    "detected_dock_pose", perception.DetectedDock, "geometry_msgs/msg/PoseStamped",
    ("perception",), qos=_SENSOR, stale_s=0.5,
    doc="The marker of the dock that is approached, in base_link, x axis into the dock",
)  # fmt: skip

TRAJECTORIES = Topic(
    "trajectories", markers.Markers, "visualization_msgs/msg/MarkerArray", ("nav",),
    doc="Some of the drives that the local controller weighs, by their cost",
)  # fmt: skip
SITE_MARKERS = Topic(
    "site_markers", markers.Markers, "visualization_msgs/msg/MarkerArray", ("console",),
    qos=_LATCHED, doc="Outline, zones in force, checkpoints and docks, drawn when they change",
)  # fmt: skip
MARKERS = Topic(
    "markers", markers.Markers, "visualization_msgs/msg/MarkerArray", ("console",),
    doc="Tracks, incidents, and what the robot is at, drawn 5 times a second",
)  # fmt: skip
ROBOT_DESCRIPTION = Topic(
    "robot_description", motion.RobotDescription, "std_msgs/msg/String", ("console",),
    qos=_LATCHED, doc="The robot's URDF",
)  # fmt: skip

TRACKS = Topic(
    "tracks", perception.Tracks, "patrol_interfaces/msg/Tracks", ("perception",), rate_hz=10.0,
    stale_s=0.5, doc="People and things that the map does not explain",
)  # fmt: skip
DEPTH_OBSTACLES = Topic(
    "depth_obstacles", perception.DepthObstacles, "sensor_msgs/msg/PointCloud2", ("perception",),
    rate_hz=5.0, stale_s=1.0,
    doc="Overhanging and low things near the robot that the lidar's plane misses, in base_link",
)  # fmt: skip
FINDINGS = Topic(
    "findings", perception.Finding, "patrol_interfaces/msg/Finding",
    ("perception", "mission", "hri"), kind=_EVENT,
    doc="What was found, with reason and evidence; repeated until an incident acknowledges it",
)  # fmt: skip
INCIDENTS = Topic(
    "incidents", perception.Incident, "patrol_interfaces/msg/Incident", ("records",), kind=_EVENT,
    doc="Findings as stored: the acknowledgement that they are durable",
)  # fmt: skip
CHECK_RESULTS = Topic(
    "check_results", inspection.CheckResult, "patrol_interfaces/msg/CheckResult",
    ("perception",), kind=_EVENT, qos=_LATCHED,
    doc="What was read at a checkpoint, and whether it passes",
)  # fmt: skip

CANDIDATES = Topic(
    "candidates", learning.Candidate, "patrol_interfaces/msg/Candidate", ("perception",),
    kind=_EVENT, doc="Numbers of everything that was judged, reported or not, to learn from",
)  # fmt: skip
INCIDENT_VERDICTS = Topic(
    "incident_verdicts", learning.IncidentVerdict, "patrol_interfaces/msg/IncidentVerdict",
    ("cli", "console"), kind=_EVENT, doc="What a person says of an incident",
)  # fmt: skip
INCIDENT_ACTS = Topic(
    "incident_acts", incidents.IncidentAct, "patrol_interfaces/msg/IncidentAct",
    ("cli", "console"),
    kind=_EVENT, doc="What a person does about an incident: acknowledge, resolve, shelve, reopen",
)  # fmt: skip

OPERATOR_ACTS = Topic(
    "operator_acts", audit.OperatorAct, "patrol_interfaces/msg/OperatorAct", ("console",),
    kind=_EVENT, doc="What a person does with the robot; repeated until it is logged",
)  # fmt: skip
LOGGED_ACTS = Topic(
    "logged_acts", audit.LoggedAct, "patrol_interfaces/msg/LoggedAct", ("records",), kind=_EVENT,
    doc="Operators' acts as logged: the acknowledgement that they are durable",
)  # fmt: skip

PATROL_STATUS = Topic(
    "patrol_status", mission.PatrolStatus, "patrol_interfaces/msg/PatrolStatus", ("mission",),
    rate_hz=2.0, stale_s=2.0, doc="The patrol at a glance",
)  # fmt: skip
PATROL_EVENTS = Topic(
    "patrol_events", mission.PatrolEvent, "patrol_interfaces/msg/PatrolEvent", ("mission",),
    kind=_EVENT, qos=_LATCHED, doc="What happened on the patrol; a late reader gets the last ones",
)  # fmt: skip
STORED_EVENTS = Topic(
    "stored_events", mission.StoredEvent, "patrol_interfaces/msg/StoredEvent", ("records",),
    kind=_EVENT, queue=1000,
    doc="Patrol events as stored: the acknowledgement that they are durable",
)  # fmt: skip
PATROL_COMMAND = Topic(
    "patrol_command", mission.PatrolCommand, "patrol_interfaces/msg/PatrolCommand",
    ("cli", "console", "hri"), kind=_EVENT,
    doc="Pause, resume, stop, skip; the visitors' guide may pause, and resume what it paused",
)  # fmt: skip
ALARMS = Topic(
    "alarms", mission.Alarm, "patrol_interfaces/msg/Alarm", ("cli", "console"), kind=_EVENT,
    doc="A sensor of the site has gone off: the robot goes and looks",
)  # fmt: skip
OPERATOR_LINK = Topic(
    "operator_link", status.OperatorLink, "patrol_interfaces/msg/OperatorLink", ("cli", "console"),
    stale_s=5.0, doc="Operators' ends say once a second that they hear the robot",
)  # fmt: skip

DIALOGUE = Topic(
    "dialogue", dialogue.DialogueEvent, "patrol_interfaces/msg/DialogueEvent", ("hri",),
    kind=_EVENT,
    doc="What happens in conversations with visitors; not kept for late readers: words are in it",
)  # fmt: skip
OPERATOR_LINES = Topic(
    "operator_lines", dialogue.OperatorLine, "patrol_interfaces/msg/OperatorLine",
    ("cli", "console", "mission"), kind=_EVENT,
    doc="An operator takes a conversation, speaks in it, gives it back; announces, as the mission "
    "does before an inspection",
)  # fmt: skip

TOPICS: tuple[Topic[Any], ...] = tuple(
    value for value in list(globals().values()) if isinstance(value, Topic)
)
"""Every plain topic (rows that belong to an action are in `actions.ACTIONS`)."""

UNBLURRED: tuple[Topic[Any], ...] = (CAMERA_RAW, CAMERA_DEPTH, THERMAL_IMAGE)
"""Nobody but perception may read these: people are in them as they are."""

CLOCK_TOPIC = "/clock"
"""Simulated time: the one global name; read and written by hosts, never by a component."""


def topic_named(name: str) -> Topic[Any]:
    """The row called `name`. Raises KeyError."""
    return {topic.name: topic for topic in TOPICS}[name]
