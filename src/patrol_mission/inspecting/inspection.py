"""One inspection: what is known of it while it lasts, and what it is looked at from next."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import Enum

import numpy as np

from patrol_core.action_client import ActionClient
from patrol_core.component import Inputs
from patrol_core.geometry import FloatArray, Points, Pose2
from patrol_core.robot import RobotModel
from patrol_core.site.model import Zone
from patrol_core.topics import GLOBAL_COSTMAP, LOCAL_COSTMAP, MAP, SCAN, TRACKS
from patrol_core.types.mission import InspectGoal
from patrol_core.types.perception import TrackKind
from patrol_mission.inspecting.ground import ground_of
from patrol_mission.inspecting.params import InspectParams
from patrol_mission.inspecting.subject import Outskirts, Subject
from patrol_mission.inspecting.viewpoints import Choice, View, choose, reach_m
from patrol_mission.inspecting.ways import Ways

_AROUND_M = 3.0
"""Ground beyond the farthest views that ways may take."""
_FAR_M = 12.0
"""The same beside a robot that comes from farther off."""
_PERSON_M = 0.6
_FARTHEST_M = 8.0
NOBODY = np.empty((0, 4))


class Stage(Enum):
    """BEGINNING: until the patrol stands and all have heard. WAITING: for people to go."""

    BEGINNING = "beginning"
    WAITING = "waiting"
    DRIVING = "driving"
    LOOKING = "looking"


@dataclass(slots=True)
class Inspection:
    """`views` are done, `shunned` could not be taken; `next` is being driven to or looked from.

    `since_s`: begin of the stage; `still_s`: since when the robot stands; `least_m`: where a
    drive begins within the stand-off, base_link must come no nearer to the object's edge.
    """

    goal: InspectGoal
    subject: Subject
    outskirts: Outskirts
    client: ActionClient
    finding_id: str
    started_s: float
    since_s: float
    stage: Stage = Stage.BEGINNING
    views: list[View] = field(default_factory=list)
    shunned: list[View] = field(default_factory=list)
    next: View | None = None
    choice: Choice = field(default_factory=lambda: Choice((), "", for_people=False))
    failed_ways: int = 0
    too_near: int = 0
    least_m: float = math.inf
    announced_s: float = -math.inf
    chosen_s: float = -math.inf
    still_s: float = math.inf
    fed_back_s: float = -math.inf
    incident_id: int = 0
    message: str = ""

    def turn_to(self, stage: Stage, now_s: float) -> None:
        self.stage, self.since_s, self.still_s = stage, now_s, math.inf


def people_of(inputs: Inputs, now_s: float) -> FloatArray:
    """Everybody about (M, 4): x, y, vx, vy in `map`."""
    tracks = inputs.fresh(TRACKS, now_s)
    rows = [
        (track.x_m, track.y_m, track.vx_mps, track.vy_mps)
        for track in (() if tracks is None else tracks.tracks)
        if track.kind in (TrackKind.PERSON, TrackKind.MOVING)
    ]
    return np.array(rows) if rows else NOBODY


def at_object(people: FloatArray, subject: Subject, params: InspectParams) -> bool:
    """Whether anybody is as near to the object as the robot may not be."""
    apart = np.hypot(people[:, 0] - subject.x_m, people[:, 1] - subject.y_m)
    return bool((apart < subject.radius_m + params.standoff_m).any())


def returns_of(inputs: Inputs, robot: RobotModel, pose: Pose2, people: FloatArray) -> FloatArray:
    """What the newest scan has met (N, 2) in `map`, people left out."""
    scan = inputs.latest(SCAN)
    if scan is None:
        return np.empty((0, 2))
    points = pose.compose(robot.lidar.transform().pose2()).transform_points(scan.points_m())
    for x, y, _, _ in people.tolist():
        points = points[np.hypot(points[:, 0] - x, points[:, 1] - y) > _PERSON_M]
    return points


def choose_views(
    inspection: Inspection,
    inputs: Inputs,
    pose: Pose2,
    people: FloatArray,
    robot: RobotModel,
    zones: Iterable[Zone],
    outline_m: Points,
    params: InspectParams,
) -> tuple[Choice, Ways]:
    """What is to be looked at from where, as things are now. There is a map."""
    subject, reach = inspection.subject, reach_m(robot.body)
    around_m = reach + subject.radius_m + params.farthest_m + _AROUND_M
    beside_m = around_m if subject.distance_m(pose) < around_m else _FAR_M
    window = (
        min(subject.x_m - around_m, pose.x_m - beside_m),
        min(subject.y_m - around_m, pose.y_m - beside_m),
        max(subject.x_m + around_m, pose.x_m + beside_m),
        max(subject.y_m + around_m, pose.y_m + beside_m),
    )
    site_map = inputs.latest(MAP)
    assert site_map is not None
    costmaps = [c for row in (GLOBAL_COSTMAP, LOCAL_COSTMAP) if (c := inputs.latest(row))]
    ground = ground_of(site_map, costmaps, zones, outline_m, window, reach)
    keep_m = reach + subject.radius_m + params.standoff_m + params.margin_m
    room_m = robot.body.width_m / 2.0 + params.way_room_m
    ways = Ways(ground, pose, subject, keep_m, room_m)
    choice = choose(
        subject, ways, robot.body, people, params, inspection.views, inspection.shunned
    )
    return choice, ways


def grow(
    inspection: Inspection, inputs: Inputs, pose: Pose2, people: FloatArray, robot: RobotModel
) -> None:
    """Let the object be as large as the lidar shows it, from near enough to be sure."""
    if inspection.subject.distance_m(pose) <= _FARTHEST_M:
        returns = returns_of(inputs, robot, pose, people)
        inspection.subject = inspection.outskirts.grown(inspection.subject, returns)
