from __future__ import annotations

import math

import pytest

from patrol_core.robot import Drive
from patrol_core.types.motion import VelocityCommand
from patrol_sim.base_controller import BaseController
from patrol_sim.params import BaseParams

DRIVE = Drive(1.5, 0.5, 1.5, 0.8, 1.5, 3.0)


def controller() -> BaseController:
    return BaseController(DRIVE, BaseParams())


def test_follows_a_fresh_command_within_limits() -> None:
    base = controller()
    base.command.receive(VelocityCommand(1.0, 9.0, -9.0), 1.0)
    assert base.wanted(1.1) == (1.5, -1.5)
    base.command.receive(VelocityCommand(1.0, -9.0, 9.0), 1.0)
    assert base.wanted(1.1) == (-0.5, 1.5)


@pytest.mark.parametrize(
    ("stamp_s", "arrived_s", "now_s", "passes"),
    [
        (1.0, 1.0, 1.15, True),
        (1.0, 1.0, 1.16, False),
        (1.0, 1.2, 1.25, True),
        (1.0, 1.2, 1.26, False),
        (1.0, 1.5, 1.5, False),
    ],
)
def test_expires_by_arrival_and_by_stamp(
    stamp_s: float, arrived_s: float, now_s: float, passes: bool
) -> None:
    base = controller()
    base.command.receive(VelocityCommand(stamp_s, 1.0, 0.0), arrived_s)
    assert (base.wanted(now_s) == (1.0, 0.0)) is passes


@pytest.mark.parametrize("bad", [math.nan, math.inf, -math.inf])
def test_refuses_what_is_not_finite(bad: float) -> None:
    base = controller()
    base.command.receive(VelocityCommand(1.0, 1.0, 0.0), 1.0)
    base.command.receive(VelocityCommand(1.0, 1.0, bad), 1.0)
    assert base.wanted(1.0) == (0.0, 0.0)


def test_stops_on_a_second_publisher() -> None:
    base = controller()
    base.command.receive(VelocityCommand(1.0, 1.0, 0.0), 1.0)
    base.command.publishers = 2
    assert base.wanted(1.0) == (0.0, 0.0)


def test_ramps_up_slower_than_down_and_stops_at_zero() -> None:
    base = controller()
    base.command.receive(VelocityCommand(0.0, 1.0, 0.0), 0.0)
    assert base.step(0.0, 0.1)[0] == pytest.approx(0.08)
    base.linear_mps = 0.1
    base.command.receive(VelocityCommand(0.0, -0.5, 0.0), 0.0)
    assert base.step(0.0, 0.1)[0] == 0.0
    assert base.step(0.0, 0.1)[0] == pytest.approx(-0.08)
