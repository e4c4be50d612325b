"""Judges a patrol: the only part of Ronda, beside tests, that knows the ground truth.

It holds what was recorded against what really was, and says so in numbers.
"""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import shapely
import yaml
from shapely.geometry import LineString, Point, Polygon
from shapely.geometry.base import BaseGeometry

from patrol_core.geometry import FloatArray, Pose2, wrap_angle
from patrol_core.site import Site
from patrol_core.site.model import ZoneKind
from patrol_core.types.mission import PatrolEvent
from patrol_core.types.motion import PoseEstimate
from patrol_core.types.perception import FindingKind
from patrol_mission.route import lap_poses
from patrol_records.entries import StoredIncident
from patrol_sim.scenario import PlacedObject
from patrol_sim.sdf import World
from patrol_sim.sdf.cross_section import cross_sections
from patrol_sim.truth import TRUTH_TOPIC, Truth, truth_from_json

_APART = (
    FindingKind.BLOCKED, FindingKind.BEHAVIOUR, FindingKind.CHECK, FindingKind.INSPECTION,
)  # fmt: skip
FOUND_WITHIN_M = 0.5
IN_SIGHT_WITHIN_M = 8.0
LIDAR_HEIGHT_M = 0.2
MATCH_MARGIN_M = 0.5
SIGHT_LENGTH_M = 3.0
REACHED_WITHIN_M = 3.0
COUNTED_SIZE_M = 0.3
"""Objects smaller than this are not part of the recall figure."""


@dataclass(frozen=True, slots=True)
class PoseError:
    """Localisation error of a run: root mean square and worst, in metres and radians."""

    position_rms_m: float
    position_max_m: float
    heading_rms_rad: float


@dataclass(frozen=True, slots=True)
class Verdict:
    """One patrol, judged. Contacts are counts; clearances are the smallest of the whole run [m].

    `objects` are planted ones of 0.3 m or more within 8 m of the route and in sight; `unseen` are
    planted but out of sight. `lap_time_s` is without planned dwell; `ideal_s` is length by allowed
    speed. `place_errors_m` belong to found objects.
    """

    finished: bool
    message: str
    checkpoints_reached: int
    checkpoints: int
    contacts: int
    person_contacts: int
    contacts_by_others: int
    clearance_person_m: float
    clearance_moving_m: float
    clearance_thing_m: float
    objects: int
    found: int
    unseen: int
    obstructions: int
    map_changes: int
    false_alarms: int
    place_errors_m: tuple[float, ...]
    lap_time_s: float
    ideal_s: float
    duration_s: float
    pose_error: PoseError
    notes: tuple[str, ...] = field(default=())

    @property
    def completed(self) -> bool:
        """The patrol ended docked, every checkpoint was reached."""
        return self.finished and self.checkpoints_reached >= self.checkpoints

    @property
    def clean(self) -> bool:
        """Completed, nothing touched, everything found, no false alarm."""
        return (
            self.completed
            and self.contacts == 0
            and self.found == self.objects
            and self.false_alarms == 0
        )

    @property
    def lap_ratio(self) -> float:
        return self.lap_time_s / self.ideal_s if self.ideal_s > 0.0 else math.nan


