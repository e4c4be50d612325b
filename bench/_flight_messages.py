"""Messages of a full sensor set at their rates, drawn from a seed and encoded once."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np

from patrol_core import topics
from patrol_core.geometry import Pose2, Transform3
from patrol_core.topics import Topic
from patrol_core.types.maps import OccupancyGrid
from patrol_core.types.mission import PatrolState, PatrolStatus
from patrol_core.types.motion import (
    Odometry,
    Path,
    PoseEstimate,
    StampedTransform,
    Transforms,
    VelocityCommand,
)
from patrol_core.types.perception import DepthObstacles, Track, TrackKind, Tracks
from patrol_core.types.sensors import (
    BatteryState,
    BumperState,
    CompressedImage,
    GnssFix,
    Imu,
    LaserScan,
)
from patrol_core.types.status import (
    Authority,
    EstopState,
    GateState,
    GateStatus,
    Health,
    HealthLevel,
    LocalizationLevel,
    LocalizationStatus,
    MotionWarning,
)
from patrol_host_ros.wire import RosWire

VARIANTS = 16
BEAMS = 720
WIRE = RosWire()


@dataclass(frozen=True, slots=True)
class Source:
    """A row that is said `rate_hz` times a second, each time with the next of its messages."""

    topic: Topic[Any]
    rate_hz: float
    messages: tuple[bytes, ...]


def picture(rng: np.random.Generator) -> bytes:
    """A JPEG of 640x480 pixels with as much in it as a camera's (about 40 kB)."""
    small = rng.integers(0, 255, (60, 80, 3), np.uint8)
    image = cv2.resize(small, (640, 480), interpolation=cv2.INTER_CUBIC)
    noise = rng.integers(0, 18, image.shape, np.uint8)
    return bytes(cv2.imencode(".jpg", cv2.add(image, noise), (cv2.IMWRITE_JPEG_QUALITY, 70))[1])


def full_set(rng: np.random.Generator, place: Pose2) -> list[Source]:
    """Everything that a robot on patrol says, from about `place`."""
    rates = {
        topics.TF: 70.0, topics.CMD_VEL_NAV: 20.0, topics.PLAN: 0.2,
        topics.OPTIMAL_TRAJECTORY: 10.0, topics.LOCAL_COSTMAP: 2.0, topics.GLOBAL_COSTMAP: 0.1,
        topics.DIAGNOSTICS: 8.0,
    }  # fmt: skip
    made = []
    for topic, make in _MAKERS.items():
        messages = tuple(WIRE.encode(topic, make(rng, place)) for _ in range(VARIANTS))
        made.append(Source(topic, rates.get(topic, topic.rate_hz), messages))
    return made


def due(
    sources: list[Source], start_s: float, step_s: float
) -> Iterator[tuple[Source, float, bytes]]:
    """What is said in a step: its row, when, and the message."""
    for source in sources:
        first = int(np.ceil(start_s * source.rate_hz - 1e-6))
        last = int(np.ceil((start_s + step_s) * source.rate_hz - 1e-6))
        for number in range(first, last):
            message = source.messages[number % len(source.messages)]
            yield source, number / source.rate_hz, message


def _scan(rng: np.random.Generator, _: Pose2) -> LaserScan:
    ranges = rng.uniform(0.5, 30.0, BEAMS).astype(np.float32)
    return LaserScan(1.0, "lidar_link", -np.pi, 2.0 * np.pi / BEAMS, 0.1, 30.0, ranges)


def _moved(rng: np.random.Generator, place: Pose2) -> Pose2:
    dx, dy = rng.uniform(-1.0, 1.0, 2).tolist()
    return Pose2(place.x_m + dx, place.y_m + dy, float(rng.uniform(-3.0, 3.0)))


def _path(rng: np.random.Generator, place: Pose2) -> Path:
    steps = rng.normal(0.1, 0.05, (200, 3)).cumsum(axis=0)
    return Path(1.0, steps + (place.x_m, place.y_m, 0.0))


def _short_path(rng: np.random.Generator, place: Pose2) -> Path:
    return Path(1.0, _path(rng, place).poses[:56])


