"""The embedded simulator: one world, any number of robots, people and things, one clock."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

from patrol_core import topics
from patrol_core.geometry import Pose2, Transform3
from patrol_core.topics import Topic
from patrol_sim.clearance import ClearanceMonitor
from patrol_sim.engine import mujoco
from patrol_sim.errors import ScenarioError
from patrol_sim.model_builder import (
    PHYSICS_STEP_S,
    Category,
    ObjectLook,
    PersonLook,
    RobotSetup,
    build_model,
)
from patrol_sim.params import SimParams
from patrol_sim.people import SeenRobot, Walker
from patrol_sim.pinhole import camera_info
from patrol_sim.removal import without
from patrol_sim.rng import stream
from patrol_sim.robot import CONTROL_PERIOD_S, CameraPort, SimulatedRobot
from patrol_sim.scenario import Fault, PlacedObject, Scenario
from patrol_sim.sdf import SphericalCoordinates, World
from patrol_sim.shapes import CLOTHES, LEG_SPACING_M, LYING_AXIS_M, SKIN, object_parts
from patrol_sim.truth import Contact, MotorTruth, PersonTruth, RobotTruth, Truth

if TYPE_CHECKING:
    from patrol_sim.camera import Renderer

STEPS_PER_CONTROL = round(CONTROL_PERIOD_S / PHYSICS_STEP_S)
_NO_DATUM = SphericalCoordinates(0.0, 0.0, 0.0, 0.0)
_FREE_RADIUS_M = 1.0


class Simulator:
    """Physics at 5 ms, base controllers and sensors at 20 ms, people at 20 ms.

    Everything is determined by the arguments: the same seed gives the same bits. Without `camera`
    nothing is drawn and no OpenGL library is loaded; depth is coarse, then, and by ray casting.

    Raises ScenarioError when a robot has no start or what is removed is not there,
    RobotDescriptionError for an unfit URDF and CameraUnavailableError where `camera` is wanted
    and EGL is missing.
    """

    def __init__(
        self,
        world: World,
        robots: Sequence[RobotSetup],
        scenario: Scenario,
        seed: int,
        *,
        docks: tuple[Pose2, ...] = (),
        params: SimParams | None = None,
        camera: bool = False,
    ) -> None:
        self._scenario = scenario
        self._faults: list[Fault] = list(scenario.faults)
        params = params or SimParams()
        self._built = build_model(
            without(world, scenario.removed),
            robots,
            _looks(scenario, seed),
            [
                ObjectLook(
                    thing.name, object_parts(thing.kind, thing.size_m, _colour(seed, thing))
                )
                for thing in scenario.objects
            ],
            with_visuals=camera,
        )
        self._data = mujoco.MjData(self._built.model)
        datum = world.spherical_coordinates or _NO_DATUM
        self.robots = {
            setup.key: SimulatedRobot(setup, self._built, self._data, datum, docks, params, seed)
            for setup in robots
        }
        self._clearances = {
            key: ClearanceMonitor(robot.setup.model.body) for key, robot in self.robots.items()
        }
        self._distances = dict.fromkeys(self.robots, 0.0)
        self._place_robots()
        self._walkers = [Walker(person) for person in scenario.pedestrians]
        self._limbs = [
            [
                self._built.mocap_id(f"person/{walker.name}/{part}")
                for part in ("torso", "left_leg", "right_leg")
            ]
            for walker in self._walkers
        ]
        self._waiting = list(scenario.objects)
        self._appeared: list[PlacedObject] = []
        self._steps = 0
        self._renderer: Renderer | None = None
        if camera:
            self._attach_cameras(params, seed)
        self._control(0.0)
        mujoco.mj_forward(self._built.model, self._data)

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

    def _attach_cameras(self, params: SimParams, seed: int) -> None:
        from patrol_sim.camera import CameraModel, Renderer

        setups = [robot.setup.model.camera for robot in self.robots.values()]
        width = max(camera.width_px for camera in setups)
        height = max(camera.height_px for camera in setups)
        self._renderer = Renderer(self._built.model, width, height)
        for key, robot in self.robots.items():
            camera = robot.setup.model.camera
            model = CameraModel(
                camera, params.camera, self._renderer, robot.camera_id, stream(seed, key, "camera")
            )

            def take(now_s: float, model: CameraModel = model) -> list[tuple[Topic[Any], Any]]:
                colour, depth = model.measure(now_s, self._data)
                return [(topics.CAMERA_RAW, colour), (topics.CAMERA_DEPTH, depth)]

            robot.camera = CameraPort(take, camera_info(camera, 0.0))

    @property
    def now_s(self) -> float:
        """Simulated time since the start."""
        return self._steps * PHYSICS_STEP_S

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
        model, data = self._built.model, self._data
        for robot in self.robots.values():
            robot.contacts.clear()
        for _ in range(STEPS_PER_CONTROL):
            speeds = [robot.speed_mps for robot in self.robots.values()]
            mujoco.mj_step(model, data)
            self._steps += 1
            for robot, speed_mps in zip(self.robots.values(), speeds, strict=True):
                robot.contacts.look(data, self.now_s, speed_mps)
        mujoco.mj_kinematics(model, data)
        mujoco.mj_camlight(model, data)
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
        clearance, pose = self._clearances[key], robot.pose
        people = [walker.pose for walker in self._walkers if walker.started]
        clearance.see_people(pose, robot.stood_s, people)
        if robot.scanned and not robot.near_dock:
            categories = self._built.categories[robot.lidar.hit_geoms]
            things = categories != Category.PERSON
            clearance.see_points(pose, robot.lidar.hit_points_m[things, :2])

    def _control(self, now_s: float) -> None:
        """What everybody does during the next control period."""
        poses = [robot.pose for robot in self.robots.values()]
        seen = [
            SeenRobot(pose, robot.stood_s)
            for pose, robot in zip(poses, self.robots.values(), strict=True)
        ]
        touched = set().union(*(robot.contacts.touched_people for robot in self.robots.values()))
        for walker, limbs in zip(self._walkers, self._limbs, strict=True):
            if walker.name in touched:
                walker.touched()
            walker.step(now_s, CONTROL_PERIOD_S, seen)
            if walker.started:
                self._pose_person(walker, limbs)
        for thing in list(self._waiting):
            if thing.appears_s <= now_s and _clear_of(thing, poses):
                self._waiting.remove(thing)
                self._appeared.append(thing)
                self._move(self._built.mocap_id(f"object/{thing.name}"), thing.pose)
        for robot in self.robots.values():
            robot.control(now_s)

    def _pose_person(self, walker: Walker, limbs: Sequence[int]) -> None:
        torso, left, right = limbs
        pose, legs, half = walker.pose, walker.legs, LEG_SPACING_M / 2.0
        if walker.lies:
            for limb, left_m in ((torso, 0.0), (left, half), (right, -half)):
                self._lay(limb, pose.compose(Pose2(0.0, left_m)))
            return
        self._move(torso, pose)
        self._move(left, pose.compose(Pose2(legs.left_m, half)))
        self._move(right, pose.compose(Pose2(legs.right_m, -half)))

    def _move(self, mocap: int, pose: Pose2) -> None:
        x, y, z, w = Transform3.from_pose2(pose).rotation_xyzw
        self._data.mocap_pos[mocap] = [pose.x_m, pose.y_m, 0.0]
        self._data.mocap_quat[mocap] = [w, x, y, z]

    def _lay(self, mocap: int, pose: Pose2) -> None:
        """Lay what stands on a pose down ahead of it."""
        laid = Transform3.from_pose2(pose, LYING_AXIS_M).compose(
            Transform3.from_rpy((0.0, 0.0, 0.0), (0.0, math.pi / 2.0, 0.0))
        )
        x, y, z, w = laid.rotation_xyzw
        self._data.mocap_pos[mocap] = list(laid.translation_m)
        self._data.mocap_quat[mocap] = [w, x, y, z]

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

    def close(self) -> None:
        """Give the renderer back, if there is one."""
        if self._renderer is not None:
            self._renderer.close()


def _looks(scenario: Scenario, seed: int) -> list[PersonLook]:
    looks = []
    for person in scenario.pedestrians:
        rng = stream(seed, "look", person.name)
        clothes, skin = CLOTHES[rng.integers(len(CLOTHES))], SKIN[rng.integers(len(SKIN))]
        looks.append(PersonLook(person.name, clothes, skin))
    return looks


def _colour(seed: int, thing: PlacedObject) -> tuple[float, float, float, float]:
    rng = stream(seed, "colour", thing.name)
    red, green, blue = rng.uniform(0.1, 0.9, 3).tolist()
    return (red, green, blue, 1.0)


def _clear_of(thing: PlacedObject, robots: Iterable[Pose2]) -> bool:
    """A thing does not appear on top of a robot."""
    reach = max(thing.size_m) / 2.0 + _FREE_RADIUS_M
    return all(robot.distance_to(thing.pose) > reach for robot in robots)
