"""Holds end by themselves; latched stops end by a human's act; nothing passes meanwhile."""

from __future__ import annotations

import copy
import functools
import math
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from tests.gate_world import ROBOT, World, make_site

from patrol_core.errors import ConfigError
from patrol_core.geometry import Pose2
from patrol_core.topics import (
    AMCL_POSE,
    BUMPER,
    CMD_VEL,
    CMD_VEL_NAV,
    CMD_VEL_TELEOP,
    ESTOP,
    GATE_RESET,
    GATE_STATUS,
    IMU,
    LOCALIZATION_STATUS,
    ODOM,
    SCAN,
    TELEOP_LEASE,
    Topic,
)
from patrol_core.types.motion import Odometry, VelocityCommand
from patrol_core.types.sensors import Imu
from patrol_core.types.status import (
    Authority,
    EstopState,
    GateReset,
    GateState,
    LocalizationLevel,
    TeleopLease,
)
from patrol_gate.gate import Gate
from patrol_gate.latch import FileLatchStore, MemoryLatchStore
from patrol_gate.params import GateParams


@functools.cache
def on_its_way() -> World:
    return World(wish=lambda _t: (0.8, 0.0)).settle().run(1.2)


def driving() -> World:
    world = copy.deepcopy(on_its_way())
    assert world.linear_mps > 0.7
    return world


def seconds_until_zero(world: World) -> float:
    start_s = world.now_s
    while True:
        world.tick()
        if world.passed[-1][1].is_zero():
            return world.passed[-1][0] - start_s


@pytest.mark.parametrize("topic", [SCAN, ODOM, IMU, BUMPER, LOCALIZATION_STATUS, AMCL_POSE])
def test_a_silent_input_holds_and_its_return_releases(topic: Topic[Any]) -> None:
    world = driving()
    world.silent.add(topic)
    assert seconds_until_zero(world) <= topic.stale_s + 0.1
    world.run(1.0)
    assert world.status.state is GateState.HOLD
    assert world.speed_mps == 0.0
    world.silent.clear()
    world.run(0.4)
    assert world.speed_mps == 0.0
    world.run(1.5)
    assert world.linear_mps > 0.5


def test_zero_within_the_expiry_of_the_last_command() -> None:
    world = driving()
    world.silent.add(CMD_VEL_NAV)
    assert seconds_until_zero(world) <= 0.15 + 0.02
    world.run(0.5)
    assert world.status.reasons == ("mission command expired",)


def test_a_repeated_old_command_is_refused() -> None:
    world = driving()
    stuck = VelocityCommand(world.now_s, 0.8, 0.0)
    world.wish = lambda _t: None
    for _ in range(20):
        world.send(CMD_VEL_NAV, stuck)
        world.tick()
    assert world.passed[-1][1].is_zero()


def test_the_stamp_of_the_command_goes_on_and_zero_carries_now() -> None:
    world = driving()
    sent_s = {stamp.stamp_s for _, stamp in world.passed[-20:]}
    assert len(sent_s) < 20
    world.silent.add(CMD_VEL_NAV)
    world.run(0.4)
    assert world.passed[-1][1].stamp_s == world.passed[-1][0]


def test_not_a_number_never_passes() -> None:
    world = driving()
    world.wish = lambda _t: (math.nan, 0.0)
    world.run(0.1)
    assert world.passed[-1][1].is_zero()
    assert "refused" in world.status.reasons[0]


@pytest.mark.parametrize(
    ("topic", "value"),
    [
        (ODOM, lambda t: Odometry(t, Pose2(math.nan, 0.0), 0.0, 0.0)),
        (ODOM, lambda t: Odometry(t, Pose2(0.0, 0.0), math.inf, 0.0)),
        (IMU, lambda t: Imu(t, (0.0, 0.0, math.nan), (0.0, 0.0, 9.81))),
    ],
)
def test_sensors_that_are_not_numbers_hold(topic: Topic[Any], value: Any) -> None:
    world = driving()
    world.silent.add(topic)
    for _ in range(10):
        world.mailbox.store(topic, value(world.now_s), world.now_s)
        world.tick()
    assert world.passed[-1][1].is_zero()


def test_odometry_that_jumps_holds_until_it_is_trusted_again() -> None:
    world = driving()
    world.odom_origin = Pose2(40.0, 0.0)
    world.tick()
    assert world.passed[-1][1].is_zero()
    assert world.run(3.0).linear_mps > 0.5


