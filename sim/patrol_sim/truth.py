"""What really is: for the scorer alone, never among a robot's outputs."""

from __future__ import annotations

import dataclasses
import json
import math
from dataclasses import dataclass
from typing import Any

from patrol_core.geometry import Pose2
from patrol_sim.scenario import PlacedObject

TRUTH_TOPIC = "/sim/truth"
"""Where the simulator's node publishes it as JSON: outside every robot's namespace."""


@dataclass(frozen=True, slots=True)
class Contact:
    """One touch of a robot with something, from first to last moment.

    `by_robot`: the robot's wheels were told to turn within the second before it began.
    `allowed`: with a dock, at no more than 0.1 m/s. `other` is the name of a model, a person, an
    object or a robot; `speed_mps` is the robot's when it began.
    """

    robot: str
    other: str
    person: bool
    start_s: float
    end_s: float
    speed_mps: float
    by_robot: bool
    allowed: bool


@dataclass(frozen=True, slots=True)
class MotorTruth:
    """When the motors were last told to turn, and how long that is over.

    `motion_stamp_s`: stamp of the newest command that turned wheels; `zero_since_s`: since when
    zero is commanded; `rest_since_s`: since when the robot stands. Inf: not now.
    """

    motion_stamp_s: float = 0.0
    zero_since_s: float = 0.0
    rest_since_s: float = 0.0


@dataclass(frozen=True, slots=True)
class RobotTruth:
    """Pose of base_link in the world, velocity in base_link, closest approach so far.

    Clearances [m] are from the robot's outline: to a person's body (a disc of half a shoulder
    width), the same while the robot moved or had within the last second, and to things at the
    lidar's height; inf while nothing was near. `docked`: charging.
    """

    name: str
    pose: Pose2
    linear_mps: float
    angular_radps: float
    tilt_rad: float
    docked: bool
    clearance_person_m: float
    clearance_moving_m: float
    clearance_thing_m: float
    distance_m: float
    motors: MotorTruth = MotorTruth()


@dataclass(frozen=True, slots=True)
class PersonTruth:
    name: str
    pose: Pose2
    speed_mps: float
    gives_way: bool


@dataclass(frozen=True, slots=True)
class Truth:
    """The state of everything at `stamp_s`. `objects` are those that have appeared."""

    stamp_s: float
    robots: tuple[RobotTruth, ...]
    people: tuple[PersonTruth, ...]
    objects: tuple[PlacedObject, ...]
    contacts: tuple[Contact, ...]

    @property
    def failed(self) -> bool:
        """Whether a robot has touched a person."""
        return any(contact.person and contact.by_robot for contact in self.contacts)

    def contacts_by_robots(self) -> tuple[Contact, ...]:
        """The contacts that count against the robots."""
        return tuple(c for c in self.contacts if c.by_robot and not c.allowed)

    def to_json(self) -> str:
        """All of it as text; infinite clearances become null."""
        return json.dumps(_finite(dataclasses.asdict(self)))


def truth_from_json(text: str) -> Truth:
    """The truth that `Truth.to_json` wrote."""
    fields = json.loads(text)
    return Truth(
        fields["stamp_s"],
        tuple(RobotTruth(**_restored(robot)) for robot in fields["robots"]),
        tuple(PersonTruth(**_restored(person)) for person in fields["people"]),
        tuple(PlacedObject(**_restored(thing)) for thing in fields["objects"]),
        tuple(Contact(**contact) for contact in fields["contacts"]),
    )


def _finite(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _finite(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_finite(item) for item in value]
    return None if value == math.inf else value


def _restored(fields: dict[str, Any]) -> dict[str, Any]:
    """Poses, tuples and infinities as they were."""
    restored: dict[str, Any] = {}
    for key, value in fields.items():
        if key == "pose":
            restored[key] = Pose2(**value)
        elif key == "motors":
            restored[key] = MotorTruth(**_restored(value))
        elif isinstance(value, list):
            restored[key] = tuple(value)
        else:
            restored[key] = math.inf if value is None else value
    return restored