def _grid(size: int, resolution_m: float) -> Any:
    def make(rng: np.random.Generator, place: Pose2) -> OccupancyGrid:
        cells = rng.integers(-1, 101, (size // 8, size // 8)).astype(np.int8)
        half_m = size * resolution_m / 2.0
        return OccupancyGrid(
            1.0, resolution_m, place.x_m - half_m, place.y_m - half_m,
            cells.repeat(8, 0).repeat(8, 1),
        )  # fmt: skip

    return make


def _tracks(rng: np.random.Generator, place: Pose2) -> Tracks:
    tracks = []
    for number in range(10):
        at = _moved(rng, place)
        tracks.append(Track(
            f"{number:08x}", TrackKind.PERSON, at.x_m, at.y_m, 0.5, 0.1, 0.4, 0.4, 0.9, 1.0, 2.0
        ))  # fmt: skip
    return Tracks(1.0, tuple(tracks))


def _transforms(rng: np.random.Generator, place: Pose2) -> Transforms:
    at = _moved(rng, place)
    turned = Transform3((at.x_m, at.y_m, 0.0), (0.0, 0.0, 0.6, 0.8))
    return Transforms((StampedTransform(1.0, "odom", "base_link", turned),))


def _gate(rng: np.random.Generator, _: Pose2) -> GateStatus:
    reasons = ("obstacle ahead at 1.8 m",)
    speed = float(rng.uniform(0.0, 1.0))
    return GateStatus(
        1.0, GateState.LIMITED, Authority.MISSION, reasons, speed, speed, 0.1, speed, 0.1, 1.8
    )


def _health(rng: np.random.Generator, _: Pose2) -> Health:
    values = tuple((f"value {n}", f"{rng.uniform():.3f}") for n in range(6))
    return Health(1.0, "perception", HealthLevel.OK, "as it should be", values)


def _always(value: Any) -> Any:
    return lambda *_: value


def _imu(rng: np.random.Generator, _: Pose2) -> Imu:
    turn, sideways = rng.normal(size=2).tolist()
    return Imu(1.0, (0.0, 0.0, turn), (0.0, sideways, 9.81))


def _camera(rng: np.random.Generator, _: Pose2) -> CompressedImage:
    return CompressedImage(1.0, "camera_optical_frame", "jpeg", picture(rng))


def _low_things(rng: np.random.Generator, _: Pose2) -> DepthObstacles:
    return DepthObstacles(1.0, rng.normal(0.0, 2.0, (30, 2)))


_COMMAND = VelocityCommand(1.0, 0.5, 0.1)
_LOCATED = LocalizationStatus(
    1.0, LocalizationLevel.GOOD, "the map explains the scan", 0.03, 0.01, 0.9
)
_PATROL = PatrolStatus(
    1.0, "p1", PatrolState.PATROLLING, "perimeter", 1, 2, "gate", 0.4, "on its way"
)
_MAKERS: dict[Topic[Any], Any] = {
    topics.SCAN: _scan,
    topics.ODOM: lambda rng, at: Odometry(1.0, _moved(rng, at), 0.5, 0.1),
    topics.IMU: _imu,
    topics.TF: _transforms,
    topics.AMCL_POSE: lambda rng, at: PoseEstimate(1.0, _moved(rng, at)),
    topics.FIX: _always(GnssFix(1.0, 0.9, 0.2, 40.0, (1.0, 1.0, 4.0), True)),
    topics.BATTERY_STATE: _always(BatteryState(1.0, 25.0, -3.0, 0.7, False)),
    topics.BUMPER: _always(BumperState(1.0, False)),
    topics.ESTOP: _always(EstopState(1.0, "base", False)),
    topics.CAMERA_BLURRED: _camera,
    topics.DEPTH_OBSTACLES: _low_things,
    topics.TRACKS: _tracks,
    topics.LOCAL_COSTMAP: _grid(120, 0.1),
    topics.GLOBAL_COSTMAP: _grid(800, 0.2),
    topics.PLAN: _path,
    topics.OPTIMAL_TRAJECTORY: _short_path,
    topics.CMD_VEL_NAV: _always(_COMMAND),
    topics.CMD_VEL: _always(_COMMAND),
    topics.GATE_STATUS: _gate,
    topics.MOTION_WARNING: _always(MotionWarning(1.0, True, False)),
    topics.LOCALIZATION_STATUS: _always(_LOCATED),
    topics.PATROL_STATUS: _always(_PATROL),
    topics.DIAGNOSTICS: _health,
}