def test_too_many_lost_beams_ahead_hold_and_reversing_passes() -> None:
    world = driving()
    clean = world.scan

    def blinded() -> Any:
        scan = clean()
        ranges = scan.ranges_m.copy()
        ranges[340:400] = np.nan
        return replace(scan, ranges_m=ranges)

    world.scan = blinded  # type: ignore[method-assign]
    world.run(0.5)
    assert "blind ahead" in world.status.reasons[0]
    world.wish = lambda _t: (-0.3, 0.0)
    assert world.run(2.0).linear_mps == pytest.approx(-0.3)


def test_a_clock_that_stands_still_stops() -> None:
    world = driving()
    snapshot_s = world.now_s
    for _ in range(100):
        world.steady_s += 0.02
        outputs = world.gate.step(world.mailbox.snapshot(), snapshot_s, world.steady_s)
    assert outputs.of(CMD_VEL)[0].is_zero()


def test_a_clock_that_jumps_back_stops_and_recovers() -> None:
    world = driving()
    world.now_s -= 30.0
    world.tick()
    world.commands.clear()
    assert world.passed[-1][1].is_zero()
    assert world.run(3.0).linear_mps > 0.5


def press_bumper(world: World) -> None:
    world.pressed = True


def tilt(world: World) -> None:
    world.specific_force = (4.5, 0.0, 8.7)


def press_estop(world: World) -> None:
    world.estop_pressed = True


def silence_estop(world: World) -> None:
    world.silent.add(ESTOP)


CAUSES = [press_bumper, tilt, press_estop, silence_estop]


@pytest.mark.parametrize("cause", CAUSES)
def test_latched_until_the_cause_is_gone_and_a_human_says_so(cause: Any) -> None:
    world = driving()
    cause(world)
    world.run(1.6)
    assert world.status.state is GateState.LATCHED
    assert world.speed_mps == 0.0
    world.reset()
    world.run(1.0)
    assert world.status.state is GateState.LATCHED
    assert any("refused" in reason for reason in world.status.reasons)
    world.pressed = world.estop_pressed = False
    world.specific_force = (0.0, 0.0, 9.81)
    world.silent.clear()
    world.run(3.0)
    assert world.status.state is GateState.LATCHED
    world.reset()
    world.run(0.3)
    assert world.status.state is GateState.HOLD
    assert world.speed_mps == 0.0
    assert world.run(2.0).linear_mps > 0.5


@pytest.mark.parametrize(
    ("age_s", "ends"),
    [(1.9, True), (2.1, False), (60.0, False), (-0.4, True), (-0.6, False), (math.nan, False)],
)
def test_a_reset_from_another_moment_ends_nothing(age_s: float, ends: bool) -> None:
    world = driving()
    press_estop(world)
    world.run(0.5)
    world.estop_pressed = False
    world.run(0.5)
    world.send(GATE_RESET, GateReset(world.now_s - age_s, "anna", "looked around"))
    world.run(0.1)
    assert (world.status.state is GateState.LATCHED) is not ends
    assert any("refused: it was stamped" in text for text in world.status.reasons) is not ends


@pytest.mark.parametrize("cause", CAUSES)
def test_every_latch_survives_a_restart(cause: Any, tmp_path: Path) -> None:
    world = driving()
    world.store = FileLatchStore(tmp_path / "latch.json")
    world.start_gate()
    world.run(0.6)
    cause(world)
    world.run(1.2)
    reasons = world.gate.latched
    assert reasons
    world.pressed = world.estop_pressed = False
    world.specific_force = (0.0, 0.0, 9.81)
    world.silent.clear()
    world.store = FileLatchStore(tmp_path / "latch.json")
    world.start_gate()
    world.run(3.0)
    assert world.gate.latched == reasons
    assert world.speed_mps == 0.0


def test_wheels_that_do_not_follow_latch() -> None:
    world = World(wish=lambda _t: (0.8, 0.0)).settle()
    world._move = lambda: setattr(world, "now_s", world.now_s + 0.005)  # type: ignore[method-assign]
    world.run(1.9)
    assert "wheels do not follow" in world.status.reasons[0]


def test_any_source_of_the_emergency_stop_counts_and_shows() -> None:
    world = driving()
    world.send(ESTOP, EstopState(world.now_s, "console", True))
    world.tick()
    assert world.passed[-1][1].is_zero()
    assert world.status.authority is Authority.ESTOP
    assert "'console'" in world.status.reasons[0]


