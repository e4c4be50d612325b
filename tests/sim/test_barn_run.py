"""One BARN run in closed loop: gate and navigator alone, no map."""

from __future__ import annotations

import math
from itertools import pairwise

import pytest
from _barn_run import Run, drive
from _barn_worlds import GOAL, BarnWorld, development_world


@pytest.fixture(scope="module")
def world() -> BarnWorld:
    return development_world(7, 0.15, 2)


@pytest.fixture(scope="module")
def run(world: BarnWorld) -> Run:
    return drive(world, 3, 2.0)


def test_it_arrives_without_a_contact_and_soon(run: Run) -> None:
    assert run.success and not run.contact, run.why
    assert math.dist(run.track[-1], GOAL) < 1.5
    assert run.metric > 0.3


def test_the_same_seed_drives_the_same_track(run: Run, world: BarnWorld) -> None:
    assert drive(world, 3, 2.0) == run


def test_the_speed_that_is_asked_for_is_kept(world: BarnWorld) -> None:
    slow = drive(world, 3, 0.5)
    assert slow.success, slow.why
    ways = [math.dist(a, b) for a, b in pairwise(slow.track)]
    assert max(ways) < 0.5 * 0.1 * 1.15
