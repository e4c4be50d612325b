"""What leaves the gate tick by tick: ramps, stamps, what is told and how often."""

from __future__ import annotations

from itertools import pairwise

import pytest
from tests.gate_world import ROBOT, STEP_S, TICK_STEPS, World

from patrol_core.geometry import Pose2
from patrol_core.topics import CMD_VEL_NAV, GATE_STATUS
from patrol_core.types.motion import VelocityCommand
from patrol_core.types.status import GateState
from patrol_gate.gate import Gate
from patrol_gate.latch import MemoryLatchStore
from patrol_gate.params import GateParams

TICK_S = STEP_S * TICK_STEPS
DRIVE = ROBOT.drive
UP_MPS, DOWN_MPS = DRIVE.max_acceleration_mps2 * TICK_S, DRIVE.max_deceleration_mps2 * TICK_S


def driving(linear_mps: float = 0.8, angular_radps: float = 0.0) -> World:
    world = World(wish=lambda _t: (linear_mps, angular_radps)).settle().run(2.0)
    assert world.passed[-1][1].linear_mps == pytest.approx(linear_mps)
    return world


def latest(world: World) -> tuple[float, float]:
    command = world.passed[-1][1]
    return command.linear_mps, command.angular_radps


def test_the_gate_ticks_at_fifty_hertz() -> None:
    assert Gate.rate_hz * TICK_S == pytest.approx(1.0)


def test_turning_back_ramps_through_zero() -> None:
    world = driving(0.3)
    world.wish = lambda _t: (-0.3, 0.0)
    speeds = [latest(world)[0]]
    while speeds[-1] > -0.3 + 1e-9:
        world.tick()
        speeds.append(latest(world)[0])
        assert len(speeds) < 60
    steps = [before - after for before, after in pairwise(speeds)]
    down = [step for step, speed in zip(steps, speeds, strict=False) if speed > DOWN_MPS]
    up = [step for step, speed in zip(steps, speeds, strict=False) if speed <= 0.0]
    assert down == pytest.approx([DOWN_MPS] * len(down))
    assert up[:-1] == pytest.approx([UP_MPS] * (len(up) - 1))
    assert 0.0 in [round(speed, 9) for speed in speeds]


def test_a_curve_is_kept_while_speeding_up() -> None:
    world = World(wish=lambda _t: (0.8, 0.4)).settle()
    for _ in range(40):
        world.tick()
        linear, angular = latest(world)
        assert angular == pytest.approx(0.5 * linear)
    assert linear > 0.4


def test_turning_slower_ramps_and_a_stop_for_safety_does_not() -> None:
    world = driving(0.0, 1.0)
    world.wish = lambda _t: (0.0, 0.2)
    world.tick()
    world.tick()
    down = DRIVE.max_yaw_acceleration_radps2 * TICK_S
    assert latest(world)[1] >= 1.0 - 2.0 * down - 1e-9
    stopped = driving(0.0, 1.0)
    stopped.estop_pressed = True
    while stopped.status.state is not GateState.LATCHED:
        before = latest(stopped)[1]
        stopped.tick()
    assert before == pytest.approx(1.0) and latest(stopped) == (0.0, 0.0)


def test_what_is_held_back_carries_the_time_of_now() -> None:
    world = driving()
    world.estop_pressed = True
    world.run(0.3)
    for _ in range(4):
        world.tick()
        at_s, command = world.passed[-1]
        assert command.is_zero() and command.stamp_s == at_s


def told_in(world: World, seconds: float) -> int:
    before = len(world.statuses)
    world.run(seconds)
    return len(world.statuses) - before


def test_the_status_is_told_ten_times_a_second_and_at_once_when_it_changes() -> None:
    world = driving()
    assert told_in(world, 2.0) == 20
    assert world.status.state is GateState.PASSING
    assert world.status.speed_limit_mps == DRIVE.max_speed_mps
    world.estop_pressed = True
    ticks = 0
    while world.status.state is not GateState.LATCHED:
        world.tick()
        ticks += 1
    assert ticks <= 5 and world.status.stamp_s == world.passed[-1][0]
    assert world.status.speed_limit_mps == 0.0


def test_light_and_sound_are_told_with_the_status() -> None:
    world = World(wish=lambda _t: (0.8, 0.0), params=GateParams(warning_s=1.0)).settle()
    world.run(0.5)
    assert world.warning is not None and world.warning.sound and world.warning.light
    assert latest(world) == (0.0, 0.0)
    assert world.status.state is GateState.HOLD
    assert world.status.reasons == ("announcing the movement",)
    world.run(3.0)
    assert world.warning.stamp_s == world.status.stamp_s and not world.warning.sound
    assert world.linear_mps > 0.5


def test_before_a_wall_it_holds_and_says_so() -> None:
    world = World(walls=[(2.0, -2.0, 2.0, 2.0)], wish=lambda _t: (0.5, 0.0)).settle().run(8.0)
    assert latest(world) == (0.0, 0.0)
    assert world.status.state is GateState.HOLD and "obstacle" in world.status.reasons[0]


def test_after_the_clock_jumped_back_it_tells_and_moves_as_before() -> None:
    world = driving()
    world.estop_pressed = True
    world.run(0.4)
    world.estop_pressed = False
    world.run(0.4)
    world.reset()
    world.run(0.4)
    world.now_s -= 30.0
    world.commands.clear()
    world.odom_origin = Pose2(-4.0, 2.0, 0.1)
    first = len(world.statuses)
    assert told_in(world, 2.0) >= 20
    told = [text for status in world.statuses[first:] for text in status.reasons]
    assert any("clock jumped back" in text for text in told)
    assert not any("odom has jumped" in text for text in told)
    assert world.run(2.0).linear_mps > 0.5


def latched_world(hold_release_s: float = 0.5) -> World:
    params = GateParams(warning_s=0.0, hold_release_s=hold_release_s)
    world = World(params=params, store=MemoryLatchStore()).settle()
    world.estop_pressed = True
    world.run(0.2)
    assert world.status.state is GateState.LATCHED
    return world


def test_a_reset_ends_the_record_too_and_what_was_refused_before_it_is_forgotten() -> None:
    world = latched_world()
    world.reset()
    world.run(0.2)
    assert any("refused" in text for text in world.status.reasons)
    world.estop_pressed = False
    world.run(0.2)
    world.reset()
    world.run(0.2)
    assert world.gate.latched == () and world.store.load() == ()
    world.estop_pressed = True
    world.run(0.2)
    assert world.status.state is GateState.LATCHED
    assert not any("refused" in text for text in world.status.reasons)


def test_what_was_wanted_before_a_reset_does_not_pass_after_it() -> None:
    world = latched_world(hold_release_s=0.0)
    world.estop_pressed = False
    world.run(0.2)
    world.send(CMD_VEL_NAV, VelocityCommand(world.now_s, 0.5, 0.0))
    world.tick()
    world.reset()
    for _ in range(6):
        world.tick()
        assert latest(world) == (0.0, 0.0)
    world.send(CMD_VEL_NAV, VelocityCommand(world.now_s, 0.5, 0.0))
    world.tick()
    world.tick()
    assert latest(world)[0] > 0.0


def test_a_gate_that_failed_knows_of_no_room() -> None:
    world = driving()
    told = world.gate.fault("division by zero", world.now_s).of(GATE_STATUS)[0]
    assert told.clearance_m == 0.0
