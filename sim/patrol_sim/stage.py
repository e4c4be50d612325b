"""What every simulator shares, whatever moves bodies: people, things, faults, the truth."""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping

from patrol_core.geometry import Pose2, Transform3
from patrol_sim.clearance import ClearanceMonitor
from patrol_sim.errors import ScenarioError
from patrol_sim.people import SeenRobot, Walker
from patrol_sim.rng import stream
from patrol_sim.robot import CONTROL_PERIOD_S, SimulatedRobot
from patrol_sim.scenario import Fault, PlacedObject, Scenario
from patrol_sim.sdf.types import Rgba
from patrol_sim.shapes import CLOTHES, LEG_SPACING_M, LYING_AXIS_M, SKIN
from patrol_sim.truth import Contact, MotorTruth, PersonTruth, RobotTruth, Truth

LIMBS = ("torso", "left_leg", "right_leg")
_FREE_RADIUS_M = 1.0


class Stage(ABC):
    """Robots, people and things in one world and on one clock.

    Raises ScenarioError when a robot has no start.
    """

    def __init__(self, scenario: Scenario, robots: Mapping[str, SimulatedRobot]) -> None:
        self._scenario = scenario
        self._faults: list[Fault] = list(scenario.faults)
        self.robots = dict(robots)
        self._clearances = {
            key: ClearanceMonitor(robot.setup.model.body) for key, robot in robots.items()
        }
        self._distances = dict.fromkeys(self.robots, 0.0)
        self._walkers = [Walker(person) for person in scenario.pedestrians]
        self._waiting = list(scenario.objects)
        self._appeared: list[PlacedObject] = []
        self._place_robots()

    def _place_robots(self) -> None:
        """Robots that the scenario names start where it says, others at the rest in order."""
        starts = {start.robot: start.pose for start in self._scenario.starts if start.robot}
        rest = [start.pose for start in self._scenario.starts if not start.robot]
        for key, robot in self.robots.items():
            if key not in starts and not rest:
                raise ScenarioError(
                    f"the scenario '{self._scenario.name}' has no start for the robot '{key}'",
                    remedy=f"add a start, or one with 'robot: {key}'",
                )
            robot.place(starts[key] if key in starts else rest.pop(0))

    @property
    @abstractmethod
    def now_s(self) -> float:
        """Simulated time since the start."""

    @abstractmethod
    def _move_bodies(self) -> None:
        """One control period of physics; contacts are noted in the robots' books."""

    @abstractmethod
    def _set_pose(self, name: str, pose: Transform3) -> None:
        """Put the body `person/NAME/LIMB` or `object/NAME` somewhere."""

    @abstractmethod
    def close(self) -> None:
        """Give back what outlives the object."""

    def robot(self, namespace: str = "") -> SimulatedRobot:
        """The robot of a namespace. Raises KeyError."""
        return self.robots[namespace.strip("/") or "robot"]

    def add_fault(self, fault: Fault) -> None:
        """Add a fault on command; its times are simulated time."""
        self._faults.append(fault)

    def step(self, dt_s: float) -> None:
        """Advance by a whole number of control periods (20 ms). Raises ValueError otherwise."""
        periods = round(dt_s / CONTROL_PERIOD_S)
        if periods < 1 or abs(periods * CONTROL_PERIOD_S - dt_s) > 1e-9:
            raise ValueError(f"step of {dt_s} s is no multiple of {CONTROL_PERIOD_S} s")
        for _ in range(periods):
            self._advance()

    def _advance(self) -> None:
        for robot in self.robots.values():
            robot.contacts.clear()
        self._move_bodies()
        now_s = self.now_s
        for key, robot in self.robots.items():
            robot.set_faults(tuple(f for f in self._active_faults(now_s) if f.robot in ("", key)))
            robot.sense(now_s)
            self._distances[key] += robot.speed_mps * CONTROL_PERIOD_S
            self._watch(key, robot)
        self._control(now_s)

    def _active_faults(self, now_s: float) -> list[Fault]:
        return [fault for fault in self._faults if fault.active(now_s)]

    def _watch(self, key: str, robot: SimulatedRobot) -> None:
        clearance, pose, returns = self._clearances[key], robot.pose, robot.returns
        people = [walker.pose for walker in self._walkers if walker.started]
        clearance.see_people(pose, robot.stood_s, people)
        if returns is not None and not robot.near_dock:
            clearance.see_points(pose, returns.points_m[~returns.people, :2])

    def _control(self, now_s: float) -> None:
        """What everybody does during the next control period."""
        poses = [robot.pose for robot in self.robots.values()]
        seen = [
            SeenRobot(pose, robot.stood_s)
            for pose, robot in zip(poses, self.robots.values(), strict=True)
        ]
        touched = set().union(*(robot.contacts.touched_people for robot in self.robots.values()))
        for walker in self._walkers:
            if walker.name in touched:
                walker.touched()
            walker.step(now_s, CONTROL_PERIOD_S, seen)
            if walker.started:
                self._pose_person(walker)
        for thing in list(self._waiting):
            if thing.appears_s <= now_s and _clear_of(thing, poses):
                self._waiting.remove(thing)
                self._appeared.append(thing)
                self._set_pose(f"object/{thing.name}", Transform3.from_pose2(thing.pose))
        for robot in self.robots.values():
            robot.control(now_s)

    def _pose_person(self, walker: Walker) -> None:
        pose, legs, half = walker.pose, walker.legs, LEG_SPACING_M / 2.0
        if walker.lies:
            places = (Pose2(0.0, 0.0), Pose2(0.0, half), Pose2(0.0, -half))
        else:
            places = (Pose2(0.0, 0.0), Pose2(legs.left_m, half), Pose2(legs.right_m, -half))
        for limb, place in zip(LIMBS, places, strict=True):
            at = pose.compose(place)
            there = _laid(at) if walker.lies else Transform3.from_pose2(at)
            self._set_pose(f"person/{walker.name}/{limb}", there)

    def truth(self) -> Truth:
        """What really is, for the scorer."""
        contacts: list[Contact] = []
        for robot in self.robots.values():
            contacts.extend(robot.contacts.contacts)
        return Truth(
            self.now_s,
            tuple(self._robot_truth(key) for key in self.robots),
            tuple(
                PersonTruth(walker.name, walker.pose, walker.speed_mps, walker.gives_way)
                for walker in self._walkers
                if walker.started
            ),
            tuple(self._appeared),
            tuple(contacts),
        )

    def _robot_truth(self, key: str) -> RobotTruth:
        robot, clearance = self.robots[key], self._clearances[key]
        linear, angular = robot.velocity
        return RobotTruth(
            key,
            robot.pose,
            linear,
            angular,
            robot.tilt_rad,
            robot.docked,
            clearance.person_m,
            clearance.moving_m,
            clearance.thing_m,
            self._distances[key],
            MotorTruth(robot.base.motion_stamp_s, robot.base.zero_since_s, robot.rest_since_s),
        )


def clothes_and_skin(seed: int, name: str) -> tuple[Rgba, Rgba]:
    """What a person looks like."""
    rng = stream(seed, "look", name)
    return CLOTHES[rng.integers(len(CLOTHES))], SKIN[rng.integers(len(SKIN))]


def colour_of(seed: int, thing: PlacedObject) -> Rgba:
    """What a thing looks like."""
    rng = stream(seed, "colour", thing.name)
    red, green, blue = rng.uniform(0.1, 0.9, 3).tolist()
    return (red, green, blue, 1.0)


def _laid(pose: Pose2) -> Transform3:
    """What stands on a pose, laid down ahead of it."""
    down = Transform3.from_rpy((0.0, 0.0, 0.0), (0.0, math.pi / 2.0, 0.0))
    return Transform3.from_pose2(pose, LYING_AXIS_M).compose(down)


def _clear_of(thing: PlacedObject, robots: Iterable[Pose2]) -> bool:
    """A thing does not appear on top of a robot."""
    reach = max(thing.size_m) / 2.0 + _FREE_RADIUS_M
    return all(robot.distance_to(thing.pose) > reach for robot in robots)