def test_a_tap_on_the_emergency_stop_between_two_ticks_is_not_lost() -> None:
    world = driving()
    world.send(ESTOP, EstopState(world.now_s, "console", True))
    world.send(ESTOP, EstopState(world.now_s, "console", False))
    world.tick()
    assert world.status.state is GateState.LATCHED


def test_before_its_first_word_a_required_source_holds_but_does_not_latch() -> None:
    world = World(wish=lambda _t: (0.8, 0.0))
    world.silent.add(ESTOP)
    world.run(2.0)
    assert world.status.state is GateState.HOLD
    assert "waiting for emergency stop 'robot'" in world.status.reasons
    world.silent.clear()
    assert world.run(2.0).linear_mps > 0.5


def test_a_touch_on_the_standing_robot_holds_until_it_ends() -> None:
    world = World().settle().run(1.0)
    world.pressed = True
    world.wish = lambda _t: (0.5, 0.0)
    world.run(1.0)
    assert world.status.state is GateState.HOLD
    assert world.speed_mps == 0.0
    world.pressed = False
    assert world.run(2.0).linear_mps > 0.3


def test_who_pushes_the_standing_robot_does_not_latch_it() -> None:
    world = World().settle().run(1.0)
    world.pressed = True
    for _ in range(10):
        world.linear_mps = -0.12
        world.tick()
    assert world.run(0.5).status.state is GateState.HOLD


def test_a_disk_that_cannot_keep_the_latch_does_not_unlatch() -> None:
    class FullDisk(MemoryLatchStore):
        def save(self, reasons: object) -> None:
            raise OSError(28, "No space left on device")

    world = driving()
    world.store = FullDisk()
    world.start_gate()
    world.run(0.6)
    world.pressed = True
    world.run(0.3)
    assert world.status.state is GateState.LATCHED
    assert any("No space left" in reason for reason in world.status.reasons)


def test_a_fault_of_the_gate_itself_latches() -> None:
    world = driving()
    outputs = world.gate.fault("division by zero", world.now_s)
    assert outputs.of(CMD_VEL)[0].is_zero()
    assert "division by zero" in outputs.of(GATE_STATUS)[0].reasons[0]
    world.run(1.0)
    assert world.status.state is GateState.LATCHED


def drive_by_hand(world: World, duration_s: float, linear: float, grip: bool = True) -> None:
    for _ in range(round(duration_s / 0.02)):
        world.send(TELEOP_LEASE, TeleopLease(world.now_s, "ben", grip))
        world.send(CMD_VEL_TELEOP, VelocityCommand(world.now_s, linear, 0.0))
        world.tick()


def test_lost_stops_the_mission_and_lets_an_operator_creep() -> None:
    world = driving()
    world.level = LocalizationLevel.LOST
    world.run(1.5)
    assert world.speed_mps == 0.0
    assert "localisation is lost: told so" in world.status.reasons
    drive_by_hand(world, 2.0, 0.8)
    assert world.linear_mps == pytest.approx(0.2)


def test_the_operators_grip_moves_and_its_release_stops() -> None:
    world = driving()
    drive_by_hand(world, 2.5, 0.4)
    assert world.status.authority is Authority.TELEOP
    assert world.linear_mps == pytest.approx(0.4)
    drive_by_hand(world, 1.0, 0.4, grip=False)
    assert world.speed_mps == 0.0


def test_degraded_localisation_slows_down() -> None:
    world = driving()
    world.level = LocalizationLevel.DEGRADED
    world.run(0.5)
    assert world.linear_mps == pytest.approx(0.7)


def test_parameters_that_contradict_each_other_are_refused() -> None:
    params = GateParams(command_expiry_s=0.3, command_max_age_s=0.25)
    with pytest.raises(ConfigError, match="command_expiry_s"):
        Gate(params, ROBOT, make_site(), MemoryLatchStore(), lambda _t: (0, 0))
    GateParams(command_expiry_s=0.25, command_max_age_s=0.25).check()
    with pytest.raises(ConfigError, match="sonar"):
        GateParams(required_inputs=("sonar",)).check()


def test_the_bumper_is_not_required_where_there_is_none() -> None:
    world = World(wish=lambda _t: (0.8, 0.0), params=GateParams(required_inputs=(), warning_s=0.0))
    world.silent |= {BUMPER, IMU}
    assert world.run(3.0).linear_mps > 0.7
