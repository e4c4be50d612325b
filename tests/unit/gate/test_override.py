"""Creeping past the fence: what a person may lift, for how long, and what nobody may."""

from __future__ import annotations

import pytest
from tests.gate_world import Walker, World, make_site

from patrol_core.geometry import Pose2
from patrol_core.site.model import Zone, ZoneKind
from patrol_core.topics import CMD_VEL_TELEOP, SCAN, TELEOP_LEASE
from patrol_core.types.motion import VelocityCommand
from patrol_core.types.status import Authority, GateState, TeleopLease
from patrol_gate.params import GateParams

CREEP_MPS = GateParams().creep_speed_mps
LAWN = Zone("lawn", ZoneKind.KEEP_OUT, ((2.0, -5.0), (8.0, -5.0), (8.0, 5.0), (2.0, 5.0)))
PAST = "past the fence by hand"


def by_hand(
    world: World, seconds: float, *, override: bool, grip: bool = True, linear: float = 0.8
) -> World:
    """Somebody drives ahead."""
    for _ in range(round(seconds * 50)):
        world.send(TELEOP_LEASE, TeleopLease(world.now_s, "ben", grip, override))
        world.send(CMD_VEL_TELEOP, VelocityCommand(world.now_s, linear, 0.0))
        world.tick()
    return world


def before_the_lawn(**world: object) -> World:
    return World(site=make_site(zones=(LAWN,)), **world).settle()  # type: ignore[arg-type]


def fastest_mps(world: World) -> float:
    return max(abs(command.linear_mps) for _, command in world.passed)


def test_without_it_a_person_stands_before_the_fence_as_the_mission_does() -> None:
    world = by_hand(before_the_lawn(), 12.0, override=False)
    assert world.speed_mps == 0.0 and world.pose.x_m < 2.0
    assert "lawn" in world.status.reasons[0]


def test_with_it_the_robot_creeps_over_the_fence_and_the_gate_says_so() -> None:
    world = by_hand(before_the_lawn(), 16.0, override=True)
    assert world.pose.x_m > 2.5
    assert fastest_mps(world) == pytest.approx(CREEP_MPS)
    assert world.status.state is GateState.LIMITED
    assert any(PAST in reason for reason in world.status.reasons)


def test_it_creeps_everywhere_while_it_is_on() -> None:
    world = by_hand(World().settle(), 3.0, override=True)
    assert fastest_mps(world) == pytest.approx(CREEP_MPS)


def test_at_creeping_pace_it_is_still_said() -> None:
    world = by_hand(World().settle(), 2.0, override=True, linear=0.1)
    assert world.speed_mps == pytest.approx(0.1) and world.status.reasons == (PAST,)


def test_when_it_ends_the_fence_holds_again_at_once() -> None:
    world = by_hand(before_the_lawn(), 14.0, override=True)
    inside = world.pose.x_m
    assert inside > 2.0
    world.passed.clear()
    by_hand(world, 3.0, override=False)
    assert fastest_mps(world) == 0.0, "deeper into the lawn"
    by_hand(world, 3.0, override=False, linear=-0.8)
    assert world.pose.x_m < inside - 0.2, "back out of it"


@pytest.mark.parametrize("what", ["dead_man", "estop", "bumper", "wall", "scan"])
def test_it_lifts_nothing_but_the_fence(what: str) -> None:
    walls = [(1.5, -3.0, 1.5, 3.0)] if what == "wall" else []
    world = before_the_lawn(walls=walls)
    by_hand(world, 1.0, override=True)
    world.estop_pressed, world.pressed = what == "estop", what == "bumper"
    if what == "scan":
        world.silent.add(SCAN)
    by_hand(world, 8.0, override=True, grip=what != "dead_man")
    assert world.speed_mps == 0.0 and world.contact is None
    assert world.pose.x_m < 1.5


def test_somebody_who_walks_by_is_let_by() -> None:
    world = before_the_lawn(walkers=[Walker(1.2, -3.0, 0.0, 1.2, since_s=1.0)])
    by_hand(world, 6.0, override=True)
    assert world.contact is None or world.contact.rested_s > 0.5


def test_a_mission_cannot_ask_for_it() -> None:
    world = before_the_lawn(wish=lambda _t: (0.8, 0.0))
    for _ in range(600):
        world.send(TELEOP_LEASE, TeleopLease(world.now_s, "", False, True))
        world.tick()
    assert world.status.authority is Authority.MISSION
    assert world.pose.x_m < 2.0 and world.pose == Pose2(world.pose.x_m, 0.0, 0.0)