class Scorer:
    """Judges patrols of one site in its world; what has moved since the map was made is known."""

    def __init__(self, site: Site, world: World, world_file: Path) -> None:
        self._site = site
        sections = cross_sections(world, LIDAR_HEIGHT_M)
        self._walls = shapely.union_all([section.polygon for section in sections])
        shapely.prepare(self._walls)
        record = world_file.with_suffix(".moved.yaml")
        self._moved, self._left = (_read_moved(record, when) for when in ("after", "before"))

    def judge(
        self,
        truth: Truth,
        events: Sequence[PatrolEvent],
        incidents: Sequence[StoredIncident],
        pose_errors: PoseError,
        robot_key: str = "robot",
    ) -> Verdict:
        """Hold the records of one patrol against the truth at its end."""
        started = next(event for event in events if event.kind == "patrol_started")
        ended = next((event for event in events if event.kind == "patrol_ended"), None)
        route_id, laps = started.subject, int(started.message.split()[0])
        robot = next(robot for robot in truth.robots if robot.name == robot_key)
        mine = [contact for contact in truth.contacts if contact.robot == robot_key]
        blamed = [contact for contact in mine if contact.by_robot and not contact.allowed]
        matched = self._match(truth.objects, incidents, route_id)
        return Verdict(
            finished=ended is not None and ended.subject == "succeeded",
            message=ended.message if ended else "the patrol did not end",
            checkpoints_reached=count_reached(self._site, events),
            checkpoints=laps * len(self._site.route(route_id).checkpoint_ids),
            contacts=len(blamed),
            person_contacts=sum(contact.person for contact in blamed),
            contacts_by_others=sum(not contact.by_robot for contact in mine),
            clearance_person_m=robot.clearance_person_m,
            clearance_moving_m=robot.clearance_moving_m,
            clearance_thing_m=robot.clearance_thing_m,
            objects=matched.objects,
            found=len(matched.place_errors_m),
            unseen=matched.unseen,
            obstructions=matched.obstructions,
            map_changes=matched.map_changes,
            false_alarms=len(matched.false_alarms),
            place_errors_m=tuple(matched.place_errors_m),
            lap_time_s=self._lap_time_s(events),
            ideal_s=self.ideal_lap_s(route_id),
            duration_s=(ended or events[-1]).stamp_s - started.stamp_s,
            pose_error=pose_errors,
            notes=(
                *(f"touched {c.other} at {c.speed_mps:.2f} m/s" for c in blamed),
                *(f"missed {name}" for name in matched.missed),
                *matched.false_alarms,
                *(f"{e.subject}: {e.message}" for e in events if e.kind.endswith("failed")),
            ),
        )

    def ideal_lap_s(self, route_id: str) -> float:
        """Length of the lap by the allowed speed, zone by zone."""
        route = self._site.route(route_id)
        poses = lap_poses(self._site, route)
        middles = (poses[1:, :2] + poses[:-1, :2]) / 2.0
        steps = np.linalg.norm(np.diff(poses[:, :2], axis=0), axis=1)
        allowed = np.full(len(steps), route.speed_mps)
        for zone in self._site.zones_of(ZoneKind.SPEED):
            inside = shapely.contains_xy(Polygon(zone.polygon_m), middles)
            limit = zone.speed_limit_mps or route.speed_mps
            allowed[inside] = np.minimum(allowed[inside], limit)
        return float((steps / allowed).sum())

    def in_sight(self, thing: PlacedObject, route: FloatArray) -> bool:
        """Whether the object is within 8 m of the route and in plain view of 3 m of it or more."""
        place = Point(thing.pose.x_m, thing.pose.y_m)
        reach = max(thing.size_m[:2]) / 2.0 + 0.05
        offsets = route[:, :2] - np.array([place.x, place.y])
        near = route[np.linalg.norm(offsets, axis=1) <= IN_SIGHT_WITHIN_M, :2]
        own = place.buffer(reach)
        rays = [LineString([point, place.coords[0]]).difference(own) for point in near]
        clear = sum(not self._walls.intersects(ray) for ray in rays)
        spacing = float(np.linalg.norm(route[1, :2] - route[0, :2]))
        return clear * spacing >= SIGHT_LENGTH_M

    def _match(
        self, objects: Sequence[PlacedObject], incidents: Sequence[StoredIncident], route_id: str
    ) -> _Match:
        route = lap_poses(self._site, self._site.route(route_id))
        match = _Match()
        left = list(incidents)
        for thing in objects:
            if not thing.planted:
                continue
            near = sorted((_distance(i, thing.pose), i.incident_id, i) for i in left)
            mine = [
                (d, i) for d, _, i in near
                if d <= FOUND_WITHIN_M + max(thing.size_m[:2]) / 2.0
                and i.kind is FindingKind.OBJECT
            ]  # fmt: skip
            hit = bool(mine) and mine[0][0] <= FOUND_WITHIN_M
            for _, incident in mine[:1]:
                left.remove(incident)
            if max(thing.size_m[:2]) < COUNTED_SIZE_M or not self.in_sight(thing, route):
                match.unseen += 1
                continue
            match.objects += 1
            if hit:
                match.place_errors_m.append(mine[0][0])
            else:
                match.missed.append(f"{thing.name} at {thing.pose.x_m:.1f}, {thing.pose.y_m:.1f}")
        self._sort_rest(left, objects, match)
        return match

    def _sort_rest(
        self, left: list[StoredIncident], objects: Sequence[PlacedObject], match: _Match
    ) -> None:
        strangers = [_outline(thing) for thing in objects if not thing.planted]
        for incident in left:
            if incident.kind.from_people or incident.kind in _APART:
                continue  # what people say; what the robot says of its way, of people, of readings
            if incident.kind is FindingKind.CHANGE:
                match.map_changes += 1  # what was there when views were learnt is not known here
                continue
            place = Point(incident.x_m, incident.y_m)
            stands_there = any(s.distance(place) <= MATCH_MARGIN_M for s in strangers)
            if stands_there and incident.kind is FindingKind.OBSTRUCTION:
                match.obstructions += 1
            elif self.is_map_change(incident.kind, place):
                match.map_changes += 1
            else:
                match.false_alarms.append(
                    f"false alarm: {incident.kind.value} at {incident.x_m:.1f}, "
                    f"{incident.y_m:.1f} ({incident.reason})"
                )

    def is_map_change(self, kind: FindingKind, place: Point) -> bool:
        """Whether something that has moved since the map was made stands here, or stood here."""
        hulls = self._left if kind is FindingKind.MISSING else self._moved
        return any(hull.distance(place) <= MATCH_MARGIN_M for hull in hulls)

    def _lap_time_s(self, events: Sequence[PatrolEvent]) -> float:
        """Mean time of a completed lap without the planned dwell; NaN when none was completed."""
        times, begun_s, dwell_s = [], math.nan, 0.0
        for event in events:
            if event.kind == "lap_started":
                begun_s, dwell_s = event.stamp_s, 0.0
            elif event.kind == "checkpoint_reached":
                dwell_s += self._site.checkpoint(event.subject).dwell_s
            elif event.kind == "lap_completed":
                times.append(event.stamp_s - begun_s - dwell_s)
        return float(np.mean(times)) if times else math.nan


