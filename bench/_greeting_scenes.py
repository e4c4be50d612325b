"""People who come to the robot and stop, and people who only go by, as perception sees them."""

from __future__ import annotations

import math
import tempfile
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np

from patrol_core import topics
from patrol_core.bus import Mailbox
from patrol_core.component import ProcessContext
from patrol_core.geometry import Pose2
from patrol_core.processes import NAV, PERCEPTION
from patrol_core.types.motion import PoseEstimate
from patrol_core.types.perception import Track, TrackKind, Tracks
from patrol_sim.scenario import Pedestrian, Scenario, Start
from patrol_sim.simulator import Simulator
from ronda_cli.closed_loop import ClosedLoop
from ronda_cli.evaluation.trial import EPOCH_S
from ronda_cli.setting import Setting

HERE = Pose2(-8.0, -17.0, 0.0)
"""Where the robot stands in the depot: open ground, facing east."""
KINDS = ("visitor", "passers", "group", "passers", "visitor", "aside")
SECONDS = 26.0
_STAY_S = 9.0
_POSE_VARIANCES = (0.01, 0.0, 0.0, 0.0, 0.01, 0.0, 0.0, 0.0, 0.001)


@dataclass(frozen=True, slots=True)
class Seen:
    """One scene: who walked where (x, y by time and name), and what perception made of it."""

    seed: int
    kind: str
    ways: dict[str, list[tuple[float, float, float]]]
    tracks: tuple[Tracks, ...]
    poses: tuple[Pose2, ...]

    def to_json(self) -> dict[str, Any]:
        """For keeping."""
        document = asdict(self)
        for tracks in document["tracks"]:
            for track in tracks["tracks"]:
                track["kind"] = track["kind"].value
        return document

    @classmethod
    def from_json(cls, document: dict[str, Any]) -> Seen:
        tracks = tuple(
            Tracks(
                one["stamp_s"],
                tuple(Track(**(t | {"kind": TrackKind(t["kind"])})) for t in one["tracks"]),
            )
            for one in document["tracks"]
        )
        ways = {name: [(t, x, y) for t, x, y in way] for name, way in document["ways"].items()}
        poses = tuple(Pose2(**pose) for pose in document["poses"])
        return cls(document["seed"], document["kind"], ways, tracks, poses)


def _at(distance_m: float, bearing_rad: float) -> tuple[float, float]:
    """A point of the map, seen from the robot."""
    pose = HERE.compose(
        Pose2(distance_m * math.cos(bearing_rad), distance_m * math.sin(bearing_rad))
    )
    return pose.x_m, pose.y_m


def _who_stops(
    rng: np.random.Generator, name: str, stop_m: float, bearing_rad: float, start_s: float
) -> Pedestrian:
    """Comes from somewhere in front or aside, stops, and goes on to somewhere else."""
    ways = rng.uniform(-1.3, 1.3, 2)
    points = (_at(7.0, bearing_rad + 0.4 * ways[0]), _at(stop_m, bearing_rad), _at(8.0, ways[1]))
    speed = float(rng.uniform(0.8, 1.5))
    return Pedestrian(name, points, speed, _STAY_S, start_s, gives_way=True)


def _passer(rng: np.random.Generator, name: str, start_s: float) -> Pedestrian:
    """Goes by on a straight line, its nearest point 1.0 to 2.7 m from the robot."""
    nearest = _at(float(rng.uniform(1.0, 2.7)), float(rng.uniform(-1.4, 1.4)))
    out = math.atan2(nearest[1] - HERE.y_m, nearest[0] - HERE.x_m) + math.pi / 2.0
    along = (8.0 * math.cos(out), 8.0 * math.sin(out))
    ends = [(nearest[0] + side * along[0], nearest[1] + side * along[1]) for side in (-1.0, 1.0)]
    if rng.random() < 0.5:
        ends.reverse()
    speed = float(rng.uniform(0.8, 1.7))
    return Pedestrian(name, tuple(ends), speed, 60.0, start_s, gives_way=bool(rng.random() < 0.8))


def scene(seed: int) -> tuple[str, tuple[Pedestrian, ...]]:
    """The kind of a seed, and its people."""
    rng = np.random.default_rng(seed)
    kind = KINDS[seed % len(KINDS)]
    bearing = float(rng.uniform(-0.9, 0.9))
    if kind == "visitor":
        people = [_who_stops(rng, "one", float(rng.uniform(1.3, 1.9)), bearing, 3.0)]
    elif kind == "group":
        people = [
            _who_stops(
                rng, f"one_{number}", 1.4 + 0.2 * number,
                0.6 * bearing + 0.45 * (number - 1), 3.0 + 0.7 * number,
            )
            for number in range(3)
        ]  # fmt: skip
    elif kind == "passers":
        count = int(rng.integers(1, 4))
        people = [_passer(rng, f"by_{number}", 3.0 + 2.0 * number) for number in range(count)]
    else:
        behind = rng.random() < 0.5
        away = 2.0 if behind else float(rng.uniform(3.6, 5.0))
        place = math.pi + bearing if behind else bearing
        people = [_who_stops(rng, "aside", away, place, 3.0)]
    return kind, tuple(people)


def watch(setting: Setting, seed: int) -> Seen:
    """One scene in the closed loop: navigation and perception run as they are."""
    kind, people = scene(seed)
    scenario = Scenario(f"greeting_{seed}", (Start(HERE),), people)
    simulator = Simulator(setting.world, [setting.setup()], scenario, seed)
    ways: dict[str, list[tuple[float, float, float]]] = {}
    tracks: list[Tracks] = []
    poses: list[Pose2] = []
    with tempfile.TemporaryDirectory() as folder:
        context = ProcessContext(setting.site, setting.robot, Path(folder), seed, EPOCH_S)
        loop = ClosedLoop(simulator, context, processes=(NAV, PERCEPTION))
        heard = Mailbox((topics.TRACKS,))
        loop.attach(heard, "cli")
        loop.setup()
        loop.publish(topics.INITIALPOSE, PoseEstimate(0.0, HERE, _POSE_VARIANCES))
        while loop.now_s < SECONDS:
            loop.step()
            latest = heard.snapshot().latest(topics.TRACKS)
            if latest is None or loop.pose is None:
                continue
            if not tracks or latest.stamp_s > tracks[-1].stamp_s:
                tracks.append(latest)
                poses.append(loop.pose.pose)
                for one in simulator.truth().people:
                    way = ways.setdefault(one.name, [])
                    way.append((latest.stamp_s, one.pose.x_m, one.pose.y_m))
        loop.close()
    simulator.close()
    return Seen(seed, kind, ways, tuple(tracks), tuple(poses))
