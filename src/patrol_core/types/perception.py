"""What perception says about the surroundings. Nobody is identified: ids are random per run."""

from __future__ import annotations

import math
from dataclasses import dataclass
from enum import Enum

from patrol_core.geometry import FloatArray, Pose2
from patrol_core.types.sensors import CompressedImage


class TrackKind(Enum):
    """What a track is believed to be."""

    UNKNOWN = "unknown"
    PERSON = "person"
    MOVING = "moving"
    STANDING = "standing"


@dataclass(frozen=True, slots=True)
class Track:
    """Something that the map does not explain, followed over time, in `map`."""

    track_id: str
    kind: TrackKind
    x_m: float
    y_m: float
    vx_mps: float
    vy_mps: float
    length_m: float
    width_m: float
    confidence: float
    first_seen_s: float
    last_seen_s: float


@dataclass(frozen=True, slots=True)
class Tracks:
    """All tracks that are alive at `stamp_s`."""

    stamp_s: float
    tracks: tuple[Track, ...]


class FindingKind(Enum):
    """OBJECT: something that should not be there. OBSTRUCTION: large, where the map is free.

    BLOCKED: a way that could not be driven, whatever it is that blocks it. CHANGE: the camera sees
    that a place is not as it was. BEHAVIOUR: people do what a rule of the site does not allow.
    MISSING: something that the map shows, or that stood there, is gone or open. CHECK: what was
    read at a checkpoint does not pass. INSPECTION: what was asked for, seen from several sides, a
    revision each. REPORT: a visitor says so. EMERGENCY: a visitor calls for help. These two need
    not have a place: then it is NaN.
    """

    OBJECT = "object"
    OBSTRUCTION = "obstruction"
    BLOCKED = "blocked"
    CHANGE = "change"
    BEHAVIOUR = "behaviour"
    MISSING = "missing"
    CHECK = "check"
    INSPECTION = "inspection"
    REPORT = "report"
    EMERGENCY = "emergency"

    @property
    def from_people(self) -> bool:
        """Whether people said so, rather than sensors."""
        return self in (FindingKind.REPORT, FindingKind.EMERGENCY)


@dataclass(frozen=True, slots=True)
class Measure:
    """One number behind a decision, with the threshold it was held against."""

    name: str
    value: float
    threshold: float
    unit: str


@dataclass(frozen=True, slots=True)
class Finding:
    """An anomaly with its reason. The same `finding_id` with a higher `revision` adds evidence.

    Position in `map`. `photo` is blurred before it gets here; None until a frame shows the place.
    `before`: the place as it was, blurred, too; None where no reference view shows it.
    `config_hash` (`patrol_core/configuration.py`): under which numbers it was judged.
    """

    finding_id: str
    revision: int
    stamp_s: float
    kind: FindingKind
    x_m: float
    y_m: float
    length_m: float
    width_m: float
    confidence: float
    first_seen_s: float
    reason: str
    evidence: tuple[Measure, ...]
    photo: CompressedImage | None = None
    before: CompressedImage | None = None
    config_hash: str = ""


@dataclass(frozen=True, slots=True)
class Incident:
    """A finding as stored: published once it is durable, so that it serves as acknowledgement.

    An `incident_id` of `REFUSED` says that it is not stored and never will be: nothing is
    recorded in a privacy zone. Its place is NaN.
    """

    stamp_s: float
    incident_id: int
    finding_id: str
    revision: int
    kind: FindingKind
    x_m: float
    y_m: float
    reason: str
    has_photo: bool


REFUSED = 0


def place_words(x_m: float, y_m: float) -> str:
    """Where something is in `map`, for a person; what people say need not have a place."""
    return f"at {x_m:.1f}, {y_m:.1f} m" if math.isfinite(x_m + y_m) else "place unknown"


@dataclass(frozen=True, slots=True)
class DetectedDock:
    """The middle of the marker of the dock that is approached, in base_link.

    Its x axis points into the dock, as the robot's does when docked.
    """

    stamp_s: float
    pose: Pose2


@dataclass(frozen=True, slots=True, eq=False)
class DepthObstacles:
    """What stands or hangs near the robot at its height where the lidar's plane meets nothing.

    `points_m` (N, 2): the ground below, in base_link as it stood at `stamp_s`.
    """

    stamp_s: float
    points_m: FloatArray