def count_reached(site: Site, events: Sequence[PatrolEvent]) -> int:
    """Checkpoints reached, each once a lap; one that was taken is reached from near by."""
    lap, reached = "", set()
    for event in events:
        if event.kind == "lap_started":
            lap = event.subject
        elif event.kind == "checkpoint_reached":
            place = site.checkpoint(event.subject).pose
            if event.pose.distance_to(place) <= REACHED_WITHIN_M:
                reached.add((lap, event.subject))
    return len(reached)


@dataclass(slots=True)
class _Match:
    objects: int = 0
    unseen: int = 0
    obstructions: int = 0
    map_changes: int = 0
    place_errors_m: list[float] = field(default_factory=list)
    missed: list[str] = field(default_factory=list)
    false_alarms: list[str] = field(default_factory=list)


class PoseErrorMeter:
    """Collects localisation errors during a run."""

    def __init__(self) -> None:
        self._position_m: list[float] = []
        self._heading_rad: list[float] = []

    def add(self, believed: Pose2, real: Pose2) -> None:
        """One belief beside the truth at the same moment, both in `map`."""
        off = believed.relative_to(real)
        self._position_m.append(math.hypot(off.x_m, off.y_m))
        self._heading_rad.append(off.yaw_rad)

    def result(self) -> PoseError:
        if not self._position_m:
            return PoseError(math.nan, math.nan, math.nan)
        position, heading = np.array(self._position_m), np.array(self._heading_rad)
        return PoseError(
            float(np.sqrt(np.mean(position**2))),
            float(position.max()),
            float(np.sqrt(np.mean(heading**2))),
        )


class TruthListener:
    """Gathers what the simulator says on ROS 2: the newest truth, and errors of beliefs.

    A belief is held against the truth when that of a later moment has arrived as well.
    """

    topic = TRUTH_TOPIC

    def __init__(self, robot_key: str = "robot") -> None:
        self._robot_key = robot_key
        self._beliefs: deque[PoseEstimate] = deque(maxlen=100)
        self._before: tuple[float, Pose2] | None = None
        self.truth: Truth | None = None
        self.errors = PoseErrorMeter()

    def believe(self, estimate: PoseEstimate) -> None:
        """Where the robot believes to be."""
        self._beliefs.append(estimate)

    def hear(self, text: str) -> None:
        """What really is, as published."""
        self.truth = truth_from_json(text)
        robot = next(robot for robot in self.truth.robots if robot.name == self._robot_key)
        after = (self.truth.stamp_s, robot.pose)
        while self._beliefs and self._beliefs[0].stamp_s <= after[0]:
            belief = self._beliefs.popleft()
            if self._before is not None and belief.stamp_s >= self._before[0]:
                self.errors.add(belief.pose, _between(self._before, after, belief.stamp_s))
        self._before = after


def _between(before: tuple[float, Pose2], after: tuple[float, Pose2], stamp_s: float) -> Pose2:
    """The pose at a moment between two."""
    (before_s, first), (after_s, second) = before, after
    share = (stamp_s - before_s) / (after_s - before_s) if after_s > before_s else 1.0
    return Pose2(
        first.x_m + share * (second.x_m - first.x_m),
        first.y_m + share * (second.y_m - first.y_m),
        wrap_angle(first.yaw_rad + share * wrap_angle(second.yaw_rad - first.yaw_rad)),
    )


def _distance(incident: StoredIncident, pose: Pose2) -> float:
    return math.hypot(incident.x_m - pose.x_m, incident.y_m - pose.y_m)


def _outline(thing: PlacedObject) -> Polygon:
    length, width = thing.size_m[0] / 2.0, thing.size_m[1] / 2.0
    corners = [(length, width), (-length, width), (-length, -width), (length, -width)]
    return Polygon(thing.pose.transform_points(corners))


def _read_moved(path: Path, when: str) -> list[BaseGeometry]:
    """Where things that have moved stood `before` the map was made, or stand `after`."""
    if not path.is_file():
        return []
    document = yaml.safe_load(path.read_text(encoding="utf-8")) or {}
    return [Polygon(entry[when]) for entry in document.get("moved", []) if entry[when]]
