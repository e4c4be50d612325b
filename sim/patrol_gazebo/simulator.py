"""Gazebo Classic 11 as a simulator: the same robots, people, things and truth, other physics."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from patrol_core.errors import Place
from patrol_core.geometry import Pose2, Transform3
from patrol_gazebo.errors import GazeboError
from patrol_gazebo.gazebo_body import Collisions, GazeboBody
from patrol_gazebo.server import GazeboServer
from patrol_gazebo.world_text import ground_collisions, world_text
from patrol_sim.params import SimParams
from patrol_sim.robot import CONTROL_PERIOD_S, SimulatedRobot
from patrol_sim.robot_setup import RobotSetup
from patrol_sim.scenario import Scenario
from patrol_sim.sdf import World
from patrol_sim.simulator import NO_DATUM
from patrol_sim.stage import Stage


class GazeboSimulator(Stage):
    """Physics at the world's own step by ODE, everything else as in the embedded simulator.

    The lidar, the coarse depth camera and the view of the sky are rays of Gazebo's; there are no
    pictures. Between two steps Gazebo waits for us, so that a seed gives the same patrol.

    Raises GazeboError when Gazebo does not start, or the world's step does not divide 20 ms;
    ScenarioError when a robot has no start or what is removed is not there.
    """

    def __init__(
        self,
        world: World,
        robots: Sequence[RobotSetup],
        scenario: Scenario,
        seed: int,
        *,
        folder: Path,
        docks: tuple[Pose2, ...] = (),
        params: SimParams | None = None,
    ) -> None:
        params = params or SimParams()
        self._steps_per_control = _steps_per_control(world)
        self._periods = 0
        self._server = GazeboServer(folder)
        try:
            models = {setup.key: self._server.convert(setup.urdf) for setup in robots}
            text = world_text(world, scenario, models, seed)
            self._channel = self._server.start(text, len(robots))
            collisions = Collisions.of(self._channel.collisions, ground_collisions(text))
            self._bodies = {
                setup.key: GazeboBody(
                    setup.key, number, setup.model, self._channel, collisions, world.gravity_mps2
                )
                for number, setup in enumerate(robots)
            }
            self._models = {name: i for i, name in enumerate(self._channel.models)}
            datum = world.spherical_coordinates or NO_DATUM
            simulated = {
                setup.key: SimulatedRobot(
                    setup, self._bodies[setup.key], datum, docks, params, seed
                )
                for setup in robots
            }
            super().__init__(scenario, simulated)
            self._control(0.0)
        except BaseException:
            self._server.close()
            raise

    @property
    def now_s(self) -> float:
        """Simulated time since the start."""
        return round(self._periods * CONTROL_PERIOD_S, 6)

    def _move_bodies(self) -> None:
        rates = [body.rates_radps for body in self._bodies.values()]
        state = self._channel.step(self._steps_per_control, rates)
        began_s = self.now_s
        self._periods += 1
        step_s = CONTROL_PERIOD_S / self._steps_per_control
        for key, body in self._bodies.items():
            body.take(state)
            for step, touch, speed_mps in body.touches(state):
                self.robots[key].contacts.note(touch, began_s + (step + 1) * step_s, speed_mps)

    def _set_pose(self, name: str, pose: Transform3) -> None:
        self._channel.move(self._models[name], pose)

    def close(self) -> None:
        """End Gazebo."""
        self._server.close()


def _steps_per_control(world: World) -> int:
    step_s = world.physics.max_step_size_s
    steps = round(CONTROL_PERIOD_S / step_s)
    if steps < 1 or abs(steps * step_s - CONTROL_PERIOD_S) > 1e-9:
        raise GazeboError(
            f"a physics step of {step_s} s does not divide {CONTROL_PERIOD_S} s",
            place=Place(world.path), expected="0.001, 0.002, 0.004, 0.005 or 0.01",
            remedy="correct max_step_size",
        )  # fmt: skip
    return steps
