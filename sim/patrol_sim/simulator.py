"""The embedded simulator: one world, any number of robots, people and things, one clock."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from patrol_core import topics
from patrol_core.geometry import Pose2, Transform3
from patrol_core.topics import Topic
from patrol_sim.cast import clothes_and_skin, colour_of
from patrol_sim.engine import mujoco
from patrol_sim.model_builder import PHYSICS_STEP_S, ObjectLook, PersonLook, build_model
from patrol_sim.mujoco_body import MujocoBody, MujocoContacts
from patrol_sim.params import SimParams
from patrol_sim.pinhole import camera_info
from patrol_sim.removal import without
from patrol_sim.rng import stream
from patrol_sim.robot import CONTROL_PERIOD_S, CameraPort, SimulatedRobot
from patrol_sim.robot_setup import RobotSetup
from patrol_sim.scenario import Scenario
from patrol_sim.sdf import SphericalCoordinates, World
from patrol_sim.shapes import object_parts
from patrol_sim.stage import Stage

if TYPE_CHECKING:
    from patrol_sim.camera import Renderer

STEPS_PER_CONTROL = round(CONTROL_PERIOD_S / PHYSICS_STEP_S)
NO_DATUM = SphericalCoordinates(0.0, 0.0, 0.0, 0.0)


class Simulator(Stage):
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
        params = params or SimParams()
        built = self._built = build_model(
            without(world, scenario.removed),
            robots,
            [
                PersonLook(person.name, *clothes_and_skin(seed, person.name))
                for person in scenario.pedestrians
            ],
            [
                ObjectLook(
                    thing.name, object_parts(thing.kind, thing.size_m, colour_of(seed, thing))
                )
                for thing in scenario.objects
            ],
            with_visuals=camera,
        )
        self._data = mujoco.MjData(built.model)
        datum = world.spherical_coordinates or NO_DATUM
        self._bodies = {
            setup.key: MujocoBody(setup.key, setup.model, built, self._data) for setup in robots
        }
        self._touches = {setup.key: MujocoContacts(setup.key, built) for setup in robots}
        simulated = {
            setup.key: SimulatedRobot(setup, self._bodies[setup.key], datum, docks, params, seed)
            for setup in robots
        }
        super().__init__(scenario, simulated)
        self._steps = 0
        self._renderer: Renderer | None = None
        if camera:
            self._attach_cameras(params, seed)
        self._control(0.0)
        mujoco.mj_forward(built.model, self._data)

    def _attach_cameras(self, params: SimParams, seed: int) -> None:
        from patrol_sim.camera import CameraModel, Renderer

        setups = [robot.setup.model.camera for robot in self.robots.values()]
        width = max(camera.width_px for camera in setups)
        height = max(camera.height_px for camera in setups)
        self._renderer = Renderer(self._built.model, width, height)
        for key, robot in self.robots.items():
            camera, number = robot.setup.model.camera, self._bodies[key].camera_id
            rng = stream(seed, key, "camera")
            model = CameraModel(camera, params.camera, self._renderer, number, rng)

            def take(now_s: float, model: CameraModel = model) -> list[tuple[Topic[Any], Any]]:
                colour, depth = model.measure(now_s, self._data)
                return [(topics.CAMERA_RAW, colour), (topics.CAMERA_DEPTH, depth)]

            robot.camera = CameraPort(take, camera_info(camera, 0.0))

    @property
    def now_s(self) -> float:
        """Simulated time since the start."""
        return self._steps * PHYSICS_STEP_S

    def _move_bodies(self) -> None:
        model, data = self._built.model, self._data
        for _ in range(STEPS_PER_CONTROL):
            speeds = [robot.speed_mps for robot in self.robots.values()]
            mujoco.mj_step(model, data)
            self._steps += 1
            for (key, robot), speed_mps in zip(self.robots.items(), speeds, strict=True):
                for touch in self._touches[key].look(data):
                    robot.contacts.note(touch, self.now_s, speed_mps)
        mujoco.mj_kinematics(model, data)
        mujoco.mj_camlight(model, data)

    def _set_pose(self, name: str, pose: Transform3) -> None:
        mocap = self._built.mocaps[name]
        x, y, z, w = pose.rotation_xyzw
        self._data.mocap_pos[mocap] = pose.translation_m
        self._data.mocap_quat[mocap] = (w, x, y, z)

    def close(self) -> None:
        """Give the renderer back, if there is one."""
        if self._renderer is not None:
            self._renderer.close()
