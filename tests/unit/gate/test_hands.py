"""A change of hands is a moment's hold."""

from __future__ import annotations

from tests.gate_world import World

from patrol_core.topics import CMD_VEL_TELEOP, TELEOP_LEASE
from patrol_core.types.motion import VelocityCommand
from patrol_core.types.status import TeleopLease


def test_between_mission_and_operator_the_robot_stands_for_half_a_second() -> None:
    world = World(wish=lambda _t: (0.8, 0.0)).settle().run(1.0)
    assert world.linear_mps > 0.3
    for count in range(45):
        world.send(TELEOP_LEASE, TeleopLease(world.now_s, "ben", True))
        world.send(CMD_VEL_TELEOP, VelocityCommand(world.now_s, 0.4, 0.0))
        world.tick()
        assert world.passed[-1][1].is_zero() is (count < 25)
