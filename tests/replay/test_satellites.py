"""What satellites add to the localiser, and what they must not do."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest

from patrol_core import topics
from patrol_core.geometry import Pose2
from patrol_core.types.motion import PoseEstimate
from patrol_core.types.status import LocalizationLevel
from patrol_nav.localization.params import GnssParams
from patrol_nav.localization.satellites import Satellites
from tests.localizer_world import CORRIDOR, FRAME, HALL, ROOM, World


def test_satellites_tell_apart_what_looks_alike_to_the_lidar() -> None:
    world = World(HALL, Pose2(2.0, 1.5))
    world.connect(Pose2(2.0, 1.5))
    world.gnss_std_m, world.gnss_off_m = 1.0, np.array([0.8, -0.7])
    world.drive(0.5, 0.0, 3.0)
    world.truth = Pose2(10.5, 6.5, 2.2)
    world.drive(0.0, 0.0, 6.0)
    assert LocalizationLevel.LOST in world.levels()
    assert world.errors[-1][0] < 0.05
    assert world.statuses[-1].level is LocalizationLevel.GOOD


@pytest.mark.parametrize("claimed_m", [0.3, 8.0])
def test_multipath_does_not_pull_the_pose_away(claimed_m: float) -> None:
    """Fixes 9 m off, whatever error they claim."""
    world = World(ROOM, Pose2(2.0, 1.5))
    world.gnss_std_m, world.gnss_off_m = claimed_m, np.array([6.0, -7.0])
    world.connect(Pose2(2.0, 1.5))
    world.drive(0.0, 0.0, 3.0)
    world.drive(0.8, 0.0, 8.0)
    world.drive(0.4, math.pi / 4, 2.0)
    assert world.rms(since=60)[0] < 0.04
    assert LocalizationLevel.LOST not in world.levels()
    assert world.statuses[-1].level is LocalizationLevel.GOOD


def test_along_a_bare_fence_satellites_hold_the_belief_together() -> None:
    spread = {}
    for std_m in (0.0, 1.0):
        world = World(CORRIDOR, Pose2(14.0, 1.5))
        world.connect(Pose2(14.0, 1.5))
        guess = PoseEstimate(
            0.0, Pose2(17.0, 1.5), (9.0, 0.0, 0.0, 0.0, 0.01, 0.0, 0.0, 0.0, 1e-4)
        )
        world.mailbox.store(topics.INITIALPOSE, guess, 0.0)
        world.gnss_std_m = std_m
        world.drive(0.5, 0.0, 14.0)
        spread[std_m] = world.statuses[-1].position_std_m
    assert spread[1.0] < 0.8 * spread[0.0]
    assert world.errors[-1][0] < 1.5


@pytest.mark.parametrize(
    "wrong",
    [
        {"valid": False},
        {"latitude_rad": math.nan},
        {"variances_m2": (math.inf, 1.0, 1.0)},
        {"variances_m2": (-1.0, 1.0, 1.0)},
    ],
)
def test_a_fix_that_is_none_counts_for_nothing(wrong: dict[str, object]) -> None:
    world = World(ROOM, Pose2(2.0, 1.5))
    world.gnss_std_m = 1.0
    satellites = Satellites(GnssParams(), FRAME, (0.0, 0.0))
    satellites.update(world._fix())
    assert satellites.newest is not None and satellites.newest.admits(world.truth)
    assert satellites.take() is not None and satellites.take() is None
    satellites.update(replace(world._fix(), **wrong))  # type: ignore[arg-type]
    assert satellites.newest is None and satellites.take() is None
