"""What really is: for the scorer alone, never among a robot's outputs."""

from __future__ import annotations

from dataclasses import dataclass

from patrol_core.geometry import Pose2
from patrol_sim.scenario import PlacedObject


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
class RobotTruth:
    """Pose of base_link in the world, velocity in base_link, closest approach so far.

    Clearances [m] are from the robot's outline: to a person's body (a disc of half a shoulder
    width), and to things at the lidar's height; inf while nothing was near. `docked`: charging.
    """

    name: str
    pose: Pose2
    linear_mps: float
    angular_radps: float
    tilt_rad: float
    docked: bool
    clearance_person_m: float
    clearance_thing_m: float
    distance_m: float


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
