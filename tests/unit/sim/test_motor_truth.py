"""The base remembers when it was last told to move, for those who measure how soon it stops."""

from __future__ import annotations

import math

import pytest

from patrol_core.robot import load_robot
from patrol_core.types.motion import VelocityCommand
from patrol_sim.base_controller import BaseController
from patrol_sim.params import BaseParams
from ronda_cli.environment.paths import ROOT


def test_zero_is_told_when_the_command_has_expired() -> None:
    base = BaseController(load_robot(ROOT / "urdf/config/rover.yaml").drive, BaseParams())
    base.command.receive(VelocityCommand(0.98, 0.5, 0.0), 1.0)
    for step in range(1, 21):
        base.step(1.0 + 0.02 * step, 0.02)
        if step == 5:
            assert base.zero_since_s == math.inf
    assert base.motion_stamp_s == 0.98
    assert base.zero_since_s == pytest.approx(1.16)
