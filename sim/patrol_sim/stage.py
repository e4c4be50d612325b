"""What every simulator shares, whatever moves bodies: people, things, faults, the truth."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping

from patrol_core.geometry import Transform3
from patrol_sim.cast import Cast, limb_places, starts_of
from patrol_sim.clearance import ClearanceMonitor
from patrol_sim.people import SeenRobot
from patrol_sim.robot import CONTROL_PERIOD_S, SimulatedRobot
from patrol_sim.scenario import Fault, Scenario
from patrol_sim.truth import Contact, MotorTruth, RobotTruth, Truth


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
        self._cast = Cast(scenario)
        for key, start in starts_of(scenario, self.robots).items():
            self.robots[key].place(start)

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
        people = [walker.pose for walker in self._cast.walkers]
        clearance.see_people(pose, robot.stood_s, people)
        if returns is not None and not robot.near_dock:
            clearance.see_points(pose, returns.points_m[~returns.people, :2])

    def _control(self, now_s: float) -> None:
        """What everybody does during the next control period."""
        seen = [SeenRobot(robot.pose, robot.stood_s) for robot in self.robots.values()]
        touched = set().union(*(robot.contacts.touched_people for robot in self.robots.values()))
        for thing in self._cast.step(now_s, CONTROL_PERIOD_S, seen, touched):
            self._set_pose(f"object/{thing.name}", Transform3.from_pose2(thing.pose))
        for walker in self._cast.walkers:
            for limb, place in limb_places(walker).items():
                self._set_pose(f"person/{walker.name}/{limb}", place)
        for robot in self.robots.values():
            robot.control(now_s)

    def truth(self) -> Truth:
        """What really is, for the scorer."""
        contacts: list[Contact] = []
        for robot in self.robots.values():
            contacts.extend(robot.contacts.contacts)
        return Truth(
            self.now_s,
            tuple(self._robot_truth(key) for key in self.robots),
            self._cast.people,
            tuple(self._cast.appeared),
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
